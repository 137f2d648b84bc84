#pragma once
// What the cases need of a library. rewind_library.cpp, libtorch_library.cpp and onednn_library.cpp
// each define it; the cases are compiled once with each. What returns a function returns an empty
// one where the library lacks the op, the net or the precision: there is no such case then.

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "harness.h"

namespace bench {

struct Value;  ///< a tensor of the library
using ValuePtr = std::shared_ptr<Value>;

/// Standard normal numbers in a leaf that requires a gradient.
ValuePtr leaf(const std::vector<int64_t>& shape);
/// The same, constant.
ValuePtr constant(const std::vector<int64_t>& shape);
std::vector<int64_t> shape(const ValuePtr& y);

/// One op on `x`, by the name it has in the cases; the parameters it needs are made once.
std::function<ValuePtr(const ValuePtr& x)> op(const std::string& name);
/// Drops the input's gradient, then runs backward from `y` with output gradient `g`.
void backward(const ValuePtr& x, const ValuePtr& y, const ValuePtr& g);

/// b = a; `ops` times b = b * 1.0001; b.sum().backward().
Prepare chain(int64_t elements, int ops);

/// resnet18 is the one for small images, and resnet18_plain the same in row-major memory, where a
/// library's user chooses the layout. resnet50 and mobilenet_v2 are torchvision's, for ten classes.
enum class Net { mlp32, mlp512, lenet, resnet18, resnet18_plain, resnet50, mobilenet_v2 };
/// Autocast runs convolutions and products in bfloat16, with parameters in float32.
enum class Precision { float32, bfloat16_autocast };
/// zero_grad, forward, cross entropy with labels below 10, backward and an SGD step (lr 0.1,
/// momentum 0.9), on a random input of this shape.
Prepare training(Net net, Precision precision, const std::vector<int64_t>& input);
enum class Recurrent { lstm, gru };
/// The same step of two recurrent layers of as many units as the input [steps, batch, units] has,
/// and a linear layer over what the last step gives.
Prepare recurrent_training(Recurrent kind, const std::vector<int64_t>& input);
/// Forward in eval mode without gradients.
Prepare inference(Net net, const std::vector<int64_t>& input);

/// A step of an optimizer, by its class's name, over `tensors` parameters of `elements` each that
/// have a gradient; with options that make it keep what it can (momentum). "copy" copies as many
/// elements.
Prepare optimizer_step(const std::string& name, int tensors, int64_t elements);

}  // namespace bench
