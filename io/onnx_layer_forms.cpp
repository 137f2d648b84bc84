#include <algorithm>
#include <cmath>
#include <limits>

#include <rewind/io/onnx_forms.h>
#include <rewind/ops/indexing.h>
#include <rewind/ops/interpolate.h>
#include <rewind/ops/pointwise.h>
#include <rewind/tensor/factories.h>
#include <rewind/tensor/from.h>

namespace rw::onnx {

namespace {

Ints joined(Ints a, const Ints& b) {
  a.insert(a.end(), b.begin(), b.end());
  return a;
}
bool all_zero(const Ints& v) {
  return std::all_of(v.begin(), v.end(), [](int64_t n) { return n == 0; });
}
// The sizes behind the first `count`.
Extents behind(const Extents& shape, size_t count) {
  return {shape.begin() + static_cast<int64_t>(count), shape.end()};
}

// --- Convolutions -------------------------------------------------------------------------------

// The last of the three numbers that convolutions of all ranks are told by.
Ints last_axes(const OpCall& c, const char* option) {
  const Ints all = c.integers(option);
  return {all.end() - c.integer("axes"), all.end()};
}

std::string convolution(OpCall& c) {
  const Ints kernel = c.fixed(behind(c.inputs[1].shape, 2)), dilation = last_axes(c, "dilation");
  Ints before = last_axes(c, "before"), after = last_axes(c, "after");
  if (c.integer("same"))
    for (size_t d = 0; d < kernel.size(); ++d) {
      const int64_t border = dilation[d] * (kernel[d] - 1);
      before[d] = border / 2;
      after[d] = border - before[d];
    }
  std::string x = c.in();
  const auto mode = static_cast<PaddingMode>(c.integer("mode"));
  if (mode != PaddingMode::zeros && !(all_zero(before) && all_zero(after))) {
    x = padded(c, x, c.inputs[0].shape, joined({0, 0}, before), joined({0, 0}, after), mode, 0);
    before = after = Ints(kernel.size(), 0);
  }
  Names given = {x, c.in(1)};
  if (c.has(2)) given.push_back(c.in(2));
  return c.node("Conv", given,
                {{"kernel_shape", kernel},
                 {"strides", last_axes(c, "stride")},
                 {"pads", joined(before, after)},
                 {"dilations", dilation},
                 {"group", c.integer("groups")}});
}

std::string transposed_convolution(OpCall& c) {
  Names given = {c.in(0), c.in(1)};
  if (c.has(2)) given.push_back(c.in(2));
  return c.node("ConvTranspose", given,
                {{"kernel_shape", c.fixed(behind(c.inputs[1].shape, 2))},
                 {"strides", last_axes(c, "stride")},
                 {"pads", joined(last_axes(c, "before"), last_axes(c, "after"))},
                 {"output_padding", last_axes(c, "output_padding")},
                 {"dilations", last_axes(c, "dilation")},
                 {"group", c.integer("groups")}});
}

// --- Pooling ------------------------------------------------------------------------------------

// Windows that slide over the last axes of an input. ONNX has no word for PyTorch's rule which last
// windows there are: the border after the input is made as wide as they need it.
struct Windows {
  Ints kernel, stride, dilation, in, out;

