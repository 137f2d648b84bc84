#include <rewind/train/metrics.h>

#include <cmath>
#include <fstream>
#include <limits>
#include <sstream>

#include "../check.h"

using namespace rw;
using namespace rw::metrics;
using boost::test_tools::per_element;
using rw::test::saying;

namespace {

constexpr double none = std::numeric_limits<double>::quiet_NaN();

void check_values(const Tensor& got, const std::vector<double>& expected,
                  const std::string& what = "") {
  BOOST_TEST_INFO_SCOPE(what);
  const std::vector<double> values = got.to_vector<double>();
  BOOST_TEST_REQUIRE(values.size() == expected.size());
  for (size_t i = 0; i < values.size(); ++i) {
    if (std::isnan(expected[i]))
      BOOST_TEST(std::isnan(values[i]), values[i] << " at " << i);
    else
      BOOST_TEST(std::abs(values[i] - expected[i]) <= 1e-12 * std::max(1.0, std::abs(expected[i])),
                 values[i] << " at " << i);
  }
}

// Class 4 of 5 is absent from targets, class 3 from predictions, class 2 from both.
const Tensor target = from<int64_t>({0, 0, 0, 1, 1, 3, 3, 0, 1, 1, 0, 3});
const Tensor chosen = from<int64_t>({0, 1, 0, 1, 1, 0, 4, 0, 0, 1, 4, 1});

// What scikit-learn makes of them, by metrics_values.py.
std::vector<double> scikit_learn(const std::string& name) {
  std::ifstream file(REWIND_METRICS_VALUES);
  for (std::string line; std::getline(file, line);) {
    if (!line.starts_with(name + ": {")) continue;
    std::vector<double> out;
    for (std::istringstream numbers(line.substr(name.size() + 3));
         std::getline(numbers, line, ',');)
      out.push_back(std::stod(line));
    return out;
  }
  BOOST_FAIL("no values of " << name);
  return {};
}

void check_scikit_learn(const PairMetric& metric, const std::string& name) {
  check_values(metric.compute(), scikit_learn(name), name);
}

template <class M>
M of(M metric, const Tensor& input, const Tensor& target) {
  metric.update(input, target);
  return metric;
}

template <class M>
M of_all(M metric) {
  metric.update(chosen, target);
  return metric;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(all_metrics)

BOOST_AUTO_TEST_CASE(scores_of_classes) {
  check_scikit_learn(of_all(Accuracy()), "accuracy");
  check_values(of_all(ConfusionMatrix(5)).compute().to(float64), scikit_learn("confusion"));
  const std::pair<Normalize, const char*> norms[] = {
      {Normalize::target, "true"}, {Normalize::prediction, "pred"}, {Normalize::all, "all"}};
  for (const auto& [normalize, name] : norms)
    check_scikit_learn(of_all(ConfusionMatrix(5, {.normalize = normalize})),
                       std::string("confusion ") + name);
  const std::pair<Average, std::string> averages[] = {{Average::none, " None "},
                                                      {Average::micro, " micro "},
                                                      {Average::macro, " macro "},
                                                      {Average::weighted, " weighted "}};
  const std::pair<double, std::string> zeros_by[] = {{0, "0"}, {1, "1"}, {none, "nan"}};
  for (const auto& [zero, zero_name] : zeros_by)
    for (const auto& [average, average_name] : averages) {
      const ClassScoreOptions options{.average = average, .zero_division = zero};
      const std::string name = average_name + zero_name;
      check_scikit_learn(of_all(Precision(5, options)), "precision" + name);
      check_scikit_learn(of_all(Recall(5, options)), "recall" + name);
      check_scikit_learn(of_all(F1Score(5, options)), "f1" + name);
      check_scikit_learn(of_all(DiceScore(5, options)), "f1" + name);
      check_scikit_learn(of_all(FBetaScore(2, 5, options)), "f2" + name);
      if (!std::isnan(zero)) check_scikit_learn(of_all(JaccardIndex(5, options)), "jaccard" + name);
    }
  const Tensor two = (chosen > 0).to(int64), is = (target > 0).to(int64);
  const ClassScoreOptions binary{.average = Average::binary};
  check_scikit_learn(of(Precision(2, binary), two, is), "precision binary");
  check_scikit_learn(of(Recall(2, binary), two, is), "recall binary");
  check_scikit_learn(of(F1Score(2, binary), two, is), "f1 binary");
  check_scikit_learn(of(FBetaScore(2, 2, binary), two, is), "f2 binary");
  check_scikit_learn(of(JaccardIndex(2, binary), two, is), "jaccard binary");
}

BOOST_AUTO_TEST_CASE(areas_and_ranks) {
  const Tensor scores = from({0.1, 0.4, 0.35, 0.8, 0.4, 0.4, 0.9, 0.1});
  check_scikit_learn(of(AUROC(), scores, from<int64_t>({0, 0, 1, 1, 1, 0, 1, 0})), "auroc");
  BOOST_TEST(std::isnan(of(AUROC(), scores, zeros({8}, int64)).value()));  // of one kind
  BOOST_TEST(std::isnan(AUROC().value()));
  const Tensor several = from<double>({0.5, 0.25, 0.25, 0.25, 0.5, 0.25, 0.25, 0.25, 0.5, 0.5, 0.5,
                                       0,   0.5,  0.25, 0.25, 0,   0.5,  0.5,  0.25, 0.5, 0.25},
                                      {7, 3});
  const Tensor classes = from<int64_t>({0, 1, 2, 1, 0, 2, 0});
  const std::pair<Average, const char*> averages[] = {{Average::none, "auroc None"},
                                                      {Average::macro, "auroc macro"},
                                                      {Average::weighted, "auroc weighted"},
                                                      {Average::micro, "auroc micro"}};
  for (const auto& [average, name] : averages)
    check_scikit_learn(of(AUROC(3, {.average = average}), several, classes), name);
  for (const int64_t k : {1, 2, 3})
    check_scikit_learn(of(TopKAccuracy(k), several, classes), "top " + std::to_string(k));
}

BOOST_AUTO_TEST_CASE(regression) {
  const Tensor y = from<double>({3, 1e6, -0.5, 1e6 + 1, 2, 1e6 + 2, 7, 1e6 + 4}, {4, 2});
  const Tensor p = from<double>({2.5, 1e6, 0, 1e6 + 2, 2, 1e6 + 2, 8, 1e6 + 3}, {4, 2});
  check_scikit_learn(of(MeanSquaredError(), p, y), "mse");
  check_scikit_learn(of(MeanSquaredError({.squared = false}), p, y), "rmse");
  check_scikit_learn(of(MeanAbsoluteError(), p, y), "mae");
  const std::pair<Multioutput, std::string> all[] = {
      {Multioutput::raw_values, "r2 raw_values"},
      {Multioutput::uniform_average, "r2 uniform_average"},
      {Multioutput::variance_weighted, "r2 variance_weighted"}};
  for (const auto& [multioutput, name] : all)
    check_scikit_learn(of(R2Score({.num_outputs = 2, .multioutput = multioutput}), p, y), name);
  const Tensor two = from({2.0, 2.0});
  const double perfect = of(R2Score(), two, two).value();
  const double wrong = of(R2Score(), from({2.0, 3.0}), two).value();
  BOOST_TEST((std::vector<double>{perfect, wrong}) == scikit_learn("r2 constant"), per_element());
  BOOST_TEST(std::isnan(of(R2Score(), from({2.0}), from({2.0})).value()));
  BOOST_TEST(std::isnan(MeanSquaredError().value()));
}

BOOST_AUTO_TEST_CASE(perplexity) {
  // As unsure as of four equally likely tokens; those ignored do not count.
  Perplexity of_four({.ignore_index = 9});
  of_four.update(zeros({2, 3, 4}), from<int64_t>({0, 1, 2, 9, 9, 3}, {2, 3}));
  BOOST_TEST(std::abs(of_four.value() - 4) < 1e-6);
  const Tensor logits = randn({5, 7}, float64), tokens = randint(0, 7, {5});
  BOOST_TEST(std::abs(of(Perplexity(), logits, tokens).value() -
                      std::exp(cross_entropy(logits, tokens).item<double>())) < 1e-12);
  of_four.update(zeros({1, 4}).to(bfloat16), from<int64_t>({9}));
  BOOST_TEST(std::isnan(Perplexity().value()));
}

// Whatever the metric: parts that are merged equal the whole, in any order, and so does a state
// that was carried over; reset forgets.
template <class M>
void check_merging(const M& fresh, const std::vector<std::pair<Tensor, Tensor>>& batches) {
  BOOST_TEST_INFO_SCOPE(fresh.name());
  M whole = fresh, first = fresh, second = fresh, carried = fresh;
  for (size_t i = 0; i < batches.size(); ++i) {
    whole.update(batches[i].first, batches[i].second);
    (i % 2 ? first : second).update(batches[i].first, batches[i].second);
  }
  carried.load_state_dict(second.state_dict());
  first.merge(carried);
  first.merge(fresh);
  check_values(first.compute().to(float64),
               whole.compute().to(float64).template to_vector<double>(), "merged");
  M other = fresh;
  other.merge(whole);
  check_values(other.compute().to(float64),
               whole.compute().to(float64).template to_vector<double>(), "of nothing");
  other.reset();
  check_values(other.compute().to(float64),
               fresh.compute().to(float64).template to_vector<double>(), "reset");
  other.update(batches[0].first, batches[0].second);
  const StateDict state = other.state_dict();
  other.update(batches[1].first, batches[1].second);
  M from_state = fresh;
  from_state.load_state_dict(state);
  from_state.update(batches[1].first, batches[1].second);
  check_values(from_state.compute().to(float64),
               other.compute().to(float64).template to_vector<double>(), "state");
  // Twice itself.
  if constexpr (!std::is_same_v<M, ConfusionMatrix>) {
    const auto value = whole.compute().to(float64).template to_vector<double>();
    whole.merge(whole);
    check_values(whole.compute().to(float64), value, "itself");
  }
}

BOOST_AUTO_TEST_CASE(parts_equal_the_whole) {
  manual_seed(3);
  std::vector<std::pair<Tensor, Tensor>> scores, binary, tokens, numbers;
  for (const int64_t n : {7, 1, 12, 30}) {
    scores.emplace_back((rand({n, 4}) * 5).round(), randint(0, 4, {n}));
    binary.emplace_back((rand({n}) * 5).round(), randint(0, 2, {n}));
    tokens.emplace_back(randn({n, 3, 6}), randint(0, 6, {n, 3}));
    numbers.emplace_back(randn({n, 2}) + 1000, randn({n, 2}) + 1000);
  }
  check_merging(Accuracy(), scores);
  check_merging(TopKAccuracy(2), scores);
  check_merging(ConfusionMatrix(4), scores);
  check_merging(Precision(4), scores);
  check_merging(Recall(4, {.average = Average::none}), scores);
  check_merging(FBetaScore(0.5, 4, {.average = Average::weighted}), scores);
  check_merging(F1Score(4, {.average = Average::micro}), scores);
  check_merging(DiceScore(4), scores);
  check_merging(JaccardIndex(4), scores);
  check_merging(AUROC(4), scores);
  check_merging(AUROC(), binary);
  check_merging(Perplexity(), tokens);
  check_merging(MeanSquaredError(), numbers);
  check_merging(MeanAbsoluteError(), numbers);
  check_merging(R2Score({.num_outputs = 2, .multioutput = Multioutput::raw_values}), numbers);
}

BOOST_AUTO_TEST_CASE(means) {
  Mean mean;
  BOOST_TEST(std::isnan(mean.value()));
  mean.update(2.0);
  mean.update(8.0, 2);
  BOOST_TEST(mean.value() == 6);
  mean.update(from({1.0, 5.0, 3.0}), 1);
  BOOST_TEST(mean.value() == 4.5);
  mean.update(none, 0);  // of nothing
  BOOST_TEST(mean.value() == 4.5);
  Mean other;
  other.update(0.0, 6);
  mean.merge(other);
  BOOST_TEST(mean.value() == 2.25);
  BOOST_CHECK_EXCEPTION(mean.update(1, -1), Error, saying("Mean: expected weight >= 0, got -1"));
}

BOOST_AUTO_TEST_CASE(throughput) {
  Throughput rate, other;
  rate.update(100, 2);
  other.update(60, 1);
  BOOST_TEST(rate.value() == 50);
  rate.merge(other);
  BOOST_TEST(rate.value() == 80);
  rate.reset();
  BOOST_TEST(std::isnan(rate.value()));
  rate.update(1000000);
  BOOST_TEST(rate.value() > 0);
  BOOST_CHECK_EXCEPTION(rate.update(-1, 1), Error,
                        saying("Throughput: expected items and seconds >= 0, got -1 and 1"));
}

BOOST_AUTO_TEST_CASE(scores_and_classes) {
  const Tensor scores = from<float>({0, 2, 1, 5, 5, 1}, {2, 3});
  Accuracy accuracy;
  accuracy.update(scores, from<int64_t>({1, 1}));  // the first of equal scores counts
  BOOST_TEST(accuracy.value() == 0.5);
  accuracy.update(from<int>({1, 2}), from<int64_t>({1, 2}));
  BOOST_TEST(accuracy.value() == 0.75);
  // Pixels, on the tape, in bfloat16; nothing of them stays there.
  const Tensor maps = rand({2, 3, 4, 5}, {.requires_grad = true}).to(bfloat16);
  accuracy.update(maps, zeros({2, 4, 5}, uint8));
  accuracy.update(zeros({0, 3}), zeros({0}, int64));
  BOOST_TEST(!accuracy.compute().requires_grad());
  BOOST_TEST(std::isnan(Accuracy().value()));

  ConfusionMatrix matrix(3, {.ignore_index = 255});
  matrix.update(from<int64_t>({0, 2, 1}), from<int64_t>({0, 255, 0}));
  check_values(matrix.compute(), {1, 1, 0, 0, 0, 0, 0, 0, 0});
  JaccardIndex iou(3, {.average = Average::none, .zero_division = none, .ignore_index = 255});
  iou.update(from<int64_t>({0, 2, 1, 1}, {2, 2}), from<int64_t>({0, 255, 0, 1}, {2, 2}));
  check_values(iou.compute(), {0.5, 0.5, none});
}

BOOST_AUTO_TEST_CASE(impossible_states_of_auroc) {
  AUROC auroc;
  auroc.update(from({0.1, 0.9}), from<int64_t>({0, 1}));
  const auto refuses = [&](const StateDict& state, const std::string& part) {
    BOOST_CHECK_EXCEPTION(auroc.load_state_dict(state), Error, saying(part));
    BOOST_TEST(auroc.value() == 1);
  };
  const Tensor scores = zeros({1000}, float64);
  refuses({{"scores", scores}, {"target", zeros({2}, int64)}},
          "AUROC: load_state_dict: expected as many scores as targets, got 1000 and 2");
  refuses({{"scores", scores}, {"target", full({1000}, 7, int64)}},
          "AUROC: expected targets from 0 to 1, got 7 to 7");
  refuses({{"scores", scores.add(none)}, {"target", zeros({1000}, int64)}}, "got NaN");
  AUROC classes(3);
  BOOST_CHECK_THROW(classes.load_state_dict(
                        {{"scores", zeros({4, 3}, float64)}, {"target", full({4}, 3, int64)}}),
                    IndexError);
}

BOOST_AUTO_TEST_CASE(auroc_of_many_batches) {
  AUROC all, parts;
  const Tensor scores = rand({3000}, {.dtype = float64}), target = (rand({3000}) > 0.5).to(int64);
  all.update(scores, target);
  for (int64_t i = 0; i < 3000; i += 3) {
    Tensor batch = scores.narrow(0, i, 3).clone();
    parts.update(batch, target.narrow(0, i, 3));
    batch.zero_();  // is the caller's
  }
  BOOST_TEST(parts.value() == all.value());
  BOOST_TEST(equal(parts.state_dict()["scores"], scores));
  AUROC copy = parts, loaded;
  loaded.load_state_dict(parts.state_dict());
  BOOST_TEST(loaded.value() == all.value());
  copy.merge(parts);
  BOOST_TEST(copy.state_dict()["target"].numel() == 6000);
  BOOST_TEST(parts.state_dict()["target"].numel() == 3000);
  copy.reset();
  BOOST_TEST(copy.state_dict()["scores"].shape() == Shape{0});
}

BOOST_AUTO_TEST_CASE(only_metrics_of_the_same_options_merge) {
  const auto refuses = [](auto to, const auto& other, const std::string& part) {
    BOOST_CHECK_EXCEPTION(to.merge(other), Error, saying(part));
  };
  refuses(TopKAccuracy(1), TopKAccuracy(5),
          "TopKAccuracy: merge: expected one of k = 1, got k = 5");
  refuses(FBetaScore(0.5, 3), FBetaScore(2, 3), "expected one of beta = 0.5, no ignore_index");
  refuses(Precision(3), Precision(3, {.ignore_index = 2}), "got ignore_index = 2");
  refuses(ConfusionMatrix(3), ConfusionMatrix(3, {.ignore_index = 2}), "got ignore_index = 2");
  refuses(Perplexity(), Perplexity({.ignore_index = 0}), "got ignore_index = 0");
  Precision macro(3), micro(3, {.average = Average::micro});
  macro.merge(micro);  // gather the same
}

BOOST_AUTO_TEST_CASE(metrics_refuse) {
  BOOST_CHECK_EXCEPTION(Accuracy().update(zeros({2, 3}), zeros({3}, int64)), ShapeError,
                        saying("Accuracy: expected scores [N, C, …] or classes [N, …] for a target "
                               "[N, …], got shapes [2, 3] and [3]"));
  BOOST_CHECK_EXCEPTION(Accuracy().update(zeros({3}), zeros({3}, int64)), DTypeError,
                        saying("Accuracy: expected classes as integers, or scores [N, C, …], got "
                               "float32 of shape [3]"));
  BOOST_CHECK_EXCEPTION(Accuracy().update(zeros({3, 2}), zeros({3})), DTypeError,
                        saying("Accuracy: expected a target of integers, got float32"));
  BOOST_CHECK_EXCEPTION(F1Score(0), Error, saying("F1Score: expected num_classes > 0, got 0"));
  BOOST_CHECK_EXCEPTION(ConfusionMatrix(-1), Error, saying("expected num_classes > 0, got -1"));
  BOOST_CHECK_EXCEPTION(Recall(3, {.average = Average::binary}), Error,
                        saying("Recall: expected num_classes = 2 for the binary average, got 3"));
  BOOST_CHECK_EXCEPTION(FBetaScore(-1, 3), Error, saying("FBetaScore: expected beta >= 0, got -1"));
  BOOST_CHECK_EXCEPTION(TopKAccuracy(0), Error, saying("TopKAccuracy: expected k > 0, got 0"));
  BOOST_CHECK_EXCEPTION(R2Score({.num_outputs = 0}), Error,
                        saying("R2Score: expected num_outputs > 0, got 0"));
  // Nothing is changed where something is wrong.
  Precision precision = of_all(Precision(5));
  const double before = precision.value();
  BOOST_CHECK_EXCEPTION(precision.update(from<int64_t>({0, 5}), from<int64_t>({0, 1})), IndexError,
                        saying("Precision: input 5 is out of range for 5 classes"));
  BOOST_CHECK_EXCEPTION(precision.update(from<int64_t>({0, 1}), from<int64_t>({0, -1})), IndexError,
                        saying("Precision: target -1 is out of range for 5 classes"));
  BOOST_CHECK_EXCEPTION(precision.merge(Precision(4)), ShapeError,
                        saying("Precision: merge: expected 'right' of shape [5], got [4]"));
  BOOST_CHECK_EXCEPTION(precision.merge(Recall(5)), Error,
                        saying("Precision: merge: expected another Precision, got Recall"));
  BOOST_CHECK_EXCEPTION(precision.load_state_dict({}), Error,
                        saying("Precision: load_state_dict: expected 3 tensors, got 0"));
  BOOST_CHECK_EXCEPTION(precision.load_state_dict(AUROC().state_dict()), Error,
                        saying("expected 3 tensors, got 2"));
  StateDict state = precision.state_dict();
  state[1].second = state[1].second.to(float32);
  BOOST_CHECK_EXCEPTION(precision.load_state_dict(state), DTypeError,
                        saying("expected 'predicted' of int64, got float32"));
  BOOST_TEST(precision.value() == before);
  BOOST_CHECK_EXCEPTION(of_all(Precision(5, {.average = Average::none})).value(), Error,
                        saying("Precision: expected one number, got those of shape [5]"));

  AUROC auroc;
  BOOST_CHECK_EXCEPTION(
      auroc.update(zeros({2}), zeros({3}, int64)), ShapeError,
      saying("AUROC: expected scores and a target of one shape, got [2] and [3]"));
  BOOST_CHECK_EXCEPTION(auroc.update(from({0.5, none}), from<int64_t>({0, 1})), Error,
                        saying("AUROC: expected scores that are numbers, got NaN"));
  BOOST_CHECK_EXCEPTION(auroc.update(from({0.5, 1.0}), from<int64_t>({0, 2})), IndexError,
                        saying("AUROC: expected targets from 0 to 1, got 0 to 2"));
  BOOST_CHECK_EXCEPTION(AUROC(3).update(zeros({2, 2}), zeros({2}, int64)), ShapeError,
                        saying("AUROC: expected scores [N, 3] and a target [N], got shapes [2, 2] "
                               "and [2]"));
  BOOST_CHECK_EXCEPTION(Perplexity().update(zeros({2, 3}), zeros({3}, int64)), ShapeError,
                        saying("Perplexity: expected logits [..., C] for a target [...], got "
                               "shapes [2, 3] and [3]"));
  BOOST_CHECK_EXCEPTION(MeanSquaredError().update(zeros({2, 1}), zeros({2})), ShapeError,
                        saying("MeanSquaredError: expected predictions of the target's shape [2], "
                               "got [2, 1]"));
  BOOST_CHECK_EXCEPTION(
      R2Score().update(zeros({2, 2}), zeros({2, 2})), ShapeError,
      saying("R2Score: expected predictions and targets [N, 1], got shape [2, 2]"));
}

BOOST_AUTO_TEST_SUITE_END()
