#include "rostro/runtime/weights.hpp"

#include <openssl/evp.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <memory>
#include <nlohmann/json.hpp>
#include <vector>

#include "guarded.hpp"

namespace rostro {

namespace {

namespace fs = std::filesystem;
using Json = nlohmann::json;

std::string environment(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
}

/// SHA-256 is libcrypto's: no field of ours, and it uses the CPU's own instructions.
std::string sha256_of(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) throw StatusError(StatusCode::not_found, path.string() + ": no such file");
  const std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context(EVP_MD_CTX_new(),
                                                                        EVP_MD_CTX_free);
  bool well = context != nullptr && EVP_DigestInit_ex(context.get(), EVP_sha256(), nullptr) == 1;
  std::vector<char> chunk(std::size_t{1} << 20);
  while (well && file) {
    file.read(chunk.data(), static_cast<std::streamsize>(chunk.size()));
    well =
        EVP_DigestUpdate(context.get(), chunk.data(), static_cast<std::size_t>(file.gcount())) == 1;
  }
  unsigned char digest[EVP_MAX_MD_SIZE];
  unsigned int length = 0;
  if (!well || EVP_DigestFinal_ex(context.get(), digest, &length) != 1) {
    throw StatusError(StatusCode::internal, path.string() + ": its SHA-256 cannot be computed");
  }
  std::string digits;
  for (unsigned int i = 0; i < length; ++i) {
    constexpr char kDigits[] = "0123456789abcdef";
    digits += kDigits[digest[i] >> 4];
    digits += kDigits[digest[i] & 15];
  }
  return digits;
}

void check(const fs::path& path, const std::string& wanted) {
  const std::string actual = sha256_of(path);
  if (actual != wanted) {
    throw StatusError(StatusCode::wrong_file,
                      path.string() + ": got SHA-256 " + actual + "; " + wanted + " is wanted");
  }
}

/// What a manifest of Python's says; null where it cannot be read.
Json manifest(const fs::path& path) {
  std::ifstream file(path);
  return file ? Json::parse(file, nullptr, false) : Json();
}

/// A text of it; empty where there is none.
std::string text_of(const Json& entry, const char* key) {
  if (!entry.is_object() || !entry.contains(key) || !entry[key].is_string()) return "";
  return entry[key].get<std::string>();
}

/// The form of the user's own file that runs fastest, where `rostro models install FILE` made one;
/// as in python/rostro/models/own_prepared.py.
fs::path prepared_of(const fs::path& original, const std::string& sha256) {
  const fs::path made = fs::path(cache_folder()) / "prepared" / sha256;
  const std::string wanted = text_of(manifest(made / "made.json"), "sha256");
  if (wanted.empty() || !fs::is_regular_file(made / "network.onnx")) return original;
  check(made / "network.onnx", wanted);
  return made / "network.onnx";
}

/// The hash of the weights that a network is made of, which in OpenVINO's are the .bin.
const std::string& source_of(const Card& card) {
  const CardFile* weights = &card.files.front();
  for (const CardFile& file : card.files) {
    if (fs::path(file.name).extension() == ".bin") weights = &file;
  }
  return weights->sha256.empty() ? weights->sha384 : weights->sha256;
}

/// What is installed of a built-in model, "onnx", "param" or "bin"; as in
/// python/rostro/models/store.py.
fs::path installed(const Card& card, const char* format) {
  const fs::path folder = fs::path(cache_folder()) / "models" / card.name;
  const Json all = manifest(folder / "installed.json");
  if (all.is_object() && all.contains("files") && all["files"].is_object() &&
      all["files"].contains(format)) {
    const Json& entry = all["files"][format];
    const std::string name = text_of(entry, "name"), wanted = text_of(entry, "sha256");
    const bool own = name.find('/') == std::string::npos && !name.empty();
    if (own && !wanted.empty() && text_of(entry, "made_from") == source_of(card) &&
        fs::is_regular_file(folder / name)) {
      check(folder / name, wanted);
      return folder / name;
    }
  }
  throw StatusError(StatusCode::not_found, card.name + ": its weights are neither beside " +
                                               card.path + " nor in " + folder.string() +
                                               "; run: rostro models install " + card.name);
}

fs::path found(const Card& card) {
  for (const CardFile& file : card.files) {
    const fs::path path = fs::path(card.path).parent_path() / file.name;
    if (file.is_bundle || path.extension() != ".onnx" || !fs::is_regular_file(path)) continue;
    if (!file.sha256.empty()) check(path, file.sha256);
    return prepared_of(path, file.sha256.empty() ? sha256_of(path) : file.sha256);
  }
  return installed(card, "onnx");
}

/// A file of ncnn's: "param" or "bin".
fs::path found_ncnn(const Card& card, const char* format) {
  const auto of_format = [&](const CardFile& file) {
    return fs::path(file.name).extension() == std::string(".") + format;
  };
  const bool has_param = std::any_of(card.files.begin(), card.files.end(), [](const auto& file) {
    return fs::path(file.name).extension() == ".param";
  });
  const auto file = std::find_if(card.files.begin(), card.files.end(), of_format);
  // A .bin without a .param is OpenVINO's.
  if (has_param && file != card.files.end()) {
    const fs::path path = fs::path(card.path).parent_path() / file->name;
    if (fs::is_regular_file(path)) {
      if (!file->sha256.empty()) check(path, file->sha256);
      return path;
    }
  }
  return installed(card, format);
}

StatusError nobody_has_read() {
  return StatusError(StatusCode::invalid_argument, "card: got one that nobody has read");
}

}  // namespace

std::string cache_folder() {
  std::string named = environment("ROSTRO_CACHE");
  const std::string home = environment("HOME");
  if (named == "~" || named.rfind("~/", 0) == 0) return home + named.substr(1);
  if (!named.empty()) return named;
  const std::string caches = environment("XDG_CACHE_HOME");
  return (caches.empty() ? home + "/.cache" : caches) + "/rostro";
}

Status find_weights(const Card& card, std::string& file) {
  return guarded([&] {
    if (card.files.empty()) throw nobody_has_read();
    file = found(card).string();
  });
}

Status find_ncnn_weights(const Card& card, std::string& param, std::string& weights) {
  return guarded([&] {
    if (card.files.empty()) throw nobody_has_read();
    param = found_ncnn(card, "param").string();
    weights = found_ncnn(card, "bin").string();
  });
}

Status check_sha256(const std::string& path, const std::string& sha256) {
  return guarded([&] { check(path, sha256); });
}

}  // namespace rostro
