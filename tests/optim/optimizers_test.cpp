// Optimizers against PyTorch's, step by step: trajectories/optimizers.py has stored what they do.

#include <rewind/optim/adadelta.h>
#include <rewind/optim/adafactor.h>
#include <rewind/optim/adagrad.h>
#include <rewind/optim/adamax.h>
#include <rewind/optim/asgd.h>
#include <rewind/optim/lamb.h>
#include <rewind/optim/lion.h>
#include <rewind/optim/muon.h>
#include <rewind/optim/nadam.h>
#include <rewind/optim/radam.h>
#include <rewind/optim/rmsprop.h>
#include <rewind/optim/rprop.h>

#include "../check.h"
#include "trajectories/problem.h"

using namespace rw;
using namespace rw::optim;
using namespace rw::test;

namespace {

std::map<std::string, Make> all_cases() {
  return {
      {"sgd", two_groups<SGD, SGDOptions>({.lr = 0.05}, {.lr = 0.02, .weight_decay = 0.1})},
      {"sgd_momentum", two_groups<SGD, SGDOptions>(
                           {.lr = 0.02, .momentum = 0.9, .dampening = 0.3, .weight_decay = 0.01},
                           {.lr = 0.05, .momentum = 0.8, .weight_decay = 0.1, .nesterov = true})},
      {"sgd_maximize", two_groups<SGD, SGDOptions>({.lr = 0.001, .maximize = true},
                                                   {.lr = 0.002, .momentum = 0.5})},
      {"adam", two_groups<Adam, AdamOptions>({.lr = 0.05, .betas = {0.8, 0.9}, .weight_decay = 0.1},
                                             {.lr = 0.1, .eps = 1e-3, .amsgrad = true})},
      {"adam_decoupled", two_groups<Adam, AdamOptions>(
                             {.lr = 0.05, .weight_decay = 0.2, .decoupled_weight_decay = true},
                             {.lr = 0.001, .maximize = true})},
      {"adamw", two_groups<AdamW, AdamWOptions>({.lr = 0.05},
                                                {.lr = 0.1, .weight_decay = 0.3, .amsgrad = true})},
      {"nadam", two_groups<NAdam, NAdamOptions>({.lr = 0.05, .weight_decay = 0.1},
                                                {.lr = 0.02,
                                                 .weight_decay = 0.2,
                                                 .momentum_decay = 0.01,
                                                 .decoupled_weight_decay = true})},
      {"radam", two_groups<RAdam, RAdamOptions>({.lr = 0.05, .weight_decay = 0.1},
                                                {.lr = 0.02,
                                                 .betas = {0.9, 0.99},
                                                 .weight_decay = 0.2,
                                                 .decoupled_weight_decay = true})},
      {"adamax", two_groups<Adamax, AdamaxOptions>(
                     {.lr = 0.05, .weight_decay = 0.1},
                     {.lr = 0.001, .betas = {0.7, 0.8}, .eps = 1e-3, .maximize = true})},
      {"adagrad",
       two_groups<Adagrad, AdagradOptions>(
           {.lr = 0.2, .lr_decay = 0.1, .weight_decay = 0.1, .initial_accumulator_value = 0.5},
           {.lr = 0.1, .initial_accumulator_value = 0.5, .eps = 1e-2})},
      {"adadelta", two_groups<Adadelta, AdadeltaOptions>({.rho = 0.8, .weight_decay = 0.1},
                                                         {.lr = 0.5, .eps = 1e-3})},
      {"rmsprop",
       two_groups<RMSprop, RMSpropOptions>({.lr = 0.01, .alpha = 0.9, .weight_decay = 0.1},
                                           {.lr = 0.02, .momentum = 0.9, .centered = true})},
      {"rprop", two_groups<Rprop, RpropOptions>(
                    {.lr = 0.05}, {.lr = 0.02, .etas = {0.4, 1.3}, .step_sizes = {1e-3, 0.1}})},
      {"asgd", two_groups<ASGD, ASGDOptions>(
                   {.lr = 0.05, .lambd = 0.01, .alpha = 0.6, .t0 = 10, .weight_decay = 0.1},
                   {.lr = 0.02, .t0 = 30})},
      {"adafactor", two_groups<Adafactor, AdafactorOptions>(
                        {.lr = 0.1, .weight_decay = 0.1},
                        {.lr = 0.05, .beta2_decay = -0.5, .eps = {1e-2, 1e-2}, .d = 1.5})},
  };
}

// Those that PyTorch does not have, as papers.py has them.
std::map<std::string, Make> cases_of_papers() {
  return {
      {"lion", two_groups<Lion, LionOptions>(
                   {.lr = 0.02}, {.lr = 0.01, .betas = {0.8, 0.9}, .weight_decay = 0.2})},
      {"lamb",
       two_groups<LAMB, LAMBOptions>(
           {.lr = 0.02}, {.lr = 0.05, .betas = {0.8, 0.999}, .eps = 1e-3, .weight_decay = 0.3})},
  };
}

Rows run_muon(const MuonOptions& options) {
  const Shape shapes[] = {{4, 6}, {6, 4}};
  const auto values = [&](int k, int step) {
    std::vector<double> v;
    for (int i = 0; i < 24; ++i) v.push_back(((i * 5 + k * 3 + step * 7) % 11 - 5) / 4.);
    return from(v, shapes[k]);
  };
  std::vector<Tensor> params = {values(0, 0).requires_grad_(), values(1, 0).requires_grad_()};
  const Make make = [&](const std::vector<Tensor>& p) {
    return std::make_unique<Muon>(p, options);
  };
  std::unique_ptr<Optimizer> muon = make(params);
  Rows rows;
  for (int step = 1; step <= 50; ++step) {
    for (int k = 0; k < 2; ++k) {
      const Tensor& p = params[static_cast<size_t>(k)];
      p.set_grad(values(k, step) + p.detach());
    }
    muon->step();
    if (step == 1 || step == 2 || step == 10 || step == 25 || step == 26 || step == 50) {
      rows.push_back({static_cast<double>(step)});
      append(rows.back(), params);
    }
    if (step == 25) go_on(muon, params, make);
  }
  return rows;
}

}  // namespace

