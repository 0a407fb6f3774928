# Installs a library, and its headers in include/, as a component of the package, for find_package(rostro COMPONENTS NAME) and
# pkg-config (rostro for the core, rostro-NAME for the others).
#
#   rostro_component(NAME TARGET DESCRIPTION TEXT [LIBS FLAGS...]
#     [PACKAGES CMAKE_PACKAGE...] [PC_REQUIRES MODULE...])
#
# PACKAGES and PC_REQUIRES are what whoever links it needs, besides the core; LIBS are flags for that.
function(rostro_component name target)
  if(ROSTRO_PYTHON)
    return()  # a wheel has none of them
  endif()
  cmake_parse_arguments(PARSE_ARGV 2 its "" DESCRIPTION "LIBS;PACKAGES;PC_REQUIRES")
  install(TARGETS ${target} EXPORT rostro-${name}
    ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR}
    LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR} COMPONENT lib NAMELINK_COMPONENT dev)
  install(EXPORT rostro-${name} NAMESPACE rostro:: FILE rostro-${name}-targets.cmake
    DESTINATION ${CMAKE_INSTALL_LIBDIR}/cmake/rostro)
  install(DIRECTORY include/ DESTINATION ${CMAKE_INSTALL_INCLUDEDIR})
  set_property(GLOBAL PROPERTY ROSTRO_PACKAGES_${name} "${its_PACKAGES}")

  set(module rostro-${name})
  if(name STREQUAL "core")
    set(module rostro)
  endif()
  file(RELATIVE_PATH prefix "/${CMAKE_INSTALL_LIBDIR}/pkgconfig" /)
  list(JOIN its_PC_REQUIRES ", " requires)
  list(JOIN its_LIBS " " libs)
  get_target_property(library ${target} OUTPUT_NAME)
  configure_file(${PROJECT_SOURCE_DIR}/cpp/cmake/rostro.pc.in ${PROJECT_BINARY_DIR}/${module}.pc @ONLY)
  install(FILES ${PROJECT_BINARY_DIR}/${module}.pc DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig)
endfunction()
