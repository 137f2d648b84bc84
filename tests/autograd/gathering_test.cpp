// Gradients of parts of a tensor land in one place, and nowhere else.
#include <cmath>

#include "../check.h"
#include "../dtypes.h"

using namespace rw;
using namespace rw::test;

namespace {

using Read = std::function<Tensor(const Tensor& x, int64_t k)>;

struct Part {
  std::string name;
  Read read;
};

// Parts of a 6 x 5 matrix that overlap, in every way that has an adjoint of its own.
const std::vector<Part> parts = {
    {"row", [](const Tensor& x, int64_t k) { return x[k % 6]; }},
    {"column", [](const Tensor& x, int64_t k) { return x.select(1, k % 5); }},
    {"slice", [](const Tensor& x, int64_t k) { return x.slice(0, k % 3, 6, 2); }},
    {"narrow", [](const Tensor& x, int64_t k) { return x.narrow(1, k % 3, 3); }},
    {"diagonal", [](const Tensor& x, int64_t k) { return x.diagonal(k % 3); }},
    {"element", [](const Tensor& x, int64_t k) { return x[k % 6][k % 5]; }},
    {"index",
     [](const Tensor& x, int64_t k) {
       return x.index({from<int64_t>({k % 6, 2})});
     }},
    {"index_select",
     [](const Tensor& x, int64_t k) {
       return x.index_select(1, from<int64_t>({k % 5, 0, 0}));
     }},
    {"gather",
     [](const Tensor& x, int64_t k) {
       return gather(x, 0, full({2, 5}, k % 6, int64));
     }},
    {"mask", [](const Tensor& x, int64_t k) { return masked_select(x, x > double(k) / 9); }},
    {"transposed row", [](const Tensor& x, int64_t k) { return x.t()[k % 5]; }},
    {"all of it", [](const Tensor& x, int64_t k) { return x * double(k); }},
};

// Reads by two ways in turn, with other weights each time.
Tensor loss_of(const Tensor& x, const Part& a, const Part& b) {
  Tensor loss = zeros({}, x.dtype());
  for (int64_t k = 0; k < 9; ++k) {
    const Tensor y = (k % 2 ? a : b).read(x, k);
    loss = loss + (y.square() * (static_cast<double>(k) + 0.5)).sum();
  }
  return loss;
}

Tensor matrix(DType dtype) {
  return (arange(30, float64).view({6, 5}) / 16 - 0.5).to(dtype).detach();
}

}  // namespace

// With create_graph every part has a gradient of its own.
BOOST_AUTO_TEST_CASE(as_if_each_part_were_brought_to_full_size) {
  for (const Part& a : parts)
    for (const Part& b : parts)
      for (const bool is_leaf : {true, false})
        for (const DType dtype : {float64, float32, bfloat16}) {
          const Tensor leaf = matrix(dtype).requires_grad_();
          const Tensor x = is_leaf ? leaf : leaf * 1;
          const Tensor separate = grad({loss_of(x, a, b)}, {leaf}, {.create_graph = true})[0];
          const Tensor gathered = grad({loss_of(x, a, b)}, {leaf})[0];
          const double tolerance = dtype == bfloat16 ? 0.02 : 10 * epsilon(dtype);
          BOOST_TEST(relative_error(gathered, separate.detach()) < tolerance,
                     a.name << ", " << b.name << ", " << dtype);
          loss_of(x, a, b).backward();
          BOOST_TEST(equal(leaf.grad(), gathered), a.name << ", " << b.name << ", " << dtype);
        }
}

BOOST_AUTO_TEST_CASE(second_derivatives_of_parts) {
  for (const Part& a : parts)
    check_gradients([&](const std::vector<Tensor>& in) { return loss_of(in[0], a, parts[0]); },
                    {matrix(float64).requires_grad_()}, a.name);
}

// What others hold is left alone: a gradient that arrived from outside, and one that a hook keeps.
BOOST_AUTO_TEST_CASE(held_gradients_do_not_change) {
  const Tensor x = matrix(float64).requires_grad_(), y = x * 1;
  Tensor kept, given = ones({6, 5}, float64);
  const Tensor whole = y * 1;
  register_hook(whole, [&](const Tensor& g) {
    kept = g;
    return Tensor();
  });
  const Tensor row = y[0];
  backward({row.sum() + y[1].sum(), whole}, {ones({}, float64), given});
  BOOST_TEST(equal(given, ones({6, 5}, float64)));
  BOOST_TEST(equal(kept, given));
  BOOST_TEST(x.grad()[0][0].item<double>() == 2);
  BOOST_TEST(x.grad()[2][0].item<double>() == 1);
}

