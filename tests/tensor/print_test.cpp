#include <rewind/tensor/factories.h>
#include <rewind/tensor/format.h>

#include <boost/test/unit_test.hpp>
#include <cmath>
#include <sstream>

#include <rewind/autograd/record.h>

using namespace rw;

BOOST_AUTO_TEST_SUITE(print)

struct Case {
  Tensor tensor;
  std::string expected;
};

// What PyTorch prints for the same tensors, but for its "torch." before dtypes.
BOOST_AUTO_TEST_CASE(as_pytorch_does) {
  const Case cases[] = {
      {from({{1, 2}, {3, 4.5}}), R"(tensor([[1.0000, 2.0000],
        [3.0000, 4.5000]]))"},
      {from<float>({{1, 2}, {3, 4}}), R"(tensor([[1., 2.],
        [3., 4.]]))"},
      {scalar_tensor(2.5), "tensor(2.5000)"},
      {scalar_tensor(3, int64), "tensor(3)"},
      {scalar_tensor(true, boolean), "tensor(True)"},
      {from<int64_t>({1, -20, 300}), "tensor([  1, -20, 300])"},
      {from<bool>({true, false}), "tensor([ True, False])"},
      {from<uint8_t>({0, 255}), "tensor([  0, 255], dtype=uint8)"},
      {from<double>({0.1, -2}), "tensor([ 0.1000, -2.0000], dtype=float64)"},
      {full({2}, 0.1, bfloat16), "tensor([0.1001, 0.1001], dtype=bfloat16)"},
      {from({NAN, INFINITY, -INFINITY, 1}), "tensor([nan, inf, -inf, 1.])"},
      {from({-NAN, 0.5f, -INFINITY}), "tensor([   nan, 0.5000,   -inf])"},
      {from({NAN, 10000, 1e-3f}), "tensor([       nan, 1.0000e+04, 1.0000e-03])"},
      {from({-INFINITY, NAN}), "tensor([-inf, nan])"},
      {from({0, -0.0f}), "tensor([0., -0.])"},
      {from<float>({1, 1000}), "tensor([   1., 1000.])"},
      {from<float>({1, 1001}), "tensor([1.0000e+00, 1.0010e+03])"},
      {from({2e8f, 1e8f}), "tensor([2.0000e+08, 1.0000e+08])"},
      {from({1e8f}), "tensor([100000000.])"},
      {from({0, 9.9e-5f}), "tensor([0.0000e+00, 9.9000e-05])"},
      {from({0, 1.01e-4f}), "tensor([0.0000, 0.0001])"},
      {from({1e30f, 1e-30f, -1}), "tensor([ 1.0000e+30,  1.0000e-30, -1.0000e+00])"},
      {from<double>({1e300, 1}), "tensor([1.0000e+300,  1.0000e+00], dtype=float64)"},
      {arange(30, float32),
       R"(tensor([ 0.,  1.,  2.,  3.,  4.,  5.,  6.,  7.,  8.,  9., 10., 11., 12., 13.,
        14., 15., 16., 17., 18., 19., 20., 21., 22., 23., 24., 25., 26., 27.,
        28., 29.]))"},
      {arange(40, int64),
       R"(tensor([ 0,  1,  2,  3,  4,  5,  6,  7,  8,  9, 10, 11, 12, 13, 14, 15, 16, 17,
        18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31, 32, 33, 34, 35,
        36, 37, 38, 39]))"},
      {arange(1001, int64), "tensor([   0,    1,    2,  ...,  998,  999, 1000])"},
      {linspace(-1, 1, 2000),
       "tensor([-1.0000, -0.9990, -0.9980,  ...,  0.9980,  0.9990,  1.0000])"},
      {linspace(0, 1, 24),
       R"(tensor([0.0000, 0.0435, 0.0870, 0.1304, 0.1739, 0.2174, 0.2609, 0.3043, 0.3478,
        0.3913, 0.4348, 0.4783, 0.5217, 0.5652, 0.6087, 0.6522, 0.6957, 0.7391,
        0.7826, 0.8261, 0.8696, 0.9130, 0.9565, 1.0000]))"},
      {zeros({2, 1, 2, 2}), R"(tensor([[[[0., 0.],
          [0., 0.]]],


        [[[0., 0.],
          [0., 0.]]]]))"},
      {zeros({2, 2, 3}, int64), R"(tensor([[[0, 0, 0],
         [0, 0, 0]],

        [[0, 0, 0],
         [0, 0, 0]]]))"},
      {zeros({20, 30, 40}), R"(tensor([[[0., 0., 0.,  ..., 0., 0., 0.],
         [0., 0., 0.,  ..., 0., 0., 0.],
         [0., 0., 0.,  ..., 0., 0., 0.],
         ...,
         [0., 0., 0.,  ..., 0., 0., 0.],
         [0., 0., 0.,  ..., 0., 0., 0.],
         [0., 0., 0.,  ..., 0., 0., 0.]],

        [[0., 0., 0.,  ..., 0., 0., 0.],
         [0., 0., 0.,  ..., 0., 0., 0.],
         [0., 0., 0.,  ..., 0., 0., 0.],
         ...,
         [0., 0., 0.,  ..., 0., 0., 0.],
         [0., 0., 0.,  ..., 0., 0., 0.],
         [0., 0., 0.,  ..., 0., 0., 0.]],

        [[0., 0., 0.,  ..., 0., 0., 0.],
         [0., 0., 0.,  ..., 0., 0., 0.],
         [0., 0., 0.,  ..., 0., 0., 0.],
         ...,
         [0., 0., 0.,  ..., 0., 0., 0.],
         [0., 0., 0.,  ..., 0., 0., 0.],
         [0., 0., 0.,  ..., 0., 0., 0.]],

        ...,

        [[0., 0., 0.,  ..., 0., 0., 0.],
         [0., 0., 0.,  ..., 0., 0., 0.],
         [0., 0., 0.,  ..., 0., 0., 0.],
         ...,
         [0., 0., 0.,  ..., 0., 0., 0.],
         [0., 0., 0.,  ..., 0., 0., 0.],
         [0., 0., 0.,  ..., 0., 0., 0.]],

        [[0., 0., 0.,  ..., 0., 0., 0.],
         [0., 0., 0.,  ..., 0., 0., 0.],
         [0., 0., 0.,  ..., 0., 0., 0.],
         ...,
         [0., 0., 0.,  ..., 0., 0., 0.],
         [0., 0., 0.,  ..., 0., 0., 0.],
         [0., 0., 0.,  ..., 0., 0., 0.]],

        [[0., 0., 0.,  ..., 0., 0., 0.],
         [0., 0., 0.,  ..., 0., 0., 0.],
         [0., 0., 0.,  ..., 0., 0., 0.],
         ...,
         [0., 0., 0.,  ..., 0., 0., 0.],
         [0., 0., 0.,  ..., 0., 0., 0.],
         [0., 0., 0.,  ..., 0., 0., 0.]]]))"},
      {zeros({2, 600}), R"(tensor([[0., 0., 0.,  ..., 0., 0., 0.],
        [0., 0., 0.,  ..., 0., 0., 0.]]))"},
      {ones({1, 1, 1, 1, 1, 1, 1, 1}), "tensor([[[[[[[[1.]]]]]]]])"},
      {zeros({0}), "tensor([])"},
      {zeros({0, 3}), "tensor([], size=(0, 3))"},
      {zeros({0}, int64), "tensor([], dtype=int64)"},
      {zeros({2, 0}, float64), "tensor([], size=(2, 0), dtype=float64)"},
      {zeros({0}, boolean), "tensor([], dtype=bool)"},
      {ones({2}).requires_grad_(), "tensor([1., 1.], requires_grad=True)"},
      {linspace(0, 1, 8, float64).requires_grad_(),
       R"(tensor([0.0000, 0.1429, 0.2857, 0.4286, 0.5714, 0.7143, 0.8571, 1.0000],
       dtype=float64, requires_grad=True))"},
      {linspace(0, 1, 9, float64).requires_grad_(),
       R"(tensor([0.0000, 0.1250, 0.2500, 0.3750, 0.5000, 0.6250, 0.7500, 0.8750, 1.0000],
       dtype=float64, requires_grad=True))"},
      {full({3, 2}, 7, float64).requires_grad_(), R"(tensor([[7., 7.],
        [7., 7.],
        [7., 7.]], dtype=float64, requires_grad=True))"},
  };
  for (const auto& [tensor, expected] : cases) BOOST_TEST(to_string(tensor) == expected);
}

