#include <boost/test/data/test_case.hpp>

#include "../check.h"
#include "../dtypes.h"

namespace bdata = boost::unit_test::data;
using namespace rw;
using namespace rw::test;

namespace {

// The definition: products of all pairs, summed over the inner dimension; in float64.
Tensor reference(const Tensor& a, const Tensor& b) {
  Tensor x = a.to(float64), y = b.to(float64);
  if (a.dim() == 1) x = x.unsqueeze(0);
  if (b.dim() == 1) y = y.unsqueeze(1);
  Tensor c = (x.unsqueeze(-1) * y.unsqueeze(-3)).sum(-2);
  if (b.dim() == 1) c = c.squeeze(-1);
  return a.dim() == 1 ? c.squeeze(b.dim() == 1 ? -1 : -2) : c;
}

double tolerance(DType dtype) { return dtype == float64 ? 1e-14 : dtype == float32 ? 1e-6 : 5e-3; }

void check_product(const Tensor& a, const Tensor& b, const Tensor& expected,
                   const std::string& what = "") {
  const Tensor c = matmul(a, b);
  BOOST_TEST((c.dtype() == a.dtype()));
  const double error = relative_error(c, expected);
  BOOST_TEST(error < tolerance(a.dtype()),
             what << " " << a.shape() << " @ " << b.shape() << ": " << error);
}
void check_product(const Tensor& a, const Tensor& b, const std::string& what = "") {
  check_product(a, b, reference(a, b), what);
}

// The same matrices, their columns in one piece each.
Tensor by_columns(const Tensor& t) { return t.transpose(-1, -2).contiguous().transpose(-1, -2); }

void check_layouts(const Tensor& a, const Tensor& b) {
  const Tensor expected = reference(a, b);
  for (const Tensor& x : {a, by_columns(a)})
    for (const Tensor& y : {b, by_columns(b)}) check_product(x, y, expected);
}

struct Case {
  Shape a, b, c;
};
std::ostream& operator<<(std::ostream& os, const Case& c) { return os << c.a << " @ " << c.b; }

const Case rank_cases[] = {{{3}, {3}, {}},
                           {{3}, {3, 4}, {4}},
                           {{2, 3}, {3}, {2}},
                           {{2, 3}, {3, 4}, {2, 4}},
                           {{3}, {2, 3, 4}, {2, 4}},
                           {{2, 2, 3}, {3}, {2, 2}},
                           {{2, 4, 3}, {3, 2}, {2, 4, 2}},
                           {{4, 3}, {2, 3, 2}, {2, 4, 2}},
                           {{2, 4, 3}, {2, 3, 2}, {2, 4, 2}},
                           {{1, 4, 3}, {2, 3, 2}, {2, 4, 2}},
                           {{3, 1, 2, 3}, {2, 3, 2}, {3, 2, 2, 2}},
                           {{2, 1, 3}, {2, 1, 3, 1}, {2, 2, 1, 1}},
                           {{1, 1}, {1, 1}, {1, 1}}};

const DType floating[] = {float32, float64, bfloat16, float16};

}  // namespace

BOOST_AUTO_TEST_CASE(matmul_by_hand) {
  const Tensor a = from<float>({{1, 2, 3}, {4, 5, 6}}),
               b = from<float>({{7, 8}, {9, 10}, {11, 12}});
  const std::vector<float> expected = {58, 64, 139, 154};
  BOOST_TEST(matmul(a, b).to_vector() == expected, boost::test_tools::per_element());
  BOOST_TEST(a.matmul(b).to_vector() == expected, boost::test_tools::per_element());
  BOOST_TEST(mm(a, b).to_vector() == expected, boost::test_tools::per_element());
  BOOST_TEST(matmul(from<float>({1, 2, 3}), from<float>({4, 5, 6})).item() == 32);
}

