#include "table.h"

namespace rw::test {
namespace {

Row conv(const char* name, const Tensors& inputs, const Conv1dOptions& options = {}) {
  return {name,
          [=](const Tensors& in) {
            return Tensors{conv1d(in[0], in[1], in.size() > 2 ? in[2] : Tensor(), options)};
          },
          inputs};
}
Row volumes(const char* name, const Tensors& inputs, const Conv3dOptions& options = {}) {
  return {name,
          [=](const Tensors& in) {
            return Tensors{conv3d(in[0], in[1], in.size() > 2 ? in[2] : Tensor(), options)};
          },
          inputs};
}
Row images(const char* name, const Tensors& inputs, const Conv2dOptions& options) {
  return {name, [=](const Tensors& in) { return Tensors{conv2d(in[0], in[1], {}, options)}; },
          inputs};
}

// f(input, weight, bias, options), a transposed convolution.
template <class F, class Options>
Row transposed(const char* name, F f, const Tensors& inputs, const Options& options) {
  return {name,
          [=](const Tensors& in) {
            return Tensors{f(in[0], in[1], in.size() > 2 ? in[2] : Tensor(), options)};
          },
          inputs};
}

Rows sequences() {
  const Tensor x = normal({2, 2, 5}), w = normal({3, 2, 2}), b = normal({3});
  const Tensor each = normal({4, 1, 3}), b4 = normal({4});
  const auto up = [](In a, In k, In c, const ConvTranspose1dOptions& o) {
    return conv_transpose1d(a, k, c, o);
  };
  return {
      conv("conv1d", {x, w, b}),
      conv("conv1d, one sequence", {normal({2, 4}), w}, {.padding = 1}),
      conv("conv1d, stride", {x, w, b}, {.stride = 2, .padding = 1}),
      conv("conv1d, dilation", {x, w}, {.dilation = 3}),
      conv("conv1d, groups", {x, each, b4}, {.padding = "same", .groups = 2}),
      conv("conv1d, sides", {x, w}, {.padding = ConvPadding<1>::sides(3, 0)}),
      conv("conv1d, reflect", {x, w}, {.padding = 2, .padding_mode = PaddingMode::reflect}),
      transposed("conv_transpose1d", up, {x, normal({2, 3, 2}), b}, ConvTranspose1dOptions{}),
      transposed("conv_transpose1d, options", up,
                 {normal({2, 2, 3}), normal({2, 1, 3}), normal({2})},
                 ConvTranspose1dOptions{
                     .stride = 2, .padding = 1, .output_padding = 1, .groups = 2, .dilation = 2}),
      transposed("conv_transpose1d, one window", up, {normal({1, 2, 1}), normal({2, 1, 2})},
                 ConvTranspose1dOptions{.stride = 3, .output_padding = 2}),
  };
}

Rows planes() {
  const Tensor x = normal({1, 2, 3, 4}), w = normal({2, 2, 2, 3});
  const auto up = [](In a, In k, In c, const ConvTranspose2dOptions& o) {
    return conv_transpose2d(a, k, c, o);
  };
  return {
      images("conv2d, same", {x, w}, {.padding = "same"}),
      images("conv2d, sides", {x, w}, {.padding = Conv2dOptions().padding.sides({2, 0}, {0, 3})}),
      images("conv2d, same by reflection", {x, w},
             {.padding = "same", .padding_mode = PaddingMode::reflect}),
      transposed("conv_transpose2d", up, {x, w, normal({2})}, ConvTranspose2dOptions{}),
      transposed("conv_transpose2d, one image", up, {normal({2, 2, 2}), w},
                 ConvTranspose2dOptions{.stride = {1, 2}, .padding = {0, 1}}),
      transposed(
          "conv_transpose2d, options", up,
          {normal({1, 2, 2, 2}), normal({2, 2, 2, 2}), normal({4})},
          ConvTranspose2dOptions{.stride = 2, .padding = 1, .output_padding = {1, 0}, .groups = 2}),
      transposed("conv_transpose2d, border as wide as the kernel", up, {x, normal({2, 1, 1, 2})},
                 ConvTranspose2dOptions{.padding = {1, 2}}),
      {"unfold",
       [](In a) {
         return unfold(a, {2, 3}).square();
       },
       {x}},
      {"unfold, options",
       [](In a) {
         return unfold(a, 2, {.dilation = {1, 2}, .padding = 1, .stride = {2, 1}}).square();
       },
       {x}},
      {"fold",
       [](In a) {
         return fold(a, {3, 4}, 2).square();
       },
       {normal({2, 8, 6})}},
      {"fold, options",
       [](In a) {
         return fold(a, {2, 3}, 2, {.dilation = {1, 2}, .padding = 1, .stride = {2, 1}}).square();
       },
       {normal({4, 6})}},
  };
}

Rows solids() {
  const Tensor x = normal({1, 2, 3, 2, 3}), w = normal({2, 2, 2, 2, 2}), b = normal({2});
  const Tensor each = normal({2, 1, 2, 1, 2});
  const auto up = [](In a, In k, In c, const ConvTranspose3dOptions& o) {
    return conv_transpose3d(a, k, c, o);
  };
  return {
      volumes("conv3d", {x, w, b}),
      volumes("conv3d, one volume", {normal({2, 2, 2, 2}), w}, {.padding = {1, 0, 0}}),
      volumes("conv3d, stride", {x, w, b}, {.stride = {2, 1, 2}, .padding = 1}),
      volumes("conv3d, dilation", {x, w}, {.padding = {1, 0, 0}, .dilation = {3, 1, 2}}),
      volumes("conv3d, depthwise", {x, each, b}, {.padding = {1, 0, 1}, .groups = 2}),
      volumes("conv3d, groups", {normal({1, 4, 2, 2, 2}), normal({2, 2, 2, 1, 1})}, {.groups = 2}),
      volumes("conv3d, 1x1x1", {x, normal({3, 2, 1, 1, 1})}),
      volumes("conv3d, circular", {x, w}, {.padding = 1, .padding_mode = PaddingMode::circular}),
      transposed("conv_transpose3d", up, {x, w, b}, ConvTranspose3dOptions{}),
      transposed(
          "conv_transpose3d, options", up, {normal({1, 2, 2, 1, 2}), normal({2, 1, 2, 2, 1}), b},
          ConvTranspose3dOptions{
              .stride = {2, 1, 1}, .padding = {1, 0, 0}, .output_padding = {1, 0, 0}, .groups = 2}),
  };
}

}  // namespace

static Rows conv_rows() {
  Rows all;
  for (const Rows& some : {sequences(), planes(), solids()})
    all.insert(all.end(), some.begin(), some.end());
  return all;
}

static const Family conv_family(conv_rows);

}  // namespace rw::test
