// Reductions: values by their definitions over dims, layouts and types; derivatives; what is empty,
// NaN or tied; text of errors.
#include <algorithm>
#include <functional>
#include <limits>
#include <numeric>

#include "../check.h"
#include "../dtypes.h"

using namespace rw;
using namespace rw::test;

namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();
using Values = std::vector<double>;

// f over the values of each result, found by moving what is reduced to the end.
Tensor plainly(const Tensor& x, const Dims& dims, bool keepdim,
               const std::function<double(const Values&)>& f) {
  Shape order, shape;
  int64_t count = 1;
  std::vector<bool> reduced(static_cast<size_t>(x.dim()), dims.empty());
  for (const int64_t d : dims) reduced[static_cast<size_t>(d < 0 ? d + x.dim() : d)] = true;
  for (int d = 0; d < x.dim(); ++d)
    if (!reduced[static_cast<size_t>(d)]) order.push_back(d);
  for (int d = 0; d < x.dim(); ++d) {
    if (reduced[static_cast<size_t>(d)]) {
      order.push_back(d);
      count *= x.shape()[d];
      if (keepdim) shape.push_back(1);
    } else {
      shape.push_back(x.shape()[d]);
    }
  }
  const Values all = x.permute(order).to_vector<double>();
  Values results;
  for (int64_t i = 0; i < shape.numel(); ++i)
    results.push_back(f(Values(all.begin() + i * count, all.begin() + (i + 1) * count)));
  return from(results, shape);
}

double total(const Values& v) { return std::accumulate(v.begin(), v.end(), 0.0); }
double average(const Values& v) { return total(v) / static_cast<double>(v.size()); }
double variance(const Values& v) {
  const double mean = average(v);
  double squares = 0;
  for (const double x : v) squares += (x - mean) * (x - mean);
  return squares / static_cast<double>(v.size() - 1);
}

struct Case {
  const char* name;
  std::function<Tensor(const Tensor&, const Dims&, bool)> op;
  std::function<double(const Values&)> plain;
};

const std::vector<Case>& floating_cases() {
  static const std::vector<Case> cases = {
      {"sum", [](auto& x, auto& d, bool k) { return sum(x, d, k); }, total},
      {"mean", [](auto& x, auto& d, bool k) { return mean(x, d, k); }, average},
      {"var", [](auto& x, auto& d, bool k) { return var(x, d, 1, k); }, variance},
      {"std", [](auto& x, auto& d, bool k) { return rw::std(x, d, 1, k); },
       [](const Values& v) { return std::sqrt(variance(v)); }},
      {"amax", [](auto& x, auto& d, bool k) { return amax(x, d, k); },
       [](const Values& v) { return *std::max_element(v.begin(), v.end()); }},
      {"amin", [](auto& x, auto& d, bool k) { return amin(x, d, k); },
       [](const Values& v) { return *std::min_element(v.begin(), v.end()); }},
      {"logsumexp", [](auto& x, auto& d, bool k) { return logsumexp(x, d, k); },
       [](const Values& v) {
         double e = 0;
         for (const double x : v) e += std::exp(x);
         return std::log(e);
       }},
  };
  return cases;
}

// The same numbers in several orders of memory.
std::vector<Tensor> layouts(const Tensor& x) {
  std::vector<Tensor> all = {x};
  if (x.dim() == 4) all.push_back(x.contiguous(MemoryFormat::channels_last));
  if (x.dim() >= 2) {
    all.push_back(x.transpose(0, -1).contiguous().transpose(0, -1));
    Shape wide = x.shape();
    wide[x.dim() - 1] *= 2;
    Tensor every_second = zeros(wide, x.dtype()).slice(-1, 0, Slice::none, 2);
    every_second.copy_(x);
    all.push_back(every_second);
  }
  return all;
}

const std::vector<std::pair<Shape, Dims>>& shapes_and_dims() {
  static const std::vector<std::pair<Shape, Dims>> all = {
      {{5}, {}},           {{5}, {0}},
      {{3, 40}, {0}},      {{3, 40}, {-1}},
      {{2, 3, 4, 5}, {}},  {{2, 3, 4, 5}, {0, 2, 3}},
      {{2, 3, 4, 5}, {1}}, {{2, 3, 4, 5}, {2, -1}},
      {{7, 600}, {0}},     {{3, 5000}, {1}},
  };
  return all;
}

}  // namespace

