#include <rewind/autograd/functional.h>

#include <rewind/tensor/allocator.h>
#include "../check.h"

using namespace rw;
using namespace rw::test;

namespace {

using Tensors = std::vector<Tensor>;

bool close(const Tensor& a, const Tensor& b, double tolerance = 1e-12) {
  return a.shape() == b.shape() && a.dtype() == b.dtype() && allclose(a, b, tolerance, tolerance);
}

Tensor gaussian(const Shape& shape) { return randn(shape, float64); }

Tensor sum_of_sines(const Tensor& x) { return x.sin().sum(); }

// Two tensors to one, not linear in either, not symmetric.
Tensor mixed(const Tensor& x, const Tensor& y) { return matmul(x.tanh(), y * y).sin(); }

// Central differences of f: columns by elements of x, as [elements of f(x), elements of x].
Tensor numeric_jacobian(const std::function<Tensor(const Tensor&)>& f, const Tensor& x) {
  const no_grad guard;
  const double h = 1e-6;
  Tensors columns;
  for (int64_t i = 0; i < x.numel(); ++i) {
    Tensor step = zeros({x.numel()}, float64);
    step[i].fill_(h);
    step = step.view(x.shape());
    columns.push_back(((f(x + step) - f(x - step)) / (2 * h)).reshape(-1));
  }
  return stack(columns, 1);
}

Tensor as_matrix(const Tensor& jacobian, const Tensor& x) {
  return jacobian.reshape({-1, x.numel()});
}

}  // namespace

BOOST_AUTO_TEST_SUITE(functional)

BOOST_AUTO_TEST_CASE(gradients_of_one_and_several) {
  const Tensor x = gaussian({3, 2}), y = gaussian({3, 2});
  const auto f = [](const Tensor& a, const Tensor& b) { return (a * a * b).sum(); };
  BOOST_TEST(close(grad(sum_of_sines)(x), x.cos()));
  BOOST_TEST(close(grad(f)(x, y), 2 * x * y));
  BOOST_TEST(close(grad(f, 1)(x, y), x * x));
  BOOST_TEST(close(grad(f, -1)(x, y), x * x));
  const Tensors both = grad(f, {1, 0})(x, y);
  BOOST_TEST_REQUIRE(both.size() == 2u);
  BOOST_TEST(close(both[0], x * x));
  BOOST_TEST(close(both[1], 2 * x * y));
  const Tensors one = grad(f, {1})(x, y);
  BOOST_TEST_REQUIRE(one.size() == 1u);
  BOOST_TEST(close(one[0], x * x));

  const auto of_list = [](const Tensors& in) { return (in[0] * in[0] * in[1]).sum(); };
  const Tensors all = grad(of_list)({x, y});
  BOOST_TEST_REQUIRE(all.size() == 2u);
  BOOST_TEST(close(all[0], 2 * x * y));
  BOOST_TEST(close(all[1], x * x));
}

BOOST_AUTO_TEST_CASE(values_come_with_gradients) {
  const Tensor x = gaussian(4), y = gaussian(4);
  const auto f = [](const Tensor& a, const Tensor& b) { return (a * b).sum(); };
  const auto [value, dx] = value_and_grad(f)(x, y);
  BOOST_TEST(close(value, (x * y).sum()));
  BOOST_TEST(close(dx, y));
  const auto [same, both] = value_and_grad(f, {0, 1})(x, y);
  BOOST_TEST(close(same, value));
  BOOST_TEST(close(both[1], x));
  const auto of_list = [](const Tensors& in) { return (in[0] * in[1]).sum(); };
  const auto [again, list] = value_and_grad(of_list)({x, y});
  BOOST_TEST(close(again, value));
  BOOST_TEST(close(list[1], x));
}

BOOST_AUTO_TEST_CASE(arguments_that_are_not_asked_for_may_be_anything) {
  const Tensor scores = gaussian({2, 3}), labels = from<int64_t>({2, 0});
  const auto loss = [](const Tensor& s, const Tensor& l) { return cross_entropy(s, l); };
  const Tensor expected = (scores.softmax(1) - one_hot(labels, 3)) / 2;
  BOOST_TEST(close(grad(loss)(scores, labels), expected));
}

