#include <rewind/onednn/conv_primitive.h>

#include <algorithm>
#include <optional>

#include <rewind/onednn/conv_products.h>
#include <rewind/onednn/faults.h>
#include <rewind/onednn/packed_weights.h>
#include <rewind/tensor/factories.h>
#include <rewind/tensor/parallel.h>
#include <rewind/tensor/per_thread.h>

namespace rw::onednn {
namespace {

using Tag = dnnl::memory::format_tag;

// What describes a convolution to oneDNN.
struct Descriptors {
  dnnl::memory::desc x, weight, bias, y;
  dnnl::memory::dims stride, dilation, padding, padding_after;
};

// Grouped weights have a dimension for the groups.
Shape grouped_shape(const ConvSizes& s) {
  if (s.groups == 1) return {s.out, s.c, s.kh, s.kw};
  return {s.groups, s.out / s.groups, s.c / s.groups, s.kh, s.kw};
}

Strides grouped_strides(const ConvSizes& s, Strides strides) {
  if (s.groups > 1) strides.insert(0, s.out / s.groups * strides[0]);
  return strides;
}

dnnl::memory::desc row_major(DType dtype, const Shape& shape) {
  return describe(dtype, shape, contiguous_strides(shape));
}

// What has to be added after the last row or column so that the windows end there exactly. It is
// negative where the last windows leave something over.
int64_t padding_after(int64_t in, int64_t out, int64_t kernel, int64_t stride, int64_t dilation,
                      int64_t padding) {
  return (out - 1) * stride + dilation * (kernel - 1) + 1 - in - padding;
}

Descriptors describe_conv(const ConvSizes& s, DType dtype) {
  const Size2 after = {padding_after(s.h, s.oh, s.kh, s.stride.h(), s.dilation.h(), s.padding.h()),
                       padding_after(s.w, s.ow, s.kw, s.stride.w(), s.dilation.w(), s.padding.w())};
  return {.x = describe(dtype, {s.n, s.c, s.h, s.w}, Tag::nhwc),
          .weight = describe(dtype, grouped_shape(s), Tag::any),
          .bias = describe(dtype, {s.out}, Tag::a),
          .y = describe(dtype, {s.n, s.out, s.oh, s.ow}, Tag::nhwc),
          .stride = {s.stride.h(), s.stride.w()},
          .dilation = {s.dilation.h() - 1, s.dilation.w() - 1},  // oneDNN counts the holes
          .padding = {s.padding.h(), s.padding.w()},
          .padding_after = {after.h(), after.w()}};
}

dnnl::convolution_forward::primitive_desc forward_desc(const Descriptors& d, bool bias) {
  constexpr auto kind = dnnl::prop_kind::forward_training;
  constexpr auto algorithm = dnnl::algorithm::convolution_direct;
  if (bias)
    return primitive_desc_where<dnnl::convolution_forward>(
        may_compute_results, attributes(), kind, algorithm, d.x, d.weight, d.bias, d.y, d.stride,
        d.dilation, d.padding, d.padding_after);
  return primitive_desc_where<dnnl::convolution_forward>(may_compute_results, attributes(), kind,
                                                         algorithm, d.x, d.weight, d.y, d.stride,
                                                         d.dilation, d.padding, d.padding_after);
}

int64_t multiplications(const ConvSizes& s) {
  return s.n * s.oh * s.ow * s.out * (s.c / s.groups) * s.kh * s.kw;
}

Key make_key(const Threads& threads, Pass pass, const ConvSizes& s, DType dtype, bool bias) {
  return {threads.count(),
          static_cast<int64_t>(pass),
          bias,
          static_cast<int64_t>(dtype),
          s.n,
          s.c,
          s.h,
          s.w,
          s.out,
          s.oh,
          s.ow,
          s.kh,
          s.kw,
          s.groups,
          s.stride.h(),
          s.stride.w(),
          s.padding.h(),
          s.padding.w(),
          s.dilation.h(),
          s.dilation.w()};
}

template <class Make>
auto explained(const ConvSizes& s, Make&& make) {
  return or_explain(make, [&] {
    return fmt::format("conv2d of an input of shape {} and a weight of shape {}",
                       Shape{s.n, s.c, s.h, s.w}, Shape{s.out, s.c / s.groups, s.kh, s.kw});
  });
}

// A primitive that reads weights, and how they get into the layout it wants.
struct WithWeights {
  Primitive primitive;
  dnnl::memory::desc wanted;
  std::optional<Relayout> relayout;  // none when they can be taken as they lie

