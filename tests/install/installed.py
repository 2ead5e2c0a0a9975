# SPDX-License-Identifier: Apache-2.0
"""What the tests of this folder share: an SDK that is installed into a directory of its own, and projects elsewhere."""
import os
import pathlib
import shutil
import subprocess
import tempfile
import unittest

SOURCE = pathlib.Path(os.environ["KIST_SOURCE"])
BUILD = pathlib.Path(os.environ["KIST_BUILD"])
PROGRAM = os.environ["KIST_PROGRAM"]
VERSION = os.environ["KIST_VERSION"]
CC = os.environ["CC"]
CXX = os.environ["CXX"]
# What the tests start knows nothing of a Kist that somebody uses on this machine.
ENVIRONMENT = {name: value for name, value in os.environ.items() if not name.startswith("KIST_")}
WARNINGS = ["-Wall", "-Wextra", "-Werror"]
CPP_SOURCES = [SOURCE / "plugins/memory/memory_store.cpp"]
C_SOURCES = [SOURCE / "tests/plugins/good/minimal.c", SOURCE / "tests/plugins/minimal_plugin.h"]


class InstallTest(unittest.TestCase):
    def setUp(self):
        self.addCleanup(os.umask, os.umask(0o022))  # A plugin that others may write to is refused (KP-19).
        folder = tempfile.TemporaryDirectory(prefix="kist-install-")
        self.addCleanup(folder.cleanup)
        self.root = pathlib.Path(folder.name)

    def run_program(self, *words, env=None, cwd=None, fails=False):
        """What it prints on both streams."""
        env = ENVIRONMENT | (env or {})
        words = [shutil.which(str(words[0]), path=env["PATH"]), *map(str, words[1:])]
        done = subprocess.run(words, env=env, cwd=cwd or self.root, stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        self.assertEqual(done.returncode != 0, fails, f"{words}: exit code {done.returncode}\n{done.stdout}")
        return done.stdout

    def install_sdk(self):
        prefix = self.root / "prefix"
        self.run_program("cmake", "--install", BUILD, "--component", "sdk", "--prefix", prefix)
        return prefix

    def copy_sources(self, name, sources):
        """A directory elsewhere with the project tests/install/<name>, where it is one, and `sources`."""
        project = self.root / name
        template = SOURCE / "tests/install" / name
        shutil.copytree(template, project) if template.exists() else project.mkdir()
        for source in sources:
            shutil.copy(source, project)
        (project / "kist.json").write_text('{ "secrets_store": { "type": "memory" } }\n')
        return project

    def configure(self, project, prefix, *options, fails=False):
        return self.run_program("cmake", "-G", "Ninja", "-S", project, "-B", project / "build",
                                f"-DCMAKE_PREFIX_PATH={prefix}", *options, fails=fails)

    def build(self, project):
        self.run_program("cmake", "--build", project / "build")
        self.assertNotIn(str(SOURCE), (project / "build/build.ninja").read_text(), "the build uses the source tree")

    def assert_plugin(self, file, plugin_id):
        """The host takes the file, without having run any of it."""
        said = self.run_program(PROGRAM, "plugin", "inspect", file)
        self.assertIn(plugin_id, said)


class InstalledKistTest(InstallTest):
    """On a machine that has Kist and its SDK installed."""
    def setUp(self):
        super().setUp()
        prefix = self.install_sdk()
        self.run_program("cmake", "--install", BUILD, "--component", "host", "--prefix", prefix)
        self.env = {"CMAKE_PREFIX_PATH": str(prefix), "PATH": f"{prefix}/bin:{os.environ['PATH']}", "CC": CC, "CXX": CXX}
        if os.path.isdir("/dev/shm"):
            self.env["TMPDIR"] = "/dev/shm"  # For the kit's stores: most of its time would go to syncs of the disk.
