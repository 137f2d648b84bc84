#include "../rows.h"

namespace bench {
namespace {

using namespace lib;
using enum Types;

// Images [N, C, H, W] of the sweep as volumes of eight frames, or as sequences of their rows.
Tensor volumes(const Tensor& t) {
  const auto s = sizes(t);
  return s[0] % 8 == 0 ? t.reshape({s[0] / 8, 8, s[1], s[2], s[3]}).transpose(1, 2)
                       : t.unsqueeze(2);
}
Tensor sequences(const Tensor& t) { return t.flatten(2); }

Rows convolutions() {
  const Kind i = Kind::images;
  const auto filters = [](In t, const std::vector<int64_t>& shape) {
    return (uniform(shape) - 0.5).to(lib::type_of(t[0]));
  };
  const auto c = [](In t) { return t[0].size(1); };
  return {
      {"conv1d", i, floating, 1, smooth,
       [=](In t) {
         return conv_1d(sequences(t[0]), filters(t, {c(t), c(t), 3}), 1, 1);
       }},
      {"conv1d, depthwise", i, floating, 1, smooth,
       [=](In t) {
         return conv_1d(sequences(t[0]), filters(t, {c(t), 1, 5}), 2, c(t));
       }},
      {"conv3d", i, floating, 1, smooth,
       [=](In t) {
         return conv_3d(volumes(t[0]), filters(t, {c(t), c(t), 3, 3, 3}), 1, 1);
       }},
      {"conv3d, depthwise", i, floating, 1, smooth,
       [=](In t) {
         return conv_3d(volumes(t[0]), filters(t, {c(t), 1, 3, 3, 3}), 1, c(t));
       }},
      {"conv_transpose1d", i, floating, 1, smooth,
       [=](In t) {
         return up_1d(sequences(t[0]), filters(t, {c(t), c(t), 4}), 2, 1);
       }},
      {"conv_transpose2d", i, floating, 1, smooth,
       [=](In t) {
         return up_2d(t[0], filters(t, {c(t), c(t), 4, 4}), 2, 1);
       }},
      {"conv_transpose2d, 3x3", i, floating, 1, smooth,
       [=](In t) {
         return up_2d(t[0], filters(t, {c(t), c(t), 3, 3}), 1, 1);
       }},
      {"conv_transpose3d", i, floating, 1, smooth,
       [=](In t) {
         return up_3d(volumes(t[0]), filters(t, {c(t), c(t), 2, 2, 2}), 2, 0);
       }},
      {"unfold", i, floating, 1, smooth, [](In t) { return windows(t[0]); }},
      {"fold", i, floating, 1, smooth,
       [](In t) {
         const auto s = sizes(t[0]);
         return from_windows(t[0].reshape({s[0], s[1] * 4, -1}), {s[2], s[3]});
       }},
  };
}

const Family family(convolutions);

}  // namespace
}  // namespace bench
