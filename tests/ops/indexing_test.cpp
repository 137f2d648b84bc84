#include <rewind/ops/indexing.h>
#include <rewind/ops/scattering.h>

#include <rewind/tensor/parallel.h>

#include "../check.h"
#include "../dtypes.h"

using namespace rw;
using namespace rw::test;
using boost::test_tools::per_element;

namespace {

using In = const std::vector<Tensor>&;
using Values = std::vector<int64_t>;

Tensor indices(const Values& values, const Shape& shape) { return from(values, shape); }
Tensor indices(const Values& values) { return from(values); }

// The same values in other memory.
std::vector<Tensor> layouts(const Tensor& x) {
  std::vector<Tensor> all = {x, x.transpose(0, -1).contiguous().transpose(0, -1),
                             cat({x, x}, -1).narrow(-1, 0, x.size(-1))};
  if (x.dim() == 4) all.push_back(x.contiguous(MemoryFormat::channels_last));
  return all;
}

}  // namespace

BOOST_AUTO_TEST_CASE(gather_reads_by_index) {
  const Tensor x = arange(12).view({3, 4});
  for (const Tensor& t : layouts(x)) {
    BOOST_TEST(gather(t, 0, indices({2, 0, 1, 1, 0, 2}, {2, 3})).to_vector<int64_t>() ==
                   (Values{8, 1, 6, 4, 1, 10}),
               per_element());
    BOOST_TEST(t.gather(-1, indices({3, 3, 0, 1, 2, 0}, {3, 2})).to_vector<int64_t>() ==
                   (Values{3, 3, 4, 5, 10, 8}),
               per_element());
  }
  // An index without memory order of its own, and none at all.
  BOOST_TEST(gather(x, 1, indices({2}, {1, 1}).expand({3, 2})).to_vector<int64_t>() ==
                 (Values{2, 2, 6, 6, 10, 10}),
             per_element());
  BOOST_TEST((gather(x, 1, zeros({3, 0}, int64)).shape() == Shape{3, 0}));
}

BOOST_AUTO_TEST_CASE(scatter_add_adds_by_index) {
  const Tensor x = zeros({3, 2}, int64), src = arange(1, 7).view({3, 2});
  const Tensor index = indices({0, 2, 0, 0, 0, 2}, {3, 2});
  for (const Tensor& s : layouts(src))
    BOOST_TEST(scatter_add(x, 0, index, s).to_vector<int64_t>() == (Values{9, 4, 0, 0, 0, 8}),
               per_element());
  BOOST_TEST(x.to_vector<int64_t>() == Values(6, 0), per_element());
  // Sources may be larger than the index.
  BOOST_TEST(scatter_add(x, 1, indices({1}, {1, 1}), src).to_vector<int64_t>() ==
                 (Values{0, 1, 0, 0, 0, 0}),
             per_element());
}

BOOST_AUTO_TEST_CASE(index_select_takes_slices) {
  const Tensor x = arange(24).view({2, 3, 4});
  const Tensor index = indices({2, 0, 2});
  for (const Tensor& t : layouts(x)) {
    const Tensor y = index_select(t, 1, index);
    BOOST_TEST(equal(y.select(1, 0), x.select(1, 2)));
    BOOST_TEST(equal(y.select(1, 1), x.select(1, 0)));
    BOOST_TEST(equal(y.select(1, 2), x.select(1, 2)));
    BOOST_TEST(
        t.index_select(-1, indices({3})).to_vector<int64_t>() == (Values{3, 7, 11, 15, 19, 23}),
        per_element());
  }
  BOOST_TEST((index_select(x, 0, zeros({0}, int64)).shape() == Shape{0, 3, 4}));
  const Tensor image = randn({3, 4, 2, 2}).contiguous(MemoryFormat::channels_last);
  BOOST_TEST(image.index_select(0, indices({2, 1})).is_contiguous(MemoryFormat::channels_last));
}

BOOST_AUTO_TEST_CASE(empty_indices_of_any_shape_add_nothing) {
  const Tensor x = randn({2, 3});
  for (const Shape& shape : {Shape{0}, Shape{0, 5}, Shape{5, 0}, Shape{0, 3, 4}}) {
    const Tensor src = randn({4, 4}).requires_grad_();
    const Tensor y = scatter_add(x, 0, zeros(shape, int64), src);
    BOOST_TEST(equal(y.detach(), x), shape);
    BOOST_TEST(equal(grad({y.sum()}, {src})[0], zeros({4, 4})), shape);
    BOOST_TEST(equal(scatter(x, 1, zeros(shape, int64), src.detach()), x), shape);
  }
  BOOST_TEST(equal(index_add(x, 0, zeros({0}, int64), zeros({0, 3})), x));
}