BOOST_AUTO_TEST_CASE(derivatives_nest) {
  const Tensor x = from<double>({0.75});
  const auto sine = [](const Tensor& t) { return t.sin(); };
  const auto first = grad(sine);
  const auto second = grad(first);
  const auto third = grad(second);
  BOOST_TEST(close(first(x), x.cos()));
  BOOST_TEST(close(second(x), -x.sin()));
  BOOST_TEST(close(third(x), -x.cos()));
  BOOST_TEST(close(grad(third)(x), x.sin()));
  BOOST_TEST(!third(x).requires_grad());

  // d^2 / dx dy of x^2 y^3, either way, and one kind of derivative in another.
  const Tensor y = from<double>({-1.25});
  const auto f = [](const Tensor& a, const Tensor& b) { return a * a * b * b * b; };
  const Tensor expected = 6 * x * y * y;
  BOOST_TEST(close(grad(grad(f, 0), 1)(x, y), expected));
  BOOST_TEST(close(grad(grad(f, 1), 0)(x, y), expected));
  BOOST_TEST(close(jacobian(grad(f, {0, 1}), {x, y})[0][1].view(1), expected));
  const auto by_jvp = [&](const Tensor& b) {
    return jvp(f, {x, b}, {ones_like(x), zeros_like(b)}).second;
  };
  BOOST_TEST(close(grad(by_jvp)(y), expected));
  const auto trace = [](const Tensor& t) { return hessian(sum_of_sines, t).diagonal().sum(); };
  BOOST_TEST(close(grad(trace)(gaussian(3).fill_(0.5)), full({3}, -std::cos(0.5), float64)));
}

// d/dx (x * d/dy (x + y)) is 1: the inner derivative must not see the outer variable.
BOOST_AUTO_TEST_CASE(levels_do_not_mix) {
  const auto outer = [](const Tensor& x) {
    const auto inner = [&](const Tensor& y) { return x + y; };
    return x * grad(inner)(ones_like(x));
  };
  const Tensor x = from<double>({3});
  BOOST_TEST(close(grad(outer)(x), ones_like(x)));
}

BOOST_AUTO_TEST_CASE(jacobians_have_the_shapes_of_output_and_input) {
  const Tensor x = gaussian({2, 3}), y = gaussian({3, 4});
  const std::vector<Tensor> blocks = jacobian(mixed, {x, y});
  BOOST_TEST_REQUIRE(blocks.size() == 2u);
  BOOST_TEST((blocks[0].shape() == Shape{2, 4, 2, 3}));
  BOOST_TEST((blocks[1].shape() == Shape{2, 4, 3, 4}));
  BOOST_TEST(close(as_matrix(blocks[0], x),
                   numeric_jacobian([&](const Tensor& t) { return mixed(t, y); }, x), 1e-7));
  BOOST_TEST(close(as_matrix(blocks[1], y),
                   numeric_jacobian([&](const Tensor& t) { return mixed(x, t); }, y), 1e-7));

  const Tensor one = jacobian([](const Tensor& t) { return t.sin(); }, y);
  BOOST_TEST((one.shape() == Shape{3, 4, 3, 4}));
  const Tensor of_scalar = jacobian(sum_of_sines, y);
  BOOST_TEST(close(of_scalar, y.cos()));
  const auto two_results = [](const Tensor& t) { return Tensors{t.sum(0), t * 2}; };
  const std::vector<Tensor> column = jacobian(two_results, y);
  BOOST_TEST((column[0].shape() == Shape{4, 3, 4}));
  BOOST_TEST((column[1].shape() == Shape{3, 4, 3, 4}));
  const auto two_of_two = [](const Tensors& in) { return Tensors{in[0] * in[1], in[0]}; };
  const std::vector<Tensors> table = jacobian(two_of_two, {x, x * 2});
  BOOST_TEST((table.size() == 2 && table[0].size() == 2 && table[1].size() == 2));
  BOOST_TEST(close(table[1][1], zeros({2, 3, 2, 3}, float64)));
}

