#include "attributes/face_parts.hpp"

namespace rostro {

namespace {

constexpr FaceParts mesh(std::string_view name) {
  return {name,
          {{{33, 133}, {362, 263}}},
          152,
          {{{{{160, 144}, {159, 145}, {158, 153}}}, {{{385, 380}, {386, 374}, {387, 373}}}}},
          {{{82, 87}, {13, 14}, {312, 317}}}};
}

// "ibug68" has two points on each lid.
constexpr FaceParts kParts[] = {
    {"wflw98",
     {{{60, 64}, {68, 72}}},
     16,
     {{{{{61, 67}, {62, 66}, {63, 65}}}, {{{69, 75}, {70, 74}, {71, 73}}}}},
     {{{89, 95}, {90, 94}, {91, 93}}}},
    {"ibug68",
     {{{36, 39}, {42, 45}}},
     8,
     {{{{{37, 41}, {38, 40}, {38, 40}}}, {{{43, 47}, {44, 46}, {44, 46}}}}},
     {{{61, 67}, {62, 66}, {63, 65}}}},
    mesh("mesh468"),
    mesh("mesh478"),
};

}  // namespace

const FaceParts* face_parts(std::string_view scheme) {
  for (const FaceParts& parts : kParts) {
    if (parts.scheme == scheme) return &parts;
  }
  return nullptr;
}

}  // namespace rostro
