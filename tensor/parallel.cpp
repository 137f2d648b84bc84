#include <rewind/tensor/parallel.h>

#include <algorithm>
#include <chrono>
#include <exception>
#include <mutex>
#include <utility>

#ifdef _OPENMP
#include <omp.h>
#else
#include <thread>
#include <vector>
#endif

#include <rewind/tensor/check.h>
#include <rewind/tensor/fork.h>

#ifndef _OPENMP
// Of the OpenMP that oneDNN may have brought along: the same in all versions of the standard.
extern "C" int omp_pause_resource_all(int kind) __attribute__((weak));
#endif

namespace rw {
namespace {

#ifdef _OPENMP

int num_threads() { return omp_get_max_threads(); }
void set_threads(int n) { omp_set_num_threads(n); }
bool inside() { return omp_in_parallel(); }
void end_team() { omp_pause_resource_all(omp_pause_soft); }

// f(k, n) on n threads, for k from 0 to n - 1.
template <class F>
void on_team(int threads, const F& f) {
#pragma omp parallel num_threads(threads)
  f(omp_get_thread_num(), omp_get_num_threads());
}

#else

// Threads made for each call, where OpenMP was left out of the build: slower, but a thread
// sanitizer sees who waits for whom, which it does not inside libgomp.
thread_local int threads_of_this =
    std::max(2, static_cast<int>(std::thread::hardware_concurrency()));
thread_local bool is_inside = false;

int num_threads() { return threads_of_this; }
void set_threads(int n) { threads_of_this = n; }
bool inside() { return is_inside; }
void end_team() {
  constexpr int soft = 1;
  if (omp_pause_resource_all) omp_pause_resource_all(soft);
}

template <class F>
void on_team(int threads, const F& f) {
  const auto member = [&](int k) {
    is_inside = true;
    f(k, threads);
    is_inside = false;
  };
  std::vector<std::jthread> others;
  for (int k = 1; k < threads; ++k) others.emplace_back(member, k);
  member(0);
}

#endif

// Where other programs want the same cores, the threads of an op may wait for one of them until the
// system lets it run: for milliseconds, where the op takes microseconds. After two such calls in a
// row the caller works alone for a while.
class Crowding {
 public:
  using Clock = std::chrono::steady_clock;
  using Time = Clock::time_point;

  // Whether so many pieces had better not be shared out.
  bool is_expected(int64_t pieces) {
    if (alone_until_ == Time()) return false;
    if (Clock::now() < alone_until_) return pieces * typical_piece < 2 * waited_;
    alone_until_ = Time();
    return false;
  }
  // A call from `start` on, in which the caller was through with its share at `own_end`.
  void note(Time start, Time own_end, int threads) {
    const Time end = Clock::now();
    const auto waited = end - own_end, others_work = (own_end - start) * (threads - 1);
    if (waited < others_work + usual_wait) return;
    if (end < last_ + memory * waited) {
      waited_ = waited;
      alone_until_ = end + std::min<Clock::duration>(memory * waited, longest);
    }
    last_ = end;
  }

 private:
  static constexpr auto typical_piece = std::chrono::microseconds(25);
  static constexpr auto usual_wait = std::chrono::microseconds(300);  // to wake a thread, say
  static constexpr auto longest = std::chrono::milliseconds(250);
  static constexpr int memory = 20;

  Time last_, alone_until_;
  Clock::duration waited_{};
};
thread_local Crowding crowding;

}  // namespace

void set_num_threads(int n) {
  check(n >= 1, "set_num_threads: expected at least 1, got {}", n);
  set_threads(n);
}

int get_num_threads() { return num_threads(); }

namespace detail {

bool in_parallel() { return inside(); }

void end_team() noexcept {
  if (!inside()) rw::end_team();
}

void parallel_run(int64_t begin, int64_t end, int64_t grain, void (*body)(void*, int64_t, int64_t),
                  void* context) {
  const int64_t pieces = (end - begin + grain - 1) / std::max<int64_t>(grain, 1);
  const int threads = static_cast<int>(std::min<int64_t>(pieces, num_threads()));
  if (threads <= 1 || inside() || crowding.is_expected(pieces)) {
    body(context, begin, end);
    return;
  }
  std::mutex mutex;
  std::exception_ptr failure;
  const Crowding::Time start = Crowding::Clock::now();
  Crowding::Time own_end;
  on_team(threads, [&](int64_t k, int64_t n) {
    const int64_t share = (end - begin + n - 1) / n;
    const int64_t b = begin + k * share;
    const int64_t e = std::min(end, b + share);
    try {
      if (b < e) body(context, b, e);
    } catch (...) {
      const std::lock_guard lock(mutex);
      failure = std::current_exception();
    }
    if (k == 0) own_end = Crowding::Clock::now();
  });
  crowding.note(start, own_end, threads);
  if (failure) std::rethrow_exception(failure);
}

}  // namespace detail
}  // namespace rw