BOOST_AUTO_TEST_CASE(values_over_dims_and_layouts) {
  for (const auto& [shape, dims] : shapes_and_dims())
    for (const Tensor& x : layouts(randn(shape, float64)))
      for (const Case& c : floating_cases())
        for (const bool keepdim : {false, true}) {
          const Tensor y = c.op(x, dims, keepdim), exact = plainly(x, dims, keepdim, c.plain);
          BOOST_TEST(relative_error(y, exact) < 1e-13, c.name << " of " << shape.str());
        }
}

BOOST_AUTO_TEST_CASE(narrow_types_agree_with_float64) {
  for (const auto& [shape, dims] : shapes_and_dims()) {
    const Tensor x = (randn(shape) + 2).to(bfloat16);
    for (const Case& c : floating_cases()) {
      const Tensor exact = c.op(x.to(float64), dims, false);
      BOOST_TEST(relative_error(c.op(x.to(float32), dims, false), exact) < 1e-5, c.name);
      const Tensor half = c.op(x, dims, false);
      BOOST_TEST((half.dtype() == bfloat16));
      BOOST_TEST(relative_error(half, exact) < 1e-2, c.name << " of " << shape.str());
    }
  }
}

BOOST_AUTO_TEST_CASE(sums_and_variances_stay_accurate) {
  BOOST_TEST(ones(49, float64).mean().item<double>() == 1);
  // In float32, and far from zero.
  const Tensor x = randn(1 << 20) + 1000;
  const Tensor wide = x.to(float64);
  BOOST_TEST(relative_error(x.sum(), wide.sum()) < 1e-7);
  BOOST_TEST(relative_error(x.var(), wide.var()) < 1e-5);
  BOOST_TEST(relative_error(x.view({1 << 10, 1 << 10}).var(0),
                            wide.view({1 << 10, 1 << 10}).var(0)) < 1e-5);
  BOOST_TEST(full(100, 300.f).to(bfloat16).var().item<float>() == 0);
}

BOOST_AUTO_TEST_CASE(derivatives) {
  const std::vector<std::pair<Shape, Dims>> some = {
      {{}, {}}, {{4}, {0}}, {{2, 3}, {}}, {{2, 3}, {0}}, {{3, 2}, {-1}}, {{2, 2, 2, 2}, {0, 2, 3}}};
  for (const auto& [shape, dims] : some)
    for (const Case& c : floating_cases())
      for (const bool keepdim : {false, true}) {
        // A single value has no variance.
        if (shape.empty() && (c.name == std::string("var") || c.name == std::string("std")))
          continue;
        check_gradients(
            [&, &dims = dims](const std::vector<Tensor>& in) { return c.op(in[0], dims, keepdim); },
            {random_leaf(shape)}, c.name + shape.str());
      }
  const Tensor nhwc = randn({2, 3, 2, 2}, float64).contiguous(MemoryFormat::channels_last);
  for (const Case& c : floating_cases()) {
    check_gradients(
        [&](const std::vector<Tensor>& in) {
          return c.op(in[0], {0, 2, 3}, false);
        },
        {nhwc.detach().requires_grad_()}, c.name);
    check_gradients([&](const std::vector<Tensor>& in) { return c.op(in[0].t(), {0}, false); },
                    {random_leaf({2, 3})}, c.name);
  }
}

BOOST_AUTO_TEST_CASE(the_gradient_of_a_sum_is_a_view) {
  const Tensor x = randn({100, 100}).requires_grad_(), y = x * 1;
  Strides strides;
  register_hook(y, [&](const Tensor& g) -> Tensor {
    strides = g.strides();
    return {};
  });
  y.sum().backward();
  BOOST_TEST((strides == Strides{0, 0}));
  BOOST_TEST((x.grad().to_vector() == std::vector<float>(10000, 1)));
}

