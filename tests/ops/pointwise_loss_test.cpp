// Losses element by element and of ranks: values against their definitions, dtypes, numbers at the
// ends, text of errors.
#include "../check.h"
#include "../dtypes.h"

using namespace rw;
using namespace rw::test;

namespace {

using Tensors = std::vector<Tensor>;

struct Named {
  const char* name;
  std::function<Tensor(const Tensor&, const Tensor&)> f;
};

// Of numbers and probabilities.
const Named pair_losses[] = {
    {"mse_loss", [](const Tensor& x, const Tensor& t) { return mse_loss(x, t, Reduction::none); }},
    {"l1_loss", [](const Tensor& x, const Tensor& t) { return l1_loss(x, t, Reduction::none); }},
    {"smooth_l1_loss",
     [](const Tensor& x, const Tensor& t) {
       return smooth_l1_loss(x, t, {0.5, Reduction::none});
     }},
    {"huber_loss",
     [](const Tensor& x, const Tensor& t) {
       return huber_loss(x, t, {0.5, {}, Reduction::none});
     }},
    {"binary_cross_entropy",
     [](const Tensor& x, const Tensor& t) {
       return binary_cross_entropy(sigmoid(x), t, Reduction::none);
     }},
    {"binary_cross_entropy_with_logits",
     [](const Tensor& x, const Tensor& t) {
       return binary_cross_entropy_with_logits(x, t, Reduction::none);
     }},
    {"kl_div",
     [](const Tensor& x, const Tensor& t) {
       return kl_div(x, t, {false, Reduction::none});
     }},
    {"kl_div, logarithms",
     [](const Tensor& x, const Tensor& t) {
       return kl_div(x, t, {true, Reduction::none});
     }},
    {"poisson_nll_loss",
     [](const Tensor& x, const Tensor& t) {
       return poisson_nll_loss(x, t, {.reduction = Reduction::none});
     }},
    {"soft_margin_loss",
     [](const Tensor& x, const Tensor& t) { return soft_margin_loss(x, t, Reduction::none); }},
    {"hinge_embedding_loss",
     [](const Tensor& x, const Tensor& t) {
       return hinge_embedding_loss(x, t, {1, Reduction::none});
     }},
};

Tensor gradient(const Named& loss, const Tensor& x, const Tensor& t) {
  const Tensor leaf = x.detach().requires_grad_();
  return grad({loss.f(leaf, t)}, {leaf}, Tensors{ones(x.shape(), x.dtype())})[0];
}

}  // namespace

BOOST_AUTO_TEST_CASE(losses_of_every_dtype_and_order) {
  manual_seed(3);
  for (const Named& loss : pair_losses)
    for (const Shape& shape : {Shape{}, Shape{1}, Shape{37}, Shape{5, 19}, Shape{2, 3, 4, 5}})
      for (const DType dtype : floating_dtypes) {
        const Tensor x = (randn(shape, float64) * 2).to(dtype), t = rand(shape, float64).to(dtype);
        const Tensor exact = loss.f(x.to(float64), t.to(float64));
        const Tensor slope = gradient(loss, x.to(float64), t.to(float64));
        const auto reversed = [](const Tensor& v) {
          return v.transpose(0, -1).contiguous().transpose(0, -1);
        };
        const double bound = 4 * epsilon(dtype);
        BOOST_TEST(relative_error(loss.f(x, t), exact) < bound, loss.name << " of " << dtype);
        BOOST_TEST(relative_error(gradient(loss, x, t), slope) < bound, loss.name);
        if (x.dim() < 2) continue;
        BOOST_TEST(equal(loss.f(reversed(x), t), loss.f(x, t)), loss.name);
        BOOST_TEST(equal(gradient(loss, reversed(x), t), gradient(loss, x, t)), loss.name);
      }
}

BOOST_AUTO_TEST_CASE(gradients_of_gradients_are_what_one_pass_gives) {
  for (const Named& loss : pair_losses) {
    const Tensor x = randn({40}, float64).requires_grad_(), t = rand({40}, float64);
    const Tensor by_ops =
        grad({loss.f(x, t)}, {x}, {.grad_outputs = {ones({40}, float64)}, .create_graph = true})[0];
    BOOST_TEST(relative_error(by_ops, gradient(loss, x, t)) < 1e-13, loss.name);
  }
}

BOOST_AUTO_TEST_CASE(large_numbers_do_not_overflow) {
  Tensor far = from<double>({1000, -1000});
  const Tensor t = from<double>({-1, -1});
  BOOST_TEST((soft_margin_loss(far, t, Reduction::none).to_vector<double>() ==
              std::vector<double>{1000, 0}));
  const Tensor x = far.requires_grad_();
  const Tensor y = binary_cross_entropy_with_logits(
      x, zeros(2, float64), {.pos_weight = full({2}, 3., float64), .reduction = Reduction::sum});
  BOOST_TEST(y.item<double>() == 1000);
  y.backward();
  BOOST_TEST((x.grad().to_vector<double>() == std::vector<double>{1, 0}));
  const Tensor n = full({1 << 12}, 100., float16);
  BOOST_TEST(mse_loss(n, zeros({1 << 12}, float16)).item<double>() == 1e4);
}

BOOST_AUTO_TEST_CASE(what_is_not_a_number_stays_so) {
  const Tensor x = full({3}, std::nan(""), float64), t = ones({3}, float64);
  for (const Named& loss : pair_losses) {
    if (std::string(loss.name) == "binary_cross_entropy") continue;  // it refuses that
    BOOST_TEST(isnan(loss.f(x, t)).all().item<bool>(), loss.name);
    if (std::string(loss.name) == "hinge_embedding_loss") continue;  // it asks whether t is 1
    BOOST_TEST(isnan(loss.f(t, x)).all().item<bool>(), loss.name);
  }
}

