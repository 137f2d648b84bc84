// A pullback with a mistake, and what the gradient check says.

#include <cstdio>

#include <rewind/rewind.h>

#include "tutorial.h"

using namespace rw;

namespace {

Tensor wrong_swish(const Tensor& x, const Tensor& beta) {
  const auto forward = [&] {
    const no_grad guard;
    return x * sigmoid(beta * x);
  };
  return record("swish", forward(), {x, beta},
                [x = save(x), beta = save(beta)](const Tensor& g, Needs) -> Grads {
                  const Tensor u = x.get(), s = sigmoid(beta.get() * u), slope = u * s * (1 - s);
                  return {g * (s + slope), g * u * slope};  // slope without beta
                });
}

}  // namespace

int main(int argc, char** argv) {
  const Tutorial tutorial(argc, argv);
  manual_seed(1);
  const Tensor x = randn({3, 4}, float64).requires_grad_();
  const auto check = [&](const Tensor& beta) {
    const auto f = [](const std::vector<Tensor>& in) { return wrong_swish(in[0], in[1]); };
    const GradcheckResult result = gradcheck(f, {x, beta});
    std::printf("%s\n", result.message.c_str());
    return result;
  };
  const GradcheckResult found = check(full({}, 2.0, float64).requires_grad_());
  tutorial.expect("found", !found.ok && found.message.find("input 0") != found.message.npos);
  // With beta = 1 it is not wrong: check at numbers that are special in no way.
  tutorial.expect("with beta = 1 all is well", check(ones({}, float64)).ok);
}
