#include <rewind/ops/pointwise.h>

#include <limits>

#include "../check.h"
#include "../dtypes.h"

using namespace rw;
using namespace rw::test;
using boost::test_tools::per_element;

namespace {

constexpr double infinite = std::numeric_limits<double>::infinity();
constexpr double no_number = std::numeric_limits<double>::quiet_NaN();

struct Function {
  const char* name;
  std::function<Tensor(const Tensor&)> op;
  std::function<double(double)> exact;
  double low = -3, high = 3;  // where it is tested
  // Kinks lie at multiples of a half: the test points, odd multiples of a quarter, keep away.
};

double sigmoid_of(double x) { return 1 / (1 + std::exp(-x)); }

std::vector<Function> functions() {
  return {
      {"abs", [](const Tensor& x) { return abs(x); }, [](double x) { return std::abs(x); }},
      {"neg", [](const Tensor& x) { return -x; }, [](double x) { return -x; }},
      {"sign", [](const Tensor& x) { return sign(x); }, [](double x) { return x > 0 ? 1. : -1.; }},
      {"square", [](const Tensor& x) { return square(x); }, [](double x) { return x * x; }},
      {"sqrt", [](const Tensor& x) { return sqrt(x); }, [](double x) { return std::sqrt(x); }, .25},
      {"rsqrt", [](const Tensor& x) { return rsqrt(x); }, [](double x) { return 1 / std::sqrt(x); },
       .25},
      {"reciprocal", [](const Tensor& x) { return reciprocal(x); }, [](double x) { return 1 / x; },
       .25},
      {"exp", [](const Tensor& x) { return exp(x); }, [](double x) { return std::exp(x); }},
      {"expm1", [](const Tensor& x) { return expm1(x); }, [](double x) { return std::expm1(x); }},
      {"log", [](const Tensor& x) { return log(x); }, [](double x) { return std::log(x); }, .25},
      {"log1p", [](const Tensor& x) { return log1p(x); }, [](double x) { return std::log1p(x); },
       -.75},
      {"sin", [](const Tensor& x) { return sin(x); }, [](double x) { return std::sin(x); }},
      {"cos", [](const Tensor& x) { return cos(x); }, [](double x) { return std::cos(x); }},
      {"erf", [](const Tensor& x) { return erf(x); }, [](double x) { return std::erf(x); }},
      {"floor", [](const Tensor& x) { return floor(x); }, [](double x) { return std::floor(x); }},
      {"ceil", [](const Tensor& x) { return ceil(x); }, [](double x) { return std::ceil(x); }},
      {"round", [](const Tensor& x) { return round(x); },
       [](double x) { return std::nearbyint(x); }},
      {"tanh", [](const Tensor& x) { return tanh(x); }, [](double x) { return std::tanh(x); }},
      {"sigmoid", [](const Tensor& x) { return sigmoid(x); }, sigmoid_of},
      {"relu", [](const Tensor& x) { return relu(x); }, [](double x) { return x > 0 ? x : 0; }},
      {"leaky_relu", [](const Tensor& x) { return leaky_relu(x, 0.2); },
       [](double x) { return x > 0 ? x : 0.2 * x; }},
      {"gelu", [](const Tensor& x) { return gelu(x); },
       [](double x) { return x * 0.5 * (1 + std::erf(x / std::sqrt(2.0))); }},
      {"gelu_tanh", [](const Tensor& x) { return gelu(x, Gelu::tanh); },
       [](double x) {
         return 0.5 * x * (1 + std::tanh(0.7978845608028654 * (x + 0.044715 * x * x * x)));
       }},
      {"elu", [](const Tensor& x) { return elu(x, 0.7); },
       [](double x) { return x > 0 ? x : 0.7 * std::expm1(x); }},
      {"celu", [](const Tensor& x) { return celu(x, 0.7); },
       [](double x) { return x > 0 ? x : 0.7 * std::expm1(x / 0.7); }},
      {"selu", [](const Tensor& x) { return selu(x); },
       [](double x) {
         return 1.0507009873554805 * (x > 0 ? x : 1.6732632423543772 * std::expm1(x));
       }},
      {"silu", [](const Tensor& x) { return silu(x); }, [](double x) { return x * sigmoid_of(x); }},
      {"softplus", [](const Tensor& x) { return softplus(x, 2, 4); },
       [](double x) { return 2 * x > 4 ? x : std::log1p(std::exp(2 * x)) / 2; }},
      {"clamp", [](const Tensor& x) { return clamp(x, -1, 0.5); },
       [](double x) { return x < -1    ? -1
                             : x > 0.5 ? 0.5
                                       : x; }},
      {"pow 2", [](const Tensor& x) { return pow(x, 2); }, [](double x) { return x * x; }},
      {"pow 3", [](const Tensor& x) { return x.pow(3); }, [](double x) { return x * x * x; }},
      {"pow 0", [](const Tensor& x) { return pow(x, 0); }, [](double) { return 1.0; }},
      {"pow -1.5", [](const Tensor& x) { return pow(x, -1.5); },
       [](double x) { return std::pow(x, -1.5); }, .25},
      {"2 to the power", [](const Tensor& x) { return pow(2.0, x); },
       [](double x) { return std::exp2(x); }},
      {"1 - x", [](const Tensor& x) { return 1 - x; }, [](double x) { return 1 - x; }},
      {"3 / x", [](const Tensor& x) { return 3 / x; }, [](double x) { return 3 / x; }, .25},
      {"x / 3 + 1", [](const Tensor& x) { return x / 3 + 1; }, [](double x) { return x / 3 + 1; }},
  };
}

// 0.25 apart from kinks, which lie at multiples of 0.5.
Tensor points(const Function& f, DType dtype) {
  const auto count = static_cast<int64_t>((f.high - f.low) / 0.5);
  return arange(f.low + 0.25, f.high, 0.5, dtype).slice(0, 0, count);
}

}  // namespace

