// Normalizations, dropout and resampling.

#include <algorithm>
#include <cmath>

#include <rewind/io/onnx_operators.h>
#include <rewind/ops/dropout.h>
#include <rewind/ops/indexing.h>
#include <rewind/ops/interpolate.h>
#include <rewind/ops/norm.h>
#include <rewind/ops/pointwise.h>
#include <rewind/tensor/check.h>
#include <rewind/tensor/factories.h>
#include <rewind/tensor/from.h>

namespace rw::onnx {

namespace {

// --- Normalizations -----------------------------------------------------------------------------

// By the running statistics; in training mode by those of the batch.
Step batch_normalization(Node& n) {
  const double eps = n.real("epsilon", 1e-5), momentum = n.real("momentum", 0.9);
  n.expect("training_mode", 0);
  n.expect("spatial", 1);
  if (n.outputs() > 1) n.refuse("it has a second result, statistics of training");
  return [=](Arguments& in) {
    return batch_norm(in[0], in[1], in[2], in[3], in[4],
                      {.training = in.training, .momentum = 1 - momentum, .eps = eps});
  };
}

Step instance_normalization(Node& n) {
  const double eps = n.real("epsilon", 1e-5);
  return [=](Arguments& in) { return instance_norm(in[0], in[1], in[2], {}, {}, {.eps = eps}); };
}

// The sizes from an axis on.
Shape from_axis(const Tensor& x, int64_t axis) {
  const Shape& shape = x.shape();
  const int64_t first = axis_in(axis, x.dim());
  return {shape.data() + first, static_cast<size_t>(x.dim() - first)};
}

// A weight as one of this shape: sizes of 1 before it mean nothing.
Tensor filling(const Tensor& weight, const Shape& shape) {
  if (!weight.defined()) return weight;
  Tensor t = weight;
  while (t.dim() > shape.rank() && t.size(0) == 1) t = t.squeeze(0);
  return t.shape() == shape ? t : t.expand(shape);
}

Step layer_normalization(Node& n) {
  const int64_t axis = n.integer("axis", -1);
  const double eps = n.real("epsilon", 1e-5);
  n.expect("stash_type", 1);
  if (n.outputs() > 1) n.refuse("it has a second result, a mean");
  return [=](Arguments& in) {
    const Shape shape = from_axis(in[0], axis);
    return layer_norm(in[0], shape, filling(in[1], shape), filling(in[2], shape), eps);
  };
}

Step rms_normalization(Node& n) {
  const int64_t axis = n.integer("axis", -1);
  const double eps = n.real("epsilon", 1e-5);
  n.expect("stash_type", 1);
  return [=](Arguments& in) {
    const Shape shape = from_axis(in[0], axis);
    return rms_norm(in[0], shape, filling(in[1], shape), eps);
  };
}

// Weights are those of groups before version 21, and those of channels since.
Step group_normalization(Node& n) {
  const int64_t groups = n.integer("num_groups");
  const double eps = n.real("epsilon", 1e-5);
  n.expect("stash_type", 1);
  if (groups < 1) n.refuse("it has no groups");
  return [=, of_groups = n.opset() < 21](Arguments& in) {
    const auto by_channel = [&](const Tensor& t) {
      if (!of_groups) return t;
      const int64_t each = in[0].size(1) / groups;
      return t.unsqueeze(1).expand({groups, each}).reshape({groups * each});
    };
    return group_norm(in[0], groups, by_channel(in[1]), by_channel(in[2]), eps);
  };
}

Step lrn(Node& n) {
  const double alpha = n.real("alpha", 1e-4), beta = n.real("beta", 0.75), bias = n.real("bias", 1);
  const int64_t size = n.integer("size");
  if (size < 1 || size % 2 == 0) n.refuse("expected an odd size");
  return [=](Arguments& in) { return local_response_norm(in[0], size, alpha, beta, bias); };
}

// In training mode alone; the second result says what was kept.
Step dropout_of(Node& n) {
  const double ratio = n.opset() < 12 ? n.real("ratio", 0.5) : 0.5;
  n.integer("seed", 0);
  const bool masked = n.outputs() > 1;
  return [=](Arguments& in) {
    const double p = in.has(1) ? in[1].item<double>() : ratio;
    const bool training = in.training || (in.has(2) && in[2].item<bool>());
    if (!masked) return Tensors{dropout(in[0], p, training)};
    const Tensor kept = dropout(ones_like(in[0]), p, training);
    return Tensors{in[0] * kept, kept != 0};
  };
}

// --- Resampling ---------------------------------------------------------------------------------

// How a Resize finds the elements that a new one is made of.
struct Sampling {
  std::string mode, position, rounding;
  double cubic = -0.75;
  bool excludes_outside = false;