BOOST_AUTO_TEST_CASE(types) {
  const Tensor i = from<int64_t>({3, -4, 5}), b = from<bool>({true, false, true});
  const Tensor u = from<uint8_t>({200, 100, 3});
  BOOST_TEST((i.sum().dtype() == int64 && b.sum().dtype() == int64 && u.sum().dtype() == int64));
  BOOST_TEST(i.sum().item<int64_t>() == 4);
  BOOST_TEST(b.sum().item<int64_t>() == 2);
  BOOST_TEST(u.sum().item<int64_t>() == 303);
  BOOST_TEST(u.prod().item<int64_t>() == 60000);
  BOOST_TEST(
      (i.max().dtype() == int64 && u.amax().dtype() == uint8 && b.amax().dtype() == boolean));
  BOOST_TEST(i.max().item<int64_t>() == 5);
  BOOST_TEST(i.min().item<int64_t>() == -4);
  BOOST_TEST(i.argmin().item<int64_t>() == 1);
  BOOST_TEST(b.argmin().item<int64_t>() == 1);
  BOOST_TEST(b.any().item<bool>());
  BOOST_TEST(!b.all().item<bool>());
  BOOST_TEST((from({0, NAN}).any().item<bool>()));
  BOOST_TEST((i.all().dtype() == boolean));
}

BOOST_AUTO_TEST_CASE(all_and_any_along_dims) {
  const Tensor x = from({{1, 0, 2}, {3, 0, 0}});
  BOOST_TEST((x.all(0).to_vector<int>() == std::vector<int>{1, 0, 0}));
  BOOST_TEST((x.any(0).to_vector<int>() == std::vector<int>{1, 0, 1}));
  BOOST_TEST((x.any(1, true).shape() == Shape{2, 1}));
  BOOST_TEST((all(x, {0, 1}).item<bool>()) == false);
}

BOOST_AUTO_TEST_CASE(extremes_and_where_they_are) {
  for (const Shape& shape :
       {Shape{1}, Shape{7}, Shape{3, 5}, Shape{4, 700}, Shape{700, 4}, Shape{2, 3, 4, 5}})
    for (const Tensor& x : layouts(randint(-9, 9, shape)))
      for (const DType dtype : {int64, float32, float64, bfloat16})
        for (int dim = 0; dim < x.dim(); ++dim) {
          const auto first = [&](const auto& better) {
            return plainly(x, dim, false, [&](const Values& v) {
              return static_cast<double>(std::max_element(v.begin(), v.end(), better) - v.begin());
            });
          };
          const Tensor t = x.to(dtype);
          const auto [most, most_at] = t.max(dim);
          const auto [least, least_at] = t.min(dim);
          BOOST_TEST(equal(most, t.amax(dim)));
          BOOST_TEST(equal(least, t.amin(dim)));
          BOOST_TEST(equal(most_at.to(float64), first(std::less<double>())), shape.str());
          BOOST_TEST(equal(least_at.to(float64), first(std::greater<double>())), shape.str());
          BOOST_TEST(equal(t.argmax(dim, true).squeeze(dim), most_at));
          BOOST_TEST((most_at.dtype() == int64));
        }
  const Tensor x = randn({6, 50}), turned = x.t();
  BOOST_TEST(turned.reshape(-1)[turned.argmax().item<int64_t>()].item() == x.max().item());
  BOOST_TEST(scalar_tensor(3.0).max(0).second.item<int64_t>() == 0);
}

BOOST_AUTO_TEST_CASE(gradients_of_extremes) {
  const Tensor x = from<double>({{1, 5, 5}, {5, 0, 2}}).requires_grad_();
  const auto gradient = [&](const Tensor& y) {
    x.set_grad({});
    y.sum().backward();
    return x.grad().to_vector();
  };
  // Shared evenly, or given to the first.
  const float third = 1 / 3.f;
  BOOST_TEST((gradient(x.amax()) == std::vector<float>{0, third, third, third, 0, 0}));
  BOOST_TEST((gradient(x.max()) == std::vector<float>{0, third, third, third, 0, 0}));
  BOOST_TEST((gradient(x.amax(1)) == std::vector<float>{0, .5, .5, 1, 0, 0}));
  BOOST_TEST((gradient(x.max(1).first) == std::vector<float>{0, 1, 0, 1, 0, 0}));
  BOOST_TEST((gradient(x.min(0, true).first) == std::vector<float>{1, 0, 0, 0, 1, 1}));
  for (const bool keepdim : {false, true})
    for (const int64_t dim : {0, -1})
      check_gradients([&](const std::vector<Tensor>& in) { return in[0].max(dim, keepdim).first; },
                      {random_leaf({3, 4})}, "max");
  BOOST_TEST(!x.max(1).second.requires_grad());
}

