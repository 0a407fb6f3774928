#include "detect/head_frame.hpp"

#include "support/message.hpp"

namespace rostro {

namespace {

std::string title(const Head& head) { return "head " + quoted(head.name); }

std::string shape(const OutputView& view) {
  const std::string planes = view.planes == 1 ? "" : text(view.planes) + ", ";
  return "(" + planes + text(view.rows) + ", " + text(view.columns) + ")";
}

/// What the head consists of, for the error of a wrong number of outputs.
std::string wanted(const Head& head) {
  std::string names;
  std::string without;
  for (const HeadOutput& output : head.outputs) {
    names += (names.empty() ? "" : ", ") + std::string(output.name);
    if (output.optional) without += (without.empty() ? "" : ", ") + std::string(output.name);
  }
  std::string strides;
  if (most_outputs(head) > head.outputs.size()) {
    for (const Level& level : head.levels) {
      strides += (strides.empty() ? ", each for strides " : ", ") + text(level.stride);
    }
  }
  std::string result = text(most_outputs(head)) + ": " + names + strides;
  if (!without.empty()) {
    result += " (or " + text(fewest_outputs(head)) + ", without " + without + ")";
  }
  return result;
}

}  // namespace

HeadFrame::HeadFrame(const Head& head, const std::vector<OutputView>& outputs, Size input)
    : head_(head), input_(input) {
  if (outputs.size() != most_outputs(head) && outputs.size() != fewest_outputs(head)) {
    throw InvalidArgument("outputs: got " + text(outputs.size()) + " arrays; " + title(head) +
                          " wants " + wanted(head));
  }
  if (input.width < 1 || input.height < 1 || input.width % head.size_step != 0 ||
      input.height % head.size_step != 0) {
    throw InvalidArgument("input_size: got " + text(input) + "; " + title(head) +
                          " wants sides that are multiples of " + text(head.size_step));
  }
  set_grids(outputs);
  const bool all = outputs.size() == most_outputs(head);
  std::size_t index = 0;
  for (const HeadOutput& output : head.outputs) {
    if (output.optional && !all) continue;
    if (head.stacked) {
      set_stacked_fields(output, outputs[index], index);
      ++index;
      continue;
    }
    for (std::size_t level = 0; level < levels_; ++level, ++index) {
      set_field(output, level, outputs[index], index);
    }
  }
}

void HeadFrame::set_grids(const std::vector<OutputView>& outputs) {
  if (head_.levels.empty()) {
    levels_ = 1;
    grids_[0] = {{1, 1}, outputs[0].rows, 1, 0};
    return;
  }
  const auto cells = [](int side, int stride) {
    return static_cast<std::size_t>((side + stride - 1) / stride);
  };
  std::size_t first = 0;
  for (const Level& level : head_.levels) {
    Grid& grid = grids_[levels_++];
    grid = {level, cells(input_.height, level.stride), cells(input_.width, level.stride), first};
    first += grid.anchors();
  }
}

void HeadFrame::set_field(const HeadOutput& output, std::size_t level, const OutputView& view,
                          std::size_t index) {
  const Grid& grid = grids_[level];
  const auto anchors = static_cast<std::size_t>(grid.level.anchors);
  const auto columns = static_cast<std::size_t>(output.columns);
  Field& field = fields_[static_cast<std::size_t>(output.kind)][level];
  if (view.planes == 1 && view.rows == grid.anchors() && view.columns == columns) {
    field = {view.data, anchors * columns, columns, 1};
  } else if (!head_.levels.empty() && view.planes == anchors * columns && view.rows == grid.rows &&
             view.columns == grid.columns) {
    const std::size_t plane = grid.cells();
    if (output.class_major) {
      field = {view.data, 1, plane, anchors * plane};
    } else {
      field = {view.data, 1, columns * plane, plane};
    }
  } else {
    std::string want = shape({nullptr, grid.anchors(), columns});
    if (!head_.levels.empty()) {
      want += " or " + shape({nullptr, grid.rows, grid.columns, anchors * columns}) +
              " for stride " + text(grid.level.stride) + " and an input of " + text(input_);
    }
    throw InvalidArgument(entry("outputs", index) + ": got " + shape(view) + "; " + title(head_) +
                          " wants " + std::string(output.name) + " of " + want);
  }
}

void HeadFrame::set_stacked_fields(const HeadOutput& output, const OutputView& view,
                                   std::size_t index) {
  const Grid& last = grids_[levels_ - 1];
  const std::size_t rows = last.first + last.anchors();
  const auto columns = static_cast<std::size_t>(output.columns);
  const bool by_rows = view.rows == rows && view.columns == columns;
  const bool by_columns = view.rows == columns && view.columns == rows;
  if (view.planes != 1 || !(by_rows || by_columns)) {
    throw InvalidArgument(entry("outputs", index) + ": got " + shape(view) + "; " + title(head_) +
                          " wants " + std::string(output.name) + " of " +
                          shape({nullptr, rows, columns}) + " or " +
                          shape({nullptr, columns, rows}) + " for an input of " + text(input_));
  }
  const std::size_t anchor_step = by_rows ? columns : 1;
  for (std::size_t level = 0; level < levels_; ++level) {
    const Grid& grid = grids_[level];
    fields_[static_cast<std::size_t>(output.kind)][level] = {
        view.data + grid.first * anchor_step,
        static_cast<std::size_t>(grid.level.anchors) * anchor_step, anchor_step,
        by_rows ? 1 : rows};
  }
}

Anchor HeadFrame::anchor(std::size_t number) const {
  std::size_t level = levels_ - 1;
  while (number < grids_[level].first) --level;
  const Grid& grid = grids_[level];
  const auto anchors = static_cast<std::size_t>(grid.level.anchors);
  const std::size_t index = number - grid.first;
  const std::size_t cell = index / anchors;
  const std::size_t row = cell / grid.columns;
  return {level,
          cell,
          index % anchors,
          static_cast<float>(row),
          static_cast<float>(cell - row * grid.columns),
          static_cast<float>(grid.level.stride)};
}

}  // namespace rostro
