#include <rewind/ops/scan.h>

#include <rewind/autograd/record.h>
#include <rewind/kernels/reduce/scan_kernel.h>
#include <rewind/ops/pointwise_result.h>

namespace rw {
namespace {

// dx[k] = g[k] + … + g[n - 1]: the same from the other end.
Tensor cumulative_sum(const Tensor& x, int d, bool from_end) {
  const profile_scope scope("cumsum");
  const Strides strides = detail::dense_strides_like(x);
  const Tensor dense = detail::laid_out(x, strides);
  const Tensor y = detail::make_tensor(x.shape(), strides, x.dtype());
  kernels::cumulative_sum(x.dtype(), kernels::groups_along(x.shape(), strides, d), from_end,
                          dense.raw_data(), y.raw_data());
  return record("cumsum", y, {x}, [d, from_end](const Tensor& g, Needs) -> Grads {
    return cumulative_sum(g, d, !from_end);
  });
}

}  // namespace

Tensor cumsum(const Tensor& x, int64_t dim) {
  detail::check_defined("cumsum", x);
  const int d = normalize_dim(dim, x.dim(), "cumsum");
  return cumulative_sum(x.is_floating_point() ? x : x.to(int64), d, false);
}

}  // namespace rw
