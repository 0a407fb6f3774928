#include "npz.hpp"

#include <cstdint>
#include <cstring>
#include <fstream>
#include <string_view>

#include "rostro/status.hpp"

namespace rostro {

namespace {

/// Of a file beside a card: the basis of a dense face has some tens of megabytes.
constexpr std::size_t kLargest = std::size_t{1} << 28;

/// Looks into the bytes of a file, and never past them.
class Bytes {
 public:
  Bytes(std::string_view bytes, const std::string& path) : bytes_(bytes), path_(path) {}

  std::size_t size() const { return bytes_.size(); }

  std::string_view part(std::size_t at, std::size_t size) const {
    if (at > bytes_.size() || size > bytes_.size() - at) throw refused();
    return bytes_.substr(at, size);
  }

  /// A number of 2 or 4 bytes, the lowest first.
  std::size_t number(std::size_t at, std::size_t size) const {
    std::size_t value = 0;
    for (const char byte : part(at, size)) {
      value = (value >> 8) | (static_cast<std::size_t>(static_cast<unsigned char>(byte)) << 24);
    }
    return size == 2 ? value >> 16 : value;
  }

  StatusError refused() const {
    return StatusError(StatusCode::wrong_file,
                       path_ + ": got no such file; one of numpy.savez is wanted");
  }

 private:
  std::string_view bytes_;
  const std::string& path_;
};

/// Where things are in a zip archive: APPNOTE.TXT of PKWARE, 4.3.
constexpr std::size_t kEndSize = 22, kEntrySize = 46, kHeaderSize = 30;
constexpr std::string_view kEnd("PK\5\6", 4), kEntry("PK\1\2", 4), kHeader("PK\3\4", 4);

/// What is stored under a name.
std::string_view member(const Bytes& zip, const std::string& name) {
  if (zip.size() < kEndSize) throw zip.refused();
  const std::size_t end = zip.size() - kEndSize;  // numpy writes no comment behind it
  if (zip.part(end, 4) != kEnd) throw zip.refused();
  std::size_t at = zip.number(end + 16, 4);
  for (std::size_t left = zip.number(end + 10, 2); left > 0; --left) {
    if (zip.part(at, 4) != kEntry) break;
    const std::size_t length = zip.number(at + 28, 2);
    if (zip.part(at + kEntrySize, length) == name) {
      const std::size_t header = zip.number(at + 42, 4), size = zip.number(at + 24, 4);
      if (zip.number(at + 10, 2) != 0 || zip.part(header, 4) != kHeader) break;
      const std::size_t more = zip.number(header + 26, 2) + zip.number(header + 28, 2);
      return zip.part(header + kHeaderSize + more, size);
    }
    at += kEntrySize + length + zip.number(at + 30, 2) + zip.number(at + 32, 2);
  }
  throw zip.refused();
}

template <typename T>
std::vector<float> floats(std::string_view data) {
  std::vector<float> numbers(data.size() / sizeof(T));
  for (std::size_t i = 0; i < numbers.size(); ++i) {
    T number;
    std::memcpy(&number, data.data() + i * sizeof(T), sizeof(T));
    numbers[i] = static_cast<float>(number);
  }
  return numbers;
}

}  // namespace

std::vector<float> read_npz(const std::string& path, const std::string& array) {
  std::ifstream file(path, std::ios::binary | std::ios::ate);
  if (!file) throw StatusError(StatusCode::not_found, path + ": no such file");
  const std::streamoff size = file.tellg();
  std::string text;
  const Bytes none(text, path);
  if (size < 0 || static_cast<std::size_t>(size) > kLargest) throw none.refused();
  text.resize(static_cast<std::size_t>(size));
  file.seekg(0);
  file.read(text.data(), size);
  const Bytes npy(member(Bytes(text, path), array + ".npy"), path);
  // numpy.lib.format: a magic, a version, the length of a description, the description.
  if (npy.part(0, 6) != std::string_view("\x93NUMPY", 6)) throw npy.refused();
  const std::size_t of_length = npy.part(6, 1)[0] == 1 ? 2 : 4;
  const std::size_t length = npy.number(8, of_length), begin = 8 + of_length + length;
  const std::string_view said = npy.part(8 + of_length, length);
  const std::string_view data = npy.part(begin, npy.size() - begin);
  const auto says = [&](std::string_view words) {
    return said.find(words) != std::string_view::npos;
  };
  if (says("'fortran_order': False") && says("'<f4'")) return floats<float>(data);
  if (says("'fortran_order': False") && says("'<f8'")) return floats<double>(data);
  throw StatusError(StatusCode::wrong_file,
                    path + ": " + array + ": float32 or float64 in C order is wanted");
}

}  // namespace rostro
