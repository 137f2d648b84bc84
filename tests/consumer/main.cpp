#include <cstdio>

#include <rewind/rewind.h>

int main() {
  rw::Tensor x = rw::ones({3}).requires_grad_();
  (x * x).sum().backward();
  const float g = x.grad()[0].item();
  std::printf("d/dx of x*x at 1 is %g\n", static_cast<double>(g));
  return g == 2 ? 0 : 1;
}
