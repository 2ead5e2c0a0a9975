# SPDX-License-Identifier: Apache-2.0
"""Plugins that were built once, by other compilers and from other languages, and that every later host must serve."""
import hashlib
import os
import pathlib
import shutil
import subprocess
import tempfile
import unittest

HERE = pathlib.Path(__file__).resolve().parent
PROGRAM = os.environ["KIST_PROGRAM"]
ENVIRONMENT = {name: value for name, value in os.environ.items() if not name.startswith("KIST_")}
if os.path.isdir("/dev/shm"):
    ENVIRONMENT["TMPDIR"] = "/dev/shm"  # For the kit's stores: most of its time would go to syncs of the disk.
SIZE_MAX = 1_000_000  # Of a version's plugins together.


def pieces():
    files = sorted(HERE.glob("v*/*.so"))
    assert files, "the museum is empty"
    return files


def configuration_of(piece):
    return HERE / f"{piece.stem.split('-')[0]}.json"


class MuseumTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="kist-museum-")
        self.addCleanup(folder.cleanup)
        self.root = pathlib.Path(folder.name)

    def run_kist(self, *words):
        done = subprocess.run([PROGRAM, *map(str, words)], env=ENVIRONMENT, cwd=self.root,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        self.assertEqual(done.returncode, 0, done.stdout)
        return done.stdout

    def copy_of(self, piece):
        """Where nobody else may write to it, whatever the umask of the checkout (KP-19)."""
        copy = self.root / piece.name
        shutil.copy(piece, copy)
        copy.chmod(0o644)
        return copy

    def test_hashes(self):
        for version in sorted(HERE.glob("v*")):
            listed = dict(reversed(line.split()) for line in (version / "SHA256SUMS").read_text().splitlines())
            kept = {f"./{file.name}": hashlib.sha256(file.read_bytes()).hexdigest() for file in version.glob("*.so")}
            self.assertEqual(kept, listed)
            self.assertLess(sum(file.stat().st_size for file in version.glob("*.so")), SIZE_MAX)

    def test_check(self):
        for piece in pieces():
            with self.subTest(piece.name):
                self.run_kist("plugin", "check", "--strict", self.copy_of(piece))

    def test_contract(self):
        for piece in pieces():
            with self.subTest(piece.name):
                said = self.run_kist("plugin", "test", self.copy_of(piece), "--config", configuration_of(piece))
                self.assertIn(" 0 broken", said)