BOOST_AUTO_TEST_SUITE(pointwise)

BOOST_AUTO_TEST_CASE(functions_have_their_values) {
  for (const Function& f : functions()) {
    const auto x = points(f, float64).to_vector<double>();
    const auto y = f.op(points(f, float64)).to_vector<double>();
    for (size_t i = 0; i < x.size(); ++i)
      BOOST_TEST(std::abs(y[i] - f.exact(x[i])) <= 1e-14 * std::max(1.0, std::abs(y[i])),
                 f.name << "(" << x[i] << ") = " << y[i] << ", not " << f.exact(x[i]));
  }
}

BOOST_AUTO_TEST_CASE(functions_have_their_derivatives) {
  for (const Function& f : functions())
    check_gradients([&](const std::vector<Tensor>& in) { return f.op(in[0]); },
                    {points(f, float64).clone().requires_grad_()}, f.name);
}

BOOST_AUTO_TEST_CASE(float32_and_bfloat16_agree_with_float64) {
  for (const Function& f : functions()) {
    const Tensor x = linspace(f.low, f.high, 1003, float64).to(bfloat16).to(float64);
    const Tensor exact = f.op(x.clone().requires_grad_());
    Tensor leaf64 = x.clone().requires_grad_(), leaf32 = x.to(float32).requires_grad_();
    f.op(leaf64).sum().backward();
    f.op(leaf32).sum().backward();
    BOOST_TEST(relative_error(f.op(x.to(float32)), exact) < 1e-6, f.name);
    BOOST_TEST(relative_error(f.op(x.to(bfloat16)), exact) < 1e-2, f.name << " in bfloat16");
    BOOST_TEST(relative_error(leaf32.grad(), leaf64.grad()) < 1e-5, f.name << "'s gradient");
  }
}

