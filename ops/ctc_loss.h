#pragma once

#include <vector>

#include <rewind/ops/loss.h>

#pragma GCC visibility push(default)

namespace rw {

/// What ctc_loss takes by name.
struct CtcLossOptions {
  int64_t blank = 0;                      ///< the class that stands between labels
  Reduction reduction = Reduction::mean;  ///< a mean is that of losses divided by their lengths
  bool zero_infinity = false;             ///< sequences without a path lose 0, not infinity
};
///@{
/// Connectionist temporal classification (Graves et al., "Connectionist temporal classification:
/// labelling unsegmented sequence data with recurrent neural networks", 2006): -log of the
/// probability that the sequences say their labels, in any of the ways to repeat them and put
/// blanks between. log_probs is [T, N, C] or [T, C], of log_softmax over the last dimension;
/// targets are [N, S], or those of all sequences in one row, of any integer dtype and other than
/// the blank; lengths are [N], or of one element for one sequence. Computed in float64.
///
/// The gradient is, as in PyTorch, that by the input of the log_softmax, and log_softmax leaves it
/// as it is. It can't be differentiated again.
Tensor ctc_loss(const Tensor& log_probs, const Tensor& targets, const Tensor& input_lengths,
                const Tensor& target_lengths, const CtcLossOptions& options = {});
Tensor ctc_loss(const Tensor& log_probs, const Tensor& targets,
                const std::vector<int64_t>& input_lengths,
                const std::vector<int64_t>& target_lengths, const CtcLossOptions& options = {});
///@}

}  // namespace rw

#pragma GCC visibility pop
