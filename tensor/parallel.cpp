#include <rewind/tensor/parallel.h>

#include <omp.h>

#include <algorithm>
#include <exception>

#include <rewind/tensor/check.h>

namespace rw {

void set_num_threads(int n) {
  check(n >= 1, "set_num_threads: expected at least 1, got {}", n);
  omp_set_num_threads(n);
}

int get_num_threads() { return omp_get_max_threads(); }

namespace detail {

void parallel_run(int64_t begin, int64_t end, int64_t grain, void (*body)(void*, int64_t, int64_t),
                  void* context) {
  const int64_t pieces = (end - begin + grain - 1) / std::max<int64_t>(grain, 1);
  const int threads = static_cast<int>(std::min<int64_t>(pieces, omp_get_max_threads()));
  if (threads <= 1 || omp_in_parallel()) {
    body(context, begin, end);
    return;
  }
  std::exception_ptr failure;
#pragma omp parallel num_threads(threads)
  {
    const int64_t n = omp_get_num_threads();
    const int64_t k = omp_get_thread_num();
    const int64_t share = (end - begin + n - 1) / n;
    const int64_t b = begin + k * share;
    const int64_t e = std::min(end, b + share);
    try {
      if (b < e) body(context, b, e);
    } catch (...) {
#pragma omp critical(rewind_parallel_failure)
      failure = std::current_exception();
    }
  }
  if (failure) std::rethrow_exception(failure);
}

}  // namespace detail
}  // namespace rw
