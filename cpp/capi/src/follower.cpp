#include <algorithm>

#include "options.hpp"

using rostro::capi::call;
using rostro::capi::refuse;
using rostro::capi::wanted;

namespace {

rostro::FollowSettings settings_of(const rostro_follow_options* given) {
  rostro::FollowSettings settings;
  if (given == nullptr) return settings;
  const rostro_follow_options asked = rostro::capi::read(*given, "following");
  rostro::capi::check_reserved(asked.reserved, "following");
  if (asked.embed_every_ms < 0) {
    refuse("following.embed_every_ms: got " + std::to_string(asked.embed_every_ms) +
           "; a positive number or 0 is wanted");
  }
  if (asked.recognize != 0) settings.tracker.recognize = static_cast<float>(asked.recognize);
  if (asked.embed_every_ms != 0) settings.embed_every = asked.embed_every_ms / 1000.0;
  return settings;
}

int32_t kind_of(rostro::TrackEvent::Kind kind) {
  switch (kind) {
    case rostro::TrackEvent::Kind::appeared:
      return ROSTRO_EVENT_APPEARED;
    case rostro::TrackEvent::Kind::lost:
      return ROSTRO_EVENT_LOST;
    case rostro::TrackEvent::Kind::found:
      return ROSTRO_EVENT_FOUND;
    case rostro::TrackEvent::Kind::left:
      return ROSTRO_EVENT_LEFT;
  }
  refuse("an event of an unknown kind");
}

}  // namespace

rostro_status rostro_follower_open(const rostro_library* library,
                                   const rostro_pipeline_options* options,
                                   const rostro_follow_options* following,
                                   rostro_follower** follower, rostro_error* error) {
  return call(error, [&] {
    const rostro::PipelineOptions asked = rostro::capi::options_of(options);
    rostro_follower*& given = wanted(follower, "follower");
    auto opened = std::make_unique<rostro_follower>();
    rostro::must(rostro::open_followed_pipeline(rostro::capi::library_of(library), asked,
                                                settings_of(following), opened->pipeline));
    given = opened.release();
    return ROSTRO_OK;
  });
}

rostro_status rostro_follower_find(rostro_follower* follower, const rostro_image* image,
                                   double time, rostro_faces* faces, rostro_error* error) {
  return call(error, [&] {
    rostro::Faces& found = wanted(faces, "faces").faces;
    found.reset(0);
    rostro::FollowedPipeline& finder = *wanted(follower, "follower").pipeline;
    return rostro::capi::tell(finder.find(rostro::capi::view_of(image), time, found), error);
  });
}

rostro_status rostro_follower_events(const rostro_follower* follower, rostro_event* events,
                                     size_t room, size_t* count, rostro_error* error) {
  return call(error, [&] {
    size_t& given = wanted(count, "count");
    if (room > 0) wanted(events, "events");
    const std::vector<rostro::TrackEvent>& found = wanted(follower, "follower").pipeline->events();
    for (size_t i = 0; i < std::min(room, found.size()); ++i) {
      events[i] = {found[i].id, found[i].time, kind_of(found[i].kind), 0};
    }
    given = found.size();
    return ROSTRO_OK;
  });
}

rostro_status rostro_follower_template(const rostro_follower* follower, int64_t id, float* numbers,
                                       size_t room, size_t* dim, rostro_error* error) {
  return call(error, [&] {
    size_t& given = wanted(dim, "dim");
    if (room > 0) wanted(numbers, "numbers");
    std::vector<float> found;
    wanted(follower, "follower").pipeline->template_of(id, found);
    std::copy_n(found.begin(), std::min(room, found.size()), numbers);
    given = found.size();
    return ROSTRO_OK;
  });
}

void rostro_follower_close(rostro_follower* follower) { rostro::capi::end(follower); }
