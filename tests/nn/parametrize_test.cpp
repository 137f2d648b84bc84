// Tensors of layers that are computed from others at each call.

#include <atomic>
#include <thread>

#include <rewind/nn/parametrizations.h>
#include <rewind/tensor/format.h>
#include <rewind/wrappers/checkpoint.h>
#include "../check.h"

using namespace rw;
using namespace rw::test;
namespace parametrize = nn::utils::parametrize;
using nn::utils::parametrizations::spectral_norm;
using nn::utils::parametrizations::weight_norm;

namespace {

using Names = std::vector<std::string>;

Names names(const nn::NamedTensors& named) {
  Names all;
  for (const auto& [name, t] : named) all.push_back(name);
  return all;
}

void check_names(const nn::NamedTensors& named, const Names& expected) {
  BOOST_TEST(names(named) == expected, boost::test_tools::per_element());
}

struct Symmetric : nn::Module {
  Tensor forward(const Tensor& x) override { return x.triu() + x.triu(1).t(); }
};
// With an inverse: the logarithm.
struct Positive : parametrize::Parametrization {
  Tensor forward(const Tensor& x) override { return exp(x); }
  std::vector<Tensor> right_inverse(const Tensor& value) override { return {log(value)}; }
};

Tensor largest_singular_value(const Tensor& w) { return linalg::svdvals(w.detach())[0]; }

}  // namespace

BOOST_AUTO_TEST_SUITE(parametrized)

BOOST_AUTO_TEST_CASE(a_weight_computed_by_a_module) {
  nn::Linear fc(3, 3);
  const Tensor original = fc.weight, expected = Symmetric().forward(original.detach());
  parametrize::register_parametrization(fc, "weight", Symmetric());
  BOOST_TEST(parametrize::is_parametrized(fc));
  BOOST_TEST(parametrize::is_parametrized(fc, "weight"));
  BOOST_TEST(!parametrize::is_parametrized(fc, "bias"));
  check_names(fc.state_dict(), {"bias", "parametrizations.weight.original"});
  check_names(fc.named_parameters(), {"bias", "parametrizations.weight.original"});
  BOOST_TEST(fc.parameters()[1].is_same(original));  // which optimizers go on to train
  BOOST_TEST(equal(fc.weight, expected));

  const Tensor x = randn({2, 3});
  BOOST_TEST(equal(fc(x), linear(x, expected, fc.bias)));
  fc(x).square().sum().backward();
  BOOST_TEST(original.grad().defined());
  BOOST_TEST(original.grad()[1][0].item() == 0);  // below the diagonal
  BOOST_TEST(!fc.weight.is_leaf());
  fc(x).square().sum().backward();  // through a weight of its own
}

BOOST_AUTO_TEST_CASE(a_function_and_another_parametrization_after_it) {
  nn::Linear fc(2, 2);
  const Tensor w = fc.weight.detach().clone();
  parametrize::register_parametrization(fc, "weight", [](const Tensor& t) { return t * 2; });
  parametrize::register_parametrization(fc, "weight", Symmetric());
  check_names(fc.state_dict(), {"bias", "parametrizations.weight.original"});
  BOOST_TEST(fc.named_modules().size() == 5);
  fc(ones({1, 2}));
  BOOST_TEST(equal(fc.weight.detach(), Symmetric().forward(w * 2)));
}

BOOST_AUTO_TEST_CASE(buffers_too) {
  nn::BatchNorm1d bn(2);
  parametrize::register_parametrization(bn, "running_var", Positive());
  check_names(bn.named_buffers(),
              {"running_mean", "num_batches_tracked", "parametrizations.running_var.original"});
  BOOST_TEST(bn.parameters().size() == 2);
}

BOOST_AUTO_TEST_CASE(assigned_values_go_to_the_originals) {
  nn::Linear fc(2, 2);
  fc.weight = full({2, 2}, 3.0);
  parametrize::register_parametrization(fc, "weight", Positive());
  const Tensor original = fc.parameters()[1];
  BOOST_TEST(original[0][0].item() == std::log(3.0f));
  fc.weight = full({2, 2}, 5.0);
  BOOST_TEST(original[0][0].item() == std::log(5.0f));
  BOOST_TEST(original.requires_grad());
  BOOST_TEST(fc.parameters()[1].is_same(original));
  BOOST_CHECK_EXCEPTION(fc.weight = Tensor(), Error, saying("'weight' is parametrized"));
  nn::Linear symmetric(2, 2);
  parametrize::register_parametrization(symmetric, "weight", Symmetric());
  BOOST_CHECK_EXCEPTION(symmetric.weight = ones({2, 2}), Error,
                        saying("'weight' is parametrized, and can't be assigned: Symmetric has no "
                               "right_inverse"));
}

