#include "table.h"

namespace rw::test {
namespace {

// Each squared, for second derivatives; together with the indices where there are any.
template <class F>
Row smooth(const char* name, const Tensor& x, F f) {
  return {name, [=](In a) { return f(a).square(); }, {x}};
}
template <class F>
Row maxima(const char* name, const Tensor& x, F f) {
  return {name,
          [=](In a) {
            if constexpr (std::is_same_v<decltype(f(a)), Tensor>)
              return f(a).square();
            else
              return f(a);
          },
          {x},
          Ties::kink};
}

void append(Rows& all, const Rows& more) { all.insert(all.end(), more.begin(), more.end()); }

Rows sliding_maxima() {
  const Tensor l = distinct({2, 2, 5}), d = distinct({1, 2, 3, 4}), v = distinct({1, 1, 3, 2, 4});
  return {
      maxima("max_pool1d", l, [](In a) { return max_pool1d(a, 2); }),
      maxima("max_pool1d, padding", l,
             [](In a) { return max_pool1d(a, 3, {.padding = 1, .dilation = 2}); }),
      maxima("max_pool1d_with_indices", l,
             [](In a) { return max_pool1d_with_indices(a, 2, {.ceil_mode = true}); }),
      maxima("max_pool2d", d, [](In a) { return max_pool2d(a, 2); }),
      maxima("max_pool2d, overlapping", d,
             [](In a) {
               return max_pool2d(a, {2, 3}, {.stride = 1, .padding = {1, 0}});
             }),
      maxima("max_pool2d, dilation", d,
             [](In a) {
               return max_pool2d(a, 2, {.stride = 1, .dilation = {1, 2}});
             }),
      maxima("max_pool2d, ceil", d, [](In a) { return max_pool2d(a, 2, {.ceil_mode = true}); }),
      maxima("max_pool2d_with_indices", d, [](In a) { return max_pool2d_with_indices(a, 2); }),
      maxima("max_pool3d", v, [](In a) { return max_pool3d(a, 2); }),
      maxima("max_pool3d, overlapping", v,
             [](In a) {
               return max_pool3d(a, {2, 1, 3}, {.stride = 1, .padding = {1, 0, 1}});
             }),
      maxima("max_pool3d_with_indices", v,
             [](In a) {
               return max_pool3d_with_indices(a, 2, {.dilation = {2, 1, 3}});
             }),
  };
}

Rows adaptive_maxima() {
  const Tensor l = distinct({2, 2, 5}), d = distinct({1, 2, 3, 4}), v = distinct({1, 1, 3, 2, 4});
  return {
      maxima("adaptive_max_pool1d", l, [](In a) { return adaptive_max_pool1d(a, 3); }),
      maxima("adaptive_max_pool1d_with_indices", l,
             [](In a) { return adaptive_max_pool1d_with_indices(a, 1); }),
      maxima("adaptive_max_pool2d", d,
             [](In a) {
               return adaptive_max_pool2d(a, {2, same_size});
             }),
      maxima("adaptive_max_pool2d_with_indices", d,
             [](In a) {
               return adaptive_max_pool2d_with_indices(a, {2, 3});
             }),
      maxima("adaptive_max_pool3d", v,
             [](In a) {
               return adaptive_max_pool3d(a, {2, 1, 3});
             }),
      maxima("adaptive_max_pool3d_with_indices", v,
             [](In a) { return adaptive_max_pool3d_with_indices(a, 2); }),
  };
}

Rows averages() {
  const Tensor l = normal({2, 2, 5}), x = normal({1, 2, 3, 4}), one = normal({2, 4, 3});
  const Tensor v = normal({1, 1, 3, 2, 4}), norms = positive({2, 2, 5});
  return {
      smooth("avg_pool1d, by place", l, [](In a) { return avg_pool1d(a, 3, 2, 1); }),
      smooth("avg_pool1d", l,
             [](In a) { return avg_pool1d(a, 3, {.stride = 2, .padding = 1, .ceil_mode = true}); }),
      smooth("avg_pool2d", x, [](In a) { return avg_pool2d(a, 2); }),
      smooth("avg_pool2d, padding", x,
             [](In a) {
               return avg_pool2d(a, {2, 3}, {.stride = 1, .padding = 1});
             }),
      smooth("avg_pool2d, not counting padding", x,
             [](In a) {
               return avg_pool2d(
                   a, 3,
                   {.stride = 2, .padding = 1, .ceil_mode = true, .count_include_pad = false});
             }),
      smooth("avg_pool2d, one image", one,
             [](In a) {
               return avg_pool2d(a, 2, {.stride = {2, 1}});
             }),
      smooth("avg_pool2d, divisor", x,
             [](In a) { return avg_pool2d(a, 2, {.divisor_override = 3}); }),
      smooth("avg_pool3d, by place", v, [](In a) { return avg_pool3d(a, 2, 1); }),
      smooth("avg_pool3d", v,
             [](In a) {
               return avg_pool3d(a, {2, 1, 3}, {.stride = 1, .padding = {1, 0, 1}});
             }),
      smooth("adaptive_avg_pool1d", l, [](In a) { return adaptive_avg_pool1d(a, 3); }),
      smooth("adaptive_avg_pool2d", x, [](In a) { return adaptive_avg_pool2d(a, 1); }),
      smooth("adaptive_avg_pool2d, uneven", x,
             [](In a) {
               return adaptive_avg_pool2d(a, {2, 3});
             }),
      smooth("adaptive_avg_pool2d, larger", one,
             [](In a) {
               return adaptive_avg_pool2d(a, {3, 4});
             }),
      smooth("adaptive_avg_pool3d", v,
             [](In a) {
               return adaptive_avg_pool3d(a, {2, same_size, 3});
             }),
      smooth("lp_pool1d", norms, [](In a) { return lp_pool1d(a, 3, 2); }),
      smooth("lp_pool1d, of 1.5", norms, [](In a) { return lp_pool1d(a, 1.5, 3, {.stride = 1}); }),
      smooth("lp_pool2d", x, [](In a) { return lp_pool2d(a, 2, 2, {.ceil_mode = true}); }),
      smooth("lp_pool3d", v, [](In a) { return lp_pool3d(a, 2, 2); }),
  };
}

Rows elsewhere() {
  const Tensor l = normal({1, 2, 2}), x = normal({1, 2, 1, 2}), v = normal({1, 1, 1, 2});
  const Tensor at = from<int64_t>({3, 0, 1, 2}), d = distinct({1, 2, 4, 5});
  const Tensor cube = distinct({1, 3, 4, 4}), numbers = rand({1, 2, 3}, float64);
  const auto samples = [=](In a, int64_t axes) {
    return numbers.narrow(1, 0, a.size(-axes - 1)).narrow(2, 0, axes).to(a.dtype());
  };
  const auto flat = [=](In a) {
    return FractionalMaxPool2dOptions{.output_size = {2, 3}, .random_samples = samples(a, 2)};
  };
  const auto deep = [=](In a) {
    return FractionalMaxPool3dOptions{.output_size = {1, 2, 2}, .random_samples = samples(a, 3)};
  };
  return {
      smooth("max_unpool1d", l,
             [=](In a) {
               return max_unpool1d(a, at.view({1, 2, 2}), 2);
             }),
      smooth("max_unpool2d", x,
             [=](In a) {
               return max_unpool2d(a, at.view({1, 2, 1, 2}), 2);
             }),
      smooth("max_unpool3d", v,
             [=](In a) {
               return max_unpool3d(a, at.narrow(0, 1, 2).view({1, 1, 1, 2}), {1, 2, 2});
             }),
      maxima("fractional_max_pool2d", d,
             [=](In a) { return fractional_max_pool2d(a, 2, flat(a)); }),
      maxima("fractional_max_pool2d_with_indices", d,
             [=](In a) { return fractional_max_pool2d_with_indices(a, 2, flat(a)); }),
      maxima("fractional_max_pool3d", cube,
             [=](In a) {
               return fractional_max_pool3d(a, {1, 2, 2}, deep(a));
             }),
      maxima("fractional_max_pool3d_with_indices", cube,
             [=](In a) {
               return fractional_max_pool3d_with_indices(a, {1, 2, 2}, deep(a));
             }),
  };
}

Rows pool_rows() {
  Rows all;
  for (const Rows& part : {sliding_maxima(), adaptive_maxima(), averages(), elsewhere()})
    append(all, part);
  return all;
}

const Family pool_family(pool_rows);

}  // namespace
}  // namespace rw::test
