/* From a photo to its faces, and to their names, from C. Prints a JSON line for each column of the
 * table, each number so that it reads back as it was; with a gallery one more, with a name, or
 * null, for each face.
 *
 *   faces LIBRARY DETECTOR.toml EMBEDDER.toml PHOTO.ppm [GALLERY]
 *
 * Photos are binary PPM (P6), as `magick photo.jpg photo.ppm` writes them. */

#include <inttypes.h>
#include <rostro.h>
#include <stdio.h>
#include <stdlib.h>

static rostro_error error;

/* All that a program has to give back. */
static rostro_library* library;
static rostro_pipeline* pipeline;
static rostro_faces* faces;
static rostro_gallery* gallery;
static rostro_matches* matches;
static uint8_t* pixels;

static int failed(rostro_status status) {
  if (status != ROSTRO_OK) fprintf(stderr, "faces: %s\n", error.message);
  return status != ROSTRO_OK;
}

static int read_photo(const char* path, rostro_image* image) {
  int width = 0, height = 0, read = 0;
  FILE* file = fopen(path, "rb");
  if (file != NULL && fscanf(file, "P6 %d %d 255", &width, &height) == 2 && fgetc(file) != EOF &&
      width > 0 && height > 0 && width < 65536 && height < 65536) {
    const size_t size = (size_t)3 * (size_t)width * (size_t)height;
    pixels = malloc(size);
    read = pixels != NULL && fread(pixels, 1, size, file) == size;
  }
  if (file != NULL) fclose(file);
  if (!read) {
    fprintf(stderr, "faces: %s: no binary PPM\n", path);
    return 0;
  }
  *image = (rostro_image){.size = sizeof *image,
                          .format = ROSTRO_RGB,
                          .width = width,
                          .height = height,
                          .planes = {{pixels, (ptrdiff_t)3 * width}}};
  return 1;
}

static void print(const rostro_column* column) {
  int64_t numbers = 1;
  printf("{\"column\": \"%s\", \"shape\": [", column->name);
  for (int32_t i = 0; i < column->rank; ++i) {
    printf("%s%" PRId64, i == 0 ? "" : ", ", column->shape[i]);
    numbers *= column->shape[i];
  }
  printf("], \"numbers\": [");
  for (int64_t i = 0; i < numbers; ++i) {
    if (i > 0) printf(", ");
    switch (column->dtype) {
      case ROSTRO_FLOAT32: {
        const double number = (double)((const float*)column->data)[i];
        /* What JSON has no number for. */
        number == number ? printf("%.9g", number) : printf("null");
        break;
      }
      case ROSTRO_INT64:
        printf("%" PRId64, ((const int64_t*)column->data)[i]);
        break;
      case ROSTRO_UINT32:
        printf("%" PRIu32, ((const uint32_t*)column->data)[i]);
        break;
      default:
        printf("%d", ((const uint8_t*)column->data)[i]);
    }
  }
  printf("]}\n");
}

static int find(const char* const* arguments) {
  const rostro_pipeline_options options = {.size = sizeof options,
                                           .detector = arguments[2],
                                           .embedder = arguments[3],
                                           .quality = 1,
                                           .head_pose = 1};
  rostro_image image;
  if (failed(rostro_library_open(arguments[1], &library, &error)) ||
      failed(rostro_pipeline_open(library, &options, &pipeline, &error)) ||
      failed(rostro_faces_create(&faces, &error)) || !read_photo(arguments[4], &image) ||
      failed(rostro_pipeline_find(pipeline, &image, faces, &error))) {
    return 0;
  }
  for (size_t i = 0; i < rostro_faces_columns(faces); ++i) {
    rostro_column column = {.size = sizeof column};
    if (failed(rostro_faces_column_at(faces, i, &column, &error))) return 0;
    print(&column);
  }
  return 1;
}

static int identify(const char* embedder, const char* path) {
  double threshold = 0;
  rostro_column embeddings = {.size = sizeof embeddings};
  if (rostro_faces_count(faces) == 0) return 1;
  if (failed(rostro_card_threshold(embedder, "cosine", &threshold, &error)) ||
      failed(rostro_faces_column(faces, "embeddings", &embeddings, &error))) {
    return 0;
  }
  const rostro_gallery_options options = {.size = sizeof options,
                                          .dim = (size_t)embeddings.shape[1]};
  const size_t count = rostro_faces_count(faces);
  if (failed(rostro_gallery_open(path, &options, &gallery, &error)) ||
      failed(rostro_matches_create(&matches, &error)) ||
      failed(rostro_gallery_identify(gallery, embeddings.data, count, threshold, NULL, matches,
                                     &error))) {
    return 0;
  }
  printf("{\"names\": [");
  for (size_t face = 0; face < count; ++face) {
    const char* name = rostro_matches_name(matches, face, 0);
    if (face > 0) printf(", ");
    name == NULL ? printf("null") : printf("\"%s\"", name);
  }
  printf("]}\n");
  return 1;
}

int main(int count, char** given) {
  const char* const* arguments = (const char* const*)given;
  if (count < 5) {
    fprintf(stderr, "usage: faces LIBRARY DETECTOR.toml EMBEDDER.toml PHOTO.ppm [GALLERY]\n");
    return 2;
  }
  const int ok = find(arguments) && (count < 6 || identify(arguments[3], arguments[5]));
  rostro_matches_free(matches);
  rostro_gallery_close(gallery);
  rostro_faces_free(faces);
  rostro_pipeline_close(pipeline);
  rostro_library_close(library);
  free(pixels);
  return ok ? 0 : 1;
}
