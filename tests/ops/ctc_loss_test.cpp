// Connectionist temporal classification against the sum over all paths, and text of errors.
#include "../check.h"
#include "../dtypes.h"

using namespace rw;
using namespace rw::test;

namespace {

using Labels = std::vector<int64_t>;

// What a path says: repeated classes count once, blanks not at all.
Labels said(const Labels& path, int64_t blank) {
  Labels labels;
  for (size_t t = 0; t < path.size(); ++t)
    if (path[t] != blank && (t == 0 || path[t] != path[t - 1])) labels.push_back(path[t]);
  return labels;
}

// The probability of all paths [T] that say the labels.
double plainly(const Tensor& log_probs, const Labels& labels, int64_t blank) {
  const int64_t steps = log_probs.size(0), classes = log_probs.size(1);
  const auto p = log_probs.to_vector<double>();
  double total = 0;
  Labels path(static_cast<size_t>(steps), 0);
  for (size_t at = 0; at < path.size();) {
    if (said(path, blank) == labels) {
      double sum = 0;
      for (int64_t t = 0; t < steps; ++t)
        sum += p[static_cast<size_t>(t * classes + path[static_cast<size_t>(t)])];
      total += std::exp(sum);
    }
    for (at = 0; at < path.size() && ++path[at] == classes; ++at) path[at] = 0;
  }
  return total;
}

}  // namespace

BOOST_AUTO_TEST_CASE(is_the_sum_over_all_paths) {
  const Tensor x = log_softmax(randn({6, 3}, float64), 1);
  for (const int64_t blank : {0, 2})
    for (const Labels& labels :
         {Labels{}, Labels{1}, Labels{1, 1}, Labels{1, 2, 1}, Labels{2, 0}}) {
      if (std::count(labels.begin(), labels.end(), blank)) continue;
      const Tensor targets = from(labels);
      const Tensor y = ctc_loss(x, targets, Labels{6}, Labels{std::ssize(labels)},
                                {.blank = blank, .reduction = Reduction::none});
      BOOST_TEST((y.shape() == Shape{}));
      BOOST_TEST(y.item<double>() == -std::log(plainly(x, labels, blank)),
                 boost::test_tools::tolerance(1e-12));
    }
}

BOOST_AUTO_TEST_CASE(derivative_behind_log_softmax) {
  const Tensor targets = from<int64_t>({{1, 2, 2}, {3, 1, 0}}), lengths = from<int64_t>({3, 2});
  const Tensor steps = from<int64_t>({7, 5});
  for (const Reduction r : {Reduction::none, Reduction::mean, Reduction::sum}) {
    const auto f = [&](const std::vector<Tensor>& in) {
      return std::vector<Tensor>{
          ctc_loss(log_softmax(in[0], 2), targets, steps, lengths, {.reduction = r})};
    };
    const GradcheckResult first = gradcheck(f, {random_leaf({7, 2, 4})});
    BOOST_TEST(first.ok, first.message);
  }
}

BOOST_AUTO_TEST_CASE(dtypes_orders_and_threads) {
  const Tensor x = log_softmax(randn({30, 8, 20}, float64), 2), targets = randint(1, 20, {8, 9});
  const Labels steps = {30, 29, 28, 30, 1, 22, 19, 30}, lengths = {9, 3, 0, 8, 1, 9, 7, 5};
  const CtcLossOptions options = {.reduction = Reduction::sum};
  const auto gradient = [&](const Tensor& in) {
    const Tensor leaf = in.detach().requires_grad_();
    return grad({ctc_loss(leaf, targets, steps, lengths, options)}, {leaf})[0];
  };
  const Tensor exact = ctc_loss(x, targets, steps, lengths, options), slope = gradient(x);
  for (const DType dtype : floating_dtypes) {
    const double bound = is_reduced_floating(dtype) ? 0.02 : 16 * epsilon(dtype);
    BOOST_TEST(relative_error(ctc_loss(x.to(dtype), targets, steps, lengths, options), exact) <
               bound);
    BOOST_TEST(relative_error(gradient(x.to(dtype)), slope) < (dtype == float32 ? 1e-5 : bound));
  }
  const Tensor by_batch = x.transpose(0, 1).contiguous().transpose(0, 1);
  const Tensor by_class = x.transpose(0, 2).contiguous().transpose(0, 2);
  for (const Tensor& in : {by_batch, by_class}) {
    BOOST_TEST(equal(ctc_loss(in, targets, steps, lengths, options), exact));
    BOOST_TEST(equal(gradient(in), slope));
  }
}

