// L-BFGS against PyTorch's, as trajectories/optimizers.py has stored it, and what it takes of
// memory.

#include <rewind/optim/lbfgs.h>

#include <rewind/tensor/allocator.h>

#include "../check.h"
#include "trajectories/problem.h"

using namespace rw;
using namespace rw::optim;
using namespace rw::test;

namespace {

Tensor rosenbrock(const std::vector<Tensor>& params) {
  const Tensor x = cat({params[0].flatten(), params[1].flatten()});
  const int64_t n = x.numel();
  const Tensor head = x.narrow(0, 0, n - 1), tail = x.narrow(0, 1, n - 1);
  return (100 * (tail - head * head).square() + (1 - head).square()).sum();
}

Rows run(const LBFGSOptions& options) {
  std::vector<Tensor> params = {from<double>({-1.25, 1.0, 0.5, -0.5}, {4}).requires_grad_(),
                                from<double>({0.75, -1.0}, {1, 2}).requires_grad_()};
  const Make make = [&](const std::vector<Tensor>& p) {
    return std::make_unique<LBFGS>(p, options);
  };
  std::unique_ptr<Optimizer> optimizer = make(params);
  Rows rows;
  for (int step = 1; step <= 50; ++step) {
    const Tensor loss = optimizer->step([&] {
      optimizer->zero_grad();
      const Tensor l = rosenbrock(params);
      l.backward();
      return l;
    });
    if (step <= 6 || step == 25 || step == 26 || step == 50) {
      rows.push_back({static_cast<double>(step), loss.item<double>()});
      append(rows.back(), params);
    }
    if (step == 4) go_on(optimizer, params, make);
  }
  return rows;
}

}  // namespace

BOOST_AUTO_TEST_CASE(steps_are_those_of_pytorch) {
  const auto expected = read_rows("optimizers.txt");
  compare_rows("lbfgs", run({.lr = 0.01, .max_iter = 3, .history_size = 4}), expected.at("lbfgs"),
               1e-10);
  const LineSearch wolfe = LineSearch::strong_wolfe;
  compare_rows("lbfgs_wolfe", run({.max_iter = 4, .history_size = 5, .line_search_fn = wolfe}),
               expected.at("lbfgs_wolfe"), 1e-10);
  compare_rows(
      "lbfgs_wolfe_few",
      run({.lr = 0.5, .max_iter = 6, .max_eval = 7, .history_size = 2, .line_search_fn = wolfe}),
      expected.at("lbfgs_wolfe_few"), 1e-10);
}

BOOST_AUTO_TEST_CASE(maximizes) {
  const Tensor up = full({2}, 3, float64).requires_grad_(),
               down = full({2}, 3, float64).requires_grad_();
  LBFGS a({up}, {.line_search_fn = LineSearch::strong_wolfe, .maximize = true});
  LBFGS b({down}, {.line_search_fn = LineSearch::strong_wolfe});
  for (int i = 0; i < 3; ++i) {
    a.step([&] {
      a.zero_grad();
      const Tensor l = -(up * up * up * up).sum();
      l.backward();
      return l;
    });
    b.step([&] {
      b.zero_grad();
      const Tensor l = (down * down * down * down).sum();
      l.backward();
      return l;
    });
  }
  BOOST_TEST(equal(up.detach(), down.detach()));
  BOOST_TEST(up.abs().max().item() < 0.2);
}

// Once the history is full.
BOOST_AUTO_TEST_CASE(takes_no_memory_of_the_parameters_size) {
  constexpr int64_t n = 100000;
  const Tensor p = linspace(-1, 1, n).requires_grad_();
  const Tensor curvature = linspace(1, 30, n), g = zeros(n), loss = zeros({});
  p.set_grad(g);
  for (const LineSearch search : {LineSearch::none, LineSearch::strong_wolfe}) {
    LBFGS lbfgs({p}, {.lr = 0.03,
                      .max_iter = 3,
                      .tolerance_change = 0,
                      .history_size = 4,
                      .line_search_fn = search});
    int calls = 0;
    const auto closure = [&] {
      const no_grad guard;
      p.grad().copy_(p).mul_(curvature);
      ++calls;
      return loss.detach().fill_(dot(p, p.grad()).item<double>() / 2);
    };
    for (int i = 0; i < 8; ++i) lbfgs.step(closure);
    const int before = calls;
    reset_peak_memory();
    const int64_t memory = memory_stats().current;
    lbfgs.step(closure);
    BOOST_TEST(calls > before + 1);
    BOOST_TEST(memory_stats().peak - memory < n);
  }
}