  void run(const void* from, const Tensor& weight, const void* bias, const void* to) {
    const auto run_with = [&](const Primitive::Operand& w) {
      if (bias)
        primitive.run({from, w, to, bias});
      else
        primitive.run({from, w, to});
    };
    if (!relayout) return run_with(weight.raw_data());
    const PackedWeights packed = pack(weight, wanted, *relayout);
    run_with(packed.memory);
  }
};

WithWeights with_weights(Primitive primitive, const ConvSizes& s, const Tensor& weight,
                         const dnnl::memory::desc& wanted) {
  WithWeights result{std::move(primitive), wanted, std::nullopt};
  const Shape shape = grouped_shape(s);
  if (!weight.is_contiguous() || wanted != row_major(weight.dtype(), shape))
    result.relayout =
        Relayout::pack(weight.dtype(), shape, grouped_strides(s, weight.strides()), wanted);
  return result;
}

// The cached primitive that reads these weights.
template <class Make>
WithWeights& find(const Threads& threads, Pass pass, const ConvSizes& s, const Tensor& weight,
                  bool bias, Make&& make) {
  auto& cache = detail::per_thread<Cache<WithWeights>>();
  Key key = make_key(threads, pass, s, weight.dtype(), bias);
  key.add(weight.strides());
  return cache.get(
      key, [&] { return explained(s, [&] { return make(describe_conv(s, weight.dtype())); }); });
}

void run_forward(const ConvSizes& s, const void* x, const Tensor& weight, const Tensor& bias,
                 const void* y) {
  const bool biased = bias.defined();
  const Threads threads(multiplications(s));
  WithWeights& conv = find(threads, Pass::forward, s, weight, biased, [&](const Descriptors& d) {
    const auto desc = forward_desc(d, biased);
    const Primitive::Argument in{DNNL_ARG_SRC, d.x}, w{DNNL_ARG_WEIGHTS, desc.weights_desc()},
        out{DNNL_ARG_DST, d.y};
    return with_weights(biased ? Primitive(desc, {in, w, out, {DNNL_ARG_BIAS, d.bias}})
                               : Primitive(desc, {in, w, out}),
                        s, weight, desc.weights_desc());
  });
  conv.run(x, weight, biased ? bias.raw_data() : nullptr, y);
}

// oneDNN makes the results of one row of an image at a time, and reads the weights for each. Where
// rows are short and the weights leave the caches beside the cores, one product over all windows is
// faster (by measurements with AVX-512 and AVX2). Not where the windows would take more memory than
// the weights, or where these may change from call to call: to pack them takes longer then.
bool should_unroll(const ConvSizes& s, const Tensor& weight) {
  const bool possible = weight.dtype() == float32 && weight.is_contiguous() && s.groups == 1;
  const bool pays = s.ow <= 4 && s.oh > 1 && s.kh * s.kw > 1 && s.c * s.out >= 1 << 18;
  const bool fits = s.n * s.oh * s.ow <= s.out;
  return possible && pays && fits && !weight.impl()->storage->exposed();
}

// --- Past faults of primitives (faults.h) --------------------------------------------------------

Tensor in_float32(const Tensor& t) { return t.defined() ? t.to(float32) : t; }

Tensor images_in_float32(const Tensor& t) {
  return t.to(float32).contiguous(MemoryFormat::channels_last);
}

// f(result in float32), whose result is brought back.
template <class F>
void through_float32(const Tensor& result, MemoryFormat format, F&& f) {
  Tensor to = result;
  const Tensor exact = empty(result.shape(), float32, format);
  f(exact);
  to.copy_(exact);
}

// Whether all of a dense bfloat16 tensor is.
bool is_finite(const Tensor& t) {
  const auto* const bits = static_cast<const uint16_t*>(t.raw_data());
  bool finite = true;
  for (int64_t i = 0; i < t.numel(); ++i) finite &= (bits[i] & 0x7f80) != 0x7f80;
  return finite;
}

// The tensor with a plane of zeros added along `dim`.
Tensor with_zeros(const Tensor& t, int64_t dim, MemoryFormat format) {
  Shape shape = t.shape();
  ++shape[static_cast<int>(dim)];
  Tensor result = empty(shape, t.dtype(), format);
  result.narrow(dim, 0, t.size(dim)).copy_(t);
  result.narrow(dim, t.size(dim), 1).zero_();
  return result;
}

// The pixels that 1x1 windows meet, and the sizes of the same convolution over these.
Tensor dense_pixels(const ConvSizes& s, const Tensor& x) {
  return x.slice(2, 0, (s.oh - 1) * s.stride.h() + 1, s.stride.h())
      .slice(3, 0, (s.ow - 1) * s.stride.w() + 1, s.stride.w())
      .contiguous(MemoryFormat::channels_last);
}
ConvSizes dense_sizes(ConvSizes s) {
  s.h = s.oh;
  s.w = s.ow;
  s.stride = 1;
  return s;
}

}  // namespace

namespace {

void forward(const ConvSizes& s, const Tensor& x, const Tensor& weight, const Tensor& bias,
             const Tensor& y, bool constant) {
  const Detour way = detour(Pass::forward, s, x.dtype());
  if (way == Detour::in_float32_unless_finite)
    run_forward(s, x.raw_data(), weight, bias, y.raw_data());
  if (way == Detour::in_float32 || (way == Detour::in_float32_unless_finite && !is_finite(y)))
    return through_float32(y, MemoryFormat::channels_last, [&](const Tensor& exact) {
      forward(s, images_in_float32(x), in_float32(weight), in_float32(bias), exact, false);
    });
  if (way == Detour::in_float32_unless_finite) return;
  if (way == Detour::even_channels) {
    ConvSizes even = s;
    ++even.c;
    return forward(even, with_zeros(x, 1, MemoryFormat::channels_last),
                   with_zeros(weight, 1, MemoryFormat::contiguous), bias, y, false);
  }
  if (!constant && takes_products(s, weight)) return products_forward(s, x, weight, bias, y);
  if (!constant || !should_unroll(s, weight))
    return run_forward(s, x.raw_data(), weight, bias, y.raw_data());
  detail::report_implementation("unrolled");
  ConvSizes product = s;
  product.n = product.h = product.oh = product.kh = product.kw = 1;
  product.c = s.c * s.kh * s.kw;
  product.w = product.ow = s.n * s.oh * s.ow;
  product.stride = product.dilation = 1;
  product.padding = 0;
  const Scratchpad rows(static_cast<size_t>(product.w * product.c) * sizeof(float));
  unroll(s, static_cast<const float*>(x.raw_data()), static_cast<float*>(rows.data()));
  run_forward(product, rows.data(), weight.detach().reshape({s.out, product.c, 1, 1}), bias,
              y.raw_data());
}

// A piece of results, whole rows of one image, and the convolution that makes them.
struct Piece {
  ConvSizes s;
  int64_t x, y, count;  // where its image and its results begin, and how many results there are
};

Piece piece_of(const ConvSizes& s, int64_t image, int64_t first, int64_t last) {
  const int64_t window = s.dilation.h() * (s.kh - 1) + 1;
  const int64_t top = first * s.stride.h() - s.padding.h();
  const int64_t bottom = (last - 1) * s.stride.h() - s.padding.h() + window;
  const int64_t begin = std::clamp<int64_t>(top, 0, s.h), end = std::clamp(bottom, begin, s.h);
  Piece piece{s, (image * s.h + begin) * s.w * s.c, (image * s.oh + first) * s.ow * s.out,
              (last - first) * s.ow * s.out};
  piece.s.n = 1;
  piece.s.h = end - begin;
  piece.s.oh = last - first;
  piece.s.padding = Size2(begin - top, s.padding.w());
  return piece;
}

// Results that stay in the second-level cache until they are finished. To make them piece by piece
// pays where all of them would not.
constexpr int64_t piece_numbers = 1 << 16;

bool pays_in_pieces(const ConvSizes& s, const Tensor& weight) {
  const bool possible = weight.dtype() == float32 && !should_unroll(s, weight);
  return possible && s.n * s.oh * s.ow * s.out >= 4 * piece_numbers;
}

// Every thread makes pieces and finishes them.
void forward_in_pieces(const ConvSizes& s, const float* x, const Tensor& weight, const Tensor& bias,
                       float* y, const FinishResults& finish) {
  const int64_t rows = std::clamp<int64_t>(piece_numbers / (s.ow * s.out), 1, s.oh);
  const int64_t of_image = (s.oh + rows - 1) / rows;
  parallel_for(0, s.n * of_image, 1, [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i) {
      const int64_t at = i % of_image;
      const Piece piece =
          piece_of(s, i / of_image, s.oh * at / of_image, s.oh * (at + 1) / of_image);
      run_forward(piece.s, x + piece.x, weight, bias, y + piece.y);
      finish(piece.y, piece.y + piece.count);
    }
  });
}

}  // namespace