BOOST_DATA_TEST_CASE(matmul_ranks, bdata::make(rank_cases) * bdata::make(floating), sizes, dtype) {
  const Tensor a = randn(sizes.a, dtype), b = randn(sizes.b, dtype);
  BOOST_TEST((matmul(a, b).shape() == sizes.c));
  check_product(a, b);
}

BOOST_DATA_TEST_CASE(matmul_gradients, bdata::make(rank_cases), sizes) {
  const OneResultFunction f = [](const std::vector<Tensor>& in) { return matmul(in[0], in[1]); };
  const Tensor a = randn(sizes.a, float64), b = randn(sizes.b, float64);
  check_gradients(f, {a.clone().requires_grad_(), b.clone().requires_grad_()}, "both");
  check_gradients(f, {a.clone().requires_grad_(), b}, "first");
  check_gradients(f, {a, b.clone().requires_grad_()}, "second");
}

// Every layout of the operands, at sizes around those of vectors and tiles.
BOOST_DATA_TEST_CASE(matmul_sizes_and_transposes, bdata::make(floating), dtype) {
  const int64_t sizes[] = {1, 4, 7, 17, 33};
  for (const int64_t m : sizes)
    for (const int64_t n : sizes)
      for (const int64_t k : sizes) check_layouts(randn({m, k}, dtype), randn({k, n}, dtype));
}

// Past the blocks that threads share, past the depth of one pass, and into oneDNN.
BOOST_DATA_TEST_CASE(matmul_blocks, bdata::make(floating), dtype) {
  const Case cases[] = {{{130, 300}, {300, 70}, {}},   {{20, 520}, {520, 270}, {}},
                        {{1, 700}, {700, 300}, {}},    {{300, 260}, {260, 1}, {}},
                        {{137, 100}, {100, 130}, {}},  {{5, 9, 11}, {5, 11, 40}, {}},
                        {{3, 120, 90}, {90, 110}, {}}, {{2, 120, 90}, {2, 90, 110}, {}}};
  for (const Case& c : cases) check_layouts(randn(c.a, dtype), randn(c.b, dtype));
}

BOOST_DATA_TEST_CASE(matmul_strides, bdata::make(floating), dtype) {
  const Tensor big = randn({6, 40, 44}, dtype);
  const Tensor sliced = big.slice(1, 2, 40, 3).slice(2, 1, 40, 2);
  check_product(sliced, sliced.transpose(1, 2), "steps in both dimensions");
  check_product(sliced[1], sliced[2].t(), "matrices of these");
  check_product(big.select(2, 3), big.select(2, 5).t(), "columns");
  check_product(big.slice(0, 0, 6, 2).slice(1, 3, 30), randn({44, 5}, dtype), "rows apart");
  check_product(big.slice(1, 5, 6), randn({44, 5}, dtype), "one row each");
  check_product(randn({1, 20}, dtype).expand({6, 20}), randn({20, 1}, dtype).expand({20, 9}),
                "expanded");
  check_product(randn({4, 1, 20}, dtype).expand({4, 6, 20}), randn({20, 3}, dtype),
                "expanded rows");
  check_product(randn({5, 7}, dtype).expand({4, 5, 7}), randn({4, 7, 3}, dtype), "expanded batch");
  const Tensor image = randn({2, 3, 5, 7}, dtype).contiguous(MemoryFormat::channels_last);
  check_product(image, randn({7, 4}, dtype), "channels last, as rows");
  check_product(image, image.transpose(2, 3), "channels last, as a batch");
}

BOOST_AUTO_TEST_CASE(matmul_large_strided) {
  const Tensor a = randn({260, 520}).slice(0, 0, 260, 2).slice(1, 0, 520, 2);
  check_product(a, randn({260, 140}), "oneDNN can't take it");
  check_product(randn({140, 130}), a.to(float32), "nor the second");
  const Tensor one = randn({1, 120, 130}).expand({3, 120, 130});
  check_product(one, randn({3, 130, 110}), "repeated in the batch");
}

