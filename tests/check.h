#pragma once
// What tests of ops share.

#include <boost/test/unit_test.hpp>
#include <cmath>
#include <functional>
#include <string>
#include <vector>

#include <rewind/autograd/gradcheck.h>
#include <rewind/rewind.h>

namespace rw::test {

inline bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

///@{
/// Whether a text, or the message of an exception, contains `part`; shows it when it does not.
inline bool says(const std::string& text, const std::string& part) {
  const bool found = contains(text, part);
  BOOST_TEST(found, "expected \"" << part << "\" in: " << text);
  return found;
}
inline bool says(const std::exception& e, const std::string& part) {
  return says(std::string(e.what()), part);
}
///@}

/// `says(part)` as a predicate for BOOST_CHECK_EXCEPTION.
inline auto saying(const std::string& part) {
  return [part](const std::exception& e) { return says(e, part); };
}

/// First and second derivatives of f at the inputs that require a gradient.
inline void check_gradients(const TensorFunction& f, const std::vector<Tensor>& inputs,
                            const std::string& what = "") {
  const GradcheckResult first = gradcheck(f, inputs);
  BOOST_TEST(first.ok, what << " first derivative: " << first.message);
  const GradcheckResult second = gradgradcheck(f, inputs);
  BOOST_TEST(second.ok, what << " second derivative: " << second.message);
}
inline void check_gradients(const OneResultFunction& f, const std::vector<Tensor>& inputs,
                            const std::string& what = "") {
  check_gradients(
      TensorFunction([&](const std::vector<Tensor>& in) { return std::vector<Tensor>{f(in)}; }),
      inputs, what);
}

/// |a - b| / |b| in the Euclidean norm; |a - b| where b is zero.
inline double relative_error(const Tensor& a, const Tensor& b) {
  BOOST_TEST_REQUIRE((a.shape() == b.shape()));
  const auto x = a.to_vector<double>(), y = b.to_vector<double>();
  double difference = 0, norm = 0;
  for (size_t i = 0; i < x.size(); ++i) {
    difference += (x[i] - y[i]) * (x[i] - y[i]);
    norm += y[i] * y[i];
  }
  return std::sqrt(norm > 0 ? difference / norm : difference);
}

/// A float64 leaf of standard normal numbers, and a float32 or bfloat16 copy of such.
inline Tensor random_leaf(const Shape& shape) { return randn(shape, float64).requires_grad_(); }

}  // namespace rw::test