BOOST_AUTO_TEST_CASE(index_add_adds_slices) {
  const Tensor x = ones({3, 2}), src = arange(6).view({3, 2}).to(float32);
  const Tensor y = index_add(x, 0, indices({2, 2, 0}), src);
  BOOST_TEST(y.to_vector() == (std::vector<float>{5, 6, 1, 1, 3, 5}), per_element());
  BOOST_TEST(equal(index_add(x.t(), 1, indices({2, 2, 0}), src.t()), y.t()));
}

BOOST_AUTO_TEST_CASE(scatters_are_deterministic_and_complete) {
  const Tensor src = randn({4000, 37}), index = randint(0, 50, {4000});
  const Tensor y = index_add(zeros({50, 37}), 0, index, src);
  for (int i = 0; i < 3; ++i) BOOST_TEST(equal(index_add(zeros({50, 37}), 0, index, src), y));
  const Tensor exact = index_add(zeros({50, 37}, float64), 0, index, src.to(float64));
  BOOST_TEST(relative_error(y, exact) < 1e-5);
  const Tensor everywhere = index.unsqueeze(1).expand({4000, 37});
  BOOST_TEST(equal(scatter_add(zeros({50, 37}), 0, everywhere.contiguous(), src), y));
  const int threads = get_num_threads();
  set_num_threads(1);
  BOOST_TEST(equal(index_add(zeros({50, 37}), 0, index, src), y));
  set_num_threads(threads);
  // Many small numbers in bfloat16.
  const Tensor small = full({1000}, 1, bfloat16);
  BOOST_TEST(index_add(zeros({1}, bfloat16), 0, zeros({1000}, int64), small).item() == 1000);
}

BOOST_AUTO_TEST_CASE(selection_by_index_has_derivatives_of_any_order) {
  for (const Shape& shape : {Shape{5}, Shape{3, 4}, Shape{3, 2, 4}, Shape{2, 3, 2, 2}})
    for (const int64_t dim : {0, -1}) {
      const int64_t n = shape[dim < 0 ? shape.rank() - 1 : 0];
      const Tensor index = randint(0, n, {4});
      Shape full_shape = shape;
      full_shape[dim < 0 ? shape.rank() - 1 : 0] = 4;
      const Tensor everywhere = randint(0, n, full_shape);
      const Tensor src = random_leaf(full_shape);
      for (const Tensor& t : layouts(randn(shape, float64))) {
        const Tensor x = t.detach().requires_grad_();
        check_gradients([&](In in) { return gather(in[0], dim, everywhere).square(); }, {x},
                        "gather");
        check_gradients([&](In in) { return index_select(in[0], dim, index).square(); }, {x},
                        "index_select");
        check_gradients([&](In in) { return scatter_add(in[0], dim, everywhere, in[1]).square(); },
                        {x, src}, "scatter_add");
        check_gradients([&](In in) { return index_add(in[0], dim, index, in[1]).square(); },
                        {x, src}, "index_add");
      }
    }
  check_gradients(
      [&](In in) {
        return scatter_add(in[0], 1, indices({1, 1}, {1, 2}), in[1]).square();
      },
      {random_leaf({2, 3}), random_leaf({2, 3})}, "scatter_add of a part");
}

BOOST_AUTO_TEST_CASE(masked_fill_and_select) {
  const Tensor x = arange(6).view({2, 3});
  const Tensor mask = from<bool>({true, false, true});
  for (const Tensor& t : layouts(x)) {
    BOOST_TEST(t.masked_fill(mask, -1).to_vector<int64_t>() == (Values{-1, 1, -1, -1, 4, -1}),
               per_element());
    BOOST_TEST(masked_select(t, mask).to_vector<int64_t>() == (Values{0, 2, 3, 5}), per_element());
    BOOST_TEST(masked_select(t, ge(x, 4)).to_vector<int64_t>() == (Values{4, 5}), per_element());
  }
  BOOST_TEST((masked_select(x, lt(x, 0)).shape() == Shape{0}));
  const Tensor both = ge(from({{1, 1, 1}, {0, 0, 1}}), 1);
  BOOST_TEST(masked_select(x[0], both).to_vector<int64_t>() == (Values{0, 1, 2, 2}), per_element());
  const Tensor a = random_leaf({2, 3});
  check_gradients([&](In in) { return masked_fill(in[0], mask, 2).square(); }, {a}, "masked_fill");
  check_gradients([&](In in) { return masked_select(in[0], mask).square(); }, {a}, "masked_select");
  check_gradients([&](In in) { return masked_select(in[0].t(), ge(x.t(), 2)).square(); }, {a},
                  "masked_select of a transposed matrix");
}

