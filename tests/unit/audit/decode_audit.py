#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A second decoder of audit logs, written from docs/internals/audit-log.md and sharing nothing with core/src/audit.

    decode_audit.py DOCUMENT PROGRAM

Checks the worked example of DOCUMENT, and what PROGRAM (kist_audit_sample) prints; then that with any byte changed,
or any line dropped, moved or repeated, neither passes. Exits 1 if something is not so.
"""
import hashlib
import json
import subprocess
import sys

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import serialization

HASH, SIGNATURE = b',"hash":"', b',"signature":"'


class Refused(Exception):
    """The bytes are no audit log by this key."""


def load_key(pem):
    key = serialization.load_pem_public_key(pem)
    der = key.public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    return key, hashlib.sha256(der).hexdigest()


def check_line(line, sequence, previous, key, fingerprint):
    """The hash of the line."""
    end = line.rfind(HASH)
    if end < 0:
        raise Refused("no hash")
    digest = hashlib.sha256(line[:end]).hexdigest()
    if line[end:] != HASH + digest.encode() + b'"}':
        raise Refused("hash")
    members = json.loads(line)
    if members["sequence"] != sequence or members["previous"] != previous:
        raise Refused("chain")
    if members["kind"] == "checkpoint":
        if members["key"] != fingerprint:
            raise Refused("key")
        signed = line[: line.rfind(SIGNATURE)]
        try:
            key.verify(bytes.fromhex(members["signature"]), b"kist-audit-checkpoint-1\n" + signed)
        except InvalidSignature:
            raise Refused("signature") from None
    return digest


def check(log, key, fingerprint):
    previous, sequence = "0" * 64, 0
    if not log.endswith(b"\n"):
        raise Refused("torn")
    for line in log[:-1].split(b"\n"):
        sequence += 1
        previous = check_line(line, sequence, previous, key, fingerprint)
    return sequence


def block(document, kind):
    with open(document, "rb") as file:
        return file.read().split(b"```" + kind + b"\n")[1].split(b"```")[0]


def changed(log):
    for position in range(0, len(log), 1 if len(log) < 5000 else 211):
        yield f"byte {position} changed", log[:position] + bytes([log[position] ^ 1]) + log[position + 1 :]
    lines = log[:-1].split(b"\n")
    for i in range(len(lines) - 1):
        yield f"line {i + 1} dropped", b"\n".join(lines[:i] + lines[i + 1 :]) + b"\n"
        yield f"line {i + 1} moved", b"\n".join(lines[:i] + [lines[i + 1], lines[i]] + lines[i + 2 :]) + b"\n"
        yield f"line {i + 1} repeated", b"\n".join(lines[: i + 1] + lines[i:]) + b"\n"


def faults(log, key, fingerprint):
    try:
        check(log, key, fingerprint)
    except Refused as reason:
        yield f"is refused: {reason}"
    for what, other in changed(log):
        try:
            check(other, key, fingerprint)
            yield f"passes with {what}"
        except (Refused, ValueError, KeyError):
            pass


def check_names(log):
    """What a JSON reader finds as the names, one with each byte."""
    names = [json.loads(line).get("secret_name") for line in log[:-1].split(b"\n")]
    found = [name for name in names if name is not None]
    expected = [f"name {chr(byte)} of a secret" if byte < 128 else f"name \\x{byte:02x} of a secret"
                for byte in range(256)]
    if found != expected:
        yield "the names are not those that were given"


def main():
    document, program = sys.argv[1:]
    key, fingerprint = load_key(block(document, b"audit-key"))
    printed = subprocess.run([program], check=True, capture_output=True).stdout
    found = [f"{name}: {fault}" for name, log in (("the document's example", block(document, b"audit-log")),
                                                  ("the program's log", printed))
             for fault in faults(log, key, fingerprint)]
    found += check_names(printed)
    print("\n".join(found) or "both logs are as they were written, and none of them altered is")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
