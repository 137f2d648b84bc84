#include <rewind/ops/linalg.h>

#include <limits>

#include <rewind/testing/gradcheck.h>

#include "../check.h"
#include "../dtypes.h"

using namespace rw;
using namespace rw::test;

namespace {

Tensor turned(const Tensor& x) { return x.transpose(-2, -1); }
Tensor random_matrix(const Shape& shape, DType dtype) {
  static Generator gen(3);
  return randn(shape, float64, gen).to(dtype);
}
// Far from singular.
Tensor regular(int64_t n, DType dtype) {
  return random_matrix({n, n}, dtype) / (2 * std::sqrt(static_cast<double>(n))) + eye(n, dtype) * 2;
}

// How far two tensors are from each other, in eps of the dtype times the size and the greatest
// element.
double distance(const Tensor& a, const Tensor& b) {
  if (a.numel() == 0) return 0;
  const double eps = a.dtype() == float64 ? 0x1p-52 : 0x1p-23;
  const double scale = b.abs().max().item<double>() + std::numeric_limits<double>::min();
  const double off = (a.to(float64) - b.to(float64)).abs().max().item<double>();
  const double result = off / (eps * scale * static_cast<double>(a.size(-1) + a.size(-2)));
  return std::isnan(off) ? std::numeric_limits<double>::infinity() : result;
}
double from_identity(const Tensor& q) {
  const Tensor product = matmul(turned(q), q);
  return distance(product, eye(q.size(-1), q.dtype()).expand(product.shape()));
}

const int64_t orders[] = {1, 2, 3, 16, 17, 33, 64, 65, 130};
const DType both[] = {float32, float64};

}  // namespace

BOOST_AUTO_TEST_SUITE(linear_algebra)

BOOST_AUTO_TEST_CASE(inverses_and_solutions_of_all_orders) {
  for (const DType dtype : both)
    for (const int64_t n : orders) {
      const Tensor a = regular(n, dtype), one = eye(n, dtype), b = random_matrix({n, 5}, dtype);
      for (const Tensor& in : {a, turned(a), stack({a, a}, -1).select(-1, 1) + 0}) {
        BOOST_TEST(distance(matmul(in, linalg::inv(in)), one) < 10, n);
        BOOST_TEST(distance(matmul(in, linalg::solve(in, b)), b) < 10, n);
        BOOST_TEST(distance(matmul(linalg::solve(in, turned(b), false), in), turned(b)) < 10, n);
        const Tensor v = b.select(1, 0);
        BOOST_TEST(linalg::solve(in, v).allclose(linalg::solve(in, b).select(1, 0), 1e-3, 1e-4));
      }
      for (const bool upper : {false, true})
        for (const bool unit : {false, true}) {
          const Tensor whole = unit ? a - eye(n, dtype) * a.diagonal().unsqueeze(-1) + one : a;
          const Tensor t = upper ? triu(whole) : tril(whole);
          const Tensor in = unit ? a : whole;
          const Tensor x = linalg::solve_triangular(in, b, upper, true, unit);
          BOOST_TEST(distance(matmul(t, x), b) < 20, n);
          const Tensor y = linalg::solve_triangular(turned(in), turned(b), !upper, false, unit);
          BOOST_TEST(distance(matmul(y, turned(t)), turned(b)) < 20, n);
        }
    }
}

BOOST_AUTO_TEST_CASE(factorizations_of_all_orders) {
  for (const DType dtype : both)
    for (const int64_t n : orders) {
      const Tensor a = regular(n, dtype), definite = matmul(a, turned(a));
      const Tensor lower = linalg::cholesky(definite), upper = linalg::cholesky(definite, true);
      BOOST_TEST(distance(matmul(lower, turned(lower)), definite) < 10, n);
      BOOST_TEST(distance(matmul(turned(upper), upper), definite) < 10, n);
      BOOST_TEST(equal(tril(lower), lower));
      BOOST_TEST(equal(triu(upper), upper));
      for (const Shape& shape :
           {Shape{n, n}, Shape{2 * n + 1, n}, Shape{n, n + 20}, Shape{2, n, 3}}) {
        const Tensor x = random_matrix(shape, dtype);
        const auto [p, l, u] = linalg::lu(x);
        BOOST_TEST(distance(matmul(p, matmul(l, u)), x) < 20, x.shape());
        BOOST_TEST((l.abs().max().item<double>() <= 1));
        for (const auto mode : {linalg::QrMode::reduced, linalg::QrMode::complete}) {
          const auto [q, r] = linalg::qr(x, mode);
          BOOST_TEST(distance(matmul(q, r), x) < 10, x.shape());
          BOOST_TEST(from_identity(q) < 10, x.shape());
          BOOST_TEST(equal(triu(r), r));
        }
      }
    }
}

