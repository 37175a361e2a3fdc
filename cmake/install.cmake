# Installs the headers and a package that find_package(wick) finds.
include(GNUInstallDirs)
include(CMakePackageConfigHelpers)

# Nothing in the package depends on the machine it was installed on.
set(package_dir ${CMAKE_INSTALL_DATADIR}/cmake/wick)
install(TARGETS wick EXPORT wick-targets FILE_SET HEADERS)
install(EXPORT wick-targets NAMESPACE wick:: DESTINATION ${package_dir})
install(TARGETS wick_hdf5 EXPORT wick-hdf5-targets FILE_SET HEADERS)
install(EXPORT wick-hdf5-targets NAMESPACE wick:: DESTINATION ${package_dir})
configure_package_config_file(cmake/wick-config.cmake.in wick-config.cmake INSTALL_DESTINATION ${package_dir})
write_basic_package_version_file(wick-config-version.cmake COMPATIBILITY SameMinorVersion ARCH_INDEPENDENT)
install(FILES
  ${PROJECT_BINARY_DIR}/wick-config.cmake
  ${PROJECT_BINARY_DIR}/wick-config-version.cmake
  ${PROJECT_SOURCE_DIR}/cmake/FindWickHdf5.cmake
  ${PROJECT_SOURCE_DIR}/cmake/FindWickTorch.cmake
  ${PROJECT_SOURCE_DIR}/cmake/WickCompiler.cmake
  DESTINATION ${package_dir})
