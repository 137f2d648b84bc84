#include "../check.h"

#include <cmath>

#include <rewind/ops/norm.h>
#include <rewind/tensor/parallel.h>

using namespace rw;
using namespace rw::test;

namespace {

const MemoryFormat formats[] = {MemoryFormat::contiguous, MemoryFormat::channels_last};

Tensor in_format(const Tensor& t, MemoryFormat format) {
  return t.dim() == 4 ? t.contiguous(format) : t;
}

// By plain loops over runs of `group` neighbours in row-major order; element i of x has parameter
// i / inner % (number of parameters).
Tensor naive(const Tensor& x, int64_t group, int64_t inner, const Tensor& weight,
             const Tensor& bias, double eps) {
  auto v = x.to_vector<double>();
  const auto w = weight.to_vector<double>(), b = bias.to_vector<double>();
  const auto n = static_cast<size_t>(group);
  for (size_t at = 0; at < v.size(); at += n) {
    double mean = 0, var = 0;
    for (size_t i = at; i < at + n; ++i) mean += v[i] / static_cast<double>(n);
    for (size_t i = at; i < at + n; ++i) var += (v[i] - mean) * (v[i] - mean);
    var /= static_cast<double>(n);
    for (size_t i = at; i < at + n; ++i) {
      const size_t c = i / static_cast<size_t>(inner) % w.size();
      v[i] = (v[i] - mean) / std::sqrt(var + eps) * w[c] + b[c];
    }
  }
  return from(v, x.shape());
}

int64_t inner_of(const Shape& s) { return s.numel() / s[0] / s[1]; }

Tensor naive_group_norm(const Tensor& x, int64_t groups, const Tensor& weight, const Tensor& bias,
                        double eps) {
  const int64_t inner = inner_of(x.shape());
  return naive(x, x.size(1) / groups * inner, inner, weight, bias, eps);
}

struct GroupCase {
  Shape shape;
  int64_t groups;
};
// Groups that are rows, planes and columns, whole and broken vectors, and more than a chunk.
const GroupCase group_cases[] = {
    {{5, 6}, 2},          {{40, 30}, 30},       {{3, 8, 5}, 4},       {{2, 6, 3, 3}, 3},
    {{2, 6, 3, 3}, 6},    {{3, 4, 7, 9}, 1},    {{2, 12, 6, 8}, 4},   {{2, 40, 5, 8}, 8},
    {{1, 96, 6, 6}, 3},   {{20, 3, 6, 6}, 3},   {{1, 2, 90, 100}, 2}, {{2, 130, 6, 6}, 13},
    {{2, 4, 3, 4, 5}, 2}, {{1, 256, 5, 8}, 16}, {{2, 3, 1, 1}, 1},
};

}  // namespace

BOOST_AUTO_TEST_CASE(group_norm_values) {
  for (const auto& [shape, groups] : group_cases)
    for (const MemoryFormat format : formats) {
      const Tensor x = in_format(randn(shape, float64) * 2 + 5, format);
      const Tensor weight = randn({shape[1]}, float64), bias = randn({shape[1]}, float64);
      const Tensor y = group_norm(x, groups, weight, bias, 1e-3);
      BOOST_TEST_CONTEXT(shape << ", groups " << groups) {
        const Tensor expected = naive_group_norm(x, groups, weight, bias, 1e-3);
        BOOST_TEST(relative_error(y, expected) < 1e-12);
        BOOST_TEST((x.dim() != 4 || y.is_contiguous(format)));
        const Tensor one = ones({shape[1]}, float64), zero = zeros({shape[1]}, float64);
        BOOST_TEST(relative_error(group_norm(x, groups),
                                  naive_group_norm(x, groups, one, zero, 1e-5)) < 1e-12);
      }
    }
}

