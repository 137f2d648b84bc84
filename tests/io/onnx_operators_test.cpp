// What nodes compute at the edges of what they may be told. Values are ONNX Runtime's, or those of
// ONNX's text where it has others.

#include <cmath>
#include <limits>

#include "../check.h"
#include "onnx_made.h"

using namespace rw;
using namespace rw::test::made;
using rw::test::saying;
using rw::test::says;
using Ints = std::vector<int64_t>;
using Floats = std::vector<float>;

namespace {

Tensor ints(const Ints& numbers) { return from(numbers); }
Tensor floats(const Floats& numbers) { return from(numbers); }

void check_numbers(const Tensor& got, const Floats& expected) {
  const Floats numbers = got.to(float32).reshape({-1}).to_vector<float>();
  BOOST_TEST_REQUIRE(numbers.size() == expected.size());
  for (size_t i = 0; i < numbers.size(); ++i)
    BOOST_TEST((numbers[i] == expected[i] || std::abs(numbers[i] - expected[i]) < 1e-5),
               i << ": " << numbers[i] << ", expected " << expected[i]);
}

constexpr float inf = std::numeric_limits<float>::infinity();

}  // namespace

BOOST_AUTO_TEST_SUITE(onnx_operators)

// --- Numbers out of range -----------------------------------------------------------------------

BOOST_AUTO_TEST_CASE(resize_checks_its_sizes) {
  const Tensor x = ones({1, 1, 2, 2}), none;
  for (const char* mode : {"nearest", "linear"}) {
    const auto resize = [&](const Tensor& scales, const Tensor& sizes) {
      return result("Resize", {x, none, scales, sizes}, {attribute("mode", mode)});
    };
    BOOST_TEST((resize(floats({1, 1, 2, 2}), ints({})).shape() == Shape{1, 1, 4, 4}));
    BOOST_TEST((resize(floats({}), ints({1, 1, 3, 3})).shape() == Shape{1, 1, 3, 3}));
    BOOST_CHECK_EXCEPTION(resize(none, ints({})), Error, saying("expected scales or sizes"));
    for (const Ints& sizes : {Ints{1}, Ints{4, 2}, Ints{1, 1, -4, 4}, Ints{1, 1, 2, 2, 2}})
      BOOST_CHECK_EXCEPTION(resize(none, ints(sizes)), ShapeError,
                            saying("expected 4 sizes, none of them negative, got ["));
  }
  const std::vector<Message> last = {attribute("axes", Ints{3})};
  BOOST_TEST((result("Resize", {x, none, none, ints({5})}, last, 18).shape() == Shape{1, 1, 2, 5}));
  BOOST_CHECK_EXCEPTION(result("Resize", {x, none, none, ints({-5})}, last, 18), ShapeError,
                        saying("none of them negative"));
  BOOST_CHECK_EXCEPTION(
      result("Resize", {ones({}), none, none, ints({5})}, {attribute("axes", Ints{0})}, 18), Error,
      saying("one for each axis"));
}

BOOST_AUTO_TEST_CASE(attributes_out_of_range_are_refused) {
  const Tensor x = ones({1, 4, 2, 2});
  constexpr int64_t most = std::numeric_limits<int64_t>::max();
  for (const char* op : {"DepthToSpace", "SpaceToDepth"})
    for (const int64_t size : {int64_t{0}, int64_t{-1}, int64_t{1} << 32})
      says(refusal(one(op, {x}, {attribute("blocksize", size)})),
           "expected a blocksize of 1 to 32768, got");
  says(refusal(one("Split", {x}, {attribute("num_outputs", most)}, 18, 2)),
       "expected num_outputs = 2, got 9223372036854775807");
  says(refusal(one("GatherND", {x, ints({0})}, {attribute("batch_dims", int64_t{-5})})),
       "its batch_dims are -5");
  says(refusal(one("ConvTranspose", {x, x}, {attribute("output_shape", Ints{-most, most})})),
       "a size of its window is out of range");
  says(refusal(one("LSTM", {x, x, x}, {attribute("hidden_size", int64_t{1} << 62)})),
       "expected a hidden_size of 1 to");
}

BOOST_AUTO_TEST_CASE(an_index_has_the_batch_of_what_it_indexes) {
  const Tensor x = arange(6).to(float32).reshape({3, 2});
  const std::vector<Message> batch = {attribute("batch_dims", int64_t{1})};
  check_numbers(result("GatherND", {x, ints({1, 0, 1}).reshape({3, 1})}, batch), {1, 2, 5});
  BOOST_CHECK_EXCEPTION(result("GatherND", {x, zeros({6, 1}, int64)}, batch), ShapeError,
                        saying("expected an index of the batch of shape [3, 2], got shape [6, 1]"));
}