BOOST_AUTO_TEST_CASE(products_agree_with_the_jacobian) {
  const Tensor x = gaussian({2, 3}), y = gaussian({3, 4});
  const Tensor tx = gaussian({2, 3}), ty = gaussian({3, 4}), v = gaussian({2, 4});
  const std::vector<Tensor> j = jacobian(mixed, {x, y});

  const auto [output, along] = jvp(mixed, {x, y}, {tx, ty});
  BOOST_TEST(close(output, mixed(x, y)));
  const Tensor expected =
      matmul(as_matrix(j[0], x), tx.reshape(-1)) + matmul(as_matrix(j[1], y), ty.reshape(-1));
  BOOST_TEST(close(along.reshape(-1), expected));

  const auto [same, back] = vjp(mixed, {x, y}, v);
  BOOST_TEST(close(same, output));
  BOOST_TEST(close(back[0].reshape(-1), matmul(v.reshape(-1), as_matrix(j[0], x))));
  BOOST_TEST(close(back[1].reshape(-1), matmul(v.reshape(-1), as_matrix(j[1], y))));
  BOOST_TEST(close(vjp(sum_of_sines, x).second, x.cos()));

  const auto two_results = [](const Tensor& t) { return Tensors{t.sin(), t.square().sum()}; };
  const auto [outputs, tangents] = jvp(two_results, x, tx);
  BOOST_TEST(close(tangents[0], x.cos() * tx));
  BOOST_TEST(close(tangents[1], (2 * x * tx).sum()));
  BOOST_TEST(close(vjp(two_results, x, {tx, ones({}, float64)}).second, x.cos() * tx + 2 * x));
}

BOOST_AUTO_TEST_CASE(linear_and_constant_functions) {
  const Tensor x = gaussian({2, 3}), t = gaussian({2, 3});
  const auto identity = [](const Tensor& a) { return a; };
  BOOST_TEST(close(vjp(identity, x, t).second, t));
  BOOST_TEST(close(jvp(identity, x, t).second, t));
  BOOST_TEST(close(as_matrix(jacobian(identity, x), x), eye(6, 6, float64)));
  const auto constant = [](const Tensor&) { return ones(2, float64); };
  BOOST_TEST(close(vjp(constant, x, ones(2, float64)).second, zeros_like(x)));
  BOOST_TEST(close(jvp(constant, x, t).second, zeros(2, float64)));
  BOOST_TEST(close(jacobian(constant, x), zeros({2, 2, 3}, float64)));
  const auto linear = [](const Tensor& a) { return (a * 3).sum(); };
  BOOST_TEST(close(hessian(linear, x), zeros({2, 3, 2, 3}, float64)));
  BOOST_TEST(close(hvp(linear, x, t).second, zeros_like(x)));
  BOOST_TEST(close(grad([](const Tensor&) { return ones({}, float64); })(x), zeros_like(x)));
  const auto of_one = [](const Tensor& a, const Tensor&) { return a.square().sum(); };
  BOOST_TEST(close(grad(of_one, 1)(x, t), zeros_like(t)));
  const std::vector<Tensors> h = hessian(of_one, {x, t});
  BOOST_TEST(close(as_matrix(h[0][0], x), 2 * eye(6, 6, float64)));
  BOOST_TEST(close(h[0][1], zeros({2, 3, 2, 3}, float64)));
  BOOST_TEST(close(h[1][1], zeros({2, 3, 2, 3}, float64)));
}