BOOST_AUTO_TEST_CASE(ends_of_the_range) {
  const auto value = [](const Tensor& t) { return t.to_vector<double>(); };
  for (const DType dtype : {float32, float64}) {
    const Tensor x = from<double>({-infinite, -1000, 0, 1000, infinite, no_number}).to(dtype);
    const auto check = [&](const char* name, const Tensor& y, std::vector<double> expected) {
      const auto got = value(y);
      for (size_t i = 0; i < expected.size(); ++i) {
        const bool same = std::isnan(expected[i]) ? std::isnan(got[i]) : got[i] == expected[i];
        BOOST_TEST(same, name << " at " << value(x)[i] << " gives " << got[i]);
      }
    };
    check("exp", exp(x), {0, 0, 1, infinite, infinite, no_number});
    check("expm1", expm1(x), {-1, -1, 0, infinite, infinite, no_number});
    check("tanh", tanh(x), {-1, -1, 0, 1, 1, no_number});
    check("sigmoid", sigmoid(x), {0, 0, 0.5, 1, 1, no_number});
    check("relu", relu(x), {0, 0, 0, 1000, infinite, no_number});
    check("erf", erf(x), {-1, -1, 0, 1, 1, no_number});
    check("clamp", clamp(x, -2, 2), {-2, -2, 0, 2, 2, no_number});
    check("sign", sign(x), {-1, -1, 0, 1, 1, no_number});
    check("maximum", maximum(x, full({}, 1, dtype)), {1, 1, 1, 1000, infinite, no_number});
    check("isnan", isnan(x), {0, 0, 0, 0, 0, 1});
    check("isfinite", isfinite(x), {0, 1, 1, 1, 0, 0});
    const Tensor l = log(from<double>({-1, 0, 1, infinite, no_number}).to(dtype));
    BOOST_TEST(std::isnan(value(l)[0]));
    BOOST_TEST(value(l)[1] == -infinite);
    BOOST_TEST(value(l)[2] == 0);
    BOOST_TEST(value(l)[3] == infinite);
    BOOST_TEST(std::isnan(value(l)[4]));
  }
}

BOOST_AUTO_TEST_CASE(operands_broadcast) {
  const Tensor column = from<float>({1, 2}).unsqueeze(1), row = from<float>({10, 20, 30});
  BOOST_TEST((column + row).to_vector() == (std::vector<float>{11, 21, 31, 12, 22, 32}),
             per_element());
  BOOST_TEST((row - column).to_vector() == (std::vector<float>{9, 19, 29, 8, 18, 28}),
             per_element());
  BOOST_TEST((column * scalar_tensor(3.0)).to_vector() == (std::vector<float>{3, 6}),
             per_element());
  BOOST_TEST(((zeros({0, 3}) + row).shape() == Shape{0, 3}));
  BOOST_CHECK_EXCEPTION(zeros({2, 3}) + zeros({4}), ShapeError,
                        saying("add: shapes [2, 3] and [4] do not broadcast"));
  BOOST_CHECK_EXCEPTION(Tensor() * row, Error, saying("mul: the first operand is undefined"));
  BOOST_CHECK_EXCEPTION(row * Tensor(), Error, saying("mul: the second operand is undefined"));
  BOOST_CHECK_EXCEPTION(relu(Tensor()), Error, saying("relu: the input is undefined"));
}

BOOST_AUTO_TEST_CASE(binary_derivatives) {
  using Binary = std::function<Tensor(const Tensor&, const Tensor&)>;
  const std::vector<std::pair<const char*, Binary>> ops = {
      {"add", [](const Tensor& a, const Tensor& b) { return add(a, b, 2.5); }},
      {"sub", [](const Tensor& a, const Tensor& b) { return sub(a, b, 0.5); }},
      {"minus", [](const Tensor& a, const Tensor& b) { return a - b; }},
      {"mul", [](const Tensor& a, const Tensor& b) { return a * b; }},
      {"div", [](const Tensor& a, const Tensor& b) { return a / b; }},
      {"pow", [](const Tensor& a, const Tensor& b) { return pow(a, b); }},
      {"maximum", [](const Tensor& a, const Tensor& b) { return maximum(a, b); }},
      {"minimum", [](const Tensor& a, const Tensor& b) { return minimum(a, b); }},
      {"where", [](const Tensor& a, const Tensor& b) { return where((a > b).detach(), a * a, b); }},
  };
  const std::vector<std::pair<Shape, Shape>> shapes = {
      {{2, 3}, {2, 3}}, {{2, 1}, {1, 3}}, {{3}, {2, 3}}, {{}, {2}}, {{1}, {1}}, {{0, 2}, {2}}};
  for (const auto& [name, op] : ops)
    for (const auto& [a, b] : shapes)
      check_gradients([&, &f = op](const std::vector<Tensor>& in) { return f(in[0], in[1]); },
                      {(rand(a, float64) + 0.5).detach().requires_grad_(),
                       (rand(b, float64) + 0.5).detach().requires_grad_()},
                      name);
}