BOOST_AUTO_TEST_CASE(axes_are_different) {
  const Tensor x = ones({2, 2}), none;
  BOOST_CHECK_EXCEPTION(result("Unsqueeze", {x, ints({0, 0})}), Error,
                        saying("expected different axes, got [0, 0]"));
  BOOST_CHECK_EXCEPTION(result("Unsqueeze", {x, ints({0, -4})}), Error,
                        saying("expected different axes"));
  BOOST_CHECK_EXCEPTION(result("Pad", {x, ints({1, 1, 1, 1}), none, ints({0, -2})}, {}, 18), Error,
                        saying("expected different axes, got [0, 0]"));
  for (const char* mode : {"reflect", "wrap"})
    BOOST_CHECK_EXCEPTION(result("Pad", {x, ints({4, 0, 0, 0})}, {attribute("mode", mode)}, 19),
                          Error, saying("of shape [2, 2] can't be padded by 4 and 0"));
  BOOST_CHECK_EXCEPTION(result("Pad", {ones({}), ints({1, 1}), none, ints({0})}, {}, 18), Error,
                        saying("expected dimensions"));
}

// --- Recurrent nodes ----------------------------------------------------------------------------

BOOST_AUTO_TEST_CASE(activations_have_their_places) {
  const auto read = [](const char* op, const std::vector<std::string>& activations, bool both) {
    const Tensor x = ones({1, 1, 1});
    return refusal(one(op, {x, x, x},
                       {attribute("hidden_size", int64_t{1}), attribute("activations", activations),
                        attribute("linear_before_reset", int64_t{1}),
                        attribute("direction", both ? "bidirectional" : "forward")}));
  };
  const std::string why = "its activations are others than those of PyTorch";
  BOOST_TEST(read("GRU", {"Sigmoid", "Tanh"}, false) == "");
  BOOST_TEST(read("GRU", {"Sigmoid", "Tanh", "Sigmoid", "Tanh"}, true) == "");
  says(read("GRU", {"Tanh", "Sigmoid"}, false), why);
  says(read("GRU", {"Sigmoid", "Tanh", "Tanh", "Tanh"}, true), why);
  says(read("LSTM", {"Sigmoid", "Sigmoid", "Tanh"}, false), why);
  says(read("RNN", {"Tanh", "Relu"}, true), why);
}

// --- Windows ------------------------------------------------------------------------------------

BOOST_AUTO_TEST_CASE(no_window_begins_in_the_border_behind) {
  const Tensor x = floats({1, 2, 3, 4}).reshape({1, 1, 4});
  const std::vector<Message> window = {attribute("kernel_shape", Ints{3}),
                                       attribute("strides", Ints{2}), attribute("pads", Ints{0, 2}),
                                       attribute("ceil_mode", int64_t{1})};
  check_numbers(result("MaxPool", {x}, window), {3, 4});
  check_numbers(result("AveragePool", {x}, window), {2, 3.5});
  std::vector<Message> counted = window;
  counted.push_back(attribute("count_include_pad", int64_t{1}));
  check_numbers(result("AveragePool", {x}, counted), {2, 7.f / 3});
}

BOOST_AUTO_TEST_CASE(a_transposed_convolution_may_end_beyond_its_input) {
  const Tensor x = floats({1, 2}).reshape({1, 1, 2}), w = ones({1, 1, 2}), b = floats({10});
  const auto result_of = [&](int64_t size) {
    return result("ConvTranspose", {x, w, b},
                  {attribute("strides", Ints{2}), attribute("output_shape", Ints{size})});
  };
  check_numbers(result_of(4), {11, 11, 12, 12});
  check_numbers(result_of(7), {11, 11, 12, 12, 10, 10, 10});
  check_numbers(result_of(3), {11, 12, 12});
}

// --- Resampling ---------------------------------------------------------------------------------

BOOST_AUTO_TEST_CASE(whole_numbers_are_resized_by_their_means) {
  const Tensor x = from(std::vector<uint8_t>{0, 255}).reshape({1, 1, 1, 2}), none;
  const Tensor y =
      result("Resize", {x, none, none, ints({1, 1, 1, 4})}, {attribute("mode", "linear")});
  BOOST_TEST((y.dtype() == uint8));
  check_numbers(y, {0, 63, 191, 255});
}

