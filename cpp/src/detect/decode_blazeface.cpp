#include "detect/codecs.hpp"

namespace rostro {

// Its six points (eyes, nose, middle of the mouth, ears) are not the five that landmarks are, and
// corners of the mouth are not to be had from them: so `landmarks` is always null here.
void decode_blazeface(const HeadFrame& frame, const Anchor& anchor, float* box, float*) {
  const Numbers b = frame.numbers(Kind::boxes, anchor);
  put_box(b[0] + (anchor.column + 0.5f) * anchor.stride, b[1] + (anchor.row + 0.5f) * anchor.stride,
          b[2], b[3], box);
}

}  // namespace rostro
