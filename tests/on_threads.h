#pragma once
// What tests of threads share.

#include <algorithm>
#include <exception>
#include <latch>
#include <thread>
#include <vector>

#include <rewind/tensor/tensor.h>

namespace rw::test {

/// f(k) for k from 0 to n - 1, each on a thread of its own, all at once. Boost.Test's checks are
/// not for several threads: f throws instead.
template <class F>
void on_threads(int n, const F& f) {
  std::latch start(n);
  std::vector<std::exception_ptr> failures(static_cast<size_t>(n));
  {
    std::vector<std::jthread> threads;
    for (int k = 0; k < n; ++k)
      threads.emplace_back([&, k] {
        start.arrive_and_wait();
        try {
          f(k);
        } catch (...) {
          failures[static_cast<size_t>(k)] = std::current_exception();
        }
      });
  }
  for (const std::exception_ptr& e : failures)
    if (e) std::rethrow_exception(e);
}

template <class F>
void on_another_thread(const F& f) {
  on_threads(1, [&](int) { f(); });
}

inline bool all_equal(const Tensor& t, double value) {
  const auto v = t.to_vector<double>();
  return std::all_of(v.begin(), v.end(), [&](double x) { return x == value; });
}

using Values = std::vector<std::vector<double>>;

inline Values values(const std::vector<Tensor>& tensors) {
  Values v;
  for (const Tensor& t : tensors) v.push_back(t.to_vector<double>());
  return v;
}

}  // namespace rw::test