BOOST_AUTO_TEST_CASE(layer_norm_values) {
  for (const Shape& shape :
       {Shape{7}, Shape{5, 16}, Shape{3, 4, 37}, Shape{2, 3, 4, 5}, Shape{300, 3}, Shape{2, 9000}})
    for (int dims = 1; dims <= shape.rank(); ++dims) {
      const Tensor x = randn(shape, float64) * 3 - 1;
      const Shape sizes(shape.begin() + (shape.rank() - dims), static_cast<size_t>(dims));
      const Tensor weight = randn(sizes, float64), bias = randn(sizes, float64);
      const Tensor y = layer_norm(x, sizes, weight, bias, 1e-4);
      const Tensor expected = naive(x, sizes.numel(), 1, weight, bias, 1e-4);
      BOOST_TEST(relative_error(y, expected) < 1e-12, shape << " over " << sizes);
    }
  const Tensor image = randn({2, 3, 4, 5}, float64), weight = randn({3, 4, 5}, float64);
  const Tensor y = layer_norm(image.contiguous(MemoryFormat::channels_last), {3, 4, 5}, weight);
  BOOST_TEST(equal(y, layer_norm(image, {3, 4, 5}, weight)));
}

BOOST_AUTO_TEST_CASE(instance_norm_values_and_statistics) {
  for (const Shape& shape : {Shape{3, 4, 5}, Shape{2, 3, 6, 7}, Shape{2, 24, 4, 4}})
    for (const MemoryFormat format : formats) {
      const Tensor x = in_format(randn(shape, float64) * 2 + 3, format);
      const int64_t channels = shape[1], inner = inner_of(shape);
      const Tensor weight = randn({channels}, float64), bias = randn({channels}, float64);
      const Tensor mean = randn({channels}, float64), var = rand({channels}, float64);
      const Tensor old_mean = mean.clone(), old_var = var.clone();
      const Tensor y = instance_norm(x, weight, bias, mean, var, {.momentum = 0.3, .eps = 1e-3});
      BOOST_TEST(relative_error(y, naive(x, inner, inner, weight, bias, 1e-3)) < 1e-12);
      const Tensor runs = x.reshape({shape[0], channels, inner});
      BOOST_TEST(relative_error(mean, old_mean * 0.7 + runs.mean({0, 2}) * 0.3) < 1e-12);
      BOOST_TEST(relative_error(var, old_var * 0.7 + runs.var(Dims{2}).mean(0) * 0.3) < 1e-12);

      const Tensor by_running =
          instance_norm(x, weight, bias, mean, var, {.use_input_stats = false});
      BOOST_TEST(equal(by_running, batch_norm(x, weight, bias, mean, var)));
    }
}

BOOST_AUTO_TEST_CASE(group_norm_gradients) {
  const GroupCase cases[] = {{{4, 6}, 3}, {{2, 4, 3, 2}, 2}, {{2, 2, 6, 6}, 1}, {{1, 3, 2, 2}, 3}};
  for (const auto& [shape, groups] : cases)
    for (const MemoryFormat format : formats)
      for (const int affine : {0, 1, 2, 3}) {
        std::vector<Tensor> inputs = {in_format(randn(shape, float64), format).requires_grad_()};
        for (const int bit : {1, 2})
          if (affine & bit) inputs.push_back(random_leaf({shape[1]}));
        const auto f = [&, n = groups](const std::vector<Tensor>& in) {
          return group_norm(in[0], n, affine & 1 ? in[1] : Tensor(),
                            affine & 2 ? in.back() : Tensor());
        };
        check_gradients(f, inputs, "group_norm " + shape.str());
      }
}

BOOST_AUTO_TEST_CASE(layer_and_instance_norm_gradients) {
  const auto layer = [](const std::vector<Tensor>& in) {
    return layer_norm(in[0], in[1].shape(), in[1], in[2]);
  };
  check_gradients(layer, {random_leaf({6, 5}), random_leaf({5}), random_leaf({5})}, "layer_norm");
  check_gradients(layer, {random_leaf({2, 3, 4}), random_leaf({3, 4}), random_leaf({3, 4})},
                  "layer_norm of two dimensions");
  check_gradients(layer, {random_leaf({1, 1}), random_leaf({1}), random_leaf({1})}, "one element");
  const auto instance = [](const std::vector<Tensor>& in) {
    return instance_norm(in[0], in[1], in[2]);
  };
  check_gradients(instance, {random_leaf({2, 3, 2, 3}), random_leaf({3}), random_leaf({3})},
                  "instance_norm");
}

BOOST_AUTO_TEST_CASE(group_norm_gradients_of_some_inputs) {
  const Tensor x = randn({2, 4, 6, 6}), weight = randn({4}).requires_grad_();
  const Tensor g = randn(x.shape());
  group_norm(x, 2, weight).backward(g);
  const Tensor xh = group_norm(x, 2);
  BOOST_TEST(relative_error(weight.grad(), (g * xh).sum({0, 2, 3})) < 1e-5);
}