BOOST_AUTO_TEST_CASE(means_of_nothing) {
  const Tensor none = zeros({0, 3});
  BOOST_TEST(std::isnan(huber_loss(none, none).item<double>()));
  BOOST_TEST(smooth_l1_loss(none, none, {.reduction = Reduction::sum}).item<double>() == 0);
  BOOST_TEST((kl_div(none, none, {.reduction = Reduction::none}).shape() == Shape{0, 3}));
}

BOOST_AUTO_TEST_CASE(scores_of_many_classes) {
  for (const DType dtype : floating_dtypes)
    for (const int64_t classes : {1, 2, 7, 16, 33, 200}) {
      const Tensor x = randn({5, classes}, float64).to(dtype), t = randint(0, classes, 5);
      for (const int64_t p : {1, 2}) {
        const Tensor exact = x.to(float64);
        const Tensor picked = gather(exact, 1, t.unsqueeze(1));
        const Tensor z = clamp_min(exact - picked + 0.5, 0);
        const Tensor own = eq(t.unsqueeze(1), arange(classes));
        const Tensor wanted = where(own, 0, p == 1 ? z : z.square()).sum({1}) / classes;
        const MultiMarginLossOptions options = {p, 0.5, {}, Reduction::none};
        BOOST_TEST(relative_error(multi_margin_loss(x, t, options), wanted) < 4 * epsilon(dtype));
        const Tensor leaf = x.to(float64).requires_grad_();
        const Tensor seed = ones(5, float64);
        const Tensor one_pass =
            grad({multi_margin_loss(leaf, t, options)}, {leaf}, Tensors{seed})[0];
        const Tensor by_ops = grad({multi_margin_loss(leaf, t, options)}, {leaf},
                                   {.grad_outputs = {seed}, .create_graph = true})[0];
        BOOST_TEST(relative_error(one_pass, by_ops) < 1e-13);
      }
    }
}

BOOST_AUTO_TEST_CASE(labels_are_guarded_until_backward) {
  const Tensor x = randn({2, 3}).requires_grad_();
  Tensor t = from<int64_t>({1, 2});
  const Tensor y = multi_margin_loss(x, t);
  t.fill_(7);
  BOOST_CHECK_THROW(y.backward(), AutogradError);
}

BOOST_AUTO_TEST_CASE(wrong_arguments_are_named) {
  const Tensor x = zeros({2, 3}), labels = zeros(2, int64);
  const auto refuses = [](auto f, const std::string& text) {
    BOOST_CHECK_EXCEPTION(f(), Error, saying(text));
  };
  refuses([&] { huber_loss(x, zeros(3)); },
          "huber_loss: expected a target of the input's shape [2, 3], got [3]");
  refuses([&] { huber_loss(x, x, {.delta = 0}); }, "huber_loss: expected delta > 0, got 0");
  refuses([&] { smooth_l1_loss(x, x, {.beta = -1}); },
          "smooth_l1_loss: expected beta >= 0, got -1");
  refuses(
      [&] { mse_loss(x, x, {.weight = zeros(3)}); },
      "mse_loss: expected a weight for each element of the input of shape [2, 3], got shape [3]");
  refuses([&] { binary_cross_entropy(x + 2, x); },
          "binary_cross_entropy: expected probabilities in [0, 1], got 2");
  refuses(
      [&] {
        binary_cross_entropy(x, x, {.weight = zeros({4, 2, 3})});
      },
      "expected a weight that broadcasts to the input's shape [2, 3], got shape [4, 2, 3]");
  refuses([&] { mse_loss(x, x, Reduction::batchmean); },
          "mse_loss: the reduction batchmean is one of kl_div alone");
  refuses([&] { cross_entropy(x, labels, {.reduction = Reduction::batchmean}); },
          "cross_entropy: the reduction batchmean is one of kl_div alone");
  refuses(
      [&] {
        gaussian_nll_loss(x, x, zeros({2, 2}));
      },
      "gaussian_nll_loss: expected variances of the input's shape [2, 3]");
  refuses([&] { gaussian_nll_loss(x, x, x - 1); },
          "gaussian_nll_loss: expected variances that are not negative");
  refuses([&] { gaussian_nll_loss(x, x, Tensor()); },
          "gaussian_nll_loss: the variance is undefined");
  refuses(
      [&] { margin_ranking_loss(x, x, labels); },
      "margin_ranking_loss: expected three tensors of one rank, got shapes [2, 3], [2, 3] and [2]");
  refuses([&] { margin_ranking_loss(x, Tensor(), x); },
          "margin_ranking_loss: the second tensor is undefined");
  refuses([&] { cosine_embedding_loss(x, x, x); },
          "cosine_embedding_loss: expected vectors [N, D]");
  refuses(
      [&] {
        multi_margin_loss(x, from<int64_t>({0, 3}));
      },
      "multi_margin_loss: label 3 at position 1 is out of range for 3 classes");
  refuses([&] { multi_margin_loss(x, labels, {.p = 3}); },
          "multi_margin_loss: expected p = 1 or 2, got 3");
  refuses([&] { multi_margin_loss(x, labels, {.weight = zeros(2)}); },
          "multi_margin_loss: expected a weight for each of 3 classes, got shape [2]");
  refuses(
      [&] {
        multilabel_margin_loss(x, full({2, 3}, -2, int64));
      },
      "multilabel_margin_loss: label -2 is out of range for 3 classes");
  refuses([&] { multilabel_margin_loss(x, labels); },
          "multilabel_margin_loss: expected labels of the input's shape [2, 3], got [2]");
  refuses([&] { triplet_margin_loss(x, x, x, {.margin = 0}); },
          "triplet_margin_loss: expected a margin > 0, got 0");
}
