/* rostro.h from C: the layout of its structs, and what it says to bad input. */

#include <rostro.h>
#include <stdio.h>
#include <string.h>

/* What a program was compiled with never changes: a struct grows at its end alone. */
#if UINTPTR_MAX == UINT64_MAX
#define AT(type, field, offset) \
  _Static_assert(offsetof(type, field) == (offset), #type "." #field " moved")
#define SIZE(type, bytes) _Static_assert(sizeof(type) == (bytes), "the size of " #type)
SIZE(rostro_error, 512);
SIZE(rostro_plane, 16);
AT(rostro_plane, stride, 8);
SIZE(rostro_image, 72);
AT(rostro_image, size, 0);
AT(rostro_image, format, 8);
AT(rostro_image, width, 12);
AT(rostro_image, height, 16);
AT(rostro_image, planes, 24);
SIZE(rostro_column, 96);
AT(rostro_column, size, 0);
AT(rostro_column, name, 8);
AT(rostro_column, data, 16);
AT(rostro_column, dtype, 24);
AT(rostro_column, rank, 28);
AT(rostro_column, shape, 32);
SIZE(rostro_pipeline_options, 56);
AT(rostro_pipeline_options, size, 0);
AT(rostro_pipeline_options, detector, 8);
AT(rostro_pipeline_options, embedder, 16);
AT(rostro_pipeline_options, stages, 24);
AT(rostro_pipeline_options, stage_count, 32);
AT(rostro_pipeline_options, engine, 40);
AT(rostro_pipeline_options, threads, 44);
AT(rostro_pipeline_options, quality, 48);
AT(rostro_pipeline_options, head_pose, 52);
SIZE(rostro_stage_options, 32);
AT(rostro_stage_options, size, 0);
AT(rostro_stage_options, card, 8);
AT(rostro_stage_options, engine, 16);
AT(rostro_stage_options, threads, 20);
AT(rostro_stage_options, landmarks, 24);
AT(rostro_stage_options, reserved, 28);
SIZE(rostro_follow_options, 24);
AT(rostro_follow_options, size, 0);
AT(rostro_follow_options, recognize, 8);
AT(rostro_follow_options, embed_every_ms, 16);
AT(rostro_follow_options, reserved, 20);
SIZE(rostro_event, 24);
AT(rostro_event, id, 0);
AT(rostro_event, time, 8);
AT(rostro_event, kind, 16);
AT(rostro_event, reserved, 20);
SIZE(rostro_gallery_options, 56);
AT(rostro_gallery_options, size, 0);
AT(rostro_gallery_options, dim, 8);
AT(rostro_gallery_options, name, 16);
AT(rostro_gallery_options, version, 24);
AT(rostro_gallery_options, crop_template, 32);
AT(rostro_gallery_options, refine, 40);
AT(rostro_gallery_options, timeout_ms, 48);
AT(rostro_gallery_options, reserved, 52);
SIZE(rostro_search_options, 16);
AT(rostro_search_options, size, 0);
AT(rostro_search_options, rescore, 8);
AT(rostro_search_options, threads, 12);
#endif
_Static_assert(sizeof(rostro_status) == 4, "the size of rostro_status");

static int failures = 0;
static rostro_error error;

#define CHECK(condition)                                              \
  do {                                                                \
    if (!(condition)) {                                               \
      fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, #condition); \
      ++failures;                                                     \
    }                                                                 \
  } while (0)

/* The status, and that the message begins so, and is one line. */
#define REFUSED(call, status, start)                                                              \
  do {                                                                                            \
    memset(&error, 'x', sizeof error);                                                            \
    CHECK((call) == (status));                                                                    \
    CHECK(memchr(error.message, '\0', sizeof error.message) != NULL);                             \
    if (strncmp(error.message, start, strlen(start)) != 0 || strchr(error.message, '\n') != NULL) \
      fprintf(stderr, "%s:%d: got: %s\n", __FILE__, __LINE__, error.message), ++failures;         \
  } while (0)

/* Of what a later version's struct might be. */
typedef struct later_options {
  rostro_pipeline_options known;
  const char* unknown;
} later_options;

static void test_libraries(void) {
  rostro_library* library = NULL;
  REFUSED(rostro_library_open("none.so", &library, &error), ROSTRO_WRONG_LIBRARY,
          "onnxruntime: cannot be opened: ");
  REFUSED(rostro_library_open("none.so", NULL, &error), ROSTRO_INVALID_ARGUMENT,
          "library: got a null pointer; ");
  CHECK(rostro_library_open("none.so", &library, NULL) == ROSTRO_WRONG_LIBRARY);
  CHECK(library == NULL);
  CHECK(rostro_library_version(NULL) == NULL);
  rostro_library_close(NULL);
}

static void test_pipelines(void) {
  rostro_pipeline* pipeline = NULL;
  rostro_stage_options stage = {.size = sizeof stage, .reserved = 1};
  const rostro_stage_options* const stages[] = {&stage, NULL};
  rostro_pipeline_options options = {.size = sizeof options, .detector = "none.toml"};
  REFUSED(rostro_pipeline_open(NULL, &options, &pipeline, &error), ROSTRO_NOT_FOUND,
          "none.toml: no such file");
  REFUSED(rostro_pipeline_open(NULL, NULL, &pipeline, &error), ROSTRO_INVALID_ARGUMENT,
          "options: got a null pointer; ");
  options.stage_count = 2;
  REFUSED(rostro_pipeline_open(NULL, &options, &pipeline, &error), ROSTRO_INVALID_ARGUMENT,
          "options.stages: got a null pointer; ");
  options.stages = stages;
  REFUSED(rostro_pipeline_open(NULL, &options, &pipeline, &error), ROSTRO_INVALID_ARGUMENT,
          "options.stages.reserved: got 1; 0 is wanted");
  stage = (rostro_stage_options){.size = sizeof stage, .card = "none.toml", .engine = 2};
  REFUSED(rostro_pipeline_open(NULL, &options, &pipeline, &error), ROSTRO_INVALID_ARGUMENT,
          "options.stages.engine: got 2; 0 or 1 is wanted");
  stage.engine = ROSTRO_NCNN;
  REFUSED(rostro_pipeline_open(NULL, &options, &pipeline, &error), ROSTRO_INVALID_ARGUMENT,
          "options.stages: got a null pointer; ");
  options.detector = NULL;
  REFUSED(rostro_pipeline_open(NULL, &options, &pipeline, &error), ROSTRO_INVALID_ARGUMENT,
          "options.detector: got a null pointer; ");
  options.size = 0;
  REFUSED(rostro_pipeline_open(NULL, &options, &pipeline, &error), ROSTRO_INVALID_ARGUMENT,
          "options.size: got 0; the size of the struct is wanted");
  options.size = (size_t)-1;
  REFUSED(rostro_pipeline_open(NULL, &options, &pipeline, &error), ROSTRO_INVALID_ARGUMENT,
          "options.size: got 1");
  later_options later = {.known = {.size = sizeof later, .detector = "none.toml"}};
  REFUSED(rostro_pipeline_open(NULL, &later.known, &pipeline, &error), ROSTRO_NOT_FOUND,
          "none.toml: no such file");
  later.unknown = "something";
  REFUSED(rostro_pipeline_open(NULL, &later.known, &pipeline, &error), ROSTRO_INVALID_ARGUMENT,
          "options: has fields that this version does not know");
  CHECK(pipeline == NULL);
  rostro_pipeline_close(NULL);

  double threshold = 0;
  REFUSED(rostro_card_threshold("none.toml", "cosine", &threshold, &error), ROSTRO_NOT_FOUND,
          "none.toml: no such file");
  REFUSED(rostro_card_threshold(NULL, "cosine", &threshold, &error), ROSTRO_INVALID_ARGUMENT,
          "card: got a null pointer; ");
}

static void test_faces(void) {
  rostro_faces* faces = NULL;
  rostro_column column = {.size = sizeof column};
  rostro_image image = {.size = sizeof image};
  CHECK(rostro_faces_create(&faces, &error) == ROSTRO_OK && error.message[0] == '\0');
  CHECK(rostro_faces_count(faces) == 0 && rostro_faces_columns(faces) == 0);
  CHECK(strcmp(rostro_faces_scheme(faces), "") == 0);
  REFUSED(rostro_faces_column(faces, "boxes", &column, &error), ROSTRO_NOT_FOUND,
          "faces: have no column \"boxes\"; ");
  REFUSED(rostro_faces_column_at(faces, 0, &column, &error), ROSTRO_NOT_FOUND,
          "faces: have no column 0; ");
  REFUSED(rostro_faces_column(faces, NULL, &column, &error), ROSTRO_INVALID_ARGUMENT,
          "name: got a null pointer; ");
  REFUSED(rostro_faces_column(NULL, "boxes", &column, &error), ROSTRO_INVALID_ARGUMENT,
          "faces: got a null pointer; ");
  REFUSED(rostro_pipeline_find(NULL, &image, faces, &error), ROSTRO_INVALID_ARGUMENT,
          "pipeline: got a null pointer; ");
  REFUSED(rostro_pipeline_find(NULL, &image, NULL, &error), ROSTRO_INVALID_ARGUMENT,
          "faces: got a null pointer; ");
  CHECK(rostro_faces_count(NULL) == 0 && rostro_faces_columns(NULL) == 0);
  CHECK(rostro_faces_scheme(NULL) == NULL);
  rostro_faces_free(faces);
  rostro_faces_free(NULL);
}

static void test_followers(void) {
  rostro_follower* follower = NULL;
  const rostro_pipeline_options options = {.size = sizeof options, .detector = "none.toml"};
  rostro_follow_options following = {.size = sizeof following, .embed_every_ms = -1};
  size_t dim = 0;
  REFUSED(rostro_follower_open(NULL, &options, &following, &follower, &error),
          ROSTRO_INVALID_ARGUMENT, "following.embed_every_ms: got -1; ");
  REFUSED(rostro_follower_open(NULL, &options, NULL, &follower, &error), ROSTRO_NOT_FOUND,
          "none.toml: no such file");
  REFUSED(rostro_follower_template(NULL, 1, NULL, 0, &dim, &error), ROSTRO_INVALID_ARGUMENT,
          "follower: got a null pointer; ");
  REFUSED(rostro_follower_template(NULL, 1, NULL, 1, &dim, &error), ROSTRO_INVALID_ARGUMENT,
          "numbers: got a null pointer; ");
  REFUSED(rostro_follower_events(NULL, NULL, 0, &dim, &error), ROSTRO_INVALID_ARGUMENT,
          "follower: got a null pointer; ");
  REFUSED(rostro_follower_events(NULL, NULL, 1, &dim, &error), ROSTRO_INVALID_ARGUMENT,
          "events: got a null pointer; ");
  CHECK(follower == NULL);
  rostro_follower_close(NULL);
}

static void test_galleries(void) {
  rostro_gallery* gallery = NULL;
  rostro_matches* matches = NULL;
  rostro_gallery_options options = {.size = sizeof options, .timeout_ms = -1};
  CHECK(rostro_matches_create(&matches, &error) == ROSTRO_OK);
  REFUSED(rostro_gallery_open("none.rostro", NULL, &gallery, &error), ROSTRO_NOT_FOUND, "");
  REFUSED(rostro_gallery_open(NULL, NULL, &gallery, &error), ROSTRO_INVALID_ARGUMENT,
          "path: got a null pointer; ");
  REFUSED(rostro_gallery_open("none.rostro", &options, &gallery, &error), ROSTRO_INVALID_ARGUMENT,
          "options.timeout_ms: got -1; ");
  REFUSED(rostro_gallery_search(NULL, NULL, 0, 1, NULL, matches, &error), ROSTRO_INVALID_ARGUMENT,
          "gallery: got a null pointer; ");
  REFUSED(rostro_gallery_refresh(NULL, &error), ROSTRO_INVALID_ARGUMENT,
          "gallery: got a null pointer; ");
  CHECK(gallery == NULL);
  CHECK(rostro_gallery_dim(NULL) == 0 && rostro_gallery_people(NULL) == 0);
  CHECK(rostro_matches_count(matches, 0) == 0 && rostro_matches_name(matches, 0, 0) == NULL);
  CHECK(rostro_matches_similarity(NULL, 0, 0) != rostro_matches_similarity(NULL, 0, 0));
  rostro_matches_free(matches);
  rostro_gallery_close(NULL);
}

int main(void) {
  test_libraries();
  test_pipelines();
  test_faces();
  test_followers();
  test_galleries();
  if (failures == 0) printf("rostro %s: all is well\n", rostro_version());
  return failures == 0 ? 0 : 1;
}
