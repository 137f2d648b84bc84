#pragma once
// Gradient checks as predicates of Boost.Test, which the including program links:
//
//     BOOST_TEST(rewind::testing::gradcheck(f, {x, y}));
//
// A failed one shows the worst element.

#include <boost/test/tools/assertion_result.hpp>

#include <rewind/autograd/gradcheck.h>

#pragma GCC visibility push(default)

namespace rw::testing {

namespace detail {
inline boost::test_tools::assertion_result predicate(const GradcheckResult& r) {
  boost::test_tools::assertion_result result(r.ok);
  result.message() << r.message;
  return result;
}
}  // namespace detail

///@{
/// First derivatives; takes what rw::gradcheck takes.
template <class F>
boost::test_tools::assertion_result gradcheck(F&& f, const std::vector<Tensor>& inputs,
                                              const GradcheckOptions& options = {}) {
  return detail::predicate(rw::gradcheck(std::forward<F>(f), inputs, options));
}
template <class F>
boost::test_tools::assertion_result gradcheck(F&& f, const Tensor& input,
                                              const GradcheckOptions& options = {}) {
  return detail::predicate(rw::gradcheck(std::forward<F>(f), input, options));
}
///@}

///@{
/// Second derivatives.
template <class F>
boost::test_tools::assertion_result gradgradcheck(F&& f, const std::vector<Tensor>& inputs,
                                                  const GradcheckOptions& options = {}) {
  return detail::predicate(rw::gradgradcheck(std::forward<F>(f), inputs, options));
}
template <class F>
boost::test_tools::assertion_result gradgradcheck(F&& f, const Tensor& input,
                                                  const GradcheckOptions& options = {}) {
  return detail::predicate(rw::gradgradcheck(std::forward<F>(f), input, options));
}
///@}

}  // namespace rw::testing

#pragma GCC visibility pop
