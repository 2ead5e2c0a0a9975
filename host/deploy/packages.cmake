# `cpack --config <build>/CPackConfig.cmake` makes two Debian packages: kist, the host with its plugins, and kist-sdk,
# what a plugin's author installs. They run nothing when they are installed.
set(CPACK_GENERATOR DEB)
set(CPACK_DEB_COMPONENT_INSTALL ON)
set(CPACK_COMPONENTS_ALL host sdk)
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_STRIP_FILES ON)  # A plugin's manifest and the build id outlive it.
set(CPACK_INSTALL_DEFAULT_DIRECTORY_PERMISSIONS  # Whatever the umask of whoever packs.
  OWNER_READ OWNER_WRITE OWNER_EXECUTE GROUP_READ GROUP_EXECUTE WORLD_READ WORLD_EXECUTE)

set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "")  # It would stand in front of each package's own.

set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_MAINTAINER "The authors of Kist")
set(CPACK_DEBIAN_HOST_PACKAGE_NAME kist)
set(CPACK_DEBIAN_HOST_PACKAGE_SECTION admin)
set(CPACK_DEBIAN_HOST_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_HOST_DESCRIPTION "${PROJECT_DESCRIPTION}")
set(CPACK_DEBIAN_SDK_PACKAGE_NAME kist-sdk)
set(CPACK_DEBIAN_SDK_PACKAGE_SECTION devel)
set(CPACK_DEBIAN_SDK_PACKAGE_ARCHITECTURE all)
set(CPACK_DEBIAN_SDK_PACKAGE_SUGGESTS "kist, cmake, pkg-config")
set(CPACK_DEBIAN_SDK_DESCRIPTION "Headers and build functions for plugins of Kist")

include(CPack)