namespace {

// Value and gradients of f(x, weight, bias) in `dtype`, against float64 ones of the same numbers.
template <class F>
void compare_with_float64(F f, const Tensor& values, const Shape& parameters, DType dtype,
                          DType parameter_dtype, double tolerance) {
  const Tensor x = values.to(dtype).detach().requires_grad_();
  const Tensor weight = (rand(parameters) + 0.5).to(parameter_dtype).requires_grad_();
  const Tensor bias = randn(parameters).to(parameter_dtype).requires_grad_();
  std::vector<Tensor> narrow = {x, weight, bias}, wide;
  for (const Tensor& t : narrow) wide.push_back(t.detach().to(float64).requires_grad_());
  const Tensor y = f(x, weight, bias), expected = f(wide[0], wide[1], wide[2]);
  BOOST_TEST(y.dtype() == dtype);
  BOOST_TEST(relative_error(y.to(float64), expected) < tolerance);
  const Tensor g = randn(y.shape()).to(dtype);
  y.backward(g);
  expected.backward(g.to(float64));
  for (size_t i = 0; i < narrow.size(); ++i) {
    BOOST_TEST(narrow[i].grad().dtype() == narrow[i].dtype());
    BOOST_TEST(relative_error(narrow[i].grad().to(float64), wide[i].grad()) < tolerance,
               "gradient " << i << " of " << values.shape());
  }
}

}  // namespace

BOOST_AUTO_TEST_CASE(group_norm_in_narrow_types) {
  for (const auto& [shape, groups] : group_cases)
    for (const MemoryFormat format : formats) {
      if (shape.numel() == shape[0] * groups) continue;  // one value to a group: all rounding
      const auto f = [n = groups](const Tensor& x, const Tensor& w, const Tensor& b) {
        return group_norm(x, n, w, b);
      };
      const Tensor x = in_format(randn(shape) * 2 + 3, format);
      compare_with_float64(f, x, {shape[1]}, float32, float32, 1e-5);
      compare_with_float64(f, x, {shape[1]}, bfloat16, float32, 1e-2);
      compare_with_float64(f, x, {shape[1]}, bfloat16, bfloat16, 1e-2);
      compare_with_float64(f, x, {shape[1]}, float16, float32, 1e-3);
    }
}

BOOST_AUTO_TEST_CASE(layer_norm_in_narrow_types) {
  for (const Shape& shape : {Shape{9, 33}, Shape{200, 64}, Shape{3, 5000}}) {
    const auto f = [n = shape[1]](const Tensor& x, const Tensor& w, const Tensor& b) {
      return layer_norm(x, n, w, b);
    };
    compare_with_float64(f, randn(shape) * 2 + 3, {shape[1]}, float32, float32, 1e-5);
    compare_with_float64(f, randn(shape) * 2 + 3, {shape[1]}, bfloat16, float32, 1e-2);
    compare_with_float64(f, randn(shape) * 2 + 3, {shape[1]}, float16, float16, 1e-3);
  }
}

BOOST_AUTO_TEST_CASE(a_mean_that_is_large_against_the_spread) {
  for (const MemoryFormat format : formats) {
    const Tensor x = in_format(randn({2, 8, 12, 12}) + 1000, format);
    const Tensor expected = group_norm(x.to(float64), 4);
    BOOST_TEST(relative_error(group_norm(x, 4).to(float64), expected) < 1e-6);
  }
  const Tensor rows = randn({4, 500}) + 1000;
  BOOST_TEST(relative_error(layer_norm(rows, 500).to(float64), layer_norm(rows.to(float64), 500)) <
             1e-6);
}

BOOST_AUTO_TEST_CASE(group_norm_of_views_and_any_thread_count) {
  const Tensor wide = randn({3, 6, 8, 10}, float64);
  for (const MemoryFormat format : formats) {
    const Tensor view = wide.contiguous(format).slice(3, 1, Slice::none, 2);
    BOOST_TEST(relative_error(group_norm(view, 3), group_norm(view.contiguous(), 3)) < 1e-14);

    const int threads = get_num_threads();
    const auto results = [&](int n) {
      set_num_threads(n);
      manual_seed(1);
      const Tensor x = randn({4, 48, 24, 24}).contiguous(format).requires_grad_();
      const Tensor weight = randn({48}).requires_grad_();
      const Tensor y = group_norm(x, 6, weight);
      y.backward(randn(y.shape()));
      return std::vector<Tensor>{y.detach(), x.grad(), weight.grad()};
    };
    const auto one = results(1), three = results(3);
    set_num_threads(threads);
    for (size_t i = 0; i < one.size(); ++i) BOOST_TEST(equal(one[i], three[i]));
  }
  const Tensor columns = randn({6, 40}, float64).t();
  BOOST_TEST(equal(layer_norm(columns, 6), layer_norm(columns.contiguous(), 6)));
}

