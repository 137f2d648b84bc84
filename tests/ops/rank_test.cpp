// Every rank there is, from 0 on: a tensor of rank 0 counts as one of a single dimension.

#include <string>
#include <vector>

#include "../case.h"
#include "../check.h"

using namespace rw;
using namespace rw::test;

namespace {

// Ones, but for 3 in front and 2 at the end; the other way round for [1] and [3].
Shape of_rank(int rank) {
  Shape shape = Shape::filled(rank, 1);
  if (rank > 0) shape[0] = 3;
  if (rank > 1) shape[rank - 1] = 2;
  return shape;
}

// Distinct numbers, no two of which are equal within a step of gradcheck.
Tensor leaf(const Shape& shape) {
  const int64_t n = shape.numel();
  return (randperm(n).to(float64) * 0.37 + 0.21).view(shape).requires_grad_();
}

struct Reducing {
  std::string name;
  std::function<Tensor(const Tensor&, int64_t dim, bool keepdim)> along;
  std::function<Tensor(const Tensor&)> all;
  bool needs_two = false;  // values, to be differentiable
};

const std::vector<Reducing> reductions = {
    {"sum", [](In x, int64_t d, bool k) { return x.sum(d, k); }, [](In x) { return x.sum(); }},
    {"mean", [](In x, int64_t d, bool k) { return x.mean(d, k); }, [](In x) { return x.mean(); }},
    {"var", [](In x, int64_t d, bool k) { return x.var(d, 0, k); },
     [](In x) { return x.var({}, 0); }},
    {"std", [](In x, int64_t d, bool k) { return x.std(d, 0, k); },
     [](In x) { return x.std({}, 0); }, true},
    {"amax", [](In x, int64_t d, bool k) { return x.amax(d, k); }, [](In x) { return x.amax(); }},
    {"amin", [](In x, int64_t d, bool k) { return x.amin(d, k); }, [](In x) { return x.amin(); }},
    {"max", [](In x, int64_t d, bool k) { return x.max(d, k).first; },
     [](In x) { return x.max(); }},
    {"min", [](In x, int64_t d, bool k) { return x.min(d, k).first; },
     [](In x) { return x.min(); }},
    {"prod", [](In x, int64_t d, bool k) { return x.prod(d, k); }, [](In x) { return x.prod(); }},
    {"logsumexp", [](In x, int64_t d, bool k) { return x.logsumexp(d, k); },
     [](In x) { return x.logsumexp({}); }},
    {"softmax", [](In x, int64_t d, bool) { return x.softmax(d); }, {}},
    {"log_softmax", [](In x, int64_t d, bool) { return x.log_softmax(d); }, {}},
};

double reduce_sums(const Tensor& x) { return x.to(float64).sum().item<double>(); }

void check_along(const Reducing& r, const Tensor& x, int64_t d) {
  for (const bool keepdim : {false, true})
    BOOST_TEST_CONTEXT(r.name << " of shape " << x.shape() << " along " << d) {
      const Tensor y = r.along(x, d, keepdim);
      if (keepdim && r.all) BOOST_TEST(y.dim() == x.dim());
      if (r.needs_two && (x.dim() == 0 || x.size(d) < 2)) continue;
      check_gradients([&](const Tensors& in) { return r.along(in[0], d, keepdim).square(); }, {x});
    }
}

}  // namespace

BOOST_AUTO_TEST_CASE(reductions_of_every_rank) {
  for (const Reducing& r : reductions)
    for (int rank = 0; rank <= Shape::max_rank; ++rank) {
      const Tensor x = leaf(of_rank(rank));
      check_along(r, x, 0);
      if (rank > 2) check_along(r, x, 1);
      check_along(r, x, -1);
      if (r.all && !(r.needs_two && rank == 0))
        check_gradients([&](const Tensors& in) { return r.all(in[0]).square(); }, {x}, r.name);
    }
}

BOOST_AUTO_TEST_CASE(reductions_of_one_value) {
  for (const Shape& shape : {Shape{}, Shape{1}, Shape{1, 1}})
    for (const Reducing& r : reductions) check_along(r, leaf(shape), 0);
  BOOST_TEST(leaf({1}).prod(0).shape().empty());
  BOOST_CHECK_EXCEPTION(leaf({}).prod(1), IndexError, saying("prod: dimension 1 is out of range"));
}

BOOST_AUTO_TEST_CASE(products_along_a_dimension_of_any_size) {
  for (int64_t n = 0; n <= 9; ++n)
    check_gradients([](const Tensors& in) { return in[0].prod(1).square(); },
                    {(rand({2, n, 2}, float64) + 0.5).requires_grad_()});
}

