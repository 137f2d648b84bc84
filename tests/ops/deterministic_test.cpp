#include <cstring>

#include "../check.h"

using namespace rw;
using namespace rw::test;

namespace {

// Leaves the switch and the number of threads as they were.
struct Settings {
  ~Settings() {
    set_deterministic(deterministic);
    set_num_threads(threads);
  }
  bool deterministic = deterministic_enabled();
  int threads = get_num_threads();
};

using Results = std::vector<std::vector<float>>;

Results results(const OneResultFunction& f, const std::vector<Tensor>& inputs) {
  std::vector<Tensor> leaves;
  for (const Tensor& t : inputs) leaves.push_back(t.detach().clone().requires_grad_());
  const Tensor y = f(leaves);
  Results all = {y.detach().to_vector<float>()};
  for (const Tensor& d : grad({y}, leaves, {ones_like(y)})) all.push_back(d.to_vector<float>());
  return all;
}

void check_threads(const char* what, const OneResultFunction& f, const std::vector<Shape>& shapes) {
  const Settings before;
  set_deterministic(true);
  for (const DType dtype : {float32, bfloat16}) {
    std::vector<Tensor> inputs;
    for (const Shape& s : shapes) inputs.push_back(randn(s, dtype));
    set_num_threads(1);
    const Results expected = results(f, inputs);
    for (const int threads : {2, 3, 7}) {
      set_num_threads(threads);
      BOOST_TEST((results(f, inputs) == expected),
                 what << " in " << name(dtype) << " on " << threads << " threads");
    }
  }
}

}  // namespace

BOOST_AUTO_TEST_CASE(can_be_switched_on) {
  const Settings before;
  BOOST_TEST(!deterministic_enabled());
  set_deterministic(true);
  BOOST_TEST(deterministic_enabled());
}

// Those whose last digits were seen to depend on threads otherwise.
BOOST_AUTO_TEST_CASE(results_do_not_depend_on_threads) {
  const auto conv = [](const Conv2dOptions& options) {
    return [options](const std::vector<Tensor>& in) { return conv2d(in[0], in[1], {}, options); };
  };
  check_threads("a 1x1 convolution", conv({}), {{5, 17, 15, 16}, {33, 17, 1, 1}});
  check_threads("a strided convolution", conv({.stride = {3, 4}, .padding = 1}),
                {{2, 9, 15, 49}, {31, 9, 3, 3}});
  check_threads("a dilated convolution in groups",
                conv({.stride = {2, 3}, .padding = 12, .dilation = 4, .groups = 8}),
                {{1, 128, 5, 30}, {8, 16, 7, 7}});
  check_threads("linear", [](const std::vector<Tensor>& in) { return linear(in[0], in[1]); },
                {{4, 5, 3, 48, 56}, {15, 56}});
  check_threads("matmul", [](const std::vector<Tensor>& in) { return matmul(in[0], in[1]); },
                {{100, 2000}, {2000, 20}});
}
