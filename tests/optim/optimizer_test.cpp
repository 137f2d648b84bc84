// What all optimizers have of their base: groups, rates, closures and states.

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

using namespace rw;
using namespace rw::optim;
using namespace rw::test;

namespace {

Tensor leaf(double v = 1) { return full({2, 2}, v, float32).requires_grad_(); }

Tensor with_grad(double v = 1, double g = 1) {
  Tensor p = leaf(v);
  p.set_grad(full({2, 2}, g, float32));
  return p;
}

std::vector<std::string> names(const StateDict& state) {
  std::vector<std::string> all;
  for (const auto& [name, t] : state) all.push_back(name);
  return all;
}

// Minimises the square of its parameters, from outside of the library.
struct PlainOptions {
  double lr = 0.5;
  template <class F>
  void each(F&& f) {
    f("lr", lr);
  }
};
class Plain : public GroupedOptimizer<PlainOptions> {
 public:
  explicit Plain(std::vector<Tensor> params, const PlainOptions& options = {})
      : GroupedOptimizer("Plain", {.tensors = {"sum"}, .numbers = {"twice"}},
                         {{std::move(params), options}}) {}

 private:
  void update() override {
    for_each_gradient([&](Tensor p, const Tensor& g, ParamState& s, const PlainOptions& o) {
      state_tensor(s, 0, p, 10).add_(g);
      s.numbers = {2 * s.step};
      p.sub_(g, o.lr);
    });
  }
};

}  // namespace

BOOST_AUTO_TEST_CASE(a_state_has_pytorchs_structure) {
  const Tensor a = with_grad(), b = leaf(), c = with_grad();
  Adam adam({{{a, b}, {.lr = 0.1}}, {{c}, {.betas = {0.5, 0.6}, .amsgrad = true}}});
  adam.step();
  const StateDict state = adam.state_dict();
  const std::vector<std::string> expected = {
      "state.0.step",
      "state.0.exp_avg",
      "state.0.exp_avg_sq",
      "state.2.step",
      "state.2.exp_avg",
      "state.2.exp_avg_sq",
      "state.2.max_exp_avg_sq",
      "param_groups.0.lr",
      "param_groups.0.betas",
      "param_groups.0.eps",
      "param_groups.0.weight_decay",
      "param_groups.0.amsgrad",
      "param_groups.0.maximize",
      "param_groups.0.decoupled_weight_decay",
      "param_groups.0.params",
  };
  auto got = names(state);
  BOOST_TEST(got.size() == expected.size() + 8);
  got.resize(expected.size());
  BOOST_TEST(got == expected, boost::test_tools::per_element());
  BOOST_TEST(state["state.2.step"].item<double>() == 1);
  BOOST_TEST(state["param_groups.1.amsgrad"].item<bool>());
  BOOST_TEST((state["param_groups.1.amsgrad"].dtype() == boolean));
  BOOST_TEST((state["param_groups.1.betas"].to_vector<double>() == std::vector{0.5, 0.6}));
  BOOST_TEST((state["param_groups.0.params"].to_vector<int64_t>() == std::vector<int64_t>{0, 1}));
  BOOST_TEST((state["param_groups.1.params"].to_vector<int64_t>() == std::vector<int64_t>{2}));
  adam.step();  // the tensors are the optimizer's own
  BOOST_TEST(state["state.0.exp_avg"].select(0, 0).select(0, 0).item() > 0.15);
}

BOOST_AUTO_TEST_CASE(groups_may_be_numbered_otherwise) {
  const Tensor a = with_grad(), b = with_grad(1, 3);
  Adam adam({a, b});
  adam.step();
  StateDict state = adam.state_dict();
  state["param_groups.0.params"] = from<int64_t>({1, 0}, {2});
  adam.load_state_dict(state);
  BOOST_TEST(adam.state_dict()["state.0.exp_avg"].select(0, 0).select(0, 0).item() ==
             state["state.1.exp_avg"].select(0, 0).select(0, 0).item());
}

