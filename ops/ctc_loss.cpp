#include <rewind/ops/ctc_loss.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include <rewind/autograd/autocast.h>
#include <rewind/autograd/record.h>
#include <rewind/kernels/loss/ctc_kernel.h>
#include <rewind/ops/loss_reduction.h>
#include <rewind/ops/pointwise.h>
#include <rewind/ops/pointwise_result.h>
#include <rewind/ops/reduction.h>
#include <rewind/tensor/factories.h>
#include <rewind/tensor/parallel.h>
#include <rewind/tensor/wide.h>

namespace rw {
namespace {

using Lengths = std::vector<int64_t>;

// Sequences with their labels, checked. What the user may change later is copied.
struct Sequences {
  Lengths steps, lengths;
  Lengths labels, first;  // of all sequences, and where those of each begin
  Lengths alpha;          // where the numbers of each begin in alpha, and where they end
  int64_t blank = 0;
};

Lengths lengths_in(const Tensor& t, const char* what) {
  check(t.defined(), "ctc_loss: the {} are undefined", what);
  check<DTypeError>(is_integer(t.dtype()), "ctc_loss: expected integer {}, got {}", what,
                    t.dtype());
  check<ShapeError>(t.dim() <= 1, "ctc_loss: expected {} of shape [N], got {}", what, t.shape());
  return t.to(int64).to_vector<int64_t>();
}

void check_lengths(const Lengths& lengths, int64_t n, int64_t most, const char* what) {
  check<ShapeError>(std::ssize(lengths) == n, "ctc_loss: expected {} of {} sequences, got {}", what,
                    n, lengths.size());
  for (const int64_t length : lengths)
    check(0 <= length && length <= most, "ctc_loss: expected {} from 0 to {}, got {}", what, most,
          length);
}

// Where the labels of each sequence begin in `targets`, which is checked.
Lengths first_labels(const Tensor& targets, const Lengths& lengths) {
  const auto n = std::ssize(lengths);
  Lengths first;
  int64_t total = 0;  // of lengths of which none is more than there are targets
  for (const int64_t length : lengths) {
    first.push_back(total);
    total += length;
  }
  if (targets.dim() == 1) {
    check<ShapeError>(targets.size(0) == total,
                      "ctc_loss: expected {} targets, the sum of their lengths, got shape {}",
                      total, targets.shape());
    return first;
  }
  check<ShapeError>(targets.dim() == 2 && targets.size(0) == n,
                    "ctc_loss: expected targets [{}, S], or all in one row, got shape {}", n,
                    targets.shape());
  const int64_t width = targets.size(1);
  for (int64_t i = 0; i < n; ++i) {
    check<ShapeError>(lengths[static_cast<size_t>(i)] <= width,
                      "ctc_loss: a target length of {} is more than the targets' shape {} has",
                      lengths[static_cast<size_t>(i)], targets.shape());
    first[static_cast<size_t>(i)] = i * width;
  }
  return first;
}

Sequences checked_sequences(const Tensor& x, const Tensor& targets, Lengths steps, Lengths lengths,
                            int64_t blank) {
  const int64_t n = x.size(1), classes = x.size(2);
  check<IndexError>(0 <= blank && blank < classes,
                    "ctc_loss: blank {} is out of range for {} classes", blank, classes);
  check<DTypeError>(is_integer(targets.dtype()), "ctc_loss: expected integer targets, got {}",
                    targets.dtype());
  check_lengths(steps, n, x.size(0), "input lengths");
  check_lengths(lengths, n, targets.numel(), "target lengths");
  Sequences s;
  s.first = first_labels(targets, lengths);
  s.labels = targets.to(int64).to_vector<int64_t>();
  s.steps = std::move(steps);
  s.lengths = std::move(lengths);
  s.blank = blank;
  s.alpha.push_back(0);
  for (size_t i = 0; i < s.steps.size(); ++i) {
    for (int64_t k = 0; k < s.lengths[i]; ++k) {
      const int64_t label = s.labels[static_cast<size_t>(s.first[i] + k)];
      check<IndexError>(0 <= label && label < classes,
                        "ctc_loss: label {} at position {} of sequence {} is out of range for {} "
                        "classes",
                        label, k, i, classes);
    }
    const detail::Wide more = detail::Wide{s.steps[i]} * (2 * s.lengths[i] + 3);
    s.alpha.push_back(detail::to_size("ctc_loss", s.alpha.back() + more, "the way back"));
  }
  return s;
}

// With its classes side by side.
Tensor by_classes(const Tensor& x) {
  return x.size(2) == 1 || x.strides()[2] == 1 ? x : x.contiguous();
}

// Number i of x [T, N, C], whose classes lie side by side.
kernels::CtcSequence sequence(const Tensor& x, const Sequences& s, size_t i) {
  const auto bytes = static_cast<int64_t>(itemsize(x.dtype()));
  return {x.dtype(),
          static_cast<const char*>(x.raw_data()) + static_cast<int64_t>(i) * x.strides()[1] * bytes,
          s.steps[i],
          x.strides()[0],
          x.size(2),
          s.blank,
          s.labels.data() + s.first[i],
          s.lengths[i]};
}

template <class F>
void for_each_sequence(const Sequences& s, F f) {
  const int64_t n = std::ssize(s.steps), numbers = std::max<int64_t>(1, s.alpha.back());
  constexpr int64_t grain = 1 << 10;  // numbers of alpha that a thread takes at least
  parallel_for(0, n, std::max<int64_t>(1, grain * n / numbers), [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i) f(static_cast<size_t>(i));
  });
}

Tensor ctc_gradient(const Tensor& g, const Tensor& x, const Sequences& s, const Tensor& alpha,
                    const Tensor& losses, bool zero_infinity) {
  const Tensor factors = g.detach().to(float64).contiguous();
  const Tensor dx = zeros(x.shape(), x.dtype());
  const auto* loss = losses.data<double>();
  const auto* factor = factors.data<double>();
  for_each_sequence(s, [&](size_t i) {
    if (zero_infinity && loss[i] == std::numeric_limits<double>::infinity()) return;
    // Without a path there is no derivative.
    const double by = std::isinf(loss[i]) ? std::nan("") : factor[i];
    kernels::ctc_backward(
        sequence(x, s, i), alpha.data<double>() + s.alpha[i], loss[i], by,
        static_cast<char*>(dx.raw_data()) +
            static_cast<int64_t>(i) * dx.strides()[1] * static_cast<int64_t>(itemsize(dx.dtype())),
        dx.strides()[0]);
  });
  return dx;
}

Tensor once_differentiable(const Tensor& dx, const Tensor& g, const Tensor& x) {
  return record("ctc_loss_backward", dx, {g, x}, [](const Tensor&, Needs) -> Grads {
    fail<AutogradError>("ctc_loss: the gradient can't be differentiated again");
  });
}

// The losses of all sequences of x [T, N, C].
Tensor ctc_losses(const Tensor& x, Sequences s, bool zero_infinity) {
  const profile_scope scope("ctc_loss");
  const Tensor rows = by_classes(x);
  const Tensor alpha = detail::make_tensor({s.alpha.back()}, float64);
  const Tensor losses = detail::make_tensor({x.size(1)}, float64);
  for_each_sequence(s, [&](size_t i) {
    losses.data<double>()[i] =
        kernels::ctc_forward(sequence(rows, s, i), alpha.data<double>() + s.alpha[i]);
  });
  Tensor y = losses.to(x.dtype());
  return record(
      "ctc_loss", y, {x}, [=, s = std::move(s), x = save(x)](const Tensor& g, Needs) -> Grads {
        const Tensor at = x.get();
        const Tensor dx = ctc_gradient(g, by_classes(at.detach()), s, alpha, losses, zero_infinity);
        return once_differentiable(dx, g, at);
      });
}

}  // namespace

