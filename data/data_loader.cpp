#include <rewind/data/data_loader.h>

#include <algorithm>
#include <condition_variable>
#include <exception>
#include <mutex>
#include <system_error>
#include <thread>

#include <rewind/ops/random.h>
#include <rewind/tensor/check.h>
#include <rewind/tensor/parallel.h>

namespace rw::data::detail {

void check_options(const DataLoaderOptions& options) {
  check(options.batch_size >= 1, "DataLoader: expected a batch_size of at least 1, got {}",
        options.batch_size);
  check(options.workers >= 0, "DataLoader: expected workers >= 0, got {}", options.workers);
  check(options.prefetch >= 1, "DataLoader: expected a prefetch of at least 1, got {}",
        options.prefetch);
}

int64_t count_batches(int64_t samples, const DataLoaderOptions& options) {
  check(samples >= 0, "DataLoader: the data set has a size of {}", samples);
  const int64_t full = samples / options.batch_size;
  return !options.drop_last && samples % options.batch_size > 0 ? full + 1 : full;
}

namespace {

// A seed for the n-th of the things that `seed` stands for.
uint64_t derive(uint64_t seed, uint64_t n) {
  Generator gen(seed);
  gen.set_counter(n);
  return gen.next();
}

// Puts the thread's generator at the start of a sequence, and back at the end of the scope.
class Seeded {
 public:
  explicit Seeded(uint64_t seed) : before_(std::exchange(default_generator(), Generator(seed))) {}
  ~Seeded() { default_generator() = before_; }
  Seeded(const Seeded&) = delete;
  Seeded& operator=(const Seeded&) = delete;

 private:
  Generator before_;
};

Tensor make_order(int64_t samples, bool shuffle, uint64_t seed) {
  Generator gen(seed);
  return shuffle ? randperm(samples, gen) : arange(samples);
}

}  // namespace

struct Epoch::Impl {
  struct Slot {
    bool ready = false;
    std::exception_ptr error;
  };

  Impl(int64_t samples, const DataLoaderOptions& options, uint64_t number, Prepare f)
      : prepare(std::move(f)),
        seed(derive(options.seed, number)),
        batch_size(options.batch_size),
        order(make_order(samples, options.shuffle, seed)),
        count(count_batches(samples, options)),
        slots(Epoch::slots(samples, options)) {
    const int64_t workers = std::min<int64_t>(options.workers, count);
    try {
      for (int64_t i = 0; i < workers; ++i)
        threads.emplace_back([this](const std::stop_token& stop) { work(stop); });
    } catch (const std::system_error& e) {
      fail("DataLoader: worker {} of {} could not be started: {}", threads.size(), workers,
           e.what());
    }
  }
  ~Impl() {
    // All at once, so that none begins another batch while the first is being joined.
    for (std::jthread& thread : threads) thread.request_stop();
  }

  size_t slot_of(int64_t k) const { return static_cast<size_t>(k) % slots.size(); }
  bool has_room() const { return claimed < done + static_cast<int64_t>(slots.size()); }

  void work(const std::stop_token& stop) {
    // One worker is one thread: a team of OpenMP threads for each would only get in the way.
    set_num_threads(1);
    std::unique_lock lock(mutex);
    const auto awaited = [&] { return claimed >= count || has_room(); };
    while (room.wait(lock, stop, awaited) && !stop.stop_requested() && claimed < count)
      make(claimed++, lock);
  }

  // Makes batch k, without the lock, and notes down that it is there, or why not.
  void make(int64_t k, std::unique_lock<std::mutex>& lock) {
    lock.unlock();
    std::exception_ptr error;
    try {
      const Seeded seeded(derive(seed, static_cast<uint64_t>(k)));
      const int64_t first = k * batch_size;
      const int64_t size = std::min(batch_size, order.numel() - first);
      prepare(slot_of(k), {order.data<int64_t>() + first, static_cast<size_t>(size)});
    } catch (...) {
      error = std::current_exception();
    }
    lock.lock();
    if (error) count = std::min(count, k + 1);
    slots[slot_of(k)] = {true, error};
    ready.notify_one();
  }

  std::optional<size_t> next() {
    std::unique_lock lock(mutex);
    done = handed_out;
    room.notify_all();
    if (handed_out >= count) return {};
    const int64_t k = handed_out++;
    Slot& slot = slots[slot_of(k)];
    if (threads.empty())
      make(k, lock);
    else
      ready.wait(lock, [&] { return slot.ready; });
    slot.ready = false;
    if (slot.error) std::rethrow_exception(std::exchange(slot.error, nullptr));
    return slot_of(k);
  }

  const Prepare prepare;
  const uint64_t seed;
  const int64_t batch_size;
  const Tensor order;

  std::mutex mutex;
  std::condition_variable_any room;  // for workers: another slot became free
  std::condition_variable ready;     // for the consumer: another batch is there
  int64_t count;                     // of batches; fewer once one has failed
  int64_t claimed = 0;               // batches that someone has begun to make
  int64_t handed_out = 0;
  int64_t done = 0;  // batches that the consumer will not look at again
  std::vector<Slot> slots;
  std::vector<std::jthread> threads;  // last, so that they are joined before the rest goes
};

Epoch::Epoch(int64_t samples, const DataLoaderOptions& options, uint64_t number, Prepare prepare)
    : impl_(std::make_unique<Impl>(samples, options, number, std::move(prepare))) {}
Epoch::~Epoch() = default;

std::optional<size_t> Epoch::next() { return impl_->next(); }

size_t Epoch::slots(int64_t samples, const DataLoaderOptions& options) {
  const int64_t ahead = int64_t{options.workers} * options.prefetch;
  // One more than what may lie ready is for the batch that the consumer looks at.
  return static_cast<size_t>(std::min(ahead, count_batches(samples, options))) + 1;
}

void fail_past_end(const char* what) {
  fail<IndexError>("DataLoader: {} past the last batch", what);
}

}  // namespace rw::data::detail
