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

BOOST_AUTO_TEST_CASE(packed_arguments_that_do_not_fit) {
  nn::RNN rnn(3, 2);
  nn::LSTM lstm(3, 2);
  const PackedSequence fine = pack_sequence({randn({2, 3}), randn({4, 3}), randn({1, 3})}, false);
  const auto refused = [&](const auto& change, const char* text) {
    PackedSequence p = fine;
    change(p);
    BOOST_CHECK_EXCEPTION(rnn(p), Error, saying(text));
  };
  refused([](PackedSequence& p) { p.batch_sizes = p.batch_sizes.unsqueeze(0); },
          "RNN: expected batch_sizes [T] of one step or more, got shape [1, 4]");
  refused(
      [](PackedSequence& p) {
        p.batch_sizes = from<int64_t>({0, 0});
      },
      "RNN: expected batch_sizes that are positive and never grow, got 0 at step 0");
  refused(
      [](PackedSequence& p) {
        p.batch_sizes = from<int64_t>({-3, 2});
      },
      "RNN: expected batch_sizes that are positive and never grow, got -3 at step 0");
  refused([](PackedSequence& p) { p.batch_sizes = p.batch_sizes.to(float32); },
          "RNN: expected integer batch_sizes, got float32");
  refused(
      [](PackedSequence& p) {
        p.sorted_indices = from<int64_t>({0, 1});
      },
      "RNN: expected sorted_indices of shape [3], one for each sequence, got [2]");
  refused(
      [](PackedSequence& p) {
        p.unsorted_indices = from<int64_t>({0, 1, 1});
      },
      "RNN: expected unsorted_indices with each number below 3 once, got 1 twice");
  BOOST_CHECK_EXCEPTION(rnn(fine, randn({1, 5, 2})), ShapeError,
                        saying("RNN: expected hx of shape [1, 3, 2], got [1, 5, 2]"));
  BOOST_CHECK_EXCEPTION(rnn(fine, randn({2})), ShapeError,
                        saying("RNN: expected hx of shape [1, 3, 2], got [2]"));
  BOOST_CHECK_EXCEPTION(lstm(fine, nn::LSTM::State(randn({1, 3, 2}), Tensor())), Error,
                        saying("LSTM: c of hx is undefined"));
  PackedSequence p = fine;
  p.unsorted_indices = from<int64_t>({0, 3, 1});
  BOOST_CHECK_EXCEPTION(pad_packed_sequence(p), Error,
                        saying("pad_packed_sequence: expected unsorted_indices with each number "
                               "below 3 once, got 3"));
  p.unsorted_indices = from<int64_t>({0, 1, 2, 0});
  BOOST_CHECK_EXCEPTION(pad_packed_sequence(p), ShapeError, saying("of shape [3]"));
  BOOST_CHECK_THROW(unpack_sequence(p), ShapeError);
}

// Sequences go to packed rows and back without padding, which would be as large as the longest one
// for each of them.
BOOST_AUTO_TEST_CASE(packing_takes_memory_of_what_is_there) {
  std::vector<Tensor> sequences(200, randn({1, 16}));
  for (Tensor& s : sequences) s = randn({1, 16}).requires_grad_();
  sequences[7] = randn({1000, 16}).requires_grad_();
  empty_cache();
  reset_peak_memory();
  const int64_t before = memory_stats().current;
  const PackedSequence packed = pack_sequence(sequences, false);
  const std::vector<Tensor> each = unpack_sequence(packed);
  BOOST_TEST(memory_stats().peak - before < 10 * 1200 * 16 * 4);
  const PackedSequence by_padding = pack_padded_sequence(pad_sequence(sequences),
                                                         [&] {
                                                           std::vector<int64_t> lengths;
                                                           for (const Tensor& s : sequences)
                                                             lengths.push_back(s.size(0));
                                                           return lengths;
                                                         }(),
                                                         {.enforce_sorted = false});
  BOOST_TEST(equal(packed.data, by_padding.data));
  BOOST_TEST(equal(packed.batch_sizes, by_padding.batch_sizes));
  BOOST_TEST(equal(packed.sorted_indices, by_padding.sorted_indices));
  for (size_t i = 0; i < sequences.size(); ++i) BOOST_TEST(equal(each[i], sequences[i]));
  const Tensor g = grad({(each[7] * each[7]).sum() + each[3].sum()}, {sequences[7]})[0];
  BOOST_TEST(equal(g, sequences[7].detach() * 2));
  BOOST_CHECK_EXCEPTION(pack_sequence({randn({1, 2}), randn({2, 2})}), Error,
                        saying("pack_sequence: expected lengths that never grow"));
  BOOST_CHECK_EXCEPTION(pack_sequence({randn({2, 2}), randn({0, 2})}), Error,
                        saying("pack_sequence: expected lengths from 1 to 2, got 0"));
}

BOOST_AUTO_TEST_CASE(multiply_adds_of_all_steps) {
  const auto products = [](auto& layer, const Tensor& x) {
    const std::vector<Tensor> results = {std::get<0>(layer(x))};
    return layer.multiply_adds({}, results);
  };
  nn::RNN rnn(3, 4);
  nn::GRU gru(3, 4, {.num_layers = 2, .bidirectional = true});
  nn::LSTM lstm(3, 4, {.proj_size = 2});
  const Tensor x = randn({5, 2, 3});
  BOOST_TEST(products(rnn, x) == 10 * (4 * 3 + 4 * 4));
  BOOST_TEST(products(gru, x) == 10 * 2 * (12 * 3 + 12 * 4 + 12 * 8 + 12 * 4));
  BOOST_TEST(products(lstm, x) == 10 * (16 * 3 + 16 * 2 + 2 * 4));
  nn::GRUCell cell(3, 4);
  const std::vector<Tensor> state = {cell(randn({2, 3}))};
  BOOST_TEST(cell.multiply_adds({}, state) == 2 * (12 * 3 + 12 * 4));
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
  BOOST_CHECK_EXCEPTION(rnn(randn({4, 1, 2}), randn({3})), ShapeError,
                        saying("RNN: expected hx of shape [1, 1, 3], got [3]"));
  constexpr int64_t huge = int64_t(1) << 62;
  BOOST_CHECK_EXCEPTION(nn::LSTM(1, huge), Error,
                        saying("LSTM: expected a hidden_size of which 4"));
  BOOST_CHECK_EXCEPTION(nn::GRU(1, huge), Error, saying("GRU: expected a hidden_size of which 3"));
  BOOST_CHECK_THROW(nn::RNN(1, huge), Error);
  BOOST_CHECK_EXCEPTION(nn::LSTMCell(1, huge), Error, saying("LSTMCell: expected a hidden_size"));
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
