// Schedulers against PyTorch's, step by step: trajectories/schedulers.py has stored what they do.

#include <rewind/optim/rprop.h>
#include <rewind/optim/schedulers/annealing.h>
#include <rewind/optim/schedulers/combined.h>
#include <rewind/optim/schedulers/cycles.h>
#include <rewind/optim/schedulers/decay.h>
#include <rewind/optim/schedulers/plateau.h>

#include "../check.h"
#include "trajectories/problem.h"

using namespace rw;
using namespace rw::optim;
using namespace rw::test;
using boost::test_tools::per_element;

namespace {

// A scheduler, and what it is made of.
struct Made {
  std::vector<std::unique_ptr<Scheduler>> all;  // the last one counts

  template <class S, class... A>
  S& add(A&&... a) {
    auto s = std::make_unique<S>(std::forward<A>(a)...);
    S& result = *s;
    all.push_back(std::move(s));
    return result;
  }
};
using MakeSchedule = std::function<void(Optimizer&, Made&)>;

template <class S, class... A>
MakeSchedule of(A... a) {
  return [=](Optimizer& o, Made& made) { made.add<S>(o, a...); };
}

template <class O>
std::unique_ptr<Optimizer> two_rates() {
  using Group = typename O::Group;
  const auto p = [] { return zeros(1, float64).requires_grad_(); };
  return std::make_unique<O>(std::vector<Group>{{{p()}, {.lr = 0.1}}, {{p()}, {.lr = 0.5}}});
}

void add_momenta(const Optimizer& o, Rows& rows) {
  for (size_t k = 0; k < 2; ++k)
    for (const OptionField& option : o.options_of(k))
      if (option.name == "momentum" || option.name == "betas")
        rows[2 + k].push_back(option.values[0]);
}

template <class O>
Rows run_schedule(const MakeSchedule& make, size_t rows_in_all) {
  Rows rows(rows_in_all);
  auto optimizer = two_rates<O>();
  auto made = std::make_unique<Made>();
  make(*optimizer, *made);
  for (int step = 0; step <= 50; ++step) {
    for (size_t k = 0; k < 2; ++k) rows[k].push_back(optimizer->lr(k));
    if (rows_in_all > 2) add_momenta(*optimizer, rows);
    if (step == 25) {  // goes on with others from the states of these
      const StateDict of_optimizer = optimizer->state_dict().clone();
      const StateDict of_scheduler = made->all.back()->state_dict().clone();
      auto next = two_rates<O>();
      made = std::make_unique<Made>();
      make(*next, *made);
      optimizer = std::move(next);
      optimizer->load_state_dict(of_optimizer);
      made->all.back()->load_state_dict(of_scheduler);
    }
    Scheduler* s = made->all.back().get();
    if (auto* const plateau = dynamic_cast<ReduceLROnPlateau*>(s))
      plateau->step(((step * 7) % 5 + 3) / (1. + std::min(step, 12)));
    else if (step < 50)
      dynamic_cast<LRScheduler*>(s)->step();
    for (size_t k = 0; k < 2; ++k) BOOST_TEST(s->get_last_lr()[k] == optimizer->lr(k));
  }
  return rows;
}

using Each = std::vector<double>;

std::map<std::string, MakeSchedule> all_cases() {
  return {
      {"constant", of<ConstantLR>(ConstantLROptions{.factor = 0.25, .total_iters = 7})},
      {"linear",
       of<LinearLR>(LinearLROptions{.start_factor = 0.1, .end_factor = 0.8, .total_iters = 30})},
      {"step", of<StepLR>(8, StepLROptions{.gamma = 0.5})},
      {"multi_step", of<MultiStepLR>(std::vector<int64_t>{5, 20, 20, 31}, StepLROptions{0.3})},
      {"exponential", of<ExponentialLR>(0.9)},
      {"polynomial", of<PolynomialLR>(PolynomialLROptions{.total_iters = 40, .power = 1.7})},
      {"cosine", of<CosineAnnealingLR>(12, CosineAnnealingLROptions{.eta_min = 0.01})},
      {"cosine_long", of<CosineAnnealingLR>(50)},
      {"warm_restarts", of<CosineAnnealingWarmRestarts>(
                            7, CosineAnnealingWarmRestartsOptions{.T_mult = 2, .eta_min = 0.01})},
      {"warm_restarts_even", of<CosineAnnealingWarmRestarts>(9)},
      {"lambda", of<LambdaLR>(std::vector<LRLambda>{
                     [](int64_t e) { return std::pow(0.95, static_cast<double>(e)); },
                     [](int64_t e) { return 1. / (1. + static_cast<double>(e)); }})},
      {"multiplicative", of<MultiplicativeLR>(LRLambda(
                             [](int64_t e) { return 1 - 1 / (static_cast<double>(e) + 3); }))},
      {"one_cycle", of<OneCycleLR>(Each{0.5, 1}, OneCycleLROptions{.total_steps = 50})},
      {"one_cycle_three", of<OneCycleLR>(0.5, OneCycleLROptions{.epochs = 5,
                                                                .steps_per_epoch = 11,
                                                                .pct_start = 0.4,
                                                                .anneal_strategy = "linear",
                                                                .base_momentum = 0.7,
                                                                .max_momentum = {0.8, 0.9},
                                                                .div_factor = 10,
                                                                .final_div_factor = 100,
                                                                .three_phase = true})},
      {"cyclic",
       of<CyclicLR>(0.01, Each{0.1, 0.3}, CyclicLROptions{.step_size_up = 5, .step_size_down = 8})},
      {"cyclic_2",
       of<CyclicLR>(0.01, 0.1, CyclicLROptions{.step_size_up = 6, .mode = "triangular2"})},
      {"cyclic_exp",
       of<CyclicLR>(
           Each{0.01, 0.02}, 0.1,
           CyclicLROptions{
               .step_size_up = 4, .mode = "exp_range", .gamma = 0.95, .cycle_momentum = false})},
      {"cyclic_own", of<CyclicLR>(0.01, 0.1,
                                  CyclicLROptions{.step_size_up = 4,
                                                  .scale_fn = [](double x) { return 1 / x; },
                                                  .cycle_momentum = false})},
      {"plateau", of<ReduceLROnPlateau>(ReduceLROnPlateauOptions{
                      .factor = 0.5, .patience = 2, .cooldown = 3, .min_lr = {1e-3, 1e-2}})},
      {"plateau_max", of<ReduceLROnPlateau>(ReduceLROnPlateauOptions{.mode = "max",
                                                                     .factor = 0.3,
                                                                     .patience = 4,
                                                                     .threshold = 0.1,
                                                                     .threshold_mode = "abs"})},
      {"warm_up",
       [](Optimizer& o, Made& m) {
         auto& linear = m.add<LinearLR>(o, LinearLROptions{.start_factor = 0.1, .total_iters = 10});
         auto& cosine = m.add<CosineAnnealingLR>(o, 40);
         m.add<SequentialLR>(o, Schedulers{linear, cosine}, std::vector<int64_t>{10});
       }},
      {"sequence",
       [](Optimizer& o, Made& m) {
         auto& constant = m.add<ConstantLR>(o, ConstantLROptions{.factor = 0.5, .total_iters = 4});
         auto& exponential = m.add<ExponentialLR>(o, 0.9);
         auto& step = m.add<StepLR>(o, 5);
         auto& lambda = m.add<LambdaLR>(
             o, LRLambda([](int64_t e) { return 1. / (1. + static_cast<double>(e)); }));
         m.add<SequentialLR>(o, Schedulers{constant, exponential, step, lambda},
                             std::vector<int64_t>{6, 20, 33});
       }},
      {"chained",
       [](Optimizer& o, Made& m) {
         auto& linear = m.add<LinearLR>(o, LinearLROptions{.start_factor = 0.2, .total_iters = 10});
         auto& exponential = m.add<ExponentialLR>(o, 0.95);
         m.add<ChainedScheduler>(Schedulers{linear, exponential});
       }},
      {"two_at_once",
       [](Optimizer& o, Made& m) {
         auto& constant = m.add<ConstantLR>(o, ConstantLROptions{.factor = 0.5, .total_iters = 6});
         auto& step = m.add<StepLR>(o, 9);
         auto& polynomial = m.add<PolynomialLR>(o, PolynomialLROptions{.total_iters = 45});
         auto& inner = m.add<ChainedScheduler>(Schedulers{step, polynomial});
         m.add<ChainedScheduler>(Schedulers{constant, inner});
       }},
  };
}

}  // namespace

