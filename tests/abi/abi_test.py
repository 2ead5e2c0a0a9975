# SPDX-License-Identifier: Apache-2.0
"""The present headers of the ABI, held against the copy that is kept of each version.

A new minor is added so: copy the four headers to v1.N, write its layout.txt with layout.py and its plugin.abi with
make_baseline.sh, and write what changed to docs/plugins/abi-history.md.
"""
import os
import pathlib
import shutil
import subprocess
import tempfile
import unittest

from layout import COMPILERS, broken_promises, layout

HERE = pathlib.Path(__file__).resolve().parent
PRESENT = HERE.parents[1] / "sdk/include/kist"
HEADERS = ["types.h", "host.h", "store.h", "plugin.h"]
VERSIONS = sorted(HERE.glob("v1.*"), key=lambda folder: int(folder.name.removeprefix("v1.")))


class ChangedHeaders(unittest.TestCase):
    def changed(self, file, old, new):
        """A folder of the present headers with one text of one file replaced."""
        folder = tempfile.TemporaryDirectory(prefix="kist-abi-")
        self.addCleanup(folder.cleanup)
        for header in HEADERS:
            shutil.copy(PRESENT / header, folder.name)
        path = pathlib.Path(folder.name) / file
        text = path.read_text()
        self.assertEqual(text.count(old), 1, f"{file} has one '{old}'")
        path.write_text(text.replace(old, new))
        return folder.name


class LayoutTest(ChangedHeaders):
    maxDiff = None

    def test_compilers_agree(self):
        newest = (VERSIONS[-1] / "layout.txt").read_text()
        for name, compiler in COMPILERS.items():
            with self.subTest(name):
                self.assertEqual(layout(PRESENT, compiler), newest)

    def test_kept_headers(self):
        for version in VERSIONS:
            with self.subTest(version.name):
                self.assertEqual(layout(version), (version / "layout.txt").read_text())

    def test_prefix(self):
        for version in VERSIONS:
            with self.subTest(version.name):
                self.assertEqual(broken_promises((version / "layout.txt").read_text(), layout(PRESENT)), [])

    def promises_after(self, *change):
        return broken_promises((VERSIONS[-1] / "layout.txt").read_text(), layout(self.changed(*change)))

    def test_growth(self):
        last = "void (*close)(kist_store*) KIST_NOEXCEPT;\n"
        self.assertEqual(self.promises_after("store.h", last, last + "  uint64_t later;\n"), [])

    def test_breaks(self):
        revision = "uint64_t revision; /* 1 at creation. */\n"
        for sentence, change in {
            "kist_record does not begin with the members it had":
                ("types.h", revision, "uint64_t later;\n  " + revision),
            "kist_uuid is frozen and has changed": ("types.h", "uint8_t bytes[16];", "uint8_t bytes[16], later;"),
            "kist_error does not begin with the members it had":
                ("types.h", "uint32_t retry_after_ms;", "int32_t retry_after_ms;"),
            "kist_host does not begin with the members it had":
                ("host.h", "(*list_total)(kist_call* call, uint64_t total)", "(*list_total)(kist_call* call, int64_t total)"),
            "KIST_CONFLICT is 33, not 3": ("types.h", "KIST_CONFLICT = 3,", "KIST_CONFLICT = 33,"),
            "KIST_OP_IN_RANGE is None, not 7": ("store.h", "  KIST_OP_IN_RANGE = 7,\n", ""),
        }.items():
            with self.subTest(sentence):
                self.assertIn(sentence, self.promises_after(*change))

    def test_noexcept(self):
        changed = self.changed("store.h", "void (*close)(kist_store*) KIST_NOEXCEPT;", "void (*close)(kist_store*);")
        with self.assertRaisesRegex(RuntimeError, "kist_store_table.close is no"):
            layout(changed, COMPILERS["g++-12"])


@unittest.skipIf(shutil.which("abidiff") is None, "there is no abidiff")
class AbidiffTest(ChangedHeaders):
    def compared(self, version, headers):
        with tempfile.TemporaryDirectory(prefix="kist-abidiff-") as folder:
            made = pathlib.Path(folder) / "plugin.abi"
            subprocess.run([HERE / "make_baseline.sh", headers, made], check=True)
            return subprocess.run(["abidiff", version / "plugin.abi", made], capture_output=True, text=True)

    def test_no_change(self):
        for version in VERSIONS:
            with self.subTest(version.name):
                done = self.compared(version, PRESENT)
                expected = version / "expected.diff"
                self.assertEqual(done.stdout, expected.read_text() if expected.exists() else "")
                self.assertEqual(done.returncode == 0, not expected.exists())

    def test_insertion(self):
        for file, member in {"types.h": "uint64_t revision; /* 1 at creation. */",
                             "store.h": "uint64_t capabilities; /* KIST_CAP_* */",
                             "host.h": "const char* name;    /* \"kist\" */"}.items():
            with self.subTest(member):
                done = self.compared(VERSIONS[-1], self.changed(file, member, "uint64_t inserted;\n  " + member))
                self.assertNotEqual(done.returncode, 0)
                self.assertIn("inserted", done.stdout)


@unittest.skipIf(shutil.which("nm") is None, "there is no nm")
class ExportsTest(unittest.TestCase):
    def exports(self, file):
        said = subprocess.run(["nm", "--dynamic", "--defined-only", file], check=True, capture_output=True, text=True)
        return [line.split()[-1] for line in said.stdout.splitlines()]

    def test_one_symbol(self):
        build = pathlib.Path(os.environ["KIST_BUILD"])
        plugins = [file for folder in ("lib/kist/plugins", "tests/plugins") for file in (build / folder).rglob("*.so")
                   if "broken" not in file.relative_to(build).parts]
        self.assertGreater(len(plugins), 5)
        for file in plugins:
            with self.subTest(file=str(file.relative_to(build))):
                self.assertEqual(self.exports(file), ["kist_plugin_v1"])

    def test_another_symbol(self):
        extra = pathlib.Path(os.environ["KIST_BUILD"]) / "tests/plugins/broken/extra_export/extra_export.so"
        self.assertNotEqual(self.exports(extra), ["kist_plugin_v1"])