BOOST_AUTO_TEST_CASE(steps_are_those_of_pytorch) {
  const auto expected = read_rows("optimizers.txt");
  for (const auto& [name, make] : all_cases())
    compare_rows(name, run_problem(make), expected.at(name), 1e-10);
}

BOOST_AUTO_TEST_CASE(steps_are_those_of_papers) {
  const auto expected = read_rows("papers.txt");
  for (const auto& [name, make] : cases_of_papers())
    compare_rows(name, run_problem(make), expected.at(name), 1e-10);
}

// PyTorch iterates in bfloat16, whatever the parameters are.
BOOST_AUTO_TEST_CASE(muon_in_bfloat16_and_in_float64) {
  const auto of_pytorch = read_rows("optimizers.txt"), of_numpy = read_rows("papers.txt");
  for (auto [name, options] :
       {std::pair<std::string, MuonOptions>{"muon", {.lr = 0.02}},
        {"muon_options",
         {.lr = 0.02,
         .weight_decay = 0.2,
         .momentum = 0.8,
         .nesterov = false,
         .ns_coefficients = {2, -1.5, 0.5},
         .ns_steps = 3,
         .adjust_lr_fn = AdjustLR::match_rms_adamw}},
        {"muon_unclamped", {.lr = 0.02, .adjust_lr_fn = AdjustLR::spectral_unclamped}}}) {
    compare_rows(name, run_muon(options), of_pytorch.at(name), 1e-2);
    options.ns_dtype = float64;
    compare_rows(name, run_muon(options), of_numpy.at(name), 1e-10);
  }
}

// Reduced types round the parameters after each step, and nothing else.
BOOST_AUTO_TEST_CASE(all_dtypes) {
  auto cases = all_cases();
  cases.merge(cases_of_papers());
  for (const auto& [name, make] : cases) {
    const Rows exact = run_problem(make);
    for (const auto& [dtype, tolerance] :
         {std::pair{float32, 2e-4}, std::pair{float16, 0.1}, std::pair{bfloat16, 0.4}}) {
      // Rounding turns signs, by which these go.
      if (dtype != float32 && (name == "rprop" || name == "lion")) continue;
      compare_rows(name, run_problem(make, dtype), exact, tolerance);
    }
  }
}