BOOST_AUTO_TEST_CASE(rates_are_those_of_pytorch) {
  const auto expected = read_rows("schedulers.txt");
  const auto cases = all_cases();
  BOOST_TEST(expected.size() == cases.size());
  for (const auto& [name, make] : cases) {
    const Rows& rows = expected.at(name);
    const bool by_adam = name == "one_cycle_three" || name == "cyclic_2";
    compare_rows(
        name,
        by_adam ? run_schedule<Adam>(make, rows.size()) : run_schedule<SGD>(make, rows.size()),
        rows, 1e-12);
  }
}

BOOST_AUTO_TEST_CASE(goes_to_an_epoch) {
  auto o = two_rates<SGD>();
  CosineAnnealingWarmRestarts s(*o, 4);
  s.step(6.5);
  BOOST_TEST(s.last_epoch() == 6);
  BOOST_TEST(std::abs(o->lr() - 0.05 * (1 + std::cos(3.141592653589793 * 2.5 / 4))) < 1e-15);
  BOOST_CHECK_EXCEPTION(s.step(-1.), Error, saying("expected epoch >= 0, got -1"));
}

BOOST_AUTO_TEST_CASE(last_epoch_goes_on) {
  auto o = two_rates<SGD>();
  BOOST_CHECK_EXCEPTION(StepLR(*o, 2, {.last_epoch = 3}), Error,
                        saying("StepLR: to go on from last_epoch 3, the optimizer has to know"));
  {
    StepLR s(*o, 2, {.gamma = 0.5});
    for (int i = 0; i < 3; ++i) s.step();
  }
  StepLR s(*o, 2, {.gamma = 0.5, .last_epoch = 2});  // its first step is the third
  BOOST_TEST(s.last_epoch() == 3);
  BOOST_TEST(o->lr() == 0.05);
  s.step();
  BOOST_TEST(o->lr() == 0.025);
}

