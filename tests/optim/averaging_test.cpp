#include <rewind/optim/averaging.h>

#include "../check.h"

using namespace rw;
using namespace rw::test;

namespace {

struct Net : nn::Module {
  nn::Linear linear = add("linear", nn::Linear(2, 3));
  nn::BatchNorm1d norm = add("norm", nn::BatchNorm1d(3));
  Tensor forward(const Tensor& x) override { return norm(linear(x)); }
};

void set(Net& net, double v) {
  const no_grad guard;
  for (Tensor p : net.parameters()) p.fill_(v);
}
double average(const nn::Module& m) { return m.parameters()[0].select(0, 0).select(0, 0).item(); }

}  // namespace

BOOST_AUTO_TEST_CASE(means_of_parameters) {
  Net net;
  set(net, 5);
  optim::AveragedModel<Net> swa(net, Net()),
      ema(net, Net(), {.avg_fn = optim::get_ema_avg_fn(0.75)});
  BOOST_TEST(average(swa) == 5);  // the model's values from the start
  for (const double v : {1, 3, 8}) {
    set(net, v);
    swa.update_parameters(net);
    ema.update_parameters(net);
  }
  BOOST_TEST(average(swa) == 4);
  BOOST_TEST(average(ema) == 0.75 * (0.75 * 1 + 0.25 * 3) + 0.25 * 8);
  BOOST_TEST(swa.n_averaged.item<int64_t>() == 3);
  BOOST_TEST(average(net) == 8);
  optim::AveragedModel<Net> most(
      net, Net(), {.avg_fn = {.combine = [](const Tensor& a, const Tensor& t, int64_t n) {
                     return maximum(a, t) + n;
                   }}});
  for (const double v : {2, 1}) {
    set(net, v);
    most.update_parameters(net);
  }
  BOOST_TEST(average(most) == 3);
}

BOOST_AUTO_TEST_CASE(buffers_are_copied_or_averaged) {
  Net net;
  optim::AveragedModel<Net> copies(net, Net()), means(net, Net(), {.use_buffers = true});
  for (const double v : {1, 2, 6}) {
    net.norm.running_mean.fill_(v);
    net.norm.num_batches_tracked.fill_(v);
    copies.update_parameters(net);
    means.update_parameters(net);
  }
  BOOST_TEST(copies.module.norm.running_mean.select(0, 0).item() == 6);
  BOOST_TEST(means.module.norm.running_mean.select(0, 0).item() == 3);
  BOOST_TEST(means.module.norm.num_batches_tracked.item<int64_t>() == 2);  // fractions are cut off
}

BOOST_AUTO_TEST_CASE(computes_as_its_model_and_has_pytorchs_names) {
  Net net;
  optim::AveragedModel<Net> averaged(net, Net());
  const Tensor x = randn({4, 2});
  BOOST_TEST(equal(averaged(x).detach(), net(x).detach()));
  const StateDict state = averaged.state_dict();
  BOOST_TEST(state.contains("n_averaged"));
  BOOST_TEST(state.contains("module.linear.weight"));
  Net start;
  optim::AveragedModel<Net> other(start, Net());
  other.load_state_dict(state);
  BOOST_TEST(equal(other.module.linear.weight.detach(), net.linear.weight.detach()));
}

BOOST_AUTO_TEST_CASE(statistics_of_all_data) {
  Net net;
  net.eval();
  net.norm.train();
  const Tensor x = randn({12, 2});
  const Tensor y = net.linear(x).detach();
  net.norm.running_mean.fill_(7);
  optim::update_bn(std::vector<Tensor>{x.narrow(0, 0, 6), x.narrow(0, 6, 6)}, net);
  BOOST_TEST(relative_error(net.norm.running_mean.detach(), y.mean(0)) < 1e-5);
  BOOST_TEST(net.norm.num_batches_tracked.item<int64_t>() == 2);
  BOOST_TEST(!net.is_training());
  BOOST_TEST(net.norm.is_training());
  BOOST_TEST(net.norm.momentum().value() == 0.1);
  const std::vector<std::pair<Tensor, int>> pairs = {{x, 1}};
  optim::update_bn(pairs, net);
  BOOST_TEST(relative_error(net.norm.running_var.detach(), y.var(0)) < 1e-5);
  nn::Linear without(2, 2);
  optim::update_bn(std::vector<Tensor>{ones({1, 9})}, without);  // calls nothing
}

BOOST_AUTO_TEST_CASE(refusals_of_averages) {
  BOOST_CHECK_EXCEPTION(optim::get_ema_avg_fn(1.5), Error,
                        saying("expected decay in [0, 1], got 1.5"));
  const nn::Linear a(2, 3);
  BOOST_CHECK_EXCEPTION(
      optim::AveragedModel<nn::Linear>(a, nn::Linear(2, 4)), ShapeError,
      saying("'weight' is of shape [3, 2] in the model, [4, 2] in the second one"));
  BOOST_CHECK_EXCEPTION(optim::AveragedModel<nn::Linear>(a, nn::Linear(2, 3, {.bias = false})),
                        Error, saying("has 2 parameters, the second one 1"));
  optim::AveragedModel<nn::Linear> empty(a, nn::Linear(2, 3), {.avg_fn = {}});
  BOOST_CHECK_EXCEPTION(empty.update_parameters(a), Error, saying("avg_fn is empty"));
}
