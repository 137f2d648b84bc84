// Indices, labels and masks in every memory order and integer dtype: results do not depend on it.

#include <functional>

#include "../check.h"

using namespace rw;

namespace {

// The same values in other places.
std::vector<Tensor> arrangements(const Tensor& t) {
  const Tensor zero = zeros_like(t);
  std::vector<Tensor> all = {stack({zero, t})[1],                       // behind an offset
                             stack({zero, t, zero}, -1).select(-1, 1),  // with gaps
                             cat({zero, t}).narrow(0, t.size(0), t.size(0))};
  if (t.dim() > 1) {
    all.push_back(t.transpose(0, -1).contiguous().transpose(0, -1));
    all.push_back(stack({zero.transpose(0, -1), t.transpose(0, -1)}).select(0, 1).transpose(0, -1));
  }
  return all;
}

void check_arrangements(const char* name, const Tensor& index,
                        const std::function<Tensor(const Tensor&)>& f) {
  const Tensor expected = f(index);
  std::vector<DType> dtypes = {index.dtype()};
  if (index.dtype() == int64) dtypes = {int64, int32, int16, int8};
  for (const DType dtype : dtypes)
    for (const Tensor& arranged : arrangements(index.to(dtype))) {
      BOOST_TEST_CONTEXT(name << ", " << dtype << ", strides "
                              << to_string(from(std::vector<int64_t>(arranged.strides().begin(),
                                                                     arranged.strides().end()))))
      BOOST_TEST(equal(f(arranged), expected));
    }
}

}  // namespace

BOOST_AUTO_TEST_SUITE(index_layouts)

BOOST_AUTO_TEST_CASE(vectors_of_indices) {
  const Tensor index = from<int64_t>({3, 0, 2, 3, 1}), x = randn({4, 5}), src = randn({5, 5});
  const auto run = [&](const char* name, const std::function<Tensor(const Tensor&)>& f) {
    check_arrangements(name, index, f);
  };
  run("one_hot", [](const Tensor& i) { return one_hot(i, 4); });
  run("index_select", [&](const Tensor& i) { return x.index_select(0, i); });
  run("index_select, 1", [&](const Tensor& i) { return x.index_select(1, i); });
  run("index_add", [&](const Tensor& i) { return x.index_add(0, i, src); });
  run("operator[]", [&](const Tensor& i) { return Tensor(x[i]); });
  run("index", [&](const Tensor& i) { return Tensor(x.index({i, i})); });
  run("index_put", [&](const Tensor& i) {
    Tensor y = x.clone();
    y.index_put_({i, Slice()}, src, true);
    return y;
  });
  run("assignment", [&](const Tensor& i) {
    const Tensor y = x.clone();
    y.index({Slice(), i}) = 7;
    return y;
  });
  const Tensor scores = randn({5, 4});
  run("cross_entropy", [&](const Tensor& i) { return cross_entropy(scores, i); });
  run("nll_loss", [&](const Tensor& i) { return nll_loss(scores.log_softmax(1), i); });
}

BOOST_AUTO_TEST_CASE(matrices_of_indices) {
  const Tensor index = from<int64_t>({{1, 0, 3}, {2, 2, 0}}), x = randn({4, 4});
  const Tensor src = randn({2, 3});
  const auto run = [&](const char* name, const std::function<Tensor(const Tensor&)>& f) {
    check_arrangements(name, index, f);
  };
  run("one_hot", [](const Tensor& i) { return one_hot(i, 4); });
  run("gather", [&](const Tensor& i) { return x.gather(0, i); });
  run("gather, 1", [&](const Tensor& i) { return x.gather(1, i); });
  run("scatter_add", [&](const Tensor& i) { return x.scatter_add(0, i, src); });
  run("scatter_add, 1", [&](const Tensor& i) { return x.scatter_add(1, i, src); });
  run("operator[]", [&](const Tensor& i) { return Tensor(x[i]); });
  const Tensor scores = randn({2, 4, 3});
  run("cross_entropy", [&](const Tensor& i) { return cross_entropy(scores, i); });
  run("nll_loss", [&](const Tensor& i) { return nll_loss(scores.log_softmax(1), i); });
}

BOOST_AUTO_TEST_CASE(gradients_through_indices) {
  const Tensor index = from<int64_t>({{1, 0, 3}, {2, 2, 0}});
  const auto gradient = [](const std::function<Tensor(const Tensor&)>& f) {
    const Tensor x = arange(16).to(float64).view({4, 4}).requires_grad_();
    const Tensor y = f(x);
    (y * arange(y.numel()).view(y.shape())).sum().backward();
    return x.grad();
  };
  check_arrangements("gather", index, [&](const Tensor& i) {
    return gradient([&](const Tensor& x) { return x.gather(1, i); });
  });
  check_arrangements("operator[]", index, [&](const Tensor& i) {
    return gradient([&](const Tensor& x) { return Tensor(x[i]); });
  });
  check_arrangements("index_select", index[1], [&](const Tensor& i) {
    return gradient([&](const Tensor& x) { return x.index_select(1, i); });
  });
}

BOOST_AUTO_TEST_CASE(masks) {
  const Tensor mask = from<bool>({{true, false, true}, {false, true, true}});
  const Tensor x = randn({2, 3}), y = randn({2, 3});
  const auto run = [&](const char* name, const std::function<Tensor(const Tensor&)>& f) {
    check_arrangements(name, mask, f);
  };
  run("masked_select", [&](const Tensor& m) { return x.masked_select(m); });
  run("masked_fill", [&](const Tensor& m) { return x.masked_fill(m, 3); });
  run("where", [&](const Tensor& m) { return where(m, x, y); });
  run("nonzero", [&](const Tensor& m) { return m.nonzero(); });
  run("index", [&](const Tensor& m) { return Tensor(x.index({m})); });
  run("assignment", [&](const Tensor& m) {
    const Tensor z = x.clone();
    z.index({m}) = 7;
    return z;
  });
  run("index_put", [&](const Tensor& m) {
    Tensor z = x.clone();
    z.index_put_({m}, scalar_tensor(2.0f), true);
    return z;
  });
  run("any", [&](const Tensor& m) { return m.any({1}); });
  run("all", [&](const Tensor& m) { return m.all({0}); });
  run("sum", [&](const Tensor& m) { return m.sum({1}); });
}

BOOST_AUTO_TEST_SUITE_END()
