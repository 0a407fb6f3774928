# What finds the installed components, and Debian packages of them: cmake --workflow --preset deb
foreach(component runtime gallery)
  get_property(packages_${component} GLOBAL PROPERTY ROSTRO_PACKAGES_${component})
endforeach()
configure_package_config_file(cmake/rostroConfig.cmake.in rostroConfig.cmake
  INSTALL_DESTINATION ${CMAKE_INSTALL_LIBDIR}/cmake/rostro)
write_basic_package_version_file(rostroConfigVersion.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${CMAKE_CURRENT_BINARY_DIR}/rostroConfig.cmake ${CMAKE_CURRENT_BINARY_DIR}/rostroConfigVersion.cmake
  DESTINATION ${CMAKE_INSTALL_LIBDIR}/cmake/rostro)

# Two Debian packages, librostro0 and librostro-dev, of whatever is built; without the C API, the
# second one alone. Folders are Debian's where CMAKE_INSTALL_PREFIX is /usr.
set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_VENDOR rostro)
set(CPACK_PACKAGE_CONTACT "rostro <packages@rostro.invalid>" CACHE STRING
  "Who answers for packages, NAME <ADDRESS>: to be said by whoever gives them to others")
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_STRIP_FILES ON)
if(CMAKE_CROSSCOMPILING AND CMAKE_SYSTEM_PROCESSOR STREQUAL "aarch64")
  set(CPACK_DEBIAN_PACKAGE_ARCHITECTURE arm64)  # else that of the host's dpkg
endif()
set(CPACK_DEB_COMPONENT_INSTALL ON)
set(CPACK_COMPONENTS_ALL dev)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_MULTIARCH same)
set(CPACK_DEBIAN_PACKAGE_CONTROL_STRICT_PERMISSION ON)

set(CPACK_DEBIAN_DEV_PACKAGE_NAME librostro-dev)
set(CPACK_DEBIAN_DEV_PACKAGE_SECTION libdevel)
set(CPACK_DEBIAN_DEV_DESCRIPTION "faces in images, development files
Headers, static libraries, and what CMake and pkg-config need to find them:
the C++ core, networks and pipelines, the reader of galleries, and the C API.")
set(needs "")
if(TARGET rostro_runtime)
  list(APPEND needs libssl-dev)
endif()
if(TARGET rostro_gallery)
  list(APPEND needs libsqlite3-dev)
endif()

if(TARGET rostro_capi)
  list(PREPEND CPACK_COMPONENTS_ALL lib)
  list(PREPEND needs "librostro0 (= ${PROJECT_VERSION})")
  set(CPACK_DEBIAN_LIB_PACKAGE_NAME librostro0)
  set(CPACK_DEBIAN_LIB_PACKAGE_SECTION libs)
  set(CPACK_DEBIAN_LIB_DESCRIPTION "faces in images, shared library
Finds, aligns, measures and recognizes faces with low latency on small ARM
computers and others. Networks are run by ONNX Runtime's library, which is
opened where a program says; no package of it is needed to install this one.")
  set(CPACK_DEBIAN_LIB_PACKAGE_CONTROL_EXTRA "${PROJECT_BINARY_DIR}/deb/symbols")
  if(ROSTRO_DEB_DEPENDS)  # of another machine's libraries, which dpkg-shlibdeps does not know
    set(CPACK_DEBIAN_LIB_PACKAGE_DEPENDS "${ROSTRO_DEB_DEPENDS}")
  else()
    set(CPACK_DEBIAN_LIB_PACKAGE_SHLIBDEPS ON)
  endif()
  set(CPACK_DEBIAN_PACKAGE_GENERATE_SHLIBS ON)
  set(CPACK_DEBIAN_PACKAGE_GENERATE_SHLIBS_POLICY ">=")
  configure_file(${PROJECT_SOURCE_DIR}/cpp/capi/librostro0.symbols ${PROJECT_BINARY_DIR}/deb/symbols COPYONLY)
endif()
list(JOIN needs ", " CPACK_DEBIAN_DEV_PACKAGE_DEPENDS)

# What Debian wants to lie beside each package.
find_program(ROSTRO_GZIP gzip)
if(ROSTRO_GZIP)
  string(TIMESTAMP made "%a, %d %b %Y %H:%M:%S +0000" UTC)  # SOURCE_DATE_EPOCH, where it is set
  file(WRITE ${PROJECT_BINARY_DIR}/deb/changelog
    "rostro (${PROJECT_VERSION}) unstable; urgency=medium\n\n  * See CHANGELOG.md of the sources.\n\n"
    " -- ${CPACK_PACKAGE_CONTACT}  ${made}\n")
  execute_process(COMMAND ${ROSTRO_GZIP} -9nf ${PROJECT_BINARY_DIR}/deb/changelog COMMAND_ERROR_IS_FATAL ANY)
  foreach(component IN LISTS CPACK_COMPONENTS_ALL)
    string(TOUPPER ${component} upper)
    set(folder ${CMAKE_INSTALL_DATADIR}/doc/${CPACK_DEBIAN_${upper}_PACKAGE_NAME})
    install(FILES ${PROJECT_BINARY_DIR}/deb/changelog.gz ${PROJECT_SOURCE_DIR}/cpp/cmake/deb/copyright
      DESTINATION ${folder} COMPONENT ${component} EXCLUDE_FROM_ALL)
  endforeach()
endif()
include(CPack)