BOOST_AUTO_TEST_CASE(ties_share_the_gradient) {
  const Tensor a = from<double>({1, 2}).requires_grad_(), b = from<double>({1, 0}).requires_grad_();
  maximum(a, b).sum().backward();
  BOOST_TEST(a.grad().to_vector() == (std::vector<float>{0.5f, 1}), per_element());
  BOOST_TEST(b.grad().to_vector() == (std::vector<float>{0.5f, 0}), per_element());
}

// Bounds that leave nothing between them give a constant, whatever x is.
BOOST_AUTO_TEST_CASE(bounds_that_cross_have_no_gradient) {
  for (const double min : {2., 5., infinite}) {
    const Tensor x = from({1, 2, 3.5, NAN, infinite}).requires_grad_();
    const Tensor y = clamp(x, min, 2);
    BOOST_TEST(allclose(y, from({2, 2, 2, NAN, 2}), 0, 0, true));
    BOOST_TEST(equal(grad({y.sum()}, {x})[0], zeros({5})));
  }
}

BOOST_AUTO_TEST_CASE(zero_to_a_power) {
  const Tensor x = from<double>({0, 0, 2}).requires_grad_();
  const Tensor y = from<double>({2, 0, 0}).requires_grad_();
  pow(x, y).sum().backward();
  BOOST_TEST(x.grad().to_vector() == (std::vector<float>{0, 0, 0}), per_element());
  BOOST_TEST(y.grad().to_vector<double>() == (std::vector<double>{0, 0, std::log(2.0)}),
             per_element());
}

BOOST_AUTO_TEST_CASE(dtypes_are_promoted) {
  const Tensor i = from<int64_t>({1, 2}), u = i.to(uint8), f = i.to(float32), d = i.to(float64),
               b = i.to(boolean);
  BOOST_TEST((i + f).dtype() == float32);
  BOOST_TEST((i + 1).dtype() == int64);
  BOOST_TEST((i + 1.0).dtype() == float32);
  BOOST_TEST((u + i).dtype() == int64);
  BOOST_TEST((f * d).dtype() == float64);
  BOOST_TEST((b * 2).dtype() == int64);
  BOOST_TEST((i / i).dtype() == float32);
  BOOST_TEST((i / 2).to_vector() == (std::vector<float>{0.5f, 1}), per_element());
  BOOST_TEST(exp(i).dtype() == float32);
  BOOST_TEST(relu(i).dtype() == int64);
  // A tensor of rank 0 does not widen one with dimensions, unless its category is higher.
  BOOST_TEST((f * scalar_tensor(2.0, float64)).dtype() == float32);
  BOOST_TEST((i * scalar_tensor(2.0, float64)).dtype() == float64);
  BOOST_TEST((i * 3 - 1).to_vector<int64_t>() == (std::vector<int64_t>{2, 5}), per_element());
  BOOST_TEST(pow(i, 3).to_vector<int64_t>() == (std::vector<int64_t>{1, 8}), per_element());
  BOOST_CHECK_THROW(pow(i, -1), Error);
  BOOST_CHECK_THROW(-b, DTypeError);
}

