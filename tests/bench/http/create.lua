-- SPDX-License-Identifier: Apache-2.0
-- A POST for each request, of a secret with five keys and a name that no other has: wrk ... -- PREFIX TOKEN
local folder = debug.getinfo(1, "S").source:match("^@(.*/)") or "./"
dofile(folder .. "latency.lua")

local headers, prefix, number = {}, "", 0

function init(arguments)
  prefix = arguments[1]
  headers["Authorization"] = "Bearer " .. arguments[2]
  headers["Content-Type"] = "application/json"
end

function request()
  number = number + 1
  return wrk.format("POST", "/api/v1/secrets", headers, string.format(
    '{"name": "%s-%d", "values": {"host": "db.example.com", "port": "5432", "user": "ledger", ' ..
    '"password": "correct horse battery staple", "database": "ledger"}}', prefix, number))
end
