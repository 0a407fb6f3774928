# What the library shows is what the committed list says, no more and no less; a line of a released
# version is never taken out of it.
execute_process(COMMAND ${NM} -D --defined-only --with-symbol-versions ${LIBRARY}
  OUTPUT_VARIABLE told COMMAND_ERROR_IS_FATAL ANY)
string(REGEX MATCHALL "[^ \n]+@@?[^ \n]+" shown "${told}")
list(TRANSFORM shown REPLACE "@@" "@")
# The version itself is a symbol, which some versions of nm tell without one.
list(FILTER shown EXCLUDE REGEX "^ROSTRO_")
file(STRINGS ${LIST} listed REGEX "^ rostro_")
list(TRANSFORM listed REPLACE "^ ([^ ]+) .*$" "\\1")
list(SORT shown)
list(SORT listed)
if(NOT shown STREQUAL listed)
  string(REPLACE ";" "\n  " shown "${shown}")
  string(REPLACE ";" "\n  " listed "${listed}")
  message(FATAL_ERROR "${LIBRARY} shows\n  ${shown}\n${LIST} lists\n  ${listed}")
endif()
