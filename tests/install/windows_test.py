# SPDX-License-Identifier: Apache-2.0
"""The SDK for Windows: it compiles there, with mingw-w64. There is no host to load the DLL."""
import re
import shutil

from installed import C_SOURCES, CPP_SOURCES, WARNINGS, InstallTest

TOOLS = "x86_64-w64-mingw32-"


class WindowsTest(InstallTest):
    def configure_for_windows(self, project, language, compiler):
        compiler = TOOLS + compiler
        if shutil.which(compiler) is None:
            self.fail(f"there is no {compiler}; .ci/prerequisites.sh installs it")
        self.configure(project, self.install_sdk(), "-DCMAKE_SYSTEM_NAME=Windows",
                       f"-DCMAKE_{language}_COMPILER={compiler}",
                       f"-DCMAKE_{language}_FLAGS={' '.join(WARNINGS)}")

    def assert_one_export(self, file):
        said = self.run_program(TOOLS + "objdump", "-p", file)
        table = said.partition("[Ordinal/Name Pointer] Table\n")[2].partition("\n\n")[0]
        exports = re.findall(r"\[ *\d+\] (?:\+base\[ *\d+\] +)?(?:[0-9a-f]+ +)?(\S+)", table)
        self.assertEqual(exports, ["kist_plugin_v1"], table)

    def test_cpp(self):
        project = self.copy_sources("cpp_project", CPP_SOURCES)
        self.configure_for_windows(project, "CXX", "g++-posix")
        self.build(project)
        self.assert_one_export(project / "build/memory_store.dll")

    def test_c(self):
        project = self.copy_sources("c_project", C_SOURCES)
        self.configure_for_windows(project, "C", "gcc-posix")
        self.build(project)
        self.assert_one_export(project / "build/minimal.dll")
        self.assertIn(b'"id":"org.example.minimal"', (project / "build/minimal.dll").read_bytes())