BOOST_AUTO_TEST_CASE(matmul_integers) {
  const Tensor a = randint(-9, 9, {3, 5, 7}), b = randint(-9, 9, {7, 4});
  const Tensor c = matmul(a, b);
  BOOST_TEST((c.dtype() == int64));
  BOOST_TEST(c.to_vector<double>() == reference(a, b).to_vector<double>(),
             boost::test_tools::per_element());
}

BOOST_DATA_TEST_CASE(matmul_empty, bdata::make({float32, float64, bfloat16, float16, int64, int8}),
                     dtype) {
  const Tensor none = matmul(ones({3, 0}, dtype), ones({0, 2}, dtype));
  BOOST_TEST((none.shape() == Shape{3, 2}));
  BOOST_TEST(none.to_vector<double>() == std::vector<double>(6, 0.0),
             boost::test_tools::per_element());
  const Tensor dot = matmul(ones({0}, dtype), ones({0}, dtype));
  BOOST_TEST(dot.item<double>() == 0);
  BOOST_TEST((matmul(ones({0, 3}, dtype), ones({3, 2}, dtype)).shape() == Shape{0, 2}));
  BOOST_TEST((matmul(ones({3, 4}, dtype), ones({4, 0}, dtype)).shape() == Shape{3, 0}));
  BOOST_TEST((bmm(ones({0, 3, 4}, dtype), ones({0, 4, 2}, dtype)).shape() == Shape{0, 3, 2}));
  BOOST_TEST((bmm(ones({0, 200, 200}, dtype), ones({0, 200, 200}, dtype)).numel() == 0));
}

BOOST_AUTO_TEST_CASE(empty_gradients) {
  const Tensor x = randn({0, 3}).requires_grad_(), w = randn({2, 3}).requires_grad_();
  const Tensor b = randn({2}).requires_grad_();
  linear(x, w, b).sum().backward();
  BOOST_TEST((x.grad().shape() == Shape{0, 3}));
  BOOST_TEST(w.grad().to_vector() == std::vector<float>(6, 0.0f), boost::test_tools::per_element());
  BOOST_TEST(b.grad().to_vector() == std::vector<float>(2, 0.0f), boost::test_tools::per_element());
  const Tensor none = randn({2, 3, 0}).requires_grad_(), other = randn({0, 4}).requires_grad_();
  matmul(none, other).sum().backward();
  BOOST_TEST((none.grad().shape() == none.shape()));
  BOOST_TEST((other.grad().shape() == other.shape()));
}

BOOST_AUTO_TEST_CASE(bmm_values_and_gradients) {
  const Tensor a = random_leaf({3, 2, 4}), b = random_leaf({3, 4, 2});
  BOOST_TEST(relative_error(bmm(a, b), reference(a, b)) < 1e-14);
  check_gradients([](const std::vector<Tensor>& in) { return bmm(in[0], in[1]); }, {a, b});
}

namespace {
const Shape linear_inputs[] = {{3}, {1, 3}, {4, 3}, {2, 4, 3}, {2, 1, 2, 3}};
}

BOOST_DATA_TEST_CASE(linear_values, bdata::make(linear_inputs) * bdata::make(floating), shape,
                     dtype) {
  const Tensor x = randn(shape, dtype), w = randn({5, 3}, dtype), b = randn(5, dtype);
  const Tensor product = reference(x, w.t());
  BOOST_TEST(relative_error(linear(x, w), product) < tolerance(dtype));
  BOOST_TEST(relative_error(linear(x, w, b), product + b.to(float64)) < tolerance(dtype));
  const Tensor same = randn(1, dtype).expand({5});
  BOOST_TEST(relative_error(linear(x, w, same), product + same.to(float64)) < tolerance(dtype));
}

BOOST_DATA_TEST_CASE(linear_of_many, bdata::make(floating), dtype) {
  const Tensor x = randn({3, 50, 200}, dtype), w = randn({160, 200}, dtype), b = randn(160, dtype);
  BOOST_TEST(relative_error(linear(x, w, b), reference(x, w.t()) + b.to(float64)) <
             tolerance(dtype));
}

