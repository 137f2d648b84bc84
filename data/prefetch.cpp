#include <rewind/data/prefetch.h>

#include <algorithm>
#include <condition_variable>
#include <exception>
#include <limits>
#include <mutex>
#include <system_error>
#include <thread>
#include <vector>

#include <rewind/data/sampler.h>
#include <rewind/tensor/check.h>
#include <rewind/tensor/parallel.h>

namespace rw::data::detail {

struct Prefetch::Impl {
  struct Slot {
    bool ready = false;
    std::exception_ptr error;
  };

  Impl(const Options& options, Claim c, Make m)
      : claim(std::move(c)),
        make(std::move(m)),
        claimed(options.first),
        handed_out(options.first),
        done(options.first),
        slots(options.slots) {
    try {
      for (int i = 0; i < options.workers; ++i)
        threads.emplace_back([this](const std::stop_token& stop) { work(stop); });
    } catch (const std::system_error& e) {
      stop_all();
      fail("DataLoader: worker {} of {} could not be started: {}", threads.size(), options.workers,
           e.what());
    } catch (...) {
      stop_all();
      throw;
    }
  }
  ~Impl() { stop_all(); }

  // At once, before the first is joined: none begins another batch meanwhile, and none waits for
  // its turn behind one that waits for room.
  void stop_all() {
    for (std::jthread& thread : threads) thread.request_stop();
  }

  size_t slot_of(int64_t k) const { return static_cast<size_t>(k) % slots.size(); }

  void work(const std::stop_token& stop) {
    // One worker is one thread: a team of OpenMP threads for each would only get in the way.
    set_num_threads(1);
    while (const std::optional<int64_t> k = claim_with_room(stop)) make_claimed(*k);
  }

  std::optional<int64_t> claim_with_room(const std::stop_token& stop) {
    const std::lock_guard in_turn(turn);
    {
      std::unique_lock lock(mutex);
      const auto awaited = [&] {
        return claimed >= count || claimed < done + static_cast<int64_t>(slots.size());
      };
      if (!room.wait(lock, stop, awaited) || stop.stop_requested()) return {};
    }
    return claim_next();
  }

  // The next batch that is claimed; nothing where there is none, or where claiming it failed.
  std::optional<int64_t> claim_next() {
    const int64_t k = claimed;
    {
      const std::lock_guard lock(mutex);
      if (k >= count) return {};
    }
    bool there = false;
    std::exception_ptr error;
    try {
      there = claim(slot_of(k), k);
    } catch (...) {
      error = std::current_exception();
    }
    const std::lock_guard lock(mutex);
    if (there) {
      ++claimed;
      return k;
    }
    if (error) slots[slot_of(k)] = {true, error};
    count = std::min(count, error ? k + 1 : k);
    claimed = std::max(claimed, count);
    ready.notify_one();
    room.notify_all();
    return {};
  }

  // Makes the batch, and notes down that it is there, or why not.
  void make_claimed(int64_t k) {
    std::exception_ptr error;
    try {
      make(slot_of(k), k);
    } catch (...) {
      error = std::current_exception();
    }
    const std::lock_guard lock(mutex);
    if (error) count = std::min(count, k + 1);
    slots[slot_of(k)] = {true, error};
    ready.notify_one();
  }

  std::optional<size_t> next() {
    std::unique_lock lock(mutex);
    done = handed_out;
    if (threads.empty()) {
      lock.unlock();
      if (const std::optional<int64_t> k = claim_next()) make_claimed(*k);
      lock.lock();
    } else {
      room.notify_all();
      ready.wait(lock, [&] { return handed_out >= count || slots[slot_of(handed_out)].ready; });
    }
    if (handed_out >= count) return {};
    const int64_t k = handed_out++;
    Slot& slot = slots[slot_of(k)];
    slot.ready = false;
    if (slot.error) std::rethrow_exception(std::exchange(slot.error, nullptr));
    return slot_of(k);
  }

  const Claim claim;
  const Make make;

  std::mutex turn;  // held by who claims a batch; taken before the other
  std::mutex mutex;
  std::condition_variable_any room;  // for workers: another slot became free
  std::condition_variable ready;     // for the consumer: another batch is there
  // No batch from here on: unknown until the last one is claimed, or one has failed.
  int64_t count = std::numeric_limits<int64_t>::max();
  int64_t claimed;  // batches that someone has begun to make
  int64_t handed_out;
  int64_t done;  // batches that the consumer will not look at again
  std::vector<Slot> slots;
  std::vector<std::jthread> threads;  // last, so that they are joined before the rest goes
};

Prefetch::Prefetch(const Options& options, Claim claim, Make make)
    : impl_(std::make_unique<Impl>(options, std::move(claim), std::move(make))) {}
Prefetch::~Prefetch() = default;

std::optional<size_t> Prefetch::next() { return impl_->next(); }

void seed_sample(uint64_t seed, int64_t index) {
  default_generator().manual_seed(derive_seed(seed, static_cast<uint64_t>(index)));
}

void rethrow_at(const char* what, int64_t number) {
  const std::string place = fmt::format("DataLoader: {} {}", what, number);
  try {
    throw;
  } catch (Error& e) {
    e.set_place(place);
    throw;
  } catch (const std::exception& e) {
    std::throw_with_nested(Error(place + ": " + e.what()));
  }
}

}  // namespace rw::data::detail