BOOST_AUTO_TEST_CASE(what_does_not_fit_changes_nothing) {
  const Tensor a = with_grad(), b = with_grad();
  Adam adam({{{a}, {.lr = 0.1}}, {{b}, {.lr = 0.2}}});
  adam.step();
  const StateDict before = adam.state_dict().clone();
  const auto refuses = [&](const std::function<void(StateDict&)>& spoil,
                           const std::string& message) {
    StateDict state = before.clone();
    state["param_groups.0.lr"].fill_(7);
    state["state.0.step"].fill_(9);
    spoil(state);
    BOOST_CHECK_EXCEPTION(adam.load_state_dict(state), Error, saying(message));
    for (const auto& [name, t] : adam.state_dict()) BOOST_TEST(equal(t, before[name]), name);
  };
  refuses([](StateDict& s) { s.erase("param_groups.1.params"); }, "a state of 2 groups, got 1");
  refuses(
      [](StateDict& s) {
        s["param_groups.1.params"] = from<int64_t>({1, 2}, {2});
      },
      "group 1 has 1 parameters, in the state 2");
  refuses([](StateDict& s) { s["param_groups.1.params"].fill_(0); }, "parameter 0 is in");
  refuses([](StateDict& s) { s["param_groups.1.params"] = ones(1); }, "to be int64 of rank 1");
  refuses([](StateDict& s) { s["state.1.exp_avg"] = ones(3); },
          "expected 'state.1.exp_avg' of shape [2, 2], got [3]");
  refuses([](StateDict& s) { s.emplace_back("state.1.sum", ones(1)); }, "is not part of its state");
  refuses([](StateDict& s) { s.emplace_back("state.5.step", ones(1)); }, "a parameter in no group");
  refuses([](StateDict& s) { s.emplace_back("state.x.step", ones(1)); }, "is no name of");
  refuses([](StateDict& s) { s.emplace_back("epoch", ones(1)); }, "'epoch' is no name of");
  refuses([](StateDict& s) { s.emplace_back("param_groups.0.rho", ones(1)); },
          "there is no option of the name 'param_groups.0.rho'");
  refuses([](StateDict& s) { s.emplace_back("param_groups.2.lr", ones(1)); }, "is of no group");
  refuses([](StateDict& s) { s["param_groups.1.betas"] = ones(3); }, "expected 2 numbers in");
  refuses([](StateDict& s) { s["state.1.step"].fill_(-1); }, "expected a number of steps in");
  refuses([](StateDict& s) { s["state.1.step"] = Tensor(); }, "is undefined");
}

BOOST_AUTO_TEST_CASE(options_that_pytorch_has_besides_are_passed_over) {
  SGD sgd({with_grad()}, {.lr = 0.5});
  StateDict state = sgd.state_dict();
  state.emplace_back("param_groups.0.differentiable", zeros({}, boolean));
  state.erase("param_groups.0.lr");
  sgd.load_state_dict(state);
  BOOST_TEST(sgd.lr() == 0.5);
}

BOOST_AUTO_TEST_CASE(states_of_reduced_parameters_are_float32) {
  const Tensor p = ones(3, bfloat16).requires_grad_();
  p.set_grad(ones(3, bfloat16));
  SGD sgd({p}, {.momentum = 0.9});
  sgd.step();
  StateDict state = sgd.state_dict();
  BOOST_TEST((state["state.0.momentum_buffer"].dtype() == float32));
  state["state.0.momentum_buffer"] = full({3}, 0.5, bfloat16);
  sgd.load_state_dict(state);
  BOOST_TEST((sgd.state_dict()["state.0.momentum_buffer"].dtype() == float32));
}

