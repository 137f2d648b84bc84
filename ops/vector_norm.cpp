#include <rewind/ops/vector_norm.h>

#include <cmath>
#include <limits>
#include <string_view>

#include <rewind/autograd/record.h>
#include <rewind/ops/linalg.h>
#include <rewind/ops/pointwise.h>
#include <rewind/ops/pointwise_result.h>
#include <rewind/ops/reduced.h>
#include <rewind/ops/reduction.h>
#include <rewind/tensor/factories.h>

namespace rw {
namespace {

using detail::put_back;
using detail::Reduced;
using kernels::Fold;

Tensor folded(Fold f, const Tensor& x, const Reduced& r) {
  return detail::fold_in(compute_dtype(x.dtype()), f, x, r);
}

Tensor norm_of(const Tensor& x, double ord, const Dims& dims, const Reduced& r) {
  if (ord == 2) return sqrt(folded(Fold::sum_squares, x, r));
  if (ord == 1) return folded(Fold::sum_abs, x, r);
  if (ord == std::numeric_limits<double>::infinity()) return folded(Fold::max_abs, x, r);
  if (ord == -std::numeric_limits<double>::infinity()) return folded(Fold::min_abs, x, r);
  if (ord == 0) return sum(ne(x, 0), dims, r.keepdim);
  return pow(sum(pow(abs(x.to(compute_dtype(x.dtype()))), ord), dims, r.keepdim), 1 / ord);
}

// size with 1 for 0, to divide by.
Tensor divisor(const Tensor& size) { return where(eq(size, 0), 1, size); }

// The derivative of the norm y of x, times g. y has the reduced dimensions as 1.
Tensor norm_backward(const Tensor& g, const Tensor& x, const Tensor& y, double ord,
                     const Reduced& r) {
  if (ord == 0) return zeros_like(x);
  if (ord == 1) return g * sign(x);
  if (ord == 2) return x * (g / divisor(y));
  const Tensor size = abs(x);
  if (std::isinf(ord)) {
    const Tensor at = eq(size, y);
    Dims dims;
    for (int d = 0; d < x.dim(); ++d)
      if (r.mask >> d & 1) dims.push_back(d);
    // Counted where numbers are exact: float16 ends at 65504.
    const DType exact = compute_dtype(g.dtype());
    const Tensor number = x.dim() ? sum(at, dims, true) : at;
    return at * sign(x) * (g.to(exact) / divisor(number.to(exact))).to(g.dtype());
  }
  // Where a power of 0 would be infinite the gradient is 0.
  const Tensor at_zero = eq(size, 0);
  const Tensor powers = where(at_zero, 0, pow(where(at_zero, 1, size), ord - 1));
  const Tensor is_zero = eq(y, 0);
  const Tensor scale = where(is_zero, 0, pow(where(is_zero, 1, y), 1 - ord));
  return sign(x) * powers * (g * scale);
}

void check_not_empty(const char* op, const Tensor& x, double ord, const Reduced& r) {
  const bool has_none = ord < 0 || ord == std::numeric_limits<double>::infinity();
  check<ShapeError>(!has_none || r.count > 0,
                    "{}: expected at least one value for the norm of order {}, got shape {}", op,
                    ord, x.shape());
}

// y = (sum |x|^p)^(1 / p).   dx = g sign(x) (|x| / y)^(p - 1)
Tensor vector_norm_as(const char* op, const Tensor& x, double ord, const Dims& dims, bool keepdim,
                      std::optional<DType> dtype) {
  detail::check_floating(op, x);
  if (dtype && *dtype != x.dtype()) {
    check<DTypeError>(is_floating(*dtype) && promote_types(x.dtype(), *dtype) == *dtype,
                      "{}: expected a floating dtype that holds {}, got {}", op, x.dtype(), *dtype);
    return vector_norm_as(op, x.to(*dtype), ord, dims, keepdim, {});
  }
  const profile_scope scope(op);
  const Reduced r = detail::reduced_dims(op, x, dims, keepdim);
  check_not_empty(op, x, ord, r);
  const Tensor y = [&] {
    const no_grad guard;
    return norm_of(x, ord, dims, r).to(x.dtype());
  }();
  return record(op, y, {x},
                [r, ord, x = save(x), y = save_result(y)](const Tensor& g, Needs) -> Grads {
                  return norm_backward(put_back(g, r), x.get(), put_back(y.get(), r), ord, r);
                });
}

}  // namespace

Tensor linalg::vector_norm(const Tensor& x, Scalar ord, const Dims& dims, bool keepdim,
                           std::optional<DType> dtype) {
  return vector_norm_as("vector_norm", x, ord.to_double(), dims, keepdim, dtype);
}

Tensor norm(const Tensor& x, Scalar p, const Dims& dims, bool keepdim, std::optional<DType> dtype) {
  return vector_norm_as("norm", x, p.to_double(), dims, keepdim, dtype);
}
Tensor detail::named_norm(const Tensor& x, const char* p, const Dims& dims, bool keepdim,
                          std::optional<DType> dtype) {
  const std::string_view name = p;
  if (name == "fro") return norm(x, 2, dims, keepdim, dtype);
  check(name == "nuc", "norm: expected a number, \"fro\" or \"nuc\", got \"{}\"", p);
  return linalg::matrix_norm(x, p, dims.rank() == 0 ? Dims{-2, -1} : dims, keepdim, dtype);
}

Tensor dist(const Tensor& a, const Tensor& b, Scalar p) {
  detail::check_defined("dist", a, b);
  const DType dtype = detail::result_type(a, b);
  check<DTypeError>(is_floating(dtype), "dist: expected floating tensors, got {} and {}", a.dtype(),
                    b.dtype());
  return norm(a - b, p);
}

// A slice of norm y > maxnorm times maxnorm / (y + 1e-7), as PyTorch has it.
Tensor renorm(const Tensor& x, Scalar p, int64_t dim, Scalar maxnorm) {
  const profile_scope scope("renorm");
  detail::check_defined("renorm", x);
  check<ShapeError>(x.dim() >= 2, "renorm: expected a tensor of rank 2 or more, got shape {}",
                    x.shape());
  detail::check_floating("renorm", x);
  check(p.to_double() > 0, "renorm: expected a positive p, got {}", p.to_double());
  check(maxnorm.to_double() >= 0, "renorm: expected a maxnorm of 0 or more, got {}",
        maxnorm.to_double());
  const int d = normalize_dim(dim, x.dim(), "renorm");
  Dims others;
  for (int i = 0; i < x.dim(); ++i)
    if (i != d) others.push_back(i);
  const Tensor y = linalg::vector_norm(x, p, others, true, compute_dtype(x.dtype()));
  const double most = maxnorm.to_double();
  const Tensor factor = where(gt(y, most), most / (y + 1e-7), 1);
  return x * factor.to(x.dtype());
}

}  // namespace rw
