#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Each check of tidy.py finds what it is for, and leaves alone what is right."""
import pathlib
import tempfile
import unittest

import tidy

SPDX = "// SPDX-License-Identifier: Apache-2.0\n"


class TidyTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.root = pathlib.Path(folder.name)
        for name in ("core/src/loader/manifest.hpp", "host/src/cli/table.hpp", "docs/here.md"):
            (self.root / name).parent.mkdir(parents=True, exist_ok=True)
            (self.root / name).write_text("")

    def found(self, path, text):
        return [what for _, what in tidy.findings(self.root, pathlib.PurePosixPath(path), text)]

    def assert_finds(self, words, path, text):
        self.assertTrue(any(words in what for what in self.found(path, text)), self.found(path, text))

    def test_what_is_right_passes(self):
        self.assertEqual(self.found("core/src/a.cpp", SPDX + '#include "loader/manifest.hpp"\n#include <kist/a.hpp>\n'), [])
        self.assertEqual(self.found("docs/a.md", "# A\n\nSee [here](here.md), [there](https://x.org), `[x](y)`.\n"), [])

    def test_licence(self):
        self.assert_finds("SPDX", "core/src/a.cpp", "int x;\n")

    def test_lengths(self):
        self.assert_finds("601 lines", "core/src/a.cpp", SPDX + "int x;\n" * 600)
        body = "void f() {\n" + "  g();\n" * 71 + "}\n"
        self.assert_finds("a body of 72 lines", "core/src/a.cpp", SPDX + body)
        self.assertEqual(self.found("core/src/a.cpp", SPDX + "namespace a {\n" + "int x;\n" * 100 + "}\n"), [])

    def test_arrows(self):
        self.assert_finds("plugins may not include", "plugins/a/a.cpp", SPDX + '#include "loader/manifest.hpp"\n')
        self.assert_finds("core may not include", "core/src/a.cpp", SPDX + '#include "cli/table.hpp"\n')
        self.assert_finds("standard library alone", "sdk/include/kist/a.hpp", SPDX + "#include <boost/json.hpp>\n")
        self.assert_finds("Boost.DLL stays", "core/src/a.cpp", SPDX + "#include <boost/dll/shared_library.hpp>\n")

    def test_banned_calls(self):
        for call in ("atoi(x)", "system(x)", "dlclose(x)", "std::regex r", "using namespace std", "getenv(x)"):
            with self.subTest(call=call):
                self.assert_finds("is banned", "core/src/a.cpp", SPDX + f"void f() {{ {call}; }}\n")
        self.assertEqual(self.found("core/src/a.cpp", SPDX + "// system(x) would be wrong\n"), [])

    def test_comparisons_of_secrets(self):
        for call in ("memcmp(a, b, 32)", "std::strcmp(a, b)", "strncmp(a, b, 3)", "bcmp(a, b, 3)", "mac == row.mac",
                     "expected != row->mac"):
            with self.subTest(call=call):
                code = SPDX + f"bool f() {{ return {call}; }}\n"
                self.assert_finds("is banned in core/src/access/", "core/src/access/a.cpp", code)
                self.assertEqual(self.found("core/src/secrets/a.cpp", code), [])
        allowed = SPDX + "bool f() { return CRYPTO_memcmp(a, b, 32) == 0 && same_mac(mac, row.mac) && size == mac.size(); }\n"
        self.assertEqual(self.found("core/src/access/a.cpp", allowed), [])

    def test_catch_all(self):
        self.assert_finds("catch (...)", "core/src/a.cpp", SPDX + "try { f(); } catch (...) {}\n")
        self.assertEqual(self.found("host/src/main.cpp", SPDX + "try { f(); } catch (...) {}\n"), [])

    def test_leftovers(self):
        self.assert_finds("FIXME", "core/src/a.cpp", SPDX + "// FIXME: later\n")
        self.assert_finds("white space", "core/src/a.cpp", SPDX + "int x; \n")
        self.assert_finds("no line end", "core/src/a.cpp", SPDX + "int x;")

    def test_documents(self):
        self.assert_finds("leads nowhere", "docs/a.md", "# A\n\n[gone](gone.md)\n")
        self.assert_finds("2 titles", "docs/a.md", "# A\n\n# B\n")


if __name__ == "__main__":
    unittest.main()