BOOST_AUTO_TEST_CASE(removed_with_and_without_their_effect) {
  for (const bool leave : {true, false}) {
    nn::Linear fc(3, 3);
    const Tensor original = fc.weight, raw = original.detach().clone();
    parametrize::register_parametrization(fc, "weight", Symmetric());
    parametrize::remove_parametrizations(fc, "weight", leave);
    BOOST_TEST(!parametrize::is_parametrized(fc));
    check_names(fc.state_dict(), {"weight", "bias"});
    BOOST_TEST(fc.weight.is_same(original));
    BOOST_TEST(equal(fc.weight, leave ? Symmetric().forward(raw) : raw));
    BOOST_TEST(fc.weight.requires_grad());
    fc(ones({1, 3})).sum().backward();
    BOOST_TEST(original.grad().defined());
  }
  nn::Linear fc(3, 2);
  weight_norm(fc);
  weight_norm(fc, "bias");
  BOOST_CHECK_EXCEPTION(parametrize::remove_parametrizations(fc, "weight", false), Error,
                        saying("'weight' of Linear has several originals"));
  parametrize::remove_parametrizations(fc, "weight");
  BOOST_TEST(parametrize::is_parametrized(fc, "bias"));
  check_names(fc.named_parameters(),
              {"weight", "parametrizations.bias.original0", "parametrizations.bias.original1"});
  BOOST_CHECK_EXCEPTION(parametrize::remove_parametrizations(fc, "weight"), Error,
                        saying("'weight' of Linear is not parametrized"));
}

BOOST_AUTO_TEST_CASE(what_does_not_fit_is_refused_and_changes_nothing) {
  nn::Linear fc(3, 2);
  const Tensor w = fc.weight;
  const auto transposed = [](const Tensor& t) { return t.t(); };
  BOOST_CHECK_EXCEPTION(
      parametrize::register_parametrization(fc, "weight", transposed), ShapeError,
      saying("register_parametrization: Lambda makes a tensor of shape [2, 3] one "
             "of shape [3, 2]"));
  const auto doubled = [](const Tensor& t) { return t.to(float64); };
  BOOST_CHECK_EXCEPTION(parametrize::register_parametrization(fc, "weight", doubled), DTypeError,
                        saying("of dtype float32 one of dtype float64"));
  BOOST_CHECK_EXCEPTION(parametrize::register_parametrization(fc, "wieght", Symmetric()), Error,
                        saying("register_parametrization: Linear has no parameter or buffer "
                               "'wieght'"));
  BOOST_CHECK_THROW(parametrize::register_parametrization(fc, "weight", Symmetric()), Error);
  BOOST_TEST(fc.weight.is_same(w));
  BOOST_TEST(!parametrize::is_parametrized(fc));
  check_names(fc.state_dict(), {"weight", "bias"});
  parametrize::register_parametrization(fc, "weight", transposed, {.unsafe = true});
  BOOST_TEST((fc.weight.shape() == Shape{3, 2}));
}

BOOST_AUTO_TEST_CASE(what_is_done_to_modules) {
  nn::Linear fc = weight_norm(nn::Linear(3, 2));
  const Tensor x = randn({4, 3}), y = fc(x);
  nn::Linear moved = std::move(fc);
  BOOST_TEST(parametrize::is_parametrized(moved));
  BOOST_TEST(equal(moved(x), y));
  struct Net : nn::Module {
    std::vector<nn::Linear> layers;
    Net() {
      for (int i = 0; i < 4; ++i)
        layers.push_back(add(fmt::format("fc{}", i), weight_norm(nn::Linear(3, 3))));
    }
    Tensor forward(const Tensor& in) override {
      Tensor t = in;
      for (auto& l : layers) t = l(t);
      return t;
    }
  } net;
  BOOST_TEST(net.named_parameters().size() == 12);
  BOOST_TEST(net.named_parameters()[1].first == "fc0.parametrizations.weight.original0");
  Net taken = std::move(net);
  taken.requires_grad_(false);
  BOOST_TEST(!taken(x).requires_grad());
  taken.requires_grad_();
  taken.to(float64);
  BOOST_TEST(taken(x.to(float64)).dtype() == float64);
  Net other;
  other.to(float64).load_state_dict(taken.state_dict());
  BOOST_TEST(equal(other(x.to(float64)), taken(x.to(float64))));
  BOOST_TEST(nn::unused_parameters(other(x.to(float64)).sum(), other).empty());

  const Tensor before = other.layers[0].weight.detach().clone();
  other.layers[0].parameters()[1].set_data(full({3, 1}, 9.0, float64));
  parametrize::refresh(other);
  BOOST_TEST(!equal(other.layers[0].weight, before));
}