BOOST_AUTO_TEST_CASE(no_path_is_infinite_or_nothing) {
  const Tensor x = log_softmax(randn({2, 1, 3}, float64), 2).detach().requires_grad_();
  const Tensor targets = ones({1, 2}, int64);
  const auto loss = [&](bool zero) {
    return ctc_loss(x, targets, Labels{2}, Labels{2}, {.zero_infinity = zero});
  };
  BOOST_TEST(std::isinf(loss(false).item<double>()));
  BOOST_TEST(loss(true).item<double>() == 0);
  loss(true).backward();
  BOOST_TEST((x.grad().to_vector() == std::vector<float>(6, 0)));
  BOOST_TEST(isnan(grad({loss(false)}, {x})[0]).all().item<bool>());
  const Tensor none = ctc_loss(x, targets, Labels{0}, Labels{0}, {.reduction = Reduction::sum});
  BOOST_TEST(none.item<double>() == 0);
}

BOOST_AUTO_TEST_CASE(has_one_derivative_alone) {
  const Tensor x = log_softmax(randn({4, 1, 3}, float64), 2).detach().requires_grad_();
  const Tensor y = ctc_loss(x, ones({1, 1}, int64), Labels{4}, Labels{1});
  const Tensor dx = grad({y}, {x}, {.create_graph = true})[0];
  BOOST_CHECK_EXCEPTION(dx.sum().backward(), AutogradError,
                        saying("ctc_loss: the gradient can't be differentiated again"));
}

BOOST_AUTO_TEST_CASE(wrong_arguments_are_named) {
  const Tensor x = zeros({4, 2, 3}), targets = ones({2, 2}, int64);
  const Labels steps = {4, 4}, lengths = {2, 1};
  const auto refuses = [](auto f, const std::string& text) {
    BOOST_CHECK_EXCEPTION(f(), Error, saying(text));
  };
  refuses([&] { ctc_loss(zeros(4), targets, steps, lengths); },
          "ctc_loss: expected log-probabilities [T, N, C] or [T, C], got shape [4]");
  refuses([&] { ctc_loss(x.to(int64), targets, steps, lengths); },
          "ctc_loss: expected a floating log_probs, got int64");
  refuses([&] { ctc_loss(x, targets.to(float32), steps, lengths); },
          "ctc_loss: expected integer targets, got float32");
  refuses(
      [&] {
        ctc_loss(x, targets, Labels{5, 4}, lengths);
      },
      "ctc_loss: expected input lengths from 0 to 4, got 5");
  refuses([&] { ctc_loss(x, targets, Labels{4}, lengths); },
          "ctc_loss: expected input lengths of 2 sequences, got 1");
  refuses(
      [&] {
        ctc_loss(x, targets, steps, Labels{3, 1});
      },
      "ctc_loss: a target length of 3 is more than the targets' shape [2, 2] has");
  refuses(
      [&] {
        ctc_loss(x, from<int64_t>({1, 2}), steps, lengths);
      },
      "ctc_loss: expected 3 targets, the sum of their lengths, got shape [2]");
  refuses([&] { ctc_loss(x, targets * 3, steps, lengths); },
          "ctc_loss: label 3 at position 0 of sequence 0 is out of range for 3 classes");
  refuses([&] { ctc_loss(x, targets, steps, lengths, {.blank = 3}); },
          "ctc_loss: blank 3 is out of range for 3 classes");
  refuses([&] { ctc_loss(x, targets, Tensor(), from(lengths)); },
          "ctc_loss: the input lengths are undefined");
}

BOOST_AUTO_TEST_CASE(target_lengths_that_overflow_are_refused) {
  std::vector<int64_t> lengths(8, (int64_t{1} << 61) - 1);
  lengths.push_back(8 + 5);
  const Tensor x = log_softmax(randn({4, 9, 3}), -1);
  BOOST_CHECK_EXCEPTION(ctc_loss(x, ones({5}, int64), std::vector<int64_t>(9, 4), lengths), Error,
                        rw::test::saying("ctc_loss: expected target lengths from 0 to 5"));
}
