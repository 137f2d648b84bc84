#include <rewind/nn/recurrent_layers.h>

#include "../check.h"

using namespace rw;
using namespace rw::test;
using namespace rw::nn::utils::rnn;

namespace {

std::vector<std::string> keys_of(const nn::Module& m) {
  std::vector<std::string> keys;
  for (const auto& [name, t] : m.state_dict()) keys.push_back(name);
  return keys;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(recurrent_layers)

BOOST_AUTO_TEST_CASE(keys_and_shapes) {
  nn::LSTM lstm(5, 4, {.num_layers = 2, .bidirectional = true, .proj_size = 3});
  const std::vector<std::string> expected = {
      "weight_ih_l0",         "weight_hh_l0",         "bias_ih_l0",
      "bias_hh_l0",           "weight_hr_l0",         "weight_ih_l0_reverse",
      "weight_hh_l0_reverse", "bias_ih_l0_reverse",   "bias_hh_l0_reverse",
      "weight_hr_l0_reverse", "weight_ih_l1",         "weight_hh_l1",
      "bias_ih_l1",           "bias_hh_l1",           "weight_hr_l1",
      "weight_ih_l1_reverse", "weight_hh_l1_reverse", "bias_ih_l1_reverse",
      "bias_hh_l1_reverse",   "weight_hr_l1_reverse"};
  BOOST_TEST(keys_of(lstm) == expected, boost::test_tools::per_element());
  BOOST_TEST((lstm.weights[0].shape() == Shape{16, 5}));
  BOOST_TEST((lstm.weights[1].shape() == Shape{16, 3}));
  BOOST_TEST((lstm.weights[4].shape() == Shape{3, 4}));
  BOOST_TEST((lstm.weights[10].shape() == Shape{16, 6}));
  const std::vector<std::string> without = {"weight_ih_l0", "weight_hh_l0"};
  BOOST_TEST(keys_of(nn::GRU(2, 3, {.bias = false})) == without, boost::test_tools::per_element());
  const std::vector<std::string> cell = {"weight_ih", "weight_hh", "bias_ih", "bias_hh"};
  BOOST_TEST(keys_of(nn::GRUCell(2, 3)) == cell, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(states_go_from_one_network_to_another) {
  nn::LSTM a(3, 4, {.num_layers = 2}), b(3, 4, {.num_layers = 2});
  const Tensor x = randn({5, 2, 3});
  BOOST_TEST(!equal(std::get<0>(a(x)), std::get<0>(b(x))));
  b.load_state_dict(a.state_dict());
  BOOST_TEST(equal(std::get<0>(a(x)), std::get<0>(b(x))));
  nn::LSTM moved = std::move(b);
  BOOST_TEST(equal(std::get<0>(a(x)), std::get<0>(moved(x))));
  BOOST_TEST(moved.named_parameters().size() == 8);
}

BOOST_AUTO_TEST_CASE(first_weights) {
  manual_seed(1);
  const nn::GRU gru(50, 100);
  for (const Tensor& w : gru.weights) {
    BOOST_TEST(w.abs().max().item<double>() <= 0.1);
    BOOST_TEST(w.abs().max().item<double>() > 0.095);
    BOOST_TEST(std::abs(w.mean().item<double>()) < 0.01);
  }
}

BOOST_AUTO_TEST_CASE(printed_as_pytorch_does) {
  BOOST_TEST(to_string(nn::LSTM(5, 4,
                                {.num_layers = 2,
                                 .bias = false,
                                 .batch_first = true,
                                 .dropout = 0.5,
                                 .bidirectional = true,
                                 .proj_size = 3})) ==
             "LSTM(5, 4, proj_size=3, num_layers=2, bias=False, batch_first=True, dropout=0.5, "
             "bidirectional=True)");
  BOOST_TEST(to_string(nn::GRU(5, 4)) == "GRU(5, 4)");
  BOOST_TEST(to_string(nn::RNNCell(5, 4, {false, nn::Nonlinearity::relu})) ==
             "RNNCell(5, 4, bias=False, nonlinearity=relu)");
}

BOOST_AUTO_TEST_CASE(state_is_carried_on) {
  nn::LSTM lstm(3, 4);
  const Tensor x = randn({6, 2, 3});
  const auto [whole, end] = lstm(x);
  const auto [first, middle] = lstm(x.narrow(0, 0, 2));
  const auto [rest, last] = lstm(x.narrow(0, 2, 4), middle);
  BOOST_TEST(allclose(cat({first, rest}), whole, 1e-5, 1e-6));
  BOOST_TEST(allclose(std::get<1>(last), std::get<1>(end), 1e-5, 1e-6));
  nn::LSTMCell cell(3, 4);
  cell.load_state_dict({{"weight_ih", lstm.weights[0]},
                        {"weight_hh", lstm.weights[1]},
                        {"bias_ih", lstm.weights[2]},
                        {"bias_hh", lstm.weights[3]}});
  nn::LSTMCell::State state = cell(x[0]);
  for (int64_t t = 1; t < 6; ++t) state = cell(x[t], state);
  BOOST_TEST(allclose(std::get<0>(state), whole[5], 1e-5, 1e-6));
}

BOOST_AUTO_TEST_CASE(dropout_between_layers_in_training_alone) {
  manual_seed(2);
  nn::GRU gru(3, 16, {.num_layers = 2, .dropout = 0.5});
  const Tensor x = randn({4, 2, 3});
  BOOST_TEST(!equal(std::get<0>(gru(x)), std::get<0>(gru(x))));
  const auto [a, h] = gru(x);
  const auto [b, h2] = gru(x);
  BOOST_TEST(equal(h[0], h2[0]));  // nothing is dropped in front of the first layer
  gru.eval();
  BOOST_TEST(equal(std::get<0>(gru(x)), std::get<0>(gru(x))));
}

struct Tagger : nn::ModuleOf<Tagger> {
  nn::LSTM lstm = add("lstm", nn::LSTM(3, 4, {.bidirectional = true}));
  Tensor forward(const PackedSequence& x) { return std::get<0>(lstm(x)).data; }
};

BOOST_AUTO_TEST_CASE(packed_in_a_model) {
  Tagger model;
  const std::vector<Tensor> sequences = {randn({2, 3}), randn({4, 3}), randn({1, 3})};
  const PackedSequence packed = pack_sequence(sequences, false);
  model(packed).sum().backward();
  BOOST_TEST(model.lstm.weights[4].grad().defined());
  const auto [output, state] = model.lstm(packed);
  const std::vector<Tensor> each = unpack_sequence(output);
  for (size_t i = 0; i < sequences.size(); ++i) {
    const auto [y, own] = model.lstm(sequences[i]);
    BOOST_TEST(allclose(each[i], y, 1e-5, 1e-6));
    BOOST_TEST(allclose(std::get<0>(state).select(1, static_cast<int64_t>(i)), std::get<0>(own),
                        1e-5, 1e-6));
  }
}

BOOST_AUTO_TEST_CASE(what_does_not_fit) {
  BOOST_CHECK_EXCEPTION(nn::LSTM(2, 0), Error,
                        saying("LSTM: expected an input_size of at least 0 and a hidden_size of at "
                               "least 1, got 2 and 0"));
  BOOST_CHECK_EXCEPTION(nn::GRU(2, 3, {.num_layers = 0}), Error,
                        saying("GRU: expected num_layers of at least 1, got 0"));
  BOOST_CHECK_EXCEPTION(nn::RNN(2, 3, {.dropout = -1}), Error,
                        saying("RNN: expected a dropout from 0 to 1, got -1"));
  BOOST_CHECK_EXCEPTION(nn::LSTM(2, 3, {.proj_size = 3}), Error,
                        saying("LSTM: expected a proj_size from 0 to less than the hidden_size 3, "
                               "got 3"));
  nn::RNN rnn(2, 3);
  BOOST_CHECK_EXCEPTION(rnn(randn({2, 1, 5})), ShapeError,
                        saying("RNN: expected an input of 2 features, got shape [2, 1, 5]"));
  BOOST_CHECK_EXCEPTION(rnn(randn({4, 2}), randn({1, 1, 3})), ShapeError,
                        saying("RNN: expected hx of rank 2 as the input has no batch, got shape "
                               "[1, 1, 3]"));
  const Tensor x = randn({4, 2, 3});
  BOOST_CHECK_EXCEPTION(pack_padded_sequence(x, {2, 4}), Error,
                        saying("pack_padded_sequence: expected lengths that never grow; "
                               "enforce_sorted = false sorts the sequences"));
  BOOST_CHECK_EXCEPTION(pack_padded_sequence(x, {5, 1}), Error,
                        saying("pack_padded_sequence: expected lengths from 1 to 4, got 5"));
  BOOST_CHECK_EXCEPTION(pad_packed_sequence(pack_padded_sequence(x, {4, 1}), {.total_length = 3}),
                        Error,
                        saying("pad_packed_sequence: expected a total_length of at least 4, that "
                               "of the longest sequence, got 3"));
  BOOST_CHECK_EXCEPTION(pad_sequence({randn({2, 3}), randn({2, 4})}), ShapeError,
                        saying("pad_sequence: expected sequences of one shape but for their "
                               "lengths, got [2, 3] and [2, 4]"));
}

BOOST_AUTO_TEST_SUITE_END()
