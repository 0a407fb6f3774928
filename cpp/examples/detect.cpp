// From an image to its faces, with a network of your own in between: here it is a stand-in that
// gives the outputs of SCRFD's head with one face in it. Prints the face in pixels of the image.

#include <cstdio>
#include <vector>

#include "rostro/detector.hpp"

namespace {

/// What your engine would give: scores, boxes and points, each for the strides 8, 16 and 32.
struct Outputs {
  std::vector<std::vector<float>> arrays;
  std::vector<rostro::OutputView> views;
};

Outputs run_network(const std::vector<float>& /*tensor*/, rostro::Size input) {
  Outputs outputs;
  for (const std::size_t columns : {1, 4, 10}) {
    for (const int stride : {8, 16, 32}) {
      const auto anchors =
          static_cast<std::size_t>(2 * (input.width / stride) * (input.height / stride));
      outputs.arrays.emplace_back(anchors * columns, columns == 4 ? 2.0f : 0.0f);
      outputs.views.push_back({nullptr, anchors, columns});
    }
  }
  outputs.arrays[1][100] = 0.9f;  // of stride 16
  for (std::size_t i = 0; i < outputs.views.size(); ++i) {
    outputs.views[i].data = outputs.arrays[i].data();
  }
  return outputs;
}

}  // namespace

int main() {
  rostro::DetectorSettings settings;
  settings.name = "my detector";
  settings.head = "scrfd";
  settings.network_outputs = {"s8", "s16", "s32", "b8", "b16", "b32", "k8", "k16", "k32"};
  settings.input = {rostro::ChannelOrder::rgb, {127.5f, 127.5f, 127.5f}, {128, 128, 128}};
  const rostro::Detector detector(settings);

  const std::vector<std::uint8_t> pixels(3 * 1280 * 720, 90);
  const rostro::ImageView image{pixels.data(), {1280, 720}, 3 * 1280, rostro::PixelFormat::bgr};
  std::vector<rostro::Faces> parts;
  for (const rostro::DetectorView& view : detector.views(image)) {
    std::vector<float> tensor(3 * static_cast<std::size_t>(view.input.width) *
                              static_cast<std::size_t>(view.input.height));
    detector.prepare(image, view, tensor.data());
    parts.push_back(detector.finish(view, run_network(tensor, view.input).views));
  }
  const rostro::Faces faces = detector.join(std::move(parts));
  const float* boxes = faces.get(rostro::columns::boxes);
  for (std::size_t i = 0; i < faces.size(); ++i, boxes += 4) {
    std::printf("score %.2f, box %.0f %.0f %.0f %.0f\n",
                static_cast<double>(faces.get(rostro::columns::scores)[i]),
                static_cast<double>(boxes[0]), static_cast<double>(boxes[1]),
                static_cast<double>(boxes[2]), static_cast<double>(boxes[3]));
  }
  return faces.size() == 1 ? 0 : 1;
}