BOOST_AUTO_TEST_CASE(eigenvalues_and_singular_values_of_all_orders) {
  for (const DType dtype : both)
    for (const int64_t n : {1, 2, 3, 16, 33, 65}) {
      const Tensor a = random_matrix({n, n}, dtype), symmetric = a + turned(a);
      const auto [d, v] = linalg::eigh(symmetric);
      BOOST_TEST(distance(matmul(v * d.unsqueeze(-2), turned(v)), symmetric) < 10, n);
      BOOST_TEST(from_identity(v) < 10, n);
      BOOST_TEST(linalg::eigvalsh(symmetric, 'U').allclose(d, 1e-3, 1e-3));
      for (const Shape& shape : {Shape{n, n}, Shape{n + 3, n}, Shape{3 * n, n}, Shape{n, n + 20}}) {
        const Tensor x = random_matrix(shape, dtype);
        for (const bool full : {false, true}) {
          const auto [u, s, vh] = linalg::svd(x, full);
          const int64_t k = s.size(-1);
          const Tensor product = matmul(u.narrow(-1, 0, k) * s.unsqueeze(-2), vh.narrow(-2, 0, k));
          BOOST_TEST(distance(product, x) < 10, x.shape());
          BOOST_TEST(from_identity(u) < 10, x.shape());
          BOOST_TEST(from_identity(turned(vh)) < 10, x.shape());
          BOOST_TEST((s.slice(0, 1) <= s.slice(0, 0, -1)).all().item<bool>());
          BOOST_TEST(linalg::svdvals(x).allclose(s, 1e-4, 1e-4), x.shape());
        }
      }
    }
}

BOOST_AUTO_TEST_CASE(matrices_of_low_rank_and_of_extreme_numbers) {
  for (const DType dtype : both)
    for (const Shape& shape : {Shape{6, 4}, Shape{30, 20}, Shape{20, 30}, Shape{40, 4}}) {
      const Tensor low =
          matmul(random_matrix({shape[0], 2}, dtype), random_matrix({2, shape[1]}, dtype));
      for (const Tensor& x :
           {low, zeros(shape, dtype), ones(shape, dtype), low * 1e30, low * 1e-30}) {
        const auto [u, s, vh] = linalg::svd(x);
        const int64_t k = s.size(-1);
        BOOST_TEST(from_identity(u) < 10, x.shape());
        BOOST_TEST(from_identity(turned(vh)) < 10, x.shape());
        BOOST_TEST(distance(matmul(u.narrow(-1, 0, k) * s.unsqueeze(-2), vh.narrow(-2, 0, k)), x) <
                   10);
        const auto [q, r] = linalg::qr(x);
        BOOST_TEST(distance(matmul(q, r), x) < 10);
        BOOST_TEST(from_identity(q) < 10);
      }
      BOOST_TEST(linalg::matrix_rank(low).item<int64_t>() == 2);
      const Tensor p = linalg::pinv(low);
      BOOST_TEST(distance(matmul(low, matmul(p, low)), low) < 100);
      BOOST_TEST(distance(matmul(p, matmul(low, p)), p) < 100);
    }
}

BOOST_AUTO_TEST_CASE(threads_do_not_change_results) {
  const Tensor a = regular(300, float32), batch = random_matrix({40, 30, 30}, float32);
  const auto all = [&] {
    const auto [q, r] = linalg::qr(a);
    const auto [u, s, vh] = linalg::svd(batch);
    return std::vector<Tensor>{linalg::inv(a),
                               linalg::cholesky(matmul(a, a.t())),
                               linalg::det(batch),
                               q,
                               r,
                               u,
                               s,
                               vh,
                               linalg::eigvalsh(batch)};
  };
  const int threads = get_num_threads();
  set_num_threads(1);
  const std::vector<Tensor> one = all();
  set_num_threads(2);
  const std::vector<Tensor> two = all();
  set_num_threads(threads);
  for (size_t i = 0; i < one.size(); ++i) BOOST_TEST(equal(one[i], two[i]), i);
}

BOOST_AUTO_TEST_CASE(exponentials) {
  const Tensor angle = from<double>({{0, -0.75}, {0.75, 0}});
  for (const double turns : {1.0, 10.0, 100.0}) {
    const Tensor y = linalg::matrix_exp(angle * turns);
    const double c = std::cos(0.75 * turns), s = std::sin(0.75 * turns);
    BOOST_TEST(y.allclose(from<double>({{c, -s}, {s, c}}), 1e-12, 1e-12), turns);
    BOOST_TEST(linalg::matrix_exp((angle * turns).to(float32)).to(float64).allclose(y, 1e-4, 1e-4));
  }
  const Tensor reduced = linalg::matrix_exp(angle.to(bfloat16));
  BOOST_TEST((reduced.dtype() == bfloat16));
  // What else is in the batch does not change a matrix's exponential.
  const Tensor small = angle * 0.01;
  BOOST_TEST(equal(linalg::matrix_exp(stack({small, angle * 100}))[0], linalg::matrix_exp(small)));
}

