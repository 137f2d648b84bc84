// A training on 60 samples, saved by rank 0 after each step, in which rank 1 fails in step 3, by
// the first argument: kill, stop, throw or leave; by "omit" it leaves out a call. The others say
// what they have caught. All say which samples each step takes. With a second argument, the file of
// the state, it goes on from there.

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <stdexcept>
#include <string>

#include <rewind/distributed/distributed.h>
#include <rewind/rewind.h>
#include <rewind/train/training_state.h>

using namespace rw;

namespace {

// Whether rank 1 is to go on.
bool fails(const std::string& how) {
  if (how == "kill") std::raise(SIGKILL);
  if (how == "stop") std::raise(SIGSTOP);
  if (how == "throw") throw std::runtime_error("rank 1 has thrown");
  return how == "leave";
}

void train(const std::string& how, const std::string& path) {
  const distributed::init world({.timeout = how == "omit" ? 60. : 5., .debug = how == "omit"});
  const int rank = distributed::rank();
  nn::Linear net(4, 4);
  distributed::DistributedDataParallel model(net);
  optim::SGD sgd(model.parameters(), {.lr = 0.1});
  distributed::ShardSampler sampler(60, {.num_replicas = distributed::size(), .rank = rank});
  training::TrainingState state;
  state.add("model", net), state.add("optimizer", sgd), state.add("sampler", sampler);
  const bool goes_on = !path.empty() && state.resume(path);
  // Steps before were of three ranks, and six samples together.
  int step = goes_on ? static_cast<int>(sampler.state_dict()["taken"].item<int64_t>()) / 6 : 0;
  if (goes_on) std::fprintf(stderr, "rank %d goes on in step %d\n", rank, step);
  for (; const auto indices = sampler.next_batch(2); ++step) {
    if (step == 3 && !goes_on && rank == 1 && fails(how)) return;
    std::string line = "samples of step " + std::to_string(step) + ":";
    for (const int64_t i : *indices) line += " " + std::to_string(i);
    std::fprintf(stderr, "%s\n", line.c_str());
    sgd.zero_grad();
    const Tensor loss = model(ones({2, 4})).sum();
    if (how == "omit" && rank == 0) distributed::all_reduce(loss.detach());
    loss.backward();
    sgd.step();
    if (rank == 0 && !path.empty()) state.save(path);
  }
}

}  // namespace

int main(int argc, char** argv) {
  const char* rank = std::getenv("OMPI_COMM_WORLD_RANK");
  if (rank == nullptr) rank = std::getenv("PMI_RANK");
  try {
    train(argc > 1 ? argv[1] : "", argc > 2 ? argv[2] : "");
    std::fprintf(stderr, "rank %s: done\n", rank);
  } catch (const Error& e) {
    std::fprintf(stderr, "rank %s: caught: %s\n", rank, e.what());
    return 3;
  } catch (const std::exception& e) {
    std::fprintf(stderr, "rank %s: other: %s\n", rank, e.what());
    return 4;
  }
}