BOOST_AUTO_TEST_CASE(optimizers_train_the_originals) {
  manual_seed(3);
  nn::Sequential net(weight_norm(nn::Linear(4, 8)), nn::Tanh(), weight_norm(nn::Linear(8, 1)));
  optim::SGD sgd(net.parameters(), {.lr = 0.1});
  const Tensor x = randn({32, 4}), y = x.sum(1, true);
  const double before = mse_loss(net(x), y).item();
  for (int i = 0; i < 50; ++i) {
    sgd.zero_grad();
    mse_loss(net(x), y).backward();
    sgd.step();
  }
  BOOST_TEST(mse_loss(net(x), y).item() < before / 4);
}

BOOST_AUTO_TEST_CASE(weight_norms) {
  for (const DType dtype : {float64, float32, bfloat16, float16}) {
    nn::Conv2d conv(3, 4, 2);
    conv.to(dtype);
    const Tensor w = conv.weight.detach().clone();
    weight_norm(conv);
    const auto state = conv.state_dict();
    check_names(state,
                {"bias", "parametrizations.weight.original0", "parametrizations.weight.original1"});
    BOOST_TEST((state[1].second.shape() == Shape{4, 1, 1, 1}));
    BOOST_TEST(state[1].second.dtype() == dtype);
    const double eps = dtype == float64 ? 1e-15 : dtype == float32 ? 1e-6 : 1e-2;
    BOOST_TEST(relative_error(conv.weight, w) < eps);
  }
  nn::Linear all(3, 4), columns(3, 4);
  weight_norm(all, "weight", {});
  BOOST_TEST(all.parameters()[1].dim() == 0);
  weight_norm(columns, "weight", 1);
  BOOST_TEST((columns.parameters()[1].shape() == Shape{1, 3}));
  BOOST_CHECK_EXCEPTION(
      weight_norm(columns, "bias", 1), ShapeError,
      saying("weight_norm: expected a dim of 'bias' from 0 to 0, or none, got 1"));
  BOOST_CHECK_EXCEPTION(weight_norm(all), Error,
                        saying("weight_norm: 'weight' of Linear is parametrized already"));
  spectral_norm(all);  // after it, as PyTorch allows
  BOOST_TEST(all.state_dict()[3].first == "parametrizations.weight.1._u");
  nn::Linear without(3, 4, {.bias = false});
  BOOST_CHECK_EXCEPTION(weight_norm(without, "bias"), Error,
                        saying("weight_norm: Linear has no parameter or buffer 'bias'"));
}

BOOST_AUTO_TEST_CASE(spectral_norms) {
  manual_seed(5);
  nn::Linear fc(6, 4);
  spectral_norm(fc);
  check_names(fc.state_dict(), {"bias", "parametrizations.weight.original",
                                "parametrizations.weight.0._u", "parametrizations.weight.0._v"});
  BOOST_TEST(fc.parameters().size() == 2);
  const Tensor u = fc.buffers()[0], x = randn({2, 6});
  for (int i = 0; i < 100; ++i) fc(x);
  BOOST_TEST(std::abs(largest_singular_value(fc.weight).item() - 1) < 1e-4);

  nn::Linear other(6, 4);
  spectral_norm(other, "weight", 2);
  const Tensor v = other.buffers()[1], start = v.clone();
  other(x);
  BOOST_TEST(!equal(v, start));
  other.eval();
  const Tensor kept = v.clone(), y = other(x);
  BOOST_TEST(equal(other(x), y));
  BOOST_TEST(equal(v, kept));
  other.train();
  other(x).sum().backward();

  nn::ConvTranspose2d up(3, 5, 2);
  spectral_norm(up);
  BOOST_TEST((up.buffers()[0].shape() == Shape{5}));
  BOOST_TEST((up.buffers()[1].shape() == Shape{12}));
  spectral_norm(up, "bias", {.dim = 0});
  BOOST_TEST(std::abs(linalg::vector_norm(up.bias).item() - 1) < 1e-6);
  BOOST_CHECK_EXCEPTION(spectral_norm(fc, "bias", 0), Error,
                        saying("expected n_power_iterations of at least 1, got 0"));
  BOOST_CHECK_EXCEPTION(spectral_norm(fc, "bias", {.dim = 2}), ShapeError,
                        saying("expected a dim of 'bias' from -1 to 0, got 2"));
  for (const DType dtype : {float64, bfloat16, float16}) {
    nn::Linear layer(3, 3);
    layer.to(dtype);
    spectral_norm(layer);
    BOOST_TEST(layer.weight.dtype() == dtype);
    BOOST_TEST(layer(ones({1, 3}, dtype)).dtype() == dtype);
  }
}

