// The op that CONTRIBUTING.md adds as its example, word for word, as a user of the library.
#include <boost/test/unit_test.hpp>

#include <rewind/autograd/gradcheck.h>
#include <rewind/rewind.h>

using namespace rw;
using boost::test_tools::per_element;

namespace {

// y = x / (1 + |x|).   dx = g / (1 + |x|)^2
Tensor softsign(const Tensor& x) {
  const auto forward = [&] {
    no_grad guard;
    return x / (x.abs() + 1);
  };
  return record("softsign", forward(), {x}, [x = save(x)](const Tensor& g, Needs) -> Grads {
    return g / (x.get().abs() + 1).square();
  });
}

}  // namespace

BOOST_AUTO_TEST_CASE(softsign_values_and_gradients) {
  const Tensor x = from<double>({-3, -0.5, 0.25, 1}).requires_grad_();
  const std::vector<double> expected = {-0.75, -1 / 3.0, 0.2, 0.5};
  BOOST_TEST(softsign(x).to_vector<double>() == expected, per_element());
  const auto f = [](const Tensor& t) { return softsign(t); };
  const GradcheckResult first = gradcheck(f, x);
  BOOST_TEST(first.ok, first.message);
  const GradcheckResult second = gradgradcheck(f, x);
  BOOST_TEST(second.ok, second.message);
}
