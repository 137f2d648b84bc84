#include "cases.h"

namespace rw::test {
namespace {

Case conv(const std::string& name, const Conv2dOptions& options) {
  return {"conv2d_" + name, [options](In x, In w, In b) { return conv2d(x, w, b, options); }};
}

}  // namespace

static Cases convolution_cases() {
  return {
      conv("plain", {}),
      {"conv2d_no_bias", [](In x, In w) { return conv2d(x, w); }},
      conv("1x1", {}),
      conv("stride", {.stride = {2, 3}}),
      conv("padding", {.padding = {1, 2}}),
      conv("wide_padding", {.padding = {3, 2}}),
      conv("stride_leaves_a_rest", {.stride = 2, .padding = 1}),
      conv("dilation", {.padding = 1, .dilation = {2, 3}}),
      conv("groups", {.padding = 1, .groups = 2}),
      conv("depthwise", {.padding = 1, .groups = 3}),
      conv("depthwise_two_each", {.stride = 2, .padding = 1, .groups = 2}),
      conv("one_image", {.padding = 1}),
      conv("reflect", {.padding = {1, 2}, .padding_mode = PaddingMode::reflect}),
      conv("replicate", {.stride = 2, .padding = {2, 1}, .padding_mode = PaddingMode::replicate}),
      conv("circular", {.padding = {2, 1}, .padding_mode = PaddingMode::circular}),
      conv("whole_image", {}),
  };
}

static const Family convolution_family(convolution_cases);

}  // namespace rw::test
