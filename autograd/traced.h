#pragma once
// Private to the library's sources: the ops of a thread, one after another, with their options, as
// io/onnx.h needs them. Nothing is kept, and nothing computed for it, unless somebody asks.

#include <cstddef>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include <rewind/autograd/record.h>
#include <rewind/tensor/size.h>

#pragma GCC visibility push(default)

namespace rw::detail {

/// An option of an op: a number, or one for each axis.
struct Attribute {
  using Numbers = std::vector<int64_t>;

  Attribute(const char* n, bool v) : name(n), value(int64_t{v}) {}
  Attribute(const char* n, int v) : name(n), value(int64_t{v}) {}
  Attribute(const char* n, int64_t v) : name(n), value(v) {}
  Attribute(const char* n, double v) : name(n), value(v) {}
  Attribute(const char* n, Numbers v) : name(n), value(std::move(v)) {}
  Attribute(const char* n, const Shape& v) : Attribute(n, Numbers(v.begin(), v.end())) {}
  template <std::size_t N>
  Attribute(const char* n, const Size<N>& v) : Attribute(n, Numbers(N)) {
    for (std::size_t d = 0; d < N; ++d) std::get<Numbers>(value)[d] = v[static_cast<int>(d)];
  }

  const char* name;
  std::variant<int64_t, double, Numbers> value;
};
using Attributes = std::vector<Attribute>;

/// A tensor that an op took or made, and the version of its data then.
struct TracedTensor {
  Tensor tensor;
  uint32_t version = 0;
};
/// A call of an op.
struct TracedOp {
  const char* name;
  std::vector<TracedTensor> inputs;  ///< undefined ones as well
  std::vector<TracedTensor> results;
  Attributes attributes;
};

/// Enters the ops of this thread from now to the end of the scope. All tensors are held, so that
/// one handle means one tensor: none is written over that was thought to be a temporary.
///
/// An op that consists of others comes after them. It enters the same result once more, and takes
/// the place of what it consists of.
class Trace {
 public:
  Trace() : before_(std::exchange(trace, this)) {}
  ~Trace() { trace = before_; }
  Trace(const Trace&) = delete;
  Trace& operator=(const Trace&) = delete;

  /// What was called, in order.
  std::vector<TracedOp> ops;

 private:
  Trace* before_;
};

/// What `attributes` returns are the options of the op.
template <class F>
void enter(const char* name, const Inputs& inputs, std::span<const Tensor> results,
           F&& attributes) {
  if (!trace) [[likely]]
    return;
  enter(name, inputs, results);
  trace->ops.back().attributes = attributes();
}
/// The same of the result `y`, which it returns.
template <class F>
Tensor traced(const char* name, Tensor y, const Inputs& inputs, F&& attributes) {
  enter(name, inputs, {&y, 1}, std::forward<F>(attributes));
  return y;
}
/// Of an op without options.
inline Tensor traced(const char* name, Tensor y, const Inputs& inputs) {
  if (trace) [[unlikely]]
    enter(name, inputs, {&y, 1});
  return y;
}

}  // namespace rw::detail

#pragma GCC visibility pop