BOOST_AUTO_TEST_CASE(determinants_of_singular_matrices_have_gradients) {
  const std::vector<std::vector<double>> matrices = {
      {1, 2, 3, 2, 4, 6, 1, 0, 1}, {1, 2, 3, 2, 4, 6, 3, 6, 9}, {0, 0, 0, 0, 0, 0, 0, 0, 0}};
  for (const auto& m : matrices) {
    const Tensor a = from(m, Shape{3, 3}).requires_grad_();
    const auto f = [](const Tensor& x) { return linalg::det(x); };
    BOOST_TEST(rw::testing::gradcheck(f, a));
  }
  const Tensor zero = zeros({2, 2}, float64).requires_grad_();
  linalg::matrix_norm(zero).backward();
  BOOST_TEST(equal(zero.grad(), zeros({2, 2}, float64)));
}

BOOST_AUTO_TEST_CASE(large_gradients) {
  const Tensor a = regular(40, float64).requires_grad_(), b = random_matrix({40, 2}, float64);
  const auto sum = [](const Tensor& t) {
    return (t * linspace(-1, 1, t.numel(), float64).view(t.shape())).sum();
  };
  for (const auto& f : std::vector<std::function<Tensor(const Tensor&)>>{
           [&](const Tensor& x) { return sum(linalg::solve(x, b)); },
           [&](const Tensor& x) { return sum(linalg::cholesky(matmul(x, x.t()))); },
           [&](const Tensor& x) { return sum(linalg::qr(x).second.square()); },
           [&](const Tensor& x) { return linalg::slogdet(x).second; },
           [&](const Tensor& x) { return sum(linalg::svdvals(x)); }}) {
    const Tensor direction = random_matrix({40, 40}, float64);
    const double step = 1e-6;
    const double numeric =
        (f(a.detach() + direction * step) - f(a.detach() - direction * step)).item<double>() /
        (2 * step);
    const Tensor g = grad({f(a)}, {a})[0];
    BOOST_TEST((g * direction).sum().item<double>() == numeric, boost::test_tools::tolerance(1e-5));
  }
}

BOOST_AUTO_TEST_CASE(errors_say_what_is_wrong) {
  const Tensor one = from(std::vector<double>{1, 2, 3, 4, 1, 2, 2, 4}, Shape{2, 2, 2});
  const auto fails = [](const auto& f, const std::string& text) {
    BOOST_CHECK_EXCEPTION(f(), linalg::LinAlgError, saying(text));
  };
  fails([&] { return linalg::inv(one); },
        "linalg.inv: the matrix of batch element 1 is singular: pivot 2 is zero");
  fails([&] { return linalg::solve(one[1], ones({2}, float64)); },
        "linalg.solve: the matrix is singular: pivot 2 is zero");
  fails([&] { return linalg::lu_factor(one); },
        "linalg.lu_factor: the matrix of batch element 1 is singular: pivot 2 is zero");
  fails([&] { return linalg::cholesky(one); },
        "linalg.cholesky: the matrix of batch element 0 is not positive definite: its leading "
        "minor of order 2 is not positive");
  const Tensor nan = full({2, 2}, std::numeric_limits<double>::quiet_NaN());
  fails([&] { return linalg::svdvals(nan); },
        "linalg.svdvals: did not converge for the matrix: it may hold NaN or infinity");
  fails([&] { return linalg::eigh(nan); }, "linalg.eigh: did not converge for the matrix");
  BOOST_CHECK_EXCEPTION(linalg::lstsq(eye(2), Tensor()), Error,
                        saying("linalg.lstsq: the right-hand side b is undefined"));
  BOOST_CHECK_EXCEPTION(linalg::lstsq(full({3, 2}, NAN), ones({3, 1})), linalg::LinAlgError,
                        saying("linalg.lstsq: expected finite numbers"));
  BOOST_CHECK_EXCEPTION(linalg::solve(eye(3), ones({2})), ShapeError,
                        saying("linalg.solve: shapes [3, 3] and [2] do not fit: expected vectors "
                               "of 3 elements in b"));
  BOOST_CHECK_EXCEPTION(linalg::inv(ones({2, 3})), ShapeError,
                        saying("linalg.inv: expected square matrices, got shape [2, 3]"));
  BOOST_CHECK_EXCEPTION(linalg::inv(eye(2, int64)), DTypeError,
                        saying("linalg.inv: expected float32 or float64, got int64"));
  BOOST_CHECK_EXCEPTION(linalg::lu_solve(eye(2), full({2}, 7, int32), eye(2)), IndexError,
                        saying("linalg.lu_solve: expected pivots from 1 to 2, got 7"));
  const Tensor leaf = ones({3, 2}).requires_grad_();
  BOOST_CHECK_EXCEPTION(
      linalg::qr(leaf, linalg::QrMode::complete).second.sum().backward(), AutogradError,
      saying("linalg.qr: mode complete has no derivative for more rows (3) than columns (2)"));
}

BOOST_AUTO_TEST_SUITE_END()
