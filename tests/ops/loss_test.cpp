// Losses: values against their definitions, derivatives over all options, text of errors.
#include "../check.h"
#include "../dtypes.h"

using namespace rw;
using namespace rw::test;

namespace {

const Reduction reductions[] = {Reduction::none, Reduction::mean, Reduction::sum};

// Cross entropy by its definition, label after label: input [N, C], in float64.
Tensor plainly(const Tensor& x, const Tensor& target, const CrossEntropyOptions& o) {
  const int64_t n = x.size(0), classes = x.size(1);
  const auto y = log_softmax(x.to(float64), 1).to_vector<double>();
  const auto t = target.to_vector<int64_t>();
  std::vector<double> w(static_cast<size_t>(classes), 1.0);
  if (o.weight.defined()) w = o.weight.to_vector<double>();
  std::vector<double> losses;
  double total = 0, weights = 0;
  for (int64_t i = 0; i < n; ++i) {
    const int64_t label = t[static_cast<size_t>(i)];
    double loss = 0;
    for (int64_t c = 0; c < classes && label != o.ignore_index; ++c) {
      const double q = (c == label ? 1 - o.label_smoothing : 0) +
                       o.label_smoothing / static_cast<double>(classes);
      loss -= w[static_cast<size_t>(c)] * q * y[static_cast<size_t>(i * classes + c)];
    }
    losses.push_back(loss);
    total += loss;
    if (label != o.ignore_index) weights += w[static_cast<size_t>(label)];
  }
  if (o.reduction == Reduction::none) return from(losses);
  return scalar_tensor(o.reduction == Reduction::sum ? total : total / weights, float64);
}

// Every mixture of options.
std::vector<CrossEntropyOptions> all_options(int64_t classes) {
  std::vector<CrossEntropyOptions> all;
  for (const Reduction reduction : reductions)
    for (const double smoothing : {0.0, 0.3})
      for (const bool weighed : {false, true})
        for (const int64_t ignore : {-100, 1})
          all.push_back(
              {weighed ? rand(classes, float64) + 0.5 : Tensor(), ignore, reduction, smoothing});
  return all;
}

}  // namespace

BOOST_AUTO_TEST_CASE(cross_entropy_follows_its_definition) {
  for (const Shape& shape : {Shape{1, 2}, Shape{8, 10}, Shape{5, 40}, Shape{300, 3}}) {
    const Tensor x = randn(shape, float64) * 3;
    const Tensor target = randint(0, shape[1], shape[0]);
    for (const CrossEntropyOptions& o : all_options(shape[1])) {
      const Tensor exact = plainly(x, target, o);
      if (isnan(exact).any().item<bool>()) continue;  // all labels ignored
      BOOST_TEST(relative_error(cross_entropy(x, target, o), exact) < 1e-13, shape.str());
      BOOST_TEST(relative_error(cross_entropy(x.to(float32), target, o), exact) < 1e-5);
      const Tensor half = x.to(bfloat16);
      BOOST_TEST(relative_error(cross_entropy(half, target, o), plainly(half, target, o)) < 1e-2);
    }
  }
}

BOOST_AUTO_TEST_CASE(cross_entropy_derivatives) {
  const Tensor target = from<int64_t>({2, 0, 1, 2});
  for (const CrossEntropyOptions& o : all_options(3))
    check_gradients([&](const std::vector<Tensor>& in) { return cross_entropy(in[0], target, o); },
                    {random_leaf({4, 3})},
                    "reduction " + std::to_string(static_cast<int>(o.reduction)) + ", smoothing " +
                        std::to_string(o.label_smoothing));
}

