# SPDX-License-Identifier: Apache-2.0
"""The Debian packages: what is in them, and that it runs from there."""

from installed import BUILD, SOURCE, VERSION, InstallTest


def names(directory, pattern="*"):
    return {file.name for file in directory.glob(pattern)}


class PackageTest(InstallTest):
    def test_packages(self):
        self.run_program("cpack", "--config", BUILD / "CPackConfig.cmake", "-B", self.root / "packages")
        architecture = self.run_program("dpkg", "--print-architecture").strip()
        self.assertEqual(names(self.root / "packages", "*.deb"),
                         {f"kist_{VERSION}_{architecture}.deb", f"kist-sdk_{VERSION}_all.deb"})
        self.check_host(self.root / f"packages/kist_{VERSION}_{architecture}.deb")
        self.check_sdk(self.root / f"packages/kist-sdk_{VERSION}_all.deb")

    def extracted(self, package):
        """Where its files are, and their paths there."""
        place = self.root / package.stem
        self.run_program("dpkg-deb", "--extract", package, place)
        for line in self.run_program("dpkg-deb", "--contents", package).splitlines():
            mode, owner = line.split()[:2]
            self.assertRegex(mode, "^(drwxr-xr-x|-rw[-x]r-[-x]r-[-x])$", line)
            self.assertEqual(owner, "root/root", line)
        control = self.root / (package.stem + ".control")
        self.run_program("dpkg-deb", "--control", package, control)
        self.assertEqual(names(control) - {"control", "md5sums"}, set(), "a script would run as root")
        self.assertEqual((place / "usr/share/doc" / self.field(package, "Package") / "copyright").read_text(),
                         (SOURCE / "LICENSE").read_text())
        return place, {str(file.relative_to(place)) for file in place.rglob("*") if not file.is_dir()}

    def field(self, package, name):
        return self.run_program("dpkg-deb", "--field", package, name).strip()

    def check_host(self, package):
        place, files = self.extracted(package)
        plugins = {f"usr/lib/kist/plugins/{name}" for name in names(BUILD / "lib/kist/plugins", "*.so")}
        programs = {"usr/bin/kist", "usr/libexec/kist/kist-conformance"}
        self.assertEqual(files, plugins | programs | {"usr/lib/systemd/system/kist.service",
                                                      "usr/lib/sysusers.d/kist.conf", "usr/share/doc/kist/copyright"})
        self.assertRegex(self.field(package, "Depends"), r"\blibssl3\b")
        for file in plugins | programs:
            said = self.run_program("readelf", "--sections", "--dynamic", "--wide", place / file)
            self.assertNotRegex(said, r"\.debug_|\.symtab|RPATH|RUNPATH", file)
        self.assertIn(VERSION, self.run_program(place / "usr/bin/kist", "--version"))
        listed = self.run_program(place / "usr/bin/kist", "plugin", "list")
        for file in plugins:
            self.assertIn(str(place / file), listed)
        self.assertNotIn("refused", listed)

    def check_sdk(self, package):
        _, files = self.extracted(package)
        self.assertEqual(files, {f"usr/include/kist/{name}" for name in names(SOURCE / "sdk/include/kist")} | {
            f"usr/share/cmake/KistSDK/{name}" for name in (
                "KistConformance.cmake", "KistPlugin.cmake", "KistSDKConfig.cmake", "KistSDKConfigVersion.cmake",
                "KistSDKTargets.cmake", "kist_plugin.map")} | {
            f"usr/share/kist-sdk/template/{file.relative_to(SOURCE / 'sdk/template')}"
            for file in (SOURCE / "sdk/template").rglob("*") if file.is_file()} | {
            "usr/share/kist-sdk/tutorial/map.cpp", "usr/share/doc/kist-sdk/copyright", "usr/share/pkgconfig/kist-sdk.pc"})
        self.assertEqual(self.field(package, "Architecture"), "all")
        self.assertEqual(self.field(package, "Depends"), "")
        self.assertEqual(self.field(package, "Description"), "Headers and build functions for plugins of Kist")
        self.assertIn(f'#define KIST_SDK_VERSION "{VERSION}"', (SOURCE / "sdk/include/kist/sdk_version.h").read_text())