BOOST_AUTO_TEST_CASE(groups_join_and_rates_are_set) {
  const Tensor a = with_grad(0), b = with_grad(0);
  SGD sgd({a}, {.lr = 1});
  sgd.step();
  sgd.add_param_group({{b}, {.lr = 2}});
  BOOST_TEST(sgd.num_groups() == 2);
  BOOST_TEST(sgd.lr(1) == 2);
  sgd.set_lr(3, 1);
  sgd.step();
  BOOST_TEST(a.select(0, 0).select(0, 0).item() == -2);
  BOOST_TEST(b.select(0, 0).select(0, 0).item() == -3);
  sgd.set_lr(0.5);
  BOOST_TEST((sgd.lr(0) == 0.5 && sgd.lr(1) == 0.5));
  sgd.zero_grad();
  BOOST_TEST(!b.grad().defined());
  BOOST_CHECK_EXCEPTION(sgd.lr(2), IndexError, saying("SGD: there are 2 groups, no group 2"));
  BOOST_CHECK_EXCEPTION(sgd.set_lr(1, 2), IndexError, saying("no group 2"));
  BOOST_CHECK_EXCEPTION(sgd.add_param_group({{a}, {}}), Error,
                        saying("parameter 0 of shape [2, 2] is given twice"));
  BOOST_CHECK_EXCEPTION(sgd.add_param_group({{leaf()}, {.lr = -1}}), Error,
                        saying("expected lr >= 0"));
  BOOST_TEST(sgd.num_groups() == 2);
  BOOST_TEST(sgd.groups().size() == 2);
}

BOOST_AUTO_TEST_CASE(a_closure_is_recorded) {
  const Tensor p = leaf(3);
  SGD sgd({p}, {.lr = 0.5});
  const no_grad off;
  const Tensor loss = sgd.step([&] {
    const Tensor l = (p * p).sum() / 2;
    l.backward();
    return l;
  });
  BOOST_TEST(loss.item() == 18);
  BOOST_TEST((p.detach() == 1.5).all().item<bool>());
}

BOOST_AUTO_TEST_CASE(a_step_that_fails_changes_nothing) {
  const Tensor a = with_grad(), b = with_grad();
  Adam adam({a, b}, {.lr = 0.1});
  adam.step();
  const Tensor before = a.detach().clone();
  b.set_data(ones(3));
  b.set_grad(ones(3));
  BOOST_CHECK_EXCEPTION(adam.step(), Error,
                        saying("parameter 1 of group 0 has become float32 of shape [3]"));
  BOOST_TEST(equal(a.detach(), before));
  BOOST_TEST(adam.state_dict()["state.0.step"].item() == 1);
  SGD sgd({b});
  b.set_data(ones({3, 2}).select(1, 0));
  BOOST_CHECK_EXCEPTION(sgd.step(), Error, saying("with gaps in memory"));
}

BOOST_AUTO_TEST_CASE(a_parameter_may_change_its_memory_order) {
  Tensor p = rand({2, 3}).requires_grad_(), q = p.detach().clone().requires_grad_();
  Adam a({p}, {.lr = 0.1}), b({q}, {.lr = 0.1});
  for (int i = 0; i < 3; ++i) {
    for (const Tensor& t : {p, q}) t.set_grad(arange(6, float32).reshape({2, 3}) + i);
    a.step();
    b.step();
    if (i == 0) p.set_data(p.detach().t().contiguous().t());
  }
  BOOST_TEST(equal(p.detach(), q.detach()));
}

BOOST_AUTO_TEST_CASE(an_optimizer_of_ones_own) {
  const Tensor p = with_grad(1, 4), q = with_grad(1, 4);
  Plain plain({p});
  plain.step();
  const StateDict state = plain.state_dict().clone();
  BOOST_TEST(state["state.0.twice"].item() == 2);
  BOOST_TEST(state["state.0.sum"].select(0, 0).select(0, 0).item() == 14);
  Plain other({q}, {.lr = 7});
  other.load_state_dict(state);
  BOOST_TEST(other.lr() == 0.5);
  other.step();
  BOOST_TEST(other.state_dict()["state.0.twice"].item() == 4);
  BOOST_TEST((q.detach() == -1).all().item<bool>());
}