void conv_forward(const ConvSizes& s, const Tensor& x, const Tensor& weight, const Tensor& bias,
                  const Tensor& y, bool constant, const FinishResults& finish) {
  if (finish && pays_in_pieces(s, weight))
    return forward_in_pieces(s, static_cast<const float*>(x.raw_data()), weight, bias,
                             static_cast<float*>(y.raw_data()), finish);
  forward(s, x, weight, bias, y, constant);
  if (finish) parallel_for(0, y.numel(), 1 << 14, finish);
}

void conv_backward_input(const ConvSizes& s, const Tensor& g, const Tensor& weight,
                         const Tensor& dx) {
  const Detour way = detour(Pass::backward_input, s, g.dtype());
  if (way == Detour::in_float32)
    return through_float32(dx, MemoryFormat::channels_last, [&](const Tensor& exact) {
      conv_backward_input(s, images_in_float32(g), in_float32(weight), exact);
    });
  if (way == Detour::even_channels) {
    ConvSizes even = s;
    ++even.out;
    return conv_backward_input(even, with_zeros(g, 1, MemoryFormat::channels_last),
                               with_zeros(weight, 0, MemoryFormat::contiguous), dx);
  }
  if (takes_products(s, weight)) return products_backward_input(s, g, weight, dx);
  const Threads threads(multiplications(s));
  WithWeights& conv =
      find(threads, Pass::backward_input, s, weight, false, [&](const Descriptors& d) {
        const auto desc = backward_desc<dnnl::convolution_backward_data>(
            forward_desc(d, false), attributes(), dnnl::algorithm::convolution_direct, d.x,
            d.weight, d.y, d.stride, d.dilation, d.padding, d.padding_after);
        return with_weights({desc,
                             {{DNNL_ARG_DIFF_DST, d.y},
                              {DNNL_ARG_WEIGHTS, desc.weights_desc()},
                              {DNNL_ARG_DIFF_SRC, d.x}}},
                            s, weight, desc.weights_desc());
      });
  conv.run(g.raw_data(), weight, nullptr, dx.raw_data());
}

