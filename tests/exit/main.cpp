// A program whose destructors of static and thread_local objects compute: it ends with 0.

#include <cstdio>
#include <cstdlib>
#include <thread>
#include <vector>

#include <rewind/rewind.h>

using namespace rw;

namespace {

struct Net : nn::Module {
  nn::Conv2d conv = add("conv", nn::Conv2d(3, 8, 3));
  nn::Linear linear = add("linear", nn::Linear(8, 4));
  Tensor forward(const Tensor& x) override { return linear(relu(conv(x)).mean({2, 3})); }
};

// Convolutions, products and small ops, backward: for all sizes of blocks of memory and in both
// modes.
void compute(Net& net, int64_t size) {
  const Tensor loss = net(rand({4, 3, size, size})).square().mean();
  loss.backward();
  const Tensor a = rand({size, size}).requires_grad_();
  matmul(a, a).sum().backward();
  for (const Tensor& p : net.parameters())
    if (!p.grad().defined()) std::abort();
  {
    const autocast lower;
    linear(rand({2, size}), a).sum().backward();
  }
  const save_as_bfloat16 smaller;
  (a * a).sum().backward();
}

struct AtEnd {
  explicit AtEnd(const char* where) : name(where) {}
  ~AtEnd() {
    compute(net, 16);
    std::printf("%s\n", name);
  }
  const char* name;
  Net net;
};

// Before the library has done anything, and in the order of their construction.
AtEnd early("a static object");
const Tensor constant = rand({1000, 1000});
const autocast whole_program(false);
thread_local AtEnd of_thread("a thread_local object");

AtEnd& in_function() {
  static AtEnd late("a static object of a function");
  return late;
}

// Reuses what was freed.
struct Last {
  ~Last() {
    std::vector<void*> blocks;
    for (size_t i = 0; i < 4000; ++i) blocks.push_back(std::malloc(16 + i % 200));
    for (void* b : blocks) std::free(b);
  }
};

}  // namespace

int main() {
  static const Last last;
  static const autocast lower;
  static const saved_tensors_hooks hooks(
      [](const Tensor& t) { return std::any(t); },
      [](const std::any& t) { return std::any_cast<Tensor>(t); });
  compute(early.net, 16);
  compute(in_function().net, 16);
  compute(of_thread.net, 16);
  std::thread([] { compute(of_thread.net, 16); }).join();
  return 0;
}
