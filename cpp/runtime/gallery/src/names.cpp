#include "names.hpp"

namespace rostro::galleries {

Names::Names(const Names& other)
    : pages_(other.pages_), own_(other.pages_.size(), false), count_(other.count_) {}

std::string_view Names::of(std::uint32_t person) const {
  const std::size_t page = person / std::tuple_size_v<Page>;
  if (page >= pages_.size() || !pages_[page]) return {};
  return (*pages_[page])[person % std::tuple_size_v<Page>];
}

void Names::put(std::uint32_t person, std::string_view name) {
  const std::size_t number = person / std::tuple_size_v<Page>;
  if (number >= pages_.size()) {
    pages_.resize(number + 1);
    own_.resize(number + 1);
  }
  std::shared_ptr<Page>& page = pages_[number];
  if (!own_[number]) {
    page = page ? std::make_shared<Page>(*page) : std::make_shared<Page>();
    own_[number] = true;
  }
  std::string& place = (*page)[person % std::tuple_size_v<Page>];
  count_ += static_cast<std::size_t>(!name.empty());
  count_ -= static_cast<std::size_t>(!place.empty());
  place = name;
}

std::vector<std::string> Names::all() const {
  std::vector<std::string> names;
  names.reserve(count_);
  for (const auto& page : pages_) {
    if (!page) continue;
    for (const std::string& name : *page) {
      if (!name.empty()) names.push_back(name);
    }
  }
  return names;
}

}  // namespace rostro::galleries
