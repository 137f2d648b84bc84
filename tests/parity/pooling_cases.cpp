#include "cases.h"

namespace rw::test {
namespace {

Case max_pool(const std::string& name, Size2 kernel, const MaxPool2dOptions& options = {}) {
  return {"max_pool2d" + name, [=](In x) { return max_pool2d(x, kernel, options).square(); }};
}

Case avg_pool(const std::string& name, Size2 kernel, const AvgPool2dOptions& options = {}) {
  return {"avg_pool2d" + name, [=](In x) { return avg_pool2d(x, kernel, options).square(); }};
}

Case adaptive_avg_pool(const std::string& name, Size2 output_size) {
  return {"adaptive_avg_pool2d_" + name,
          [=](In x) { return adaptive_avg_pool2d(x, output_size).square(); }};
}

}  // namespace

static Cases pooling_cases() {
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

static const Family pooling_family(pooling_cases);

}  // namespace rw::test
