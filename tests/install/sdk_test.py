# SPDX-License-Identifier: Apache-2.0
"""The installed SDK, as the author of a plugin meets it: by CMake, and by pkg-config alone."""
import os
import shutil
import unittest

from installed import (BUILD, C_SOURCES, CC, CPP_SOURCES, CXX, PROGRAM, SOURCE, VERSION, WARNINGS, InstalledKistTest,
                       InstallTest)


class CMakeTest(InstallTest):
    def test_cpp(self):
        project = self.copy_sources("cpp_project", CPP_SOURCES)
        self.configure(project, self.install_sdk(), "-DBUILD_TESTING=OFF",
                       f"-DCMAKE_CXX_COMPILER={CXX}", f"-DCMAKE_CXX_FLAGS={' '.join(WARNINGS)}")
        self.build(project)
        self.assert_plugin(project / "build/memory_store.so", "io.kist.memory")
        self.run_program("cpack", "--config", project / "build/CPackConfig.cmake", "-B", self.root / "packages")
        package, = (self.root / "packages").glob("*.deb")
        self.run_program("dpkg-deb", "--extract", package, self.root / "packed")
        packed = self.root / "packed/usr/lib/kist/plugins/memory_store.so"
        self.assertNotIn(".symtab", self.run_program("readelf", "--sections", packed), "not stripped")
        self.assert_plugin(packed, "io.kist.memory")

    def test_c(self):
        project = self.copy_sources("c_project", C_SOURCES)
        self.configure(project, self.install_sdk(),
                       f"-DCMAKE_C_COMPILER={CC}", f"-DCMAKE_C_FLAGS={' '.join(WARNINGS)}")
        self.build(project)
        self.assert_plugin(project / "build/minimal.so", "org.example.minimal")


class ConformanceTest(InstallTest):
    def setUp(self):
        super().setUp()
        self.prefix = self.install_sdk()
        self.project = self.copy_sources("cpp_project", CPP_SOURCES)

    def test_runs(self):
        self.configure(self.project, self.prefix, f"-DCMAKE_CXX_COMPILER={CXX}", f"-DKIST_EXECUTABLE={PROGRAM}")
        self.build(self.project)
        build = self.project / "build"
        said = self.run_program("ctest", "--test-dir", build)
        self.assertIn("100% tests passed, 0 tests failed out of 2", said)
        report = (build / "memory_store.conformance.xml").read_text()
        self.assertIn('name="kist plugin test io.kist.memory"', report)
        (self.project / "kist.json").write_text('{ "secrets_store": { "type": "custom" } }\n')
        said = self.run_program("ctest", "--test-dir", build, fails=True)
        self.assertIn("1 tests failed out of 2", said)
        self.assertIn("memory_store: kist plugin test", said)

    def refused(self, *options):
        said = self.configure(self.project, self.prefix, f"-DCMAKE_CXX_COMPILER={CXX}", *options, fails=True)
        return " ".join(said.split())

    def test_refusals(self):
        self.assertIn("there is no program 'kist' beside the SDK or in the PATH; "
                      "install it, or say where it is with -DKIST_EXECUTABLE=/path/of/kist",
                      self.refused("-DCMAKE_FIND_USE_CMAKE_SYSTEM_PATH=OFF",  # One may be installed on this machine.
                                   "-DCMAKE_FIND_USE_SYSTEM_ENVIRONMENT_PATH=OFF",
                                   f"-DCMAKE_MAKE_PROGRAM={shutil.which('ninja')}"))
        self.assertIn("there is no program '/nowhere/kist', which KIST_EXECUTABLE names",
                      self.refused("-DKIST_EXECUTABLE=/nowhere/kist"))
        (self.project / "kist.json").unlink()
        self.assertIn(f"there is no file '{self.project}/kist.json', which CONFIG names",
                      self.refused(f"-DKIST_EXECUTABLE={PROGRAM}"))
        lists = self.project / "CMakeLists.txt"
        lists.write_text(lists.read_text().replace("tests(memory_store CONFIG", "tests(memry_store CONFIG"))
        self.assertIn("kist_add_conformance_tests(memry_store): there is no such target",
                      self.refused(f"-DKIST_EXECUTABLE={PROGRAM}"))


class NewPluginTest(InstalledKistTest):
    """What `kist plugin new` writes, with the two commands of its README."""
    def new_plugin(self, language, build):
        self.run_program("kist", "plugin", "new", "acme", "--lang", language, "--id", "com.acme.secrets",
                         "--vendor", "Acme & Söhne", "--license", "MIT", env=self.env)
        project = self.root / "acme"
        for file in project.rglob("*"):
            if file.is_file():
                self.assertNotRegex(file.name + file.read_text(), r"(?i)sample|Apache|Example Vendor", file)
        self.assertIn(build, (project / "README.md").read_text())
        said = self.run_program(*build.split(), env=self.env, cwd=project)
        self.assertIn("acme: unit test" if language != "rust" else "test result: ok", said)
        command = "printf app | kist --config kist.json secret create first user=-"
        self.assertIn(command, (project / "README.md").read_text())
        self.run_program("sh", "-c", command, env=self.env, cwd=project)
        said = self.run_program("kist", "--config", "kist.json", "plugin", "inspect", "acme", env=self.env, cwd=project)
        for word in ("com.acme.secrets", "Acme & Söhne", "MIT"):
            self.assertIn(word, said)

    def test_cpp(self):
        self.new_plugin("c++", "cmake --workflow --preset test")

    def test_c(self):
        self.new_plugin("c", "cmake --workflow --preset test")

    @unittest.skipIf(shutil.which("cargo") is None, "there is no cargo")
    def test_rust(self):
        self.new_plugin("rust", "cargo test")


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
