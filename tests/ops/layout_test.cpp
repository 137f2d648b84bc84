#include "../dtypes.h"
#include "layouts.h"

using namespace rw;
using namespace rw::test;
using boost::test_tools::per_element;

BOOST_AUTO_TEST_CASE(contiguous_is_the_tensor_itself_where_it_can_be) {
  const Tensor x = zeros({2, 3, 4, 5});
  BOOST_TEST(x.contiguous().is_same(x));
  const Tensor last = x.contiguous(MemoryFormat::channels_last);
  BOOST_TEST((last.strides() == Strides{60, 1, 15, 3}));
  BOOST_TEST(last.contiguous(MemoryFormat::channels_last).is_same(last));
  BOOST_TEST((last.clone().strides() == last.strides()));
  BOOST_TEST(last.clone(MemoryFormat::contiguous).is_contiguous());
  BOOST_TEST((last.to(float64).strides() == last.strides()));
  BOOST_TEST(x.to(float32).is_same(x));
  BOOST_TEST(!x.clone().is_same(x));
  BOOST_CHECK_EXCEPTION(x.contiguous(MemoryFormat::preserve), Error,
                        saying("contiguous: expected the format contiguous or channels_last"));
  BOOST_CHECK_EXCEPTION(x[0].contiguous(MemoryFormat::channels_last), ShapeError,
                        saying("channels_last: expected 4 or 5 dimensions, got shape [3, 4, 5]"));
}

// Runs, tiles and their edges, in all element sizes, from every memory order to every other.
BOOST_AUTO_TEST_CASE(copies_between_memory_orders) {
  const std::vector<Shape> shapes = {
      {},       {1},           {7, 5},         {64, 67},     {81, 133},      {3, 0, 2},
      {130, 3}, {2, 3, 9, 10}, {3, 40, 11, 7}, {2, 4, 1, 5}, {1, 33, 70, 2}, {2, 3, 4, 5, 3}};
  for (const Shape& shape : shapes)
    for (const DType dtype : test::all_dtypes) {
      std::vector<int64_t> values(static_cast<size_t>(shape.numel()));
      for (size_t i = 0; i < values.size(); ++i)
        values[i] = dtype == boolean ? i % 3 == 0 : static_cast<int64_t>(i * 7 % 127);
      for (const Strides& a : layouts(shape))
        BOOST_TEST_CONTEXT(shape << " of strides " << a << ", " << dtype) {
          const Tensor x = laid_out(values, shape, a).to(dtype);
          for (const Tensor& y :
               {x.contiguous(), x.clone(), x.transpose(0, -1).contiguous().transpose(0, -1)}) {
            if (shape.rank() == 0) continue;
            BOOST_TEST(y.to_vector<int64_t>() == values, per_element());
          }
          if (shape.rank() > 3)
            BOOST_TEST(x.contiguous(MemoryFormat::channels_last).to_vector<int64_t>() == values,
                       per_element());
        }
    }
}

BOOST_AUTO_TEST_CASE(large_copies_on_all_threads) {
  const Tensor x = arange(300 * 70 * 30).view({300, 70, 30});
  const Tensor y = x.permute({2, 0, 1}).contiguous();
  BOOST_TEST(equal(y.permute({1, 2, 0}).contiguous(), x));
  BOOST_TEST(y.index({29, 299, 69}).item<int64_t>() == 300 * 70 * 30 - 1);
  BOOST_TEST(equal(x.slice(1, 3).clone(), x.slice(1, 3)));
}

BOOST_AUTO_TEST_CASE(flattening_channels_last_images) {
  Tensor x = randn({2, 5, 6, 7}).contiguous(MemoryFormat::channels_last);
  x.requires_grad_();
  const Tensor y = x.flatten(1);
  BOOST_TEST(equal(y.detach(), x.detach().contiguous().flatten(1)));
  const Tensor g = randn({2, 210});
  const Tensor dx = grad({y}, {x}, {g})[0];
  BOOST_TEST(equal(dx, g.view({2, 5, 6, 7})));
  BOOST_TEST(dx.is_contiguous(MemoryFormat::channels_last));
}

BOOST_AUTO_TEST_CASE(conversions) {
  const Tensor x = from<double>({-1.5, 0, 2.75, 300});
  BOOST_TEST(x.to(int64).to_vector<int64_t>() == (std::vector<int64_t>{-1, 0, 2, 300}),
             per_element());
  BOOST_TEST(x.to(boolean).to_vector<int>() == (std::vector<int>{1, 0, 1, 1}), per_element());
  BOOST_TEST(x.to(bfloat16).to_vector() == (std::vector<float>{-1.5, 0, 2.75, 300}), per_element());
  check_gradients(
      [](const std::vector<Tensor>& in) {
        return (in[0].clone(MemoryFormat::contiguous) * in[0].t().contiguous().t()).to(float64);
      },
      {random_leaf({3, 4})});
  const Tensor leaf = randn({3}, float64).requires_grad_();
  (leaf.to(float32) * 2).sum().backward();
  BOOST_TEST(leaf.grad().dtype() == float64);
}
