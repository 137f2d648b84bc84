// detect_anomaly.

#include <malloc.h>

#include <cmath>
#include <cstdlib>
#include <limits>
#include <thread>

#include <rewind/autograd/debug.h>

#include "../check.h"
#include "../dtypes.h"

using namespace rw;
using namespace rw::test;

namespace {

Tensor leaf(std::initializer_list<double> v) { return from<double>(v).requires_grad_(); }

// What f throws; empty where it does not.
template <class F>
std::string message_of(F f) {
  try {
    f();
  } catch (const AutogradError& e) {
    return e.what();
  }
  return "";
}

}  // namespace

// Not in an anonymous namespace, not inlined, and with something left to do after the call: found
// on the stack by name. Used below.
[[gnu::noinline]] Tensor users_own_root(const Tensor& x) {
  Tensor y = sqrt(x);
  BOOST_TEST(y.defined());
  return y;
}
[[gnu::noinline]] Tensor users_own_logarithm(const Tensor& x) {
  Tensor y = log(x);
  BOOST_TEST(y.defined());
  return y;
}

BOOST_AUTO_TEST_CASE(forward_names_the_op_and_the_element) {
  const detect_anomaly guard;
  const Tensor x = leaf({1, 2, -3, -4});
  const std::string message = message_of([&] { users_own_logarithm(x.reshape({2, 2})); });
  says(message,
       "detect_anomaly: the result of 'log' (float64, shape [2, 2]) holds 2 NaN and 0 Inf; the "
       "first, nan, is at [1, 0]\n'log' was called from:\n  ");
  says(message, "users_own_logarithm(rw::Tensor const&) (");
  BOOST_TEST(!contains(message, " rw::log"));
  BOOST_TEST(!contains(message, " rw::detail"));

  const Tensor zero = leaf({0});
  says(message_of([&] { zero / zero; }), "the result of 'div' (float64, shape [1]) holds 1 NaN");
  says(message_of([&] { log(zero); }), "holds 0 NaN and 1 Inf; the first, -inf, is at [0]");
  says(message_of([&] { exp(ones({}).requires_grad_() * 100); }),
       "the result of 'exp' (float32, shape []) holds 0 NaN and 1 Inf; the first, inf, is at []");
}

BOOST_AUTO_TEST_CASE(finite_results_and_what_is_off_the_tape_pass) {
  const detect_anomaly guard;
  const Tensor x = leaf({1, 2, 3});
  (log(x) * sqrt(x)).sum().backward();
  BOOST_TEST(x.grad().defined());
  BOOST_TEST(std::isnan(log(full({1}, -1.0)).item()));  // no input requires a gradient
  const no_grad off;
  BOOST_TEST(std::isnan(log(-x)[0].item()));
}

BOOST_AUTO_TEST_CASE(empty_and_extreme_values_pass) {
  const detect_anomaly guard;
  exp(zeros({0, 3}).requires_grad_()).sum().backward();
  for (const DType dtype : test::floating_dtypes) {
    const Tensor x = full({3}, test::greatest(dtype), dtype).requires_grad_();
    BOOST_CHECK_NO_THROW(-x);
    BOOST_CHECK_NO_THROW(x * 1e-30);
  }
}

BOOST_AUTO_TEST_CASE(every_dtype_and_sign) {
  const detect_anomaly guard;
  const double inf = std::numeric_limits<double>::infinity();
  for (const DType dtype : test::floating_dtypes)
    for (const double bad : {inf, -inf, std::nan("")}) {
      const Tensor x = from<double>({1, 0, bad}).to(dtype).requires_grad_();
      BOOST_CHECK_EXCEPTION(-x, AutogradError, saying("is at [2]"));
    }
}

BOOST_AUTO_TEST_CASE(every_layout) {
  const detect_anomaly guard;
  Tensor x = zeros({2, 3, 4});
  x.select(0, 1).select(0, 2).select(0, 3).fill_(std::nan(""));
  x.requires_grad_();
  says(message_of([&] { -x.transpose(0, 2); }), "is at [3, 2, 1]");
  says(message_of([&] { x.slice(2, 1, 4, 2); }), "is at [1, 2, 1]");
  says(message_of([&] { x.unsqueeze(1).expand({2, 5, 3, 4}); }), "is at [1, 0, 2, 3]");
  says(message_of([&] { x.sum(); }),
       "(float32, shape []) holds 1 NaN and 0 Inf; the first, nan, is at []");
  BOOST_CHECK_NO_THROW(x.slice(2, 0, 3));  // the bad element is not among these
}

BOOST_AUTO_TEST_CASE(large_results_are_searched_to_the_end) {
  const detect_anomaly guard;
  Tensor x = ones({1 << 18});
  x.select(0, (1 << 18) - 1).fill_(-1);
  x.requires_grad_();
  says(message_of([&] { log(x); }), "holds 1 NaN and 0 Inf");
}

BOOST_AUTO_TEST_CASE(backward_names_the_op_and_where_it_was_called) {
  const detect_anomaly guard;
  const Tensor x = leaf({4, 0});
  const Tensor loss = users_own_root(x).sum();  // the slope at 0 is infinite
  const std::string message = message_of([&] { loss.backward(); });
  says(message,
       "detect_anomaly: the gradient that backward of 'sqrt' returned for input 0 (float64, shape "
       "[2]) holds 0 NaN and 1 Inf; the first, inf, is at [1]\n'sqrt' was called from:\n  ");
  says(message, "users_own_root(rw::Tensor const&) (");
  BOOST_TEST(!x.grad().defined());
}

