#pragma once

#include <cstdint>
#include <string>
#include <vector>

struct sqlite3;

/// A gallery's file as docs/reference/formats.md describes it, written as simply as can be: one
/// record of people and one block of templates, written anew with each change.
class GalleryFile {
 public:
  static constexpr std::size_t kDim = 16;

  struct Template {
    std::uint32_t person;
    std::vector<float> embedding;
  };

  /// In a folder of its own, which the destructor removes.
  explicit GalleryFile(const std::string& header = R"({"dim": 16, "embedders": []})");
  ~GalleryFile();
  GalleryFile(const GalleryFile&) = delete;
  GalleryFile& operator=(const GalleryFile&) = delete;

  const std::string& path() const { return path_; }

  /// People have the numbers from 1 on; an empty name is somebody who was removed.
  void write(const std::vector<std::string>& names, const std::vector<Template>& templates);

  void run(const std::string& sql);

 private:
  void put(const std::string& sql, const std::string& bytes);

  std::string folder_;
  std::string path_;
  sqlite3* database_ = nullptr;
  std::int64_t change_ = 0;
};

/// An embedding of unit norm, another one for each number.
std::vector<float> embedding_of(int number);
