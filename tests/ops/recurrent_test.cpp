#include <rewind/ops/recurrent.h>

#include <rewind/tensor/parallel.h>

#include "../check.h"

using namespace rw;
using namespace rw::test;

namespace {

using Tensors = std::vector<Tensor>;

// Weights of all layers, and behind them h and c.
struct Network {
  Tensors params, hx;
  Network(int64_t gates, int64_t features, int64_t hidden, const RecurrentOptions& o, int64_t batch,
          int64_t projected = 0) {
    const int64_t directions = o.bidirectional ? 2 : 1, out = projected ? projected : hidden;
    for (int64_t i = 0; i < o.num_layers * directions; ++i) {
      const int64_t in = i < directions ? features : out * directions;
      for (const Shape& shape : {Shape{gates * hidden, in}, Shape{gates * hidden, out},
                                 Shape{gates * hidden}, Shape{gates * hidden}})
        params.push_back(weight(shape));
      if (projected) params.push_back(weight({projected, hidden}));
    }
    hx = {weight({o.num_layers * directions, batch, out}),
          weight({o.num_layers * directions, batch, hidden})};
  }
  static Tensor weight(const Shape& shape) { return (rand(shape) - 0.5).detach().requires_grad_(); }

  Network to(DType dtype) const {
    Network n = *this;
    for (Tensors* all : {&n.params, &n.hx})
      for (Tensor& t : *all) t = t.detach().to(dtype).requires_grad_();
    return n;
  }
};

// Results and gradients of everything.
Tensors passes(const Tensor& x, const Network& n, const RecurrentOptions& o) {
  const Tensor leaf = x.detach().clone().requires_grad_();
  const auto [y, h, c] = lstm(leaf, n.hx, n.params, o);
  Tensors inputs = {leaf, n.hx[0], n.hx[1]};
  inputs.insert(inputs.end(), n.params.begin(), n.params.end());
  Tensors all = grad({y.square().sum(), h.sum(), (c * c).sum()}, inputs);
  all.insert(all.end(), {y, h, c});
  return all;
}

double greatest_difference(const Tensors& a, const Tensors& b) {
  double most = 0;
  for (size_t i = 0; i < a.size(); ++i) {
    const Tensor x = a[i].to(float64), y = b[i].to(float64);
    most =
        std::max(most, (x - y).abs().max().item<double>() / (1e-30 + y.abs().max().item<double>()));
  }
  return most;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(recurrent)

BOOST_AUTO_TEST_CASE(float32_agrees_with_float64) {
  manual_seed(3);
  const RecurrentOptions o = {.num_layers = 2, .bidirectional = true};
  for (const int64_t batch : {1, 2, 3, 9, 17}) {
    const Network n(4, 5, 19, o, batch);
    const Tensor x = randn({6, batch, 5});
    const Tensors exact = passes(x.to(float64), n.to(float64), o);
    BOOST_TEST(greatest_difference(passes(x, n, o), exact) < 3e-6);
    const Tensors half = passes(x.to(bfloat16), n.to(bfloat16), o);
    BOOST_TEST((half.back().dtype() == bfloat16));
    BOOST_TEST(greatest_difference(half, exact) < 0.05);
    BOOST_TEST(greatest_difference(passes(x.to(float16), n.to(float16), o), exact) < 0.01);
  }
}

BOOST_AUTO_TEST_CASE(projection_agrees_with_float64) {
  manual_seed(4);
  const RecurrentOptions o = {.num_layers = 2, .bidirectional = true};
  const Network n(4, 40, 37, o, 10, 33);
  const Tensor x = randn({5, 10, 40});
  BOOST_TEST(greatest_difference(passes(x, n, o), passes(x.to(float64), n.to(float64), o)) < 1e-5);
}

BOOST_AUTO_TEST_CASE(threads_change_nothing) {
  manual_seed(5);
  const int before = get_num_threads();
  for (const int64_t batch : {2, 5, 16, 33}) {
    const Network n(4, 24, 40, {}, batch);
    const Tensor x = randn({30, batch, 24});
    std::vector<Tensors> runs;
    for (const int threads : {1, 2, 3}) {
      set_num_threads(threads);
      const no_grad guard;
      const auto [y, h, c] = lstm(x, n.hx, n.params);
      runs.push_back({y, h, c});
    }
    set_num_threads(before);
    for (size_t k = 1; k < runs.size(); ++k)
      for (size_t i = 0; i < 3; ++i) BOOST_TEST(equal(runs[0][i], runs[k][i]));
  }
}

BOOST_AUTO_TEST_CASE(packed_rows_are_those_of_single_sequences) {
  manual_seed(6);
  const RecurrentOptions o = {.bidirectional = true};
  const Network n(4, 3, 8, o, 4);
  const std::vector<int64_t> lengths = {7, 5, 5, 1};
  const Tensor sizes = from<int64_t>({4, 3, 3, 3, 3, 1, 1}), data = randn({18, 3});
  const auto [y, h, c] = lstm(data, sizes, n.hx, n.params, o);
  for (int64_t i = 0; i < 4; ++i) {
    std::vector<int64_t> rows;
    int64_t first = 0;
    for (const int64_t size : sizes.to_vector<int64_t>()) {
      if (i < size) rows.push_back(first + i);
      first += size;
    }
    const Tensor own = from<int64_t>(rows);
    const Tensor x = index_select(data, 0, own).unsqueeze(1);
    const auto [a, b, d] = lstm(x, {n.hx[0].narrow(1, i, 1), n.hx[1].narrow(1, i, 1)}, n.params, o);
    BOOST_TEST(allclose(index_select(y, 0, own).unsqueeze(1), a, 1e-5, 1e-6));
    BOOST_TEST(allclose(h.narrow(1, i, 1), b, 1e-5, 1e-6));
    BOOST_TEST(allclose(c.narrow(1, i, 1), d, 1e-5, 1e-6));
  }
}

BOOST_AUTO_TEST_CASE(gradients_are_the_same_recorded_or_not) {
  manual_seed(7);
  const Network n = Network(4, 3, 5, {}, 2).to(float64);
  const Tensor x = randn({4, 2, 3}, float64).requires_grad_();
  const auto gradients = [&](bool create_graph) {
    const auto [y, h, c] = lstm(x, n.hx, n.params);
    return grad({y.square().sum() + c.sum()}, {x, n.params[0], n.params[1], n.hx[1]},
                {.create_graph = create_graph});
  };
  BOOST_TEST(greatest_difference(gradients(false), gradients(true)) < 1e-12);
}

// An input that is made of a weight: the weight's gradient through the layer alone, and both.
BOOST_AUTO_TEST_CASE(inputs_that_depend_on_each_other) {
  const Network n = Network(1, 2, 2, {}, 2).to(float64);
  const auto f = [&](const Tensor& w) {
    const auto [y, h] = rnn_tanh(w.view({1, 2, 2}) * 2, n.hx[0], {w, w, n.params[2], n.params[3]});
    return y;
  };
  const Tensor w = randn({2, 2}, float64).requires_grad_();
  const GradcheckResult first = gradcheck(f, w), second = gradgradcheck(f, w);
  BOOST_TEST(first.ok, first.message);
  BOOST_TEST(second.ok, second.message);
}

BOOST_AUTO_TEST_CASE(nan_and_infinity_go_through) {
  const Network n(4, 1, 3, {}, 1);
  const Tensor x = from<float>({INFINITY, 0.5f}).view({2, 1, 1});
  const auto [y, h, c] = lstm(x, n.hx, n.params);
  BOOST_TEST(isfinite(y).all().item<bool>());
  const auto [z, h2, c2] = lstm(x * 0, n.hx, n.params);
  BOOST_TEST(isnan(z.select(0, 0)).all().item<bool>());
  const Network r(1, 1, 3, {}, 1);
  BOOST_TEST(isnan(std::get<0>(rnn_relu(x * 0, r.hx[0], r.params))).all().item<bool>());
}

BOOST_AUTO_TEST_CASE(autocast_lowers_as_pytorch_does) {
  const Network n(4, 2, 3, {}, 1), g(3, 2, 3, {}, 1), r(1, 2, 3, {}, 1);
  const Tensor x = randn({2, 1, 2});
  const autocast guard;
  BOOST_TEST((std::get<0>(lstm(x, n.hx, n.params)).dtype() == bfloat16));
  BOOST_TEST((std::get<0>(rnn_tanh(x, r.hx[0], r.params)).dtype() == bfloat16));
  BOOST_TEST((std::get<0>(gru(x, g.hx[0], g.params)).dtype() == float32));
  // Behind what is in bfloat16 all take their weights and states so too.
  const Tensor low = x.to(bfloat16), step = low.select(0, 0);
  const Tensor sizes = from<int64_t>({1, 1});
  BOOST_TEST((std::get<0>(gru(low, g.hx[0], g.params)).dtype() == bfloat16));
  BOOST_TEST((std::get<0>(gru(low.flatten(0, 1), sizes, g.hx[0], g.params)).dtype() == bfloat16));
  const Tensor hx = zeros({1, 3});
  BOOST_TEST(
      (gru_cell(step, hx, g.params[0], g.params[1], g.params[2], g.params[3]).dtype() == bfloat16));
  const auto [h, c] = lstm_cell(step, {hx, hx}, n.params[0], n.params[1], n.params[2], n.params[3]);
  BOOST_TEST((h.dtype() == bfloat16 && c.dtype() == bfloat16));
}

BOOST_AUTO_TEST_CASE(changes_in_place_are_noticed) {
  const Network n(1, 2, 3, {}, 1);
  const Tensor x = randn({2, 1, 2});
  auto [y, h] = rnn_tanh(x, n.hx[0], n.params);
  {
    const no_grad guard;
    Tensor w = n.params[1];
    w.mul_(2);
  }
  BOOST_CHECK_THROW(y.sum().backward(), AutogradError);
}

// What backward needs is kept apart from the results, whatever the cell.
BOOST_AUTO_TEST_CASE(results_may_be_changed_in_place) {
  const Tensor x = randn({2, 2, 2});
  for (const bool bidirectional : {false, true})
    for (const int64_t layers : {1, 2}) {
      const RecurrentOptions o = {.num_layers = layers, .bidirectional = bidirectional};
      const Network r(1, 2, 3, o, 2), g(3, 2, 3, o, 2), l(4, 2, 3, o, 2);
      const auto same = [&](const Network& n, const auto& run) {
        const auto gradient = [&](bool in_place) {
          Tensor y = run(n);
          y = in_place ? y.mul_(2) : y * 2;
          return grad({y.sum()}, {n.params[0], n.params[1]});
        };
        const Tensors a = gradient(true), b = gradient(false);
        BOOST_TEST((equal(a[0], b[0]) && equal(a[1], b[1])));
      };
      same(r, [&](const Network& n) { return std::get<0>(rnn_tanh(x, n.hx[0], n.params, o)); });
      same(r, [&](const Network& n) { return std::get<0>(rnn_relu(x, n.hx[0], n.params, o)); });
      same(r, [&](const Network& n) { return std::get<1>(rnn_relu(x, n.hx[0], n.params, o)); });
      same(g, [&](const Network& n) { return std::get<0>(gru(x, n.hx[0], n.params, o)); });
      same(l, [&](const Network& n) { return std::get<0>(lstm(x, n.hx, n.params, o)); });
    }
}

BOOST_AUTO_TEST_CASE(gradients_of_relu_go_through_nan) {
  const Network n(1, 1, 1, {}, 1);
  Tensor x = full({1, 1, 1}, NAN).requires_grad_();
  const Tensor y = std::get<0>(rnn_relu(x, n.hx[0], n.params));
  const Tensors g = grad({y.sum()}, {x, n.params[0]});
  BOOST_TEST(g[0].item<float>() == n.params[0].item<float>());
  BOOST_TEST(std::isnan(g[1].item<float>()));
}

BOOST_AUTO_TEST_CASE(what_does_not_fit) {
  const Network n(4, 2, 3, {}, 1);
  const Tensor x = randn({2, 1, 2});
  const auto run = [&](const Tensor& in, const Tensors& hx, const Tensors& params,
                       const RecurrentOptions& o = {}) { lstm(in, hx, params, o); };
  BOOST_CHECK_EXCEPTION(run(x[0], n.hx, n.params), ShapeError,
                        saying("lstm: expected an input [steps, batch, features], got shape "
                               "[1, 2]"));
  BOOST_CHECK_EXCEPTION(run(x, {n.hx[0]}, n.params), Error,
                        saying("lstm: expected hx of two tensors, h and c, got 1"));
  BOOST_CHECK_EXCEPTION(run(x, n.hx, n.params, {.num_layers = 0}), Error,
                        saying("lstm: expected num_layers of at least 1, got 0"));
  BOOST_CHECK_EXCEPTION(run(x, n.hx, n.params, {.dropout = 1.5}), Error,
                        saying("lstm: expected a dropout from 0 to 1, got 1.5"));
  BOOST_CHECK_EXCEPTION(run(x, n.hx, n.params, {.has_biases = false}), Error,
                        saying("lstm: expected 2 params, 2 for each of 1 layers and 1 directions, "
                               "got 4"));
  BOOST_CHECK_EXCEPTION(run(x, {n.hx[0].expand({1, 2, 3}), n.hx[1]}, n.params), ShapeError,
                        saying("lstm: expected h of hx of shape [1, 1, 3], got [1, 2, 3]"));
  BOOST_CHECK_EXCEPTION(run(randn({2, 1, 5}), n.hx, n.params), ShapeError,
                        saying("lstm: expected w_ih of shape [12, 5], got [12, 2]"));
  BOOST_CHECK_EXCEPTION(run(x.to(float64), n.hx, n.params), DTypeError,
                        saying("lstm: expected h of hx of the input's dtype float64, got float32"));
  BOOST_CHECK_EXCEPTION(lstm_cell(x, n.hx, n.params[0], n.params[1]), ShapeError,
                        saying("lstm_cell: expected an input [batch, features], got shape "
                               "[2, 1, 2]"));
  BOOST_CHECK_EXCEPTION(gru_cell(x[0], randn({2, 3}), n.params[0], n.params[1]), ShapeError,
                        saying("gru_cell: expected hx [1, hidden size] for an input of shape "
                               "[1, 2], got [2, 3]"));
  BOOST_CHECK_EXCEPTION(lstm(x[0], from<int64_t>({1, 2}), n.hx, n.params), Error,
                        saying("lstm: expected batch sizes that are positive and never grow, got 2 "
                               "at step 1"));
}

BOOST_AUTO_TEST_SUITE_END()
