#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "rostro/types.hpp"

namespace rostro {

/// What happens to a column when the image is scaled, cropped or turned.
enum class ColumnKind {
  box,     ///< x1, y1, x2, y2: moves with the image
  points,  ///< x, y or x, y, z a point: moves with the image
  value,   ///< stays as it is
};

/// What a column's numbers are.
enum class ColumnType { float32, int64, uint32, uint8 };

/// A side of a column's entry that the column's owner chooses.
inline constexpr int kAnySide = -1;

/// What is known of every face of a table: a name, and how an entry of it looks.
struct Column {
  std::string name;  ///< "boxes"
  std::string one;   ///< of a single face: "box"
  ColumnKind kind = ColumnKind::value;
  ColumnType type = ColumnType::float32;
  std::vector<int> sides = {};  ///< of a face's entry; none: one number a face
  int decimals = 4;             ///< that mean something, for text
};

/// The columns that rostro fills. A new one is declared here, and is then carried through every
/// transform, selection and format.
namespace columns {

// A few words of memory at the start of the program: if these fail, all else does.
// NOLINTBEGIN(bugprone-throwing-static-initialization)

inline const Column boxes{"boxes", "box", ColumnKind::box, ColumnType::float32, {4}, 2};
/// In 0..1.
inline const Column scores{"scores", "score"};
/// Image-left eye, image-right eye, nose, image-left and image-right corner of the mouth.
inline const Column landmarks{"landmarks",         "landmarks",     ColumnKind::points,
                              ColumnType::float32, {kLandmarks, 2}, 2};
/// Of the scheme that the table names.
inline const Column points{
    "points", "points", ColumnKind::points, ColumnType::float32, {kAnySide, kAnySide}, 2};
/// Yaw, pitch, roll in degrees: the face turns to the image's right, up, clockwise in the image.
inline const Column poses{"poses", "pose", ColumnKind::value, ColumnType::float32, {3}, 2};
/// Metres in the camera's frame: x right, y down, z forward.
inline const Column translations{
    "translations", "translation", ColumnKind::value, ColumnType::float32, {3}};
/// In 0..1.
inline const Column quality{"quality", "quality"};
/// Bits that say what is wrong with a face.
inline const Column reasons{"reasons", "reasons", ColumnKind::value, ColumnType::uint32};
/// In 0..1: 1 for a living face, 0 for a picture of one.
inline const Column live{"live", "live"};
/// Of unit norm.
inline const Column embeddings{"embeddings",        "embedding", ColumnKind::value,
                               ColumnType::float32, {kAnySide},  6};
/// Of the embeddings before they were made unit vectors.
inline const Column norms{"norms", "norm"};
/// Of the person that is followed.
inline const Column ids{"ids", "id", ColumnKind::value, ColumnType::int64};

// NOLINTEND(bugprone-throwing-static-initialization)

/// All of them, in the order in which they are shown.
const std::vector<Column>& all();

}  // namespace columns

/// The faces of one image, best first: columns of equal length. What a column holds is kept from
/// use to use, so that a table that was once as large allocates nothing.
///
/// An attribute is a column that is not declared: "attributes.NAME", a value of any shape.
class Faces {
 public:
  explicit Faces(std::size_t size = 0) : size_(size) {}

  std::size_t size() const { return size_; }

  /// Makes it a table of `size` faces without columns.
  void reset(std::size_t size);

  /// Adds a column, or replaces it; its numbers, entry after entry, are to be written. `sides`:
  /// those of an entry where the column leaves them open. Throws InvalidArgument for others.
  template <typename T>
  T* add(const Column& column, const std::vector<int>& sides = {}) {
    return std::get<std::vector<T>>(room_for(column, sides)).data();
  }

  /// The numbers of a column; null where nobody set it, and of a table without faces.
  template <typename T = float>
  const T* get(const Column& column) const {
    const Entry* entry = find(column.name);
    return entry == nullptr ? nullptr : std::get<std::vector<T>>(entry->numbers).data();
  }
  template <typename T = float>
  T* get(const Column& column) {
    return const_cast<T*>(static_cast<const Faces*>(this)->get<T>(column));
  }

  bool has(const Column& column) const { return find(column.name) != nullptr; }

  /// Numbers that a column has of a face; 0 where nobody set it.
  std::size_t width(const Column& column) const {
    const Entry* entry = find(column.name);
    return entry == nullptr ? 0 : entry->width();
  }

  /// Which points `columns::points` holds, such as "wflw98"; empty without them.
  std::string scheme;

  /// The faces of these indices, in their order.
  Faces select(const std::vector<std::int64_t>& indices) const;
  /// The same into another table, whose memory is used again.
  void select(const std::vector<std::int64_t>& indices, Faces& selected) const;

  /// Moves what lies in the image: boxes to the boxes around their corners, points, and a third
  /// coordinate of points by the transform's scale.
  void map(const Affine& transform);

  /// A column that is set.
  struct Entry {
    Column column;
    std::vector<int> sides;  ///< of a face's entry
    std::variant<std::vector<float>, std::vector<std::int64_t>, std::vector<std::uint32_t>,
                 std::vector<std::uint8_t>>
        numbers;
    bool set = true;

    std::size_t width() const;  ///< numbers a face
  };

  /// Calls visit(entry) for each column that is set.
  template <typename Visit>
  void each(Visit visit) const {
    for (const Entry& entry : entries_) {
      if (entry.set) visit(entry);
    }
  }

 private:
  friend void concatenate(const std::vector<Faces>& tables, Faces& all);

  const Entry* find(std::string_view name) const;
  decltype(Entry::numbers)& room_for(const Column& column, const std::vector<int>& sides);

  std::size_t size_;
  std::vector<Entry> entries_;
};

/// All faces of tables that have the same columns, one table after the other. Throws
/// InvalidArgument that names a column which is not in all of them.
Faces concatenate(const std::vector<Faces>& tables);
/// The same into another table, whose memory is used again.
void concatenate(const std::vector<Faces>& tables, Faces& all);

/// Moves `count` boxes, x1, y1, x2, y2 each, to the boxes around their moved corners.
void map_boxes(const Affine& transform, std::size_t count, float* boxes);

/// Moves `count` points of `sides` numbers: x, y and, where there are three, z by the scale.
void map_points(const Affine& transform, std::size_t count, std::size_t sides, float* points);

}  // namespace rostro
