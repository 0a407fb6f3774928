#pragma once

#include <linux/videodev2.h>

#include <string>
#include <vector>

#include "rostro/image_view.hpp"
#ifdef HAVE_TURBOJPEG
#include "jpeg.hpp"
#endif

/// A camera of Linux (V4L2), whose frames are read where the driver wrote them. Throws
/// std::runtime_error.
class Camera {
 public:
  /// Opens "/dev/video0" and asks for frames of this size, of NV12, YUYV or JPEGs, in this order;
  /// the driver may choose another size.
  Camera(const std::string& device, rostro::Size size);
  Camera(const Camera&) = delete;
  Camera& operator=(const Camera&) = delete;
  ~Camera();

  /// The next frame; the driver writes to it again after the call that follows.
  rostro::ImageView next();

  /// "NV12", as V4L2 calls it.
  std::string format() const;

 private:
  struct Buffer {
    void* start;
    std::size_t size;
  };

  void ask(unsigned long request, void* argument, const char* what) const;
  bool choose(rostro::Size size);
  void map();
  rostro::ImageView view_of(const v4l2_buffer& filled);

  std::string device_;
  int file_;
  v4l2_pix_format format_ = {};
  std::vector<Buffer> buffers_;
  bool holds_ = false;  ///< whether `held_` is ours
  v4l2_buffer held_ = {};
#ifdef HAVE_TURBOJPEG
  JpegDecoder decoder_;
  std::vector<std::uint8_t> pixels_;
#endif
};
