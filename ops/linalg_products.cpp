#include <algorithm>
#include <array>
#include <cmath>
#include <span>

#include <rewind/autograd/autocast.h>
#include <rewind/ops/joining.h>
#include <rewind/ops/linalg_parts.h>
#include <rewind/ops/matmul.h>
#include <rewind/ops/pointwise.h>
#include <rewind/ops/pointwise_result.h>
#include <rewind/ops/reduction.h>
#include <rewind/tensor/factories.h>

namespace rw::linalg {
namespace {

void check_any_square(const char* op, const Tensor& a) {
  rw::detail::check_defined(op, a);
  check<ShapeError>(a.dim() >= 2 && a.size(-1) == a.size(-2),
                    "{}: expected square matrices, got shape {}", op, a.shape());
}

// --- The exponential ----------------------------------------------------------------------------

// Coefficients of the numerator of Padé's approximation of degree m, from x^0 on, and up to which
// norm that is as exact as the dtype (Higham, table 2.3).
struct Pade {
  double greatest_norm;
  std::span<const double> coefficients;
};
constexpr double degree_7[] = {17297280, 8648640, 1995840, 277200, 25200, 1512, 56, 1};
constexpr double degree_13[] = {64764752532480000,
                                32382376266240000,
                                7771770303897600,
                                1187353796428800,
                                129060195264000,
                                10559470521600,
                                670442572800,
                                33522128640,
                                1323241920,
                                40840800,
                                960960,
                                16380,
                                182,
                                1};

Pade pade_for(DType dtype) {
  if (dtype == float32) return {3.925724783138660, degree_7};
  return {5.371920351148152, degree_13};
}

// (even - odd)^-1 (even + odd), for the even and odd parts of the numerator: of degree 7 by the
// powers up to a^6, of degree 13 by these and those times a^6.
Tensor rational(const Tensor& a, std::span<const double> c) {
  const Tensor square = times(a, a), fourth = times(square, square), sixth = times(fourth, square);
  const Tensor one = eye(a.size(-1), a.dtype());
  const auto part = [&](size_t first) {
    Tensor sum =
        one * c[first] + square * c[first + 2] + fourth * c[first + 4] + sixth * c[first + 6];
    if (c.size() <= 8) return sum;
    const Tensor high = square * c[first + 8] + fourth * c[first + 10];
    return sum + times(sixth, high + sixth * c[first + 12]);
  };
  const Tensor even = part(0), odd = times(a, part(1));
  return solve(even - odd, even + odd);
}

Tensor exponential(const Tensor& a) {
  const Pade pade = pade_for(a.dtype());
  const Tensor size = a.abs().sum(-2).amax(-1);
  // Each is halved as often as it needs, whatever else is in the batch.
  std::vector<double> halvings = size.to_vector<double>(), scales;
  double most = 0;
  for (double& h : halvings) {
    h = h > pade.greatest_norm && std::isfinite(h) ? std::ceil(std::log2(h / pade.greatest_norm))
                                                   : 0;
    most = std::max(most, h);
    scales.push_back(std::ldexp(1, -static_cast<int>(h)));
  }
  const auto matrix_by_matrix = [&](const std::vector<double>& v) {
    return from(v, size.shape()).to(a.dtype()).unsqueeze(-1).unsqueeze(-1);
  };
  const Tensor times_halved = matrix_by_matrix(halvings);
  Tensor y = rational(most > 0 ? a * matrix_by_matrix(scales) : a, pade.coefficients);
  for (double i = 0; i < most; ++i) y = where(times_halved > i, times(y, y), y);
  return y;
}

// y = exp(a).   da is the upper right part of exp((a^T, g; 0, a^T)).
Tensor recorded_exponential(const Tensor& a) {
  const Tensor y = [&] {
    const no_grad guard;
    return exponential(a);
  }();
  return record("linalg.matrix_exp", y, {a}, [a = save(a)](const Tensor& g, Needs) -> Grads {
    const Tensor turned = transposed(a.get());
    const int64_t n = turned.size(-1);
    const Tensor above = cat({turned, g}, -1), below = cat({zeros_like(turned), turned}, -1);
    const Tensor both = recorded_exponential(cat({above, below}, -2));
    return both.narrow(-2, 0, n).narrow(-1, n, n);
  });
}

// --- Chains -------------------------------------------------------------------------------------

// Matrix i is [sizes[i], sizes[i + 1]]. Where to split the product of i to j: the last
// multiplication of the cheapest order (Cormen et al., "Introduction to Algorithms", 15.2).
std::vector<std::vector<size_t>> cheapest_splits(const std::vector<int64_t>& sizes) {
  const size_t n = sizes.size() - 1;
  std::vector<std::vector<double>> cost(n, std::vector<double>(n, 0));
  std::vector<std::vector<size_t>> split(n, std::vector<size_t>(n, 0));
  for (size_t length = 2; length <= n; ++length)
    for (size_t i = 0; i + length <= n; ++i) {
      const size_t j = i + length - 1;
      for (size_t k = i; k < j; ++k) {
        const double c = cost[i][k] + cost[k + 1][j] +
                         static_cast<double>(sizes[i]) * static_cast<double>(sizes[k + 1]) *
                             static_cast<double>(sizes[j + 1]);
        if (k > i && c >= cost[i][j]) continue;
        cost[i][j] = c;
        split[i][j] = k;
      }
    }
  return split;
}

Tensor product_of(const std::vector<Tensor>& matrices,
                  const std::vector<std::vector<size_t>>& split, size_t i, size_t j) {
  if (i == j) return matrices[i];
  const size_t k = split[i][j];
  return rw::mm(product_of(matrices, split, i, k), product_of(matrices, split, k + 1, j));
}

}  // namespace

Tensor matrix_exp(const Tensor& a) {
  const char* const op = "linalg.matrix_exp";
  const profile_scope scope(op);
  check_any_square(op, a);
  rw::detail::check_floating(op, a);
  if (a.numel() == 0) return a.clone();
  const autocast off(false);
  if (a.dtype() == float32 || a.dtype() == float64) return recorded_exponential(a);
  return recorded_exponential(a.to(float32)).to(a.dtype());
}

Tensor matrix_power(const Tensor& a, int64_t n) {
  const char* const op = "linalg.matrix_power";
  const profile_scope scope(op);
  check_any_square(op, a);
  if (n == 0) {
    const Tensor one = eye(a.size(-1), a.dtype()).expand(a.shape()).clone();
    return record("linalg.matrix_power", one, {a},
                  [](const Tensor& g, Needs) -> Grads { return zeros_like(g); });
  }
  Tensor square = n > 0 ? a : inv(a), y;
  for (uint64_t left = n > 0 ? uint64_t(n) : -uint64_t(n); left > 0; left >>= 1) {
    if (left & 1) y = y.defined() ? rw::matmul(y, square) : square;
    if (left > 1) square = rw::matmul(square, square);
  }
  return y.is_same(a) ? a.clone() : y;
}

Tensor multi_dot(const std::vector<Tensor>& tensors) {
  const char* const op = "linalg.multi_dot";
  const profile_scope scope(op);
  const size_t n = tensors.size();
  check(n >= 2, "{}: expected two tensors or more, got {}", op, n);
  std::vector<Tensor> matrices = tensors;
  for (size_t i = 0; i < n; ++i) {
    const Tensor& t = tensors[i];
    rw::detail::check_defined(op, t);
    const bool end = i == 0 || i == n - 1;
    check<ShapeError>(t.dim() == 2 || (end && t.dim() == 1),
                      "{}: expected {}, got shape {} at place {}", op,
                      end ? "a matrix or a vector" : "a matrix", t.shape(), i);
    check<DTypeError>(t.dtype() == tensors[0].dtype(),
                      "{}: expected tensors of one dtype, got {} and {}", op, tensors[0].dtype(),
                      t.dtype());
  }
  const bool row = tensors.front().dim() == 1, column = tensors.back().dim() == 1;
  if (row) matrices.front() = matrices.front().unsqueeze(0);
  if (column) matrices.back() = matrices.back().unsqueeze(-1);
  std::vector<int64_t> sizes = {matrices[0].size(0)};
  for (size_t i = 0; i < n; ++i) {
    check<ShapeError>(matrices[i].size(0) == sizes.back(),
                      "{}: expected {} rows at place {}, got shape {}", op, sizes.back(), i,
                      tensors[i].shape());
    sizes.push_back(matrices[i].size(1));
  }
  Tensor y = product_of(matrices, cheapest_splits(sizes), 0, n - 1);
  if (column) y = y.squeeze(-1);
  return row ? y.squeeze(0) : y;
}

Tensor vecdot(const Tensor& x, const Tensor& y, int64_t dim) {
  const char* const op = "linalg.vecdot";
  const profile_scope scope(op);
  rw::detail::check_defined(op, x, y);
  check<DTypeError>(x.dtype() == y.dtype(), "{}: expected tensors of one dtype, got {} and {}", op,
                    x.dtype(), y.dtype());
  rw::detail::check_floating(op, x);
  return (x * y).sum(dim);
}

Tensor vander(const Tensor& x, std::optional<int64_t> n) {
  const char* const op = "linalg.vander";
  const profile_scope scope(op);
  rw::detail::check_defined(op, x);
  check<DTypeError>(is_integer(x.dtype()) || x.dtype() == float32 || x.dtype() == float64,
                    "{}: expected float32, float64 or integers, got {}", op, x.dtype());
  if (x.dim() == 0) return vander(x.reshape(1), n);
  const int64_t columns = n.value_or(x.size(-1));
  check(columns > 1, "{}: expected n > 1, got {}", op, columns);
  const Tensor base = x.to(promote_types(x.dtype(), int64)).unsqueeze(-1);
  return pow(base, arange(columns, base.dtype()));
}

Tensor matmul(const Tensor& a, const Tensor& b) { return rw::matmul(a, b); }

Tensor diagonal(const Tensor& a, int64_t offset, int64_t dim1, int64_t dim2) {
  rw::detail::check_defined("linalg.diagonal", a);
  return a.diagonal(offset, dim1, dim2);
}

}  // namespace rw::linalg

namespace rw {

Tensor inverse(const Tensor& a) { return linalg::inv(a); }
Tensor matrix_power(const Tensor& a, int64_t n) { return linalg::matrix_power(a, n); }
Tensor matrix_exp(const Tensor& a) { return linalg::matrix_exp(a); }

}  // namespace rw
