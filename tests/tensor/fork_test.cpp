// Children made by fork() compute as their parents do.

#include <sys/wait.h>
#include <unistd.h>
#include <boost/test/unit_test.hpp>
#include <csignal>
#include <cstdio>
#include <functional>
#include <stop_token>
#include <thread>
#include <vector>

#include <rewind/rewind.h>

using namespace rw;

namespace {

// Convolutions and products of oneDNN and of our own, reductions, and gradients through them: a
// number for all of it.
double compute() {
  manual_seed(3);
  const Tensor images = randn({8, 64, 28, 28}), depthwise = randn({8, 16, 40, 40});
  const Tensor w = randn({64, 64, 3, 3}).requires_grad_();
  const Tensor strided = randn({32, 64, 5, 5}).requires_grad_();
  const Tensor d = randn({16, 1, 3, 3}).requires_grad_();
  const Tensor a = randn({300, 400}).requires_grad_(), b = randn({400, 200}).requires_grad_();
  const Tensor loss = relu(conv2d(images, w, {}, {.padding = 1})).mean() +
                      conv2d(images, strided, {}, {.stride = 2}).square().mean() +
                      conv2d(depthwise, d, {}, {.groups = 16}).square().mean() +
                      matmul(a, b).square().mean() + matmul(a.to(float64), b.to(float64)).mean() +
                      randn({1 << 20}).exp().sum({0});
  loss.backward();
  double total = loss.item<double>();
  for (const Tensor& t : {w, strided, d, a, b}) total += t.grad().square().sum().item<double>();
  return total;
}

// Whether f returns true in a child, within some time.
bool in_child(const std::function<bool()>& f) {
  const pid_t child = fork();
  if (child == 0) {
    alarm(60);
    bool ok = false;
    try {
      ok = f();
    } catch (...) {
    }
    _exit(ok ? 0 : 1);
  }
  int status = 0;
  waitpid(child, &status, 0);
  return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

bool close(double a, double b) { return std::abs(a - b) <= 1e-5 * std::abs(b); }

}  // namespace

BOOST_AUTO_TEST_SUITE(a_child)

BOOST_AUTO_TEST_CASE(computes_after_its_parent_did) {
  const double expected = compute();
  const int threads = get_num_threads();
  BOOST_TEST(in_child([&] { return close(compute(), expected); }));
  BOOST_TEST(in_child([&] { return get_num_threads() == threads; }));
  for (const int n : {1, 2, 5})
    BOOST_TEST(in_child([&] {
      set_num_threads(n);
      return close(compute(), expected);
    }));
  BOOST_TEST(close(compute(), expected));
  BOOST_TEST(get_num_threads() == threads);
}

BOOST_AUTO_TEST_CASE(may_have_children) {
  const double expected = compute();
  BOOST_TEST(in_child([&] {
    return in_child([&] { return close(compute(), expected); }) && close(compute(), expected) &&
           in_child([&] { return close(compute(), expected); });
  }));
}

BOOST_AUTO_TEST_CASE(may_have_threads) {
  const double expected = compute();
  BOOST_TEST(in_child([&] {
    bool ok = false;
    std::thread([&] { ok = close(compute(), expected); }).join();
    return ok && close(compute(), expected);
  }));
}

BOOST_AUTO_TEST_CASE(goes_on_with_its_parents_graph) {
  const Tensor x = randn({1 << 18}).requires_grad_(), y = relu(x).square().sum();
  BOOST_TEST(in_child([&] {
    y.backward();
    return close(x.grad().sum().item<double>(), 2 * relu(x).sum().item<double>());
  }));
  BOOST_TEST(!x.grad().defined());
}

// A lock that another thread holds just then would stay locked.
BOOST_AUTO_TEST_CASE(finds_no_lock_held_by_another_thread) {
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
  // Theirs would: children of programs with threads can't allocate under GCC 12's sanitizers.
  std::puts(
      "SKIPPED: finds_no_lock_held_by_another_thread, as the sanitizer's own locks stay held");
  return;
#endif
  std::vector<std::jthread> others;
  for (int k = 0; k < 2; ++k)
    others.emplace_back([](const std::stop_token& stop) {
      set_num_threads(1);
      const Tensor x = randn({300, 300}).requires_grad_();
      while (!stop.stop_requested()) {
        Tensor y = x * 2;
        const Tensor row = y[0];
        y.mul_(2);
        static_cast<void>(row.requires_grad());
      }
    });
  for (int i = 0; i < 100; ++i)
    BOOST_TEST_REQUIRE(in_child([] {
      const Tensor x = randn({300, 300}).requires_grad_();
      Tensor y = x * 2;
      const Tensor row = y[0];
      y.mul_(2);
      return row.requires_grad();
    }));
}

BOOST_AUTO_TEST_CASE(of_a_thread_computes) {
#ifdef __SANITIZE_THREAD__
  std::puts("SKIPPED: of_a_thread_computes, as the thread sanitizer ends such children");
  return;
#endif
  const double expected = compute();
  bool ok = false;
  std::thread([&] {
    static_cast<void>(compute());
    ok = in_child([&] { return close(compute(), expected); });
  }).join();
  BOOST_TEST(ok);
}

BOOST_AUTO_TEST_SUITE_END()