namespace {

struct WeightGradient {
  Primitive primitive;
  size_t bytes;                      // of the gradient as the primitive writes it
  std::optional<Relayout> relayout;  // from there to row-major; none when that is the same
};

WeightGradient make_weight_gradient(const ConvSizes& s, DType dtype) {
  const Descriptors d = describe_conv(s, dtype);
  const auto desc = backward_desc<dnnl::convolution_backward_weights>(
      forward_desc(d, false), attributes(), dnnl::algorithm::convolution_direct, d.x, d.weight, d.y,
      d.stride, d.dilation, d.padding, d.padding_after);
  const auto written = desc.diff_weights_desc();
  const Shape shape = grouped_shape(s);
  WeightGradient result{
      {desc, {{DNNL_ARG_SRC, d.x}, {DNNL_ARG_DIFF_DST, d.y}, {DNNL_ARG_DIFF_WEIGHTS, written}}},
      written.get_size(),
      std::nullopt};
  if (written != row_major(dtype, shape)) result.relayout = Relayout::unpack(dtype, shape, written);
  return result;
}

void run_backward_weight(const ConvSizes& s, const Tensor& x, const Tensor& g,
                         const Tensor& dweight) {
  auto& cache = detail::per_thread<Cache<WeightGradient>>();
  const Threads threads(multiplications(s));
  WeightGradient& conv =
      cache.get(make_key(threads, Pass::backward_weight, s, x.dtype(), false),
                [&] { return explained(s, [&] { return make_weight_gradient(s, x.dtype()); }); });
  if (!conv.relayout) return conv.primitive.run({x.raw_data(), g.raw_data(), dweight.raw_data()});
  const Scratchpad packed(conv.bytes);
  conv.primitive.run({x.raw_data(), g.raw_data(), packed.data()});
  conv.relayout->run(packed.data(), dweight.raw_data());
}

}  // namespace

void conv_backward_weight(const ConvSizes& s, const Tensor& x, const Tensor& g,
                          const Tensor& dweight) {
  const Detour way = detour(Pass::backward_weight, s, x.dtype());
  if (way == Detour::dense)
    return conv_backward_weight(dense_sizes(s), dense_pixels(s, x), g, dweight);
  if (takes_products(s, dweight)) return products_backward_weight(s, x, g, dweight);
  if (way != Detour::in_float32) run_backward_weight(s, x, g, dweight);
  if (way == Detour::in_float32 || (way == Detour::in_float32_unless_finite && !is_finite(dweight)))
    through_float32(dweight, MemoryFormat::contiguous, [&](const Tensor& exact) {
      conv_backward_weight(s, images_in_float32(x), images_in_float32(g), exact);
    });
}

}  // namespace rw::onednn
