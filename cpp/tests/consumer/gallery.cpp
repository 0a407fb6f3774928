// The reader of galleries, where there is none.
#include <cstdio>

#include "rostro/gallery.hpp"

int main() {
  rostro::Gallery gallery;
  const rostro::GalleryStatus opened = rostro::Gallery::open("none.rostro", gallery);
  std::printf("%s\n", opened.message.c_str());
  return opened.code == rostro::GalleryCode::missing ? 0 : 1;
}
