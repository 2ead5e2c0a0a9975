#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A second decoder of envelopes, written from docs/internals/envelope.md and sharing nothing with core/src/sealing.

    open_envelope.py DOCUMENT PROGRAM

Opens the worked example of DOCUMENT, and what PROGRAM (kist_seal_sample) has sealed; then checks that with any bit
changed, or a byte more or less, none of them opens. Exits 1 if something is not so.
"""
import dataclasses
import subprocess
import sys

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

MAGIC = bytes.fromhex("FE4B5354")
KEY_ID_BYTES = b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-"
WRAPPED, NONCE, TAG = 60, 12, 16


class Refused(Exception):
    """The bytes are no envelope of this key, secret and deployment."""


@dataclasses.dataclass
class Sealed:
    kek: bytes
    deployment_id: bytes
    secret_id: bytes
    key_id: bytes
    key: bytes
    value: bytes
    envelope: bytes


def decrypt(key, nonce, sealed, associated):
    try:
        return AESGCM(key).decrypt(nonce, sealed, associated)
    except InvalidTag:
        raise Refused("does not authenticate") from None


def open_envelope(sealed, envelope):
    """The value. `sealed` says all but what `envelope` must say itself."""
    if envelope[:4] != MAGIC or envelope[4:6] != b"\x01\x01" or len(envelope) < 7:
        raise Refused("magic, version or algorithm")
    id_size = envelope[6]
    key_id = envelope[7 : 7 + id_size]
    if not 1 <= id_size <= 64 or len(envelope) < 95 + id_size or any(byte not in KEY_ID_BYTES for byte in key_id):
        raise Refused("size or key id")
    if key_id != sealed.key_id:
        raise Refused("another KEK")
    header = envelope[: 67 + id_size]
    wrapped = header[-WRAPPED:]
    nonce = envelope[len(header) : len(header) + NONCE]
    dek = decrypt(sealed.kek, wrapped[:NONCE], wrapped[NONCE:], b"kist-dek-1" + sealed.deployment_id + key_id)
    place = header + sealed.deployment_id + sealed.secret_id + sealed.key
    return decrypt(dek, nonce, envelope[len(header) + NONCE :], place)


def read_vector(document):
    """The lines "NAME  HEX" of the document's block; a line without a name goes on with the last one."""
    with open(document, encoding="utf-8") as file:
        block = file.read().split("```vector\n")[1].split("```")[0]
    parts, name = {}, None
    for line in block.splitlines():
        label, digits = line[:15].strip(), line[15:]
        name = label or name
        parts[name] = parts.get(name, b"") + bytes.fromhex(digits)
    return Sealed(parts["KEK"], parts["deployment id"], parts["secret id"], parts["key id"], parts["key"],
                  parts["value"], parts["envelope"])


def read_samples(program):
    printed = subprocess.run([program], check=True, capture_output=True, text=True).stdout
    return [Sealed(*(bytes.fromhex(field[1:]) for field in line.split(" "))) for line in printed.splitlines()]


def changed(envelope, every):
    """The envelope with each bit flipped, of every so manieth byte; cut by one byte, and longer by one."""
    for position in range(0, len(envelope), every):
        for bit in range(8):
            yield f"bit {bit} of byte {position}", (
                envelope[:position] + bytes([envelope[position] ^ 1 << bit]) + envelope[position + 1 :])
    yield "the last byte missing", envelope[:-1]
    yield "a byte more", envelope + b"\0"


def faults(sealed):
    try:
        if open_envelope(sealed, sealed.envelope) != sealed.value:
            yield "opens to another value"
    except Refused as reason:
        yield f"does not open: {reason}"
    every = 1 if len(sealed.envelope) < 1000 else 97
    for what, envelope in changed(sealed.envelope, every):
        try:
            open_envelope(sealed, envelope)
            yield f"opens with {what}"
        except Refused:
            pass


def main():
    document, program = sys.argv[1:]
    samples = read_samples(program)
    if not samples:
        sys.exit(f"{program} printed nothing")
    named = [("the document's example", read_vector(document))]
    named += [(f"sample {number}", sample) for number, sample in enumerate(samples)]
    found = [f"{name}: {fault}" for name, sealed in named for fault in faults(sealed)]
    print("\n".join(found) or f"{len(named)} envelopes open, and none of them altered")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