BOOST_AUTO_TEST_CASE(derivatives) {
  manual_seed(7);
  const Tensor x = random_leaf({2, 3});
  for (const bool spectral : {true, false}) {
    nn::Linear fc(3, 4);
    fc.to(float64);
    spectral ? spectral_norm(fc) : weight_norm(fc);
    fc.eval();  // where it is a function of its inputs alone
    std::vector<Tensor> inputs = fc.parameters();
    inputs.push_back(x);
    check_gradients([&](const std::vector<Tensor>& in) { return fc(in.back()); }, inputs);
  }
}

BOOST_AUTO_TEST_CASE(recomputation_takes_the_same_weight) {
  manual_seed(8);
  nn::Linear fc(3, 4);
  spectral_norm(fc);
  const auto state = fc.state_dict().clone();
  const Tensor x = randn({2, 3}).requires_grad_();
  fc(x).square().sum().backward();
  const Tensor once = x.grad(), u = fc.buffers()[0].clone();
  fc.load_state_dict(state);
  x.set_grad({});
  checkpoint([&](const Tensor& t) { return fc(t); }, x).square().sum().backward();
  BOOST_TEST(equal(x.grad(), once));
  BOOST_TEST(equal(fc.buffers()[0], u));
}

BOOST_AUTO_TEST_CASE(evaluation_on_several_threads) {
  nn::Sequential net(spectral_norm(nn::Linear(8, 8)), weight_norm(nn::Linear(8, 8)));
  net.eval();
  const Tensor x = randn({4, 8}), expected = net(x);
  std::atomic<int> same = 0;
  std::vector<std::thread> threads;
  for (int k = 0; k < 4; ++k)
    threads.emplace_back([&] {
      for (int i = 0; i < 50; ++i) {
        const Tensor y = net(x);
        y.sum().backward();
        same += equal(y, expected);
      }
    });
  for (std::thread& t : threads) t.join();
  BOOST_TEST(same == 200);
}

BOOST_AUTO_TEST_CASE(errors_name_the_parametrization) {
  nn::Sequential net(nn::Linear(2, 2));
  parametrize::register_parametrization(net[0], "weight", [](const Tensor& t) {
    if (t.sum().item() > 1000) throw Error("too large");
    return t * 1;
  });
  net[0].parameters()[1].set_data(full({2, 2}, 1e6));
  BOOST_CHECK_EXCEPTION(net(ones({1, 2})), Error, saying("0.parametrizations.weight.0: too large"));
}

// Refuses to compute what is above 10.
struct Limited : Positive {
  Tensor forward(const Tensor& x) override {
    if (x.max().item() > 10) throw Error("too much");
    return x * 1;
  }
  std::vector<Tensor> right_inverse(const Tensor& value) override { return {value}; }
};

BOOST_AUTO_TEST_CASE(assigned_wholly_or_not_at_all) {
  nn::Linear fc(2, 2);
  parametrize::register_parametrization(fc, "weight", Limited());
  const Tensor original = fc.parameters()[1], before = original.detach().clone(),
               weight = fc.weight;
  BOOST_CHECK_EXCEPTION(fc.weight = full({2, 2}, 11.0), Error, saying("too much"));
  BOOST_CHECK_EXCEPTION(fc.weight = ones({3, 2}), ShapeError,
                        saying("'weight' is parametrized: expected an assigned tensor of shape "
                               "[2, 2], got [3, 2]"));
  BOOST_TEST(equal(original, before));
  BOOST_TEST(fc.weight.is_same(weight));
  const Tensor given = ones({2, 2});
  fc.weight = given;
  BOOST_TEST(equal(original, given));
  no_grad guard;
  fc.parameters()[1].add_(1);
  BOOST_TEST(given[0][0].item() == 1);  // its own still
}