BOOST_AUTO_TEST_CASE(refusals_of_schedulers) {
  auto o = two_rates<SGD>();
  const auto refuses = [&](const auto& make, const std::string& message) {
    BOOST_CHECK_EXCEPTION(make(), Error, saying(message));
    BOOST_TEST(!o->initial_lr(0).has_value());
    BOOST_TEST(o->lr(0) == 0.1);
  };
  refuses([&] { ConstantLR(*o, {.factor = 1.5}); },
          "ConstantLR: expected factor in [0, 1], got 1.5");
  refuses([&] { LinearLR(*o, {.start_factor = 0}); }, "LinearLR: expected start_factor in (0, 1]");
  refuses([&] { LinearLR(*o, {.end_factor = -1}); }, "LinearLR: expected end_factor in [0, 1]");
  refuses([&] { StepLR(*o, 0); }, "StepLR: expected step_size > 0, got 0");
  refuses([&] { PolynomialLR(*o, {.total_iters = 0}); }, "PolynomialLR: expected total_iters > 0");
  refuses([&] { CosineAnnealingLR(*o, 0); }, "CosineAnnealingLR: expected T_max > 0");
  refuses([&] { CosineAnnealingWarmRestarts(*o, 0); }, "expected T_0 > 0, got 0");
  refuses([&] { CosineAnnealingWarmRestarts(*o, 1, {.T_mult = 0}); },
          "expected T_mult >= 1, got 0");
  refuses([&] { LambdaLR(*o, std::vector<LRLambda>(3)); },
          "LambdaLR: expected an lr_lambda for each of 2 groups, got 3");
  refuses([&] { MultiplicativeLR(*o, LRLambda()); }, "MultiplicativeLR: an lr_lambda is empty");
  refuses([&] { OneCycleLR(*o, 1, {}); }, "expected total_steps, or epochs and steps_per_epoch");
  refuses([&] { OneCycleLR(*o, 1, {.total_steps = 0}); }, "expected total_steps > 0, got 0");
  refuses([&] { OneCycleLR(*o, 1, {.epochs = 0, .steps_per_epoch = 2}); }, "expected epochs > 0");
  refuses([&] { OneCycleLR(*o, 1, {.total_steps = 9, .pct_start = 2}); }, "pct_start in [0, 1]");
  refuses([&] { OneCycleLR(*o, 1, {.total_steps = 9, .anneal_strategy = "sine"}); },
          "expected anneal_strategy \"cos\" or \"linear\", got \"sine\"");
  refuses(
      [&] {
        OneCycleLR(*o, {1, 2, 3}, {.total_steps = 9});
      },
      "OneCycleLR: expected max_lr for each of 2 groups, got 3");
  refuses([&] { CyclicLR(*o, 0, 1, {.mode = "square"}); }, "expected mode \"triangular\"");
  refuses([&] { CyclicLR(*o, 0, 1, {.step_size_up = 0}); }, "expected step_size_up > 0");
  refuses([&] { ReduceLROnPlateau(*o, {.factor = 1}); }, "expected factor in [0, 1), got 1");
  refuses([&] { ReduceLROnPlateau(*o, {.mode = "most"}); }, "got \"most\"");
  refuses([&] { ReduceLROnPlateau(*o, {.threshold_mode = "x"}); }, "got \"x\"");
  refuses([&] { ReduceLROnPlateau(*o, {.min_lr = {1, 2, 3}}); }, "expected min_lr for each");
  refuses([&] { ChainedScheduler(Schedulers{}); }, "expected at least one scheduler");

  auto rprop = two_rates<Rprop>();
  BOOST_CHECK_EXCEPTION(CyclicLR(*rprop, 0, 1), Error,
                        saying("expected an optimizer with momentum or betas, got Rprop"));
  auto other = two_rates<SGD>();
  StepLR of_other(*other, 3), of_it(*o, 3);
  BOOST_CHECK_EXCEPTION(SequentialLR(*o, {of_it, of_other}, {3}), Error,
                        saying("scheduler 1, StepLR, is of another optimizer"));
  BOOST_CHECK_EXCEPTION(SequentialLR(*o, {of_it}, {3}), Error, saying("one milestone less"));
  OneCycleLR cycle(*o, 1, {.total_steps = 2});
  cycle.step(), cycle.step();
  BOOST_CHECK_EXCEPTION(cycle.step(), Error, saying("step 3 of 2: the cycle is over"));
  StateDict state = of_it.state_dict();
  state.erase("gamma");
  BOOST_CHECK_EXCEPTION(of_it.load_state_dict(state), Error, saying("there is no 'gamma'"));
}