BOOST_AUTO_TEST_CASE(norms_of_nothing) {
  const auto check_empty = [](const Shape& shape, const auto& f, int64_t parameters) {
    const Tensor x = zeros(shape).requires_grad_(), weight = ones({parameters}).requires_grad_();
    const Tensor y = f(x, weight);
    BOOST_TEST((y.shape() == shape));
    y.sum().backward();
    BOOST_TEST((x.grad().shape() == shape));
    BOOST_TEST(equal(weight.grad(), zeros({parameters})));
  };
  const auto group = [](const Tensor& x, const Tensor& w) { return group_norm(x, 2, w); };
  const auto layer = [](const Tensor& x, const Tensor& w) { return layer_norm(x, w.size(0), w); };
  const auto instance = [](const Tensor& x, const Tensor& w) { return instance_norm(x, w); };
  check_empty({0, 4, 8, 8}, group, 4);
  check_empty({0, 4}, group, 4);
  check_empty({0, 5}, layer, 5);
  check_empty({3, 0}, layer, 0);
  check_empty({0, 3, 4}, instance, 3);
}

BOOST_AUTO_TEST_CASE(norm_errors) {
  const Tensor x = zeros({2, 6, 4, 4}), c = ones({6});
  const auto throws = [](auto f, const std::string& message) {
    BOOST_CHECK_EXCEPTION(f(), Error, saying(message));
  };
  throws([&] { group_norm({}, 2); }, "group_norm: the input is undefined");
  throws(
      [&] {
        group_norm(zeros({2, 6}, int64), 2);
      },
      "group_norm: expected a floating input, got int64");
  throws([&] { group_norm(ones({6}), 2); },
         "group_norm: expected an input [N, C] or [N, C, ...], got shape [6]");
  throws([&] { group_norm(x, 4); },
         "group_norm: num_groups (4) must divide the 6 channels of the input [2, 6, 4, 4]");
  throws([&] { group_norm(x, 0); }, "group_norm: num_groups (0) must divide the 6 channels");
  throws([&] { group_norm(x, 2, ones({5})); },
         "group_norm: expected a weight of shape [6] for an input [2, 6, 4, 4], got [5]");
  throws([&] { group_norm(x, 2, c, ones({6}, float64)); },
         "group_norm: expected a bias of the input's dtype float32, got float64");
  throws([&] { layer_norm({}, 2); }, "layer_norm: the input is undefined");
  throws([&] { layer_norm(x, Shape()); },
         "layer_norm: expected a normalized_shape of at least one dimension");
  throws(
      [&] {
        layer_norm(x, {6, 4});
      },
      "layer_norm: expected an input that ends in [6, 4], got shape [2, 6, 4, 4]");
  throws(
      [&] {
        layer_norm(ones({4}), {1, 4});
      },
      "layer_norm: expected an input that ends in [1, 4], got shape [4]");
  throws(
      [&] {
        layer_norm(x, {4, 4}, ones({16}));
      },
      "layer_norm: expected a weight of shape [4, 4] for an input [2, 6, 4, 4], got [16]");
  throws(
      [&] {
        instance_norm(zeros({2, 6}));
      },
      "instance_norm: expected an input [N, C, L, ...], got shape [2, 6]");
  throws(
      [&] {
        instance_norm(zeros({2, 6, 1}));
      },
      "instance_norm: expected more than 1 value per channel and sample, got input size "
      "[2, 6, 1]");
  throws([&] { instance_norm(x, c, c, c); },
         "instance_norm: expected running_mean and running_var both, or neither");
  throws([&] { instance_norm(x, c, c, {}, {}, {.use_input_stats = false}); },
         "instance_norm: expected running_mean and running_var without use_input_stats");
}
