#pragma once

#include <tuple>
#include <vector>

#include <rewind/tensor/tensor.h>

// Recurrent networks as PyTorch has them, over tensors of one floating dtype; float16 and bfloat16
// compute in float32, and results are rounded at the end of each layer. I is the number of features
// of the input, H the hidden size, L the number of layers and D that of directions. Differentiable
// to any order.

#pragma GCC visibility push(default)

namespace rw {

/// What the functions below take by name.
struct RecurrentOptions {
  bool has_biases = true;      ///< weights come with biases
  int64_t num_layers = 1;      ///< each but the first goes over the output of the one before
  double dropout = 0;          ///< probability of dropout between layers, where `train`
  bool train = false;          ///< whether there is any
  bool bidirectional = false;  ///< a second part of each layer goes from the end to the beginning
  bool batch_first = false;    ///< input and output are [B, T, …] in place of [T, B, …]
};

///@{
/// h = f(w_ih x + b_ih + w_hh h + b_hh) from step to step, where f is tanh or max(x, 0) (Elman,
/// "Finding structure in time", 1990). input is [T, B, I], and hx, the state at first, [L D, B, H].
/// Returns the states of the last layer at all steps, [T, B, D H], and those of all layers at the
/// last one, [L D, B, H].
///
/// `params` holds w_ih [H, I], w_hh [H, H], b_ih [H] and b_hh [H] of each layer (whose I is D H
/// after the first) and in it of each direction; without biases the first two.
std::tuple<Tensor, Tensor> rnn_tanh(const Tensor& input, const Tensor& hx,
                                    const std::vector<Tensor>& params,
                                    const RecurrentOptions& options = {});
std::tuple<Tensor, Tensor> rnn_relu(const Tensor& input, const Tensor& hx,
                                    const std::vector<Tensor>& params,
                                    const RecurrentOptions& options = {});
///@}
/// Gated recurrent units (Cho et al., "Learning phrase representations using RNN encoder-decoder
/// for statistical machine translation", 2014): h = (1 - z) n + z h, with
/// r, z = sigmoid(w_ih x + b_ih + w_hh h + b_hh) and n = tanh(w_ih x + b_ih + r (w_hh h + b_hh)).
/// As rnn_tanh, with weights of r, z and n below each other: [3 H, …].
std::tuple<Tensor, Tensor> gru(const Tensor& input, const Tensor& hx,
                               const std::vector<Tensor>& params,
                               const RecurrentOptions& options = {});
/// Long short-term memory (Hochreiter and Schmidhuber, 1997): c = f c + i g and h = o tanh(c), with
/// i, f, o = sigmoid(w_ih x + b_ih + w_hh h + b_hh) and g = tanh of such a sum. As rnn_tanh, with
/// weights of i, f, g and o below each other: [4 H, …]; hx is {h, c}, and the last c is the third
/// result. Where h is [L D, B, P] and P other than H, w_hr [P, H] follows on the weights of each
/// direction: it multiplies what comes out (Sak et al., "Long short-term memory based recurrent
/// neural network architectures for large vocabulary speech recognition", 2014).
std::tuple<Tensor, Tensor, Tensor> lstm(const Tensor& input, const std::vector<Tensor>& hx,
                                        const std::vector<Tensor>& params,
                                        const RecurrentOptions& options = {});

///@{
/// The same over sequences of different lengths, as nn::utils::rnn::PackedSequence has them: `data`
/// [N, I] holds the rows of all steps, step t those of the first batch_sizes[t] sequences. The
/// first result is [N, D H]; batch_first does not count.
std::tuple<Tensor, Tensor> rnn_tanh(const Tensor& data, const Tensor& batch_sizes, const Tensor& hx,
                                    const std::vector<Tensor>& params,
                                    const RecurrentOptions& options = {});
std::tuple<Tensor, Tensor> rnn_relu(const Tensor& data, const Tensor& batch_sizes, const Tensor& hx,
                                    const std::vector<Tensor>& params,
                                    const RecurrentOptions& options = {});
std::tuple<Tensor, Tensor> gru(const Tensor& data, const Tensor& batch_sizes, const Tensor& hx,
                               const std::vector<Tensor>& params,
                               const RecurrentOptions& options = {});
std::tuple<Tensor, Tensor, Tensor> lstm(const Tensor& data, const Tensor& batch_sizes,
                                        const std::vector<Tensor>& hx,
                                        const std::vector<Tensor>& params,
                                        const RecurrentOptions& options = {});
///@}

///@{
/// One step: the state after it. input is [B, I] and hx [B, H], for lstm_cell {h, c}. Either bias
/// may be undefined.
Tensor rnn_tanh_cell(const Tensor& input, const Tensor& hx, const Tensor& w_ih, const Tensor& w_hh,
                     const Tensor& b_ih = {}, const Tensor& b_hh = {});
Tensor rnn_relu_cell(const Tensor& input, const Tensor& hx, const Tensor& w_ih, const Tensor& w_hh,
                     const Tensor& b_ih = {}, const Tensor& b_hh = {});
Tensor gru_cell(const Tensor& input, const Tensor& hx, const Tensor& w_ih, const Tensor& w_hh,
                const Tensor& b_ih = {}, const Tensor& b_hh = {});
std::tuple<Tensor, Tensor> lstm_cell(const Tensor& input, const std::vector<Tensor>& hx,
                                     const Tensor& w_ih, const Tensor& w_hh,
                                     const Tensor& b_ih = {}, const Tensor& b_hh = {});
///@}

}  // namespace rw

#pragma GCC visibility pop
