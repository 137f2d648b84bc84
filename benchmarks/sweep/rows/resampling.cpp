#include "../rows.h"

namespace bench {
namespace {

using namespace lib;
using enum Types;

Rows resampling() {
  const Kind i = Kind::images;
  Rows rows;
  for (const char* mode : {"nearest", "bilinear", "bicubic", "area"}) {
    rows.push_back({std::string("interpolate, ") + mode + ", larger", i, floating, 1, smooth,
                    [=](In t) { return resized(t[0], mode, 2, false); }});
    rows.push_back({std::string("interpolate, ") + mode + ", smaller", i, floating, 1, smooth,
                    [=](In t) { return resized(t[0], mode, 0.5, false); }});
  }
  rows.push_back({"interpolate, antialias", i, floating, 1, smooth,
                  [](In t) { return resized(t[0], "bilinear", 0.5, true); }});
  rows.push_back({"pixel_shuffle", i, all, 1, smooth, [](In t) { return pixel_shuffle(t[0], 2); }});
  rows.push_back(
      {"pixel_unshuffle", i, all, 1, smooth, [](In t) { return pixel_unshuffle(t[0], 2); }});
  rows.push_back(
      {"channel_shuffle", i, all, 1, smooth, [](In t) { return channel_shuffle(t[0], 2); }});
  for (const char* mode : {"bilinear", "nearest", "bicubic"})
    rows.push_back({std::string("grid_sample, ") + mode, i, floating, 1, smooth,
                    [=](In t) { return sampled(t[0], mode); }});
  rows.push_back(
      {"rms_norm", Kind::elements, floating, 1, smooth, [](In t) { return rms_norm_of(t[0]); }});
  rows.push_back({"affine_grid", Kind::once, floating, 1, smooth, [](In t) {
                    const Tensor theta = t[0].reshape({-1}).narrow(0, 0, 4).sum() * 0 +
                                         uniform({2, 2, 3}).to(lib::type_of(t[0]));
                    return affine_grid_of(theta, lib::sizes(t[0])[0]);
                  }});
  rows.push_back({"local_response_norm", i, floating, 1, smooth,
                  [](In t) { return local_response_norm_of(t[0]); }});
  return rows;
}

const Family family(resampling);

}  // namespace
}  // namespace bench
