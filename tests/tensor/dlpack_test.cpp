#include <rewind/tensor/dlpack.h>

#include "../check.h"
#include "../dtypes.h"

using namespace rw;
using rw::test::saying;

namespace {

// A tensor of another library, which counts how often it is let go.
struct Foreign {
  DLManagedTensor managed = {};
  float numbers[6] = {0, 1, 2, 3, 4, 5};
  int64_t shape[2] = {2, 2}, strides[2] = {1, 2};
  int deleted = 0;

  Foreign() {
    managed.dl_tensor = {numbers, {kDLCPU, 0}, 2, {kDLFloat, 32, 1}, shape, strides, 4};
    managed.manager_ctx = this;
    managed.deleter = [](DLManagedTensor* self) {
      ++static_cast<Foreign*>(self->manager_ctx)->deleted;
    };
  }
};

}  // namespace

BOOST_AUTO_TEST_SUITE(dlpack)

BOOST_AUTO_TEST_CASE(out) {
  const Tensor base = arange(24).to(float32).view({2, 3, 4});
  const Tensor t = base.permute({2, 0, 1})[1];
  DLManagedTensor* managed = to_dlpack(t);
  const DLTensor& out = managed->dl_tensor;
  BOOST_TEST(out.data == t.raw_data());
  BOOST_TEST(out.byte_offset == 0u);
  BOOST_TEST(static_cast<int>(out.device.device_type) == 1);
  BOOST_TEST_REQUIRE(out.ndim == 2);
  BOOST_TEST((out.shape[0] == 2 && out.shape[1] == 3));
  BOOST_TEST((out.strides[0] == 12 && out.strides[1] == 4));
  BOOST_TEST((out.dtype.code == kDLFloat && out.dtype.bits == 32 && out.dtype.lanes == 1));
  static_cast<float*>(out.data)[0] = 100;
  BOOST_TEST(base[0][0][1].item() == 100);
  managed->deleter(managed);
  const Tensor leaf = ones({2}).requires_grad_();
  BOOST_CHECK_EXCEPTION(to_dlpack(leaf), AutogradError, saying("to_dlpack: a gradient does not"));
  BOOST_CHECK_EXCEPTION(to_dlpack(Tensor()), Error, saying("to_dlpack: the tensor is undefined"));
}

BOOST_AUTO_TEST_CASE(memory_stays_when_the_tensor_gets_other_data) {
  const Tensor t = from({1.f, 2.f, 3.f, 4.f}).view({2, 2}).t();
  DLManagedTensor* managed = to_dlpack(t);
  t.set_data(zeros({3}));
  const DLTensor& out = managed->dl_tensor;
  BOOST_TEST_REQUIRE(out.ndim == 2);
  BOOST_TEST((out.shape[0] == 2 && out.shape[1] == 2 && out.strides[0] == 1));
  const Tensor unrelated = full({4}, 7);  // would be given the memory that nobody has
  BOOST_TEST(from_dlpack(managed).to_vector() == (std::vector<float>{1, 3, 2, 4}));
}

BOOST_AUTO_TEST_CASE(there_and_back) {
  for (const DType dtype : rw::test::all_dtypes) {
    const Tensor there = arange(6).view({2, 3}).to(dtype), back = from_dlpack(to_dlpack(there));
    BOOST_TEST(back.dtype() == dtype);
    BOOST_TEST(equal(back, there));
  }
  BOOST_TEST((from_dlpack(to_dlpack(zeros({0, 3}))).shape() == Shape{0, 3}));
  BOOST_TEST(from_dlpack(to_dlpack(full({}, 2.5))).item() == 2.5);
}

BOOST_AUTO_TEST_CASE(in) {
  Foreign foreign;
  {
    Tensor t = from_dlpack(&foreign.managed);
    BOOST_TEST(t.to_vector() == (std::vector<float>{1, 3, 2, 4}));
    t.mul_(2);
    BOOST_TEST(foreign.numbers[4] == 8);
    const Tensor row = t[1];
    t = Tensor();
    BOOST_TEST(foreign.deleted == 0);
  }
  BOOST_TEST(foreign.deleted == 1);
  foreign.managed.dl_tensor.strides = nullptr;
  BOOST_TEST((from_dlpack(&foreign.managed).strides() == Strides{2, 1}));
  foreign.managed.deleter = nullptr;
  from_dlpack(&foreign.managed);
  BOOST_TEST(foreign.deleted == 2);
}

BOOST_AUTO_TEST_CASE(what_is_refused) {
  const auto refuses = [](auto change, const std::string& part) {
    Foreign foreign;
    change(foreign.managed.dl_tensor, foreign);
    BOOST_CHECK_EXCEPTION(from_dlpack(&foreign.managed), Error, saying("from_dlpack: " + part));
    BOOST_TEST(foreign.deleted == 0);
  };
  BOOST_CHECK_EXCEPTION(from_dlpack(nullptr), Error, saying("got a null pointer"));
  refuses([](DLTensor& t, auto&) { t.device.device_type = static_cast<DLDeviceType>(2); },
          "expected memory of the CPU (device type 1), got device type 2");
  refuses(
      [](DLTensor& t, auto&) {
        t.dtype = {kDLUInt, 16, 1};
      },
      "there are no numbers of type uint16 in 1 lanes here");
  refuses(
      [](DLTensor& t, auto&) {
        t.dtype = {5, 64, 1};
      },
      "there are no numbers of type complex64");
  refuses([](DLTensor& t, auto&) { t.dtype.lanes = 4; },
          "there are no numbers of type float32 in 4 lanes here");
  refuses(
      [](DLTensor& t, auto&) {
        t.dtype = {12, 8, 1};
      },
      "there are no numbers of type code 12 of bits 8");
  refuses([](DLTensor& t, auto&) { t.ndim = 17; }, "it has 17 dimensions, expected at most 16");
  refuses([](DLTensor& t, auto&) { t.ndim = -1; }, "it has -1 dimensions");
  refuses([](DLTensor& t, auto&) { t.shape = nullptr; }, "its shape is null");
  refuses([](DLTensor&, Foreign& f) { f.shape[0] = -2; }, "its shape [-2, 2] holds a negative");
  refuses([](DLTensor&, Foreign& f) { f.strides[0] = -1; }, "its strides [-1, 2] holds a negative");
  refuses([](DLTensor&, Foreign& f) { f.strides[0] = INT64_MAX; }, "no memory holds the shape");
  refuses([](DLTensor& t, auto&) { t.data = nullptr, t.byte_offset = 0; },
          "a null pointer can't hold the shape [2, 2]");
  refuses([](DLTensor& t, auto&) { t.byte_offset = 2; },
          "its float32 do not lie at a multiple of 4 bytes");
  Foreign large;
  large.shape[0] = large.shape[1] = int64_t{1} << 40;
  BOOST_CHECK_THROW(from_dlpack(&large.managed), ShapeError);
}

BOOST_AUTO_TEST_SUITE_END()
