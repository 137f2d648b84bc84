#include <rewind/ops/conv.h>

#include <algorithm>
#include <utility>

#include <rewind/autograd/autocast.h>
#include <rewind/autograd/traced.h>
#include <rewind/onednn/support.h>
#include <rewind/ops/conv_arguments.h>
#include <rewind/ops/conv_images.h>
#include <rewind/ops/conv_integers.h>
#include <rewind/ops/conv_relu.h>
#include <rewind/ops/pointwise.h>
#include <rewind/ops/reduction.h>
#include <rewind/ops/window_span.h>
#include <rewind/tensor/check.h>

namespace rw {

using namespace detail;

namespace {

// The last N of three axes.
template <std::size_t N>
Size<3> three(const Size<N>& s, int64_t idle) {
  Size<3> all = idle;
  for (int d = 0; d < static_cast<int>(N); ++d) all[3 - static_cast<int>(N) + d] = s[d];
  return all;
}

template <std::size_t N>
ConvArguments arguments(const char* op, const ConvOptions<N>& o) {
  return {.op = op,
          .axes = N,
          .stride = three(o.stride, 1),
          .before = three(o.padding.before(), 0),
          .after = three(o.padding.after(), 0),
          .dilation = three(o.dilation, 1),
          .groups = o.groups,
          .mode = o.padding_mode,
          .same = o.padding.is_same()};
}

template <std::size_t N>
ConvArguments arguments(const char* op, const ConvTransposeOptions<N>& o) {
  return {.op = op,
          .axes = N,
          .stride = three(o.stride, 1),
          .before = three(o.padding, 0),
          .after = three(o.padding, 0),
          .dilation = three(o.dilation, 1),
          .output_padding = three(o.output_padding, 0),
          .groups = o.groups,
          .transposed = true};
}

// --- Images of what came -------------------------------------------------------------------------

// Whether each filter sees one channel. Its depth is then summed up in the end: for images, too,
// convolutions are fastest where filters see one.
bool sees_one_channel(const ConvArguments& c, const Tensor& weight) {
  return !c.transposed && c.groups > 1 && weight.size(1) == 1;
}

// Sizes of the convolution over images that the call comes to. `in` and `out` are the sizes of its
// input and result; for a transposed one, of its adjoint's.
ConvSizes image_sizes(const ConvArguments& c, const Tensor& x, const Tensor& weight,
                      const Size<3>& in, const Size<3>& out) {
  const Size<3> kernel = spatial(weight);
  const int64_t depth = kernel[0], channels = weight.size(1) * c.groups;
  const bool apart = depth > 1 && sees_one_channel(c, weight);
  check_allocatable(c.op, {x.size(0), channels, in[0], in[1], in[2]}, x.dtype());
  check_allocatable(c.op, {x.size(0), weight.size(0), out[0], out[1], out[2]}, x.dtype());
  check<ShapeError>(
      countable({x.size(0), out[0], out[1], out[2], weight.size(0), channels, depth, kernel[1],
                 kernel[2]}),
      "{}: an input of shape {} and a weight of shape {} would take more than 2^60 products", c.op,
      x.shape(), weight.shape());
  ConvSizes s{.n = x.size(0) * out[0],
              .c = channels * depth,
              .h = in[1],
              .w = in[2],
              .out = weight.size(0) * (apart ? depth : 1),
              .kh = kernel[1],
              .kw = kernel[2],
              .oh = out[1],
              .ow = out[2],
              .stride = {c.stride[1], c.stride[2]},
              .padding = {c.before[1], c.before[2]},
              // Of one row or column there are no two to hold apart.
              .dilation = {kernel[1] > 1 ? c.dilation[1] : 1, kernel[2] > 1 ? c.dilation[2] : 1},
              .groups = c.groups * (apart ? depth : 1)};
  // Steps that nothing takes; primitives would multiply by them all the same.
  if (s.oh == 1) s.stride[0] = std::min(s.stride.h(), s.h);
  if (s.ow == 1) s.stride[1] = std::min(s.stride.w(), s.w);
  return s;
}

ConvFrames frames_of(const ConvArguments& c, const Tensor& weight, const Size<3>& in,
                     const Size<3>& out) {
  return {.channels = weight.size(1) * c.groups,
          .depth = in[0],
          .out = out[0],
          .kernel = weight.size(2),
          .stride = c.stride[0],
          .before = c.before[0],
          .dilation = c.dilation[0],
          .groups = c.groups,
          .taps_first = sees_one_channel(c, weight)};
}

// Filters of images.
Tensor image_weight(const ConvArguments& c, const Tensor& weight) {
  if (c.axes == 1) return weight.unsqueeze(-2);
  if (c.axes == 2) return weight;
  if (weight.size(2) == 1) return weight.squeeze(2);
  return sees_one_channel(c, weight) ? weight.permute({2, 0, 1, 3, 4}).flatten(0, 1)
                                     : weight.transpose(1, 2).flatten(1, 2);
}

// What came of images, in the rank of the call.
Tensor from_images(const ConvArguments& c, const Tensor& y, int64_t depth) {
  if (c.axes == 1) return y.squeeze(-2);
  return c.axes == 2 ? y : y.unflatten(0, {-1, depth}).permute({0, 2, 1, 3, 4});
}

// Numbers for pad: before and after each of the axes that count, from the last on.
std::vector<int64_t> borders(const ConvArguments& c, const Size<3>& before, const Size<3>& after) {
  std::vector<int64_t> all;
  for (int d = 2; d >= 3 - std::max(c.axes, 2); --d) all.insert(all.end(), {before[d], after[d]});
  return all;
}

// --- What primitives don't take is done before, or after -----------------------------------------

// Whether the border has to be made before: it is not of zeros, or wider than oneDNN takes, which
// multiplies by it in 32 bits.
bool needs_border(const ConvArguments& c, const Size<3>& kernel) {
  if (c.before == Size<3>(0) && c.after == Size<3>(0)) return false;
  if (c.mode != PaddingMode::zeros) return true;
  for (int d = 1; d < 3; ++d)
    if (const int64_t most = std::max(c.before[d], c.after[d]);
        most > 1 << 16 || (most > 0 && most >= extent(kernel[d], c.dilation[d])))
      return true;
  return false;
}

// Makes the border before: x has the sizes `in` from now on, and no padding.
void make_border(ConvArguments& c, ConvPreparation& prepare, Size<3>& in) {
  prepare.border = borders(c, c.before, c.after);
  prepare.mode = c.mode;
  for (int d = 0; d < 3; ++d) {
    const Wide padded = in[d] + Wide{c.before[d]} + c.after[d];
    in[d] = to_size(c.op, padded, "an axis of the padded input");
  }
  c.before = c.after = 0;
}

// Where an axis has one window, a step that nothing takes. oneDNN (2.6.3 and 3.7.2 were seen to)
// reads other pixels by it, and memory beside the image. The same comes by steps of 1, over what
// the window meets along such an axis.
void take_idle_steps_away(ConvArguments& c, ConvPreparation& prepare, const Size<3>& kernel,
                          Size<3>& in, const Size<3>& out) {
  Size<3> before = 0, after = 0;
  bool any = false;
  for (int d = 1; d < 3; ++d) {
    if (out[d] > 1 || std::min(c.stride[d], in[d]) == 1) continue;
    any = true;
    const auto window = static_cast<int64_t>(extent(kernel[d], c.dilation[d]));
    before[d] = c.before[d];
    after[d] = window - c.before[d] - in[d];
    c.stride[d] = 1;
    c.before[d] = c.after[d] = 0;
    in[d] = window;
  }
  if (any) prepare.cut = borders(c, before, after);
}

// The weight without taps at the ends of the depth that meet none of `depth` frames from any of
// `windows`: over volumes of one frame, an image is left of it.
Tensor taps_met(ConvArguments& c, const Tensor& weight, int64_t depth, int64_t windows) {
  if (c.axes != 3) return weight;
  const auto is_met = [&](int64_t k) {
    const int64_t start = k * c.dilation[0] - c.before[0];
    return windows_meeting(depth, windows, start, c.stride[0]).count() > 0;
  };
  int64_t first = 0, last = weight.size(2);
  while (first + 1 < last && !is_met(first)) ++first;
  while (first + 1 < last && !is_met(last - 1)) --last;
  if (last - first == weight.size(2)) return weight;
  c.before[0] -= first * c.dilation[0];
  return weight.narrow(2, first, last - first);
}

// Adds a bias to what has been summed up without it.
Tensor with_bias(Tensor y, const Tensor& bias, int axes) {
  if (!bias.defined()) return y;
  Shape shape = Shape::filled(axes + 1, 1);
  shape[0] = bias.size(0);
  return std::move(y) + bias.view(shape);
}

// --- The two kinds -------------------------------------------------------------------------------

Tensor convolution(ConvArguments c, const Tensor& input, const Tensor& filters, const Tensor& bias,
                   ConvEnd* end) {
  const Size<3> kernel = spatial(filters);
  c = with_padding_counted(c, kernel);
  const Size<3> out = conv_output(c, input, filters);
  Size<3> in = spatial(input);
  ConvPreparation prepare;
  if (needs_border(c, kernel)) make_border(c, prepare, in);
  if (input.dtype() != float64) take_idle_steps_away(c, prepare, kernel, in, out);
  const Tensor weight = taps_met(c, filters, in[0], out[0]);
  const ConvSizes sizes = image_sizes(c, input, weight, in, out);
  if (c.axes == 3) prepare.frames = frames_of(c, weight, in, out);
  const Tensor x = c.axes == 1 ? input.unsqueeze(-2) : input;
  const Tensor w = image_weight(c, weight);
  const ConvPlan plan = make_conv_plan(sizes, x.dtype(), x.is_contiguous());
  if (sizes.out == weight.size(0))
    return from_images(c, convolve(c.op, x, w, bias, plan, prepare, end), out[0]);
  const Tensor y = convolve(c.op, x, w, {}, plan, prepare);
  return with_bias(from_images(c, y.unflatten(1, {weight.size(2), -1}).sum(1), out[0]), bias,
                   c.axes);
}

// Whether the whole result has to be computed, of which borders are cut off then: the border is not
// narrower than the kernel, or results go further than the last window, or there is one window
// along an axis, whose step is idle.
bool needs_whole(const ConvArguments& c, const Size<3>& kernel, const Size<3>& in) {
  if (needs_border(c, kernel)) return true;
  for (int d = 0; d < 3; ++d)
    if (c.output_padding[d] > c.after[d] || (in[d] == 1 && c.stride[d] > 1)) return true;
  return false;
}

Tensor transposed_convolution(ConvArguments c, const Tensor& input, const Tensor& filters,
                              const Tensor& bias) {
  const Size<3> kernel = spatial(filters), in = spatial(input);
  Size<3> out = conv_transpose_output(c, input, filters);
  std::vector<int64_t> cut;
  if (needs_whole(c, kernel, in)) {
    Size<3> before, after;
    for (int d = 0; d < 3; ++d) {
      before[d] = -c.before[d];
      after[d] = c.output_padding[d] - c.after[d];
      if (in[d] == 1) c.stride[d] = 1;
    }
    cut = borders(c, before, after);
    c.before = c.after = c.output_padding = 0;
    out = conv_transpose_output(c, input, filters);
  }
  const Tensor weight = taps_met(c, filters, out[0], in[0]);
  const ConvSizes sizes = image_sizes(c, input, weight, out, in);
  const ConvFrames frames = frames_of(c, weight, out, in);
  const Tensor x = c.axes == 1   ? input.unsqueeze(-2)
                   : c.axes == 2 ? input
                                 : to_frames(input, {.channels = input.size(1),
                                                     .depth = in[0],
                                                     .out = in[0],
                                                     .kernel = 1,
                                                     .stride = 1,
                                                     .before = 0,
                                                     .dilation = 1,
                                                     .groups = 1});
  const ConvPlan plan = make_conv_plan(sizes, x.dtype(), x.is_contiguous());
  Tensor y = convolve_backward_input(x, image_weight(c, weight), plan);
  if (c.axes == 3) y = from_frames(y, frames);
  if (!cut.empty()) y = pad(y, cut);
  return with_bias(c.axes == 1 ? y.squeeze(-2) : y, bias, c.axes);
}

Attributes attributes_of(const ConvArguments& c) {
  return {{"axes", c.axes},     {"stride", c.stride},     {"before", c.before},
          {"after", c.after},   {"dilation", c.dilation}, {"output_padding", c.output_padding},
          {"groups", c.groups}, {"same", c.same},         {"mode", static_cast<int>(c.mode)}};
}

// A result that was seen through a view, of what nobody else has, is no view.
Tensor by_itself(Tensor y, const Tensor& x) {
  if (y.impl()->is_view) own_if_fresh(y, {x});
  return y;
}

// What all ranks and both kinds have in common.
Tensor convolved(const ConvArguments& c, const Tensor& x, const Tensor& weight, const Tensor& bias,
                 ConvEnd* end = nullptr) {
  if (must_lower(x, weight, bias))
    return convolved(c, lowered(x), lowered(weight), lowered(bias), end);
  check_conv(c, x, weight, bias);
  if (x.dim() == c.axes + 1)
    return by_itself(convolved(c, x.unsqueeze(0), weight, bias).squeeze(0), x);
  if (is_integer(x.dtype())) return integer_convolution(c, x, weight, bias);
  if (is_reduced_floating(x.dtype()) && !onednn::supports(x.dtype()))
    return convolved(c, x.to(float32), weight.to(float32), bias.defined() ? bias.to(float32) : bias)
        .to(x.dtype());
  const Tensor y = c.transposed ? transposed_convolution(c, x, weight, bias)
                                : convolution(c, x, weight, bias, end);
  return traced(c.op, by_itself(y, x), {x, weight, bias}, [&] { return attributes_of(c); });
}

}  // namespace

Tensor conv1d(const Tensor& x, const Tensor& weight, const Tensor& bias,
              const Conv1dOptions& options) {
  return convolved(arguments("conv1d", options), x, weight, bias);
}
Tensor conv2d(const Tensor& x, const Tensor& weight, const Tensor& bias,
              const Conv2dOptions& options) {
  return convolved(arguments("conv2d", options), x, weight, bias);
}
Tensor conv3d(const Tensor& x, const Tensor& weight, const Tensor& bias,
              const Conv3dOptions& options) {
  return convolved(arguments("conv3d", options), x, weight, bias);
}

Tensor detail::conv2d_relu(const Tensor& x, const Tensor& weight, const Tensor& bias,
                           const Conv2dOptions& options, const Tensor& add) {
  ConvEnd end{add};
  Tensor y = convolved(arguments("conv2d", options), x, weight, bias, &end);
  if (end.done) return y;
  if (add.defined()) y = std::move(y) + add;
  return relu(std::move(y));
}

Tensor conv_transpose1d(const Tensor& x, const Tensor& weight, const Tensor& bias,
                        const ConvTranspose1dOptions& options) {
  return convolved(arguments("conv_transpose1d", options), x, weight, bias);
}
Tensor conv_transpose2d(const Tensor& x, const Tensor& weight, const Tensor& bias,
                        const ConvTranspose2dOptions& options) {
  return convolved(arguments("conv_transpose2d", options), x, weight, bias);
}
Tensor conv_transpose3d(const Tensor& x, const Tensor& weight, const Tensor& bias,
                        const ConvTranspose3dOptions& options) {
  return convolved(arguments("conv_transpose3d", options), x, weight, bias);
}

}  // namespace rw
