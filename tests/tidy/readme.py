#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The README's first screen is a true run: its block ```console must be what host/quickstart.sh printed, line by line,
but for ids, times and the name of the temporary directory.     tests/tidy/readme.py OUTPUT-OF-QUICKSTART"""
import pathlib
import re
import sys

VARIABLE = [
    (r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", "UUID"),
    (r"\d{4}-\d\d-\d\d[ T]\d\d:\d\d:\d\dZ?", "TIME"),
    (r"kist_[a-z2-7]{8}_[a-z2-7]{52}", "kist_…"),
    (r"v1\.[a-z2-7]{8}\.[0-9a-f]+\.[0-9a-f]+", "v1.…"),
    (r"127\.0\.0\.1:\d+", "127.0.0.1:8420"),
    (r"[0-9a-f]{8}-[0-9a-f]{12}", "REQUEST"),
    (r"/[^\s'()]*/(?=kist-demo\.)", "/tmp/"),
    (r"kist-demo\.\w+", "kist-demo"),
    (r"/[^\s'()]*/lib/kist/plugins", "…/lib/kist/plugins"),
]


def normal(text):
    for pattern, word in VARIABLE:
        text = re.sub(pattern, word, text)
    return [line.rstrip() for line in text.splitlines() if line.strip()]


def main():
    root = pathlib.Path(__file__).parents[2]
    block = re.search(r"```console\n(.*?)```", (root / "README.md").read_text(encoding="utf-8"), flags=re.S)
    if block is None:
        sys.exit("README.md has no block ```console")
    printed = normal(pathlib.Path(sys.argv[1]).read_text(encoding="utf-8"))
    promised = normal(block.group(1))
    commands = sum(line.startswith("$ ") for line in printed)
    if commands == 0 or commands != sum(line.startswith("$ ") for line in promised):
        sys.exit(f"quickstart.sh ran {commands} commands, and README.md does not show as many")
    start = next((i for i, line in enumerate(printed) if line.startswith("$ ")), len(printed))
    run = printed[start:start + len(promised)]
    for number, (line, was) in enumerate(zip(promised, run)):
        if line != was:
            sys.exit(f"README.md is not what quickstart.sh prints, from line {number + 1} of the block:\n  README: {line}\n  run:    {was}")
    if len(run) != len(promised):
        sys.exit(f"quickstart.sh printed {len(run)} lines, README.md shows {len(promised)}")
    print(f"README.md shows what quickstart.sh prints: {len(promised)} lines")


if __name__ == "__main__":
    main()
