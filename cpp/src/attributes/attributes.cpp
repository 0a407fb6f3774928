#include "rostro/attributes.hpp"

#include <algorithm>
#include <cmath>

#include "attributes/attribute_heads.hpp"
#include "attributes/face_points.hpp"
#include "attributes/visible_parts.hpp"
#include "geometry/angles.hpp"
#include "support/message.hpp"

namespace rostro {

namespace {

void check_pose_input(const PoseInput& input) {
  for (std::array<int, 3> order : {input.order, input.angles.order}) {
    std::sort(order.begin(), order.end());
    if (order != std::array<int, 3>{0, 1, 2}) {
      throw wrong("outputs, product", std::string_view("an angle twice"),
                  "yaw, pitch and roll are wanted");
    }
  }
  for (const int sign : input.angles.signs) {
    if (sign != 1 && sign != -1) throw wrong("signs", sign, "1 or -1 is wanted");
  }
}

/// The pose of a face as it stands in a crop, as a network takes it.
void write_pose(const PoseInput& input, const float* pose, const Affine& crop_to_image,
                float* out) {
  const auto d = [](float value) { return static_cast<double>(value); };
  const double turned = std::atan2(d(crop_to_image.m[3]), d(crop_to_image.m[0]));
  const Matrix3 in_crop = multiply(rotation_of_angles({0, 0, -degrees(turned)}),
                                   rotation_of_angles({d(pose[0]), d(pose[1]), d(pose[2])}));
  Angles angles = angles_of_rotation(in_crop, input.angles);
  if (input.level) angles[2] = 0;
  for (std::size_t i = 0; i < 3; ++i) {
    out[i] = static_cast<float>(angles[static_cast<std::size_t>(input.order[i])]);
  }
}

/// The column of a head in a table of faces, or of their pairs of eyes.
Column column_of(const AttributeHead& head, bool each_eye, Size crop) {
  const bool mask = head.kind == AttributeKind::mask;
  Column column{"attributes." + head.name, head.name, ColumnKind::value,
                mask ? ColumnType::uint8 : ColumnType::float32};
  if (each_eye) column.sides.push_back(2);
  if (mask) {
    column.sides.insert(column.sides.end(), {crop.height, crop.width});
  } else if (head.kind != AttributeKind::number) {
    column.sides.push_back(static_cast<int>(head.count));
  }
  return column;
}

/// Writes `columns::visible` of some faces by the masks of a head.
void write_visible(const AttributeHead& head, const std::uint8_t* masks, Size size,
                   const std::vector<Affine>& transforms, const Faces& faces, std::size_t begin,
                   float* out) {
  PartsMask mask{masks, size, {}, {}};
  for (const std::size_t covering : head.covers) mask.covers[covering] = true;
  const TableOfPoints table(faces);
  for (std::size_t i = 0; i < transforms.size(); ++i) {
    mask.to_image = transforms[i];
    const auto shares = visible_parts(mask, table.face(begin + i));
    out = std::copy(shares.begin(), shares.end(), out);
    mask.classes += size.width * size.height;
  }
}

/// Throws InvalidArgument where it is not clear by which mask `columns::visible` is.
void check_covers(const AttributesSettings& settings) {
  const auto covers = [](const AttributeHead& head) { return !head.covers.empty(); };
  const auto count = std::count_if(settings.heads.begin(), settings.heads.end(), covers);
  if (count == 0) return;
  if (count > 1) throw wrong("covers", text(count) + " heads with it", "one is wanted");
  if (settings.each_eye) {
    throw wrong("covers", std::string_view("it beside each_eye"), "a mask of the face is wanted");
  }
  for (const AttributeHead& head : settings.heads) {
    if (columns::visible.one != head.name) continue;
    throw wrong("head", quoted(head.name) + " beside covers", "another name is wanted");
  }
}

}  // namespace

Attributes::Attributes(AttributesSettings settings) : settings_(std::move(settings)) {
  if (settings_.each_eye) {
    if (!settings_.inputs.empty()) {
      throw wrong("each_eye", std::string_view("true beside further inputs"), "none are wanted");
    }
    if (!settings_.crop.aligned_to.empty()) {
      throw wrong("each_eye", std::string_view("true beside a crop template"), "none is wanted");
    }
    settings_.crop.around = CropAround::left_eye;
  }
  check_crop_rule(settings_.crop);
  for (const AttributesInput& input : settings_.inputs) {
    if (const auto* crop = std::get_if<CropRule>(&input)) check_crop_rule(*crop);
    if (const auto* pose = std::get_if<PoseInput>(&input)) check_pose_input(*pose);
  }
  if (settings_.heads.empty()) throw wrong("head", 0, "one or more are wanted");
  for (const AttributeHead& head : settings_.heads) {
    check_head(head);
    const auto same = [&](const AttributeHead& other) { return other.name == head.name; };
    if (std::count_if(settings_.heads.begin(), settings_.heads.end(), same) > 1) {
      throw wrong("head", quoted(head.name) + " twice", "a name of its own each is wanted");
    }
  }
  check_covers(settings_);
  of_right_ = settings_.crop;
  of_right_.around = CropAround::right_eye;
  for (const AttributeHead& head : settings_.heads) {
    columns_.push_back(column_of(head, settings_.each_eye, settings_.crop.size));
  }
}

std::vector<Affine> Attributes::transforms(Size image, const Faces& faces, std::size_t begin,
                                           std::size_t count) const {
  std::vector<Affine> moves;
  transforms(image, faces, begin, count, moves);
  return moves;
}

void Attributes::transforms(Size image, const Faces& faces, std::size_t begin, std::size_t count,
                            std::vector<Affine>& moves) const {
  crop_transforms(settings_.crop, faces, begin, count, moves);
  if (settings_.each_eye) {
    thread_local std::vector<Affine> right;
    crop_transforms(of_right_, faces, begin, count, right);
    moves.resize(2 * count);
    for (std::size_t i = count; i-- > 0;) {  // from the last on, which nobody reads again
      moves[2 * i] = moves[i];
      moves[2 * i + 1] = right[i];
    }
  }
  if (settings_.crop.inside) keep_inside(settings_.crop, image, moves);
}

std::vector<Affine> Attributes::prepare(const ImageView& image, const Faces& faces,
                                        std::size_t begin, std::size_t count, float* tensor,
                                        const std::vector<float*>& others) const {
  std::vector<Affine> moves;
  prepare(image, faces, begin, count, tensor, others, moves);
  return moves;
}

void Attributes::prepare(const ImageView& image, const Faces& faces, std::size_t begin,
                         std::size_t count, float* tensor, const std::vector<float*>& others,
                         std::vector<Affine>& moves) const {
  transforms(image.size, faces, begin, count, moves);
  crop_f32(image, moves, settings_.crop, tensor);
  for (std::size_t i = 0; i < settings_.inputs.size(); ++i) {
    if (const auto* crop = std::get_if<CropRule>(&settings_.inputs[i])) {
      thread_local std::vector<Affine> of_crop;
      crop_faces(image, faces, begin, count, *crop, others[i], of_crop);
      continue;
    }
    const float* poses = faces.get(columns::poses);
    if (poses == nullptr && faces.size() > 0) {
      throw wrong("faces", std::string_view("a table without poses"),
                  "poses, of a stage before, are wanted, which " + settings_.name + " takes");
    }
    for (std::size_t face = 0; face < count; ++face) {
      write_pose(std::get<PoseInput>(settings_.inputs[i]), poses + 3 * (begin + face), moves[face],
                 others[i] + 3 * face);
    }
  }
}

Faces Attributes::finish(const std::vector<OutputView>& outputs,
                         const std::vector<Affine>& transforms, const Faces& faces,
                         std::size_t begin) const {
  Faces found;
  finish(outputs, transforms, faces, begin, found);
  return found;
}

void Attributes::finish(const std::vector<OutputView>& outputs,
                        const std::vector<Affine>& transforms, const Faces& faces,
                        std::size_t begin, Faces& found) const {
  const std::size_t rows = transforms.size();
  found.reset(settings_.each_eye ? rows / 2 : rows);
  for (std::size_t i = 0; i < settings_.heads.size(); ++i) {
    const AttributeHead& head = settings_.heads[i];
    if (rows > 0 && head.output >= outputs.size()) {
      throw ModelMismatch(settings_.name + ": gave " + text(outputs.size()) + " outputs; that of " +
                          head.name + " is wanted by its card");
    }
    if (rows > 0) check_output(settings_.name, head, outputs[head.output], rows);
    const Column& column = columns_[i];
    if (column.type == ColumnType::uint8) {
      const Size size = settings_.crop.size;
      auto* out = found.add<std::uint8_t>(column);
      if (rows > 0) decode_mask(head, outputs[head.output], rows, size, out);
      if (head.covers.empty()) continue;
      write_visible(head, out, size, transforms, faces, begin, found.add<float>(columns::visible));
    } else {
      auto* out = found.add<float>(column);
      if (rows > 0) decode_head(settings_.name, head, outputs[head.output], transforms, out);
    }
  }
}

}  // namespace rostro
