#include <rewind/ops/scan.h>

#include <span>
#include <vector>

#include <rewind/autograd/traced.h>
#include <rewind/kernels/reduce/scan_kernel.h>
#include <rewind/ops/indexing.h>
#include <rewind/ops/joining.h>
#include <rewind/ops/pointwise.h>
#include <rewind/ops/pointwise_result.h>
#include <rewind/ops/reduced.h>
#include <rewind/ops/reduction.h>
#include <rewind/tensor/factories.h>

namespace rw {
namespace {

// What f(groups, x, y) makes of x laid out densely along d.
template <class F>
Tensor scanned(const Tensor& x, int d, const F& f) {
  const Strides strides = detail::dense_strides_like(x);
  const Tensor y = detail::make_tensor(x.shape(), strides, x.dtype());
  if (const Tensor once = detail::without_repeats(x, d); once.shape() != x.shape()) {
    detail::copy_into(y, scanned(once, d, f));
    return y;
  }
  const Tensor dense = detail::laid_out(x, strides);
  if (x.numel() > 0)
    f(kernels::groups_along(x.shape(), strides, d), dense.raw_data(), y.raw_data());
  return y;
}

// x in the dtype that its totals have.
Tensor summable(const char* op, const Tensor& x, std::optional<DType> dtype) {
  detail::check_defined(op, x);
  check<DTypeError>(dtype != boolean, "{}: expected a dtype of numbers, got bool", op);
  return x.to(dtype ? *dtype : x.is_floating_point() ? x.dtype() : int64);
}

// dx[k] = g[k] + … + g[n - 1]: the same from the other end.
Tensor cumulative_sum(const Tensor& x, int d, bool from_end) {
  const profile_scope scope("cumsum");
  const Tensor y = scanned(x, d, [&](const kernels::Groups& groups, const void* in, void* out) {
    kernels::cumulative_sum(x.dtype(), groups, from_end, in, out);
  });
  return detail::traced("cumsum",
                        record("cumsum", y, {x},
                               [d, from_end](const Tensor& g, Needs) -> Grads {
                                 return cumulative_sum(g, d, !from_end);
                               }),
                        {x}, [=] {
                          return detail::Attributes{{"dim", d}, {"from_end", from_end}};
                        });
}

// f in int64 for an integer dtype, whose results wrap around to it.
template <class F>
Tensor in_kernel_type(const Tensor& x, const F& f) {
  return x.is_floating_point() ? f(x) : f(x.to(int64)).to(x.dtype());
}

// t one place further along d, after a slice of `value`.
Tensor shifted(const Tensor& t, int d, double value) {
  if (t.shape()[d] == 0) return t;
  Shape first = t.shape();
  first[d] = 1;
  return cat({full(first, value, t.dtype()), t.narrow(d, 0, t.shape()[d] - 1)}, d);
}

// t one place further along d, after its own first slice.
Tensor after_the_first(const Tensor& t, int d) {
  if (t.shape()[d] == 0) return t;
  return cat({t.narrow(d, 0, 1), t.narrow(d, 0, t.shape()[d] - 1)}, d);
}

// y[k] = x[k] + a[k] y[k - 1]; from the end y[k] = x[k] + a[k + 1] y[k + 1]. a[0] counts nowhere.
// dx = the same of g from the other end; da[k] = dx[k] y[k - 1], or dx[k - 1] y[k].
Tensor recurrence(const Tensor& a, const Tensor& x, int d, bool from_end) {
  const profile_scope scope("linear_recurrence");
  const Strides strides = detail::dense_strides_like(x);
  const Tensor y = detail::make_tensor(x.shape(), strides, x.dtype());
  const Tensor factors = detail::laid_out(a, strides), dense = detail::laid_out(x, strides);
  if (x.numel() > 0)
    kernels::linear_recurrence(x.dtype(), kernels::groups_along(x.shape(), strides, d), from_end,
                               factors.raw_data(), dense.raw_data(), y.raw_data());
  return record(
      "linear_recurrence", y, {a, x},
      [d, from_end, a = save(a), y = save_result(y)](const Tensor& g, Needs needs) -> Grads {
        const Tensor dx = recurrence(a.get(), g, d, !from_end);
        if (!needs[0]) return {Tensor(), dx};
        const Tensor da = from_end ? shifted(dx, d, 0) * y.get() : dx * shifted(y.get(), d, 0);
        return {da, dx};
      });
}

// y[k] = x[0] … x[k].   dx[k] = x[0] … x[k - 1] s[k], s[k] = g[k] + x[k + 1] s[k + 1]: no division,
// so zeros are like other numbers.
Tensor cumulative_product(const Tensor& x, int d) {
  const profile_scope scope("cumprod");
  const Tensor y = scanned(x, d, [&](const kernels::Groups& groups, const void* in, void* out) {
    kernels::cumulative_product(x.dtype(), groups, in, out);
  });
  return record("cumprod", y, {x},
                [d, x = save(x), y = save_result(y)](const Tensor& g, Needs) -> Grads {
                  if (g.dim() == 0) return g;
                  return shifted(y.get(), d, 1) * recurrence(x.get(), g, d, true);
                });
}

// The adjoint of taking elements by an index that does not fall along d.
Tensor added_runs(const Tensor& g, int d, const Tensor& index) {
  const profile_scope scope("cummax_backward");
  const Strides& strides = index.strides();
  const Tensor y = detail::make_tensor(g.shape(), strides, g.dtype());
  if (g.numel() > 0)
    kernels::add_runs(g.dtype(), kernels::groups_along(g.shape(), strides, d),
                      detail::laid_out(g, strides).raw_data(),
                      static_cast<const int64_t*>(index.raw_data()), y.raw_data());
  return record("cummax_backward", y, {g},
                [d, index = save(index)](const Tensor& gg, Needs) -> Grads {
                  return gather(gg, d, index.get());
                });
}

// The values that are extreme so far, and where they are.   dx = g there, added up
std::pair<Tensor, Tensor> extremes(const char* op, const Tensor& x, int64_t dim, bool greatest) {
  const profile_scope scope(op);
  const int d = detail::checked_dim(op, x, dim);
  const Strides strides = detail::dense_strides_like(x);
  const Tensor y = detail::make_tensor(x.shape(), strides, x.dtype());
  const Tensor index = detail::make_tensor(x.shape(), strides, int64);
  if (x.numel() > 0)
    kernels::cumulative_extreme(x.dtype(), kernels::groups_along(x.shape(), strides, d), greatest,
                                detail::laid_out(x, strides).raw_data(), y.raw_data(),
                                static_cast<int64_t*>(index.raw_data()));
  const auto pullback = [d, index = save(index)](std::span<const Tensor> g, Needs) -> Grads {
    if (g[0].dim() == 0) return g[0];
    return added_runs(g[0], d, index.get());
  };
  const std::vector<Tensor> results = record(op, std::vector<Tensor>{y, index}, {x}, pullback);
  return {results[0], results[1]};
}

}  // namespace

Tensor cumsum(const Tensor& x, int64_t dim, std::optional<DType> dtype) {
  const int d = detail::checked_dim("cumsum", x, dim);
  return in_kernel_type(summable("cumsum", x, dtype),
                        [d](const Tensor& t) { return cumulative_sum(t, d, false); });
}
Tensor cumprod(const Tensor& x, int64_t dim, std::optional<DType> dtype) {
  const int d = detail::checked_dim("cumprod", x, dim);
  return in_kernel_type(summable("cumprod", x, dtype),
                        [d](const Tensor& t) { return cumulative_product(t, d); });
}
std::pair<Tensor, Tensor> cummax(const Tensor& x, int64_t dim) {
  return extremes("cummax", x, dim, true);
}
std::pair<Tensor, Tensor> cummin(const Tensor& x, int64_t dim) {
  return extremes("cummin", x, dim, false);
}

// y[k] = log(exp x[0] + … + exp x[k]).   dx[k] = exp(x[k] - y[k]) s[k],
// s[k] = g[k] + exp(y[k] - y[k + 1]) s[k + 1]: as y does not fall, no exponential overflows.
Tensor logcumsumexp(const Tensor& x, int64_t dim) {
  const profile_scope scope("logcumsumexp");
  const int d = detail::checked_dim("logcumsumexp", x, dim);
  detail::check_floating("logcumsumexp", x);
  const Tensor y = scanned(x, d, [&](const kernels::Groups& groups, const void* in, void* out) {
    kernels::cumulative_logsumexp(x.dtype(), groups, in, out);
  });
  return record("logcumsumexp", y, {x},
                [d, x = save(x), y = save_result(y)](const Tensor& g, Needs) -> Grads {
                  if (g.dim() == 0) return g;
                  const DType dtype = compute_dtype(g.dtype());
                  const Tensor in = x.get().to(dtype);
                  // Rounded to a reduced type it would be too far off for exponentials.
                  const Tensor out = dtype == g.dtype() ? y.get() : logcumsumexp(in, d);
                  const Tensor share = exp(after_the_first(out, d) - out);
                  return exp(in - out) * recurrence(share, g.to(dtype), d, true);
                });
}

namespace {

// Integers are computed with as such, and wrap as theirs do.
struct Trapezoids {
  Tensor twice;  // their areas along d, doubled
  int d;
};

Trapezoids trapezoids(const char* op, const Tensor& f, Scalar dx, int64_t dim) {
  detail::refuse_bool(op, f);
  check<IndexError>(f.dim() > 0, "{}: expected a tensor with a dimension, got one of rank 0", op);
  const int d = detail::checked_dim(op, f, dim);
  const int64_t n = f.shape()[d];
  if (n == 0) return {f, d};
  return {(f.narrow(d, 0, n - 1) + f.narrow(d, 1, n - 1)) * dx, d};
}

Trapezoids trapezoids(const char* op, const Tensor& f, const Tensor& x, int64_t dim) {
  detail::refuse_bool(op, x);
  detail::refuse_bool(op, f);
  check<IndexError>(f.dim() > 0 && x.dim() > 0,
                    "{}: expected tensors with dimensions, got ranks {} and {}", op, f.dim(),
                    x.dim());
  const int d = detail::checked_dim(op, f, dim);
  const int64_t n = f.shape()[d];
  Tensor places = x;
  if (x.dim() == 1) {
    check<ShapeError>(x.shape()[0] == n, "{}: expected {} places, as values, got {}", op, n,
                      x.shape()[0]);
    places = places.reshape([&] {
      Shape shape = Shape::filled(f.dim(), 1);
      shape[d] = n;
      return shape;
    }());
  }
  const int at = d - f.dim() + places.dim();
  check<ShapeError>(at >= 0 && places.shape()[at] == n,
                    "{}: expected places for dimension {} of shape {}, got shape {}", op, d,
                    f.shape(), x.shape());
  if (n == 0) return {f, d};
  const Tensor steps = places.narrow(at, 1, n - 1) - places.narrow(at, 0, n - 1);
  const Tensor sums = f.narrow(d, 0, n - 1) + f.narrow(d, 1, n - 1);
  const Tensor twice = sums * steps;
  return {twice, d + twice.dim() - f.dim()};
}

}  // namespace

// The sum of all values but half of the first and of the last.
Tensor trapezoid(const Tensor& f, Scalar dx, int64_t dim) {
  detail::refuse_bool("trapezoid", f);
  check<IndexError>(f.dim() > 0,
                    "trapezoid: expected a tensor with a dimension, got one of rank 0");
  const int d = detail::checked_dim("trapezoid", f, dim);
  const Tensor total = sum(f, d);
  if (f.shape()[d] == 0) return detail::as_floating("trapezoid", total);
  return (total - (f.select(d, 0) + f.select(d, -1)) / 2) * dx;
}
Tensor trapezoid(const Tensor& y, const Tensor& x, int64_t dim) {
  const Trapezoids t = trapezoids("trapezoid", y, x, dim);
  return sum(t.twice, t.d) / 2;
}
Tensor trapz(const Tensor& y, Scalar dx, int64_t dim) { return trapezoid(y, dx, dim); }
Tensor trapz(const Tensor& y, const Tensor& x, int64_t dim) { return trapezoid(y, x, dim); }
Tensor cumulative_trapezoid(const Tensor& y, Scalar dx, int64_t dim) {
  const Trapezoids t = trapezoids("cumulative_trapezoid", y, dx, dim);
  return cumsum(t.twice, t.d) / 2;
}
Tensor cumulative_trapezoid(const Tensor& y, const Tensor& x, int64_t dim) {
  const Trapezoids t = trapezoids("cumulative_trapezoid", y, x, dim);
  return cumsum(t.twice, t.d) / 2;
}

}  // namespace rw
