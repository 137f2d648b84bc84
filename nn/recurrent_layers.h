#pragma once

#include <optional>
#include <tuple>
#include <vector>

#include <rewind/nn/module.h>
#include <rewind/nn/rnn_utils.h>
#include <rewind/tensor/by_place.h>

// Recurrent networks with PyTorch's names, options, defaults, keys and initialisation: all weights
// and biases are uniform within 1 / sqrt(hidden_size) at first. See ops/recurrent.h for formulas.

#pragma GCC visibility push(default)

namespace rw::nn {

using utils::rnn::PackedSequence;

/// What RNN makes of the sum of both shares.
enum class Nonlinearity : uint8_t {
  tanh,  ///< its hyperbolic tangent
  relu   ///< itself where positive, 0 elsewhere
};

/// What RNN takes by name.
struct RNNOptions {
  int64_t num_layers = 1;                          ///< layers, each over the output of the last one
  Nonlinearity nonlinearity = Nonlinearity::tanh;  ///< what makes the state of the sum
  bool bias = true;                                ///< add biases
  bool batch_first = false;    ///< input and output are [B, T, …] in place of [T, B, …]
  double dropout = 0;          ///< probability of dropout between layers, in training
  bool bidirectional = false;  ///< a second part of each layer goes from the end to the beginning
};
/// What GRU takes by name.
struct GRUOptions {
  int64_t num_layers = 1;      ///< layers, each over the output of the last one
  bool bias = true;            ///< add biases
  bool batch_first = false;    ///< input and output are [B, T, …] in place of [T, B, …]
  double dropout = 0;          ///< probability of dropout between layers, in training
  bool bidirectional = false;  ///< a second part of each layer goes from the end to the beginning
};
/// What LSTM takes by name.
struct LSTMOptions {
  int64_t num_layers = 1;      ///< layers, each over the output of the last one
  bool bias = true;            ///< add biases
  bool batch_first = false;    ///< input and output are [B, T, …] in place of [T, B, …]
  double dropout = 0;          ///< probability of dropout between layers, in training
  bool bidirectional = false;  ///< a second part of each layer goes from the end to the beginning
  int64_t proj_size = 0;       ///< the size that h is projected to, where not 0
};

namespace detail {

enum class RecurrentKind : uint8_t { rnn_tanh, rnn_relu, gru, lstm };
/// What RNN, GRU and LSTM have in common.
struct RecurrentConfig {
  RecurrentKind kind;     ///< the rule of a step
  int64_t input_size;     ///< numbers of each input
  int64_t hidden_size;    ///< numbers of the state
  GRUOptions options;     ///< what all have
  int64_t proj_size = 0;  ///< of LSTM
};
/// The state after the last step is h, of LSTM h and c.
struct RecurrentOutput {
  Tensor output;              ///< at all steps
  std::vector<Tensor> state;  ///< after the last one
};
/// By their names.
NamedTensors new_recurrent_weights(const RecurrentConfig& config);
NamedTensors new_cell_weights(const RecurrentConfig& config);
std::string recurrent_repr(const RecurrentConfig& config);
std::string cell_repr(const RecurrentConfig& config);
int64_t recurrent_products(const RecurrentConfig& config, const std::vector<Parameter>& weights,
                           std::span<const Tensor> results);
/// From a state of zeros where `hx` is empty.
RecurrentOutput run_recurrent(const RecurrentConfig& config, const std::vector<Parameter>& weights,
                              bool training, const Tensor& input, const std::vector<Tensor>& hx);
std::pair<PackedSequence, std::vector<Tensor>> run_recurrent(const RecurrentConfig& config,
                                                             const std::vector<Parameter>& weights,
                                                             bool training,
                                                             const PackedSequence& input,
                                                             const std::vector<Tensor>& hx);
std::vector<Tensor> run_cell(const RecurrentConfig& config, const Tensor& input,
                             const std::vector<Tensor>& hx, const Tensor& weight_ih,
                             const Tensor& weight_hh, const Tensor& bias_ih, const Tensor& bias_hh);

/// The weights of all layers.
template <class Self>
class RecurrentModule : public ModuleOf<Self> {
 public:
  std::string extra_repr() const override { return recurrent_repr(config_); }  ///< as PyTorch's
  /// Those with all matrices at each step of each sequence.
  int64_t multiply_adds(std::span<const Tensor>, std::span<const Tensor> results) const override {
    return recurrent_products(config_, weights, results);
  }

