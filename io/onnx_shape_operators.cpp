#include <algorithm>
#include <numeric>

#include <rewind/io/onnx_operators.h>
#include <rewind/ops/indexing.h>
#include <rewind/ops/joining.h>
#include <rewind/ops/padding.h>
#include <rewind/ops/pointwise.h>
#include <rewind/ops/rearranging.h>
#include <rewind/ops/shuffle.h>
#include <rewind/tensor/check.h>
#include <rewind/tensor/factories.h>
#include <rewind/tensor/from.h>

namespace rw::onnx {

namespace {

void check_different(Ints axes) {
  std::sort(axes.begin(), axes.end());
  check(std::adjacent_find(axes.begin(), axes.end()) == axes.end(),
        "expected different axes, got [{}]", fmt::join(axes, ", "));
}

// A size of 0 is that of the input, unless zeros are allowed.
Step reshape(Node& n) {
  const bool zeros_count = n.integer("allowzero", 0) != 0;
  return [=](Arguments& in) {
    Ints sizes = in.integers(1);
    for (size_t d = 0; d < sizes.size() && !zeros_count; ++d)
      if (sizes[d] == 0) {
        check<ShapeError>(static_cast<int>(d) < in[0].dim(),
                          "expected a dimension {} in the input, got shape {}", d, in[0].shape());
        sizes[d] = in[0].size(static_cast<int64_t>(d));
      }
    return in[0].reshape(Shape(sizes));
  };
}

Step flatten(Node& n) {
  const int64_t axis = n.integer("axis", 1);
  return [=](Arguments& in) {
    const int64_t rank = in[0].dim(), at = axis < 0 ? axis + rank : axis;
    check<IndexError>(at >= 0 && at <= rank, "expected an axis of shape {}, got {}", in[0].shape(),
                      axis);
    const Shape& shape = in[0].shape();
    const int64_t rows = Shape(shape.data(), static_cast<size_t>(at)).numel(),
                  columns = Shape(shape.data() + at, static_cast<size_t>(rank - at)).numel();
    return in[0].reshape({rows, columns});
  };
}

Step transpose(Node& n) {
  return [perm = n.integers("perm")](Arguments& in) {
    Ints order = perm;
    if (order.empty())
      for (int64_t d = in[0].dim(); d-- > 0;) order.push_back(d);
    return order.empty() ? in[0] : in[0].permute(Shape(order));
  };
}

Step squeeze_of(Node& n) {
  return [axes = axes_of(n, 1, 13)](Arguments& in) {
    const Ints dims = axes(in);
    for (const int64_t d : dims)
      check<ShapeError>(in[0].size(d) == 1, "expected size 1 along axis {}, got shape {}", d,
                        in[0].shape());
    return dims.empty() ? in[0].squeeze() : squeeze(in[0], Shape(dims));
  };
}

// Axes count in the result.
Step unsqueeze(Node& n) {
  return [axes = axes_of(n, 1, 13)](Arguments& in) {
    Ints dims = axes(in);
    const int64_t rank = in[0].dim() + static_cast<int64_t>(dims.size());
    for (int64_t& d : dims) d = axis_in(d, rank);
    check_different(dims);
    std::sort(dims.begin(), dims.end());
    Tensor y = in[0];
    for (const int64_t d : dims) y = y.unsqueeze(d);
    return y;
  };
}

Step concat(Node& n) {
  return [axis = n.integer("axis")](Arguments& in) { return cat(in.all(), axis); };
}

// By the sizes given, or into as many parts as there are results, the last of which may be smaller.
Step split(Node& n) {
  const int64_t axis = n.integer("axis", 0), parts = static_cast<int64_t>(n.outputs());
  if (parts < 1) n.refuse("it has no result");
  n.expect("num_outputs", parts);
  return [=, sizes_given = axes_of(n, 1, 13, "split")](Arguments& in) {
    Ints sizes = sizes_given(in);
    const int64_t all = in[0].size(axis), each = (all + parts - 1) / parts;
    if (sizes.empty())
      for (int64_t i = 0, rest = all; i < parts; ++i, rest -= sizes.back())
        sizes.push_back(std::min(each, rest));
    return in[0].split(sizes, axis);
  };
}

// Elements start, start + step, … before stop, counted from the end where negative.
Tensor sliced(const Tensor& x, int64_t axis, int64_t start, int64_t stop, int64_t step) {
  const int64_t size = x.size(axis);
  check(step != 0, "a step is 0");
  if (size == 0) return x;
  const auto bound = [&](int64_t at, int64_t least, int64_t most) {
    return std::clamp(at < 0 ? std::max(at, -size - 1) + size : at, least, most);
  };
  if (step > 0) {
    const int64_t first = bound(start, 0, size);
    return x.slice(axis, first, std::max(first, bound(stop, 0, size)), step);
  }
  const int64_t first = bound(start, 0, size - 1), end = bound(stop, -1, size - 1);
  if (first <= end) return x.slice(axis, 0, 0);
  const int64_t stride = step < -size ? size : -step,
                last = first - (first - end - 1) / stride * stride;
  return flip(x.slice(axis, last, first + 1, stride), {axis});
}

Step slice(Node&) {
  return [](Arguments& in) {
    const Ints starts = in.integers(1), stops = in.integers(2);
    Ints axes = in.has(3) ? in.integers(3) : Ints(starts.size());
    if (!in.has(3)) std::iota(axes.begin(), axes.end(), 0);
    const Ints steps = in.has(4) ? in.integers(4) : Ints(starts.size(), 1);
    check(starts.size() == stops.size() && starts.size() == axes.size() &&
              starts.size() == steps.size(),
          "expected as many starts, ends, axes and steps");
    Tensor y = in[0];
    for (size_t i = 0; i < starts.size(); ++i)
      y = sliced(y, axis_in(axes[i], y.dim()), starts[i], stops[i], steps[i]);
    return y;
  };
}

Step expand(Node&) {
  return [](Arguments& in) {
    return in[0].expand(broadcast_shapes(in[0].shape(), Shape(in.integers(1)), "expand"));
  };
}

// Zeros, mirrored, or the edge: first the numbers before all axes, then those behind.
Step pad_of(Node& n) {
  const std::string mode = n.text("mode", "constant");
  const PaddingMode how = mode == "reflect" ? PaddingMode::reflect
                          : mode == "edge"  ? PaddingMode::replicate
                          : mode == "wrap"  ? PaddingMode::circular
                                            : PaddingMode::zeros;
  if (how == PaddingMode::zeros && mode != "constant") n.refuse("its mode is '" + mode + "'");
  const double value = n.opset() < 11 ? n.real("value", 0) : 0;
  return [=, pads_of = axes_of(n, 1, 11, "pads")](Arguments& in) {
    const Ints pads = pads_of(in);
    Ints axes = in.has(3) ? in.integers(3) : Ints(static_cast<size_t>(in[0].dim()));
    if (!in.has(3)) std::iota(axes.begin(), axes.end(), 0);
    check(pads.size() == 2 * axes.size(), "expected {} numbers of pads, got {}", 2 * axes.size(),
          pads.size());
    for (int64_t& d : axes) {
      check<IndexError>(in[0].dim() > 0, "expected dimensions, got a tensor without");
      d = axis_in(d, in[0].dim());
    }
    check_different(axes);
    const double fill = in.has(2) ? in[2].item<double>() : value;
    if (how == PaddingMode::zeros) return with_border(in[0], axes, pads, how, fill);
    Tensor y = in[0];  // axis by axis, so that any may be padded
    for (size_t i = 0; i < axes.size(); ++i)
      y = with_border(y, {axes[i]}, {pads[i], pads[i + axes.size()]}, how, 0);
    return y;
  };
}

// Sizes from `start` to `end`, as a slice.
Step shape(Node& n) {
  const int64_t start = n.integer("start", 0), end = n.integer("end", Slice::none);
  return [=](Arguments& in) {
    const Tensor sizes = from(sizes_of(in[0]));
    return sliced(sizes, 0, start, end, 1).clone();
  };
}

Step size(Node&) {
  return [](Arguments& in) { return full({}, in[0].numel(), {.dtype = int64}); };
}

Step constant(Node& n) {
  Tensor value;
  if (n.knows("value"))
    value = n.tensor("value");
  else if (n.knows("value_float"))
    value = full({}, n.real("value_float", 0), {.dtype = float32});
  else if (n.knows("value_int"))
    value = full({}, n.integer("value_int"), {.dtype = int64});
  else if (n.knows("value_floats"))
    value = from(n.reals("value_floats")).to(float32);
  else if (n.knows("value_ints"))
    value = from(n.integers("value_ints"));
  else
    n.refuse("its value is of a kind that there is none of here");
  return [=](Arguments&) { return value; };
}

Step constant_of_shape(Node& n) {
  const Tensor value = n.knows("value") ? n.tensor("value") : zeros({1}, {.dtype = float32});
  if (value.numel() != 1) n.refuse("expected a value of one number");
  return [=](Arguments& in) { return value.reshape({}).expand(Shape(in.integers(0))).clone(); };
}

// None where the step leads away from the end.
Step range(Node&) {
  return [](Arguments& in) {
    const Scalar start = in[0].item_scalar(), end = in[1].item_scalar(), step = in[2].item_scalar();
    const bool forward = step.to_double() > 0, ascends = start.to_double() < end.to_double();
    if (forward != ascends && step.to_double() != 0) return empty({0}, {.dtype = in[0].dtype()});
    return arange(start, end, step, {.dtype = in[0].dtype()});
  };
}

int64_t blocksize_of(Node& n) {
  constexpr int64_t most = int64_t{1} << 15;  // whose square does not overflow
  const int64_t b = n.integer("blocksize");
  if (b < 1 || b > most) n.refuse(fmt::format("expected a blocksize of 1 to {}, got {}", most, b));
  return b;
}

// Channels become pixels: by depth first, or columns first.
Step depth_to_space(Node& n) {
  const int64_t b = blocksize_of(n);
  const std::string mode = n.text("mode", "DCR");
  if (mode != "DCR" && mode != "CRD") n.refuse("its mode is '" + mode + "'");
  return [=](Arguments& in) {
    const Tensor& x = in[0];
    check<ShapeError>(x.dim() == 4 && x.size(1) % (b * b) == 0,
                      "expected images whose channels {}^2 divides, got shape {}", b, x.shape());
    if (mode == "CRD") return pixel_shuffle(x, b);
    const int64_t c = x.size(1) / (b * b), h = x.size(2), w = x.size(3);
    return x.reshape({x.size(0), b, b, c, h, w})
        .permute({0, 3, 4, 1, 5, 2})
        .reshape({x.size(0), c, h * b, w * b});
  };
}

Step space_to_depth(Node& n) {
  const int64_t b = blocksize_of(n);
  return [=](Arguments& in) {
    const Tensor& x = in[0];
    check<ShapeError>(x.dim() == 4 && x.size(2) % b == 0 && x.size(3) % b == 0,
                      "expected images whose sides {} divides, got shape {}", b, x.shape());
    const int64_t c = x.size(1), h = x.size(2) / b, w = x.size(3) / b;
    return x.reshape({x.size(0), c, h, b, w, b})
        .permute({0, 3, 5, 1, 2, 4})
        .reshape({x.size(0), b * b * c, h, w});
  };
}

}  // namespace

Tensor with_border(const Tensor& x, const Ints& axes, const Ints& pads, PaddingMode mode,
                   double value) {
  const auto rank = static_cast<size_t>(x.dim());
  Ints order(2 * rank);  // pairs, those of the last axis first
  for (size_t i = 0; i < axes.size(); ++i) {
    const auto d = static_cast<size_t>(axis_in(axes[i], x.dim()));
    order[2 * (rank - 1 - d)] = pads[i];
    order[2 * (rank - 1 - d) + 1] = pads[i + axes.size()];
  }
  while (!order.empty() && order.back() == 0 && order.end()[-2] == 0)
    order.resize(order.size() - 2);
  return order.empty() ? x : pad(x, order, mode, value);
}

const Operators& shape_operators() {
  static const Operators operators = {
      {"Reshape", {5, 2, reshape}},
      {"Flatten", {1, 1, flatten}},
      {"Transpose", {1, 1, transpose}},
      {"Squeeze", {1, {1, 2}, squeeze_of}},
      {"Unsqueeze", {1, {1, 2}, unsqueeze}},
      {"Concat", {4, {1, Count::any}, concat}},
      {"Split", {2, {1, 2}, split}},
      {"Slice", {10, {3, 5}, slice}},
      {"Expand", {8, 2, expand}},
      {"Tile",
       {6, 2,
        [](Node&) { return [](Arguments& in) { return tile(in[0], Shape(in.integers(1))); }; }}},
      {"Pad", {2, {1, 4}, pad_of}},
      {"Shape", {1, 1, shape}},
      {"Size", {1, 1, size}},
      {"Constant", {1, 0, constant}},
      {"ConstantOfShape", {9, 1, constant_of_shape}},
      {"Range", {11, 3, range}},
      {"DepthToSpace", {1, 1, depth_to_space}},
      {"SpaceToDepth", {1, 1, space_to_depth}},
  };
  return operators;
}

}  // namespace rw::onnx
