// An op that keeps its result and not its input.

#include <cstdio>

#include <rewind/rewind.h>

#include "tutorial.h"

using namespace rw;

namespace {

// y = sin(x) / cos(x),   dx = g (1 + y^2)
Tensor tangent(const Tensor& x) {
  const auto forward = [&] {
    const no_grad guard;
    return x.sin() / x.cos();
  };
  const Tensor y = forward();
  return record("tangent", y, {x}, [y = save_result(y)](const Tensor& g, Needs) -> Grads {
    return g * (1 + y.get().square());
  });
}

}  // namespace

int main(int argc, char** argv) {
  const Tutorial tutorial(argc, argv);
  manual_seed(1);
  const Tensor x = rand({3, 4}, float64).requires_grad_();
  const auto f = [](const Tensor& t) { return tangent(t); };
  tutorial.expect("gradcheck", gradcheck(f, x).ok);
  tutorial.expect("gradgradcheck", gradgradcheck(f, x).ok);

  // The input may be changed afterwards, the result may not.
  Tensor input = x * 1;
  const Tensor before = tangent(input);
  input.add_(1);
  before.sum().backward();
  Tensor y = tangent(x);
  y.mul_(2);
  std::string message;
  try {
    y.sum().backward();
  } catch (const AutogradError& e) {
    message = e.what();
    std::printf("%s\n", e.what());
  }
  tutorial.expect("a change of the result is noticed",
                  message.starts_with("tangent") && message.find("'mul_'") != message.npos);
}
