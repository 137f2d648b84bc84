#include "../rows.h"

namespace bench {
namespace {

using namespace lib;
using enum Types;

// Images as sequences, [N, C, H W], and as one volume of several channels, [1, N, C, H, W].
Tensor sequences(const Tensor& x) { return x.flatten(2); }
Tensor volume(const Tensor& x) { return x.unsqueeze(0); }

Rows maxima() {
  const Kind i = Kind::images;
  const auto first = [](const auto& pair) { return std::get<0>(pair); };
  return {
      {"max_pool1d", i, floating, 1, smooth, [](In t) { return max_pool1d(sequences(t[0]), 2); }},
      {"max_pool1d_with_indices", i, floating, 1, smooth,
       [=](In t) { return first(max_pool1d_with_indices(sequences(t[0]), 3)); }},
      {"max_pool2d", i, floating, 1, smooth, [](In t) { return max_pool2d(t[0], 2); }},
      {"max_pool2d_with_indices", i, floating, 1, smooth,
       [=](In t) { return first(max_pool2d_with_indices(t[0], 2)); }},
      {"max_pool3d", i, floating, 1, smooth, [](In t) { return max_pool3d(volume(t[0]), 2); }},
      {"max_pool3d_with_indices", i, floating, 1, smooth,
       [=](In t) { return first(max_pool3d_with_indices(volume(t[0]), 2)); }},
  };
}

Rows placed_maxima() {
  const Kind i = Kind::images;
  Rows all;
  for (const bool placed : {false, true}) {
    const std::string suffix = placed ? "_with_indices" : "";
    const Rows both = {
        {"adaptive_max_pool1d" + suffix, i, floating, 1, smooth,
         [=](In t) { return adaptive_maxima1d(sequences(t[0]), 2, placed); }},
        {"adaptive_max_pool2d" + suffix, i, floating, 1, smooth,
         [=](In t) { return adaptive_maxima2d(t[0], 3, placed); }},
        {"adaptive_max_pool3d" + suffix, i, floating, 1, smooth,
         [=](In t) { return adaptive_maxima3d(volume(t[0]), 2, placed); }},
        {"fractional_max_pool2d" + suffix, i, floating, 1, smooth,
         [=](In t) { return fractional_maxima2d(t[0], t[0].size(2) / 2, placed); }},
        {"fractional_max_pool3d" + suffix, i, floating, 1, smooth,
         [=](In t) { return fractional_maxima3d(volume(t[0]), t[0].size(2) / 2, placed); }},
    };
    all.insert(all.end(), both.begin(), both.end());
  }
  return all;
}

Rows unpooling() {
  const Kind i = Kind::images;
  return {
      {"max_unpool1d", i, floating, 1, smooth, [](In t) { return unpooled1d(sequences(t[0])); }},
      {"max_unpool2d", i, floating, 1, smooth, [](In t) { return unpooled2d(t[0]); }},
      {"max_unpool3d", i, floating, 1, smooth, [](In t) { return unpooled3d(volume(t[0])); }},
  };
}

Rows averages() {
  const Kind i = Kind::images;
  return {
      {"avg_pool1d", i, floating, 1, smooth, [](In t) { return avg_pool1d(sequences(t[0]), 2); }},
      {"avg_pool2d", i, floating, 1, smooth, [](In t) { return avg_pool2d(t[0], 2); }},
      {"avg_pool3d", i, floating, 1, smooth, [](In t) { return avg_pool3d(volume(t[0]), 2); }},
      {"adaptive_avg_pool1d", i, floating, 1, smooth,
       [](In t) { return adaptive_avg_pool1d(sequences(t[0]), 2); }},
      {"adaptive_avg_pool2d", i, floating, 1, smooth,
       [](In t) { return adaptive_avg_pool2d(t[0], 1); }},
      {"adaptive_avg_pool2d, uneven", i, floating, 1, smooth,
       [](In t) { return adaptive_avg_pool2d(t[0], 3); }},
      {"adaptive_avg_pool3d", i, floating, 1, smooth,
       [](In t) { return adaptive_avg_pool3d(volume(t[0]), 2); }},
      {"lp_pool1d", i, floating, 1, smooth, [](In t) { return norms1d(sequences(t[0])); }},
      {"lp_pool2d", i, floating, 1, smooth, [](In t) { return norms2d(t[0]); }},
      {"lp_pool3d", i, floating, 1, smooth, [](In t) { return norms3d(volume(t[0])); }},
  };
}

Rows pooling() {
  Rows all;
  for (const Rows& part : {maxima(), placed_maxima(), unpooling(), averages()})
    all.insert(all.end(), part.begin(), part.end());
  return all;
}

const Family pooling_family(pooling);

}  // namespace
}  // namespace bench
