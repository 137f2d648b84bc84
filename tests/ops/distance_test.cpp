// Distances: sizes around those of vectors and threads, dtypes, and text of errors.
#include "../check.h"
#include "../dtypes.h"

using namespace rw;
using namespace rw::test;

namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();
constexpr double powers[] = {0, 0.5, 1, 1.5, 2, 3, infinity};

// Pair by pair, with ops.
Tensor plainly(const Tensor& a, const Tensor& b, double p) {
  const Tensor z = (a.unsqueeze(-2) - b.unsqueeze(-3)).abs();
  if (p == 0) return ne(z, 0).to(z.dtype()).sum({-1});
  if (std::isinf(p)) return z.amax({-1});
  return p == 2 ? z.square().sum({-1}).sqrt() : pow(pow(z, p).sum({-1}), 1 / p);
}

Tensor gradient(const std::function<Tensor(const Tensor&)>& f, const Tensor& x, const Tensor& g) {
  const Tensor leaf = x.detach().requires_grad_();
  return grad({f(leaf)}, {leaf}, std::vector<Tensor>{g})[0];
}

}  // namespace

BOOST_AUTO_TEST_CASE(all_pairs_of_any_numbers_of_points) {
  for (const double p : powers)
    for (const auto& [n, m, size] :
         {std::tuple{1, 1, 1}, {3, 5, 2}, {2, 33, 7}, {40, 17, 3}, {5, 64, 20}, {70, 130, 9}}) {
      const Tensor a = randn({n, size}, float64), b = randn({m, size}, float64);
      const Tensor wanted = plainly(a, b, p);
      const Tensor y = cdist(a, b, p);
      BOOST_TEST(relative_error(y, wanted) < 1e-13, p << " of " << n << ", " << m << ", " << size);
      BOOST_TEST(relative_error(cdist(a.to(float32), b.to(float32), p), wanted) < 1e-5);
      const Tensor g = randn({n, m}, float64);
      const auto ours = [&](const Tensor& t) { return cdist(a, t, p); };
      const auto theirs = [&](const Tensor& t) { return plainly(a, t, p); };
      if (p > 0)
        BOOST_TEST(relative_error(gradient(ours, b, g), gradient(theirs, b, g)) < 1e-12, p);
      const auto first = [&](const Tensor& t) { return cdist(t, b, p); };
      const auto plain = [&](const Tensor& t) { return plainly(t, b, p); };
      if (p > 0)
        BOOST_TEST(relative_error(gradient(first, a, g), gradient(plain, a, g)) < 1e-12, p);
    }
}

BOOST_AUTO_TEST_CASE(later_points_are_the_upper_triangle) {
  for (const double p : powers)
    for (const int64_t n : {0, 1, 2, 3, 20, 67}) {
      const Tensor x = randn({n, 5}, float64);
      std::vector<int64_t> positions;
      for (int64_t i = 0; i < n; ++i)
        for (int64_t j = i + 1; j < n; ++j) positions.push_back(i * n + j);
      const Tensor at = from(positions);
      const auto all = [&](const Tensor& t) {
        return index_select(cdist(t, x, p).reshape(-1), 0, at);
      };
      const Tensor y = pdist(x, p);
      BOOST_TEST((y.shape() == Shape{n * (n - 1) / 2}));
      if (n < 2) continue;
      BOOST_TEST(relative_error(y, all(x)) < 1e-13, p << " of " << n);
      const Tensor g = randn(y.shape(), float64);
      const auto ours = [&](const Tensor& t) { return pdist(t, p); };
      const auto theirs = [&](const Tensor& t) {
        return index_select(cdist(t, t, p).reshape(-1), 0, at);
      };
      BOOST_TEST(relative_error(gradient(ours, x, g), gradient(theirs, x, g)) < 1e-12, p);
    }
}

BOOST_AUTO_TEST_CASE(reduced_types_round_once) {
  for (const DType dtype : {float16, bfloat16}) {
    const Tensor a = randn({6, 50}, float64).to(dtype), b = randn({6, 50}, float64).to(dtype);
    const Tensor x = a.to(float64), y = b.to(float64);
    const double bound = epsilon(dtype);
    BOOST_TEST(relative_error(cosine_similarity(a, b), cosine_similarity(x, y)) < bound);
    BOOST_TEST(relative_error(pairwise_distance(a, b), pairwise_distance(x, y)) < bound);
    BOOST_TEST(relative_error(cdist(a, b), cdist(x, y)) < bound);
    BOOST_TEST(relative_error(pdist(a), pdist(x)) < bound);
    BOOST_TEST(relative_error(normalize(a), normalize(x)) < 2 * bound);
    BOOST_TEST((normalize(a).dtype() == dtype));
  }
}

BOOST_AUTO_TEST_CASE(equal_points_have_gradient_zero) {
  const Tensor x = ones({2, 3}, float64).requires_grad_();
  for (const double p : {1., 1.5, 2., 3., infinity}) {
    x.set_grad({});
    (cdist(x, ones({2, 3}, float64), p).sum() + pdist(x, p).sum()).backward();
    BOOST_TEST((x.grad().to_vector() == std::vector<float>(6, 0)), p);
  }
}

BOOST_AUTO_TEST_CASE(wrong_arguments_are_named) {
  const Tensor x = zeros({2, 3});
  const auto refuses = [](auto f, const std::string& text) {
    BOOST_CHECK_EXCEPTION(f(), Error, saying(text));
  };
  refuses(
      [&] {
        cdist(x, zeros({2, 4}));
      },
      "cdist: expected points [..., P, M] and [..., R, M], got shapes [2, 3] and [2, 4]");
  refuses([&] { cdist(x, x.to(float64)); },
          "cdist: expected points of one dtype, got float32 and float64");
  refuses([&] { cdist(x, x, -1); }, "cdist: expected p >= 0, got -1");
  refuses([&] { pdist(zeros(3)); }, "pdist: expected points [N, M], got shape [3]");
  refuses([&] { cosine_similarity(x.to(int64), x.to(int64)); },
          "cosine_similarity: expected floating tensors, got int64 and int64");
  refuses([&] { normalize(x.to(int64)); }, "normalize: expected a floating input, got int64");
  refuses([&] { pairwise_distance(x, zeros(2)); }, "[2, 3]");
}

BOOST_AUTO_TEST_CASE(float16_vectors_are_normalized_beyond_its_squares) {
  for (const double size : {300., 1e-4}) {
    const Tensor y = normalize(full({1, 2}, size, float16));
    BOOST_TEST(std::abs(y[0][0].item<double>() - std::sqrt(0.5)) < 1e-3, size);
  }
  BOOST_TEST(equal(normalize(zeros({1, 2}, float16)), zeros({1, 2}, float16)));
}
