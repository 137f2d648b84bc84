// The bare primitives of oneDNN: what an op takes at best that runs one forward and one for each
// gradient. Activations lie in channels-last memory, weights in the layout that the primitive asked
// for, everything is made beforehand, and convolutions are direct.

#include <oneapi/dnnl/dnnl.hpp>
#include <random>
#include <unordered_map>

#include "library.h"

namespace bench {

using dnnl::algorithm;
using dnnl::memory;
using dnnl::prop_kind;
using Tag = memory::format_tag;

namespace {

const dnnl::engine& engine() {
  static const dnnl::engine e(dnnl::engine::kind::cpu, 0);
  return e;
}
dnnl::stream& stream() {
  static dnnl::stream s(engine());
  return s;
}

// --- What differs between oneDNN 2.6 and 3.x -----------------------------------------------------

#if DNNL_VERSION_MAJOR >= 3
using PoolForward = dnnl::pooling_forward;
using PoolBackward = dnnl::pooling_backward;
constexpr bool norm_backward_takes_shift = false;

template <class P, class... Args>
typename P::primitive_desc describe(const Args&... args) {
  return typename P::primitive_desc(engine(), args...);
}
template <class P, class Forward, class... Args>
typename P::primitive_desc describe_backward(const Forward& forward, const Args&... args) {
  return typename P::primitive_desc(engine(), args..., forward);
}
dnnl::matmul::primitive_desc describe_product(const memory::desc& a, const memory::desc& b,
                                              const memory::desc& c,
                                              const dnnl::primitive_attr& attr) {
  return {engine(), a, b, c, attr};
}
// Batch norm: the result is described, too.
auto describe_norm(const memory::desc& d, dnnl::normalization_flags flags) {
  return describe<dnnl::batch_normalization_forward>(prop_kind::forward_training, d, d, 1e-5f,
                                                     flags);
}
template <class Forward>
auto describe_norm_backward(const Forward& forward, const memory::desc& d,
                            dnnl::normalization_flags flags) {
  return describe_backward<dnnl::batch_normalization_backward>(forward, prop_kind::backward, d, d,
                                                               d, 1e-5f, flags);
}
memory::dims dims_of(const memory& m) { return m.get_desc().get_dims(); }
#else
using PoolForward = dnnl::pooling_v2_forward;
using PoolBackward = dnnl::pooling_v2_backward;
constexpr bool norm_backward_takes_shift = true;

template <class P, class... Args>
typename P::primitive_desc describe(const Args&... args) {
  return typename P::primitive_desc(typename P::desc(args...), engine());
}
template <class P, class Forward, class... Args>
typename P::primitive_desc describe_backward(const Forward& forward, const Args&... args) {
  return typename P::primitive_desc(typename P::desc(args...), engine(), forward);
}
dnnl::matmul::primitive_desc describe_product(const memory::desc& a, const memory::desc& b,
                                              const memory::desc& c,
                                              const dnnl::primitive_attr& attr) {
  return {dnnl::matmul::desc(a, b, c), attr, engine()};
}
auto describe_norm(const memory::desc& d, dnnl::normalization_flags flags) {
  return describe<dnnl::batch_normalization_forward>(prop_kind::forward_training, d, 1e-5f, flags);
}
template <class Forward>
auto describe_norm_backward(const Forward& forward, const memory::desc& d,
                            dnnl::normalization_flags flags) {
  return describe_backward<dnnl::batch_normalization_backward>(forward, prop_kind::backward, d, d,
                                                               1e-5f, flags);
}
memory::dims dims_of(const memory& m) { return m.get_desc().dims(); }
#endif

// --- Memory --------------------------------------------------------------------------------------

memory::desc desc(const memory::dims& dims, Tag tag) { return {dims, memory::data_type::f32, tag}; }
memory::desc activation(const memory::dims& dims) {
  return desc(dims, dims.size() == 4 ? Tag::nhwc : Tag::ab);
}
memory uninitialised(const memory::desc& d) { return memory(d, engine()); }

// Normal numbers, in the order of memory: which lies where does not matter.
memory random(const memory::desc& d) {
  static std::mt19937 generator(0);
  std::normal_distribution<float> normal;
  memory m = uninitialised(d);
  auto* p = static_cast<float*>(m.get_data_handle());
  for (size_t i = 0; i < d.get_size() / sizeof(float); ++i) p[i] = normal(generator);
  return m;
}

// --- Ops -----------------------------------------------------------------------------------------

using Arguments = std::unordered_map<int, memory>;

struct Call {
  dnnl::primitive primitive;
  Arguments arguments;
  void run() { primitive.execute(stream(), arguments); }
};

// The primitives of an op, bound to their memory. Those of backward lack the gradient of the
// result, which they take as argument `gradient`.
struct Bound {
  memory y;
  Call forward;
  std::vector<Call> backward;
  std::vector<int> gradient;
};

// y = x * weight + bias, 3x3.
Bound convolution(const memory& x, int64_t groups) {
  const memory::dims pad = {1, 1}, stride = {1, 1};
  const memory::dims dims = dims_of(x);
  const int64_t c = dims[1];
  const auto src = activation(dims), dst = src, bias = desc({c}, Tag::a);
  const auto weights = groups == 1 ? desc({c, c, 3, 3}, Tag::any)
                                   : desc({groups, c / groups, c / groups, 3, 3}, Tag::any);
  const auto direct = algorithm::convolution_direct;
  const auto forward = describe<dnnl::convolution_forward>(prop_kind::forward_training, direct, src,
                                                           weights, bias, dst, stride, pad, pad);
  const auto to_x = describe_backward<dnnl::convolution_backward_data>(
      forward, direct, src, weights, dst, stride, pad, pad);
  const auto to_weights = describe_backward<dnnl::convolution_backward_weights>(
      forward, direct, src, weights, bias, dst, stride, pad, pad);

  Bound b;
  b.y = uninitialised(dst);
  b.forward = {dnnl::convolution_forward(forward),
               {{DNNL_ARG_SRC, x},
                {DNNL_ARG_WEIGHTS, random(forward.weights_desc())},
                {DNNL_ARG_BIAS, random(bias)},
                {DNNL_ARG_DST, b.y}}};
  b.backward = {
      {dnnl::convolution_backward_data(to_x),
       {{DNNL_ARG_WEIGHTS, random(to_x.weights_desc())}, {DNNL_ARG_DIFF_SRC, uninitialised(src)}}},
      {dnnl::convolution_backward_weights(to_weights),
       {{DNNL_ARG_SRC, x},
        {DNNL_ARG_DIFF_WEIGHTS, uninitialised(to_weights.diff_weights_desc())},
        {DNNL_ARG_DIFF_BIAS, uninitialised(bias)}}}};
  b.gradient = {DNNL_ARG_DIFF_DST, DNNL_ARG_DIFF_DST};
  return b;
}

// 2x2, stride 2.
Bound pool(const memory& x, algorithm kind) {
  const memory::dims dims = dims_of(x), two = {2, 2}, zero = {0, 0};
  const auto src = activation(dims), dst = activation({dims[0], dims[1], dims[2] / 2, dims[3] / 2});
  const auto forward = describe<PoolForward>(prop_kind::forward_training, kind, src, dst, two, two,
                                             zero, zero, zero);
  const auto backward =
      describe_backward<PoolBackward>(forward, kind, src, dst, two, two, zero, zero, zero);
  Bound b;
  b.y = uninitialised(dst);
  b.forward = {PoolForward(forward), {{DNNL_ARG_SRC, x}, {DNNL_ARG_DST, b.y}}};
  b.backward = {{PoolBackward(backward), {{DNNL_ARG_DIFF_SRC, uninitialised(src)}}}};
  b.gradient = {DNNL_ARG_DIFF_DST};
  if (kind == algorithm::pooling_max) {
    const memory winners = uninitialised(forward.workspace_desc());
    b.forward.arguments[DNNL_ARG_WORKSPACE] = winners;
    b.backward[0].arguments[DNNL_ARG_WORKSPACE] = winners;
  }
  return b;
}

Bound batch_norm(const memory& x) {
  const auto flags = dnnl::normalization_flags::use_scale | dnnl::normalization_flags::use_shift;
  const auto src = activation(dims_of(x)), channel = desc({dims_of(x)[1]}, Tag::a);
  const auto forward = describe_norm(src, flags);
  const auto backward = describe_norm_backward(forward, src, flags);
  const memory scale = random(channel), shift = random(channel);
  const memory mean = uninitialised(channel), var = uninitialised(channel);
  Bound b;
  b.y = uninitialised(src);
  b.forward = {dnnl::batch_normalization_forward(forward),
               {{DNNL_ARG_SRC, x},
                {DNNL_ARG_SCALE, scale},
                {DNNL_ARG_SHIFT, shift},
                {DNNL_ARG_MEAN, mean},
                {DNNL_ARG_VARIANCE, var},
                {DNNL_ARG_DST, b.y}}};
  b.backward = {{dnnl::batch_normalization_backward(backward),
                 {{DNNL_ARG_SRC, x},
                  {DNNL_ARG_SCALE, scale},
                  {DNNL_ARG_MEAN, mean},
                  {DNNL_ARG_VARIANCE, var},
                  {DNNL_ARG_DIFF_SRC, uninitialised(src)},
                  {DNNL_ARG_DIFF_SCALE, uninitialised(channel)},
                  {DNNL_ARG_DIFF_SHIFT, uninitialised(channel)}}}};
  if (norm_backward_takes_shift) b.backward[0].arguments[DNNL_ARG_SHIFT] = shift;
  b.gradient = {DNNL_ARG_DIFF_DST};
  return b;
}

// y = x x; dx = g x^T + x^T g, the second added to the first.
Bound square_product(const memory& x) {
  const memory::dims dims = dims_of(x);
  const auto plain = desc(dims, Tag::ab), transposed = desc(dims, Tag::ba);
  const auto product = [](const memory::desc& a, const memory::desc& b, const memory::desc& c,
                          bool add) {
    dnnl::post_ops post;
    if (add) post.append_sum();
    dnnl::primitive_attr attr;
    attr.set_post_ops(post);
    return dnnl::matmul(describe_product(a, b, c, attr));
  };
  const memory x_transposed(transposed, engine(), x.get_data_handle()), dx = uninitialised(plain);
  Bound b;
  b.y = uninitialised(plain);
  b.forward = {product(plain, plain, plain, false),
               {{DNNL_ARG_SRC, x}, {DNNL_ARG_WEIGHTS, x}, {DNNL_ARG_DST, b.y}}};
  b.backward = {{product(plain, transposed, plain, false),
                 {{DNNL_ARG_WEIGHTS, x_transposed}, {DNNL_ARG_DST, dx}}},
                {product(transposed, plain, plain, true),
                 {{DNNL_ARG_SRC, x_transposed}, {DNNL_ARG_DST, dx}}}};
  b.gradient = {DNNL_ARG_SRC, DNNL_ARG_WEIGHTS};
  return b;
}

std::function<Bound(const memory&)> make_of(const std::string& name) {
  if (name == "conv3x3_64") return [](const memory& x) { return convolution(x, 1); };
  if (name == "conv_depthwise")
    return [](const memory& x) { return convolution(x, dims_of(x)[1]); };
  if (name == "maxpool2") return [](const memory& x) { return pool(x, algorithm::pooling_max); };
  if (name == "avgpool2")
    return [](const memory& x) { return pool(x, algorithm::pooling_avg_exclude_padding); };
  if (name == "batchnorm") return batch_norm;
  if (name == "matmul1024") return square_product;
  return {};
}

}  // namespace

// --- The library ---------------------------------------------------------------------------------

struct Value {
  memory m;
  std::shared_ptr<Bound> from;  // the op whose result it is
};

ValuePtr constant(const std::vector<int64_t>& shape) {
  return std::make_shared<Value>(Value{random(activation(shape)), nullptr});
}
ValuePtr leaf(const std::vector<int64_t>& shape) { return constant(shape); }
std::vector<int64_t> shape(const ValuePtr& y) { return dims_of(y->m); }

std::function<ValuePtr(const ValuePtr&)> op(const std::string& name) {
  const auto make = make_of(name);
  if (!make) return {};
  // Made for the first input that it meets, which is the only one in a case.
  return [make, y = ValuePtr()](const ValuePtr& x) mutable {
    if (!y) {
      const auto bound = std::make_shared<Bound>(make(x->m));
      y = std::make_shared<Value>(Value{bound->y, bound});
    }
    y->from->forward.run();
    stream().wait();
    return y;
  };
}

void backward(const ValuePtr&, const ValuePtr& y, const ValuePtr& g) {
  Bound& b = *y->from;
  for (size_t i = 0; i < b.backward.size(); ++i) {
    b.backward[i].arguments[b.gradient[i]] = g->m;
    b.backward[i].run();
  }
  stream().wait();
}

Prepare chain(int64_t, int) { return {}; }
Prepare training(Net, Precision, const std::vector<int64_t>&) { return {}; }
Prepare recurrent_training(Recurrent, const std::vector<int64_t>&) { return {}; }
Prepare inference(Net, const std::vector<int64_t>&) { return {}; }

Prepare optimizer_step(const std::string&, int, int64_t) { return {}; }

}  // namespace bench
