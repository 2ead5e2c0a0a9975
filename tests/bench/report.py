#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Puts each measurement beside its limit of the same run.

    report.py TABLE.json RAW.json HTTP.json      of Google Benchmark, and of http/run.py; one of them may be missing
"""
import json
import pathlib
import sys

# measurement, limit, what is aimed at: ("more", ns) the difference, ("ratio", r) time over the limit's time,
# ("rate", r) rate over the limit's rate, ("flat", None) to be read down the sizes. None: nothing is aimed at.
ROWS = [
    ("boundary_get_plugin", "boundary_get_direct", ("more", 100)),
    ("token_known", "token_bare_mac", ("more", 1000)),
    ("token_unknown", "token_bare_mac", ("more", 1000)),
    ("rate_take", "rate_bare_lock", ("more", 100)),
    ("rate_take_of_many", "rate_bare_lock", ("more", 100)),
    ("sqlite_get_kist", "sqlite_get_bare", ("ratio", 1.3)),
    ("seal_kist/1024", "seal_bare/1024", ("ratio", 1.5)),
    ("open_kist/1024", "open_bare/1024", ("ratio", 1.5)),
    ("seal_kist/0", "seal_bare/0", ("more", 1000)),
    ("open_kist/0", "open_bare/0", ("more", 1000)),
    ("sqlite_get_sealed", "sqlite_get_bare_open", ("ratio", 1.3)),
    ("rewrap/sqlite/real_time", "sqlite_create_bare/real_time", ("rate", None)),
    ("rewrap/memory/real_time", "seal_bare/1024", ("flat", None)),
    ("audit_line", "audit_hash_bare", ("more", 250)),
    ("sqlite_create_kist/real_time/threads:1", "sqlite_create_bare/real_time", ("rate", 0.8)),
    ("sqlite_create_kist/real_time/threads:16", "sqlite_create_bare/real_time", ("rate", 2.0)),
    ("sqlite_create_kist/real_time/threads:64", "sqlite_create_bare/real_time", ("rate", 3.0)),
] + [(f"list_{name}/{size}", f"list_seek_bare/{size}", ("flat", None))
     for name in ("page_first", "cursor_first", "cursor_last", "page_last", "page_first_startswith",
                  "page_first_contains", "cursor_first_contains")
     for size in (10_000, 100_000, 1_000_000)]
NANOSECONDS = {"ns": 1, "us": 1e3, "ms": 1e6, "s": 1e9}


def medians(raw):
    return {entry["run_name"]: entry["real_time"] * NANOSECONDS[entry["time_unit"]]
            for entry in raw["benchmarks"] if entry.get("aggregate_name") == "median"}


def shown(nanoseconds):
    for unit, size in (("ms", 1e6), ("µs", 1e3)):
        if nanoseconds >= size:
            return f"{nanoseconds / size:.2f} {unit}"
    return f"{nanoseconds:.0f} ns"


def row(name, limit, aim, median):
    kind, wanted = aim
    time, base = median[name], median[limit]
    # Threads work at once: Google Benchmark gives the time of one operation as if one did.
    result = {"more": f"{time - base:+.0f} ns", "ratio": f"{time / base:.2f}×",
              "rate": f"{base / time:.2f}× the rate", "flat": f"{time / base:.1f}×"}[kind]
    aimed, met = "", None
    if wanted is not None:
        aimed = {"more": f"≤ +{wanted} ns", "ratio": f"≤ {wanted}×", "rate": f"≥ {wanted}×"}[kind]
        met = {"more": time - base <= wanted, "ratio": time / base <= wanted, "rate": base / time >= wanted}[kind]
    return {"measurement": name.replace("/real_time", ""), "median": shown(time), "limit": limit.replace("/real_time", ""),
            "limit median": shown(base), "result": result, "aim": aimed,
            "met": {True: "yes", False: "NO", None: ""}[met]}


def print_table(rows):
    columns = [column for column in rows[0] if column != "figures"]
    widths = {column: max(len(column), *(len(entry[column]) for entry in rows)) for column in columns}
    print("| " + " | ".join(column.ljust(widths[column]) for column in columns) + " |")
    print("|" + "|".join("-" * (widths[column] + 2) for column in columns) + "|")
    for entry in rows:
        print("| " + " | ".join(entry[column].ljust(widths[column]) for column in columns) + " |")
    print()


def main():
    table, raw_file, http_file = map(pathlib.Path, sys.argv[1:])
    result = {}
    if raw_file.exists():
        raw = json.loads(raw_file.read_text(encoding="utf-8"))
        median = medians(raw)
        rows = [row(name, limit, aim, median) for name, limit, aim in ROWS if name in median and limit in median]
        if not rows:
            sys.exit("report.py: the run holds no measurement together with its limit")
        print_table(rows)
        result |= {"context": raw["context"], "rows": rows}
    if http_file.exists():
        result["http"] = json.loads(http_file.read_text(encoding="utf-8"))
        print_table(result["http"]["rows"])
    table.write_text(json.dumps(result, indent=1, ensure_ascii=False), encoding="utf-8")


if __name__ == "__main__":
    main()