// The transpose of a 2 x 3 matrix, and a slice that starts inside it.
BOOST_AUTO_TEST_CASE(by_strides) {
  const Tensor t = from<float>({{1, 2, 3}, {4, 5, 6}});
  BOOST_TEST(to_string(detail::make_view(t, {3, 2}, {1, 3}, 0)) == R"(tensor([[1., 4.],
        [2., 5.],
        [3., 6.]]))");
  BOOST_TEST(to_string(detail::make_view(t, {2}, {-2}, 5)) == "tensor([6., 4.])");
  BOOST_TEST(to_string(detail::make_view(t, {3}, {0}, 1)) == "tensor([2., 2., 2.])");
}

BOOST_AUTO_TEST_CASE(on_the_tape) {
  const Tensor x = ones({2}).requires_grad_();
  const Tensor y =
      record("mul", zeros({2}), {x}, [](const Tensor& g, Needs) -> Grads { return g; });
  BOOST_TEST(to_string(y) == "tensor([0., 0.], grad_fn=<mul>)");
}

BOOST_AUTO_TEST_CASE(undefined) { BOOST_TEST(to_string(Tensor()) == "tensor(undefined)"); }

BOOST_AUTO_TEST_CASE(large_integers_keep_every_digit) {
  BOOST_TEST(to_string(scalar_tensor((int64_t{1} << 62) + 1, int64)) ==
             "tensor(4611686018427387905)");
}

BOOST_AUTO_TEST_CASE(streams_and_formats) {
  const Tensor t = from<float>({1, 2});
  std::ostringstream os;
  os << t << ' ' << t.shape() << ' ' << t.dtype();
  BOOST_TEST(os.str() == "tensor([1., 2.]) [2] float32");
  BOOST_TEST(fmt::format("{} {} {}", t, t.shape(), t.dtype()) == os.str());
  BOOST_TEST(fmt::format("{:>9}|{:<9}|", Shape{2, 3}, bfloat16) == "   [2, 3]|bfloat16 |");
}

BOOST_AUTO_TEST_SUITE_END()