BOOST_AUTO_TEST_CASE(masked_fill_in_place) {
  const Tensor mask = from<bool>({true, false, true});
  Tensor x = zeros({2, 3});
  x.masked_fill_(mask, 2.5);
  BOOST_TEST(x.to_vector() == (std::vector<float>{2.5, 0, 2.5, 2.5, 0, 2.5}), per_element());
  check_gradients(
      [&](In in) {
        Tensor y = in[0].square();
        y.masked_fill_(mask, 3);
        return y.square();
      },
      {random_leaf({2, 3})}, "masked_fill_");
  Tensor leaf = random_leaf({3});
  BOOST_CHECK_EXCEPTION(leaf.masked_fill_(mask, 0), AutogradError,
                        saying("masked_fill_: a leaf of shape [3] that requires grad"));
}

BOOST_AUTO_TEST_CASE(nonzero_and_one_hot) {
  const Tensor x = from({{0, 1.5, 0}, {-2, 0, 3}});
  BOOST_TEST((nonzero(x).shape() == Shape{3, 2}));
  BOOST_TEST(nonzero(x).to_vector<int64_t>() == (Values{0, 1, 1, 0, 1, 2}), per_element());
  BOOST_TEST(nonzero(x.t()).to_vector<int64_t>() == (Values{0, 1, 1, 0, 2, 1}), per_element());
  BOOST_TEST((nonzero(zeros({})).shape() == Shape{0, 0}));
  BOOST_TEST((nonzero(ones({}, bfloat16)).shape() == Shape{1, 0}));
  BOOST_TEST(one_hot(indices({2, 0}), 3).to_vector<int64_t>() == (Values{0, 0, 1, 1, 0, 0}),
             per_element());
  BOOST_TEST((one_hot(indices({1, 0, 2, 1}, {2, 2}).t(), 3).shape() == Shape{2, 2, 3}));
  BOOST_TEST(one_hot(indices({1, 0, 2, 1}, {2, 2}).t(), 3)[0].to_vector<int64_t>() ==
                 (Values{0, 1, 0, 0, 0, 1}),
             per_element());
  BOOST_TEST(one_hot(full({}, 1, int64), 2).to_vector<int64_t>() == (Values{0, 1}), per_element());
}

BOOST_AUTO_TEST_CASE(triangles) {
  for (const Shape& shape : {Shape{3, 3}, Shape{2, 4}, Shape{2, 4, 3}})
    for (int64_t diagonal = -5; diagonal <= 5; ++diagonal)
      for (const Tensor& x : layouts(arange(1, shape.numel() + 1).view(shape))) {
        const int64_t n = shape[shape.rank() - 2], m = shape.back();
        Values lower, upper;
        for (int64_t i = 0; i < shape.numel(); ++i) {
          const int64_t above = i % m - i / m % n;
          lower.push_back(above <= diagonal ? i + 1 : 0);
          upper.push_back(above >= diagonal ? i + 1 : 0);
        }
        BOOST_TEST(tril(x, diagonal).to_vector<int64_t>() == lower, per_element());
        BOOST_TEST(triu(x, diagonal).to_vector<int64_t>() == upper, per_element());
      }
  check_gradients([](In in) { return tril(in[0], -1).square() + triu(in[0], 1); },
                  {random_leaf({2, 3, 4})}, "triangles");
  BOOST_TEST((tril(zeros({2, 0, 3})).shape() == Shape{2, 0, 3}));
  BOOST_TEST(tril(ones({2, 2}, boolean)).to_vector<int>() == (std::vector<int>{1, 0, 1, 1}),
             per_element());
}

// x[i][j][k] = 100 i + 10 j + k, so that results read as their indices.
struct Numbered {
  Tensor x = [] {
    const Tensor d = arange(4);
    return d.slice(0, 0, 2).view({2, 1, 1}) * 100 + d.slice(0, 0, 3).view({3, 1}) * 10 + d;
  }();
  Tensor a = indices({1, 0}), b = indices({-1, 1});
};