  Ints border_after(const Ints& before) const {
    Ints after;
    for (size_t d = 0; d < kernel.size(); ++d) {
      const int64_t end = (out[d] - 1) * stride[d] + dilation[d] * (kernel[d] - 1) + 1;
      after.push_back(std::max<int64_t>(end - before[d] - in[d], 0));
    }
    return after;
  }
};
Windows windows_of(const OpCall& c) {
  const Ints kernel = c.integers("kernel");
  const size_t first = c.inputs[0].shape.size() - kernel.size();
  return {kernel, c.integers("stride"),
          c.knows("dilation") ? c.integers("dilation") : Ints(kernel.size(), 1),
          c.fixed(behind(c.inputs[0].shape, first)), c.fixed(behind(c.results[0].shape, first))};
}

// f(x), where x has a batch in front of channels and `axes`.
template <class F>
std::string with_batch(OpCall& c, size_t axes, const F& f) {
  if (c.inputs[0].shape.size() == axes + 2) return f(c.in());
  return c.node("Squeeze", {f(c.node("Unsqueeze", {c.in(), c.ints({0})})), c.ints({0})});
}

std::string max_pool(OpCall& c) {
  const Windows w = windows_of(c);
  const Ints before = c.integers("padding");
  return with_batch(c, w.kernel.size(), [&](const std::string& x) {
    return c.node("MaxPool", {x},
                  {{"kernel_shape", w.kernel},
                   {"strides", w.stride},
                   {"dilations", w.dilation},
                   {"pads", joined(before, w.border_after(before))}});
  });
}

// Where zeros of the border count, they are made before: what a last window has beyond them does
// not count.
std::string avg_pool(OpCall& c) {
  Windows w = windows_of(c);
  Ints before = c.integers("padding");
  const int64_t divisor = c.integer("divisor");
  const size_t axes = w.kernel.size();
  const bool makes_border = divisor != 0 || (c.integer("count_include_pad") && !all_zero(before));
  return with_batch(c, axes, [&](std::string x) {
    if (makes_border) {
      const Ints after = divisor ? w.border_after(before) : before;
      const Extents shape(axes + 2);
      x = padded(c, x, shape, joined({0, 0}, before), joined({0, 0}, after), PaddingMode::zeros, 0);
      for (size_t d = 0; d < axes; ++d) w.in[d] += before[d] + after[d];
      before = Ints(axes, 0);
    }
    const std::string y = c.node("AveragePool", {x},
                                 {{"kernel_shape", w.kernel},
                                  {"strides", w.stride},
                                  {"pads", joined(before, w.border_after(before))},
                                  {"count_include_pad", 0}});
    if (divisor == 0) return y;
    double size = 1;
    for (const int64_t n : w.kernel) size *= static_cast<double>(n);
    return c.node("Mul", {y, c.number(size / static_cast<double>(divisor))});
  });
}

// The averages of `to` bins over `from` elements, as a matrix [to, from].
Tensor bins(int64_t from, int64_t to, DType dtype) {
  const Tensor weights = zeros({to, from}, float64);
  for (int64_t i = 0; i < to; ++i) {
    const int64_t first = i * from / to, last = ((i + 1) * from + to - 1) / to;
    for (int64_t j = first; j < last; ++j)
      weights.data<double>()[i * from + j] = 1 / static_cast<double>(last - first);
  }
  return weights.to(dtype);
}

// Averages over everything; over windows of one size; or, where bins overlap, products with
// matrices of weights.
std::string adaptive_avg_pool(OpCall& c) {
  const std::string_view name = c.name();
  const auto axes = static_cast<size_t>(name[name.size() - 2] - '0');
  const size_t first = c.inputs[0].shape.size() - axes;
  const Ints in = c.fixed(behind(c.inputs[0].shape, first)),
             out = c.fixed(behind(c.results[0].shape, first));
  if (in == out) return c.in();
  Ints kernel;
  bool even = true;
  for (size_t d = 0; d < axes; ++d) {
    even = even && in[d] % out[d] == 0;
    kernel.push_back(in[d] / out[d]);
  }
  if (even)
    return with_batch(c, axes, [&](const std::string& x) {
      if (out == Ints(axes, 1)) return c.node("GlobalAveragePool", {x});
      return c.node("AveragePool", {x}, {{"kernel_shape", kernel}, {"strides", kernel}});
    });
  if (axes == 3) c.refuse("its bins overlap, along three axes");
  const DType dtype = c.results[0].dtype;
  const std::string columns = c.constant(bins(in.back(), out.back(), dtype).t().contiguous());
  const std::string y = c.node("MatMul", {c.in(), columns});
  return axes == 1 ? y : c.node("MatMul", {c.constant(bins(in[0], out[0], dtype)), y});
}

// --- Normalizations -----------------------------------------------------------------------------

std::string filled(OpCall& c, const Ints& shape, double value) {
  return c.constant(full(Shape(shape.data(), shape.size()), value, c.inputs[0].dtype));
}
// Input i, or constants of this shape where there is none.
std::string given_or(OpCall& c, size_t i, const Ints& shape, double otherwise) {
  return c.has(i) ? c.in(i) : filled(c, shape, otherwise);
}

std::string batch_norm(OpCall& c) {
  if (c.integer("training"))
    c.refuse("it normalizes by the statistics of the batch; call eval(), and track statistics");
  const Ints channels = {c.fixed(c.inputs[0].shape[1])};
  return c.node(
      "BatchNormalization",
      {c.in(), given_or(c, 1, channels, 1), given_or(c, 2, channels, 0), c.in(3), c.in(4)},
      {{"epsilon", c.real("eps")}});
}

std::string layer_norm(OpCall& c) {
  const auto axes = static_cast<size_t>(c.integer("axes"));
  const Ints shape = c.fixed(behind(c.inputs[0].shape, c.inputs[0].shape.size() - axes));
  return c.node("LayerNormalization", {c.in(), given_or(c, 1, shape, 1), given_or(c, 2, shape, 0)},
                {{"axis", -static_cast<int64_t>(axes)}, {"epsilon", c.real("eps")}});
}

// x / sqrt(mean x^2 + eps)
std::string rms_norm(OpCall& c) {
  Ints dims;
  for (int64_t d = -c.integer("axes"); d < 0; ++d) dims.push_back(d);
  double count = 1;
  for (const int64_t n : c.fixed(behind(c.inputs[0].shape, c.inputs[0].shape.size() - dims.size())))
    count *= static_cast<double>(n);
  const std::string sum = c.node("ReduceSum", {c.node("Mul", {c.in(), c.in()}), c.ints(dims)});
  const std::string mean = c.node("Div", {sum, c.number(count)});
  const std::string size = c.node("Sqrt", {c.node("Add", {mean, c.number(c.real("eps"))})});
  const std::string y = c.node("Div", {c.in(), size});
  return c.has(1) ? c.node("Mul", {y, c.in(1)}) : y;
}

std::string instance_norm(OpCall& c) {
  const Ints channels = {c.fixed(c.inputs[0].shape[1])};
  return c.node("InstanceNormalization",
                {c.in(), given_or(c, 1, channels, 1), given_or(c, 2, channels, 0)},
                {{"epsilon", c.real("eps")}});
}

// An instance norm of groups as channels, whose weights are those of the channels behind it.
std::string group_norm(OpCall& c) {
  const Extents& shape = c.inputs[0].shape;
  const Ints groups = {c.integer("groups")};
  int64_t inner = 1;
  for (const int64_t n : c.fixed(behind(shape, 1))) inner *= n;
  const std::string x = c.reshape(c.in(), {shape[0], {groups[0]}, {inner / groups[0]}});
  std::string y = c.node("InstanceNormalization", {x, filled(c, groups, 1), filled(c, groups, 0)},
                         {{"epsilon", c.real("eps")}});
  y = c.reshape(y, shape);
  Extents channels(shape.size() - 1, Extent{1});
  channels[0] = shape[1];
  if (c.has(1)) y = c.node("Mul", {y, c.reshape(c.in(1), channels)});
  if (c.has(2)) y = c.node("Add", {y, c.reshape(c.in(2), channels)});
  return y;
}

Form along(const char* op_type) {
  return [op_type](OpCall& c) {
    if (c.rank() == 0) c.refuse("it has no dimension");
    return c.node(op_type, {c.in()}, {{"axis", c.integer("dim")}});
  };
}

// --- Attention ----------------------------------------------------------------------------------

struct Heads {
  std::string query, key, value, mask;
  bool mask_is_bool;
  Extents query_shape, key_shape;
};

// What is added to the scores: 0, and -inf where a query must not look.
std::string added_mask(OpCall& c, const Heads& h) {
  const double infinity = std::numeric_limits<double>::infinity();
  if (c.integer("causal")) {
    const int64_t rows = c.fixed(h.query_shape.end()[-2]), keys = c.fixed(h.key_shape.end()[-2]);
    const Tensor seen = ones({rows, keys}, boolean).tril();
    return c.constant(where(seen, 0.0, -infinity).to(c.results[0].dtype));
  }
  if (!h.mask_is_bool) return h.mask;
  return c.node("Where", {h.mask, c.number(0), c.number(-infinity)});
}

// softmax(q k^T scale + mask) v. A query that a mask lets see nothing gives 0, not NaN.
std::string attention(OpCall& c, const Heads& h) {
  if (c.real("dropout") != 0) c.refuse("it drops weights out");
  Ints order;
  for (size_t d = 0; d < h.key_shape.size(); ++d) order.push_back(static_cast<int64_t>(d));
  std::swap(order.end()[-1], order.end()[-2]);
  const std::string query = c.node("Mul", {h.query, c.number(c.real("scale"))});
  const std::string key = c.node("Transpose", {h.key}, {{"perm", order}});
  std::string scores = c.node("MatMul", {query, key});
  const std::string added = added_mask(c, h);
  if (!added.empty()) scores = c.node("Add", {scores, added});
  std::string weights = c.node("Softmax", {scores}, {{"axis", -1}});
  if (!h.mask.empty())
    weights = c.node("Where", {c.node("IsNaN", {weights}), c.number(0), weights});
  return c.node("MatMul", {weights, h.value});
}

std::string attention_of_three(OpCall& c) {
  const bool masked = c.has(3);
  return attention(
      c, {c.in(0), c.in(1), c.in(2), masked ? c.in(3) : "", masked && c.inputs[3].dtype == boolean,
          c.inputs[0].shape, c.inputs[1].shape});
}
std::string attention_of_one(OpCall& c) {
  const auto part = [&](int i) {
    return c.node("Gather", {c.in(), c.number(i, int64)}, {{"axis", 0}});
  };
  const Extents shape = behind(c.inputs[0].shape, 1);
  const bool masked = c.has(1);
  return attention(c, {part(0), part(1), part(2), masked ? c.in(1) : "",
                       masked && c.inputs[1].dtype == boolean, shape, shape});
}

// --- Resampling ---------------------------------------------------------------------------------

// A factor that was given is gone by; otherwise the sizes are.
std::string interpolate(OpCall& c) {
  const auto mode = static_cast<InterpolateMode>(c.integer("mode"));
  if (mode == InterpolateMode::area || mode == InterpolateMode::lanczos || c.integer("antialias"))
    c.refuse("ONNX resizes by nearest, linear and cubic, without antialias");
  const bool nearest = mode == InterpolateMode::nearest || mode == InterpolateMode::nearest_exact,
             align = c.integer("align_corners") != 0, cubic = mode == InterpolateMode::bicubic;
  NodeAttributes attributes = {
      {"mode", nearest ? "nearest"
               : cubic ? "cubic"
                       : "linear"},
      {"coordinate_transformation_mode", mode == InterpolateMode::nearest ? "asymmetric"
                                         : align                          ? "align_corners"
                                                                          : "half_pixel"}};
  if (nearest)
    attributes.emplace_back("nearest_mode",
                            mode == InterpolateMode::nearest ? "floor" : "round_prefer_ceil");
  if (cubic) attributes.emplace_back("cubic_coeff_a", -0.75);
  if (!c.knows("factor0"))
    return c.node("Resize", {c.in(), "", "", c.shape(c.results[0].shape)}, attributes);
  std::vector<float> scales = {1, 1};
  for (const char* factor : {"factor0", "factor1", "factor2"})
    if (c.knows(factor)) scales.push_back(static_cast<float>(c.real(factor)));
  return c.node("Resize", {c.in(), "", c.constant(from(scales))}, attributes);
}

// Channels become pixels, row by row of each block.
std::string pixel_shuffle(OpCall& c) {
  if (c.rank() != 4) c.refuse("expected images [N, C, H, W]");
  const int64_t block = c.fixed(c.results[0].shape[2]) / c.fixed(c.inputs[0].shape[2]);
  return c.node("DepthToSpace", {c.in()}, {{"blocksize", block}, {"mode", "CRD"}});
}

Forms make_forms() {
  Forms forms = {
      {"batch_norm", batch_norm},
      {"layer_norm", layer_norm},
      {"rms_norm", rms_norm},
      {"instance_norm", instance_norm},
      {"group_norm", group_norm},
      {"softmax", along("Softmax")},
      {"log_softmax", along("LogSoftmax")},
      {"scaled_dot_product_attention", attention_of_three},
      {"packed_attention", attention_of_one},
      {"embedding",
       [](OpCall& c) {
         return c.node("Gather", {c.in(1), c.in(0)}, {{"axis", 0}});
       }},
      {"interpolate", interpolate},
      {"pixel_shuffle", pixel_shuffle},
  };
  for (const char* name : {"conv1d", "conv2d", "conv3d"}) forms.emplace(name, convolution);
  for (const char* name : {"conv_transpose1d", "conv_transpose2d", "conv_transpose3d"})
    forms.emplace(name, transposed_convolution);
  for (const char* name : {"max_pool1d", "max_pool2d", "max_pool3d"}) forms.emplace(name, max_pool);
  for (const char* name : {"avg_pool1d", "avg_pool2d", "avg_pool3d"}) forms.emplace(name, avg_pool);
  for (const char* name : {"adaptive_avg_pool1d", "adaptive_avg_pool2d", "adaptive_avg_pool3d"})
    forms.emplace(name, adaptive_avg_pool);
  return forms;
}

}  // namespace

const Forms& layer_forms() {
  static const Forms forms = make_forms();
  return forms;
}

}  // namespace rw::onnx