BOOST_AUTO_TEST_CASE(the_number_given_to_var_and_std_is_the_dimension) {
  const Tensor x = from<double>({{1, 2, 4}, {5, 8, 4}});
  const auto per_element = boost::test_tools::per_element();
  BOOST_TEST(x.var(0).to_vector<double>() == (std::vector<double>{8, 18, 0}), per_element);
  BOOST_TEST(x.var(0, 0).to_vector<double>() == (std::vector<double>{4, 9, 0}), per_element);
  BOOST_TEST(x.var({0}).to_vector<double>() == (std::vector<double>{8, 18, 0}), per_element);
  BOOST_TEST((x.std(1, 1, true).shape() == Shape{2, 1}));
  BOOST_TEST((x.std({-1}).shape() == Shape{2}));
  BOOST_TEST(x.var().item<double>() == 6, boost::test_tools::tolerance(1e-14));
  BOOST_TEST(x.var({}, 0).item<double>() == 5, boost::test_tools::tolerance(1e-14));
  BOOST_TEST(relative_error(rw::var(x, 0), x.var(0)) == 0);
  BOOST_TEST(relative_error(rw::std(x, {1}, 0), x.std(1, 0)) == 0);
  BOOST_TEST(relative_error(rw::std(x, {}, 0), x.std({0, 1}, 0)) == 0);
}

// --- Products and broadcasting ------------------------------------------------------------------

BOOST_AUTO_TEST_CASE(products_and_sums_of_every_rank) {
  for (const DType dtype : {float64, float32, bfloat16, int64})
    for (int rank = 2; rank <= Shape::max_rank; ++rank)
      BOOST_TEST_CONTEXT(name(dtype) << ", rank " << rank) {
        // Sizes of 2 and 1 in turn, which can't be made one dimension.
        Shape shape = Shape::filled(rank, 1), other = Shape::filled(rank, 2);
        for (int d = 0; d < rank - 2; ++d) {
          if (d % 2) shape[d] = 2;
          if (d % 4 == 1 || d > 10) other[d] = 1;
        }
        shape[rank - 1] = 2;
        const Tensor a = randint(-3, 4, shape).to(dtype), b = randint(-3, 4, other).to(dtype);
        const Tensor c = a.matmul(b);
        const Tensor slowly = (a.transpose(-1, -2) * b).sum(-2, true);
        BOOST_TEST((c.shape() == slowly.shape()));
        BOOST_TEST(equal(c, slowly.to(dtype)));
        BOOST_TEST((reduce_sums(a + b) == reduce_sums(a.expand((a + b).shape())) +
                                              reduce_sums(b.expand((a + b).shape()))));
      }
}

// Matrices that are large enough for oneDNN, which takes twelve dimensions.
BOOST_AUTO_TEST_CASE(large_products_of_every_rank) {
  for (int rank = 3; rank <= Shape::max_rank; ++rank) {
    Shape shape = Shape::filled(rank, 1), other = shape;
    shape[0] = other[rank - 3] = 2;
    for (Shape* s : {&shape, &other}) (*s)[rank - 1] = (*s)[rank - 2] = 64;
    const Tensor a = randn(shape), b = randn(other);
    const Tensor exact = a.to(float64).matmul(b.to(float64));
    const Tensor c = a.to(bfloat16).matmul(b.to(bfloat16)).to(float64);
    BOOST_TEST(relative_error(c, exact) < 2e-2, "rank " << rank);
  }
}

BOOST_AUTO_TEST_CASE(derivatives_of_products_of_the_highest_rank) {
  Shape shape = Shape::filled(16, 1), other = shape;
  shape[1] = other[4] = shape[7] = shape[15] = other[14] = 2;
  check_gradients([](const Tensors& in) { return in[0].matmul(in[1]).square(); },
                  {leaf(shape), leaf(other)});
  check_gradients(
      [](const Tensors& in) {
        return (in[0] * in[1]).sum({1, 4}).square();
      },
      {leaf(shape), leaf(other)});
}

// --- By index -----------------------------------------------------------------------------------