BOOST_AUTO_TEST_CASE(comparisons) {
  const Tensor a = from<float>({1, 2, 3}), b = from<float>({3, 2, 1});
  const auto is = [](const Tensor& t, std::vector<int> expected) {
    return t.dtype() == boolean && t.to_vector<int>() == expected;
  };
  BOOST_TEST(is(a == b, {0, 1, 0}));
  BOOST_TEST(is(a != b, {1, 0, 1}));
  BOOST_TEST(is(a < b, {1, 0, 0}));
  BOOST_TEST(is(a <= b, {1, 1, 0}));
  BOOST_TEST(is(a > b, {0, 0, 1}));
  BOOST_TEST(is(a >= b, {0, 1, 1}));
  BOOST_TEST(is(a > 2, {0, 0, 1}));
  BOOST_TEST(is(a.to(int64) > 1.5, {0, 1, 1}));
  BOOST_TEST(is(a.eq(b), {0, 1, 0}));
  BOOST_TEST(is(logical_not(a > 1), {1, 0, 0}));
  BOOST_TEST(is(logical_and(a > 1, b > 1), {0, 1, 0}));
  BOOST_TEST(is(logical_or(a > 2, b > 2), {1, 0, 1}));
  BOOST_TEST(equal(a, a.clone()));
  BOOST_TEST(!equal(a, b));
  BOOST_TEST(!equal(a, a.to(float64)));
  BOOST_TEST(allclose(a, a + 1e-7));
  BOOST_TEST(!allclose(a, a + 1e-3));
  BOOST_TEST(allclose(full({1}, infinite), full({1}, infinite)));
  BOOST_TEST(!allclose(full({1}, no_number), full({1}, no_number)));
}

BOOST_AUTO_TEST_CASE(choices) {
  const Tensor mask = from({1, 0, 1}) > 0;
  BOOST_TEST(where(mask, from<float>({1, 2, 3}), -1).to_vector() == (std::vector<float>{1, -1, 3}),
             per_element());
  BOOST_TEST(where(mask, 7, from<float>({1, 2}).unsqueeze(1)).to_vector() ==
                 (std::vector<float>{7, 1, 7, 7, 2, 7}),
             per_element());
  BOOST_CHECK_EXCEPTION(where(from<float>({1}), from({1}), from({1})), DTypeError,
                        saying("where: expected a bool mask, got float32"));
}

BOOST_AUTO_TEST_CASE(memory_order_is_kept) {
  const Tensor x = empty({2, 3, 4, 5}, float32, MemoryFormat::channels_last).normal_();
  const Tensor bias = rand({3, 1, 1});
  for (const Tensor& y : {relu(x), x + x, x * 2, x + bias, bias + x, x + x.contiguous()})
    BOOST_TEST(y.is_contiguous(MemoryFormat::channels_last));
  BOOST_TEST(allclose(x + bias, x.contiguous() + bias));
  BOOST_TEST(allclose(x.transpose(0, 3) * 2, (x * 2).transpose(0, 3)));
  const Tensor every_other = x.slice(3, 0, 5, 2);
  BOOST_TEST(allclose(tanh(every_other), tanh(x).slice(3, 0, 5, 2)));
  const Tensor row = rand({1, 5}).expand({4, 5});
  BOOST_TEST((row + 1).is_contiguous());
  BOOST_TEST(allclose(exp(row), exp(row.contiguous())));
}

BOOST_AUTO_TEST_CASE(large_tensors_are_shared_out) {
  const Tensor x = rand({300, 1001}), y = rand({1001});
  const auto sum = (x + y).to_vector(), a = x.to_vector(), b = y.to_vector();
  for (size_t i = 0; i < sum.size(); i += 97) BOOST_REQUIRE(sum[i] == a[i] + b[i % 1001]);
}