BOOST_AUTO_TEST_CASE(older_versions_take_the_next_element_where_they_shrink) {
  const Tensor x = arange(8).to(float32).reshape({1, 1, 1, 8});
  check_numbers(result("Resize", {x, floats({1, 1, 1, 0.6f})}, {}, 10), {0, 2, 4, 5});
  check_numbers(result("Resize", {x.slice(3, 0, 2), floats({1, 1, 1, 2})}, {}, 10), {0, 0, 1, 1});
}

// --- Folds, scans and slices --------------------------------------------------------------------

BOOST_AUTO_TEST_CASE(sums_before_an_element_do_not_have_it) {
  const Tensor x = floats({1, 1e10f, 2, 3}), axis = full({}, int64_t{0}, {.dtype = int64});
  const Message exclusive = attribute("exclusive", int64_t{1});
  check_numbers(result("CumSum", {floats({1, inf, 2}), axis}, {exclusive}), {0, 1, inf});
  check_numbers(result("CumSum", {x, axis}, {exclusive}).slice(0, 0, 2), {0, 1});
  check_numbers(result("CumSum", {x, axis}, {exclusive, attribute("reverse", int64_t{1})}),
                {1e10f, 5, 3, 0});
  BOOST_TEST((result("CumSum", {zeros({0}), axis}, {exclusive}).shape() == Shape{0}));
}

BOOST_AUTO_TEST_CASE(a_slice_backwards_begins_at_the_first_element_at_least) {
  const auto slice = [](int64_t start, int64_t stop, int64_t size = 3) {
    return result("Slice",
                  {arange(size).to(float32), ints({start}), ints({stop}), ints({0}), ints({-1})});
  };
  check_numbers(slice(-100, -200), {0});
  check_numbers(slice(100, -200), {2, 1, 0});
  check_numbers(slice(0, 2), {});
  check_numbers(slice(-1, -200, 0), {});
}

BOOST_AUTO_TEST_CASE(folds_of_no_axes_are_those_of_each_element) {
  const Tensor x = floats({-2, 4}).reshape({1, 2});
  const auto fold = [&](const char* op, const Tensor& t) {
    const Tensor y = result(op, {t, ints({})}, {attribute("noop_with_empty_axes", int64_t{1})}, 18);
    BOOST_TEST((y.shape() == t.shape()));
    return y;
  };
  check_numbers(fold("ReduceSum", x), {-2, 4});
  check_numbers(fold("ReduceMax", x), {-2, 4});
  check_numbers(fold("ReduceSumSquare", x), {4, 16});
  check_numbers(fold("ReduceL1", x), {2, 4});
  check_numbers(fold("ReduceL2", x), {2, 4});
  check_numbers(fold("ReduceLogSum", x.abs()), {std::log(2.f), std::log(4.f)});
  check_numbers(fold("ReduceLogSumExp", x), {-2, 4});
  check_numbers(fold("ReduceL1", full({}, -3.0)), {3});
}

BOOST_AUTO_TEST_CASE(extremes_of_nothing_are_infinite) {
  const auto fold = [](const char* op, const Tensor& x) {
    return result(op, {x, ints({0})}, {}, 18);
  };
  BOOST_TEST((fold("ReduceMax", zeros({0, 2})).shape() == Shape{1, 2}));
  check_numbers(fold("ReduceMax", zeros({0, 2})), {-inf, -inf});
  check_numbers(fold("ReduceMin", zeros({0, 2})), {inf, inf});
  BOOST_CHECK_EXCEPTION(fold("ReduceMin", zeros({0, 2}, int64)), DTypeError,
                        saying("expected elements"));
}

BOOST_AUTO_TEST_CASE(weights_of_norms_may_have_further_sizes_of_one) {
  const Tensor x = floats({-1, 1}).reshape({1, 1, 2}), scale = floats({2, 3}).reshape({1, 1, 2});
  check_numbers(result("LayerNormalization", {x, scale}, {attribute("epsilon", 0.f)}), {-2, 3});
  check_numbers(result("RMSNormalization", {x, scale}, {attribute("epsilon", 0.f)}, 23), {-2, 3});
}

BOOST_AUTO_TEST_CASE(older_forms_are_named) {
  const Tensor x = ones({2});
  says(refusal(one("Slice", {x, ints({0}), ints({1})}, {}, 9)),
       "Slice: there is one since version 10 only");
  says(refusal(one("Upsample", {x, floats({1})}, {}, 8)),
       "Upsample: there is one since version 9 only");
}

BOOST_AUTO_TEST_SUITE_END()