BOOST_AUTO_TEST_CASE(hessian_of_a_network) {
  const Tensor x = gaussian({5, 3}), target = gaussian({5, 2});
  const Tensors w = {gaussian({3, 4}), gaussian(4), gaussian({4, 2}), gaussian(2)};
  const auto loss = [&](const Tensor& w1, const Tensor& b1, const Tensor& w2, const Tensor& b2) {
    return mse_loss(matmul((matmul(x, w1) + b1).tanh(), w2) + b2, target);
  };
  const std::vector<Tensors> h = hessian(loss, w);
  const std::vector<Tensors> differences = [&] {
    std::vector<Tensors> rows(4);
    for (int i = 0; i < 4; ++i)
      for (size_t j = 0; j < 4; ++j) {
        const auto gradient = [&, i, j](const Tensor& t) {
          Tensors in = w;
          in[j] = t;
          return grad(loss, i)(in[0], in[1], in[2], in[3]);
        };
        rows[static_cast<size_t>(i)].push_back(numeric_jacobian(gradient, w[j]));
      }
    return rows;
  }();
  const Tensors v = {gaussian({3, 4}), gaussian(4), gaussian({4, 2}), gaussian(2)};
  const auto [value, product] = hvp(loss, w, v);
  BOOST_TEST(close(value, loss(w[0], w[1], w[2], w[3])));
  for (size_t i = 0; i < 4; ++i) {
    Tensor expected = zeros({w[i].numel()}, float64);
    for (size_t j = 0; j < 4; ++j) {
      BOOST_TEST(h[i][j].dim() == w[i].dim() + w[j].dim());
      const Tensor block = as_matrix(h[i][j], w[j]);
      BOOST_TEST((block - differences[i][j]).abs().max().item<double>() < 1e-6);
      BOOST_TEST(close(block, as_matrix(h[j][i], w[i]).t(), 1e-10));
      expected = expected + matmul(block, v[j].reshape(-1));
    }
    BOOST_TEST(close(product[i].reshape(-1), expected, 1e-10));
  }
}

BOOST_AUTO_TEST_CASE(inputs_are_left_alone) {
  const Tensor plain = gaussian(3), leaf = gaussian(3).requires_grad_();
  const Tensor before = ones(3, float64);
  leaf.set_grad(before);
  const Tensor result = leaf * 2;
  result.retain_grad();
  const auto version = plain.impl()->storage->version();
  for (const Tensor& x : {plain, leaf, result}) {
    const bool required = x.requires_grad(), was_leaf = x.is_leaf();
    BOOST_TEST(close(grad(sum_of_sines)(x), x.cos()));
    BOOST_TEST(close(vjp(sum_of_sines, x).second, x.cos()));
    BOOST_TEST(close(jvp(sum_of_sines, x, ones_like(x)).second, x.cos().sum()));
    BOOST_TEST(close(jacobian(sum_of_sines, x), x.cos()));
    BOOST_TEST(close(hessian(sum_of_sines, x).diagonal(), -x.sin()));
    BOOST_TEST(close(hvp(sum_of_sines, x, ones_like(x)).second, -x.sin()));
    BOOST_TEST(x.requires_grad() == required);
    BOOST_TEST(x.is_leaf() == was_leaf);
  }
  BOOST_TEST(leaf.grad().is_same(before));
  BOOST_TEST(equal(leaf.grad(), ones(3, float64)));
  BOOST_TEST(!result.grad().defined());
  BOOST_TEST(plain.impl()->storage->version() == version);
  result.sum().backward();
  BOOST_TEST(equal(leaf.grad(), full({3}, 3, float64)));
}

// As for any op: on the tape if somebody outside requires a gradient, and if the caller records.
BOOST_AUTO_TEST_CASE(results_are_on_the_tape_by_need) {
  const Tensor plain = gaussian(3), leaf = gaussian(3).requires_grad_();
  const auto every = [](const auto& f, const Tensor& x) {
    const Tensor ones = ones_like(x);
    const auto [value, gradient] = value_and_grad(f)(x);
    return Tensors{value,          gradient,      vjp(f, x).second,      jvp(f, x, ones).second,
                   jacobian(f, x), hessian(f, x), hvp(f, x, ones).second};
  };
  for (const Tensor& t : every(sum_of_sines, plain)) BOOST_TEST(!t.requires_grad());
  for (const Tensor& t : every(sum_of_sines, leaf)) BOOST_TEST(t.requires_grad());
  const auto captures = [&](const Tensor& x) { return (x * x * leaf).sum(); };
  for (const Tensor& t : every(captures, plain)) BOOST_TEST(t.requires_grad());
  {
    const no_grad guard;
    for (const Tensor& t : every(captures, leaf)) BOOST_TEST(!t.requires_grad());
    BOOST_TEST(close(grad(captures)(plain), 2 * plain * leaf));
    BOOST_TEST(!is_grad_enabled());
  }
  // The gradient by x of sum(x * x + leaf) depends on x alone.
  const auto separate = [&](const Tensor& x) { return (x * x + leaf).sum(); };
  const auto [value, gradient] = value_and_grad(separate)(plain);
  BOOST_TEST(value.requires_grad());
  BOOST_TEST(!gradient.requires_grad());
}