BOOST_AUTO_TEST_CASE(in_place) {
  Tensor x = from<float>({1, 2, 3});
  x.add_(from<float>({1, 1, 1}), 2).sub_(1).mul_(from<float>({2})).div_(4);
  BOOST_TEST(x.to_vector() == (std::vector<float>{1, 1.5f, 2}), per_element());
  x += 1;
  x -= from<float>({0, 1, 0});
  x *= 2.0;
  x /= from<float>({1, 1, 2});
  BOOST_TEST(x.to_vector() == (std::vector<float>{4, 3, 3}), per_element());
  x.sub_(from<float>({8, 0, 0})).relu_();
  BOOST_TEST(x.to_vector() == (std::vector<float>{0, 3, 3}), per_element());
  BOOST_TEST(x.clamp_(1, 2).to_vector() == (std::vector<float>{1, 2, 2}), per_element());
  BOOST_TEST(x.zero_().to_vector() == (std::vector<float>{0, 0, 0}), per_element());
  x.copy_(from<int64_t>({5}));
  BOOST_TEST(x.to_vector() == (std::vector<float>{5, 5, 5}), per_element());
  Tensor matrix = arange(4, float32).reshape({2, 2});
  matrix.add_(matrix.t());  // reads what it writes
  BOOST_TEST(matrix.to_vector() == (std::vector<float>{0, 3, 3, 6}), per_element());
  const Tensor coins = zeros({1000}).bernoulli_(0.25);
  BOOST_TEST(std::abs(coins.mean().item() - 0.25) < 0.06);
}

BOOST_AUTO_TEST_CASE(in_place_refusals) {
  Tensor x = zeros({2, 3}), i = zeros({2}, int64);
  BOOST_CHECK_EXCEPTION(x.add_(zeros({4, 2, 3})), ShapeError,
                        saying("add_: shape [4, 2, 3] does not broadcast to that of the tensor"));
  BOOST_CHECK_EXCEPTION(
      i.add_(zeros({2})), DTypeError,
      saying("a result of dtype float32 can't be stored in a tensor of dtype int64"));
  BOOST_CHECK_THROW(i.mul_(0.5), DTypeError);
  BOOST_CHECK_THROW(i.div_(2), DTypeError);
  BOOST_CHECK_THROW(x.bernoulli_(2), Error);
}

BOOST_AUTO_TEST_CASE(in_place_derivatives) {
  const auto check = [](const char* name, std::function<void(Tensor&, const Tensor&)> change) {
    check_gradients(
        [&](const std::vector<Tensor>& in) {
          Tensor t = in[0] * 1.5;
          change(t, in[1]);
          return t * t;
        },
        {random_leaf({2, 3}), (rand({3}, float64) + 0.5).detach().requires_grad_()}, name);
  };
  check("add_", [](Tensor& t, const Tensor& b) { t.add_(b, 2); });
  check("sub_", [](Tensor& t, const Tensor& b) { t.sub_(b).sub_(1); });
  check("mul_", [](Tensor& t, const Tensor& b) { t.mul_(b).mul_(3); });
  check("div_", [](Tensor& t, const Tensor& b) { t.div_(b).div_(2).add_(0.5); });
  check("copy_", [](Tensor& t, const Tensor& b) { t.copy_(b); });
  check("relu_", [](Tensor& t, const Tensor&) { t.relu_(); });
  check("clamp_", [](Tensor& t, const Tensor&) { t.clamp_(-0.5, 0.5); });
  check("mul_ by itself", [](Tensor& t, const Tensor&) { t.mul_(t).add_(t); });
  check("fill_", [](Tensor& t, const Tensor& b) { t.fill_(2).mul_(b); });
}

BOOST_AUTO_TEST_CASE(infinities_are_close_to_themselves_alone) {
  const double inf = std::numeric_limits<double>::infinity();
  const Tensor x = full({1}, inf);
  BOOST_TEST(allclose(x, x));
  BOOST_TEST(!allclose(x, -x));
  BOOST_TEST(!allclose(ones(1), x));
  BOOST_TEST(!allclose(x, ones(1)));
}

