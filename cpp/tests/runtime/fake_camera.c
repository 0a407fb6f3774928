/* Stands for the driver of a camera, loaded before a program's libraries: a regular file with four
 * frames is the device. FAKE_CAMERA has its format, width, height, bytes from row to row, and bytes
 * a frame: "NV12 512 512 512 393216". */

#include <errno.h>
#include <linux/videodev2.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

static struct v4l2_pix_format pix;
static unsigned next;   /* frame to be given */
static unsigned queued; /* bits of the frames that the driver has */

static int read_settings(void) {
  char name[5] = "";
  const char* text = getenv("FAKE_CAMERA");
  if (text == NULL || sscanf(text, "%4s %u %u %u %u", name, &pix.width, &pix.height,
                             &pix.bytesperline, &pix.sizeimage) != 5)
    return 0;
  pix.pixelformat = v4l2_fourcc(name[0], name[1], name[2], name[3]);
  return 1;
}

static int answer(unsigned long request, void* argument) {
  struct v4l2_buffer* buffer = argument;
  switch (request) {
    case VIDIOC_QUERYCAP:
      return read_settings();
    case VIDIOC_S_FMT:
      ((struct v4l2_format*)argument)->fmt.pix = pix;
      return 1;
    case VIDIOC_REQBUFS:
      ((struct v4l2_requestbuffers*)argument)->count = 4;
      return 1;
    case VIDIOC_QUERYBUF:
      buffer->length = pix.sizeimage;
      buffer->m.offset = buffer->index * ((pix.sizeimage + 4095) / 4096 * 4096);
      return 1;
    case VIDIOC_QBUF:
      queued |= 1u << buffer->index;
      return 1;
    case VIDIOC_DQBUF:
      if ((queued & 1u << next) == 0) return 0; /* a program that does not give buffers back */
      queued &= ~(1u << next);
      buffer->index = next;
      buffer->bytesused = pix.sizeimage;
      next = (next + 1) % 4;
      return 1;
    case VIDIOC_STREAMON:
    case VIDIOC_STREAMOFF:
      return 1;
    default:
      return 0;
  }
}

int ioctl(int file, unsigned long request, ...) {
  va_list arguments;
  (void)file;
  va_start(arguments, request);
  void* argument = va_arg(arguments, void*);
  va_end(arguments);
  if (answer(request, argument)) return 0;
  errno = ENOTTY;
  return -1;
}