  ///@{
  /// As given.
  int64_t input_size() const { return config_.input_size; }
  int64_t hidden_size() const { return config_.hidden_size; }           ///< the same
  int64_t num_layers() const { return config_.options.num_layers; }     ///< the same
  bool bidirectional() const { return config_.options.bidirectional; }  ///< the same
  ///@}

  /// weight_ih_l0, weight_hh_l0, bias_ih_l0 and bias_hh_l0 where there are biases, weight_hr_l0
  /// where there is a projection, the same once more as weight_ih_l0_reverse … where there are two
  /// directions, and so on for every layer.
  std::vector<Parameter> weights;

 protected:
  /// With new weights.
  explicit RecurrentModule(const RecurrentConfig& config) : config_(config) {
    for (auto& [name, t] : new_recurrent_weights(config))
      weights.push_back(this->parameter(name, t));
  }
  bool has_training_mode() const override { return config_.options.dropout > 0; }  ///< if it drops
  /// Over an input, from this state.
  template <class Input>
  auto run(const Input& input, const std::vector<Tensor>& hx) const {
    return run_recurrent(config_, weights, this->is_training(), input, hx);
  }

 private:
  RecurrentConfig config_;
};

/// Those of one step.
template <class Self>
class CellModule : public ModuleOf<Self> {
 public:
  std::string extra_repr() const override { return cell_repr(config_); }  ///< as PyTorch prints it
  /// Those with both matrices.
  int64_t multiply_adds(std::span<const Tensor>, std::span<const Tensor> results) const override {
    return results[0].numel() / config_.hidden_size * (weight_ih.numel() + weight_hh.numel());
  }

  ///@{
  /// As given.
  int64_t input_size() const { return config_.input_size; }
  int64_t hidden_size() const { return config_.hidden_size; }  ///< the same
  ///@}

  Parameter weight_ih;  ///< of the input
  Parameter weight_hh;  ///< of the state
  Parameter bias_ih;    ///< undefined without biases
  Parameter bias_hh;    ///< undefined without biases

 protected:
  /// With new weights.
  explicit CellModule(const RecurrentConfig& config)
      : CellModule(config, new_cell_weights(config)) {}
  /// One step.
  std::vector<Tensor> run(const Tensor& input, const std::vector<Tensor>& hx) const {
    return run_cell(config_, input, hx, weight_ih, weight_hh, bias_ih, bias_hh);
  }

 private:
  CellModule(const RecurrentConfig& config, const NamedTensors& w)
      : weight_ih(this->parameter("weight_ih", w[0].second)),
        weight_hh(this->parameter("weight_hh", w[1].second)),
        bias_ih(this->parameter("bias_ih", w[2].second)),
        bias_hh(this->parameter("bias_hh", w[3].second)),
        config_(config) {}

