// Compiled with optimisation and debug information (tests/CMakeLists.txt), as users have them where
// functions are inlined into those of the standard library.

#include <algorithm>
#include <cstdlib>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "../check.h"

using namespace rw;

namespace {

// The message of the anomaly that f meets.
std::string anomaly_of(const std::function<void()>& f) {
  const detect_anomaly guard;
  try {
    f();
  } catch (const AutogradError& e) {
    return e.what();
  }
  return "no anomaly";
}

void check_line(const std::string& message, int line) {
  if (std::system("addr2line --version > /dev/null 2>&1") != 0) {
    BOOST_WARN_MESSAGE(false, "call_stack: no addr2line here, lines are not checked");
    return;
  }
  const std::string place = "call_stack_test.cpp:" + std::to_string(line) + ")";
  // The first of the calls is the user's.
  const size_t calls = message.find("was called from:\n"), end = message.find('\n', calls + 18);
  BOOST_TEST_REQUIRE(calls != std::string::npos);
  rw::test::says(Error(message.substr(calls, end - calls)), place);
}

}  // namespace

BOOST_AUTO_TEST_SUITE(call_stack)

BOOST_AUTO_TEST_CASE(in_a_function_object) {
  const std::string message = anomaly_of([] { zeros(2).requires_grad_().log(); });
  check_line(message, __LINE__ - 1);
}

BOOST_AUTO_TEST_CASE(in_an_algorithm) {
  const std::vector<int> sizes = {2};
  const std::string message = anomaly_of([&] {
    std::for_each(sizes.begin(), sizes.end(), [](int n) {
      zeros(n).requires_grad_().log();  //
    });
  });
  check_line(message, __LINE__ - 3);
}

BOOST_AUTO_TEST_CASE(in_a_comparison) {
  const std::string message = anomaly_of([] {
    std::vector<double> numbers = {1, 0};
    std::sort(numbers.begin(), numbers.end(), [](double a, double b) {
      return full({1}, a).requires_grad_().log().item() < full({1}, b).log().item();  //
    });
  });
  check_line(message, __LINE__ - 3);
}

BOOST_AUTO_TEST_CASE(behind_a_pointer) {
  struct Model {
    virtual ~Model() = default;
    virtual Tensor forward(const Tensor& x) const { return x.log(); }
  };
  const int line = __LINE__ - 2;
  const auto model = std::make_unique<Model>();
  check_line(anomaly_of([&] { model->forward(zeros(2).requires_grad_()); }), line);
}

BOOST_AUTO_TEST_SUITE_END()
