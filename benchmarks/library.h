#pragma once
// What the cases need of a library. rewind_library.cpp and torch_library.cpp each define it; the
// cases are compiled once with either.

#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace bench {

struct Value;  ///< a tensor of the library
using ValuePtr = std::shared_ptr<Value>;

/// Standard normal numbers in a leaf that requires a gradient.
ValuePtr leaf(const std::vector<int64_t>& shape);
/// The same, constant.
ValuePtr constant(const std::vector<int64_t>& shape);
/// Class indices below `classes`.
ValuePtr labels(int64_t count, int64_t classes);

/// One op on `x`, by the name it has in the cases; the parameters it needs are made once.
/// Returns an empty function for an op the library lacks.
std::function<ValuePtr(const ValuePtr& x)> op(const std::string& name);
/// Drops the input's gradient, then runs backward from `y` with output gradient `g`.
void backward(const ValuePtr& x, const ValuePtr& y, const ValuePtr& g);
std::vector<int64_t> shape(const ValuePtr& y);

/// b = a; `ops` times b = b * 1.0001; b.sum().backward().
std::function<void()> chain(int64_t elements, int ops);

enum class Net { mlp32, mlp512, lenet, resnet18 };
/// zero_grad, forward, cross entropy, backward and an SGD step (lr 0.1, momentum 0.9).
std::function<void()> training_step(Net net, const ValuePtr& x, const ValuePtr& y);
/// Forward in eval mode without gradients.
std::function<void()> inference(Net net, const ValuePtr& x);

}  // namespace bench
