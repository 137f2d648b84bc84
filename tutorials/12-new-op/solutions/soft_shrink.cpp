// Moves x towards 0 by lambda, and to 0 what is nearer than that.

#include <cstdio>

#include <rewind/rewind.h>

#include "tutorial.h"

using namespace rw;

namespace {

// dx = g and dlambda = -g sign(x), both where |x| > lambda, and 0 elsewhere
Tensor soft_shrink(const Tensor& x, const Tensor& lambda) {
  const auto forward = [&] {
    const no_grad guard;
    return sign(x) * relu(x.abs() - lambda);
  };
  return record("soft_shrink", forward(), {x, lambda},
                [x = save(x), lambda = save(lambda)](const Tensor& g, Needs needs) -> Grads {
                  const Tensor u = x.get(), passed = where(u.abs() > lambda.get(), g, 0);
                  return {needs[0] ? passed : Tensor(), needs[1] ? -passed * sign(u) : Tensor()};
                });
}

}  // namespace

int main(int argc, char** argv) {
  const Tutorial tutorial(argc, argv);
  const Tensor x = from<double>({-3, -0.5, 0.25, 2}).requires_grad_();
  const Tensor lambda = full({}, 1.0, float64).requires_grad_();
  const Tensor y = soft_shrink(x, lambda);
  tutorial.expect("values", equal(y.detach(), from<double>({-2, 0, 0, 1})));

  // No element is close to lambda, where there is no derivative.
  const auto f = [](const std::vector<Tensor>& in) { return soft_shrink(in[0], in[1]); };
  tutorial.expect("gradcheck", gradcheck(f, {x, lambda}).ok);
  tutorial.expect("gradgradcheck", gradgradcheck(f, {x, lambda}).ok);
}