BOOST_AUTO_TEST_CASE(nan_wins) {
  for (const DType dtype : test::floating_dtypes)
    for (const int64_t n : {3, 20, 1000}) {
      Tensor x = zeros(n).to(dtype);
      x[n - 2].fill_(NAN);
      x[n - 1].fill_(infinity);
      BOOST_TEST(std::isnan(x.max().item()));
      BOOST_TEST(std::isnan(x.amin().item()));
      BOOST_TEST(x.argmax().item<int64_t>() == n - 2);
      BOOST_TEST(x.unsqueeze(1).expand({n, 5}).contiguous().argmin(0)[4].item<int64_t>() == n - 2);
      BOOST_TEST(std::isnan(x.sum().item()));
      BOOST_TEST(std::isnan(x.logsumexp(0).item()));
    }
}

BOOST_AUTO_TEST_CASE(nan_wins_wherever_it_is) {
  for (const DType dtype : test::floating_dtypes)
    for (int64_t at = 0; at < 150; at += 7) {
      Tensor x = randn({150, 3}).to(dtype);
      x[at].fill_(NAN);
      BOOST_TEST(isnan(x.amax(0)).all().item<bool>());
      BOOST_TEST(isnan(x.t().contiguous().amin(1)).all().item<bool>());
      BOOST_TEST((x.argmax(0).to_vector<int64_t>() == std::vector<int64_t>(3, at)));
    }
}

// One NaN is the extreme value, and spoils no gradient but its own.
BOOST_AUTO_TEST_CASE(gradients_of_extremes_that_are_nan) {
  for (const DType dtype : test::floating_dtypes)
    for (const bool largest : {true, false}) {
      const Tensor x = from<double>({{1, NAN, 3, NAN}, {2, 0, 2, 0}}).to(dtype).requires_grad_();
      const auto gradient = [&](const Dims& dims) {
        return grad({(largest ? amax(x, dims) : amin(x, dims)).sum()}, {x})[0].to_vector();
      };
      const float first = largest ? 0.5f : 0, second = largest ? 0 : 0.5f;
      BOOST_TEST((gradient(1) == std::vector<float>{0, .5, 0, .5, first, second, first, second}));
      BOOST_TEST((gradient({}) == std::vector<float>{0, .5, 0, .5, 0, 0, 0, 0}));
    }
}

// float16 holds neither the count nor the sum.
BOOST_AUTO_TEST_CASE(gradients_of_long_rows_of_float16) {
  const std::function<Tensor(const Tensor&)> folds[] = {
      [](const Tensor& x) { return mean(x); }, [](const Tensor& x) { return logsumexp(x, 0); },
      [](const Tensor& x) { return amax(x); }, [](const Tensor& x) { return x.min(); },
      [](const Tensor& x) { return norm(x, infinity); }};
  for (const auto& f : folds) {
    const Tensor x = ones({70000}, float16).requires_grad_();
    f(x).backward();
    BOOST_TEST(std::abs(x.grad()[5].item<double>() * 70000 - 1) < 0.01);
  }
  BOOST_TEST(full({2}, 3, int8).to_vector<int8_t>()[1] == 3);
  BOOST_TEST(full({2}, 0.5, float16).to_vector<Float16>()[1] == 0.5f);
}

BOOST_AUTO_TEST_CASE(logsumexp_does_not_overflow) {
  BOOST_TEST(from<double>({1000, 1000}).logsumexp(0).item<double>() == 1000 + std::log(2.0));
  BOOST_TEST(from<double>({-infinity, 2}).logsumexp(0).item<double>() == 2);
  BOOST_TEST(from<double>({infinity, 2}).logsumexp(0).item<double>() == infinity);
  const Tensor x = full(2, -infinity, float64).requires_grad_();
  const Tensor y = x.logsumexp(0);
  BOOST_TEST(y.item<double>() == -infinity);
  y.backward();
  BOOST_TEST((x.grad().to_vector() == std::vector<float>{0, 0}));
  BOOST_TEST(equal(ones(2, int64).logsumexp(0), ones(2).logsumexp(0)));
  // exp(300) overflows, but next to infinity nothing else counts.
  for (const DType dtype : test::floating_dtypes) {
    const Tensor mixed = from<double>({infinity, 300, -infinity}).to(dtype).requires_grad_();
    mixed.logsumexp(0).backward();
    BOOST_TEST(std::isnan(mixed.grad()[0].item()));
    BOOST_TEST(mixed.grad()[1].item() == 0);
    BOOST_TEST(mixed.grad()[2].item() == 0);
  }
}