BOOST_AUTO_TEST_CASE(options_out_of_range_are_named) {
  const std::vector<Tensor> p = {leaf()};
  const auto refuses = [](const auto& make, const std::string& message) {
    BOOST_CHECK_EXCEPTION(make(), Error, saying(message));
  };
  refuses([&] { AdamW(p, {.lr = -1}); }, "AdamW: expected lr >= 0, got -1");
  refuses([&] { NAdam(p, {.momentum_decay = -1}); }, "NAdam: expected momentum_decay >= 0");
  refuses([&] { RAdam(p, {.betas = {1, 0}}); }, "RAdam: expected betas in [0, 1), got 1 and 0");
  refuses([&] { Adamax(p, {.eps = -1}); }, "Adamax: expected eps >= 0, got -1");
  refuses([&] { Adagrad(p, {.initial_accumulator_value = -1}); }, "Adagrad: expected initial_acc");
  refuses([&] { Adagrad(p, {.lr_decay = NAN}); }, "Adagrad: expected lr_decay >= 0, got nan");
  refuses([&] { Adadelta(p, {.rho = 1.5}); }, "Adadelta: expected rho in [0, 1], got 1.5");
  refuses([&] { RMSprop(p, {.alpha = -1}); }, "RMSprop: expected alpha >= 0, got -1");
  refuses([&] { RMSprop(p, {.momentum = -1}); }, "RMSprop: expected momentum >= 0, got -1");
  refuses(
      [&] {
        Rprop(p, {.etas = {0.5, 0.9}});
      },
      "Rprop: expected etas with 0 < first < 1 < second");
  refuses([&] { ASGD(p, {.weight_decay = -1}); }, "ASGD: expected weight_decay >= 0, got -1");
  refuses([&] { Lion(p, {.betas = {0, 2}}); }, "Lion: expected betas in [0, 1), got 0 and 2");
  refuses([&] { LAMB(p, {.eps = -1}); }, "LAMB: expected eps >= 0, got -1");
  refuses([&] { Adafactor(p, {.beta2_decay = 1}); }, "Adafactor: expected beta2_decay <= 0, got 1");
  refuses([&] { Adafactor(p, {.eps = {-1, 0}}); }, "Adafactor: expected eps.first >= 0, got -1");
  refuses([&] { Adafactor(p, {.d = 0.5}); }, "Adafactor: expected d >= 1, got 0.5");
  refuses([&] { Muon(p, {.ns_steps = 100}); }, "Muon: expected ns_steps in [0, 100), got 100");
  refuses([&] { Muon({ones(3).requires_grad_()}); }, "parameter 0 is of shape [3]");
  refuses([&] { Muon(p, {.ns_dtype = int64}); }, "Muon: expected a floating ns_dtype, got int64");
  Lion lion(p);
  lion.groups()[0].options.lr = -2;  // each step checks
  p[0].set_grad(ones({2, 2}));
  refuses([&] { lion.step(); }, "Lion: expected lr >= 0, got -2");
  BOOST_TEST((p[0].detach() == 1).all().item<bool>());
  BOOST_CHECK_EXCEPTION(Lion(std::vector<Lion::Group>{}), Error,
                        saying("Lion: expected at least one group of parameters"));
}

BOOST_AUTO_TEST_CASE(parameters_that_share_memory_are_refused) {
  const Tensor whole = ones({6});
  const Tensor a = whole.narrow(0, 0, 4).detach().requires_grad_();
  const Tensor b = whole.narrow(0, 3, 3).detach().requires_grad_();
  const Tensor c = whole.narrow(0, 4, 2).detach().requires_grad_();
  BOOST_CHECK_EXCEPTION(optim::SGD({a, b}, {}), Error, saying("shares memory with another one"));
  optim::SGD fits({a, c}, {.lr = 0.1});
}