BOOST_AUTO_TEST_CASE(cross_entropy_of_images_and_of_one_sample) {
  const Tensor x = randn({2, 5, 3, 4}, float64), target = randint(0, 5, {2, 3, 4});
  const Tensor rows = x.permute({0, 2, 3, 1}).reshape({24, 5});
  for (CrossEntropyOptions o : all_options(5)) {
    Tensor flat = cross_entropy(rows, target.reshape(24), o);
    if (o.reduction == Reduction::none) flat = flat.view({2, 3, 4});
    for (const Tensor& layout : {x, x.contiguous(MemoryFormat::channels_last),
                                 x.transpose(2, 3).contiguous().transpose(2, 3),
                                 x.permute({3, 2, 1, 0}).contiguous().permute({3, 2, 1, 0})}) {
      BOOST_TEST(relative_error(cross_entropy(layout, target, o), flat) < 1e-13);
      const auto gradient = [&](const Tensor& t) {
        const Tensor leaf = t.detach().requires_grad_();
        cross_entropy(leaf, target, o).square().sum().backward();
        return leaf.grad();
      };
      BOOST_TEST(relative_error(gradient(layout), gradient(x)) < 1e-13);
    }
  }
  const Tensor small = from<int64_t>({1, 0, 0, 1}).view({1, 2, 2});
  for (const Reduction reduction : reductions)
    check_gradients(
        [&](const std::vector<Tensor>& in) {
          return cross_entropy(in[0], small, {{}, -100, reduction});
        },
        {random_leaf({1, 3, 2, 2})}, "images");
  const Tensor one = randn(4, float64), label = scalar_tensor(2, int64);
  BOOST_TEST(cross_entropy(one, label).item<double>() == -log_softmax(one, 0)[2].item<double>());
  BOOST_TEST((cross_entropy(one, label, {{}, -100, Reduction::none}).shape() == Shape{}));
  check_gradients([&](const std::vector<Tensor>& in) { return cross_entropy(in[0], label); },
                  {random_leaf(4)}, "one sample");
}

BOOST_AUTO_TEST_CASE(cross_entropy_of_probabilities) {
  const Tensor target = from<int64_t>({2, 0, 1, 2});
  const Tensor x = randn({4, 3}, float64);
  const Tensor certain = eq(target.unsqueeze(1), arange(3)).to(float64);
  for (const Reduction reduction : reductions)
    for (const double smoothing : {0.0, 0.2}) {
      const CrossEntropyOptions o{{}, -100, reduction, smoothing};
      BOOST_TEST(relative_error(cross_entropy(x, certain, o), cross_entropy(x, target, o)) < 1e-14);
      check_gradients([&](const std::vector<Tensor>& in) { return cross_entropy(in[0], in[1], o); },
                      {random_leaf({4, 3}), rand({4, 3}, float64).requires_grad_()},
                      "probabilities");
    }
}

BOOST_AUTO_TEST_CASE(ignored_labels_count_for_nothing) {
  const Tensor x = random_leaf({3, 2});
  const Tensor none = from<int64_t>({-100, -100, -100});
  for (const double smoothing : {0.0, 0.1}) {
    const Tensor loss = cross_entropy(x, none, {{}, -100, Reduction::mean, smoothing});
    BOOST_TEST(std::isnan(loss.item<double>()));
    x.set_grad({});
    loss.backward();
    BOOST_TEST((x.grad().to_vector() == std::vector<float>(6, 0)));
  }
  BOOST_TEST(cross_entropy(x, none, {{}, -100, Reduction::sum}).item<double>() == 0);
  BOOST_TEST(std::isnan(cross_entropy(zeros({0, 3}), zeros(0, int64)).item<double>()));
}

BOOST_AUTO_TEST_CASE(no_classes_lose_nothing) {
  const Tensor ignored = full({2, 3}, -100);
  for (const DType dtype : test::floating_dtypes)
    for (const Reduction reduction : reductions)
      for (const double smoothing : {0.0, 0.1}) {
        const Tensor x = zeros({2, 0, 3}, dtype).requires_grad_();
        full(ignored.shape(), 77.0, dtype);  // what memory holds that nobody writes
        const Tensor losses[] = {cross_entropy(x, ignored, {{}, -100, reduction, smoothing}),
                                 nll_loss(x, ignored, {{}, -100, reduction})};
        for (const Tensor& loss : losses) {
          BOOST_TEST((loss.shape() == (reduction == Reduction::none ? Shape{2, 3} : Shape{})));
          for (const double v : loss.to_vector<double>())
            BOOST_TEST((reduction == Reduction::mean ? std::isnan(v) : v == 0), v);
          loss.sum().backward();
          BOOST_TEST((x.grad().shape() == x.shape()));
        }
      }
  BOOST_CHECK_EXCEPTION(cross_entropy(zeros({2, 0, 3}), zeros({2, 3}, int64)), IndexError,
                        saying("out of range for 0 classes"));
}

