# SPDX-License-Identifier: Apache-2.0
"""The installed SDK, as the author of a plugin meets it: by CMake, and by pkg-config alone."""
from installed import BUILD, C_SOURCES, CC, CPP_SOURCES, CXX, SOURCE, VERSION, WARNINGS, InstallTest


class CMakeTest(InstallTest):
    def test_cpp(self):
        project = self.copy_sources("cpp_project", CPP_SOURCES)
        self.configure(project, self.install_sdk(),
                       f"-DCMAKE_CXX_COMPILER={CXX}", f"-DCMAKE_CXX_FLAGS={' '.join(WARNINGS)}")
        self.build(project)
        self.assert_plugin(project / "build/memory_store.so", "io.kist.memory")

    def test_c(self):
        project = self.copy_sources("c_project", C_SOURCES)
        self.configure(project, self.install_sdk(),
                       f"-DCMAKE_C_COMPILER={CC}", f"-DCMAKE_C_FLAGS={' '.join(WARNINGS)}")
        self.build(project)
        self.assert_plugin(project / "build/minimal.so", "org.example.minimal")


class PkgConfigTest(InstallTest):
    def setUp(self):
        super().setUp()
        where = {"PKG_CONFIG_LIBDIR": str(self.install_sdk() / "share/pkgconfig")}
        self.flags = self.run_program("pkg-config", "--cflags", "--libs", "kist-sdk", env=where).split()
        self.assertEqual(self.run_program("pkg-config", "--modversion", "kist-sdk", env=where).strip(), VERSION)

    def test_builds(self):
        project = self.copy_sources("by_hand", CPP_SOURCES + C_SOURCES)
        self.run_program(CXX, "-std=c++20", "-fPIC", "-shared", *WARNINGS, project / "memory_store.cpp", *self.flags,
                         "-o", project / "memory_store.so")
        self.assert_plugin(project / "memory_store.so", "io.kist.memory")
        self.run_program(CC, "-std=c11", "-fPIC", "-shared", *WARNINGS, project / "minimal.c", *self.flags,
                         "-o", project / "minimal.so")
        self.assert_plugin(project / "minimal.so", "org.example.minimal")

    def test_undefined(self):
        source = self.root / "undefined.c"
        source.write_text("int nobody_has_this(void);\nint kist_plugin_v1(void) { return nobody_has_this(); }\n")
        said = self.run_program(CC, "-fPIC", "-shared", source, *self.flags, "-o", self.root / "undefined.so", fails=True)
        self.assertIn("undefined reference to `nobody_has_this'", said)


class FilesTest(InstallTest):
    def test_no_paths(self):
        files = [file for file in self.install_sdk().rglob("*") if file.is_file()]
        self.assertTrue(files)
        for file in files:
            text = file.read_text(encoding="utf-8")
            for directory in (SOURCE, BUILD, self.root):
                self.assertNotIn(str(directory), text, file)
