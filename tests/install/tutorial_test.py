# SPDX-License-Identifier: Apache-2.0
"""docs/plugins/tutorial.md: its commands are run as they stand, and its code is that of the files that they build."""
import re

from installed import SOURCE, InstalledKistTest

PAGE = (SOURCE / "docs/plugins/tutorial.md").read_text()


def blocks(language):
    return re.findall(rf"^```{language}\n(.*?)^```$", PAGE, flags=re.M | re.S)


class TutorialTest(InstalledKistTest):
    def test_commands(self):
        # Each block as by hand: in the directory where the last one ended, and over at its first failure.
        script = "set -e\n" + "\n".join(
            re.sub(r"^! (.*)$", r"if \1; then exit 99; fi", block, flags=re.M) for block in blocks("sh"))
        said = self.run_program("bash", "-c", script, env=self.env)
        self.assertEqual(set(re.findall(r"^BROKEN  ([A-Z]+-\d+):", said, flags=re.M)), {"ST-15"})
        self.assertIn("kist: notes: list_secrets: ok in ", said)

    def test_code(self):
        files = [(SOURCE / "sdk/tutorial/map.cpp").read_text()]
        for file in sorted((SOURCE / "sdk/template/c++").glob("*pp")):
            files.append(file.read_text().replace("Sample", "Notes").replace("sample", "notes"))
        for block in blocks("cpp"):
            self.assertTrue(any(block in file for file in files), f"in no file that is built:\n{block}")