BOOST_DATA_TEST_CASE(linear_gradients, bdata::make(linear_inputs), shape) {
  const OneResultFunction f = [](const std::vector<Tensor>& in) {
    return linear(in[0], in[1], in.size() > 2 ? in[2] : Tensor());
  };
  const Tensor x = randn(shape, float64), w = randn({2, 3}, float64), b = randn(2, float64);
  check_gradients(f, {random_leaf(shape), random_leaf({2, 3}), random_leaf(2)}, "all");
  check_gradients(f, {random_leaf(shape), random_leaf({2, 3})}, "no bias");
  check_gradients(f, {random_leaf(shape), w, b}, "input");
  check_gradients(f, {x, random_leaf({2, 3}), b}, "weight");
  check_gradients(f, {x, w, random_leaf(2)}, "bias");
}

BOOST_AUTO_TEST_CASE(gradients_of_views) {
  const OneResultFunction f = [](const std::vector<Tensor>& in) {
    return matmul(in[0].transpose(0, 1), in[1].slice(-1, 0, 5, 2));
  };
  check_gradients(f, {random_leaf({3, 2, 4}), random_leaf({4, 5})});
  check_gradients(f, {random_leaf({3, 2, 4}), random_leaf({2, 4, 5})});
}

BOOST_DATA_TEST_CASE(gradients_in_lower_precision, bdata::make({float32, bfloat16, float16}),
                     dtype) {
  const Tensor x = randn({40, 60}, float64), w = randn({50, 60}, float64);
  const Tensor g = randn({40, 50}, float64);
  const auto gradients = [&](DType type) {
    const Tensor a = x.to(bfloat16).to(type).detach().requires_grad_();
    const Tensor b = w.to(bfloat16).to(type).detach().requires_grad_();
    linear(a, b).backward(g.to(bfloat16).to(type));
    return std::pair(a.grad(), b.grad());
  };
  const auto [dx, dw] = gradients(dtype);
  const auto [exact_dx, exact_dw] = gradients(float64);
  BOOST_TEST(relative_error(dx, exact_dx) < tolerance(dtype));
  BOOST_TEST(relative_error(dw, exact_dw) < tolerance(dtype));
}

BOOST_AUTO_TEST_CASE(integers_wrap_around) {
  for (const DType dtype : test::integer_dtypes) {
    const Tensor a = randint(0, 100, {5, 33}).to(dtype), b = randint(0, 100, {33, 4}).to(dtype);
    const Tensor y = matmul(a, b);
    BOOST_TEST(y.dtype() == dtype);
    BOOST_TEST(equal(y, matmul(a.to(int64), b.to(int64)).to(dtype)));
    BOOST_TEST(equal(mm(a, b), y));
    BOOST_TEST(equal(bmm(a.unsqueeze(0), b.unsqueeze(0)).squeeze(0), y));
  }
}

