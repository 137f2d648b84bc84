#include <rewind/ops/scan.h>

#include <rewind/autograd/record.h>
#include <rewind/kernels/reduce/scan_kernel.h>
#include <rewind/ops/pointwise_result.h>

namespace rw {
namespace {

// A view of x that has one of the slices which repeat along dimensions other than d.
Tensor without_repeats(const Tensor& x, int d) {
  Shape shape = x.shape();
  for (int i = 0; i < x.dim(); ++i)
    if (i != d && x.strides()[i] == 0 && shape[i] > 1) shape[i] = 1;
  return detail::make_view(x, shape, x.strides(), x.impl()->offset);
}

Tensor running_totals(const Tensor& x, int d, bool from_end) {
  const Strides strides = detail::dense_strides_like(x);
  const Tensor y = detail::make_tensor(x.shape(), strides, x.dtype());
  if (const Tensor once = without_repeats(x, d); once.shape() != x.shape()) {
    detail::copy_into(y, running_totals(once, d, from_end));
    return y;
  }
  const Tensor dense = detail::laid_out(x, strides);
  kernels::cumulative_sum(x.dtype(), kernels::groups_along(x.shape(), strides, d), from_end,
                          dense.raw_data(), y.raw_data());
  return y;
}

// dx[k] = g[k] + … + g[n - 1]: the same from the other end.
Tensor cumulative_sum(const Tensor& x, int d, bool from_end) {
  const profile_scope scope("cumsum");
  return record(
      "cumsum", running_totals(x, d, from_end), {x},
      [d, from_end](const Tensor& g, Needs) -> Grads { return cumulative_sum(g, d, !from_end); });
}

}  // namespace

Tensor cumsum(const Tensor& x, int64_t dim) {
  detail::check_defined("cumsum", x);
  const int d = normalize_dim(dim, x.dim(), "cumsum");
  return cumulative_sum(x.is_floating_point() ? x : x.to(int64), d, false);
}

}  // namespace rw
