#pragma once
// The ops that are tried, each with a generator of calls.

#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "../case.h"
#include "draw.h"

namespace rw::fuzz {

using test::In;

/// A function, and the tensors that it is called with.
struct Call {
  template <class F>
  Call(Tensors in, F f) : inputs(std::move(in)), function(test::Case("", f).function) {}

  Tensors inputs;
  std::function<Tensors(const Tensors&)> function;
  /// What the gradient is a difference of, by absolute value and per unit of the result's gradient,
  /// where that difference may vanish for any input (`1 - y^2`, or `g - mean(g)`).
  double slope = 0;
  /// What the results of a `near_one` are differences of.
  double one = 1;
  /// What a chain does, once it has run.
  std::shared_ptr<std::string> steps = std::make_shared<std::string>();
};

/// What may be asked of the results of an op.
enum Rule : unsigned {
  plain = 0,
  /// An element of the result comes from one of each input: no sums, and one kernel whatever the
  /// memory order.
  pointwise = 1,
  /// Its slope is at least 1.
  saturates = 2,
  /// oneDNN computes it, whose sums depend on the number of threads.
  onednn = 4,
  /// Refuses some memory orders.
  by_strides = 8,
  /// Other numbers in every dtype.
  random = 16,
  /// Changes in place may make its backward impossible, and its intermediate results overflow.
  in_chain = 32,
  /// The results themselves are differences with numbers about 1: logarithms of sums of that.
  near_one = 128,
  /// Elements of a gradient may be differences, of terms like other gradients, that vanish for any
  /// input.
  cancelling = 256,
  /// Draws random numbers in the order of memory.
  by_memory = 64,
};

struct Op {
  std::string
      name;  ///< as declared: `conv2d`, `Tensor::sum`; after a comma perhaps what is special
  unsigned rule;
  std::function<Call(Draw&)> make;

  std::string function() const { return name.substr(0, name.find(',')); }
};
using Ops = std::vector<Op>;

Ops pointwise_ops();
Ops in_place_ops();
Ops assignment_ops();
Ops view_ops();
Ops selection_ops();
Ops reduction_ops();
Ops product_ops();
Ops window_ops();
Ops norm_ops();
Ops loss_ops();
Ops factory_ops();
Ops special_ops();
Ops form_ops();
/// The rows of the table of all ops (tests/ops/all_ops), in other dtypes and memory orders.
Ops rows_of_all_ops();
/// Small graphs of several ops.
Ops chains();

/// The functions of all these, each as often as it has a generator or a row.
std::vector<std::string> fuzzed_functions();
/// One of all these.
const Op& drawn_op(Source& source);

/// What one finds wrong with a case: its kind in a word or two, and what happened.
struct Failure {
  std::string kind;
  std::string what;
};

/// While a reference is computed with noise, `x` moved by as much as a rounding may; x itself
/// otherwise. For the results of ops inside a call.
Tensor with_noise(const Tensor& x);
/// The same of the derivatives of y, a function of `x` whose slope is a difference of numbers about
/// 1 and may vanish. Where it `mixes`, along the last dim, each of its numbers enters all results.
Tensor with_noisy_slope(const Tensor& y, const Tensor& x, bool mixes = false);

}  // namespace rw::fuzz