// A hook of a part sees that part's own gradient.
BOOST_AUTO_TEST_CASE(hooks_see_their_own) {
  const Tensor x = matrix(float64).requires_grad_();
  Tensor loss = zeros({}, float64);
  std::vector<double> sums;
  for (int64_t k = 0; k < 4; ++k) {
    const Tensor row = x[k];
    register_hook(row, [&](const Tensor& g) {
      sums.push_back(g.sum().item<double>());
      return Tensor();
    });
    loss = loss + row.sum() * static_cast<double>(k);
  }
  loss.backward();
  BOOST_TEST(sums == (std::vector<double>{15, 10, 5, 0}), boost::test_tools::per_element());
}

// A change of one leaf's gradient is none of another's.
BOOST_AUTO_TEST_CASE(pieces_of_a_gradient_are_apart) {
  for (const bool stacked : {false, true}) {
    const Tensor a = ones({4}).requires_grad_(), b = ones({4}).requires_grad_();
    const Tensor joined = stacked ? stack({a, b, a}) : cat({a, b, a});
    (joined * 3).sum().backward();
    BOOST_TEST(a.grad().to_vector() == std::vector<float>(4, 6), boost::test_tools::per_element());
    b.grad().zero_();
    BOOST_TEST(a.grad().to_vector() == std::vector<float>(4, 6), boost::test_tools::per_element());
    (joined.detach() * b.sum()).sum().backward();
    BOOST_TEST(b.grad()[0].item() == 12);
  }
  // Two views of one gradient are copied.
  const Tensor a = ones({4}).requires_grad_(), b = ones({2, 2}).requires_grad_();
  (a + b.view({4})).sum().backward();
  a.grad().zero_();
  BOOST_TEST(b.grad()[0][0].item() == 1);
  // And a gradient of the user's own is not shared out.
  const Tensor own = ones({8}), c = ones({4}).requires_grad_(), d = ones({4}).requires_grad_();
  cat({c, d}).backward(own);
  c.grad().zero_();
  BOOST_TEST(own.sum().item() == 8);
}

BOOST_AUTO_TEST_CASE(rows_take_time_by_their_number) {
  constexpr int64_t n = 30000;
  const Tensor x = ones({n, 16}).requires_grad_();
  std::vector<Tensor> rows;
  for (int64_t i = 0; i < n; ++i) rows.push_back(x[i] * static_cast<double>(i % 7));
  const int64_t before = detail::allocated_by_thread();
  stack(rows).sum().backward();
  const int64_t bytes = detail::allocated_by_thread() - before;
  BOOST_TEST(bytes < n * 16 * 4 * 40, bytes << " bytes");  // each row at full size: n times that
  BOOST_TEST(x.grad()[6][3].item() == 6);
}

BOOST_AUTO_TEST_CASE(named_options) {
  const Tensor x = from<double>({1, 2}).requires_grad_(), y = from<double>({3, 4}).requires_grad_();
  const Tensor z = x.pow(3);
  const Tensor dx = grad({z}, {x}, {.grad_outputs = {ones_like(z)}, .create_graph = true})[0];
  BOOST_TEST(dx.to_vector() == (std::vector<float>{3, 12}), boost::test_tools::per_element());
  const Tensor ddx = grad({dx.sum()}, {x}, {.retain_graph = true})[0];
  BOOST_TEST(ddx.to_vector() == (std::vector<float>{6, 12}), boost::test_tools::per_element());
  BOOST_TEST(!grad({dx.sum()}, {y}, {.allow_unused = true})[0].defined());
  const std::vector<Tensor> weights = {full({2}, 2.0, float64)};
  BOOST_TEST(grad({x * 3.0}, {x}, weights)[0][0].item<double>() == 6);
  BOOST_TEST(grad({x * 3.0}, {x}, {weights[0]})[0][0].item<double>() == 6);
  BOOST_TEST(grad({(x * 3.0).sum()}, {x}, {})[0][0].item<double>() == 3);
}
