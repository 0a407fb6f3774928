/* rostro from C, and from every language that calls C: faces of images, and who they are.
 *
 *   rostro_library *library = NULL;
 *   rostro_pipeline *pipeline = NULL;
 *   rostro_faces *faces = NULL;
 *   rostro_error error;
 *   rostro_pipeline_options options = {.size = sizeof options, .detector = "yunet-2023mar.toml"};
 *   rostro_image image = {.size = sizeof image, .format = ROSTRO_BGR, .width = 640, .height = 480,
 *                         .planes = {{pixels, 3 * 640}}};
 *   rostro_column boxes = {.size = sizeof boxes};
 *   if (rostro_library_open("libonnxruntime.so.1.32.0", &library, &error) != ROSTRO_OK ||
 *       rostro_pipeline_open(library, &options, &pipeline, &error) != ROSTRO_OK ||
 *       rostro_faces_create(&faces, &error) != ROSTRO_OK ||
 *       rostro_pipeline_find(pipeline, &image, faces, &error) != ROSTRO_OK ||
 *       rostro_faces_column(faces, "boxes", &boxes, &error) != ROSTRO_OK)
 *     puts(error.message);
 *
 * Errors: a function that can fail gives a status, and one sentence into `error`, which may be
 * null. What it was to give stays as it was then, unless it says otherwise. Nothing is kept in
 * globals.
 *
 * Structs begin with their size, which the caller sets: `= {.size = sizeof(it)}`. They may grow at
 * their end: a field that is 0 means what it meant before it was there, so programs and libraries
 * of different versions go together. A field that is set and that the library does not know is
 * refused.
 *
 * Threads: what is said at each function is of calls with the same handle; calls with different
 * ones never disturb one another. Opening and closing a handle, nobody else may be using it.
 */
#ifndef ROSTRO_H
#define ROSTRO_H

#include <stddef.h>
#include <stdint.h>

#if defined(__GNUC__)
#define ROSTRO_API __attribute__((visibility("default")))
#else
#define ROSTRO_API
#endif

