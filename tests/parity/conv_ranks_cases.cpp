#include "cases.h"

namespace rw::test {
namespace {

// f(input, weight, bias, options), the bias perhaps missing.
template <class F, class Options>
Case with(const std::string& name, F f, const Options& options) {
  return {name, [=](const Tensors& in) {
            return Tensors{f(in[0], in[1], in.size() > 2 ? in[2] : Tensor(), options)};
          }};
}

Case conv(const std::string& name, const Conv1dOptions& o) {
  return with(
      "conv1d_" + name, [](auto... a) { return conv1d(a...); }, o);
}
Case images(const std::string& name, const Conv2dOptions& o) {
  return with(
      "conv2d_" + name, [](auto... a) { return conv2d(a...); }, o);
}
Case volumes(const std::string& name, const Conv3dOptions& o) {
  return with(
      "conv3d_" + name, [](auto... a) { return conv3d(a...); }, o);
}
Case up1(const std::string& name, const ConvTranspose1dOptions& o) {
  return with("conv_transpose1d_" + name, conv_transpose1d, o);
}
Case up2(const std::string& name, const ConvTranspose2dOptions& o) {
  return with("conv_transpose2d_" + name, conv_transpose2d, o);
}
Case up3(const std::string& name, const ConvTranspose3dOptions& o) {
  return with("conv_transpose3d_" + name, conv_transpose3d, o);
}

// A layer with the weight and bias that are given.
template <class Layer>
Case layer(const std::string& name, const std::function<Layer()>& make) {
  return {name, [make](In x, In w, In b) {
            Layer module = make();
            module.weight = w;
            module.bias = b;
            return module(x);
          }};
}

constexpr PaddingMode reflect = PaddingMode::reflect, replicate = PaddingMode::replicate,
                      circular = PaddingMode::circular;

Cases sequences() {
  return {
      conv("plain", {}),
      conv("no_bias", {}),
      conv("one_sequence", {.padding = 1}),
      conv("options", {.stride = 2, .padding = 2, .dilation = 2, .groups = 2}),
      conv("depthwise", {.padding = 2, .groups = 3}),
      conv("same", {.padding = "same", .dilation = 2}),
      conv("valid", {.padding = "valid"}),
      conv("wide_padding", {.padding = 4}),
      conv("stride_beyond_kernel", {.stride = 4}),
      conv("one_pixel", {}),
      conv("empty_batch", {}),
      conv("reflect", {.stride = 2, .padding = 2, .padding_mode = reflect}),
      conv("replicate", {.padding = 3, .padding_mode = replicate}),
      conv("circular", {.padding = 2, .dilation = 2, .padding_mode = circular}),
      images("same", {.padding = "same"}),
      images("same_dilated", {.padding = "same", .dilation = {2, 1}}),
      images("empty_batch", {}),
      images("one_pixel", {.padding = 1}),
      conv("of_other_channels", {}),
      conv("of_images", {}),
      conv("kernel_beyond_input", {}),
      conv("same_strided", {.stride = 2, .padding = "same"}),
      conv("no_stride", {.stride = 0}),
      conv("negative_padding", {.padding = -1}),
      conv("groups", {.groups = 3}),
      conv("bias", {}),
  };
}

Cases solids() {
  return {
      volumes("plain", {}),
      volumes("no_bias", {}),
      volumes("one_volume", {.padding = 1}),
      volumes("options",
              {.stride = {2, 1, 2}, .padding = {1, 2, 0}, .dilation = {1, 2, 1}, .groups = 2}),
      volumes("depthwise", {.padding = 1, .groups = 2}),
      volumes("depthwise_two_each", {.stride = {2, 1, 1}, .groups = 2}),
      volumes("1x1x1", {}),
      volumes("1x1x1_strided", {.stride = 2}),
      volumes("same", {.padding = "same"}),
      volumes("wide_padding", {.padding = {3, 1, 1}}),
      volumes("whole", {}),
      volumes("replicate", {.padding = {2, 1, 1}, .padding_mode = replicate}),
      volumes("circular", {.padding = {2, 1, 1}, .padding_mode = circular}),
      volumes("reflect", {.stride = 2, .padding = {2, 1, 1}, .padding_mode = reflect}),
      volumes("of_images", {}),
  };
}

Cases transposed() {
  return {
      up1("plain", {}),
      up1("one_sequence", {.stride = 2}),
      up1("options", {.stride = 3, .padding = 1, .output_padding = 2, .groups = 2, .dilation = 2}),
      up1("wide_padding", {.padding = 3}),
      up1("one_pixel", {.stride = 2, .output_padding = 1}),
      up1("output_padding_by_dilation", {.output_padding = 2, .dilation = 3}),
      up2("plain", {}),
      up2("no_bias", {}),
      up2("one_image", {.stride = 2}),
      up2("options", {.stride = {2, 3},
                      .padding = {1, 0},
                      .output_padding = {1, 2},
                      .groups = 2,
                      .dilation = {2, 1}}),
      up2("double", {.stride = 2, .padding = 1}),
      up2("depthwise", {.stride = 2, .padding = 1, .groups = 3}),
      up2("stride_beyond_kernel", {.stride = 4}),
      up2("wide_padding", {.padding = {2, 1}}),
      up2("one_pixel", {.stride = 2}),
      up2("1x1", {}),
      up2("empty_batch", {}),
      up3("plain", {}),
      up3("one_volume", {.stride = 2}),
      up3("options",
          {.stride = {2, 1, 2}, .padding = {1, 0, 1}, .output_padding = {1, 0, 1}, .groups = 2}),
      up3("dilation", {.dilation = {2, 1, 2}}),
      up3("wide_padding", {.padding = {1, 1, 0}}),
      up1("output_padding", {.stride = 2, .output_padding = 2}),
      up1("of_other_channels", {}),
      up1("nothing_left", {.padding = 4}),
  };
}

Cases columns() {
  const FoldOptions options = {.dilation = {1, 2}, .padding = {2, 1}, .stride = {2, 1}};
  return {
      {"unfold_windows",
       [](In x) {
         return unfold(x, {2, 3}).square();
       }},
      {"unfold_options", [=](In x) { return unfold(x, 2, options).square(); }},
      {"unfold_one_image", [](In x) { return unfold(x, 2).square(); }},
      {"fold",
       [](In x) {
         return fold(x, {3, 4}, {2, 3}).square();
       }},
      {"fold_options", [=](In x) { return fold(x, 4, 2, options).square(); }},
      {"fold_one_image", [](In x) { return fold(x, 3, 2).square(); }},
      {"unfold_kernel_beyond_input", [](In x) { return unfold(x, 4); }},
      {"fold_of_other_columns", [](In x) { return fold(x, 3, 2); }},
      {"fold_of_other_rows", [](In x) { return fold(x, 3, 2); }},
  };
}

Cases layers() {
  return {
      layer<nn::Conv1d>(
          "Conv1d_same_circular",
          [] { return nn::Conv1d(2, 2, 4, {.padding = "same", .padding_mode = circular}); }),
      layer<nn::Conv2d>(
          "Conv2d_same_reflect",
          [] {
            return nn::Conv2d(1, 2, {2, 4}, {.padding = "same", .padding_mode = reflect});
          }),
      layer<nn::Conv3d>(
          "Conv3d_replicate",
          [] {
            return nn::Conv3d(1, 2, 2, {.padding = {1, 0, 1}, .padding_mode = replicate});
          }),
  };
}

}  // namespace

static Cases conv_ranks_cases() {
  return joined({sequences(), solids(), transposed(), columns(), layers()});
}

static const Family conv_ranks_family(conv_ranks_cases);

}  // namespace rw::test