// Tapes hold no cycles, and neither grads nor captured tensors keep one alive.
BOOST_AUTO_TEST_CASE(nothing_stays_behind) {
  const Tensor x = gaussian(20), leaf = gaussian(20).requires_grad_();
  const auto f = [&](const Tensor& t) { return (t.sin() * leaf).sum(); };
  const auto memory = memory_stats().current;
  for (const Tensor& in : {x, leaf}) {
    grad([&](const Tensor& t) { return grad(f)(t).square().sum(); })(in);
    jvp(f, in, x);
    hvp(f, in, x);
    hessian(f, in);
  }
  BOOST_TEST(memory_stats().current == memory);
}

BOOST_AUTO_TEST_CASE(results_can_be_differentiated) {
  const Tensors in = {gaussian({2, 3}).requires_grad_(), gaussian({3, 2}).requires_grad_()};
  const Tensors t = {gaussian({2, 3}).requires_grad_(), gaussian({3, 2}).requires_grad_()};
  const Tensor v = gaussian({2, 2}).requires_grad_();
  const auto scalar = [](const Tensor& x, const Tensor& y) { return mixed(x, y).sum(); };
  using OfList = TensorFunction;
  check_gradients(OfList([&](const Tensors& x) {
                    return grad(scalar, {0, 1})(x[0], x[1]);
                  }),
                  in, "grad");
  check_gradients(OfList([&](const Tensors& x) { return jacobian(mixed, x); }), in, "jacobian");
  check_gradients(OfList([&](const Tensors& x) { return hessian(scalar, x)[0]; }), in, "hessian");
  check_gradients(OfList([&](const Tensors& x) {
                    return vjp(mixed, {x[0], x[1]}, x[2]).second;
                  }),
                  {in[0], in[1], v}, "vjp");
  check_gradients(OfList([&](const Tensors& x) {
                    return Tensors{jvp(mixed, {x[0], x[1]}, {x[2], x[3]}).second};
                  }),
                  {in[0], in[1], t[0], t[1]}, "jvp");
  check_gradients(OfList([&](const Tensors& x) {
                    return hvp(scalar, {x[0], x[1]}, {x[2], x[3]}).second;
                  }),
                  {in[0], in[1], t[0], t[1]}, "hvp");
}

BOOST_AUTO_TEST_CASE(a_penalty_on_the_gradient_trains_a_network) {
  nn::Linear layer(3, 1);
  const Tensor x = randn({4, 3});
  const auto sum = [&](const Tensor& t) { return layer(t).square().sum(); };
  grad(sum)(x).square().sum().backward();
  // The gradient is 2 (W x + b) W for each row.
  const Tensor w = layer.weight.detach().clone().requires_grad_();
  const Tensor b = layer.bias.detach().clone().requires_grad_();
  (2 * (matmul(x, w.t()) + b) * w).square().sum().backward();
  BOOST_TEST(relative_error(layer.weight.grad(), w.grad()) < 1e-5);
  BOOST_TEST(relative_error(layer.bias.grad(), b.grad()) < 1e-5);
}