#ifdef __cplusplus
extern "C" {
#endif

/* How a call ended. A later version may have more of them. */
typedef int32_t rostro_status;
enum {
  ROSTRO_OK = 0,
  ROSTRO_INVALID_ARGUMENT = 1, /* an image, a setting or a path that cannot be used */
  ROSTRO_NOT_FOUND = 2,        /* no such file; no such column; no such threshold */
  ROSTRO_WRONG_FILE = 3,       /* a file that is not what its hash says, or of another kind */
  ROSTRO_WRONG_MODEL = 4,      /* a card or a network that is not of the kind wanted */
  ROSTRO_WRONG_LIBRARY = 5,    /* an engine's library: missing, too old, for another machine */
  ROSTRO_NETWORK_FAILED = 6,   /* an engine failed, or what a network gave cannot be used */
  ROSTRO_BUSY = 7,             /* another thread is in the same call */
  ROSTRO_OUT_OF_MEMORY = 8,
  ROSTRO_INTERNAL = 9,        /* a mistake of the library's own */
  ROSTRO_WRONG_EMBEDDER = 10, /* a gallery of another embedder, or of embeddings of other length */
  ROSTRO_ENCRYPTED = 11,      /* a gallery with a key, which C does not take */
  ROSTRO_DAMAGED = 12,        /* a gallery that was damaged or altered */
  ROSTRO_LOCKED = 13,         /* a gallery that another process kept locked for too long */
  ROSTRO_UNREADABLE = 14      /* a gallery that the system, or SQLite, cannot read */
};

/* What went wrong: a sentence in UTF-8, cut where it is longer; empty where all went well. */
typedef struct rostro_error {
  char message[512];
} rostro_error;

/* "0.1.0". Any thread. */
ROSTRO_API const char* rostro_version(void);

/* --- ONNX Runtime's library, which runs networks --- */

typedef struct rostro_library rostro_library;

/* Opens it. `path`: such as onnxruntime/capi/libonnxruntime.so.1.32.0 of a Python wheel; null: the
 * system's own. Switches its telemetry off, for which ORT_DISABLE_TELEMETRY is set in the
 * environment: to be called before other threads read that. It stays in the process. */
ROSTRO_API rostro_status rostro_library_open(const char* path, rostro_library** library,
                                             rostro_error* error);

/* "1.32.0", as long as `library` is open; null for null. Any thread. */
ROSTRO_API const char* rostro_library_version(const rostro_library* library);

/* Pipelines of it may live on. Null is nothing. */
ROSTRO_API void rostro_library_close(rostro_library* library);

/* --- Images --- */

/* How the bytes of an image are to be read. YUV is that of ITU-R BT.601 in limited range, its width
 * even; that of formats in planes has an even height, too. */
enum {
  ROSTRO_BGR = 0,  /* 3 bytes a pixel, as OpenCV */
  ROSTRO_RGB = 1,  /* 3 bytes a pixel */
  ROSTRO_BGRA = 2, /* 4 bytes a pixel, the last one of no account */
  ROSTRO_RGBA = 3, /* 4 bytes a pixel, the last one of no account */
  ROSTRO_GRAY = 4, /* 1 byte a pixel */
  ROSTRO_NV12 = 5, /* a plane of luma rows; half as many rows of U and V in turn */
  ROSTRO_NV21 = 6, /* as NV12, but V before U */
  ROSTRO_I420 = 7, /* a plane of luma rows; half as many rows of U, half as long; as many of V */
  ROSTRO_YUYV = 8, /* Y0 U Y1 V for two pixels */
  ROSTRO_UYVY = 9  /* U Y0 V Y1 for two pixels */
};

/* Rows of bytes, `stride` bytes apart, which may be negative (bottom-up bitmaps). */
typedef struct rostro_plane {
  const uint8_t* data;
  ptrdiff_t stride;
} rostro_plane;

/* An image that the caller owns: read where it lies, never written to, not used after the call. */
typedef struct rostro_image {
  size_t size; /* of this struct */
  int32_t format;
  int32_t width;
  int32_t height;
  /* Pixels or luma; UV, VU or U; V. Without data, the other planes of NV12, NV21 and I420 follow
   * each other from `height` rows below the luma on, I420's rows half as far apart. */
  rostro_plane planes[3];
} rostro_image;

/* --- Tables of faces --- */

/* The faces of one image, best first. Calls that read one may come from any number of threads, as
 * long as nobody fills it. */
typedef struct rostro_faces rostro_faces;

/* A table without faces. Use it again from frame to frame: so nothing is allocated. */
ROSTRO_API rostro_status rostro_faces_create(rostro_faces** faces, rostro_error* error);

/* Null is nothing. */
ROSTRO_API void rostro_faces_free(rostro_faces* faces);

/* How many faces; 0 for null. Reads. */
ROSTRO_API size_t rostro_faces_count(const rostro_faces* faces);

/* Which points the column "points" holds, such as "wflw98"; empty without them, null for null. As
 * long as a column's data. Reads. */
ROSTRO_API const char* rostro_faces_scheme(const rostro_faces* faces);

/* What a column's numbers are. */
enum { ROSTRO_FLOAT32 = 0, ROSTRO_INT64 = 1, ROSTRO_UINT32 = 2, ROSTRO_UINT8 = 3 };

/* A column of a table, its numbers next to each other, face by face. */
typedef struct rostro_column {
  size_t size;      /* of this struct */
  const char* name; /* these two until the table is filled anew, or freed */
  const void* data; /* null of a table without faces */
  int32_t dtype;
  int32_t rank;     /* how many sides `shape` has */
  int64_t shape[8]; /* {faces}, {faces, 4}, {faces, 5, 2} */
} rostro_column;

/* A column by its name, as docs/guide/c.md lists them: "boxes", "scores", "landmarks", ... Where
 * nobody set it: ROSTRO_NOT_FOUND. Reads. */
ROSTRO_API rostro_status rostro_faces_column(const rostro_faces* faces, const char* name,
                                             rostro_column* column, rostro_error* error);

/* All columns that are set: how many, 0 for null, and the one at `index`. Read. */
ROSTRO_API size_t rostro_faces_columns(const rostro_faces* faces);
ROSTRO_API rostro_status rostro_faces_column_at(const rostro_faces* faces, size_t index,
                                                rostro_column* column, rostro_error* error);

/* --- Pipelines: from an image to its faces --- */

typedef struct rostro_pipeline rostro_pipeline;

/* What runs a network. */
enum {
  ROSTRO_ONNXRUNTIME = 0,
  ROSTRO_NCNN = 1 /* where the library was built with it; for networks that take an image alone */
};

/* A stage of a model card: dense points, attributes, poses, quality, liveness. */
typedef struct rostro_stage_options {
  size_t size;       /* of this struct */
  const char* card;  /* its path */
  int32_t engine;    /* ROSTRO_ONNXRUNTIME or ROSTRO_NCNN */
  int32_t threads;   /* of each network; 0: one */
  int32_t landmarks; /* not 0: the five landmarks become those of its points */
  int32_t reserved;  /* 0 */
} rostro_stage_options;

typedef struct rostro_pipeline_options {
  size_t size;          /* of this struct */
  const char* detector; /* path of a card */
  const char* embedder; /* likewise; null: no embeddings */
  /* Other networks, between the detector and all that is named below; null if there are none. */
  const rostro_stage_options* const* stages;
  size_t stage_count;
  int32_t engine;    /* of detector and embedder: ROSTRO_ONNXRUNTIME or ROSTRO_NCNN */
  int32_t threads;   /* likewise, of each; 0: one */
  int32_t quality;   /* not 0: columns quality and reasons */
  int32_t head_pose; /* not 0: columns poses and translations */
} rostro_pipeline_options;

/* Reads the cards, finds and checks their weights (beside the card, or installed by `rostro models
 * install`), loads the networks. `library` may be null where none of them wants ONNX Runtime. Any
 * thread. */
ROSTRO_API rostro_status rostro_pipeline_open(const rostro_library* library,
                                              const rostro_pipeline_options* options,
                                              rostro_pipeline** pipeline, rostro_error* error);

/* Fills `faces` with those of an image, in its own pixels; where the status is not ROSTRO_OK, there
 * are none in it. One thread at a time: a second one is refused with ROSTRO_BUSY, not kept waiting.
 * A table of its own for each thread. */
ROSTRO_API rostro_status rostro_pipeline_find(rostro_pipeline* pipeline, const rostro_image* image,
                                              rostro_faces* faces, rostro_error* error);

/* Tables that it filled live on. Null is nothing. */
ROSTRO_API void rostro_pipeline_close(rostro_pipeline* pipeline);

/* A threshold of a card, such as "cosine": from which similarity on two faces are the same
 * person's. Any thread. */
ROSTRO_API rostro_status rostro_card_threshold(const char* card, const char* name,
                                               double* threshold, rostro_error* error);

/* --- Following: who is who from frame to frame --- */

/* A pipeline for the frames of a video, whose faces get ids that last. */
typedef struct rostro_follower rostro_follower;

typedef struct rostro_follow_options {
  size_t size;            /* of this struct */
  double recognize;       /* the embedder's threshold, as rostro_card_threshold gives it; 0: 0.4 */
  int32_t embed_every_ms; /* who is followed is embedded again after this; 0: 1,000 */
  int32_t reserved;       /* 0 */
} rostro_follow_options;

/* As rostro_pipeline_open. `following` may be null. */
ROSTRO_API rostro_status rostro_follower_open(const rostro_library* library,
                                              const rostro_pipeline_options* options,
                                              const rostro_follow_options* following,
                                              rostro_follower** follower, rostro_error* error);

/* As rostro_pipeline_find, of the next frame, which was taken at `time`, in seconds. The column ids
 * has -1 of who is nobody, or not yet; embeddings and norms are 0 of faces that were not embedded
 * in this frame, and missing where none was. One thread at a time. */
ROSTRO_API rostro_status rostro_follower_find(rostro_follower* follower, const rostro_image* image,
                                              double time, rostro_faces* faces,
                                              rostro_error* error);

enum {
  ROSTRO_EVENT_APPEARED = 0, /* somebody new is there, or somebody who had left */
  ROSTRO_EVENT_LOST = 1,     /* not seen for a moment; the id is kept */
  ROSTRO_EVENT_FOUND = 2,    /* seen again after that */
  ROSTRO_EVENT_LEFT = 3      /* not seen for longer */
};

/* What happened to an id. */
typedef struct rostro_event {
  int64_t id;
  double time; /* of the frame */
  int32_t kind;
  int32_t reserved; /* 0 */
} rostro_event;

/* What the last frame brought: at most `room` events to `events`, and how many there are to
 * `count`. Not while another thread finds. */
ROSTRO_API rostro_status rostro_follower_events(const rostro_follower* follower,
                                                rostro_event* events, size_t room, size_t* count,
                                                rostro_error* error);

/* The mean of all embeddings of an id, of unit norm: at most `room` numbers to `numbers`, and how
 * many there are to `dim`, 0 of who was never embedded. Not while another thread finds. */
ROSTRO_API rostro_status rostro_follower_template(const rostro_follower* follower, int64_t id,
                                                  float* numbers, size_t room, size_t* dim,
                                                  rostro_error* error);

/* Null is nothing. */
ROSTRO_API void rostro_follower_close(rostro_follower* follower);

/* --- Galleries: who faces are --- */

/* The reader of a gallery file, which Python writes. It never writes to the file. */
typedef struct rostro_gallery rostro_gallery;

typedef struct rostro_gallery_options {
  size_t size;         /* of this struct */
  size_t dim;          /* the length of embeddings that is wanted; 0: whatever the file holds */
  const char* name;    /* of the embedder that makes the queries; null: not compared */
  const char* version; /* these go with the name: */
  const char* crop_template;
  const char* refine; /* null: a detector's points */
  int32_t timeout_ms; /* to wait for another process that keeps the file locked; 0: 10,000 */
  int32_t reserved;   /* 0 */
} rostro_gallery_options;

/* Opens a file and reads all of it. `options` may be null. Any thread; a process that forks opens
 * its galleries after that. */
ROSTRO_API rostro_status rostro_gallery_open(const char* path,
                                             const rostro_gallery_options* options,
                                             rostro_gallery** gallery, rostro_error* error);

/* Follows what other processes committed since. Where it fails, searches go on with what was read
 * last. Any thread, also while others search. */
ROSTRO_API rostro_status rostro_gallery_refresh(rostro_gallery* gallery, rostro_error* error);

/* The length of its embeddings; how many people and templates; 0 for null. Any thread. */
ROSTRO_API size_t rostro_gallery_dim(const rostro_gallery* gallery);
ROSTRO_API size_t rostro_gallery_people(const rostro_gallery* gallery);
ROSTRO_API size_t rostro_gallery_templates(const rostro_gallery* gallery);

/* Null is nothing. */
ROSTRO_API void rostro_gallery_close(rostro_gallery* gallery);

/* What a gallery found for each of some embeddings, best first. Any number of threads may read one,
 * as long as nobody fills it. */
typedef struct rostro_matches rostro_matches;

ROSTRO_API rostro_status rostro_matches_create(rostro_matches** matches, rostro_error* error);

/* Null is nothing. */
ROSTRO_API void rostro_matches_free(rostro_matches* matches);

/* How many people were found for an embedding; 0 beyond them, and for null. Reads. */
ROSTRO_API size_t rostro_matches_count(const rostro_matches* matches, size_t embedding);

/* The name in UTF-8, until `matches` is filled anew or freed, and the cosine similarity; null and
 * NaN beyond what was found, and for null. Read. */
ROSTRO_API const char* rostro_matches_name(const rostro_matches* matches, size_t embedding,
                                           size_t rank);
ROSTRO_API float rostro_matches_similarity(const rostro_matches* matches, size_t embedding,
                                           size_t rank);

typedef struct rostro_search_options {
  size_t size;     /* of this struct */
  int32_t rescore; /* not 0: compare the best templates once more with the float query itself */
  int32_t threads; /* how many share the rows of a search; 0: one */
} rostro_search_options;

/* The `k` people most similar to each of `count` embeddings of rostro_gallery_dim() float32 of unit
 * norm, row by row. `options` may be null. Where the status is not ROSTRO_OK, `matches` has none.
 * Any thread, with matches of its own. */
ROSTRO_API rostro_status rostro_gallery_search(const rostro_gallery* gallery,
                                               const float* embeddings, size_t count, size_t k,
                                               const rostro_search_options* options,
                                               rostro_matches* matches, rostro_error* error);

/* Who each face is: one match, or none for somebody unknown, whose similarity to everybody is below
 * `threshold`, -1 to 1, which the embedder's card has. Else as rostro_gallery_search. */
ROSTRO_API rostro_status rostro_gallery_identify(const rostro_gallery* gallery,
                                                 const float* embeddings, size_t count,
                                                 double threshold,
                                                 const rostro_search_options* options,
                                                 rostro_matches* matches, rostro_error* error);

#ifdef __cplusplus
}
#endif

#endif