BOOST_AUTO_TEST_CASE(steps_that_fail_change_nothing) {
  optim::SGD sgd({ones({2}).requires_grad_()}, {.lr = 1});
  optim::LambdaLR lambda(sgd, [](int64_t epoch) { return 1.0 / static_cast<double>(epoch + 1); });
  sgd.add_param_group({{ones({3}).requires_grad_()}, {.lr = 0.5}});
  for (int i = 0; i < 2; ++i)
    BOOST_CHECK_EXCEPTION(lambda.step(), Error, saying("LambdaLR: it was made for 1 groups"));
  BOOST_TEST(lambda.last_epoch() == 0);
  BOOST_TEST(sgd.lr(1) == 0.5);
}

// As PyTorch 2.14: schedules by the rates of now take new groups in, those by the first ones throw.
BOOST_AUTO_TEST_CASE(groups_that_join_later) {
  const auto one = [] { return ones({2}).requires_grad_(); };
  const auto joined = [&](SGD& sgd) { sgd.add_param_group({{one()}, {.lr = 0.5}}); };
  SGD sgd({one()}, {.lr = 1, .momentum = 0.5});
  StepLR step(sgd, 1, {.gamma = 0.5});
  ExponentialLR exponential(sgd, 0.5);
  ReduceLROnPlateau plateau(sgd, {.factor = 0.1, .patience = 0, .min_lr = 0.01});
  ReduceLROnPlateau each(sgd, {.min_lr = {0.01}});
  MultiplicativeLR multiplied(sgd, [](int64_t) { return 0.5; });
  OneCycleLR cycle(sgd, 1.0, {.total_steps = 10});
  sgd.set_lr(1);
  joined(sgd);
  step.step();
  BOOST_TEST(sgd.lr(0) == 0.5);
  BOOST_TEST(sgd.lr(1) == 0.25);
  BOOST_TEST(step.get_last_lr() == std::vector<double>({0.5, 0.25}), per_element());
  exponential.step();
  BOOST_TEST(sgd.lr(1) == 0.125);
  plateau.step(1);
  plateau.step(1);
  BOOST_TEST(sgd.lr(1) == 0.0125);
  const double momentum = sgd.groups()[0].options.momentum;
  BOOST_CHECK_EXCEPTION(each.step(1), Error, saying("made for 1 groups"));
  BOOST_CHECK_EXCEPTION(multiplied.step(), Error, saying("MultiplicativeLR: it was made for 1"));
  BOOST_CHECK_EXCEPTION(cycle.step(), Error, saying("OneCycleLR: it was made for 1 groups"));
  BOOST_TEST(sgd.groups()[0].options.momentum == momentum);
  BOOST_TEST(sgd.lr(1) == 0.0125);
}