BOOST_AUTO_TEST_CASE(errors) {
  const Tensor a = ones({2, 3}), b = ones({4, 5});
  BOOST_CHECK_EXCEPTION(
      matmul(a, b), ShapeError,
      saying("matmul: shapes [2, 3] and [4, 5] do not fit: expected the last dimension of the "
             "first (3) to equal the second to last of the second (4)"));
  BOOST_CHECK_EXCEPTION(matmul(a, ones(4)), ShapeError,
                        saying("to equal the only one of the second (4)"));
  BOOST_CHECK_EXCEPTION(matmul(scalar_tensor(1.0), a), ShapeError,
                        saying("matmul: expected tensors of rank 1 or more, got shapes [] and"));
  BOOST_CHECK_EXCEPTION(
      matmul(ones({2, 4, 3}), ones({5, 3, 4})), ShapeError,
      saying("matmul: before the last two dimensions: shapes [2] and [5] do not broadcast"));
  BOOST_CHECK_EXCEPTION(matmul(a, ones({3, 2}, float64)), DTypeError,
                        saying("matmul: expected tensors of one dtype, got float32 and float64"));
  BOOST_CHECK_EXCEPTION(matmul(ones({2, 2}, boolean), ones({2, 2}, boolean)), DTypeError,
                        saying("matmul: expected floating or integer tensors, got bool"));
  BOOST_CHECK_EXCEPTION(matmul(a, Tensor()), Error, saying("matmul: the second tensor is undef"));
  BOOST_CHECK_EXCEPTION(mm(a, ones({2, 3, 4})), ShapeError,
                        saying("mm: expected two tensors of rank 2, got shapes [2, 3] and"));
  BOOST_CHECK_EXCEPTION(bmm(a, a), ShapeError, saying("bmm: expected two tensors of rank 3"));
  BOOST_CHECK_EXCEPTION(bmm(ones({2, 3, 4}), ones({1, 4, 2})), ShapeError,
                        saying("bmm: expected batches of one size, got shapes [2, 3, 4] and"));
}

// As the gradient of a sum meets a weight: both repeat along the batch.
BOOST_AUTO_TEST_CASE(both_operands_repeated) {
  for (const DType dtype : {float32, bfloat16}) {
    const Tensor a = randn({1, 128, 96}, dtype), b = randn({96, 112}, dtype);
    const Tensor c = matmul(a.expand({4, 128, 96}), b.expand({4, 96, 112}));
    const Tensor expected = matmul(a[0].to(float64), b.to(float64)).expand({4, 128, 112});
    BOOST_TEST(relative_error(c, expected) < (dtype == bfloat16 ? 4e-3 : 1e-6));
  }
}

BOOST_AUTO_TEST_CASE(linear_errors) {
  const Tensor w = ones({512, 784});
  BOOST_CHECK_EXCEPTION(linear(ones({128, 100}), w), ShapeError,
                        saying("linear: expected an input of 784 features (weight is [512, 784]), "
                               "got shape [128, 100]"));
  BOOST_CHECK_EXCEPTION(linear(scalar_tensor(1.0), w), ShapeError, saying("got shape []"));
  BOOST_CHECK_EXCEPTION(linear(ones(784), ones(784)), ShapeError,
                        saying("linear: expected a weight of shape [out, in], got [784]"));
  BOOST_CHECK_EXCEPTION(linear(ones(784), w, ones(511)), ShapeError,
                        saying("linear: expected a bias of shape [512] (weight is [512, 784]), "
                               "got [511]"));
  BOOST_CHECK_EXCEPTION(linear(ones(784), w, ones(512, float64)), DTypeError,
                        saying("linear: expected a bias of dtype float32, got float64"));
  BOOST_CHECK_EXCEPTION(linear(ones(784, float64), w), DTypeError,
                        saying("of one dtype, got float64 and float32"));
  BOOST_CHECK_EXCEPTION(linear(Tensor(), w), Error, saying("linear: the input is undefined"));
  BOOST_CHECK_EXCEPTION(linear(ones(784), Tensor()), Error,
                        saying("linear: the weight is undefined"));
}
BOOST_AUTO_TEST_CASE(a_matrix_that_is_repeated_is_copied_once) {
  const Tensor uneven = rand({64, 128}).index({Slice(), Slice(0, Slice::none, 2)});
  const Tensor repeated = uneven.unsqueeze(0).expand({256, 64, 64}), b = rand({256, 64, 32});
  reset_peak_memory();
  const int64_t before = memory_stats().current;
  const Tensor c = matmul(repeated, b);
  BOOST_TEST(memory_stats().peak - before < static_cast<int64_t>(2 * c.nbytes()));
  BOOST_TEST(allclose(c[200], matmul(uneven.contiguous(), b[200]), 1e-4, 1e-4));
}
