#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include <rewind/nn/call.h>

#pragma GCC visibility push(default)

/// Sequences of different lengths: padded to the longest, or packed without padding. Differentiable
/// in the sequences.
namespace rw::nn::utils::rnn {

/// Sequences without padding: the rows of all steps, one step after another. What pack_sequence and
/// pack_padded_sequence make and recurrent layers take.
struct PackedSequence {
  Tensor data;              ///< [N, …]: those of step t are the first batch_sizes[t] sequences
  Tensor batch_sizes;       ///< [T], int64: how many sequences are as long
  Tensor sorted_indices;    ///< [B], int64: sequences by falling length; undefined if given so
  Tensor unsorted_indices;  ///< [B], int64: where each is among these; undefined as well

  /// Of one that a module takes or returns, hooks see the data.
  template <class F>
  friend void for_each_tensor(PackedSequence& sequence, const F& f) {
    f(sequence.data);
  }
};

/// What pack_padded_sequence takes by name.
struct PackOptions {
  bool batch_first = false;    ///< the input is [B, T, …] in place of [T, B, …]
  bool enforce_sorted = true;  ///< throw unless lengths never grow, in place of sorting them
};
///@{
/// Sequence i is the first lengths[i] steps of input[:, i]. Lengths are [B], of any integer dtype,
/// and from 1 to T; they may be given in any order where enforce_sorted is off.
PackedSequence pack_padded_sequence(const Tensor& input, const Tensor& lengths,
                                    const PackOptions& options = {});
PackedSequence pack_padded_sequence(const Tensor& input, const std::vector<int64_t>& lengths,
                                    const PackOptions& options = {});
///@}

/// Sequences side by side, and how long each is.
struct PaddedSequence {
  Tensor output;   ///< [T, B, …]
  Tensor lengths;  ///< [B], int64
};
/// What pad_packed_sequence takes by name.
struct UnpackOptions {
  bool batch_first = false;                  ///< the output is [B, T, …]
  double padding_value = 0;                  ///< what stands after the end of a sequence
  std::optional<int64_t> total_length = {};  ///< T, if more than the longest has
};
/// The opposite of pack_padded_sequence: sequences in the order in which they were given.
PaddedSequence pad_packed_sequence(const PackedSequence& sequence,
                                   const UnpackOptions& options = {});

/// Where padding goes.
enum class PaddingSide : uint8_t {
  right,  ///< behind a sequence
  left    ///< in front of it
};
/// What pad_sequence takes by name.
struct PadOptions {
  bool batch_first = false;                       ///< the result is [B, T, …]
  double padding_value = 0;                       ///< what stands where a sequence has no step
  PaddingSide padding_side = PaddingSide::right;  ///< at its end or at its beginning
};
/// Sequences [length, …], alike but for their lengths, side by side: [T, B, …].
Tensor pad_sequence(const std::vector<Tensor>& sequences, const PadOptions& options = {});
/// The opposite: the first lengths[i] steps of each sequence in [T, B, …], or [B, T, …].
std::vector<Tensor> unpad_sequence(const Tensor& padded_sequences, const Tensor& lengths,
                                   bool batch_first = false);
/// Packs sequences [length, …]. Lengths must not grow, unless enforce_sorted is off.
PackedSequence pack_sequence(const std::vector<Tensor>& sequences, bool enforce_sorted = true);
/// The sequences again.
std::vector<Tensor> unpack_sequence(const PackedSequence& packed_sequences);

}  // namespace rw::nn::utils::rnn

/// @cond
template <>
inline constexpr bool rw::nn::detail::holds_tensors<rw::nn::utils::rnn::PackedSequence> = true;
/// @endcond

#pragma GCC visibility pop