BOOST_AUTO_TEST_CASE(wrong_groups_and_closures_are_named) {
  optim::SGD sgd({ones({2}).requires_grad_()}, {.lr = 0.1});
  const auto named = saying("SGD: there are 1 groups, no group 5");
  BOOST_CHECK_EXCEPTION(sgd.lr(5), IndexError, named);
  BOOST_CHECK_EXCEPTION(sgd.initial_lr(5), IndexError, named);
  BOOST_CHECK_EXCEPTION(sgd.options_of(5), IndexError, named);
  BOOST_CHECK_EXCEPTION(sgd.set_option(5, {"lr", float64, {1}}), IndexError, named);
  BOOST_CHECK_EXCEPTION(sgd.step(std::function<Tensor()>()), Error,
                        saying("SGD: step: the closure is empty"));
}

BOOST_AUTO_TEST_CASE(states_that_do_not_do_change_nothing) {
  Tensor p = ones({2}).requires_grad_();
  optim::SGD sgd({p}, {.lr = 0.1});
  StateDict state = sgd.state_dict().clone();
  state["param_groups.0.lr"].fill_(-1);
  BOOST_CHECK_THROW(sgd.load_state_dict(state), Error);
  BOOST_TEST(sgd.lr() == 0.1);
  optim::NAdam nadam({p}, {});
  p.set_grad(ones({2}));
  nadam.step();
  state = nadam.state_dict().clone();
  state.erase("state.0.mu_product");
  BOOST_CHECK_EXCEPTION(nadam.load_state_dict(state), Error,
                        saying("NAdam: load_state_dict: there is no 'state.0.mu_product'"));
}

BOOST_AUTO_TEST_CASE(adam_and_adamw_tell_their_states_apart) {
  Tensor p = ones({2}).requires_grad_();
  optim::AdamW adamw({p}, {});
  optim::Adam adam({p}, {});
  adam.load_state_dict(adamw.state_dict());
  BOOST_TEST(adam.groups()[0].options.decoupled_weight_decay);
}

// A NaN in a gradient reaches all that its row and column scale, and nothing becomes large instead.
BOOST_AUTO_TEST_CASE(adafactor_keeps_nan) {
  Tensor p = ones({2, 2}).requires_grad_();
  optim::Adafactor adafactor({p}, {.lr = 0.1});
  p.set_grad(from<float>({1, 2, std::numeric_limits<float>::quiet_NaN(), 4}, {2, 2}));
  adafactor.step();
  for (const double v : p.detach().to_vector<double>()) BOOST_TEST(std::isnan(v));
}

BOOST_AUTO_TEST_CASE(a_rate_without_its_name) {
  const Tensor p = leaf();
  BOOST_TEST(optim::SGD({p}, 0.5).lr() == 0.5);
  BOOST_TEST(optim::Adam({p}, 0.5F).lr() == 0.5);
  BOOST_TEST(optim::Muon({p}, 0.5).lr() == 0.5);
  BOOST_TEST(optim::LAMB({p}, 0.5).lr() == 0.5);
  BOOST_TEST(optim::Adafactor({p}, 0.5).lr() == 0.5);
  optim::SGD sgd({p}, 0.5);
  sgd.param_groups()[0].options.lr = 0.25;
  BOOST_TEST(sgd.lr() == 0.25);
  BOOST_CHECK_EXCEPTION(optim::SGD({p}, -1.0), Error, saying("lr"));
}

BOOST_AUTO_TEST_CASE(gradients_are_dropped_or_zeros) {
  const Tensor p = leaf(), other = leaf();
  optim::SGD sgd({p, other}, 0.5);
  p.set_grad(ones({2, 2}));
  sgd.zero_grad(false);
  BOOST_TEST(equal(p.grad(), zeros({2, 2})));
  BOOST_TEST(!other.grad().defined());
  sgd.zero_grad(true);
  BOOST_TEST(!p.grad().defined());
}
