/* The C API, where nothing is to be opened. */
#include <rostro.h>
#include <stdio.h>

int main(void) {
  rostro_library* library = NULL;
  rostro_error error;
  const rostro_status status = rostro_library_open("none.so", &library, &error);
  printf("%s: %s\n", rostro_version(), error.message);
  return status == ROSTRO_WRONG_LIBRARY ? 0 : 1;
}