BOOST_AUTO_TEST_CASE(cross_entropy_notices_labels_that_change) {
  const Tensor x = random_leaf({2, 3});
  Tensor target = from<int64_t>({0, 1});
  const Tensor loss = cross_entropy(x, target);
  target.fill_(2);
  BOOST_CHECK_EXCEPTION(loss.backward(), AutogradError, saying("changed in place by 'fill_'"));
}

BOOST_AUTO_TEST_CASE(nll_loss_values_and_derivatives) {
  const Tensor y = log_softmax(randn({4, 3}, float64), 1);
  const Tensor target = from<int64_t>({2, 0, 1, 2});
  for (const CrossEntropyOptions& o : all_options(3)) {
    if (o.label_smoothing > 0) continue;
    const NllLossOptions n{o.weight, o.ignore_index, o.reduction};
    BOOST_TEST(relative_error(nll_loss(y, target, n), plainly(y, target, o)) < 1e-14);
    check_gradients([&](const std::vector<Tensor>& in) { return nll_loss(in[0], target, n); },
                    {random_leaf({4, 3})}, "nll");
  }
  check_gradients(
      [](const std::vector<Tensor>& in) {
        return nll_loss(in[0], from<int64_t>({1, 0}).view({1, 2}));
      },
      {random_leaf({1, 3, 2})}, "nll of a sequence");
}

// float16 holds neither the sum of the losses nor that of the weights.
BOOST_AUTO_TEST_CASE(means_of_many_losses_of_float16) {
  const int64_t n = 70000;
  const Tensor x = (zeros({n, 2}, float16) - 2).requires_grad_();
  const Tensor target = zeros({n}, int64);
  const std::vector<std::pair<Tensor, double>> losses = {
      {nll_loss(x, target), 2},
      {nll_loss(x, target, {full({2}, 3.)}), 2},
      {cross_entropy(x, target), std::log(2)},
      {cross_entropy(x, target, {.label_smoothing = 0.5}), std::log(2)},
      {mse_loss(x, zeros({n, 2}, float16)), 4},
      {l1_loss(x, zeros({n, 2}, float16)), 2},
      {binary_cross_entropy_with_logits(x, ones({n, 2}, float16)), std::log1p(std::exp(2))},
  };
  for (const auto& [loss, wanted] : losses)
    BOOST_TEST(loss.item() == wanted, boost::test_tools::tolerance(1e-3));
  BOOST_TEST(grad({losses[0].first}, {x})[0].to(float32).abs().sum().item() == 1.,
             boost::test_tools::tolerance(1e-1));
}

// Nor the share that each of them has then.
BOOST_AUTO_TEST_CASE(few_labels_of_many_in_float16) {
  const int64_t n = 200000;
  const Tensor x = full({n, 2}, -2.3, float16).requires_grad_();
  Tensor target = full({n}, -100, int64);
  target.index_put_({5}, scalar_tensor(1, int64));
  const auto at_label = [&](const Tensor& loss) {
    return grad({loss}, {x})[0].select(0, 5).select(0, 1).item();
  };
  BOOST_TEST(at_label(nll_loss(x, target)) == -1.);
  BOOST_TEST(at_label(cross_entropy(x, target, {.label_smoothing = 0.1})) == -0.45,
             boost::test_tools::tolerance(1e-2));
  BOOST_TEST(nll_loss(x, target).item() == 2.3, boost::test_tools::tolerance(1e-3));
  const Tensor light = nll_loss(x, zeros({n}, int64), {full({2}, 1e-4)});
  BOOST_TEST(grad({light}, {x})[0].select(0, 0).select(0, 0).to(float32).item() == -1. / n,
             boost::test_tools::tolerance(2e-2));
}

BOOST_AUTO_TEST_CASE(regression_losses) {
  const Tensor x = from<double>({1, -2, 3}), t = from<double>({0, 1, 3});
  BOOST_TEST((mse_loss(x, t, Reduction::none).to_vector() == std::vector<float>{1, 9, 0}));
  BOOST_TEST(mse_loss(x, t).item<double>() == 10 / 3.0);
  BOOST_TEST(mse_loss(x, t, Reduction::sum).item<double>() == 10);
  BOOST_TEST((l1_loss(x, t, Reduction::none).to_vector() == std::vector<float>{1, 3, 0}));
  BOOST_TEST(l1_loss(x, t).item<double>() == 4 / 3.0);
  for (const Reduction reduction : reductions) {
    const std::vector<Tensor> inputs = {random_leaf({3, 4}), random_leaf({3, 4})};
    check_gradients(
        [&](const std::vector<Tensor>& in) { return mse_loss(in[0], in[1], reduction); }, inputs,
        "mse");
    check_gradients([&](const std::vector<Tensor>& in) { return l1_loss(in[0], in[1], reduction); },
                    inputs, "l1");
  }
}

