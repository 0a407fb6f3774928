// The reader of galleries, where there is none.
#include <cstdio>

#include "rostro/gallery.hpp"

int main() {
  rostro::Gallery gallery;
  const rostro::Status opened = rostro::Gallery::open("none.rostro", gallery);
  std::printf("%s\n", opened.message.c_str());
  return opened.code == rostro::StatusCode::not_found ? 0 : 1;
}