BOOST_AUTO_TEST_CASE(refusals_of_lbfgs) {
  const Tensor p = ones(2).requires_grad_();
  BOOST_CHECK_EXCEPTION(LBFGS({p}, {.lr = -1}), Error, saying("LBFGS: expected lr >= 0, got -1"));
  BOOST_CHECK_EXCEPTION(LBFGS({p}, {.history_size = 0}), Error,
                        saying("expected history_size >= 1"));
  LBFGS lbfgs({p});
  BOOST_CHECK_EXCEPTION(lbfgs.step(), Error, saying("LBFGS: step takes a closure"));
  BOOST_CHECK_EXCEPTION(lbfgs.step({}), Error, saying("LBFGS: step: the closure is empty"));
  StateDict state = lbfgs.state_dict();
  state.emplace_back("state.0.n_iter", ones({}));
  BOOST_CHECK_EXCEPTION(lbfgs.load_state_dict(state), Error, saying("expected n_iter, d and"));
  state.emplace_back("state.0.d", ones(3));
  BOOST_CHECK_EXCEPTION(lbfgs.load_state_dict(state), ShapeError,
                        saying("expected 'state.0.d' of shape [2]"));
  state = lbfgs.state_dict();
  state.emplace_back("state.0.ro.9999999", ones({}));
  BOOST_CHECK_EXCEPTION(lbfgs.load_state_dict(state), Error,
                        saying("'state.0.ro.9999999' is without those before it"));
}

BOOST_AUTO_TEST_CASE(what_is_not_its_problem_is_refused_first) {
  Tensor p = ones({3}).requires_grad_();
  optim::LBFGS lbfgs({p}, {});
  int calls = 0;
  const auto closure = [&] {
    ++calls;
    lbfgs.zero_grad();
    const Tensor loss = p.square().sum();
    loss.backward();
    return loss;
  };
  lbfgs.step(closure);
  const int before = calls;
  p.set_data(ones({2}));
  BOOST_CHECK_EXCEPTION(lbfgs.step(closure), Error, saying("LBFGS: its groups hold other"));
  BOOST_TEST(calls == before);
}

BOOST_AUTO_TEST_CASE(a_closure_that_throws_in_a_search_leaves_the_parameters) {
  Tensor p = from({2.0, -1.5}).requires_grad_();
  optim::LBFGS lbfgs({p}, {.lr = 0.3, .line_search_fn = optim::LineSearch::strong_wolfe});
  int calls = 0;
  BOOST_CHECK_THROW(lbfgs.step([&] {
    if (++calls == 2) throw std::runtime_error("no more");
    lbfgs.zero_grad();
    const Tensor loss = (p.square() * from({1.0, 7.0})).sum();
    loss.backward();
    return loss;
  }),
                    std::runtime_error);
  BOOST_TEST(p.detach().equal(from({2.0, -1.5})));
}

// By a move of 0 times a direction that is infinite they would become NaN.
BOOST_AUTO_TEST_CASE(a_closure_that_throws_after_an_infinite_gradient_leaves_the_parameters) {
  Tensor p = from({2.0, -1.5}).requires_grad_();
  optim::LBFGS lbfgs({p}, {.line_search_fn = optim::LineSearch::strong_wolfe});
  int calls = 0;
  BOOST_CHECK_THROW(lbfgs.step([&] {
    if (++calls == 2) throw std::runtime_error("no more");
    lbfgs.zero_grad();
    const Tensor loss = (p * from<double>({1.0, INFINITY})).sum();
    loss.backward();
    return loss;
  }),
                    std::runtime_error);
  BOOST_TEST(calls == 2);
  BOOST_TEST(p.detach().equal(from({2.0, -1.5})));
}
