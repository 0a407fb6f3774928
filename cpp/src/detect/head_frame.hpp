#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "rostro/decode.hpp"

namespace rostro {

/// Where the numbers of one kind lie: those of anchor `a` of cell `c` begin at
/// data[c * cell_step + a * anchor_step] and are column_step apart.
struct Field {
  const float* data = nullptr;
  std::size_t cell_step = 0;
  std::size_t anchor_step = 0;
  std::size_t column_step = 0;
};

/// The anchors of one level; for Codec::rows all rows, as if they were cells.
struct Grid {
  Level level = {};
  std::size_t rows = 0;
  std::size_t columns = 0;
  std::size_t first = 0;  ///< number of the first anchor, counted over all levels

  std::size_t cells() const { return rows * columns; }
  std::size_t anchors() const { return cells() * static_cast<std::size_t>(level.anchors); }
};

/// An anchor of a head.
struct Anchor {
  std::size_t level;
  std::size_t cell;
  std::size_t index;  ///< among those of its cell
  float row;
  float column;
  float stride;
};

/// The numbers of one kind of one anchor.
struct Numbers {
  const float* data;
  std::size_t step;

  float operator[](std::size_t i) const { return data[i * step]; }
};

/// The outputs of a head for an input of one size, checked. Anchors are computed, never stored.
class HeadFrame {
 public:
  /// Throws InvalidArgument, with what is wrong, unless the outputs are those of the head.
  HeadFrame(const Head& head, const std::vector<OutputView>& outputs, Size input);

  const Head& head() const { return head_; }
  Size input() const { return input_; }
  std::size_t levels() const { return levels_; }
  const Grid& grid(std::size_t level) const { return grids_[level]; }

  const Field& field(Kind kind, std::size_t level) const {
    return fields_[static_cast<std::size_t>(kind)][level];
  }

  /// Anchors are numbered level by level, cell by cell.
  Anchor anchor(std::size_t number) const;

  Numbers numbers(Kind kind, const Anchor& anchor) const {
    const Field& f = field(kind, anchor.level);
    return {f.data + anchor.cell * f.cell_step + anchor.index * f.anchor_step, f.column_step};
  }

 private:
  void set_grids(const std::vector<OutputView>& outputs);
  void set_field(const HeadOutput& output, std::size_t level, const OutputView& view,
                 std::size_t index);
  void set_stacked_fields(const HeadOutput& output, const OutputView& view, std::size_t index);

  const Head& head_;
  Size input_;
  std::size_t levels_ = 0;
  std::array<Grid, kMaxLevels> grids_;
  std::array<std::array<Field, kMaxLevels>, kKinds> fields_;
};

}  // namespace rostro