BOOST_AUTO_TEST_CASE(without_addr2line_there_are_addresses) {
  const detect_anomaly guard;
  const std::string path = std::getenv("PATH");
  setenv("PATH", "/nowhere", 1);
  const std::string message = message_of([&] { users_own_logarithm(leaf({-1})); });
  setenv("PATH", path.c_str(), 1);
  says(message, "'log' was called from:\n  ");
  says(message, " (autograd_anomaly_test+0x");
}

BOOST_AUTO_TEST_CASE(backward_of_a_power) {
  const detect_anomaly guard;
  const Tensor x = leaf({0}), exponent = leaf({0.5});
  says(message_of([&] { pow(x, exponent).sum().backward(); }), "backward of 'pow' returned");
}

BOOST_AUTO_TEST_CASE(gradients_of_gradients) {
  const detect_anomaly guard;
  const Tensor x = leaf({0});
  const Tensor y = x.square() * sqrt(x + 1) + pow(x, 1.5);  // whose second derivative is infinite
  const std::string message = message_of([&] { grad({grad({y}, {x}, {}, true, true)[0]}, {x}); });
  says(message, "in the backward of 'pow' from:");
}

BOOST_AUTO_TEST_CASE(gradients_that_were_given_are_not_blamed_on_the_op) {
  const detect_anomaly guard;
  const Tensor x = leaf({1});
  says(message_of([&] { (x * 2).backward(full({1}, std::nan(""), float64)); }),
       "the gradient for the result of 'mul', as given, summed up or changed by a hook, (float64");
  const Tensor z = x * 2;
  register_hook(z, [](const Tensor& g) { return g / 0; });
  says(message_of([&] { z.backward(); }),
       "the gradient for the result of 'mul', as given, summed up or changed by a hook, (float64");
  // Each of these gradients is finite, their sum is not.
  const Tensor y = x * 0.1;
  says(message_of([&] { (y * 1e308 + y * 1e308).backward(); }),
       "the gradient for the result of 'mul', as given, summed up or changed by a hook, (float64");
}

BOOST_AUTO_TEST_CASE(results_of_an_op_with_several_are_numbered) {
  const detect_anomaly guard;
  const Tensor x = leaf({1, 2});
  const auto two = [](const Tensor& t) {
    std::vector<Tensor> results = {t.detach().clone(), t.detach() / 0};
    return record("two", std::move(results), {t},
                  [](std::span<const Tensor> g, Needs) -> Grads { return g[0]; });
  };
  says(message_of([&] { two(x); }), "detect_anomaly: result 1 of 'two' (float64, shape [2])");
}

BOOST_AUTO_TEST_CASE(changes_in_place) {
  const detect_anomaly guard;
  const Tensor x = leaf({1});
  Tensor y = x * 2;
  says(message_of([&] { y.div_(0); }), "the result of 'div_' (float64, shape [1])");
}

BOOST_AUTO_TEST_CASE(a_graph_from_before) {
  const Tensor x = leaf({0});
  const Tensor y = sqrt(x);
  const detect_anomaly guard;
  says(message_of([&] { y.backward(); }),
       "\n'sqrt' was recorded before detect_anomaly: put it around the forward pass as well, to "
       "see where");
}

BOOST_AUTO_TEST_CASE(infinities_may_be_meant) {
  const detect_anomaly guard(Anomaly::nan);
  const Tensor x = leaf({0, 1});
  BOOST_TEST(std::isinf(log(x)[0].item()));
  const Tensor mask = from<double>({1, 0}).to(boolean);
  const Tensor y = x.masked_fill(mask, -std::numeric_limits<double>::infinity()).softmax(0);
  y.square().sum().backward();
  BOOST_TEST(x.grad().to_vector() == (std::vector<float>{0, 0}));
  says(message_of([&] { log(-x); }), "holds 1 NaN and 1 Inf; the first, nan, is at [1]");
}

BOOST_AUTO_TEST_CASE(scopes_nest_and_end) {
  const Tensor x = leaf({0});
  Tensor y;
  {
    const detect_anomaly outer;
    {
      const detect_anomaly inner(Anomaly::nan);
      BOOST_CHECK_NO_THROW(log(x));
      y = users_own_root(x);
    }
    BOOST_CHECK_THROW(log(x), AutogradError);
    // What the inner scope remembered is still known.
    says(message_of([&] { y.backward({}, true); }), "users_own_root");
  }
  BOOST_CHECK_NO_THROW(log(x));
  BOOST_CHECK_NO_THROW(y.backward());
  BOOST_TEST(std::isinf(x.grad().item()));
}

BOOST_AUTO_TEST_CASE(nodes_that_die_are_forgotten) {
  const detect_anomaly guard;
  const Tensor x = leaf({1});
  const auto bytes = [] { return static_cast<int64_t>(mallinfo2().uordblks); };
  const auto run = [&] {
    for (int i = 0; i < 10000; ++i) x * 2;
  };
  run();
  const int64_t before = bytes();
  run();
  BOOST_TEST(bytes() - before < 100000);
}

BOOST_AUTO_TEST_CASE(other_threads_do_not_look) {
  const detect_anomaly guard;
  bool threw = false;
  std::thread([&] {
    try {
      log(leaf({-1}));
    } catch (const Error&) {
      threw = true;
    }
  }).join();
  BOOST_TEST(!threw);
  BOOST_CHECK_THROW(log(leaf({-1})), AutogradError);
}