BOOST_AUTO_TEST_CASE(rates_at_the_ends_are_numbers) {
  optim::SGD sgd({ones({2}).requires_grad_()}, {.lr = 1, .momentum = 0.9});
  optim::OneCycleLR cycle(sgd, 1.0, {.total_steps = 10, .pct_start = 0.1});
  for (int i = 0; i < 10; ++i) {
    BOOST_TEST(std::isfinite(sgd.lr()));
    if (i < 9) cycle.step();
  }
  optim::SGD still({ones({2}).requires_grad_()}, {.lr = 1});
  optim::ConstantLR constant(still, {.factor = 0, .total_iters = 2});
  BOOST_TEST(still.lr() == 0);
  constant.step();
  constant.step();
  BOOST_TEST(still.lr() == 1);
  BOOST_CHECK_EXCEPTION(optim::OneCycleLR(sgd, 1.0, {.total_steps = 10, .div_factor = 0}), Error,
                        saying("div_factor"));
  BOOST_CHECK_EXCEPTION(optim::ReduceLROnPlateau(sgd, {.factor = -1}), Error, saying("factor"));
}

BOOST_AUTO_TEST_CASE(options_by_their_places) {
  const auto rates = [](const auto& make) {
    SGD sgd({zeros(1).requires_grad_()}, 0.5);
    const auto schedule = make(sgd);
    std::vector<double> all;
    for (int i = 0; i < 12; ++i) {
      all.push_back(sgd.lr());
      if constexpr (requires { schedule->step(1.0); })
        schedule->step(1.0);
      else
        schedule->step();
    }
    return all;
  };
  const auto same = [&](const auto& a, const auto& b) {
    BOOST_TEST(rates(a) == rates(b), per_element());
  };
  same([](SGD& o) { return std::make_unique<StepLR>(o, 3, 0.5); },
       [](SGD& o) { return std::make_unique<StepLR>(o, 3, StepLROptions{.gamma = 0.5}); });
  same(
      [](SGD& o) {
        return std::unique_ptr<MultiStepLR>(new MultiStepLR(o, {3, 8}, 0.2));
      },
      [](SGD& o) {
        return std::unique_ptr<MultiStepLR>(new MultiStepLR(o, {3, 8}, {.gamma = 0.2}));
      });
  same([](SGD& o) { return std::make_unique<CosineAnnealingLR>(o, 10, 1e-3); },
       [](SGD& o) {
         return std::unique_ptr<CosineAnnealingLR>(new CosineAnnealingLR(o, 10, {.eta_min = 1e-3}));
       });
  same([](SGD& o) { return std::make_unique<LinearLR>(o, 0.1, 1, 5); },
       [](SGD& o) { return std::unique_ptr<LinearLR>(new LinearLR(o, {.start_factor = 0.1})); });
  same([](SGD& o) { return std::make_unique<PolynomialLR>(o, 10, 2.0); },
       [](SGD& o) {
         return std::unique_ptr<PolynomialLR>(new PolynomialLR(o, {.total_iters = 10, .power = 2}));
       });
  same([](SGD& o) { return std::make_unique<OneCycleLR>(o, 0.1, 20); },
       [](SGD& o) {
         return std::unique_ptr<OneCycleLR>(new OneCycleLR(o, 0.1, {.total_steps = 20}));
       });
  same([](SGD& o) { return std::make_unique<ReduceLROnPlateau>(o, "min", 0.1, 5); },
       [](SGD& o) {
         return std::unique_ptr<ReduceLROnPlateau>(new ReduceLROnPlateau(o, {.patience = 5}));
       });
}
