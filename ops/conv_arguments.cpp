#include <rewind/ops/conv_arguments.h>

#include <algorithm>
#include <string>
#include <string_view>

#include <rewind/ops/argument_checks.h>
#include <rewind/tensor/check.h>

namespace rw::detail {
namespace {

constexpr const char* layouts[] = {"[N, C, L] or [C, L]", "[N, C, H, W] or [C, H, W]",
                                   "[N, C, D, H, W] or [C, D, H, W]"};
constexpr const char* kernels[] = {"k", "kh, kw", "kd, kh, kw"};
constexpr const char* extents[] = {"a depth", "a height", "a width"};

auto weight_layout(const ConvArguments& c) {
  return later{[&] {
    return fmt::format("[{}, {}]", c.transposed ? "C, out / groups" : "out, C / groups",
                       kernels[c.axes - 1]);
  }};
}

// "2x3": what there is for each axis.
auto joined(const ConvArguments& c, const Size<3>& sizes) {
  return later{[&] {
    std::string s;
    for (int d = c.first(); d < 3; ++d) s += fmt::format("{}{}", s.empty() ? "" : "x", sizes[d]);
    return s;
  }};
}

// The same of the padding, and where the sides differ "1+2" for each axis.
auto joined_sides(const ConvArguments& c) {
  return later{[&] {
    std::string s;
    for (int d = c.first(); d < 3; ++d) {
      s += fmt::format("{}{}", s.empty() ? "" : "x", c.before[d]);
      if (c.before != c.after) s += fmt::format("+{}", c.after[d]);
    }
    return s;
  }};
}

int64_t filters(const ConvArguments& c, const Tensor& weight) {
  return c.transposed ? weight.size(1) * c.groups : weight.size(0);
}

void check_tensors(const ConvArguments& c, const Tensor& x, const Tensor& weight) {
  check(x.defined() && weight.defined(), "{}: the {} is undefined", c.op,
        x.defined() ? "weight" : "input");
  if (!is_integer(x.dtype())) check_floating(c.op, x);
  check<DTypeError>(weight.dtype() == x.dtype(),
                    "{}: expected a weight of the input's dtype {}, got {}", c.op, x.dtype(),
                    weight.dtype());
  check<ShapeError>(x.dim() == c.axes + 1 || x.dim() == c.axes + 2,
                    "{}: expected an input {}, got shape {}", c.op, layouts[c.axes - 1], x.shape());
  check<ShapeError>(weight.dim() == c.axes + 2 && weight.numel() > 0,
                    "{}: expected a weight {}, got shape {}", c.op, weight_layout(c),
                    weight.shape());
}

void check_bias(const ConvArguments& c, const Tensor& x, const Tensor& weight, const Tensor& bias) {
  if (!bias.defined()) return;
  check<DTypeError>(bias.dtype() == x.dtype(),
                    "{}: expected a bias of the input's dtype {}, got {}", c.op, x.dtype(),
                    bias.dtype());
  check<ShapeError>(bias.shape() == Shape{filters(c, weight)},
                    "{}: expected a bias of shape [{}], one value per filter, got {}", c.op,
                    filters(c, weight), bias.shape());
}

void check_options(const ConvArguments& c) {
  const auto all_at_least = [](const Size<3>& s, int64_t least) {
    return s[0] >= least && s[1] >= least && s[2] >= least;
  };
  check(all_at_least(c.stride, 1), "{}: expected a positive stride, got {}", c.op,
        joined(c, c.stride));
  check(all_at_least(c.dilation, 1), "{}: expected a positive dilation, got {}", c.op,
        joined(c, c.dilation));
  for (const Size<3>& padding : {c.before, c.after})
    check(all_at_least(padding, 0), "{}: expected a padding that is not negative, got {}", c.op,
          joined(c, padding));
  check(c.groups > 0, "{}: expected a positive number of groups, got {}", c.op, c.groups);
  check(!c.same || c.stride == Size<3>(1), "{}: padding \"same\" takes a stride of 1, got {}", c.op,
        joined(c, c.stride));
  for (int d = 0; d < 3; ++d) {
    const int64_t more = c.output_padding[d];
    check(more >= 0 && (more == 0 || more < std::max(c.stride[d], c.dilation[d])),
          "{}: expected an output_padding that is not negative and less than the stride or the "
          "dilation, got {} with stride {} and dilation {}",
          c.op, joined(c, c.output_padding), joined(c, c.stride), joined(c, c.dilation));
  }
}

void check_channels(const ConvArguments& c, const Tensor& x, const Tensor& weight) {
  const Wide taken = c.transposed ? Wide{weight.size(0)} : Wide{weight.size(1)} * c.groups;
  check<ShapeError>(
      x.size(-1 - c.axes) == taken,
      "{}: a weight of shape {} with groups = {} takes inputs with {} channels, got shape {}", c.op,
      weight.shape(), c.groups, taken, x.shape());
  check<ShapeError>(weight.size(0) % c.groups == 0,
                    "{}: groups = {} has to divide the number of {}, got a weight of shape {}",
                    c.op, c.groups, c.transposed ? "channels" : "filters", weight.shape());
}

}  // namespace

bool is_same_padding(const char* word) {
  const std::string_view padding = word;
  check(padding == "same" || padding == "valid",
        "padding: expected numbers, \"same\" or \"valid\", got \"{}\"", padding);
  return padding == "same";
}

Size<3> spatial(const Tensor& t) {
  Size<3> sizes = 1;
  for (int d = 2; d < t.dim(); ++d) sizes[3 - t.dim() + d] = t.shape()[d];
  return sizes;
}

void check_conv(const ConvArguments& c, const Tensor& x, const Tensor& weight, const Tensor& bias) {
  check_tensors(c, x, weight);
  check_options(c);
  check_bias(c, x, weight, bias);
  check_channels(c, x, weight);
}

ConvArguments with_padding_counted(ConvArguments c, const Size<3>& kernel) {
  if (!c.same) return c;
  for (int d = 0; d < 3; ++d) {
    const int64_t total = to_size(c.op, extent(kernel[d], c.dilation[d]) - 1, "a border");
    c.before[d] = total / 2;
    c.after[d] = total - total / 2;
  }
  c.same = false;
  return c;
}

Size<3> conv_output(const ConvArguments& c, const Tensor& x, const Tensor& weight) {
  const Size<3> in = spatial(x), kernel = spatial(weight);
  Size<3> out;
  for (int d = 0; d < 3; ++d) {
    const Wide room = in[d] + Wide{c.before[d]} + c.after[d] - extent(kernel[d], c.dilation[d]);
    check<ShapeError>(in[d] > 0 && room >= 0,
                      "{}: a kernel of {} with dilation {} is larger than an input of {} with "
                      "padding {}",
                      c.op, joined(c, kernel), joined(c, c.dilation), joined(c, in),
                      joined_sides(c));
    out[d] = to_size(c.op, room / c.stride[d] + 1, extents[d]);
  }
  return out;
}

Size<3> conv_transpose_output(const ConvArguments& c, const Tensor& x, const Tensor& weight) {
  const Size<3> in = spatial(x), kernel = spatial(weight);
  Size<3> out;
  for (int d = 0; d < 3; ++d) {
    const Wide size = (in[d] - Wide{1}) * c.stride[d] - Wide{c.before[d]} - c.after[d] +
                      extent(kernel[d], c.dilation[d]) + c.output_padding[d];
    check<ShapeError>(in[d] > 0 && size > 0,
                      "{}: an input of {} and a kernel of {} with padding {} leave nothing of the "
                      "result",
                      c.op, joined(c, in), joined(c, kernel), joined_sides(c));
    out[d] = to_size(c.op, size, extents[d]);
  }
  return out;
}

}  // namespace rw::detail