Tensor ctc_loss(const Tensor& log_probs, const Tensor& targets, const Lengths& input_lengths,
                const Lengths& target_lengths, const CtcLossOptions& options) {
  if (detail::must_raise(log_probs))
    return ctc_loss(log_probs.to(float32), targets, input_lengths, target_lengths, options);
  detail::check_defined("ctc_loss", log_probs, targets, "tensor of targets");
  detail::check_reduction("ctc_loss", options.reduction);
  detail::check_floating("ctc_loss", log_probs, "log_probs");
  check<ShapeError>(log_probs.dim() == 3 || log_probs.dim() == 2,
                    "ctc_loss: expected log-probabilities [T, N, C] or [T, C], got shape {}",
                    log_probs.shape());
  if (log_probs.dim() == 2) {
    const Tensor y =
        ctc_loss(log_probs.unsqueeze(1), targets, input_lengths, target_lengths, options);
    return options.reduction == Reduction::none ? y.squeeze(0) : y;
  }
  const DType dtype = log_probs.dtype();
  const Tensor x = log_probs.to(compute_dtype(dtype));
  const Tensor found =
      ctc_losses(x, checked_sequences(x, targets, input_lengths, target_lengths, options.blank),
                 options.zero_infinity);
  constexpr double infinity = std::numeric_limits<double>::infinity();
  const Tensor losses = options.zero_infinity ? where(eq(found, infinity), 0, found) : found;
  if (options.reduction != Reduction::mean)
    return detail::reduced(losses, options.reduction).to(dtype);
  std::vector<double> each;
  for (const int64_t length : target_lengths)
    each.push_back(static_cast<double>(std::max<int64_t>(1, length)));
  return mean(losses / from(each).to(x.dtype())).to(dtype);
}

Tensor ctc_loss(const Tensor& log_probs, const Tensor& targets, const Tensor& input_lengths,
                const Tensor& target_lengths, const CtcLossOptions& options) {
  detail::check_defined("ctc_loss", log_probs, targets, "tensor of targets");
  return ctc_loss(log_probs, targets, lengths_in(input_lengths, "input lengths"),
                  lengths_in(target_lengths, "target lengths"), options);
}

}  // namespace rw
