#include <rewind/tensor/tensor.h>

#include <cstdio>  // declares ::rewind, which the namespace must live beside

#include <rewind/ops/random.h>
#include <rewind/tensor/factories.h>
#include <boost/test/unit_test.hpp>
#include <cmath>
#include <limits>

BOOST_AUTO_TEST_SUITE(tensor)

BOOST_AUTO_TEST_CASE(both_names_of_the_namespace) {
  const rewind::Tensor t = rewind::zeros({2, 3}, rewind::float64);
  BOOST_TEST((t.shape() == rw::Shape{2, 3}));
}

using namespace rw;

BOOST_AUTO_TEST_CASE(dtypes) {
  BOOST_TEST(promote_types(int64, bfloat16) == bfloat16);
  BOOST_TEST(promote_types(boolean, uint8) == uint8);
  BOOST_TEST(promote_types(float32, float64) == float64);
  BOOST_TEST(promote_scalar(int64, float64) == float32);
  BOOST_TEST(promote_scalar(bfloat16, float64) == bfloat16);
  BOOST_TEST(promote_scalar(boolean, int64) == int64);
}

BOOST_AUTO_TEST_CASE(bfloat16_rounds_to_nearest_even) {
  BOOST_TEST(float(BFloat16(1.0f)) == 1.0f);
  BOOST_TEST(float(BFloat16(1.00390625f)) == 1.0f);       // half way, down to even
  BOOST_TEST(float(BFloat16(1.01171875f)) == 1.015625f);  // half way, up to even
  BOOST_TEST(float(BFloat16(-3.14159f)) == -3.140625f);
  BOOST_TEST(std::isnan(float(BFloat16(std::numeric_limits<float>::quiet_NaN()))));
  BOOST_TEST(std::isinf(float(BFloat16(3.4e38f))));
}

BOOST_AUTO_TEST_CASE(handles_share) {
  Tensor a = from<float>({1, 2, 3});
  const Tensor b = a;
  a.data<float>()[1] = 7;
  BOOST_TEST(b.to_vector() == (std::vector<float>{1, 7, 3}));
  BOOST_TEST(a.is_same(b));
  BOOST_TEST(!Tensor().defined());
}

BOOST_AUTO_TEST_CASE(strides_and_formats) {
  const Tensor t = empty({2, 3, 4, 5}, float32, MemoryFormat::channels_last);
  BOOST_TEST(t.is_contiguous(MemoryFormat::channels_last));
  BOOST_TEST(!t.is_contiguous());
  BOOST_TEST(t.size(-1) == 5);
  BOOST_TEST(t.stride(1) == 1);
  for (const Tensor& like :
       {empty_like(t), zeros_like(t), ones_like(t), full_like(t, 2), rand_like(t), randn_like(t)}) {
    BOOST_TEST((like.strides() == t.strides()));
    BOOST_TEST((like.shape() == t.shape()));
  }
  // A single channel is both.
  BOOST_TEST(empty({2, 1, 4, 5}).is_contiguous(MemoryFormat::channels_last));
}

BOOST_AUTO_TEST_CASE(items) {
  BOOST_TEST(full({1, 1}, 2.5).item() == 2.5f);
  BOOST_TEST(scalar_tensor(true).item<bool>());
  BOOST_TEST(scalar_tensor(int64_t{1} << 60, int64).item<int64_t>() == int64_t{1} << 60);
  BOOST_CHECK_EXCEPTION(zeros({2}).item(), ShapeError, [](const Error& e) {
    return std::string(e.what()) == "item: expected a tensor of one element, got shape [2]";
  });
  BOOST_CHECK_EXCEPTION(zeros({2}).data<double>(), DTypeError, [](const Error& e) {
    return std::string(e.what()) == "data: the tensor holds float32, asked for float64";
  });
  const Shape too_large = {int64_t{1} << 40, int64_t{1} << 40};
  BOOST_CHECK_THROW(empty(too_large), ShapeError);
  BOOST_CHECK_THROW(zeros({3}).reshape(too_large), ShapeError);
  BOOST_CHECK_THROW(zeros({1}).expand(too_large), ShapeError);
  BOOST_CHECK_THROW(empty({-1}), ShapeError);
}

BOOST_AUTO_TEST_CASE(blobs_are_not_copied) {
  float memory[] = {1, 2, 3, 4};
  const Tensor t = from_blob(memory, {2, 2}, float32);
  memory[3] = 9;
  BOOST_TEST(t.to_vector() == (std::vector<float>{1, 2, 3, 9}));
}

BOOST_AUTO_TEST_SUITE_END()