BOOST_AUTO_TEST_CASE(products) {
  const auto product = [](const Values& v) {
    return std::accumulate(v.begin(), v.end(), 1.0, std::multiplies<>());
  };
  const Tensor x = randn({3, 4, 5}, float64);
  for (const Tensor& t : layouts(x))
    for (const int64_t dim : {0, 1, -1}) {
      BOOST_TEST(relative_error(t.prod(dim), plainly(t, dim, false, product)) < 1e-14);
      BOOST_TEST(relative_error(t.prod(dim, true), plainly(t, dim, true, product)) < 1e-14);
    }
  BOOST_TEST(relative_error(x.prod(), plainly(x, {}, false, product)) < 1e-14);
  // Zeros are numbers like others, in second derivatives too.
  for (const int64_t zeros_at_front : {0, 1, 2, 3})
    for (const int64_t n : {1, 3, 4, 5}) {
      if (zeros_at_front > n) continue;
      Tensor values = randn({n, 2}, float64);
      values.narrow(0, 0, zeros_at_front).fill_(0);
      values.requires_grad_();
      check_gradients([](const std::vector<Tensor>& in) { return in[0].prod(0); }, {values},
                      "prod");
      check_gradients([](const std::vector<Tensor>& in) { return in[0].prod(); }, {values}, "prod");
      check_gradients([](const std::vector<Tensor>& in) { return in[0].t().prod(-1, true); },
                      {values}, "prod");
    }
  check_gradients([](const std::vector<Tensor>& in) { return in[0].prod(0); }, {random_leaf({})},
                  "prod of one");
}

// That of all others is about 1; those of a few are beyond the range of float32.
BOOST_AUTO_TEST_CASE(gradients_of_products_of_wide_values) {
  for (int i = 0; i < 20; ++i) {
    const Tensor order = randperm(16);
    const Tensor sizes = exp(where(order < 8, 50, -50).to(float64)) * (rand(16, float64) + 0.5);
    for (const DType dtype : {float32, bfloat16}) {
      const Tensor narrow = sizes.to(dtype).requires_grad_();
      const Tensor wide = narrow.detach().to(float64).requires_grad_();
      const bool along = i % 2;
      (along ? narrow.prod(0) : narrow.prod()).backward();
      (along ? wide.prod(0) : wide.prod()).backward();
      const Tensor exact = wide.grad(), error = (narrow.grad().to(float64) / exact - 1).abs();
      const double most = dtype == float32 ? 1e-6 : 1e-2;
      // Of the small ones it may be beyond the range itself.
      BOOST_TEST(where(exact < 1e38, error, 0).max().item<double>() < most);
    }
  }
}

BOOST_AUTO_TEST_CASE(nothing_to_reduce) {
  const Tensor none = zeros({0, 3}, float64), rows = zeros({3, 0}, float64);
  BOOST_TEST(none.sum().item<double>() == 0);
  BOOST_TEST((none.sum(0).to_vector() == std::vector<float>{0, 0, 0}));
  BOOST_TEST((none.sum(1).shape() == Shape{0}));
  BOOST_TEST(none.prod().item<double>() == 1);
  BOOST_TEST(std::isnan(none.mean().item<double>()));
  BOOST_TEST(std::isnan(none.var().item<double>()));
  BOOST_TEST((none.amax(1).shape() == Shape{0}));
  BOOST_TEST(none.all().item<bool>());
  BOOST_TEST(!none.any().item<bool>());
  BOOST_TEST((rows.logsumexp(1).to_vector<double>() == Values(3, -infinity)));
  const Tensor leaf = zeros({0, 3}).requires_grad_();
  (leaf.sum() + leaf.prod() + leaf.prod(0).sum() + leaf.mean()).backward();
  BOOST_TEST((leaf.grad().shape() == Shape{0, 3}));
  for (const auto& f : std::vector<std::function<void()>>{
           [&] { none.amax(); }, [&] { none.max(); }, [&] { none.max(0); }, [&] { none.argmin(); },
           [&] { rows.argmax(1); }, [&] { rows.amin(-1); }})
    BOOST_CHECK_EXCEPTION(f(), ShapeError, saying("expected at least one value to choose from"));
}

