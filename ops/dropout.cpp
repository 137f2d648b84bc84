#include <rewind/ops/dropout.h>

#include <cmath>

#include <rewind/autograd/record.h>
#include <rewind/kernels/random/dropout_kernel.h>
#include <rewind/ops/pointwise.h>
#include <rewind/ops/pointwise_result.h>
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

Tensor dropout(const Tensor& x, double p, bool training) {
  detail::check_defined("dropout", x);
  check(0 <= p && p <= 1, "dropout: expected a probability in [0, 1], got {}", p);
  check<DTypeError>(x.is_floating_point(), "dropout: expected a floating tensor, got {}",
                    x.dtype());
  if (!training || p == 0) return x;
  if (p == 1) return where(scalar_tensor(false, boolean), x, 0);
  Generator& generator = default_generator();
  const uint64_t first = generator.reserve(static_cast<uint64_t>(x.numel() + 3) / 4);
  const auto threshold = static_cast<uint32_t>(std::ldexp(p, 32));
  return Drop{{generator.seed(), first, threshold}, 1 / (1 - p), detail::dense_strides_like(x)}(x);
}

}  // namespace rw
