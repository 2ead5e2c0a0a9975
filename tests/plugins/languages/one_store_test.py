# SPDX-License-Identifier: Apache-2.0
"""The same store in several languages and by several compilers: what one has written, all others read and change."""
import json
import os
import pathlib
import shutil
import subprocess
import tempfile
import unittest

FILES = [pathlib.Path(file) for file in os.environ["KIST_PLUGINS"].split(":")]
PLUGINS = [file.name for file in FILES]
PROGRAM = os.environ["KIST_PROGRAM"]
ENVIRONMENT = {name: value for name, value in os.environ.items() if not name.startswith("KIST_")}


class OneStoreTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="kist-languages-")
        self.addCleanup(folder.cleanup)
        self.root = pathlib.Path(folder.name)
        for built in FILES:
            file = pathlib.Path(shutil.copy(built, self.root))
            file.chmod(0o644)  # A plugin that others may write to is refused (KP-19).
            (self.root / f"{file.name}.json").write_text(json.dumps({
                "plugins": {"directories": [str(self.root)]},
                "secrets_store": {"type": "custom", "class_path": str(file), "root": "secrets"}}))

    def kist(self, plugin, *words, value="", fails=False):
        """What it prints on both streams; `value` is what `-` reads."""
        done = subprocess.run([PROGRAM, "--config", f"{plugin}.json", *words], env=ENVIRONMENT, cwd=self.root,
                              input=value, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        self.assertEqual(done.returncode != 0, fails, f"{plugin}: {words}: exit code {done.returncode}\n{done.stdout}")
        return done.stdout

    def test_one_store(self):
        neighbours = list(zip(PLUGINS, PLUGINS[1:] + PLUGINS[:1]))
        for one, other in neighbours:
            self.kist(one, "secret", "create", f"by {one}", "user=-", "empty=", "--scope", "workspace", value=one)
            self.assertIn("exists in the workspace scope",
                          self.kist(other, "secret", "create", f"by {one}", "k=-", fails=True))
        for one, other in neighbours:
            self.kist(other, "secret", "update", f"by {one}", "more=-", "--rename", f"renamed {one}", value=other)
            for reader in PLUGINS:
                said = json.loads(self.kist(reader, "secret", "get", f"renamed {one}", "--reveal", "--output", "json"))
                self.assertEqual(said["revision"], 2)
                self.assertEqual(said["values"], {"user": one, "empty": "", "more": other})
        damaged = next(self.root.glob("secrets/*/records/*"))
        damaged.write_bytes(damaged.read_bytes()[:-1])
        for reader in PLUGINS:
            self.assertEqual(len(json.loads(self.kist(reader, "secret", "list", "--output", "json"))["items"]), len(PLUGINS))
            self.assertIn("corrupt", self.kist(reader, "secret", "get", damaged.name, fails=True))
        for one, other in neighbours:
            self.kist(other, "secret", "delete", f"renamed {one}", "--yes")
        for reader in PLUGINS:
            self.assertEqual(json.loads(self.kist(reader, "secret", "list", "--output", "json"))["items"], [])
