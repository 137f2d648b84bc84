// A training in which rank 1 fails in step 3, by its only argument: kill, stop, throw or leave. The
// others say what they have caught.

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <stdexcept>
#include <string>

#include <rewind/distributed/distributed.h>
#include <rewind/rewind.h>

using namespace rw;

namespace {

// Whether rank 1 is to go on.
bool fails(const std::string& how) {
  if (how == "kill") std::raise(SIGKILL);
  if (how == "stop") std::raise(SIGSTOP);
  if (how == "throw") throw std::runtime_error("rank 1 has thrown");
  return how == "leave";
}

void train(const std::string& how) {
  const distributed::init world({.timeout = 5});
  nn::Linear net(4, 4);
  distributed::DistributedDataParallel model(net);
  optim::SGD sgd(model.parameters(), {.lr = 0.1});
  for (int step = 0; step < 6; ++step) {
    if (step == 3 && distributed::rank() == 1 && fails(how)) return;
    sgd.zero_grad();
    model(ones({2, 4})).sum().backward();
    sgd.step();
  }
}

}  // namespace

int main(int argc, char** argv) {
  const char* rank = std::getenv("OMPI_COMM_WORLD_RANK");
  if (rank == nullptr) rank = std::getenv("PMI_RANK");
  try {
    train(argc > 1 ? argv[1] : "");
    std::fprintf(stderr, "rank %s: done\n", rank);
  } catch (const Error& e) {
    std::fprintf(stderr, "rank %s: caught: %s\n", rank, e.what());
    return 3;
  } catch (const std::exception& e) {
    std::fprintf(stderr, "rank %s: other: %s\n", rank, e.what());
    return 4;
  }
}