void expect(const Tensor& y, const Shape& shape, const Values& values) {
  BOOST_TEST(y.shape() == shape);
  BOOST_TEST(y.to_vector<int64_t>() == values, per_element());
}

BOOST_FIXTURE_TEST_CASE(index_by_tensors, Numbered) {
  for (const Tensor& t : layouts(x)) {
    expect(t.index({a}).index({Ellipsis, 0}), {2, 3}, {100, 110, 120, 0, 10, 20});
    expect(t.index({Slice(), b, 0}), {2, 2}, {20, 10, 120, 110});
    expect(t.index({a, b, a}), {2}, {121, 10});
    expect(t.index({Ellipsis, a, b}), {2, 2}, {13, 1, 113, 101});
    // Side by side: in place. Apart: in front.
    expect(t.index({a.unsqueeze(1), b}).index({Ellipsis, 0}), {2, 2}, {120, 110, 20, 10});
    expect(t.index({a, Slice(0, 2), b}), {2, 2}, {103, 113, 1, 11});
    expect(t.index({a, None, b, 0}), {2, 1}, {120, 10});
    // A number makes a view first, as in PyTorch.
    expect(t.index({1, Slice(1), b}), {2, 2}, {113, 111, 123, 121});
    expect(t.index({full({}, 1, int64), 0}), {4}, {100, 101, 102, 103});
    expect(t.index({Slice(), zeros({2, 0}, int64), 0}), {2, 2, 0}, {});
  }
}

BOOST_FIXTURE_TEST_CASE(index_by_masks, Numbered) {
  const Tensor rows = from<bool>({false, true}), columns = from<bool>({true, false, true});
  for (const Tensor& t : layouts(x)) {
    expect(t.index({rows, 0}), {1, 4}, {100, 101, 102, 103});
    expect(t.index({0, columns, 1}), {2}, {1, 21});
    expect(t.index({ge(x, 122)}), {2}, {122, 123});
    expect(t.index({ge(x.select(2, 0), 20), Slice(1, 2)}), {4, 1}, {21, 101, 111, 121});
    expect(t.index({Slice(), columns, indices({3, 0})}), {2, 2}, {3, 20, 103, 120});
    expect(t.index({lt(x, 0)}), {0}, {});
    expect(t.index({full({}, 1, boolean), 1, 2}), {1, 4}, {120, 121, 122, 123});
  }
}

BOOST_FIXTURE_TEST_CASE(index_has_derivatives_of_any_order, Numbered) {
  const Tensor leaf = random_leaf({2, 3, 4});
  const auto check_index = [&](const char* what, std::initializer_list<Index> i) {
    check_gradients([&](In in) { return in[0].index(i).square(); }, {leaf}, what);
    check_gradients(
        [&](In in) { return in[0].transpose(1, 2).contiguous().transpose(1, 2).index(i).square(); },
        {leaf}, what);
  };
  const Tensor mask = ge(x, 101), repeated = indices({0, 0, 1});
  check_index("one tensor", {Slice(), b});
  check_index("repeated", {repeated, 0});
  check_index("side by side", {Slice(), a, b});
  check_index("apart", {a, Slice(1), b});
  check_index("mask", {mask});
  check_index("mixed", {Ellipsis, None, Slice(0, 4, 2)});
}

