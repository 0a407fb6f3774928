#include "rostro/heads.hpp"

#include <algorithm>

#include "support/message.hpp"

namespace rostro {

namespace {

// docs/reference/heads.md names the paper and the authors' code of each, and says how smallest_face
// was measured.

const HeadOutput kScores{Kind::scores, "scores", 1};
const HeadOutput kSoftmax{Kind::scores, "scores", 2};  // no face, face
const HeadOutput kBoxes{Kind::boxes, "boxes", 4};
const HeadOutput kPoints{Kind::points, "points", 10};
const HeadColumn kFaceOfTwo{Kind::scores, 1};

const TensorFormat kBgr{ChannelOrder::bgr, {0, 0, 0}, {1, 1, 1}};
const TensorFormat kRgb{ChannelOrder::rgb, {0, 0, 0}, {1, 1, 1}};
const TensorFormat kCaffe{ChannelOrder::bgr, {104, 117, 123}, {1, 1, 1}};

/// (pixel - mean) / std of RGB.
TensorFormat rgb(float mean, float std) {
  return {ChannelOrder::rgb, {mean, mean, mean}, {std, std, std}};
}

HeadOutput optional(HeadOutput output) {
  output.optional = true;
  return output;
}

Head yunet() {
  Head head{"yunet",
            Codec::yunet,
            {{8, 1}, {16, 1}, {32, 1}},
            {{Kind::scores, "cls", 1}, {Kind::objectness, "obj", 1}, kBoxes, kPoints}};
  head.rule = ScoreRule::root_product;
  head.factor = {Kind::objectness, 0};
  head.smallest_face = 24;
  head.defaults = {kBgr, 0, 0.7, 0.3};
  return head;
}

Head scrfd() {
  Head head{"scrfd",
            Codec::anchor_offset,
            {{8, 2}, {16, 2}, {32, 2}},
            {kScores, kBoxes, optional(kPoints)}};
  head.smallest_face = 24;
  // Trained on pictures that were padded with 0 after they had been normalised.
  head.defaults = {rgb(127.5f, 128), 127, 0.5, 0.4};
  return head;
}

Head scrfd_five_strides() {
  Head head = scrfd();
  head.levels = {{8, 1}, {16, 1}, {32, 1}, {64, 1}, {128, 1}};
  return head;
}

Head retinaface() {
  Head head{"retinaface",
            Codec::prior,
            {{8, 2, {16, 32}}, {16, 2, {64, 128}}, {32, 2, {256, 512}}},
            {kBoxes, kSoftmax, kPoints}};
  head.score = kFaceOfTwo;
  head.stacked = true;
  head.size_step = 1;
  head.smallest_face = 32;
  head.defaults = {kCaffe, 0, 0.6, 0.4};
  return head;
}

/// RetinaFace's maths over the priors of Face-Detector-1MB-with-landmark's MobileNet.
Head retinaface_1mb() {
  Head head = retinaface();
  head.name = "retinaface-1mb";
  head.levels = {{8, 2, {10, 20}}, {16, 2, {32, 64}}, {32, 2, {128, 256}}};
  head.smallest_face = 20;
  return head;
}

std::vector<Level> ultralight_levels() {
  return {{8, 3, {10, 16, 24}}, {16, 2, {32, 48}}, {32, 2, {64, 96}}, {64, 3, {128, 192, 256}}};
}

/// The same for its networks "slim" and "RFB".
Head retinaface_slim() {
  Head head = retinaface_1mb();
  head.name = "retinaface-slim";
  head.levels = ultralight_levels();
  return head;
}

Head mos() {
  Head head = retinaface();
  head.name = "mos";
  head.outputs.push_back({Kind::yaw, "yaw", 66});
  head.outputs.push_back({Kind::pitch, "pitch", 66});
  head.outputs.push_back({Kind::roll, "roll", 66});
  head.pose = PoseRule::bins;
  head.defaults.score_threshold = 0.55;
  return head;
}

Head retinaface_mxnet() {
  Head head{"retinaface-mxnet",
            Codec::prior,
            {{8, 2, {32, 16}}, {16, 2, {128, 64}}, {32, 2, {512, 256}}},
            {{Kind::scores, "scores", 2, false, true}, kBoxes, optional(kPoints)}};
  head.score = kFaceOfTwo;
  head.size_step = 1;
  head.prior = {1, 1, 7.5f, false, false, true};
  head.smallest_face = 32;
  head.defaults = {kRgb, 0, 0.6, 0.4};
  return head;
}

Head ultralight() {
  Head head{"ultralight", Codec::prior, ultralight_levels(), {kSoftmax, kBoxes}};
  head.score = kFaceOfTwo;
  head.stacked = true;
  head.size_step = 1;
  head.prior.clamped = true;
  head.prior.spread = true;
  head.smallest_face = 20;
  head.defaults = {rgb(127, 128), 0, 0.7, 0.3};
  return head;
}

/// Ultra-Light with the decoding in the network: corners as parts of the input.
Head ultralight_decoded() {
  Head head{"ultralight-decoded", Codec::rows, {}, {kSoftmax, kBoxes}};
  head.score = kFaceOfTwo;
  head.fractions = true;
  head.size_step = 1;
  head.smallest_face = 20;
  head.defaults = ultralight().defaults;
  return head;
}

Head centerface() {
  Head head{"centerface",
            Codec::heat_map,
            {{4, 1}},
            {kScores, {Kind::boxes, "scale", 2}, {Kind::offsets, "offset", 2}, kPoints}};
  head.smallest_face = 20;
  head.defaults = {kRgb, 0, 0.5, 0.3};
  return head;
}

Head blazeface() {
  Head head{"blazeface",
            Codec::blazeface,
            {{8, 2}, {16, 6}},
            {{Kind::boxes, "regressors", 16}, {Kind::scores, "classificators", 1}}};
  head.rule = ScoreRule::logit;
  head.stacked = true;
  head.size_step = 16;
  head.smallest_face = 24;
  head.defaults = {rgb(127.5f, 127.5f), 0, 0.75, 0.3, NmsMethod::weighted};
  return head;
}

Head yolov5_face() {
  Head head{"yolov5-face", Codec::rows, {}, {{Kind::boxes, "rows", 16}}};
  head.rule = ScoreRule::product;
  head.score = {Kind::boxes, 4};
  head.factor = {Kind::boxes, 15};
  head.points = {5, 2};
  head.smallest_face = 20;
  head.defaults = {rgb(0, 255), 114, 0.3, 0.5};
  return head;
}

/// YOLOv5's rows with three angles behind the class. Its networks step by 64.
Head directmhp() {
  Head head{"directmhp", Codec::rows, {}, {{Kind::boxes, "rows", 9}}};
  head.rule = ScoreRule::product;
  head.score = {Kind::boxes, 4};
  head.factor = {Kind::boxes, 5};
  head.pose = PoseRule::parts;
  head.size_step = 64;
  head.smallest_face = 20;
  head.defaults = {rgb(0, 255), 114, 0.7, 0.45};
  return head;
}

/// Proposals of a two-stage network, before its authors' last step.
Head img2pose() {
  Head head{"img2pose",
            Codec::proposal,
            {},
            {{Kind::boxes, "proposals", 4}, {Kind::scores, "logits", 2}, {Kind::pose, "dofs", 12}}};
  head.rule = ScoreRule::logits;
  head.score = {Kind::scores, 1};
  head.factor = {Kind::scores, 0};
  head.pose = PoseRule::six;
  head.size_step = 1;
  head.smallest_face = 24;
  head.defaults = {
      {ChannelOrder::rgb, {123.675f, 116.28f, 103.53f}, {58.395f, 57.12f, 57.375f}}, 115, 0.9, 0.5};
  return head;
}

Head yolov8_face() {
  Head head{
      "yolov8-face", Codec::dfl, {{8, 1}, {16, 1}, {32, 1}}, {{Kind::boxes, "predictions", 80}}};
  head.rule = ScoreRule::logit;
  head.score = {Kind::boxes, 64};
  head.points = {65, 3};  // x, y and how visible it is
  head.smallest_face = 20;
  head.defaults = {rgb(0, 255), 114, 0.45, 0.5};
  return head;
}

/// YOLOv8, YOLO11 and their kin as Ultralytics exports them, decoded by the network itself: boxes
/// alone.
Head ultralytics_boxes() {
  Head head{"ultralytics-boxes",
            Codec::rows,
            {{8, 1}, {16, 1}, {32, 1}},
            {{Kind::boxes, "predictions", 5}}};
  head.score = {Kind::boxes, 4};
  head.stacked = true;
  head.smallest_face = 20;
  head.defaults = {rgb(0, 255), 114, 0.25, 0.7};
  return head;
}

/// The same with five points, each with how visible it is.
Head ultralytics_face() {
  Head head = ultralytics_boxes();
  head.name = "ultralytics-face";
  head.outputs = {{Kind::boxes, "predictions", 20}};
  head.points = {5, 3};
  return head;
}

}  // namespace

const std::vector<Head>& heads() {
  static const std::vector<Head> all = {yunet(),
                                        scrfd(),
                                        scrfd_five_strides(),
                                        retinaface(),
                                        retinaface_1mb(),
                                        mos(),
                                        retinaface_slim(),
                                        retinaface_mxnet(),
                                        ultralight(),
                                        ultralight_decoded(),
                                        centerface(),
                                        blazeface(),
                                        yolov5_face(),
                                        directmhp(),
                                        img2pose(),
                                        yolov8_face(),
                                        ultralytics_face(),
                                        ultralytics_boxes()};
  return all;
}

std::size_t most_outputs(const Head& head) {
  const std::size_t arrays = head.stacked || head.levels.empty() ? 1 : head.levels.size();
  return head.outputs.size() * arrays;
}

std::size_t fewest_outputs(const Head& head) {
  const std::size_t arrays = most_outputs(head) / head.outputs.size();
  const auto needed = std::count_if(head.outputs.begin(), head.outputs.end(),
                                    [](const HeadOutput& output) { return !output.optional; });
  return static_cast<std::size_t>(needed) * arrays;
}

bool has_landmarks(const Head& head, std::size_t outputs) {
  if (head.points.step > 0) return true;
  return std::any_of(head.outputs.begin(), head.outputs.end(), [&](const HeadOutput& output) {
    return output.kind == Kind::points && (!output.optional || outputs == most_outputs(head));
  });
}

bool has_poses(const Head& head) { return head.pose != PoseRule::none; }

const Head& find_head(std::string_view name, std::size_t outputs) {
  const Head* first = nullptr;
  for (const Head& head : heads()) {
    if (head.name != name) continue;
    if (outputs == most_outputs(head) || outputs == fewest_outputs(head)) return head;
    if (first == nullptr) first = &head;
  }
  if (first != nullptr) return *first;
  std::string known;
  for (const Head& head : heads()) list_quoted(known, head.name);
  throw wrong("head", quoted(name), "one of " + known + " is wanted");
}

}  // namespace rostro
