# Configures, builds and runs programs that know nothing of this project, with the installed library:
# PROGRAMS of SOURCE, configured with SETTINGS. It is installed to a folder of its own first, or else
# PREFIX is where somebody has put it.
separate_arguments(PROGRAMS)
separate_arguments(SETTINGS)
file(REMOVE_RECURSE "${WORK}")
if(NOT PREFIX)
  set(PREFIX ${WORK}/prefix)
  execute_process(COMMAND ${CMAKE_COMMAND} --install ${BUILT} --prefix ${PREFIX}
    OUTPUT_QUIET COMMAND_ERROR_IS_FATAL ANY)
endif()
execute_process(COMMAND ${CMAKE_COMMAND} -S ${SOURCE} -B ${WORK}/build -G ${GENERATOR}
  -DCMAKE_PREFIX_PATH=${PREFIX} ${SETTINGS}
  COMMAND_ERROR_IS_FATAL ANY)
execute_process(COMMAND ${CMAKE_COMMAND} --build ${WORK}/build COMMAND_ERROR_IS_FATAL ANY)
file(GLOB_RECURSE libraries ${PREFIX}/lib/librostro.so.0)
list(TRANSFORM libraries REPLACE "/[^/]*$" "")
set(ENV{LD_LIBRARY_PATH} "${libraries}")  # what pkg-config tells has no path of it
foreach(program ${PROGRAMS})
  execute_process(COMMAND ${WORK}/build/${program} COMMAND_ERROR_IS_FATAL ANY)
endforeach()
