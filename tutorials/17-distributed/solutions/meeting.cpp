// Exercise 1: the mean by hand, without DistributedDataParallel: an all_reduce of each gradient
// after backward. The weights are the same; what is lost is the time in which both could have gone
// on at once.

#include <cstdio>

#include <rewind/distributed/distributed.h>
#include <rewind/rewind.h>

#include "tutorial.h"

using namespace rw;

int main(int argc, char** argv) {
  const Tutorial tutorial(argc, argv);
  const distributed::init world;
  manual_seed(1);
  nn::Linear by_hand(3, 2), wrapped(3, 2);
  wrapped.load_state_dict(by_hand.state_dict());
  distributed::DistributedDataParallel model(wrapped);
  const Tensor x = full({4, 3}, distributed::rank() + 1.);

  by_hand(x).square().sum().backward();
  for (const Tensor& p : by_hand.parameters())
    distributed::all_reduce(p.grad(), {.op = distributed::ReduceOp::avg});
  model(x).square().sum().backward();

  double most = 0;
  for (size_t i = 0; i < 2; ++i) {
    const Tensor a = by_hand.parameters()[i].grad(), b = wrapped.parameters()[i].grad();
    most = std::max(most, (a - b).abs().max().item<double>());
  }
  tutorial.expect("gradients differ by", most, 0, 1e-5);
}
