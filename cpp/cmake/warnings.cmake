# For our own targets, never for what a user of the library compiles. They are errors in the presets
# and in CI (CMAKE_COMPILE_WARNING_AS_ERROR): a newer compiler must not break somebody's install.
function(rostro_warnings target)
  target_compile_options(${target} PRIVATE -Wall -Wextra -Wconversion -Wshadow)
endfunction()
