#include "rostro/runtime/followed_pipeline.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "guarded.hpp"
#include "once.hpp"
#include "track/tracks.hpp"

namespace rostro {

namespace {

/// From this intersection over union on, a face is the one that was expected there.
constexpr float kSame = 0.3f;

float overlap(const float* a, const float* b) { return buffered_iou(a, b, 0); }

/// Puts the entries of `part`, of these `sides`, into these rows of all faces; the others are 0.
void scatter(const Faces& part, const Column& column, const std::vector<int>& sides,
             const std::vector<std::int64_t>& rows, Faces& faces) {
  const std::size_t width = part.width(column);
  const float* from = part.get(column);
  float* to = faces.add<float>(column, sides);
  std::fill_n(to, faces.size() * width, 0.0f);
  for (const std::int64_t row : rows) {
    std::copy_n(from, width, to + static_cast<std::size_t>(row) * width);
    from += width;
  }
}

}  // namespace

FollowedPipeline::FollowedPipeline(std::vector<std::unique_ptr<Stage>> stages,
                                   std::unique_ptr<Stage> embedder, const FollowSettings& settings)
    : settings_(settings),
      pipeline_(std::move(stages)),
      embedder_(std::move(embedder)),
      tracker_(settings.tracker),
      time_(-std::numeric_limits<double>::infinity()) {
  if (!(settings.embed_every >= 0)) {
    throw InvalidArgument("embed_every: got " + std::to_string(settings.embed_every) +
                          "; 0 seconds or more are wanted");
  }
}

Status FollowedPipeline::find(const ImageView& image, double time, Faces& faces) noexcept {
  Status status = guarded([&] {
    static const std::string kName = "pipeline";
    const Once alone(runs_, kName);
    const bool is_new = time_ - time > settings_.tracker.restart_after;
    if (!std::isfinite(time) || (time <= time_ && !is_new)) {  // before the networks run
      throw InvalidArgument("time: got " + std::to_string(time) +
                            "; one after the last frame's is wanted");
    }
    expected_.clear();
    if (!is_new) tracker_.predict(time, expected_);
    must(pipeline_.find(image, faces));
    if (embedder_ != nullptr) embed(image, time, faces);
    tracker_.step(faces, time);
    time_ = time;
    remember(faces, time);
  });
  if (!status.ok()) faces.reset(0);
  return status;
}

void FollowedPipeline::embed(const ImageView& image, double time, Faces& faces) {
  due_.clear();
  for (std::size_t i = 0; i < faces.size(); ++i) {
    if (is_due(faces.get(columns::boxes) + 4 * i, time)) {
      due_.push_back(static_cast<std::int64_t>(i));
    }
  }
  if (due_.empty()) return;
  faces.select(due_, part_);
  embedder_->run(image, part_);
  sides_.assign(1, static_cast<int>(part_.width(columns::embeddings)));
  scatter(part_, columns::embeddings, sides_, due_, faces);
  scatter(part_, columns::norms, {}, due_, faces);
}

bool FollowedPipeline::is_due(const float* box, double time) const {
  const auto nearest = std::max_element(expected_.begin(), expected_.end(),
                                        [&](const TrackedFace& a, const TrackedFace& b) {
                                          return overlap(box, a.box) < overlap(box, b.box);
                                        });
  if (nearest == expected_.end() || overlap(box, nearest->box) < kSame) return true;
  const Person* person = find_person(nearest->id);
  return person == nullptr || time - person->embedded_at >= settings_.embed_every;
}

void FollowedPipeline::remember(const Faces& faces, double time) {
  const float* embeddings = faces.get(columns::embeddings);
  if (embeddings == nullptr) return;
  const std::size_t dim = faces.width(columns::embeddings);
  const auto* ids = faces.get<std::int64_t>(columns::ids);
  for (const std::int64_t row : due_) {
    const auto i = static_cast<std::size_t>(row);
    if (ids[i] < 0) continue;
    auto person = std::find_if(people_.begin(), people_.end(),
                               [&](const Person& each) { return each.id == ids[i]; });
    if (person == people_.end()) {
      const auto most = static_cast<std::size_t>(settings_.tracker.most_remembered);
      if (people_.size() > most) people_.erase(people_.begin());  // who came first
      people_.push_back({ids[i], time, MeanTemplate(dim)});
      person = std::prev(people_.end());
    }
    person->embedded_at = time;
    person->mean.add(embeddings + i * dim, 1);
  }
}

const FollowedPipeline::Person* FollowedPipeline::find_person(std::int64_t id) const {
  for (const Person& person : people_) {
    if (person.id == id) return &person;
  }
  return nullptr;
}

void FollowedPipeline::template_of(std::int64_t id, std::vector<float>& found) const {
  const Person* person = find_person(id);
  found.resize(person == nullptr ? 0 : person->mean.dim());
  if (person != nullptr && !person->mean.result(found.data())) found.clear();
}

}  // namespace rostro
