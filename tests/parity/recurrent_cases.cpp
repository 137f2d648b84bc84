#include <rewind/nn/recurrent_layers.h>
#include <rewind/ops/recurrent.h>

#include "cases.h"

namespace rw::test {

namespace pack = nn::utils::rnn;

namespace {

constexpr int64_t I = 2, H = 3, P = 2;

// --- Results as lists ---------------------------------------------------------------------------

Tensors flat(const Tensor& t) { return {t}; }
Tensors flat(const pack::PackedSequence& s) { return {s.data}; }
template <class... T>
Tensors flat(const std::tuple<T...>& parts) {
  Tensors all;
  const auto add = [&](const Tensors& more) { all.insert(all.end(), more.begin(), more.end()); };
  std::apply([&](const auto&... part) { (add(flat(part)), ...); }, parts);
  return all;
}

// --- Layers -------------------------------------------------------------------------------------

// Takes the weights that the last of the inputs are; what is left is the input and the state.
size_t take_weights(std::vector<nn::Parameter>& weights, const Tensors& in) {
  const size_t given = in.size() - weights.size();
  for (size_t i = 0; i < weights.size(); ++i) weights[i] = in[given + i];
  return given;
}

Tensors call(auto& layer, const auto& x, const Tensors& in, size_t given) {
  using Layer = std::decay_t<decltype(layer)>;
  if (given == 1) return flat(layer(x));
  if constexpr (std::is_same_v<Layer, nn::LSTM> || std::is_same_v<Layer, nn::LSTMCell>)
    return flat(layer(x, nn::LSTM::State(in[1], in[2])));
  else
    return flat(layer(x, in[1]));
}

using Lengths = std::vector<int64_t>;

template <class Layer, class Options>
void add_layer(Cases& all, const std::string& name, Options o, const Lengths& lengths = {},
               bool sorted = true) {
  all.push_back(
      {name, [=](const Tensors& in) {
         Layer layer(I, H, o);
         const size_t given = take_weights(layer.weights, in);
         if (lengths.empty()) return call(layer, in[0], in, given);
         const auto x = pack::pack_padded_sequence(in[0], lengths, {o.batch_first, sorted});
         return call(layer, x, in, given);
       }});
}

template <class Layer, class Options>
void add_layers(Cases& all, const std::string& kind, const Options& plain) {
  const auto with = [&](const auto& change) {
    Options o = plain;
    change(o);
    return o;
  };
  const auto add = [&](const std::string& name, const Options& o, const Lengths& lengths = {},
                       bool sorted = true) {
    add_layer<Layer>(all, kind + "_" + name, o, lengths, sorted);
  };
  for (const char* name : {"layer", "state", "unbatched", "one_step", "of_none", "of_no_step",
                           "of_other_features", "of_rank_4", "state_of_other_batch",
                           "state_of_other_layers", "batched_state_for_unbatched"})
    add(name, plain);
  add("two_layers", with([](auto& o) { o.num_layers = 2; }));
  add("without_bias", with([](auto& o) { o.bias = false; }));
  add("batch_first", with([](auto& o) { o.batch_first = true; }));
  const Options both = with([](auto& o) { o.bidirectional = true; });
  add("bidirectional", both);
  add("one_step_back", both);
  add("bidirectional_layers", with([](auto& o) { o.bidirectional = true, o.num_layers = 2; }));
  add("unbatched_batch_first", with([](auto& o) { o.batch_first = true, o.num_layers = 2; }));
  add("dropout_of_one", with([](auto& o) { o.dropout = 1, o.num_layers = 2; }));
  add("packed", plain, {3, 2, 2});
  add("packed_unsorted", plain, {1, 3, 2}, false);
  add("packed_both_ways",
      with([](auto& o) { o.bidirectional = o.batch_first = true, o.num_layers = 2; }), {1, 3, 2},
      false);
}

Cases layers() {
  Cases all;
  add_layers<nn::RNN>(all, "rnn", nn::RNNOptions());
  add_layers<nn::RNN>(all, "rnn_relu", nn::RNNOptions{.nonlinearity = nn::Nonlinearity::relu});
  add_layers<nn::GRU>(all, "gru", nn::GRUOptions());
  add_layers<nn::LSTM>(all, "lstm", nn::LSTMOptions());
  using O = nn::LSTMOptions;
  add_layer<nn::LSTM>(all, "lstm_projected", O{.proj_size = P});
  add_layer<nn::LSTM>(all, "lstm_projected_layers",
                      O{.num_layers = 2, .bidirectional = true, .proj_size = P});
  add_layer<nn::LSTM>(all, "lstm_projected_without_bias", O{.bias = false, .proj_size = P});
  add_layer<nn::LSTM>(all, "lstm_projected_packed", O{.proj_size = P}, {1, 3, 2}, false);
  return all;
}

// --- Cells --------------------------------------------------------------------------------------

template <class Cell, class Options>
void add_cells(Cases& all, const std::string& kind, const Options& plain) {
  const auto add = [&](const std::string& name, const Options& o) {
    all.push_back({kind + "_cell" + name, [o](const Tensors& in) {
                     Cell cell(I, H, o);
                     const size_t given = in.size() - (o.bias ? 4 : 2);
                     cell.weight_ih = in[given];
                     cell.weight_hh = in[given + 1];
                     if (o.bias) cell.bias_ih = in[given + 2];
                     if (o.bias) cell.bias_hh = in[given + 3];
                     return call(cell, in[0], in, given);
                   }});
  };
  for (const char* name : {"", "_at_first", "_unbatched", "_of_none", "_of_other_features",
                           "_of_other_batch", "_of_rank_3"})
    add(name, plain);
  Options without = plain;
  without.bias = false;
  add("_without_bias", without);
}

Cases cells() {
  Cases all;
  add_cells<nn::RNNCell>(all, "rnn", nn::RNNCellOptions());
  add_cells<nn::RNNCell>(all, "rnn_relu",
                         nn::RNNCellOptions{.nonlinearity = nn::Nonlinearity::relu});
  add_cells<nn::GRUCell>(all, "gru", nn::RecurrentCellOptions());
  add_cells<nn::LSTMCell>(all, "lstm", nn::RecurrentCellOptions());
  return all;
}

// --- Functions and sequences --------------------------------------------------------------------

Cases functions() {
  const auto weights = [](const Tensors& in, size_t n) {
    return Tensors(in.begin() + 2, in.begin() + 2 + static_cast<std::ptrdiff_t>(n));
  };
  const auto over_data = [=](const Lengths& sizes) {
    return [=](const Tensors& in) {
      return flat(gru(in[0], from<int64_t>(sizes), in[1], weights(in, 4)));
    };
  };
  const auto batch = [=](size_t n) {
    return [=](const Tensors& in) {
      return flat(gru(in[0], in[1], weights(in, n), {.batch_first = true}));
    };
  };
  return {
      {"gru_function", batch(4)},
      {"gru_function_of_few_weights", batch(3)},
      {"gru_function_packed", over_data({2, 1})},
      {"gru_function_beyond_data", over_data({2, 2})},
  };
}

Tensors fields(const pack::PackedSequence& s) {
  if (!s.sorted_indices.defined()) return {s.data, s.batch_sizes};
  return {s.data, s.batch_sizes, s.sorted_indices, s.unsorted_indices};
}
Tensors squares(Tensors all) {
  for (Tensor& t : all) t = t.square();
  return all;
}

Cases packing() {
  const auto packed = [](const pack::PackOptions& o) {
    return [=](In x, In n) { return fields(pack::pack_padded_sequence(x, n, o)); };
  };
  const auto padded = [](const Lengths& n, const pack::UnpackOptions& o) {
    return [=](In x) -> Tensors {
      const auto sequences = pack::pack_padded_sequence(x.square(), n, {.enforce_sorted = false});
      const auto [output, lengths] = pack::pad_packed_sequence(sequences, o);
      return {output, lengths};
    };
  };
  Cases all = {
      {"pack_padded_sequence_unsorted", packed({.enforce_sorted = false})},
      {"pack_padded_sequence_batch_first", packed({.batch_first = true})},
      {"pad_packed_sequence", padded({4, 2, 1}, {})},
      {"pad_packed_sequence_unsorted", padded({1, 3, 2}, {})},
      {"pad_packed_sequence_batch_first", padded({1, 3, 2}, {.batch_first = true})},
      {"pad_packed_sequence_value", padded({4, 2, 1}, {.padding_value = 1.5})},
      {"pad_packed_sequence_total_length",
       padded({1, 3, 2}, {.padding_value = -1, .total_length = 5})},
      {"pad_packed_sequence_short_total_length", padded({4, 2, 1}, {.total_length = 3})},
  };
  for (const char* name :
       {"", "_shorter", "_not_sorted", "_of_nothing", "_few_lengths", "_of_none"})
    all.push_back({std::string("pack_padded_sequence") + name, packed({})});
  return all;
}

Cases lists() {
  const auto padded = [](const pack::PadOptions& o) {
    return [=](const Tensors& in) { return Tensors{pack::pad_sequence(in, o).square()}; };
  };
  const auto unpadded = [](bool batch_first) {
    return [=](In x, In n) { return squares(pack::unpad_sequence(x, n, batch_first)); };
  };
  return {
      {"pad_sequence", padded({})},
      {"pad_sequence_of_vectors", padded({})},
      {"pad_sequence_of_nothing", padded({})},
      {"pad_sequence_of_other_features", padded({})},
      {"pad_sequence_batch_first", padded({.batch_first = true})},
      {"pad_sequence_value", padded({.padding_value = 0.5})},
      {"pad_sequence_left", padded({true, -2, pack::PaddingSide::left})},
      {"unpad_sequence", unpadded(false)},
      {"unpad_sequence_batch_first", unpadded(true)},
      {"pack_sequence", [](const Tensors& in) { return fields(pack::pack_sequence(in, false)); }},
      {"pack_sequence_not_sorted",
       [](const Tensors& in) { return fields(pack::pack_sequence(in)); }},
      {"pack_sequence_sorted",
       [](const Tensors& in) { return Tensors{pack::pack_sequence(in).data.square()}; }},
      {"unpack_sequence",
       [](const Tensors& in) {
         return squares(pack::unpack_sequence(pack::pack_sequence(in, false)));
       }},
  };
}

Cases recurrent_cases() { return joined({layers(), cells(), functions(), packing(), lists()}); }

}  // namespace

static const Family recurrent_family(recurrent_cases);

}  // namespace rw::test
