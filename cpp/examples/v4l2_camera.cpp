#include "v4l2_camera.hpp"

#include <fcntl.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <stdexcept>

namespace {

/// What the class can give to the core, best first.
constexpr std::uint32_t kFormats[] = {
    V4L2_PIX_FMT_NV12,
    V4L2_PIX_FMT_YUYV,
#ifdef HAVE_TURBOJPEG
    V4L2_PIX_FMT_MJPEG,
#endif
};
constexpr std::uint32_t kBuffers = 4;  // one is read, the others fill

v4l2_buffer buffer_at(std::uint32_t index) {
  v4l2_buffer buffer = {};
  buffer.type = V4L2_BUF_TYPE_VIDEO_CAPTURE;
  buffer.memory = V4L2_MEMORY_MMAP;
  buffer.index = index;
  return buffer;
}

}  // namespace

Camera::Camera(const std::string& device, rostro::Size size)
    : device_(device), file_(open(device.c_str(), O_RDWR | O_CLOEXEC)) {
  if (file_ < 0) throw std::runtime_error(device_ + ": " + std::strerror(errno));
  try {
    v4l2_capability able = {};
    ask(VIDIOC_QUERYCAP, &able, "is no camera");
    if (!choose(size)) throw std::runtime_error(device_ + ": has no format that is known here");
    map();
  } catch (...) {
    close(file_);
    throw;
  }
}

Camera::~Camera() {
  int type = V4L2_BUF_TYPE_VIDEO_CAPTURE;
  ioctl(file_, VIDIOC_STREAMOFF, &type);
  for (const Buffer& buffer : buffers_) munmap(buffer.start, buffer.size);
  close(file_);
}

void Camera::ask(unsigned long request, void* argument, const char* what) const {
  int result;
  do {
    result = ioctl(file_, request, argument);
  } while (result < 0 && errno == EINTR);
  if (result < 0) throw std::runtime_error(device_ + ": " + what + ": " + std::strerror(errno));
}

/// The first of the formats that the driver takes; it answers with the one that comes nearest.
bool Camera::choose(rostro::Size size) {
  for (const std::uint32_t wanted : kFormats) {
    v4l2_format format = {};
    format.type = V4L2_BUF_TYPE_VIDEO_CAPTURE;
    format.fmt.pix.width = static_cast<std::uint32_t>(size.width);
    format.fmt.pix.height = static_cast<std::uint32_t>(size.height);
    format.fmt.pix.pixelformat = wanted;
    format.fmt.pix.field = V4L2_FIELD_NONE;
    ask(VIDIOC_S_FMT, &format, "takes no format");
    format_ = format.fmt.pix;
    if (format_.pixelformat == wanted) return true;
  }
  return false;
}

void Camera::map() {
  v4l2_requestbuffers request = {};
  request.count = kBuffers;
  request.type = V4L2_BUF_TYPE_VIDEO_CAPTURE;
  request.memory = V4L2_MEMORY_MMAP;
  ask(VIDIOC_REQBUFS, &request, "gives no memory");
  for (std::uint32_t index = 0; index < request.count; ++index) {
    v4l2_buffer buffer = buffer_at(index);
    ask(VIDIOC_QUERYBUF, &buffer, "gives no memory");
    void* start = mmap(nullptr, buffer.length, PROT_READ | PROT_WRITE, MAP_SHARED, file_,
                       static_cast<off_t>(buffer.m.offset));
    if (start == MAP_FAILED) throw std::runtime_error(device_ + ": " + std::strerror(errno));
    buffers_.push_back({start, buffer.length});
    ask(VIDIOC_QBUF, &buffer, "takes no memory");
  }
  int type = V4L2_BUF_TYPE_VIDEO_CAPTURE;
  ask(VIDIOC_STREAMON, &type, "does not start");
}

rostro::ImageView Camera::next() {
  if (holds_) {
    holds_ = false;
    ask(VIDIOC_QBUF, &held_, "takes no memory");
  }
  while (true) {
    held_ = buffer_at(0);
    ask(VIDIOC_DQBUF, &held_, "gives no frame");
    if ((held_.flags & V4L2_BUF_FLAG_ERROR) == 0) break;  // a frame that was lost on its way
    ask(VIDIOC_QBUF, &held_, "takes no memory");
  }
  holds_ = true;
  return view_of(held_);
}

rostro::ImageView Camera::view_of(const v4l2_buffer& filled) {
  const auto* bytes = static_cast<const std::uint8_t*>(buffers_.at(filled.index).start);
  rostro::Size size{static_cast<int>(format_.width), static_cast<int>(format_.height)};
  if (format_.pixelformat == V4L2_PIX_FMT_NV12) {
    return {bytes, size, format_.bytesperline, rostro::PixelFormat::nv12};
  }
  if (format_.pixelformat == V4L2_PIX_FMT_YUYV) {
    return {bytes, size, format_.bytesperline, rostro::PixelFormat::yuyv};
  }
#ifdef HAVE_TURBOJPEG
  if (decoder_.decode(bytes, filled.bytesused, pixels_, size)) {
    return {pixels_.data(), size, 3 * size.width, rostro::PixelFormat::rgb};
  }
#endif
  throw std::runtime_error(device_ + ": gave a frame that is no JPEG");
}

std::string Camera::format() const {
  std::string name;
  for (int shift = 0; shift < 32; shift += 8) {
    name += static_cast<char>(format_.pixelformat >> shift & 0x7F);
  }
  return name;
}
