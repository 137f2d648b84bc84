#include "cases.h"

namespace rw::test {
namespace {

constexpr auto max1 = max_pool1d_with_indices;
constexpr auto max3 = max_pool3d_with_indices;

template <class F>
Case squared(const std::string& name, F f) {
  return {name, [=](In x) { return f(x).square(); }};
}

Case max_pool(const std::string& name, Size2 kernel, const MaxPool2dOptions& options = {}) {
  return squared("max_pool2d" + name, [=](In x) { return max_pool2d(x, kernel, options); });
}
Case max_pool1(const std::string& name, Size1 kernel, const MaxPool1dOptions& options) {
  return squared("max_pool1d" + name, [=](In x) { return max_pool1d(x, kernel, options); });
}
Case max_pool3(const std::string& name, Size3 kernel, const MaxPool3dOptions& options) {
  return squared("max_pool3d" + name, [=](In x) { return max_pool3d(x, kernel, options); });
}

Case avg_pool(const std::string& name, Size2 kernel, const AvgPool2dOptions& options = {}) {
  return squared("avg_pool2d" + name, [=](In x) { return avg_pool2d(x, kernel, options); });
}
Case avg_pool1(const std::string& name, Size1 kernel, const AvgPool1dOptions& options) {
  return squared("avg_pool1d" + name, [=](In x) { return avg_pool1d(x, kernel, options); });
}
Case avg_pool3(const std::string& name, Size3 kernel, const AvgPool3dOptions& options) {
  return squared("avg_pool3d" + name, [=](In x) { return avg_pool3d(x, kernel, options); });
}

Case adaptive_avg_pool(const std::string& name, Size2 output_size) {
  return squared("adaptive_avg_pool2d_" + name,
                 [=](In x) { return adaptive_avg_pool2d(x, output_size); });
}

Case lp_pool(const std::string& name, double p) {
  return {"lp_pool1d_" + name, [=](In x) { return lp_pool1d(x, p, 3, {.stride = 2}); }};
}

Cases images() {
  return {
      max_pool("", 2),
      max_pool("_overlap", 3, {.stride = 1}),
      max_pool("_padding", 3, {.stride = 2, .padding = 1}),
      max_pool("_oblong", {3, 2}, {.stride = {1, 3}, .padding = {1, 0}}),
      max_pool("_dilation", 2, {.stride = 1, .dilation = {2, 3}}),
      max_pool("_ceil", 2, {.ceil_mode = true}),
      max_pool("_ceil_padding", {2, 3}, {.stride = 3, .padding = 1, .ceil_mode = true}),
      max_pool("_one_image", 2),
      {"max_pool2d_indices",
       [](In x) { return max_pool2d_with_indices(x, 3, {.stride = 2, .padding = 1}); }},
      {"max_pool2d_of_equal", [](In x) { return max_pool2d_with_indices(x, 2, {.stride = 1}); }},
      avg_pool("", 2),
      avg_pool("_padding", 3, {.stride = 2, .padding = 1}),
      avg_pool("_padding_not_counted", 3, {.stride = 2, .padding = 1, .count_include_pad = false}),
      avg_pool("_oblong", {3, 2}, {.stride = {{1, 3}}, .padding = {1, 0}}),
      avg_pool("_ceil", 2, {.ceil_mode = true}),
      avg_pool("_ceil_padding", {2, 3}, {.stride = 3, .padding = 1, .ceil_mode = true}),
      avg_pool("_ceil_padding_not_counted", 3,
               {.stride = 3, .padding = 1, .ceil_mode = true, .count_include_pad = false}),
      avg_pool("_one_image", 2, {.stride = 1}),
      adaptive_avg_pool("1", 1),
      adaptive_avg_pool("uneven", {3, 4}),
      adaptive_avg_pool("same", {5, 6}),
      adaptive_avg_pool("larger", {3, 5}),
  };
}

Cases maxima() {
  return {
      max_pool1("", 3, {.stride = 2, .padding = 1}),
      max_pool1("_one", 2, {.ceil_mode = true}),
      {"max_pool1d_indices",
       [](In x) { return max1(x, 3, {.stride = 1, .padding = 1, .dilation = 2}); }},
      squared("max_pool1d_transposed", [](In x) { return max_pool1d(x.transpose(-2, -1), 2); }),
      {"max_pool1d_nan", [](In x) { return max_pool1d(x, 2, {.stride = 1}); }},
      max_pool3("", 2, {.stride = 1}),
      max_pool3("_oblong", {2, 3, 1},
                {.stride = {1, 2, 2}, .padding = {1, 0, 0}, .ceil_mode = true}),
      {"max_pool3d_indices",
       [](In x) {
         return max3(x, 2, {.stride = 2, .padding = 1, .dilation = {1, 2, 1}});
       }},
      max_pool3("_one", {1, 2, 2}, {}),
      {"max_pool2d_int64", [](In x) { return max_pool2d(x, 2, {.stride = 1, .padding = 1}); }},
      {"max_pool2d_int8", [](In x) { return max_pool2d(x.to(int8), 2).to(int64); }},
      {"max_pool2d_bool", [](In x) { return max_pool2d(x, 2); }},
      {"max_pool1d_of_four", [](In x) { return max_pool1d(x, 2); }},
      {"max_pool1d_too_small", [](In x) { return max_pool1d(x, 3); }},
      {"max_pool3d_padding_too_large",
       [](In x) {
         return max_pool3d(x, 2, {.stride = 2, .padding = {0, 2, 0}});
       }},
      {"max_pool1d_without_channels", [](In x) { return max_pool1d(x, 2); }},
      squared("adaptive_max_pool1d", [](In x) { return adaptive_max_pool1d(x, 3); }),
      {"adaptive_max_pool1d_indices", [](In x) { return adaptive_max_pool1d_with_indices(x, 5); }},
      squared("adaptive_max_pool2d",
              [](In x) {
                return adaptive_max_pool2d(x, {same_size, 3});
              }),
      {"adaptive_max_pool2d_indices",
       [](In x) {
         return adaptive_max_pool2d_with_indices(x, {3, 4});
       }},
      {"adaptive_max_pool2d_divides",
       [](In x) {
         return adaptive_max_pool2d_with_indices(x, {5, 2});
       }},
      squared("adaptive_max_pool3d",
              [](In x) {
                return adaptive_max_pool3d(x, {2, 3, 2});
              }),
      {"adaptive_max_pool3d_indices",
       [](In x) {
         return adaptive_max_pool3d_with_indices(x, {2, 1, 4});
       }},
      {"adaptive_max_pool2d_0", [](In x) { return adaptive_max_pool2d(x, 0); }},
      {"adaptive_max_pool1d_negative", [](In x) { return adaptive_max_pool1d(x, -1); }},
  };
}

Cases averages() {
  return {
      avg_pool1("", 3, {.stride = 2, .padding = 1}),
      avg_pool1("_not_counted", 3,
                {.stride = 2, .padding = 1, .ceil_mode = true, .count_include_pad = false}),
      avg_pool1("_one", 2, {}),
      avg_pool3("", 2, {.stride = 1}),
      avg_pool3("_oblong", {2, 3, 1},
                {.stride = {1, 2, 2},
                 .padding = {1, 0, 0},
                 .ceil_mode = true,
                 .count_include_pad = false}),
      avg_pool3("_ceil_padding", {3, 2, 3}, {.stride = 2, .padding = 1, .ceil_mode = true}),
      avg_pool("_divisor", 2, {.stride = 1, .padding = 1, .divisor_override = -3}),
      avg_pool3("_divisor", 2, {.divisor_override = 3}),
      {"avg_pool2d_int64", [](In x) { return avg_pool2d(x, 2, {.stride = 1, .padding = 1}); }},
      {"avg_pool3d_int64_divisor",
       [](In x) { return avg_pool3d(x, 2, {.stride = 1, .divisor_override = -3}); }},
      {"avg_pool2d_int32", [](In x) { return avg_pool2d(x.to(int32), 2); }},
      {"avg_pool2d_divisor_0", [](In x) { return avg_pool2d(x, 2, {.divisor_override = 0}); }},
      {"avg_pool1d_stride_0", [](In x) { return avg_pool1d(x, 2, {.stride = 0}); }},
      lp_pool("2", 2),
      lp_pool("1", 1),
      lp_pool("3", 3),
      lp_pool("1_5", 1.5),
      lp_pool("minus_1", -1),
      {"lp_pool2d",
       [](In x) {
         return lp_pool2d(x, 2, {2, 3}, {.stride = {1, 2}});
       }},
      {"lp_pool2d_ceil", [](In x) { return lp_pool2d(x, 3, 2, {.ceil_mode = true}); }},
      {"lp_pool3d", [](In x) { return lp_pool3d(x, 2, 2, {.stride = 1}); }},
      {"lp_pool1d_zeros", [](In x) { return lp_pool1d(x, 2, 2); }},
      {"lp_pool1d_negative", [](In x) { return lp_pool1d(x, 3, 2); }},
      {"lp_pool1d_int64", [](In x) { return lp_pool1d(x, 2, 2).to(float64); }},
      {"lp_pool1d_0", [](In x) { return lp_pool1d(x, 0, 2); }},
      squared("adaptive_avg_pool1d", [](In x) { return adaptive_avg_pool1d(x, 3); }),
      squared("adaptive_avg_pool1d_one", [](In x) { return adaptive_avg_pool1d(x, 1); }),
      adaptive_avg_pool("none", {same_size, 3}),
      {"adaptive_avg_pool2d_0",
       [](In x) {
         return adaptive_avg_pool2d(x, {2, 0});
       }},
      squared("adaptive_avg_pool3d",
              [](In x) {
                return adaptive_avg_pool3d(x, {2, 4, 2});
              }),
      squared("adaptive_avg_pool3d_1", [](In x) { return adaptive_avg_pool3d(x, 1); }),
      {"adaptive_avg_pool2d_negative",
       [](In x) {
         return adaptive_avg_pool2d(x, {-1, 2});
       }},
      {"adaptive_avg_pool1d_int64", [](In x) { return adaptive_avg_pool1d(x, 1); }},
  };
}

template <class F>
Case unpool(const std::string& name, F f) {
  return {"max_unpool" + name, [=](In x, In i) { return f(x, i).square(); }};
}

Case fractional(const std::string& name, FractionalMaxPool2dOptions options) {
  return {"fractional_max_pool2d" + name, [=](In x, In samples) {
            FractionalMaxPool2dOptions sampled = options;
            sampled.random_samples = samples;
            const auto [y, indices] = fractional_max_pool2d_with_indices(x, 2, sampled);
            return std::pair(y * y, indices);
          }};
}

Cases elsewhere() {
  return {
      unpool("1d", [](In x, In i) { return max_unpool1d(x, i, 2); }),
      unpool("1d_size",
             [](In x, In i) {
               return max_unpool1d(x, i, 3, {.stride = 2, .padding = 1, .output_size = 6});
             }),
      unpool("2d", [](In x, In i) { return max_unpool2d(x, i, 2); }),
      unpool("2d_size",
             [](In x, In i) {
               return max_unpool2d(x, i, 2, {.stride = {2, 1}, .output_size = {5, 3}});
             }),
      unpool("3d",
             [](In x, In i) {
               return max_unpool3d(x, i, {1, 2, 2});
             }),
      unpool("1d_repeated", [](In x, In i) { return max_unpool1d(x, i, 2); }),
      unpool("1d_outside", [](In x, In i) { return max_unpool1d(x, i, 2); }),
      unpool("1d_shape", [](In x, In i) { return max_unpool1d(x, i, 2); }),
      unpool("1d_far_size", [](In x, In i) { return max_unpool1d(x, i, 2, {.output_size = 6}); }),
      fractional("", {.output_size = 3}),
      fractional("_ratio", {.output_ratio = {{0.5, 0.7}}}),
      fractional("_one", {.output_size = {4, 1}}),
      fractional("_too_large", {.output_size = 5}),
      {"fractional_max_pool3d",
       [](In x, In samples) {
         return fractional_max_pool3d(x, {1, 2, 2}, {.output_size = 2, .random_samples = samples})
             .square();
       }},
      {"fractional_max_pool3d_too_large",
       [](In x, In samples) {
         return fractional_max_pool3d(x, 2, {.output_size = 3, .random_samples = samples});
       }},
  };
}

}  // namespace

static Cases pooling_cases() { return joined({images(), maxima(), averages(), elsewhere()}); }

static const Family pooling_family(pooling_cases);

}  // namespace rw::test