BOOST_AUTO_TEST_CASE(errors) {
  const Tensor x = zeros({2, 3}), i = indices({0, 3}), mask = ones({2}, boolean);
  using S = ShapeError;
  using I = IndexError;
  using D = DTypeError;
  BOOST_CHECK_EXCEPTION(gather(Tensor(), 0, i), Error, saying("gather: the input is undefined"));
  BOOST_CHECK_EXCEPTION(gather(x, 0, Tensor()), Error, saying("gather: the index is undefined"));
  BOOST_CHECK_EXCEPTION(gather(x, 0, x), D,
                        saying("gather: expected an index of integers, got float32"));
  BOOST_CHECK_EXCEPTION(gather(x, 0, i), S, saying("gather: expected an index of rank 2"));
  BOOST_CHECK_EXCEPTION(gather(x, 0, zeros({1, 4}, int64)), S, saying("got [1, 4]"));
  BOOST_CHECK_EXCEPTION(gather(x, 1, i.view({1, 2})), I,
                        saying("gather: index 3 is not in [0, 3)"));
  BOOST_CHECK_EXCEPTION(gather(x, 1, i.view({1, 2}) * -1), I, saying("index -3 is not in [0, 3)"));
  BOOST_CHECK_EXCEPTION(gather(zeros({}), 0, i), I, saying("gather: index 3 is not in [0, 1)"));
  BOOST_CHECK_EXCEPTION(scatter_add(x, 0, i.view({2, 1}), x), I,
                        saying("scatter_add: index 3 is not in [0, 2)"));
  BOOST_CHECK_EXCEPTION(scatter_add(x, 0, i.view({2, 1}), x.to(float64)), D,
                        saying("scatter_add: expected a source of float32, as the input, got "
                               "float64"));
  BOOST_CHECK_EXCEPTION(scatter_add(x, 0, zeros({3, 3}, int64), x), S,
                        saying("scatter_add: expected an index of rank 2, no larger than the "
                               "source, [2, 3]"));
  BOOST_CHECK_EXCEPTION(index_select(x, 0, i.view({1, 2})), S,
                        saying("index_select: expected a vector of indices, got shape [1, 2]"));
  BOOST_CHECK_EXCEPTION(index_select(x, 1, i), I, saying("index_select: index 3 is not in [0, 3)"));
  BOOST_CHECK_EXCEPTION(index_add(x, 0, i, zeros({1, 3})), S,
                        saying("index_add: expected a source of shape [2, 3] for the input [2, 3] "
                               "and 2 indices along dimension 0, got [1, 3]"));
  BOOST_CHECK_EXCEPTION(masked_fill(x, x, 0), D, saying("masked_fill: expected a bool mask"));
  BOOST_CHECK_EXCEPTION(masked_fill(x, ones({4}, boolean), 0), S,
                        saying("masked_fill: shapes [2, 3] and [4] do not broadcast"));
  BOOST_CHECK_EXCEPTION(masked_select(x, mask), S, saying("masked_select: shapes"));
  BOOST_CHECK_EXCEPTION(nonzero(Tensor()), Error, saying("nonzero: the input is undefined"));
  BOOST_CHECK_EXCEPTION(one_hot(i, 3), I, saying("one_hot: index 3 is not in [0, 3)"));
  BOOST_CHECK_EXCEPTION(one_hot(x, 3), D,
                        saying("one_hot: expected an index of integers, got float32"));
  BOOST_CHECK_EXCEPTION(one_hot(i, 0), Error, saying("one_hot: expected classes > 0, got 0"));
  BOOST_CHECK_EXCEPTION(tril(x[0]), S, saying("tril: expected at least 2 dimensions"));
  BOOST_CHECK_EXCEPTION(x.index({0, 0, 0}), I, saying("index: 3 indices for shape [2, 3]"));
  BOOST_CHECK_EXCEPTION(x.index({Ellipsis, Ellipsis}), I, saying("index: only one Ellipsis"));
  BOOST_CHECK_EXCEPTION(x.index({x}), D, saying("index: expected signed integers or a bool mask"));
  BOOST_CHECK_EXCEPTION(x.index({Slice(), i}), I,
                        saying("index: index 3 is out of range for dimension 1 of shape [2, 3]"));
  BOOST_CHECK_EXCEPTION(x.index({Slice(), mask}), I,
                        saying("index: a mask of shape [2] does not fit shape [2, 3] at dimension "
                               "1"));
  BOOST_CHECK_EXCEPTION(x.index({Tensor()}), Error, saying("index: an index tensor is undefined"));
}

// float32 can't count past 2^24 by ones, and rounds each time on the way there.
BOOST_AUTO_TEST_CASE(places_that_are_named_very_often) {
  const int64_t n = (1 << 24) + 1000;
  const Tensor x = zeros({2, 1}).requires_grad_();
  index_select(x, 0, zeros({n}, int64)).sum().backward();
  BOOST_TEST(x.grad().to_vector<double>()[0] == static_cast<double>(n));
  BOOST_TEST(x.grad().to_vector<double>()[1] == 0);
}

