#include "cases.h"

namespace rw::test {
namespace {

using Numbers = std::vector<int64_t>;

Case cropping(const std::string& name, const Numbers& padding, PaddingMode mode) {
  return {"pad_" + name, [=](In x) { return pad(x, padding, mode).square(); }};
}

}  // namespace

static Cases padding_cases() {
  Cases all = {
      cropping("reflect_cropping_what_is_added", {-3, 4}, PaddingMode::reflect),
      {"pad_circular_cropping_all",
       [](In x) {
         return pad(x, {-2, -3}, PaddingMode::circular);
       }},
      cropping("reflect_cropping_all", {-2, -3}, PaddingMode::reflect),
  };
  for (const auto& [mode, name] : {std::pair{PaddingMode::zeros, "constant"},
                                   {PaddingMode::reflect, "reflect"},
                                   {PaddingMode::replicate, "replicate"},
                                   {PaddingMode::circular, "circular"}}) {
    const std::string start = std::string(name) + "_cropping_";
    all.push_back(cropping(start + "before", {-1, 2}, mode));
    all.push_back(cropping(start + "after", {2, -1}, mode));
    all.push_back(cropping(start + "both", {-1, -2}, mode));
    all.push_back(cropping(start + "images", {1, -1, -2, 1}, mode));
    all.push_back(cropping(start + "much", {-3, 1}, mode));
    all.push_back(cropping(start + "too_much", {-3, -3}, mode));
  }
  return all;
}

static const Family padding_family(padding_cases);

}  // namespace rw::test