BOOST_AUTO_TEST_CASE(no_results_of_any_shape) {
  for (const Shape& shape :
       {Shape{0, 3}, Shape{2, 0}, Shape{2, 0, 3}, Shape{3, 0, 0}, Shape{8, 0, 11, 10}})
    for (const DType dtype : test::all_dtypes)
      for (int dim = 0; dim < shape.rank(); ++dim) {
        Shape rest = shape;
        rest.erase(dim);
        if (rest.numel() > 0) continue;
        const Tensor x = zeros(shape, dtype);
        std::vector<Tensor> results = {x.sum(dim), x.prod(dim), x.all(dim), x.any(dim)};
        if (is_floating(dtype)) results.insert(results.end(), {x.mean(dim), x.var(dim)});
        if (shape[dim] > 0)
          results.insert(results.end(), {x.amax(dim), x.amin(dim), x.argmax(dim), x.argmin(dim)});
        for (const Tensor& y : results) BOOST_TEST((y.shape() == rest), y.shape().str());
      }
}

BOOST_AUTO_TEST_CASE(results_keep_the_order_in_memory) {
  const Tensor x = randn({2, 3, 4, 5}).contiguous(MemoryFormat::channels_last);
  BOOST_TEST((x.sum(2, true).is_contiguous(MemoryFormat::channels_last)));
  BOOST_TEST((x.sum(0).strides() == Strides{1, 15, 3}));
}

BOOST_AUTO_TEST_CASE(wrong_arguments_are_named) {
  const Tensor x = zeros({2, 3});
  BOOST_CHECK_EXCEPTION(x.sum(2), IndexError,
                        saying("sum: dimension 2 is out of range for a tensor of rank 2"));
  BOOST_CHECK_EXCEPTION(x.mean({0, -2}), IndexError,
                        saying("mean: dimension -2 is named twice in [0, -2]"));
  BOOST_CHECK_EXCEPTION(zeros(3, int64).mean(), DTypeError,
                        saying("mean: expected a floating input, got int64"));
  BOOST_CHECK_EXCEPTION(zeros(3, int64).var(), DTypeError, saying("var: expected a floating"));
  BOOST_CHECK_EXCEPTION(logsumexp(Tensor(), 0), Error, saying("logsumexp"));
  BOOST_CHECK_EXCEPTION(sum(Tensor()), Error, saying("sum"));
  BOOST_CHECK_EXCEPTION(argmax(Tensor(), 0), Error, saying("argmax"));
}

BOOST_AUTO_TEST_CASE(indices_that_were_changed_are_noticed) {
  for (const bool greatest : {true, false}) {
    const Tensor x = from<double>({{1, 5}, {2, 3}}).requires_grad_();
    auto [values, indices] = greatest ? x.max(1) : x.min(1);
    indices.fill_(0);
    BOOST_CHECK_THROW(values.sum().backward(), AutogradError);
  }
}

BOOST_AUTO_TEST_CASE(no_dimension_is_all_of_them) {
  const Tensor x = from<double>({{3, -7, 2}, {5, 0.5, 1}});
  BOOST_TEST(x.argmax().item<int>() == 3);
  BOOST_TEST(argmax(x).item<int>() == 3);
  BOOST_TEST((x.argmax({}, true).shape() == Shape{1, 1}));
  BOOST_TEST(x.argmin({}, true).item<int>() == 1);
  BOOST_TEST(x.prod({}).item<double>() == -105);
  BOOST_TEST((prod(x, {}, true).shape() == Shape{1, 1}));
  BOOST_TEST((x > 0).any({}).item<bool>());
  BOOST_TEST(!(x > 0).all({}).item<bool>());
  BOOST_TEST(((x > 0).all({0, 1}, true).shape() == Shape{1, 1}));
  check_gradients([](const auto& in) { return in[0].prod({}, true); },
                  {x.clone().requires_grad_()});
  BOOST_TEST(equal(x.var(false), x.var({}, 0)));
  BOOST_TEST(equal(x.var(true), x.var()));
  BOOST_TEST(equal(x.std(false), x.std({}, 0)));
}
