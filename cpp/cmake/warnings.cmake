# Warnings are errors for our own targets, never for what a user of the library compiles.
function(rostro_warnings target)
  target_compile_options(${target} PRIVATE -Wall -Wextra -Wconversion -Wshadow -Werror)
endfunction()