BOOST_AUTO_TEST_CASE(gradients_of_each_sample) {
  const Tensor w = gaussian({3, 2}), x = gaussian({5, 3}), labels = from<int64_t>({0, 1, 1, 0, 1});
  const auto losses = [&](const Tensor& weights) {
    return cross_entropy(matmul(x, weights), labels, {.reduction = Reduction::none});
  };
  const auto loss = [](const Tensor& weights, const Tensor& sample, const Tensor& label) {
    return cross_entropy(matmul(sample, weights), label);
  };
  const Tensor all = jacobian(losses, w);
  for (int64_t i = 0; i < 5; ++i)
    BOOST_TEST(close(all[i], grad(loss)(w, x.narrow(0, i, 1), labels.narrow(0, i, 1))));
}

BOOST_AUTO_TEST_CASE(shapes_and_memory_of_all_kinds) {
  for (const Tensor& x :
       {gaussian({}), gaussian(1), gaussian({2, 0}), gaussian({3, 2}).t(),
        gaussian({1, 3}).expand({2, 3}), Tensor(gaussian({2, 4}).slice(1, 0, 4, 2)),
        gaussian({2, 3, 2, 2}).contiguous(MemoryFormat::channels_last)}) {
    for (const bool required : {false, true}) {
      const Tensor in = x.detach().requires_grad_(required);
      BOOST_TEST(close(grad(sum_of_sines)(in), x.cos()));
      const Tensor j = jacobian([](const Tensor& t) { return t.sin(); }, in);
      BOOST_TEST(j.dim() == 2 * x.dim());
      BOOST_TEST(close(hvp(sum_of_sines, in, ones_like(x)).second, -x.sin()));
      BOOST_TEST(close(jvp(sum_of_sines, in, ones_like(x)).second, x.cos().sum()));
    }
  }
  const Tensor eight_dims = gaussian({1, 2, 1, 1, 1, 1, 1, 3});
  BOOST_TEST(close(jacobian(sum_of_sines, eight_dims), eight_dims.cos()));
  for (const DType dtype : {float32, bfloat16}) {
    const Tensor x = gaussian(5), low = x.to(dtype);
    const Tensor g = grad(sum_of_sines)(low);
    BOOST_TEST(g.dtype() == dtype);
    BOOST_TEST(relative_error(g, x.cos()) < (dtype == float32 ? 1e-6 : 1e-2));
    BOOST_TEST(jacobian([](const Tensor& t) { return t.sin(); }, low).dtype() == dtype);
  }
}

BOOST_AUTO_TEST_CASE(strict_wants_every_input_to_matter) {
  const Tensor x = gaussian(2), y = gaussian(2);
  const auto f = [](const Tensor& a, const Tensor&) { return a * a; };
  const auto scalar = [](const Tensor& a, const Tensor& b) { return a.square().sum() + b.sum(); };
  const auto two = [](const Tensor& a) { return Tensors{a, ones(2, float64)}; };
  BOOST_CHECK_EXCEPTION(vjp(f, {x, y}, x, true), AutogradError,
                        saying("vjp: input 1 has no part in the derivatives"));
  BOOST_CHECK_EXCEPTION(jvp(two, x, x, true), AutogradError,
                        saying("jvp: output 1 has no part in the derivatives"));
  BOOST_CHECK_EXCEPTION(jacobian(f, {x, y}, true), AutogradError,
                        saying("jacobian: output 0 does not depend on input 1"));
  BOOST_CHECK_EXCEPTION(hessian(scalar, {x, y}, true), AutogradError,
                        saying("hessian: gradient 0 does not depend on input 1"));
  BOOST_CHECK_EXCEPTION(hvp(scalar, {x, y}, {x, y}, true), AutogradError,
                        saying("hvp: input 1 has no part in the derivatives"));
}

