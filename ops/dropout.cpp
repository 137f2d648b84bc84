#include <rewind/ops/dropout.h>

#include <cmath>

#include <rewind/autograd/record.h>
#include <rewind/kernels/random/dropout_kernel.h>
#include <rewind/ops/pointwise.h>
#include <rewind/ops/pointwise_result.h>
#include <rewind/ops/random.h>
#include <rewind/tensor/factories.h>
#include <rewind/tensor/generator.h>

namespace rw {

namespace {

// What becomes of an element depends on `mask` and its place in memory. Linear in x: the gradient
// is the same again of g.
struct Drop {
  kernels::DropoutMask mask;
  double scale;
  Strides strides;

  Tensor operator()(const Tensor& x) const {
    const profile_scope scope("dropout");
    const Tensor dense = detail::laid_out(x, strides);
    Tensor y = detail::make_tensor(x.shape(), strides, x.dtype());
    kernels::dropout(x.dtype(), mask, scale, dense.raw_data(), y.raw_data(), y.numel());
    return record("dropout", y, {x},
                  [drop = *this](const Tensor& g, Needs) -> Grads { return drop(g); });
  }
};

}  // namespace

namespace {

void check_dropout(const char* name, const Tensor& x, double p) {
  detail::check_defined(name, x);
  check(0 <= p && p <= 1, "{}: expected a probability in [0, 1], got {}", name, p);
}
// Whether x stays as it is; throws where it can't change.
bool stays(const char* name, const Tensor& x, double p, bool training) {
  check_dropout(name, x, p);
  if (!training || p == 0) return true;
  detail::check_floating(name, x);
  return false;
}

// 1 with probability 1 - p and 0 otherwise, one for each element or channel of x.
Tensor kept(const Tensor& x, double p, bool by_channel) {
  const no_grad guard;
  Shape shape = x.shape();
  for (int d = 2; by_channel && d < shape.rank(); ++d) shape[d] = 1;
  return ge(rand(shape, float32), p).to(x.dtype());
}

Tensor channel_dropout(const char* name, const Tensor& x, double p, bool training) {
  if (stays(name, x, p, training)) return x;
  return x * (p == 1 ? zeros_like(x) : kept(x, p, true) / (1 - p));
}

// With a and b for which a x + b has mean 0 and variance 1 where x has, after numbers were
// replaced by -alpha scale.
Tensor self_normalizing(const char* name, const Tensor& x, double p, bool training,
                        bool by_channel) {
  if (stays(name, x, p, training)) return x;
  if (p == 1) return x * zeros_like(x);
  constexpr double limit = 1.0507009873554805 * 1.6732632423543772;
  const double a = 1 / std::sqrt((limit * limit * p + 1) * (1 - p));
  const Tensor keep = kept(x, p, by_channel);
  return x * (keep * a) + ((keep - 1) * (limit * a) + limit * a * p);
}

}  // namespace

Tensor dropout1d(const Tensor& x, double p, bool training) {
  check_dropout("dropout1d", x, p);
  check<ShapeError>(x.dim() == 2 || x.dim() == 3,
                    "dropout1d: expected [N, C, L] or [C, L], got shape {}", x.shape());
  if (x.dim() == 3) return channel_dropout("dropout1d", x, p, training);
  return channel_dropout("dropout1d", x.unsqueeze(0), p, training).squeeze(0);
}
Tensor dropout2d(const Tensor& x, double p, bool training) {
  check_dropout("dropout2d", x, p);
  check<ShapeError>(x.dim() >= 2, "dropout2d: expected [N, C, H, W], got shape {}", x.shape());
  return channel_dropout("dropout2d", x, p, training);
}
Tensor dropout3d(const Tensor& x, double p, bool training) {
  check_dropout("dropout3d", x, p);
  check<ShapeError>(x.dim() >= 2,
                    "dropout3d: expected [N, C, D, H, W] or [C, D, H, W], got shape {}", x.shape());
  if (x.dim() == 5) return channel_dropout("dropout3d", x, p, training);
  return channel_dropout("dropout3d", x.unsqueeze(0), p, training).squeeze(0);
}

Tensor alpha_dropout(const Tensor& x, double p, bool training) {
  return self_normalizing("alpha_dropout", x, p, training, false);
}
Tensor feature_alpha_dropout(const Tensor& x, double p, bool training) {
  check_dropout("feature_alpha_dropout", x, p);
  check<ShapeError>(x.dim() >= 2 || !training || p == 0,
                    "feature_alpha_dropout: expected [N, C, ...], got shape {}", x.shape());
  return self_normalizing("feature_alpha_dropout", x, p, training, true);
}

Tensor dropout(const Tensor& x, double p, bool training) {
  if (stays("dropout", x, p, training)) return x;
  if (p == 1) return where(scalar_tensor(false, boolean), x, 0);
  Generator& generator = default_generator();
  const uint64_t first = generator.reserve(static_cast<uint64_t>(x.numel() + 3) / 4);
  const auto threshold = static_cast<uint32_t>(std::ldexp(p, 32));
  return Drop{{generator.seed(), first, threshold}, 1 / (1 - p), detail::dense_strides_like(x)}(x);
}

}  // namespace rw