BOOST_AUTO_TEST_CASE(numbers_compare_from_either_side) {
  const Tensor x = from<float>({0, 1, 2});
  BOOST_TEST(equal(1 < x, x > 1));
  BOOST_TEST(equal(1 <= x, x >= 1));
  BOOST_TEST(equal(1 > x, x < 1));
  BOOST_TEST(equal(1.0 >= x, x <= 1));
  BOOST_TEST(equal(1 == x, x == 1));
  BOOST_TEST(equal(1 != x, x != 1));
}

BOOST_AUTO_TEST_CASE(softplus_of_what_overflows_times_beta) {
  const double infinite = std::numeric_limits<double>::infinity();
  for (const DType dtype : test::floating_dtypes) {
    const Tensor x = full({1}, 1 << 10, dtype).requires_grad_();
    const Tensor y = softplus(x, dtype == float64 ? 1e305 : 3e38, infinite);
    BOOST_TEST(equal(y, x));
    y.sum().backward();
    BOOST_TEST(x.grad().item() == 1);
  }
}

// Which multiply nothing by infinity where the function is linear.
BOOST_AUTO_TEST_CASE(third_derivatives_of_exponential_units) {
  using Op = Tensor (*)(const Tensor&);
  for (const Op op : {Op([](const Tensor& x) { return elu(x); }),
                      Op([](const Tensor& x) { return celu(x, 0.5); }),
                      Op([](const Tensor& x) { return celu(x, -2); }),
                      Op([](const Tensor& x) { return selu(x); })}) {
    const Tensor x = from({-1., 1000.}).requires_grad_();
    Tensor y = op(x).sum();
    for (int order = 1; order <= 3; ++order)
      y = grad({y}, {x}, GradOptions{.create_graph = true})[0].square().sum();
    BOOST_TEST(std::isfinite(y.item()));
  }
  BOOST_TEST(std::signbit(elu(full({}, -0.)).item()));
  BOOST_TEST(std::signbit(selu(full({}, -0.)).item()));
  for (const double alpha : {1e-300, 1e-40, 1e38, 1e300})
    BOOST_TEST(
        equal(celu(from<float>({-1, 2}), alpha), celu(from<double>({-1, 2}), alpha).to(float32)));
}

// As in PyTorch: float16 holds neither 70000 nor 1e-8, but their products and quotients.
BOOST_AUTO_TEST_CASE(numbers_count_in_what_the_dtype_is_computed_in) {
  using Op = std::function<Tensor(const Tensor&, double)>;
  const std::vector<std::pair<const char*, Op>> ops = {
      {"x + s", [](const Tensor& x, double s) { return x + s; }},
      {"x - s", [](const Tensor& x, double s) { return x - s; }},
      {"s - x", [](const Tensor& x, double s) { return s - x; }},
      {"x * s", [](const Tensor& x, double s) { return x * s; }},
      {"x / s", [](const Tensor& x, double s) { return x / s; }},
      {"s / x", [](const Tensor& x, double s) { return s / x; }},
      {"x.mul_(s)", [](const Tensor& x, double s) { return x.clone().mul_(s); }},
      {"x.div_(s)", [](const Tensor& x, double s) { return x.clone().div_(s); }},
  };
  for (const DType dtype : {float16, bfloat16})
    for (const Tensor& x : {zeros({1}, dtype), (randn({3, 50}) * 8).to(dtype),
                            (randn({50, 3}) * 8).to(dtype).t(), full({}, 1e-3, dtype)})
      for (const double s : {1.003, 70000., -1e-8, 1e6, infinite})
        for (const auto& [name, op] : ops) {
          const Tensor wanted = op(x.to(float32), s).to(dtype), got = op(x, s);
          const Tensor same = logical_or(eq(got, wanted), logical_and(isnan(got), isnan(wanted)));
          BOOST_TEST(same.all().item<bool>(), name << " of " << rw::name(dtype) << " and " << s);
        }
  BOOST_TEST((ones({1}, float16) / 70000).item() == 1 / 70000., boost::test_tools::tolerance(1e-2));
}

BOOST_AUTO_TEST_SUITE_END()