BOOST_AUTO_TEST_CASE(indices_of_rank_0) {
  const Tensor scalar = leaf({}), vector = leaf({3}), one = leaf({1});
  const Tensor zero = zeros({}, int64), zeros_1 = zeros({1}, int64), two = scalar_tensor(2, int64);
  const Tensor many = zeros({4}, int64), src = leaf({4});
  const auto check_op = [](const std::string& what, const Shape& shape, const Tensors& inputs,
                           const std::function<Tensor(const Tensors&)>& f) {
    BOOST_TEST_CONTEXT(what) {
      BOOST_TEST((f(inputs).shape() == shape), "got " << f(inputs).shape());
      check_gradients([&](const Tensors& in) { return f(in).square(); }, inputs, what);
    }
  };
  using T = const Tensors&;
  check_op("gather s s", {}, {scalar}, [&](T in) { return gather(in[0], 0, zero); });
  check_op("gather s 4", {4}, {scalar}, [&](T in) { return gather(in[0], -1, many); });
  check_op("gather v s", {}, {vector}, [&](T in) { return gather(in[0], 0, two); });
  check_op("index_select s s", {}, {scalar}, [&](T in) { return in[0].index_select(0, zero); });
  check_op("index_select s 1", {}, {scalar}, [&](T in) { return in[0].index_select(0, zeros_1); });
  check_op("index_select v s", {1}, {vector}, [&](T in) { return in[0].index_select(0, two); });
  check_op("scatter_add s s s", {}, {scalar, leaf({})},
           [&](T in) { return scatter_add(in[0], 0, zero, in[1]); });
  check_op("scatter_add s 4 4", {}, {scalar, src},
           [&](T in) { return scatter_add(in[0], 0, many, in[1]); });
  check_op("scatter_add v s s", {3}, {vector, scalar},
           [&](T in) { return scatter_add(in[0], 0, two, in[1]); });
  check_op("index_add s s s", {}, {scalar, leaf({})},
           [&](T in) { return index_add(in[0], 0, zero, in[1]); });
  check_op("index_add s 1 1", {}, {scalar, one},
           [&](T in) { return index_add(in[0], 0, zeros_1, in[1]); });
  check_op("index_add v s s", {3}, {vector, scalar},
           [&](T in) { return index_add(in[0], 0, two, in[1]); });
  BOOST_TEST(gather(vector, 0, two).item<double>() == vector.to_vector<double>()[2]);
  BOOST_CHECK_EXCEPTION(gather(scalar, 0, two), IndexError,
                        saying("gather: index 2 is not in [0, 1)"));
  BOOST_CHECK_EXCEPTION(gather(leaf({2, 2}), 0, two), ShapeError, saying("gather: expected"));
  BOOST_CHECK_EXCEPTION(scalar.index_select(0, many), ShapeError,
                        saying("index_select: expected one index into a tensor of rank 0, got 4"));
  BOOST_CHECK_EXCEPTION(gather(scalar, 1, zero), IndexError,
                        saying("gather: dimension 1 is out of range"));
}

BOOST_AUTO_TEST_CASE(transposes_of_ranks_0_and_1) {
  for (const Shape& shape : {Shape{}, Shape{3}, Shape{2, 3}}) {
    const Tensor x = leaf(shape);
    check_gradients([](const Tensors& in) { return in[0].t().square(); }, {x});
    if (shape.rank() < 2) BOOST_TEST(equal(x.t(), x));
  }
}

BOOST_AUTO_TEST_CASE(empty_vectors_in_cat) {
  const Tensor none = zeros({0}, float64), x = leaf({2, 3}), y = leaf({2, 1});
  BOOST_TEST((cat({none, x, none, y}, 1).shape() == Shape{2, 4}));
  BOOST_TEST((cat({none, none}).shape() == Shape{0}));
  BOOST_TEST((cat({none, leaf({2})}).shape() == Shape{2}));
  BOOST_TEST((cat({zeros({0}), zeros({2, 1}, int64)}).dtype() == float32));
  check_gradients(
      [&](const Tensors& in) {
        return cat({none, in[0], in[1]}, -1).square();
      },
      {x, y});
  BOOST_CHECK_EXCEPTION(cat({zeros({0, 2}), zeros({2, 3, 1})}), ShapeError,
                        saying("cat: tensor 1 of shape [2, 3, 1] does not fit"));
}

BOOST_AUTO_TEST_CASE(masks_larger_than_what_they_fill) {
  const Tensor mask = from<int64_t>({1, 0, 0, 1, 0, 0}, {2, 3}).to(boolean);
  for (const Shape& shape : {Shape{}, Shape{3}, Shape{2, 1}, Shape{2, 3}})
    check_gradients([&](const Tensors& in) { return masked_fill(in[0], mask, 2).square(); },
                    {leaf(shape)});
  BOOST_TEST(
      (masked_fill(zeros({3}), mask, 2).to_vector() == std::vector<float>{2, 0, 0, 2, 0, 0}));
  BOOST_CHECK_EXCEPTION(zeros({3}).masked_fill_(mask, 2), ShapeError,
                        saying("masked_fill_: a mask of shape [2, 3] does not broadcast"));
}

BOOST_AUTO_TEST_CASE(rank_0_has_no_sizes) {
  for (const Tensor& t : {ones({}), Tensor(arange(3)[0])})
    for (const int64_t d : {0, -1}) {
      BOOST_CHECK_EXCEPTION(t.size(d), IndexError, saying("size: a tensor of rank 0"));
      BOOST_CHECK_EXCEPTION(t.stride(d), IndexError, saying("stride: a tensor of rank 0"));
    }
}