BOOST_AUTO_TEST_CASE(an_assigned_tensor_is_spectrally_normalized) {
  manual_seed(4);
  nn::Linear fc(3, 3);
  spectral_norm(fc);
  const auto vectors = fc.state_dict().clone();
  fc.weight = eye(3) * 4;
  BOOST_TEST(equal(fc.state_dict()["parametrizations.weight.original"], eye(3) * 4));
  BOOST_TEST(equal(fc.state_dict()["parametrizations.weight.0._u"],
                   vectors["parametrizations.weight.0._u"]));
  fc(ones({1, 3}));
  BOOST_TEST(std::abs(largest_singular_value(fc.weight).item() - 1) < 0.2);
}

BOOST_AUTO_TEST_CASE(members_are_fresh_after_changes_of_the_state) {
  nn::Linear fc(2, 2), other(2, 2);
  weight_norm(fc), spectral_norm(other);
  nn::Linear same(2, 2);
  weight_norm(same);
  same.load_state_dict(fc.state_dict());
  BOOST_TEST(equal(same.weight.detach(), fc.weight.detach()));
  BOOST_TEST(same.is_training());
  const nn::Linear copy = nn::clone(fc, [] { return weight_norm(nn::Linear(2, 2)); });
  BOOST_TEST(equal(copy.weight.detach(), fc.weight.detach()));
  const StateDict before = other.state_dict().clone();
  other.to(float64);
  BOOST_TEST(other.weight.dtype() == float64);
  for (const auto& [name, t] : before)  // no power iteration
    BOOST_TEST(equal(other.state_dict()[name].to(float32), t), name);
  nn::Sequential net(std::move(fc));
  net.to(bfloat16);
  BOOST_TEST(net.at<nn::Linear>(0).weight.dtype() == bfloat16);
}

BOOST_AUTO_TEST_CASE(orthogonal_matrices) {
  using nn::utils::parametrizations::orthogonal;
  using nn::utils::parametrizations::OrthogonalMap;
  const auto distance = [](const Tensor& w) {  // from orthonormal rows or columns
    const Tensor q = w.detach().to(float64), tall = q.size(0) < q.size(1) ? q.t() : q;
    return (tall.t().matmul(tall) - eye(tall.size(1), float64)).abs().max().item<double>();
  };
  manual_seed(7);
  for (const auto map :
       {OrthogonalMap::matrix_exp, OrthogonalMap::cayley, OrthogonalMap::householder})
    for (const bool trivialized : {true, false})
      for (const auto& [in, out] : {std::pair{5, 5}, std::pair{3, 6}, std::pair{6, 3}}) {
        nn::Linear fc = orthogonal(nn::Linear(in, out), "weight", map, trivialized);
        Names expected = {"bias", "parametrizations.weight.original"};
        if (trivialized) expected.emplace_back("parametrizations.weight.0.base");
        check_names(fc.state_dict(), expected);
        BOOST_TEST(distance(fc.weight) < 1e-5);
        optim::SGD sgd(fc.parameters(), {.lr = 0.1});
        const Tensor x = randn({4, in}), before = fc.weight.detach().clone();
        for (int i = 0; i < 5; ++i) {
          sgd.zero_grad();
          fc(x).square().sum().backward();
          sgd.step();
        }
        fc(x);
        BOOST_TEST(distance(fc.weight) < 1e-5);
        BOOST_TEST(!allclose(fc.weight.detach(), before));
        if (!trivialized && map != OrthogonalMap::householder) {
          BOOST_CHECK_EXCEPTION(fc.weight = before, Error, saying("can't be assigned"));
        } else {
          fc.weight = before;
          parametrize::refresh(fc);
          BOOST_TEST(allclose(fc.weight.detach(), before, 1e-5, 1e-5));
        }
      }
  nn::Linear bias(2, 2);
  BOOST_CHECK_EXCEPTION(
      orthogonal(bias, "bias"), ShapeError,
      saying("orthogonal: expected 'bias' to be a matrix, or a batch of them, got "
             "shape [2]"));
}

BOOST_AUTO_TEST_SUITE_END()
