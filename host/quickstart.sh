#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# From a clean checkout to a server, and a secret that was stored, read, changed and deleted there.
set -euo pipefail
cd "$(dirname "$0")/.."

usage() {
  echo "usage: host/quickstart.sh"
  echo "Installs what is missing, builds Kist into build/quickstart, starts the server on a store in a new directory, and walks through it."
}

case "${1:-}" in
  "") ;;
  -h | --help) usage; exit 0 ;;
  *) usage >&2; exit 2 ;;
esac

.ci/prerequisites.sh build

# Where the compiler's cache is installed, a second build costs seconds.
if command -v ccache > /dev/null; then
  export CMAKE_C_COMPILER_LAUNCHER=ccache CMAKE_CXX_COMPILER_LAUNCHER=ccache
  export CCACHE_BASEDIR=$PWD CCACHE_NOHASHDIR=1
fi
echo "Building Kist (the first time takes a few minutes) ..."
mkdir -p build
log=build/quickstart.log
if ! cmake --preset release -DKIST_BUILD_TESTS=OFF -DKIST_PRECOMPILED_HEADERS=ON -B build/quickstart > "$log" 2>&1; then
  cat "$log" >&2
  exit 1
fi
# On a terminal the build shows its progress on one line; elsewhere it stays silent unless it fails.
if [ -t 1 ]; then
  cmake --build build/quickstart
elif ! cmake --build build/quickstart >> "$log" 2>&1; then
  cat "$log" >&2
  exit 1
fi

bin=$PWD/build/quickstart/bin
PATH=$bin:$PATH
umask 077
demo=$(mktemp -d "${TMPDIR:-/tmp}/kist-demo.XXXXXX")
cd "$demo"
unset KIST_CONFIG KIST_SERVER KIST_TOKEN KIST_CA "${!KIST_SECRETS_STORE_@}" "${!KIST_BACKUP_SECRETS_STORE_@}"

# Shows a command as one would type it, then what it really prints. An exit code that is not the expected one ends all.
show() {
  local expected=0
  if [ "$1" = --exit ]; then
    expected=$2
    shift 2
  fi
  printf '\n$ %s\n' "$1"
  local code=0
  bash -c "$1" 2>&1 || code=$?
  if [ "$code" -ne "$expected" ]; then
    echo "quickstart: exit code $code, expected $expected" >&2
    exit 1
  fi
}

# The first port from 8420 on that nobody listens at.
port=8420
while (exec 3<> "/dev/tcp/127.0.0.1/$port") 2> /dev/null; do port=$((port + 1)); done

# The server of this walk, which ends with it.
server=
stop_server() {
  [ -n "$server" ] || return 0
  kill -TERM "$server" 2> /dev/null || true
  wait "$server" || true
  server=
}
trap stop_server EXIT

start_server() {
  printf '\n$ %s\n' "kist serve --listen 127.0.0.1:$port 2> server.log &"
  kist serve --listen "127.0.0.1:$port" 2> server.log &
  server=$!
  until curl -fs -o /dev/null "http://127.0.0.1:$port/ready"; do
    if ! kill -0 "$server" 2> /dev/null; then
      cat server.log >&2
      exit 1
    fi
    sleep 0.05
  done
}

cat > db.json << 'JSON'
{ "name": "db", "values": { "user": "app", "password": "correct horse battery staple" } }
JSON

printf '\n$ kist token new app --role writer --expires-in 90d\n'
kist token new app --role writer --expires-in 90d | tee token.txt
# What a person would paste from that output.
grep -o 'kist_[a-z0-9_]*' token.txt > app.token
grep -o 'v1\.[a-z0-9.]*' token.txt > app.hash
expires=$(grep -o '"token_expires": "[^"]*"' token.txt)
cat > kist.json << JSON
{
  "secrets_store": { "type": "sqlite", "path": "secrets.db" },
  "principals": [
    { "name": "app", "token_hash": "\${file:app.hash}", $expires, "roles": { "default": "writer" } }
  ]
}
JSON
show 'cat kist.json'
show 'kist config check'
start_server
export KIST_SERVER=http://127.0.0.1:$port
KIST_TOKEN=$(cat app.token)
export KIST_TOKEN
printf '\n$ export KIST_SERVER=%s KIST_TOKEN=$(cat app.token)\n' "$KIST_SERVER"

printf 'Authorization: Bearer %s\n' "$KIST_TOKEN" > auth.txt
show 'curl -s -H @auth.txt --json @db.json -o created.json -w "%{http_code}\n" $KIST_SERVER/api/v1/secrets'
show --exit 1 'grep -c "correct horse" secrets.db'
show 'kist secret get db'
show 'kist secret get db --key password'
echo
id=$(grep -o '[0-9a-f-]\{36\}' created.json | head -n 1)
show "curl -s -H @auth.txt \$KIST_SERVER/api/v1/secrets/$id | grep -o '\"values\".*'"
show 'printf "app-2" | kist secret update db user=- --if-revision 1'
show 'kist secret list'
show "kist run --secret db --mask -- sh -c 'echo \"\$USER with \$PASSWORD\"'"
show 'kist secret delete db --yes'
show 'curl -s $KIST_SERVER/api/v1/secrets'
echo
stop_server
show 'kist audit verify | head -n 1'

rm -f db.json created.json
cat << TEXT

That was a real server over a real store: $demo/secrets.db, chosen by two words in $demo/kist.json,
and sealed with the key in $demo/kist-keyring. What it logged is in $demo/server.log.
The command, and its help: $bin/kist --help
Without a file: $bin/kist serve --dev
Another store is another "type"; to write one: docs/plugins/writing.md.
TEXT