BOOST_AUTO_TEST_CASE(refusals) {
  const Tensor x = gaussian(3), n = arange(3);
  const Tensors none;
  const auto sine = [](const Tensor& t) { return t.sin(); };
  const auto product = [](const Tensor& a, const Tensor& b) { return (a * b).sum(); };
  const auto of_list = [](const Tensors& in) { return in.empty() ? ones({}) : in[0].sum(); };
  BOOST_CHECK_EXCEPTION(
      grad(sine)(x), ShapeError,
      saying("grad: expected a function that returns one element, got shape [3]"));
  BOOST_CHECK_EXCEPTION(value_and_grad(sine)(x), ShapeError, saying("value_and_grad: expected"));
  BOOST_CHECK_EXCEPTION(hessian(sine, x), ShapeError, saying("hessian: expected a function"));
  BOOST_CHECK_EXCEPTION(hvp(sine, x, x), ShapeError, saying("got shape [3]"));
  BOOST_CHECK_EXCEPTION(hessian(
                            [](const Tensor& t) {
                              return Tensors{t, t};
                            },
                            x),
                        ShapeError,
                        saying("hessian: expected a function that returns one tensor, got 2"));
  BOOST_CHECK_EXCEPTION(grad(product, 1)(x, n), DTypeError,
                        saying("grad: input 1 is int64; only floating tensors have derivatives, so "
                               "convert it, as by to(float32)"));
  BOOST_CHECK_EXCEPTION(jacobian(sine, n), DTypeError, saying("jacobian: input 0 is int64"));
  BOOST_CHECK_EXCEPTION(jacobian(sine, Tensor()), Error, saying("jacobian: input 0 is undefined"));
  BOOST_CHECK_EXCEPTION(grad(product, 2)(x, x), IndexError,
                        saying("grad: argnum 2 is out of range for 2 tensors"));
  BOOST_CHECK_EXCEPTION(grad(product, {0, -2})(x, x), Error, saying("argnum -2 is given twice"));
  BOOST_CHECK_EXCEPTION(grad(of_list)(none), Error, saying("grad: expected at least one input"));
  BOOST_CHECK_EXCEPTION(jacobian(product, {x, x, x}), Error,
                        saying("jacobian: the function takes 2 tensors, got 3 inputs"));
  const auto integer = [](const Tensor& t) { return t.argmax(0); };
  BOOST_CHECK_EXCEPTION(jacobian(integer, x), DTypeError,
                        saying("jacobian: the function returned int64"));
  const Tensor deep = gaussian({1, 1, 1, 2, 1, 1, 1, 1, 1});
  BOOST_TEST(jacobian([](const Tensor& t) { return t.sum(0).sum(0); }, deep).dim() == 16);
  BOOST_CHECK_EXCEPTION(
      hessian(sum_of_sines, deep), ShapeError,
      saying("hessian: gradient 0 of shape [1, 1, 1, 2, 1, 1, 1, 1, 1] by an input of "
             "shape [1, 1, 1, 2, 1, 1, 1, 1, 1] makes more than 16 dims; flatten "
             "them"));
  BOOST_CHECK_EXCEPTION(jvp([](const Tensor&) { return Tensor(); }, x, x), Error,
                        saying("jvp: the function returned an undefined tensor"));
  BOOST_CHECK_EXCEPTION(jvp(sine, x, ones(2, float64)), ShapeError,
                        saying("jvp: tensor 0 of tangents has shape [2], but input 0 has [3]"));
  BOOST_CHECK_EXCEPTION(jvp(product, {x, x}, {x}), Error,
                        saying("jvp: expected tangents of 2 tensors, one for each input, got 1"));
  BOOST_CHECK_EXCEPTION(hvp(product, {x, x}, {x, x.to(float32)}), DTypeError,
                        saying("hvp: tensor 1 of v is float32, but input 1 is float64"));
  BOOST_CHECK_EXCEPTION(vjp(sine, x), ShapeError,
                        saying("only for a function that returns one element v may be left out"));
  BOOST_CHECK_EXCEPTION(vjp(sine, x, ones(4, float64)), ShapeError,
                        saying("vjp: tensor 0 of v has shape [4], but output 0 has [3]"));
  const auto in_place = [](const Tensor& t) { return Tensor(t).add_(1).sum(); };
  BOOST_CHECK_THROW(grad(in_place)(x), AutogradError);
}

BOOST_AUTO_TEST_SUITE_END()
