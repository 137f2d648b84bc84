#include <rewind/distributed/simulated_link.h>

#include <algorithm>
#include <chrono>

#include <rewind/tensor/check.h>

namespace rw::distributed {
namespace {

using Clock = std::chrono::steady_clock;

class Delayed : public Pending {
 public:
  Delayed(std::unique_ptr<Pending> inner, Clock::time_point end)
      : inner_(std::move(inner)), end_(end) {}
  bool done() override {
    inner_done_ = inner_done_ || inner_->done();
    return inner_done_ && Clock::now() >= end_;
  }

 private:
  std::unique_ptr<Pending> inner_;
  Clock::time_point end_;
  bool inner_done_ = false;
};

class SimulatedLink : public Backend {
 public:
  // Groups share the link.
  struct Link {
    LinkOptions options;
    Clock::time_point free{};
  };

  SimulatedLink(std::unique_ptr<Backend> inner, std::shared_ptr<Link> link)
      : inner_(std::move(inner)), link_(std::move(link)) {}
  int rank() const override { return inner_->rank(); }
  int size() const override { return inner_->size(); }
  int local_rank() const override { return inner_->local_rank(); }
  std::unique_ptr<Pending> start(const Transfer& t) override {
    std::unique_ptr<Pending> inner = inner_->start(t);
    if (t.kind == Exchange::recv) return inner;  // the sender's bytes have been counted
    const double bytes = static_cast<double>(t.count) * static_cast<double>(itemsize(t.dtype));
    const std::chrono::duration<double> time(link_->options.latency +
                                             bytes / link_->options.bandwidth);
    link_->free =
        std::max(link_->free, Clock::now()) + std::chrono::duration_cast<Clock::duration>(time);
    return std::make_unique<Delayed>(std::move(inner), link_->free);
  }
  std::unique_ptr<Backend> group(const std::vector<int>& ranks) override {
    auto inner = inner_->group(ranks);
    return inner ? std::make_unique<SimulatedLink>(std::move(inner), link_) : nullptr;
  }

 private:
  std::unique_ptr<Backend> inner_;
  std::shared_ptr<Link> link_;
};

}  // namespace

std::unique_ptr<Backend> simulated_link(std::unique_ptr<Backend> backend,
                                        const LinkOptions& options) {
  check(backend != nullptr, "simulated_link: expected a backend, got none");
  check(options.bandwidth > 0, "simulated_link: expected a bandwidth above 0, got {}",
        options.bandwidth);
  check(options.latency >= 0, "simulated_link: expected a latency of at least 0, got {}",
        options.latency);
  return std::make_unique<SimulatedLink>(
      std::move(backend), std::make_shared<SimulatedLink::Link>(SimulatedLink::Link{options}));
}

}  // namespace rw::distributed
