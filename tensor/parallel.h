#pragma once

#include <cstdint>
#include <type_traits>

#pragma GCC visibility push(default)

namespace rw {

/// Threads that ops may use, at least 1; the default is OpenMP's (OMP_NUM_THREADS), in a build
/// without OpenMP the number of processors, at least 2. Counts for Rewind and oneDNN alike, for
/// what the calling thread runs: other threads have a number of their own, and new ones start with
/// the default.
void set_num_threads(int n);
/// What set_num_threads has set for the calling thread, or the default.
int get_num_threads();

namespace detail {
/// Whether the caller is inside a piece of a parallel_for.
bool in_parallel();
void parallel_run(int64_t begin, int64_t end, int64_t grain, void (*body)(void*, int64_t, int64_t),
                  void* context);
}  // namespace detail

/// Calls `f(b, e)` on disjoint pieces of [begin, end), each of about `grain` or more, on several
/// threads. Small ranges and calls from inside a parallel region stay on the calling thread.
/// An exception thrown by a piece reaches the caller.
template <class F>
void parallel_for(int64_t begin, int64_t end, int64_t grain, F&& f) {
  if (end <= begin) return;
  if (end - begin <= grain) {
    f(begin, end);
    return;
  }
  detail::parallel_run(
      begin, end, grain,
      [](void* c, int64_t b, int64_t e) { (*static_cast<std::remove_reference_t<F>*>(c))(b, e); },
      const_cast<void*>(static_cast<const void*>(&f)));
}

}  // namespace rw

#pragma GCC visibility pop