  RecurrentConfig config_;
};

}  // namespace detail

/// Elman's network: rw::rnn_tanh or rw::rnn_relu.
class RNN : public detail::RecurrentModule<RNN> {
 public:
  /// Over vectors of `input_size` numbers; the state has `hidden_size`.
  RNN(int64_t input_size, int64_t hidden_size, const RNNOptions& options = {});
  /// With options by their places, as PyTorch has them: `RNN(3, 4, 2)`.
  template <class... V>
  requires rw::detail::ByPlace<RNNOptions, V...> RNN(int64_t input_size, int64_t hidden_size,
                                                     V... options)
      : RNN(input_size, hidden_size, rw::detail::by_place<RNNOptions>(options...)) {}
  ///@{
  /// The states of the last layer at all steps, [T, B, D H], and those of all layers after the last
  /// one, [L D, B, H], of an input [T, B, input_size]. The state hx at first is zero unless given.
  /// All may be without B. A packed input gives a packed output, and hx is in the order in which
  /// its sequences were given.
  std::tuple<Tensor, Tensor> forward(const Tensor& input, const Tensor& hx = {});
  std::tuple<PackedSequence, Tensor> forward(const PackedSequence& input, const Tensor& hx = {});
  ///@}
};

/// Gated recurrent units: rw::gru.
class GRU : public detail::RecurrentModule<GRU> {
 public:
  /// Over vectors of `input_size` numbers; the state has `hidden_size`.
  GRU(int64_t input_size, int64_t hidden_size, const GRUOptions& options = {});
  /// With options by their places, as PyTorch has them: `GRU(3, 4, 2)`.
  template <class... V>
  requires rw::detail::ByPlace<GRUOptions, V...> GRU(int64_t input_size, int64_t hidden_size,
                                                     V... options)
      : GRU(input_size, hidden_size, rw::detail::by_place<GRUOptions>(options...)) {}
  ///@{
  /// As those of RNN.
  std::tuple<Tensor, Tensor> forward(const Tensor& input, const Tensor& hx = {});
  std::tuple<PackedSequence, Tensor> forward(const PackedSequence& input, const Tensor& hx = {});
  ///@}
};

/// Long short-term memory: rw::lstm.
class LSTM : public detail::RecurrentModule<LSTM> {
 public:
  /// h and c.
  using State = std::tuple<Tensor, Tensor>;
  /// Over vectors of `input_size` numbers; the state has `hidden_size`.
  LSTM(int64_t input_size, int64_t hidden_size, const LSTMOptions& options = {});
  /// With options by their places, as PyTorch has them: `LSTM(3, 4, 2)`.
  template <class... V>
  requires rw::detail::ByPlace<LSTMOptions, V...> LSTM(int64_t input_size, int64_t hidden_size,
                                                       V... options)
      : LSTM(input_size, hidden_size, rw::detail::by_place<LSTMOptions>(options...)) {}
  ///@{
  /// As those of RNN, but that the state is h [L D, B, H, or proj_size] and c [L D, B, H]:
  /// `const auto [output, state] = lstm(x);`
  std::tuple<Tensor, State> forward(const Tensor& input, const std::optional<State>& hx = {});
  std::tuple<PackedSequence, State> forward(const PackedSequence& input,
                                            const std::optional<State>& hx = {});
  ///@}
};

/// What RNNCell takes by name.
struct RNNCellOptions {
  bool bias = true;                                ///< add biases
  Nonlinearity nonlinearity = Nonlinearity::tanh;  ///< what makes the state of the sum
};
/// One step of RNN: rw::rnn_tanh_cell or rw::rnn_relu_cell.
class RNNCell : public detail::CellModule<RNNCell> {
 public:
  /// Over vectors of `input_size` numbers; the state has `hidden_size`.
  RNNCell(int64_t input_size, int64_t hidden_size, const RNNCellOptions& options = {});
  /// With options by their places, as PyTorch has them: `RNNCell(3, 4, false)`.
  template <class... V>
  requires rw::detail::ByPlace<RNNCellOptions, V...> RNNCell(int64_t input_size,
                                                             int64_t hidden_size, V... options)
      : RNNCell(input_size, hidden_size, rw::detail::by_place<RNNCellOptions>(options...)) {}
  /// The next state [B, H] of an input [B, input_size] and the state hx, zero unless given. All may
  /// be without B.
  Tensor forward(const Tensor& input, const Tensor& hx = {});
};

/// What GRUCell and LSTMCell take by name.
struct RecurrentCellOptions {
  bool bias = true;  ///< add biases
};
/// One step of GRU: rw::gru_cell.
class GRUCell : public detail::CellModule<GRUCell> {
 public:
  /// Over vectors of `input_size` numbers; the state has `hidden_size`.
  GRUCell(int64_t input_size, int64_t hidden_size, const RecurrentCellOptions& options = {});
  /// With options by their places, as PyTorch has them: `GRUCell(3, 4, false)`.
  template <class... V>
  requires rw::detail::ByPlace<RecurrentCellOptions, V...> GRUCell(int64_t input_size,
                                                                   int64_t hidden_size,
                                                                   V... options)
      : GRUCell(input_size, hidden_size, rw::detail::by_place<RecurrentCellOptions>(options...)) {}
  /// As that of RNNCell.
  Tensor forward(const Tensor& input, const Tensor& hx = {});
};

/// One step of LSTM: rw::lstm_cell.
class LSTMCell : public detail::CellModule<LSTMCell> {
 public:
  /// h and c.
  using State = LSTM::State;
  /// Over vectors of `input_size` numbers; the state has `hidden_size`.
  LSTMCell(int64_t input_size, int64_t hidden_size, const RecurrentCellOptions& options = {});
  /// With options by their places, as PyTorch has them: `LSTMCell(3, 4, false)`.
  template <class... V>
  requires rw::detail::ByPlace<RecurrentCellOptions, V...> LSTMCell(int64_t input_size,
                                                                    int64_t hidden_size,
                                                                    V... options)
      : LSTMCell(input_size, hidden_size, rw::detail::by_place<RecurrentCellOptions>(options...)) {}
  /// As that of RNNCell, but that the state is h and c.
  State forward(const Tensor& input, const std::optional<State>& hx = {});
};

}  // namespace rw::nn

#pragma GCC visibility pop
