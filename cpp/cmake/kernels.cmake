# Adds cpp/src/kernels/<isa>/*.cpp to the library, with the flags that belong to these files alone.
#
# -ffp-contract=off: GCC fuses a*b+c on aarch64 by default, and the levels must agree bit for bit
# wherever they do the same float operations.
# -fno-lto: link-time optimisation would merge and inline across files of different ISA flags.
# -Wmissing-declarations: a kernel whose type is not that of kernels.hpp is another, undeclared
# function; GCC says so at once, other compilers' linkers miss the declared one.
function(rostro_kernels isa)
  file(GLOB sources CONFIGURE_DEPENDS "${CMAKE_CURRENT_SOURCE_DIR}/src/kernels/${isa}/*.cpp")
  target_sources(rostro PRIVATE ${sources})
  set_property(SOURCE ${sources} APPEND PROPERTY COMPILE_OPTIONS ${ARGN} -ffp-contract=off -fno-lto
    $<$<CXX_COMPILER_ID:GNU>:-Wmissing-declarations>)
  string(TOUPPER ${isa} upper)
  target_compile_definitions(rostro PRIVATE ROSTRO_HAVE_${upper})
endfunction()
