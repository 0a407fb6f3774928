#pragma once

#include <turbojpeg.h>

#include <vector>

#include "rostro/types.hpp"

/// Decodes JPEGs, those of cameras too, by libjpeg-turbo.
class JpegDecoder {
 public:
  JpegDecoder() : decoder_(tjInitDecompress()) {}
  JpegDecoder(const JpegDecoder&) = delete;
  JpegDecoder& operator=(const JpegDecoder&) = delete;
  ~JpegDecoder() { tjDestroy(decoder_); }

  /// To rows of RGB, whose memory is used again. What is damaged but can be shown is a picture.
  bool decode(const std::uint8_t* bytes, std::size_t count, std::vector<std::uint8_t>& pixels,
              rostro::Size& size) {
    const auto length = static_cast<unsigned long>(count);
    int sampling = 0, space = 0;
    if (decoder_ == nullptr || tjDecompressHeader3(decoder_, bytes, length, &size.width,
                                                   &size.height, &sampling, &space) != 0) {
      return false;
    }
    if (size.width > 16384 || size.height > 16384) return false;
    pixels.resize(std::size_t{3} * static_cast<std::size_t>(size.width) *
                  static_cast<std::size_t>(size.height));
    return tjDecompress2(decoder_, bytes, length, pixels.data(), size.width, 0, size.height,
                         TJPF_RGB, TJFLAG_ACCURATEDCT) == 0 ||
           tjGetErrorCode(decoder_) == TJERR_WARNING;
  }

 private:
  tjhandle decoder_;
};