BOOST_AUTO_TEST_CASE(binary_cross_entropy_of_logits) {
  const auto loss = [](const Tensor& x, const Tensor& t, Reduction r) {
    return binary_cross_entropy_with_logits(x, t, r);
  };
  const Tensor x = randn({3, 4}, float64) * 3, t = rand({3, 4}, float64);
  const Tensor s = sigmoid(x);
  const Tensor exact = -(t * s.log() + (1 - t) * (1 - s).log());
  BOOST_TEST(relative_error(loss(x, t, Reduction::none), exact) < 1e-13);
  BOOST_TEST(relative_error(loss(x, t, Reduction::mean), exact.mean()) < 1e-13);
  BOOST_TEST(relative_error(loss(x.to(float32), t.to(float32), Reduction::mean), exact.mean()) <
             1e-5);
  const Tensor far = from<double>({1000, -1000, 30});
  BOOST_TEST((loss(far, from<double>({1, 0, 0}), Reduction::none).to_vector<double>() ==
              std::vector<double>{0, 0, 30 + std::log1p(std::exp(-30.0))}));
  for (const Reduction reduction : reductions)
    check_gradients([&](const std::vector<Tensor>& in) { return loss(in[0], in[1], reduction); },
                    {random_leaf({3, 4}), rand({3, 4}, float64).requires_grad_()}, "bce");
}

BOOST_AUTO_TEST_CASE(wrong_arguments_are_named) {
  const Tensor x = zeros({4, 10});
  const Tensor labels = zeros(4, int64);
  const auto refuses = [&](const Tensor& in, const Tensor& target, const std::string& text) {
    BOOST_CHECK_EXCEPTION(cross_entropy(in, target), Error, saying(text));
  };
  refuses(x, zeros(4), "cross_entropy: expected integer class labels, got float32 of shape [4]");
  refuses(x, zeros(4, boolean), "expected integer class labels of shape [4], got bool of shape");
  refuses(x, from<int64_t>({1, 2, 3, 10}),
          "cross_entropy: label 10 at position 3 is out of range for 10 classes");
  refuses(x, from<int64_t>({1, -1, 3, 2}), "label -1 at position 1 is out of range");
  refuses(x, zeros(3, int64),
          "the batch sizes differ: 4 inputs of shape [4, 10], 3 labels of shape [3]");
  refuses(x, zeros({4, 2}, int64), "expected labels of shape [4] for an input of shape [4, 10]");
  refuses(zeros({4, 10}, int64), labels, "expected a floating input, got int64");
  refuses(zeros({}), labels, "expected an input of shape [N, C], [C] or [N, C, d1, ...], got []");
  refuses(Tensor(), labels, "cross_entropy");
  refuses(x, Tensor(), "cross_entropy");
  BOOST_CHECK_EXCEPTION(cross_entropy(x, labels, {zeros(3)}), ShapeError,
                        saying("expected a weight for each of 10 classes, got shape [3]"));
  BOOST_CHECK_EXCEPTION(cross_entropy(x, labels, {{}, -100, Reduction::mean, 1.5}), Error,
                        saying("expected a label smoothing in [0, 1], got 1.5"));
  BOOST_CHECK_EXCEPTION(
      nll_loss(x, zeros(4)), DTypeError,
      saying("nll_loss: expected integer class labels of shape [4], got float32"));
  BOOST_CHECK_EXCEPTION(mse_loss(x, zeros(4)), ShapeError,
                        saying("mse_loss: expected a target of the input's shape [4, 10]"));
  BOOST_CHECK_EXCEPTION(l1_loss(x, zeros({4, 10}, int64)), DTypeError,
                        saying("l1_loss: expected a floating target, got int64"));
}

BOOST_AUTO_TEST_CASE(no_reduction_in_braces_is_the_default) {
  const Tensor x = rand({3}), y = rand({3});
  BOOST_TEST(mse_loss(x, y, {}).item() == mse_loss(x, y).item());
  BOOST_TEST(l1_loss(x, y, {}).item() == l1_loss(x, y).item());
}
