#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The server beside what limits it: bare Beast and nginx with the same bytes, and the disk's own fdatasync.

    tests/bench/http/run.py PROGRAMS RESULT.json      PROGRAMS: the directory of kist and kist_bare_beast; ../report.py prints it

Servers are pinned to core 0 and the load to core 1, all sides take turns within one run, and a ratio is the median of
the rounds' ratios. ROUNDS (5) of SECONDS (2) each; QUICK=1 does little of everything, to see that it works.
"""
import contextlib
import json
import os
import pathlib
import shutil
import statistics
import sys
import tempfile

import servers
from load import fdatasync_rate, first_answer_ms, idle_connections, idle_spinners, run_wrk

QUICK = os.environ.get("QUICK") == "1"
ROUNDS = int(os.environ.get("ROUNDS", "1" if QUICK else "5"))
SECONDS = int(os.environ.get("SECONDS", "1" if QUICK else "2"))
CONNECTIONS = (64, 256)  # The audit log syncs once for all who wait: the more there are, the less each pays.
WAL_BYTES = 4 << 20  # After as much SQLite begins its log anew.
MIB = 1 << 20
COLUMNS = {"rate": "req/s", "p50_us": "p50 µs", "p99_us": "p99 µs", "p999_us": "p99.9 µs", "cpu_us": "CPU µs/req",
           "rss": "RSS MiB"}


def plain_name(name):
    return name.replace(",", "").replace(" ", "-")


def shown(column, value):
    if value is None:
        return ""
    if column == "rss":
        return f"{value / MIB:.1f}"
    return f"{value:.1f}" if column == "cpu_us" else f"{value:.0f}"


def row(name, figures=None, limit="", result="", aim="", met=None):
    figures = figures or {}
    return {"measurement": name, **{label: shown(column, figures.get(column)) for column, label in COLUMNS.items()},
            "limit": limit, "result": result, "aim": aim, "met": {True: "yes", False: "NO", None: ""}[met],
            "figures": figures}


def medians(rounds):
    return {column: statistics.median(one[column] for one in rounds) for column in COLUMNS}


def ratio_row(name, rounds, limit, limit_rates, aim):
    ratio = statistics.median(one["rate"] / rate for one, rate in zip(rounds, limit_rates))
    return row(name, medians(rounds), limit, f"{ratio:.2f}×", f"≥ {aim}×" if aim else "", ratio >= aim if aim else None)


def most_row(name, value, unit, most, limit=""):
    return row(name, {}, limit, f"{value:.1f} {unit}", f"≤ {most} {unit}" if most else "",
               value <= most if most else None)


class Bench:
    def __init__(self, programs, directory, stack):
        self.kist, self.beast = programs / "kist", programs / "kist_bare_beast"
        self.directory, self.stack = directory, stack
        self.certificate = servers.make_certificate(directory)
        # Where a sync takes no time: what is left is what the audit log itself does.
        self.in_memory = pathlib.Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="kist-", dir="/dev/shm")))

    def started(self, server):
        self.stack.callback(server.stop)
        return server

    def start_kist(self, name, **more):
        return self.started(servers.Kist(name, self.kist, self.directory / plain_name(name), **more))

    def gets(self, tls, connections):
        """One sealed secret of five keys, by everybody who can give its bytes."""
        over = (" TLS 1.3" if tls else "") + f", {connections} connections"
        kist = self.start_kist("get" + over, tls=tls)
        quiet = self.start_kist("get" + over + " audit off", tls=tls, audit=False)
        unhindered = self.start_kist("get" + over + " audit in memory", tls=tls,
                                     audit=self.in_memory / f"{plain_name(over)}.jsonl")
        reply, content = kist.create_secret()
        quiet.create_secret()
        unhindered.create_secret()
        reply_file = self.directory / f"reply{plain_name(over)}"
        servers.save_reply(reply, content, reply_file)
        beast = self.started(servers.start_beast("bare Beast" + over, self.beast, reply_file, tls))
        nginx = self.started(servers.start_nginx("nginx return 200" + over,
                                                 self.directory / f"nginx{plain_name(over)}", reply, content, tls))
        everyone = [kist, unhindered, quiet, beast, nginx]
        rounds = {server.name: [] for server in everyone}
        for server in everyone:
            run_wrk(server, 1, connections)  # Warm.
        for number in range(ROUNDS):
            for server in everyone[number % 5:] + everyone[:number % 5]:
                rounds[server.name].append(run_wrk(server, SECONDS, connections))
        for server in everyone:
            server.stop()
        rates = {name: [one["rate"] for one in taken] for name, taken in rounds.items()}
        yield ratio_row(kist.name, rounds[kist.name], beast.name, rates[beast.name], 0.8 if tls else 0.7)
        yield ratio_row(unhindered.name, rounds[unhindered.name], beast.name, rates[beast.name], None)
        yield ratio_row(quiet.name, rounds[quiet.name], beast.name, rates[beast.name], None)
        yield row(beast.name, medians(rounds[beast.name]))
        yield ratio_row(nginx.name, rounds[nginx.name], beast.name, rates[beast.name], None)
        for server, aim in ((kist, 15), (unhindered, None)):
            cost = statistics.median(1 - on / off for on, off in zip(rates[server.name], rates[quiet.name]))
            yield most_row("audit costs, " + server.name, cost * 100, "% of requests", aim, quiet.name)

    def creates(self):
        """Durable creates beside the disk, each kind in each round."""
        sides = {audit: self.start_kist("create" + ("" if audit else " audit off"), audit=audit)
                 for audit in (True, False)}
        rounds, disk, appended = {}, [], []
        with idle_spinners():
            for number in range(ROUNDS):
                disk.append(fdatasync_rate(self.directory, 0.3 if QUICK else 1, WAL_BYTES))
                appended.append(fdatasync_rate(self.directory, 0.3 if QUICK else 1, None))
                for clients in (1, 16, 64):
                    for audit, server in sides.items():
                        taken = run_wrk(server, 1, clients, "create.lua", (f"r{number}-{clients}", server.token))
                        rounds.setdefault((audit, clients), []).append(taken)
        for server in sides.values():
            server.stop()
        yield row("fdatasync of 4 KiB, as a WAL writes", {"rate": statistics.median(disk)})
        yield row("fdatasync of 4 KiB, appended", {"rate": statistics.median(appended)})
        for audit, label in ((True, ""), (False, ", audit off")):
            for clients, aim in ((1, 0.8), (16, 2.0), (64, 3.0)):
                yield ratio_row(f"create, {clients} clients{label}", rounds[audit, clients],
                                "fdatasync, as a WAL writes", disk, aim)

    def memory(self):
        for tls in (None, self.certificate):
            over = " TLS" if tls else ""
            kist = self.start_kist("memory" + over, tls=tls)
            kist.create_secret()
            idle = kist.rss_bytes()
            yield most_row(f"idle RSS, SQLite{over} open", idle / MIB, "MiB", 12 if tls else None)
            yield most_row(f"of it, this process's own{over}", kist.private_bytes() / MIB, "MiB", None)
            for count in (1_000,) if QUICK else (1_000, 10_000):
                with idle_connections(kist, count):
                    held = kist.rss_bytes()
                    kist.ask("GET", "/health")  # There is room for more.
                if count == 1_000 and not tls:
                    yield most_row("RSS, 1000 idle connections", held / MIB, "MiB", 20)
                else:
                    yield row(f"RSS, {count} idle connections{over}", {"rss": held})
                    yield most_row(f"each of {count} idle connections{over}", (held - idle) / count / 1024, "KiB",
                                   100 if tls else None)
            kist.stop()

    def starts(self):
        times = [first_answer_ms(self.kist, self.directory / f"dev{number}") for number in range(3 if QUICK else 10)]
        yield most_row("serve --dev, start to first 200", statistics.median(times), "ms", 150)


def main():
    if len(sys.argv) != 3:
        raise SystemExit(__doc__)
    programs, result = pathlib.Path(sys.argv[1]).resolve(), pathlib.Path(sys.argv[2])
    for tool in ("wrk", "nginx", "taskset", "chrt", "openssl"):
        if shutil.which(tool) is None:
            raise SystemExit(f"bench: there is no {tool}; .ci/prerequisites.sh bench installs it")
    if (os.cpu_count() or 1) < 2:
        raise SystemExit("bench: server and load need a core each")
    servers.raise_descriptor_limit()
    rows = []
    with contextlib.ExitStack() as stack:
        directory = pathlib.Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="kist-bench-")))
        bench = Bench(programs, directory, stack)
        gets = [bench.gets(tls, connections) for tls in (None, bench.certificate) for connections in CONNECTIONS]
        for part in (*gets, bench.creates(), bench.memory(), bench.starts()):
            rows.extend(part)
    result.write_text(json.dumps({"rounds": ROUNDS, "seconds": SECONDS, "rows": rows}, indent=1, ensure_ascii=False),
                      encoding="utf-8")


if __name__ == "__main__":
    main()
