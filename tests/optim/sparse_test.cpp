// Optimizers of gradients of rows, against PyTorch's: trajectories/sparse.py has stored what they
// do.

#include <chrono>

#include <rewind/nn/embedding_layers.h>
#include <rewind/optim/optim.h>

#include "../check.h"
#include "trajectories/problem.h"

using namespace rw;
using namespace rw::optim;
using namespace rw::test;

namespace {

constexpr int64_t rows = 6, columns = 3, steps = 8;

Tensor start(DType dtype = float64) {
  const Tensor i = arange(0, rows * columns) * 5;
  return ((i.remainder(13) - 6).to(float64) / 4).view({rows, columns}).to(dtype).requires_grad_();
}

Tensor indices(int64_t step) {
  return from<int64_t>({step * 3 % 5, (step * 7 + 1) % 5, step * 3 % 5, (step + 2) % 3});
}

void backward(const Tensor& table, int64_t step, bool sparse = true) {
  const Tensor c = ((arange(0, 4 * columns) * 3).remainder(7) - 3).to(table.dtype()) / 2;
  const Tensor y = embedding(indices(step), table, {.sparse = sparse});
  (y.square() / 2 - c.view({4, columns}) * embedding(indices(step), table, {.sparse = sparse}))
      .sum()
      .backward();
}

using MakeOne = std::function<std::unique_ptr<Optimizer>(const Tensor&)>;

template <class O, class Options>
MakeOne with(const Options& options) {
  return [=](const Tensor& p) { return std::make_unique<O>(std::vector<Tensor>{p}, options); };
}

std::map<std::string, MakeOne> all_cases() {
  return {
      {"sgd", with<SGD>(SGDOptions{.lr = 0.1})},
      {"sgd_momentum", with<SGD>(SGDOptions{.lr = 0.1, .momentum = 0.8, .dampening = 0.25})},
      {"sgd_nesterov", with<SGD>(SGDOptions{.lr = 0.05, .momentum = 0.8, .nesterov = true})},
      {"adagrad", with<Adagrad>(AdagradOptions{
                      .lr = 0.2, .lr_decay = 0.1, .initial_accumulator_value = 0.25})},
      {"adagrad_maximize", with<Adagrad>(AdagradOptions{.lr = 0.1, .maximize = true})},
      {"sparse_adam", with<SparseAdam>(SparseAdamOptions{.lr = 0.1})},
      {"sparse_adam_options", with<SparseAdam>(SparseAdamOptions{
                                  .lr = 0.05, .betas = {0.7, 0.8}, .eps = 1e-3, .maximize = true})},
  };
}

Rows run(const MakeOne& make, DType dtype) {
  Tensor table = start(dtype);
  std::unique_ptr<Optimizer> optimizer = make(table);
  Rows lines;
  for (int64_t step = 1; step <= steps; ++step) {
    if (step == 5) {  // another one goes on
      const StateDict state = optimizer->state_dict().clone();
      table = table.detach().clone().requires_grad_();
      optimizer = make(table);
      optimizer->load_state_dict(state);
    }
    optimizer->zero_grad();
    backward(table, step);
    optimizer->step();
    lines.push_back({static_cast<double>(step)});
    append(lines.back(), {table});
  }
  lines.emplace_back();
  for (const auto& [name, t] : optimizer->state_dict())
    if (name.starts_with("state.") && t.dim() == 2) append(lines.back(), {t});
  return lines;
}

// Seconds of a step of a table of so many rows, of which 100 have a gradient.
template <class O>
double seconds_per_step(int64_t table_rows, O (*make)(const Tensor&)) {
  const Tensor table = zeros({table_rows, 64}).requires_grad_();
  O optimizer = make(table);
  double best = 1;
  for (int i = 0; i < 12; ++i) {
    const Tensor ids = randint(0, table_rows, {100});
    const auto begin = std::chrono::steady_clock::now();
    optimizer.zero_grad();
    embedding(ids, table, {.sparse = true}).sum().backward();
    optimizer.step();
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begin;
    best = std::min(best, took.count());
  }
  return best;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(sparse)

BOOST_AUTO_TEST_CASE(as_pytorch) {
  const auto expected = read_rows("sparse.txt");
  const auto cases = all_cases();
  BOOST_TEST_REQUIRE(expected.size() == cases.size());
  for (const auto& [name, make] : cases) {
    compare_rows(name, run(make, float64), expected.at(name), 1e-13);
    Rows wide = run(make, float32);
    compare_rows(name + " in float32", wide, expected.at(name), 1e-5);
  }
}

BOOST_AUTO_TEST_CASE(other_rows_stay) {
  for (const auto& [name, make] : all_cases()) {
    const Tensor table = start(bfloat16);
    const auto optimizer = make(table);
    table.detach().select(0, 5).fill_(NAN);  // would spread by any arithmetic, not by moves
    for (int64_t step = 1; step <= steps; ++step) {
      optimizer->zero_grad();
      backward(table, step);
      optimizer->step();
    }
    BOOST_TEST(table.detach().select(0, 0).isfinite().all().item<bool>(), name);
    BOOST_TEST(table.detach().select(0, 5).isnan().all().item<bool>(), name);
  }
}

BOOST_AUTO_TEST_CASE(as_by_dense_gradients) {
  // SGD and Adagrad by rows are what they are by tensors; so are mixtures of both.
  for (const auto& [name, make] : all_cases()) {
    if (name.starts_with("sparse_adam")) continue;
    const Tensor a = start(), b = start();
    const auto by_rows = make(a), by_tensors = make(b);
    for (int64_t step = 1; step <= steps; ++step) {
      by_rows->zero_grad();
      by_tensors->zero_grad();
      backward(a, step, step % 3 != 0);
      backward(b, step, false);
      by_rows->step();
      by_tensors->step();
    }
    BOOST_TEST(allclose(a.detach(), b.detach(), 1e-13, 1e-13), name);
  }
}

BOOST_AUTO_TEST_CASE(refusals) {
  const Tensor table = start(), before = table.detach().clone();
  backward(table, 1);
  const auto refused = [&](auto&& optimizer, const std::string& text) {
    BOOST_CHECK_EXCEPTION(optimizer.step(), Error, saying(text));
    BOOST_TEST(equal(table.detach(), before));
    BOOST_TEST(table.sparse_grad().defined());
  };
  const std::string rows_text =
      ": parameter 0 of group 0 has a gradient of rows, of an embedding with sparse = true, which "
      "SGD, Adagrad and SparseAdam take";
  refused(Adam({table}), "Adam" + rows_text);
  refused(AdamW({table}), "AdamW" + rows_text);
  refused(RMSprop({table}), "RMSprop" + rows_text);
  refused(Muon({table}), "Muon" + rows_text);
  refused(LAMB({table}), "LAMB" + rows_text);
  refused(Adafactor({table}), "Adafactor" + rows_text);
  refused(SGD({table}, {.weight_decay = 0.1}),
          "SGD: expected no weight_decay, which changes every row, with a gradient of rows, got "
          "0.1");
  refused(Adagrad({table}, {.weight_decay = 0.1}), "Adagrad: expected no weight_decay");
  LBFGS lbfgs({table});
  BOOST_CHECK_EXCEPTION(lbfgs.step([&] {
    backward(table, 1);
    return zeros({});
  }),
                        Error, saying("LBFGS" + rows_text));
  table.set_grad(ones_like(table).detach());
  BOOST_CHECK_EXCEPTION(SparseAdam({table}).step(), Error,
                        saying("SparseAdam: parameter 0 of group 0 has a dense gradient; expected "
                               "one of rows, of an embedding with sparse = true"));
  BOOST_CHECK_EXCEPTION(SparseAdam({table}, {.lr = 0}).step(), Error,
                        saying("SparseAdam: expected lr > 0 and eps > 0, got 0 and 1e-08"));
}

BOOST_AUTO_TEST_CASE(tables_that_are_not_row_major) {
  for (const auto& [name, make] : all_cases()) {
    if (name.starts_with("sparse_adam")) continue;
    const Tensor a = start().detach().t().contiguous().t().requires_grad_(), b = start();
    BOOST_TEST_REQUIRE(!a.is_contiguous());
    const auto first = make(a), second = make(b);
    for (int64_t step = 1; step <= steps; ++step) {
      first->zero_grad();
      second->zero_grad();
      backward(a, step);
      backward(b, step);
      first->step();
      second->step();
    }
    BOOST_TEST(allclose(a.detach(), b.detach(), 1e-13, 1e-13), name);
  }
}

// Whose rows without a gradient would not stay as they are.
BOOST_AUTO_TEST_CASE(rules_that_need_row_major_tables) {
  const Tensor a = start().detach().t().contiguous().t().requires_grad_();
  const Tensor before = a.detach().clone();
  const auto refused = [&](auto&& optimizer) {
    BOOST_CHECK_EXCEPTION(optimizer.step(), Error,
                          saying(std::string(optimizer.name()) +
                                 ": parameter 0 of group 0 is not row-major, which a gradient of "
                                 "rows needs"));
    BOOST_TEST(equal(a.detach(), before));
  };
  backward(a, 1);
  refused(SparseAdam({a}));
  refused(Adagrad({a}, {.eps = 0}));
  // Row-major, they leave the others.
  const Tensor b = start();
  backward(b, 1);
  Adagrad({b}, {.eps = 0}).step();
  BOOST_TEST(equal(b.detach().select(0, 5), before.select(0, 5)));
}

BOOST_AUTO_TEST_CASE(nothing_looked_up) {
  const Tensor table = start(), before = table.detach().clone();
  SparseAdam adam({table});
  embedding(zeros({0}, int64), table, {.sparse = true}).sum().backward();
  adam.step();
  BOOST_TEST(equal(table.detach(), before));
}

BOOST_AUTO_TEST_CASE(cost_is_that_of_rows) {
  // A hundred times the rows cost about the same, not a hundred times as much.
  const auto check_cost = [](const char* name, auto make) {
    const double small = seconds_per_step(2000, +make), large = seconds_per_step(200000, +make);
    BOOST_TEST(large < 10 * small + 1e-3, name << ": " << small << " s and " << large << " s");
  };
  check_cost("SGD", [](const Tensor& t) { return SGD({t}); });
  check_cost("Adagrad", [](const Tensor& t) { return Adagrad({t}); });
  check_cost("SparseAdam", [](const Tensor& t) { return SparseAdam({t}); });
}

BOOST_AUTO_TEST_SUITE_END()