  int taps() const { return mode == "nearest" ? 1 : mode == "linear" ? 2 : 4; }
  // Where element i of the result lies among the `from` of the input.
  double source(int64_t i, int64_t from, int64_t to, double scale) const {
    const auto at = static_cast<double>(i), n = static_cast<double>(from),
               m = static_cast<double>(to);
    if (position == "asymmetric") return at / scale;
    if (position == "align_corners") return to == 1 ? 0 : at * (n - 1) / (m - 1);
    if (position == "pytorch_half_pixel" && to <= 1) return 0;
    const double middle = (at + 0.5) / scale - 0.5;
    if (position != "half_pixel_symmetric") return middle;
    return middle + n / 2 * (1 - m / (n * scale));
  }
  // Before version 11 ("scale") what shrinks is rounded up.
  bool rounds_down(double scale) const {
    return rounding == "floor" || (rounding == "scale" && scale >= 1);
  }
  int64_t nearest(double x, double scale) const {
    const double low = std::floor(x), part = x - low;
    if (rounds_down(scale)) return static_cast<int64_t>(low);
    if (rounding == "ceil" || rounding == "scale") return static_cast<int64_t>(std::ceil(x));
    const bool up = rounding == "round_prefer_ceil" ? part >= 0.5 : part > 0.5;
    return static_cast<int64_t>(low) + up;
  }
  // Shares of the elements around a place that is `part` behind one of them.
  std::vector<double> shares(double part) const {
    if (mode == "linear") return {1 - part, part};
    const double a = cubic;
    const auto near = [a](double d) { return ((a + 2) * d - (a + 3)) * d * d + 1; };
    const auto far = [a](double d) { return ((a * d - 5 * a) * d + 8 * a) * d - 4 * a; };
    return {far(part + 1), near(part), near(1 - part), far(2 - part)};
  }
};

// x with `to` elements along an axis: a sum of elements that are taken, times their shares.
Tensor resampled(const Tensor& x, int64_t axis, int64_t to, double scale, const Sampling& how) {
  const int64_t from_size = x.size(axis);
  check<ShapeError>(from_size > 0 || to == 0, "expected elements along axis {}, got shape {}", axis,
                    x.shape());
  const int taps = how.taps();
  std::vector<Ints> places(static_cast<size_t>(taps));
  std::vector<std::vector<double>> shares(static_cast<size_t>(taps));
  for (int64_t i = 0; i < to; ++i) {
    const double at = how.source(i, from_size, to, scale), low = std::floor(at);
    std::vector<double> share = taps == 1 ? std::vector<double>{1} : how.shares(at - low);
    const int64_t first =
        taps == 1 ? how.nearest(at, scale) : static_cast<int64_t>(low) - taps / 2 + 1;
    double sum = 0;
    for (int t = 0; t < taps; ++t) {
      const bool outside = first + t < 0 || first + t >= from_size;
      if (how.excludes_outside && outside) share[static_cast<size_t>(t)] = 0;
      sum += share[static_cast<size_t>(t)];
    }
    for (int t = 0; t < taps; ++t) {
      const auto k = static_cast<size_t>(t);
      places[k].push_back(std::clamp<int64_t>(first + t, 0, from_size - 1));
      shares[k].push_back(how.excludes_outside ? share[k] / sum : share[k]);
    }
  }
  Shape row = Shape::filled(x.dim(), 1);
  row[static_cast<int>(axis)] = to;
  Tensor y;
  for (size_t k = 0; k < places.size(); ++k) {
    const Tensor taken = index_select(x, axis, from(places[k]));
    if (taps == 1) return taken;
    const Tensor part = taken * from(shares[k]).to(x.dtype()).reshape(row);
    y = y.defined() ? y + part : part;
  }
  return y;
}

// The same by interpolate(), which is faster, where it has such a mode; undefined where not.
Tensor interpolated(const Tensor& x, const Ints& sizes, const std::vector<double>& scales,
                    const Sampling& how) {
  using Mode = InterpolateMode;
  const int axes = x.dim() - 2;
  if (axes < 1 || axes > 3 || sizes[0] != x.size(0) || sizes[1] != x.size(1)) return {};
  InterpolateOptions o;
  const bool align = how.position == "align_corners",
             middle = how.position == "half_pixel" || how.position == "pytorch_half_pixel";
  if (how.mode == "nearest") {
    const double least = scales.empty() ? 0 : *std::min_element(scales.begin(), scales.end());
    if (how.position != "asymmetric" || !how.rounds_down(least)) return {};
  } else {
    if (how.excludes_outside || (!align && !middle)) return {};
    for (size_t d = 2; d < sizes.size(); ++d)
      if (sizes[d] < 2) return {};  // where the rules differ
    if (how.mode == "cubic" && (axes != 2 || how.cubic != -0.75)) return {};
    constexpr Mode linear[] = {Mode::linear, Mode::bilinear, Mode::trilinear};
    o.mode = how.mode == "cubic" ? Mode::bicubic : linear[axes - 1];
    o.align_corners = align;
  }
  if (scales.empty())
    o.size = {sizes.begin() + 2, sizes.end()};
  else
    o.scale_factor = {scales.begin() + 2, scales.end()};
  return interpolate(x, o);
}

// Means of whole numbers are cut off once all is computed.
Tensor resized(const Tensor& x, const Ints& sizes, const std::vector<double>& scales,
               const Sampling& how) {
  if (!is_floating(x.dtype()) && how.mode != "nearest")
    return resized(x.to(float32), sizes, scales, how).to(x.dtype());
  if (is_floating(x.dtype()))
    if (Tensor y = interpolated(x, sizes, scales, how); y.defined()) return y;
  Tensor y = x;
  for (size_t d = 0; d < sizes.size(); ++d) {
    const double scale = scales.empty() ? static_cast<double>(sizes[d]) /
                                              static_cast<double>(x.size(static_cast<int64_t>(d)))
                                        : scales[d];
    if (sizes[d] != x.size(static_cast<int64_t>(d)) || scale != 1)
      y = resampled(y, static_cast<int64_t>(d), sizes[d], scale, how);
  }
  return y;
}

// Sizes by factors, cut off.
Ints scaled_sizes(const Tensor& x, const std::vector<double>& scales) {
  check(scales.size() == static_cast<size_t>(x.dim()), "expected {} scales, got {}", x.dim(),
        scales.size());
  Ints sizes;
  for (size_t d = 0; d < scales.size(); ++d) {
    const double n = std::floor(static_cast<double>(x.size(static_cast<int64_t>(d))) * scales[d]);
    check(scales[d] > 0 && n < 0x1p53, "expected positive scales, got {}", scales[d]);
    sizes.push_back(static_cast<int64_t>(n));
  }
  return sizes;
}

// Numbers for some axes among those of all.
template <class T>
std::vector<T> of_all_axes(const std::vector<T>& some, const Ints& axes, std::vector<T> all) {
  if (axes.empty()) return some;
  check(some.size() == axes.size() && !all.empty(),
        "expected {} numbers, one for each axis, got {}", axes.size(), some.size());
  for (size_t i = 0; i < axes.size(); ++i)
    all[static_cast<size_t>(axis_in(axes[i], static_cast<int64_t>(all.size())))] = some[i];
  return all;
}

template <class... Text>
bool is_one_of(const std::string& s, Text... texts) {
  return ((s == texts) || ...);
}

Sampling sampling_of(Node& n) {
  Sampling how;
  how.mode = n.text("mode", "nearest");
  const bool old = n.opset() < 11;
  how.position = n.text("coordinate_transformation_mode", old ? "asymmetric" : "half_pixel");
  how.rounding = n.text("nearest_mode", "round_prefer_floor");
  how.cubic = n.real("cubic_coeff_a", -0.75);
  how.excludes_outside = n.integer("exclude_outside", 0) != 0;
  n.real("extrapolation_value", 0);
  n.expect("antialias", 0);
  if (!is_one_of(how.mode, "nearest", "linear", "cubic"))
    n.refuse("its mode is '" + how.mode + "'");
  if (!is_one_of(how.position, "half_pixel", "asymmetric", "align_corners", "pytorch_half_pixel",
                 "half_pixel_symmetric"))
    n.refuse("its coordinate_transformation_mode is '" + how.position + "'");
  if (!is_one_of(how.rounding, "floor", "ceil", "round_prefer_floor", "round_prefer_ceil"))
    n.refuse("its nearest_mode is '" + how.rounding + "'");
  if (old) how.rounding = "scale";
  return how;
}

Tensor resized_to(const Tensor& x, const Ints& sizes, const Sampling& how) {
  check<ShapeError>(sizes.size() == static_cast<size_t>(x.dim()) &&
                        std::all_of(sizes.begin(), sizes.end(), [](int64_t n) { return n >= 0; }),
                    "expected {} sizes, none of them negative, got [{}]", x.dim(),
                    fmt::join(sizes, ", "));
  return resized(x, sizes, {}, how);
}

// Of scales or of sizes, those of them that are not empty; up to version 10 the second input are
// scales.
Step resize(Node& n) {
  const Sampling how = sampling_of(n);
  const Ints axes = n.integers("axes");
  const std::string policy = n.text("keep_aspect_ratio_policy", "stretch");
  if (policy != "stretch") n.refuse("its keep_aspect_ratio_policy is '" + policy + "'");
  const size_t scales_at = n.opset() < 11 ? 1 : 2;
  return [=](Arguments& in) {
    const Tensor& x = in[0];
    const auto is_given = [&](size_t i) { return in.has(i) && in[i].numel() > 0; };
    if (is_given(3)) return resized_to(x, of_all_axes(in.integers(3), axes, sizes_of(x)), how);
    check(is_given(scales_at), "expected scales or sizes");
    const std::vector<double> ones(static_cast<size_t>(x.dim()), 1);
    const auto scales = of_all_axes(in[scales_at].to_vector<double>(), axes, ones);
    return resized(x, scaled_sizes(x, scales), scales, how);
  };
}

// Resize's older name.
Step upsample(Node& n) {
  if (n.opset() > 9) n.refuse("there is none since version 10");
  return resize(n);
}

}  // namespace

const Operators& layer_operators() {
  static const Operators operators = {
      {"BatchNormalization", {7, 5, batch_normalization}},
      {"InstanceNormalization", {6, 3, instance_normalization}},
      {"LayerNormalization", {17, {2, 3}, layer_normalization}},
      {"RMSNormalization", {23, 2, rms_normalization}},
      {"GroupNormalization", {18, 3, group_normalization}},
      {"LRN", {1, 1, lrn}},
      {"Dropout", {1, {1, 3}, dropout_of}},
      {"Resize", {10, {1, 4}, resize}},
      {"Upsample", {9, 2, upsample}},
  };
  return operators;
}

}  // namespace rw::onnx
