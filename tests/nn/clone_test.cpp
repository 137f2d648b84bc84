// Deep copies of models.

#include "../check.h"

using namespace rw;
using namespace rw::test;

namespace {

struct Net : nn::Module {
  nn::Linear in{3, 4}, out{4, 3};
  nn::BatchNorm1d norm{4};
  nn::Dropout drop;
  nn::Parameter scale;
  explicit Net(bool tied = false) {
    add("in", in), add("out", out), add("norm", norm), add("drop", drop);
    scale = parameter("scale", ones(3));
    if (tied) out.bias = scale;
  }
  Tensor forward(const Tensor& x) override { return out(norm(in(x))) * scale; }
};

Tensor input() { return randn({5, 3}); }

}  // namespace

BOOST_AUTO_TEST_SUITE(copies)

BOOST_AUTO_TEST_CASE(values_of_its_own) {
  Net net;
  net(input());  // statistics
  const Net same = nn::clone(net, [] { return Net(); });
  for (const auto& [name, t] : net.state_dict()) {
    BOOST_TEST(equal(t, same.state_dict()[name]), name);
    BOOST_TEST(t.raw_data() != same.state_dict()[name].raw_data(), name);
  }
  const Tensor before = same.in.weight.detach().clone();
  no_grad guard;
  net.in.weight.add_(1);
  BOOST_TEST(equal(same.in.weight, before));
}

BOOST_AUTO_TEST_CASE(flags_modes_and_dtypes) {
  Net net;
  net.to(float64).eval();
  net.drop.train();
  net.in.requires_grad_(false);
  net.norm.held_elsewhere();
  const auto twin = nn::clone(net, [] { return std::make_shared<Net>(); });
  BOOST_TEST(!twin->is_training());
  BOOST_TEST(twin->drop.is_training());
  BOOST_TEST(!twin->in.weight.requires_grad());
  BOOST_TEST(twin->out.weight.requires_grad());
  BOOST_TEST(twin->in.weight.dtype() == float64);
  BOOST_TEST(twin->norm.num_batches_tracked.dtype() == int64);
  const Tensor x = input().to(float64);
  BOOST_TEST(equal((*twin)(x), net(x)));
  (*twin)(x).sum().backward();
  BOOST_TEST(twin->out.weight.grad().defined());
  BOOST_TEST(!net.out.weight.grad().defined());
}

BOOST_AUTO_TEST_CASE(shared_parameters_stay_shared_inside) {
  for (const bool make_tied : {false, true}) {
    Net tied(true), net = nn::clone(tied, [&] { return Net(make_tied); });
    BOOST_TEST(net.out.bias.is_same(net.scale));
    BOOST_TEST(!net.scale.is_same(tied.scale));
    BOOST_TEST(net.parameters().size() == tied.parameters().size());
  }
  Net apart, tied(true);
  nn::copy_state(apart, tied);  // where only the other one shares, they are taken apart
  BOOST_TEST(!tied.out.bias.is_same(tied.scale));
  BOOST_TEST(equal(tied.out.bias, apart.out.bias));
  BOOST_TEST(equal(tied.scale, apart.scale));
}

BOOST_AUTO_TEST_CASE(what_does_not_fit_changes_nothing) {
  nn::Sequential a(nn::Linear(2, 3), nn::ReLU()), b(nn::Linear(2, 4), nn::ReLU()),
      c(nn::Linear(2, 3, {.bias = false}));
  const Tensor w = b.at<nn::Linear>(0).weight, before = w.detach().clone();
  BOOST_CHECK_EXCEPTION(nn::copy_state(a, b), ShapeError,
                        saying("copy_state: shapes differ; '0.weight' has shape [3, 2] and [4, 2]; "
                               "'0.bias' has shape [3] and [4]"));
  BOOST_TEST(equal(w, before));
  BOOST_CHECK_EXCEPTION(nn::copy_state(a, c), Error,
                        saying("layers that one has alone: 1., the other alone: none; tensors that "
                               "one has alone: 0.bias, the other alone: none"));
  const auto none = [] { return std::unique_ptr<Net>(); };
  BOOST_CHECK_EXCEPTION((void)nn::clone(a, none), Error,
                        saying("clone: `make` returned a null pointer"));
}

BOOST_AUTO_TEST_CASE(nothing_stays_in_common) {
  Net a, b;
  b.in.weight = a.in.weight;
  b.out.weight = a.in.weight.t().detach();  // another tensor of the same memory
  nn::copy_state(a, b);
  BOOST_TEST(!b.in.weight.is_same(a.in.weight));
  for (const auto& [name, t] : a.state_dict()) {
    BOOST_TEST(equal(t, b.state_dict()[name]), name);
    BOOST_TEST(t.raw_data() != b.state_dict()[name].raw_data(), name);
  }
  BOOST_TEST(b.in.weight.requires_grad());

  const auto backbone = std::make_shared<nn::Linear>(2, 2);
  const auto make = [&] { return nn::Sequential(nn::ReLU(), backbone); };
  const nn::Sequential model = make();
  BOOST_CHECK_EXCEPTION((void)nn::clone(model, make), Error,
                        saying("copy_state: expected two models of Sequential that share no layer, "
                               "but '1' is one object in both"));
}

BOOST_AUTO_TEST_SUITE_END()
