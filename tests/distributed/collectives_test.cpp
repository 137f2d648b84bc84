// Run by mpirun, with any number of ranks.

#include <rewind/distributed/collectives.h>

#include "world.h"

using namespace rw;
using namespace rw::test;
using distributed::rank;
using distributed::ReduceOp;
using distributed::size;

BOOST_GLOBAL_FIXTURE(World);

namespace {

const std::vector<DType> dtypes = {
#define REWIND_DTYPE(dtype, T, name) DType::dtype,
    REWIND_DTYPES(REWIND_DTYPE)
#undef REWIND_DTYPE
};

std::vector<double> numbers(const Tensor& t) { return t.to_vector<double>(); }

Tensor of(std::vector<double> values, DType dtype) { return from(values).to(dtype); }

std::vector<Tensor> list_of(const Tensor& like) {
  std::vector<Tensor> list;
  for (int r = 0; r < size(); ++r) list.push_back(zeros_like(like));
  return list;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(collectives)

BOOST_AUTO_TEST_CASE(all_reduce_of_every_dtype) {
  for (const DType dtype : dtypes) {
    if (dtype == boolean) continue;
    const double n = size(), r = rank();
    const auto reduced = [&](ReduceOp op) {
      const Tensor t = of({1, r + 1, 2 - r}, dtype);
      distributed::all_reduce(t, {.op = op});
      return numbers(t);
    };
    double last = 0, factorial = 1;
    for (double i = 0; i < n; ++i) last += 2 - i, factorial *= i + 1;
    if (dtype != uint8) {
      BOOST_TEST(reduced(ReduceOp::sum) == (std::vector<double>{n, n * (n + 1) / 2, last}),
                 boost::test_tools::per_element());
      BOOST_TEST(reduced(ReduceOp::min) == (std::vector<double>{1, 1, 3 - n}),
                 boost::test_tools::per_element());
    }
    BOOST_TEST(reduced(ReduceOp::product)[1] == factorial);
    BOOST_TEST(reduced(ReduceOp::max)[1] == n);
  }
}

BOOST_AUTO_TEST_CASE(all_reduce_of_bool_and_averages) {
  const Tensor any = of({rank() == 0 ? 1. : 0., 0, 1}, boolean), every = any.clone();
  distributed::all_reduce(any);
  distributed::all_reduce(every, {.op = ReduceOp::product});
  BOOST_TEST(numbers(any) == (std::vector<double>{1, 0, 1}), boost::test_tools::per_element());
  BOOST_TEST(numbers(every)[0] == (size() == 1 ? 1 : 0));
  const Tensor mean = of({1. * rank()}, float32);
  distributed::all_reduce(mean, {.op = ReduceOp::avg});
  BOOST_TEST(mean.item() == (size() - 1) / 2.);
  BOOST_CHECK_EXCEPTION(distributed::all_reduce(ones({2}, int64), {.op = ReduceOp::avg}),
                        DTypeError,
                        saying("all_reduce: expected a floating tensor for an average, got int64"));
}

BOOST_AUTO_TEST_CASE(any_memory_order_and_size) {
  const Tensor t = full({3, 4}, rank() + 1.).t();
  distributed::all_reduce(t);
  BOOST_TEST(t.sum().item() == 12 * size() * (size() + 1) / 2.);
  distributed::all_reduce(zeros({0, 3}));
  const Tensor scalar = full({}, 2.);
  distributed::all_reduce(scalar);
  BOOST_TEST(scalar.item() == 2 * size());
  const Tensor large = ones({300001}) * (rank() + 1);
  distributed::all_reduce(large);
  BOOST_TEST((large == size() * (size() + 1) / 2).all().item<bool>());
}

BOOST_AUTO_TEST_CASE(channels_last_parts_and_nothing) {
  const Tensor last = full({2, 3, 4, 5}, rank() + 1.).contiguous(MemoryFormat::channels_last);
  distributed::all_reduce(last);
  BOOST_TEST((last == size() * (size() + 1) / 2).all().item<bool>());
  BOOST_TEST(last.is_contiguous(MemoryFormat::channels_last));
  const Tensor whole = zeros({4, 6});
  distributed::broadcast(whole.narrow(1, 2, 2).fill_(rank() + 1.), size() - 1);
  BOOST_TEST(whole.sum().item() == 8. * size());
  for (const auto& shape : {Shape({0}), Shape({2, 0, 3})}) {
    const Tensor none = zeros(shape);
    distributed::broadcast(none, 0);
    distributed::all_gather(list_of(none), none);
    distributed::gather(none, rank() == 0 ? list_of(none) : std::vector<Tensor>());
    distributed::scatter(none, rank() == 0 ? list_of(none) : std::vector<Tensor>());
    distributed::reduce_scatter(none, list_of(none));
    distributed::all_to_all(list_of(none), list_of(none));
  }
}

BOOST_AUTO_TEST_CASE(handles_that_nobody_keeps) {
  for (int i = 0; i < 20; ++i)
    distributed::all_reduce(full({1000 * (i + 1)}, 1.), {.async_op = true});
  // An error of the program's own meanwhile.
  try {
    const distributed::Work work = distributed::all_reduce(ones({300000}), {.async_op = true});
    throw std::runtime_error("of the program");
  } catch (const std::runtime_error&) {
  }
  distributed::barrier();
  const Tensor t = ones({3});
  distributed::all_reduce(t);
  BOOST_TEST(t[2].item() == size());
}

BOOST_AUTO_TEST_CASE(what_was_saved_notices) {
  const Tensor x = ones({2}).requires_grad_(), y = x * 3, z = y.square();
  distributed::all_reduce(y);
  BOOST_CHECK_EXCEPTION(z.sum().backward(), AutogradError, saying("all_reduce"));
}

BOOST_AUTO_TEST_CASE(one_gives_to_all) {
  for (const DType dtype : dtypes)
    for (int src = 0; src < size(); ++src) {
      const Tensor t = of({rank() == src ? 1. : 0., 1}, dtype);
      distributed::broadcast(t, src);
      BOOST_TEST(numbers(t) == (std::vector<double>{1, 1}), boost::test_tools::per_element());
    }
}

BOOST_AUTO_TEST_CASE(gathering_and_scattering) {
  for (const DType dtype : dtypes) {
    const Tensor own = of({1. * (rank() == 1), 1}, dtype);
    const auto list = list_of(own);
    distributed::all_gather(list, own);
    for (int r = 0; r < size(); ++r)
      BOOST_TEST(numbers(list[static_cast<size_t>(r)])[0] == (r == 1));
    const Tensor all = zeros({size(), 2}, dtype);
    distributed::all_gather_into_tensor(all, own);
    BOOST_TEST(numbers(all) == numbers(stack(list)), boost::test_tools::per_element());

    const int root = size() - 1;
    const auto gathered = rank() == root ? list_of(own) : std::vector<Tensor>();
    distributed::gather(own, gathered, root);
    if (rank() == root)
      BOOST_TEST(numbers(stack(gathered)) == numbers(all), boost::test_tools::per_element());
    const Tensor back = zeros_like(own);
    distributed::scatter(back, gathered, root);
    BOOST_TEST(numbers(back) == numbers(own), boost::test_tools::per_element());
  }
}

BOOST_AUTO_TEST_CASE(pieces_for_each) {
  std::vector<Tensor> in;
  for (int r = 0; r < size(); ++r) in.push_back(full({2, 3}, 10. * rank() + r));
  const Tensor sum = zeros({2, 3});
  distributed::reduce_scatter(sum, in);
  BOOST_TEST(sum[0][0].item() == 5. * size() * (size() - 1) + size() * rank());
  const auto out = list_of(sum);
  distributed::all_to_all(out, in);
  for (int r = 0; r < size(); ++r)
    BOOST_TEST(out[static_cast<size_t>(r)][1][2].item() == 10. * r + rank());
}

BOOST_AUTO_TEST_CASE(messages) {
  if (size() < 2) return;
  const Tensor t = full({4}, 1. * rank());
  if (rank() == 0) {
    distributed::send(t, 1, 7);
    distributed::recv(t, 1, 8);
    BOOST_TEST(t[0].item() == 5);
  } else if (rank() == 1) {
    distributed::recv(t, 0, 7);
    BOOST_TEST(t[0].item() == 0);
    distributed::send(t + 5, 0, 8);
  }
}

BOOST_AUTO_TEST_CASE(many_at_once) {
  std::vector<Tensor> tensors;
  std::vector<distributed::Work> works;
  for (int i = 0; i < 50; ++i) {
    tensors.push_back(full({100 * i}, i + 1. * rank()));
    works.push_back(distributed::all_reduce(tensors.back(), {.async_op = true}));
  }
  for (size_t i = works.size(); i-- > 1;) {
    works[i].wait();
    BOOST_TEST(works[i].is_completed());
    BOOST_TEST(tensors[i][0].item() ==
               1. * static_cast<double>(i) * size() + size() * (size() - 1) / 2.);
  }
}

BOOST_AUTO_TEST_CASE(groups) {
  const auto alone = distributed::new_group({size() - 1});
  const Tensor t = ones({2});
  if (rank() == size() - 1) {
    BOOST_TEST(alone.rank() == 0);
    distributed::all_reduce(t, {.group = alone});
    BOOST_TEST(t[0].item() == 1);
  } else {
    BOOST_TEST(alone.rank() == -1);
    BOOST_CHECK_EXCEPTION(distributed::all_reduce(t, {.group = alone}), Error,
                          saying("all_reduce: this rank is none of the group's"));
  }
  std::vector<int> reversed;
  for (int r = size(); r-- > 0;) reversed.push_back(r);
  const auto group = distributed::new_group(reversed);
  BOOST_TEST(distributed::rank(group) == size() - 1 - rank());
  const Tensor own = full({1}, 1. * rank());
  distributed::broadcast(own, 0, {.group = group});
  BOOST_TEST(own.item() == 0);
  BOOST_CHECK_EXCEPTION(distributed::new_group({0, 0}), Error, saying("rank 0 is there twice"));
  BOOST_CHECK_EXCEPTION(distributed::new_group({size()}), Error,
                        saying("new_group: expected ranks from 0"));
}

BOOST_AUTO_TEST_CASE(refusals) {
  BOOST_CHECK_EXCEPTION(distributed::all_reduce(Tensor()), Error,
                        saying("all_reduce: a tensor is undefined"));
  BOOST_CHECK_EXCEPTION(distributed::all_gather({}, ones({2})), Error,
                        saying("all_gather: expected a list of"));
  std::vector<Tensor> list = list_of(ones({2}));
  list[0] = ones({3});
  BOOST_CHECK_EXCEPTION(distributed::all_gather(list, ones({2})), ShapeError,
                        saying("all_gather: expected tensors of shape [2], got [3]"));
  list[0] = ones({2}, float64);
  BOOST_CHECK_EXCEPTION(distributed::all_gather(list, ones({2})), DTypeError,
                        saying("all_gather: expected tensors of float32, got float64"));
  BOOST_CHECK_EXCEPTION(distributed::broadcast(ones({2}), 99), Error,
                        saying("broadcast: rank 99 is none of the group's"));
  BOOST_CHECK_EXCEPTION(distributed::init(), Error, saying("there is one already"));
}

BOOST_AUTO_TEST_SUITE_END()