// Each sum of reduced types is rounded once, in whatever order the rows lie.
BOOST_AUTO_TEST_CASE(rows_of_reduced_types) {
  const int64_t places = 7, n = 5000;
  const Tensor index = arange(n) * arange(n) % places, few = from<int64_t>({6, 0, 6, 3});
  const auto transposed = [](const Tensor& t) {
    return t.transpose(0, 2).contiguous().transpose(0, 2);
  };
  for (const DType dtype : {float16, bfloat16})
    for (const int64_t inner : {3, 16, 37, 1500})
      for (const Tensor& at : {few, index}) {
        if (inner > 100 && at.numel() > 100) continue;
        const Tensor x = (randn({2, places, inner}) * 9).to(dtype);
        const Tensor rows = (randn({2, at.numel(), inner})).to(dtype);
        const Tensor wanted = index_add(x.to(float64), 1, at, rows.to(float64)).to(dtype);
        const auto close = [&](const Tensor& got) {
          // Float32 may be on the other side of the middle between two numbers.
          return allclose(got.to(float64), wanted.to(float64), 2 * epsilon(dtype), 1e-6);
        };
        const std::string where = std::string(name(dtype)) + ", " + std::to_string(inner);
        BOOST_TEST(close(index_add(x, 1, at, rows)), where);
        BOOST_TEST(close(index_add(transposed(x), 1, at, rows)), where);
        BOOST_TEST(close(index_add(x, 1, at, transposed(rows))), where);
        const Tensor leaf = zeros_like(x).requires_grad_();
        index_select(leaf, 1, at).backward(rows);
        BOOST_TEST(allclose(leaf.grad().to(float64),
                            index_add(zeros_like(x).to(float64), 1, at, rows.to(float64)),
                            2 * epsilon(dtype), 1e-3),
                   where);
      }
}

// The index is one vector, but does not reach over all of the input.
BOOST_AUTO_TEST_CASE(part_of_the_rows_of_reduced_types) {
  const Tensor x = zeros({2, 3, 20}, bfloat16), rows = ones({2, 4, 18}, bfloat16);
  const Tensor index = from<int64_t>({2, 0, 2, 2}).view({1, 4, 1}).expand({1, 4, 17});
  const Tensor y = scatter_add(x, 1, index, rows);
  BOOST_TEST(equal(y, scatter_add(x.to(float64), 1, index, rows.to(float64)).to(bfloat16)));
  BOOST_TEST(y.to(float32).sum().item() == 4 * 17);
}

BOOST_AUTO_TEST_CASE(sums_of_many_float32_numbers) {
  const int64_t n = 300'000, inner = 3;
  // One place in three is named by nearly all, the others by few.
  const Tensor position = arange(n), crowded = where(position % 100 == 0, position % 7 + 1, 0);
  const Tensor everywhere = crowded.unsqueeze(1).expand({n, inner}).contiguous();
  // Rounded the same way each time, so that errors do not cancel.
  const Tensor values = full({n, 1}, 0.1f) * from({1, 1.7, 0.9}), wide = values.to(float64);
  const Tensor start = rand({9, inner});
  const auto close = [](const Tensor& got, const Tensor& wanted) {
    return allclose(got.to(float64), wanted, 1e-5, 0);
  };
  const Tensor wanted = index_add(start.to(float64), 0, crowded, wide);
  BOOST_TEST(close(index_add(start, 0, crowded, values), wanted));
  BOOST_TEST(close(scatter_add(start, 0, everywhere, values), wanted));
  BOOST_TEST(close(start.clone().index_put_({crowded}, values, true), wanted));
  const Tensor put = start.clone().t().contiguous();
  BOOST_TEST(close(put.t().index_put_({crowded}, values, true), wanted));

  const auto gradient = [&](auto select) {
    const Tensor x = zeros({9, inner}).requires_grad_();
    (select(x) * values).sum().backward();
    return x.grad();
  };
  const Tensor adjoint = wanted - start.to(float64);
  BOOST_TEST(
      close(gradient([&](const Tensor& x) { return index_select(x, 0, crowded); }), adjoint));
  BOOST_TEST(close(gradient([&](const Tensor& x) { return gather(x, 0, everywhere); }), adjoint));
  BOOST_TEST(close(gradient([&](const Tensor& x) { return x.index({crowded}); }), adjoint));
  BOOST_TEST(close(gradient([&](const Tensor& x) { return x[crowded]; }), adjoint));
}

BOOST_AUTO_TEST_CASE(as_libtorch_writes_them) {
  const Tensor x = randn({3, 4, 5});
  BOOST_TEST(equal(x.index({"...", 0}), x.index({Ellipsis, 0})));
  BOOST_TEST(equal(x.index({Slice(1, None), Slice(None, -1)}), x.index({Slice(1), Slice(0, -1)})));
  BOOST_TEST(equal(x.index({Slice(None, None, 2)}), x.index({Slice(0, Slice::none, 2)})));
  BOOST_CHECK_THROW(x.index({"abc"}), IndexError);
}
