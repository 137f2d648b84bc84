// Kernels walk over memory in several ways: by long runs, by pieces of short ones, by tiles of what
// lies across. Every way gives what contiguous memory gives.

#include <rewind/rewind.h>

#include <functional>

#include "../check.h"
#include "../dtypes.h"

using namespace rw;

namespace {

struct View {
  const char* name;
  std::function<Tensor(const Tensor&)> of;  // of the same values
};

Tensor with_last_dims_swapped(const Tensor& x) {
  return x.transpose(-1, -2).contiguous().transpose(-1, -2);
}
Tensor with_first_and_last_swapped(const Tensor& x) {
  return x.transpose(0, -1).contiguous().transpose(0, -1);
}
Tensor with_gaps(const Tensor& x) { return stack({x, x}, -1).select(-1, 1); }
Tensor of_a_wider_one(const Tensor& x) { return cat({x, x}, -1).narrow(-1, 0, x.size(-1)); }
Tensor of_a_longer_one(const Tensor& x) { return cat({x, x}, 0).narrow(0, x.size(0), x.size(0)); }

const std::vector<View> views = {{"row-major", [](const Tensor& x) { return x; }},
                                 {"last dims swapped", with_last_dims_swapped},
                                 {"first and last swapped", with_first_and_last_swapped},
                                 {"gaps", with_gaps},
                                 {"part of a wider one", of_a_wider_one},
                                 {"part of a longer one", of_a_longer_one}};

const std::vector<Shape> shapes = {{2, 3},    {37, 129}, {129, 37},   {5, 3, 50},
                                   {2000, 3}, {3, 2000}, {16, 9, 70}, {9, 8, 7, 6},
                                   {1, 1100}, {1100, 1}, {3, 40, 40}, {70, 2, 65}};

Tensor values(const Shape& shape, DType dtype) {
  static Generator gen(5);
  const Tensor x = rand(shape, float64, gen) * 6 - 2;
  return dtype == boolean ? x > 0 : x.to(dtype);
}

}  // namespace

BOOST_AUTO_TEST_CASE(pointwise_ops_give_the_same_in_every_order) {
  for (const Shape& shape : shapes)
    for (const DType dtype : test::all_dtypes) {
      const Tensor a = values(shape, dtype), b = values(shape, dtype), m = values(shape, boolean);
      const Tensor row = b.slice(0, 0, 1), column = b.slice(-1, 0, 1);
      for (const View& va : views) {
        const Tensor x = va.of(a);
        for (const View& vb : views) {
          const Tensor y = vb.of(b), mask = vb.of(m);
          const auto where_at = va.name + std::string(", ") + vb.name;
          BOOST_TEST(equal(x + y, a + b), where_at);
          BOOST_TEST(equal(x < y, a < b), where_at);
          BOOST_TEST(equal(where(mask, x, y), where(m, a, b)), where_at);
          Tensor into = vb.of(b.clone());
          into.copy_(x);
          BOOST_TEST(equal(into, a), where_at);
          into = vb.of(b.clone());
          into += x;
          BOOST_TEST(equal(into, b + a), where_at);
        }
        BOOST_TEST(equal(x + row, a + row.expand(shape).contiguous()), va.name);
        BOOST_TEST(equal(column + x, column.expand(shape).contiguous() + a), va.name);
        BOOST_TEST(equal(x * column, a * column.expand(shape).contiguous()), va.name);
        for (const DType to : test::all_dtypes)
          BOOST_TEST(equal(x.to(to), a.to(to)), va.name << " to " << name(to));
        if (is_floating(dtype)) BOOST_TEST(equal(exp(x), exp(a)), va.name);
      }
    }
}

namespace {

// Of values that float32 adds up exactly.
Tensor whole_values(const Shape& shape, DType dtype) {
  return values(shape, float64).floor().to(dtype);
}

void check_reductions(const Tensor& x, const Tensor& a, const Dims& dims, const std::string& at) {
  BOOST_TEST(equal(x.sum(dims), a.sum(dims)), at);
  BOOST_TEST(equal(x.amax(dims), a.amax(dims)), at);
  BOOST_TEST(equal(x.amin(dims), a.amin(dims)), at);
  BOOST_TEST(equal(x.any(dims), a.any(dims)), at);
  BOOST_TEST(equal(x.all(dims), a.all(dims)), at);
  if (!x.is_floating_point()) return;
  BOOST_TEST(allclose(x.var(dims, 0), a.var(dims, 0), 1e-5, 1e-6), at);
  BOOST_TEST(allclose(logsumexp(x, dims), logsumexp(a, dims), 1e-5, 1e-6), at);
}

}  // namespace

BOOST_AUTO_TEST_CASE(reductions_give_the_same_in_every_order) {
  for (const Shape& shape : shapes)
    for (const DType dtype : {float32, float64, int64, boolean}) {
      const Tensor a = whole_values(shape, dtype);
      for (const View& v : views) {
        const Tensor x = v.of(a);
        for (int mask = 1; mask < 1 << shape.rank(); ++mask) {
          Dims dims;
          for (int d = 0; d < shape.rank(); ++d)
            if (mask >> d & 1) dims.push_back(d);
          check_reductions(x, a, dims, v.name);
        }
        for (int d = 0; d < shape.rank(); ++d) {
          BOOST_TEST(equal(x.argmax(d), a.argmax(d)), v.name);
          BOOST_TEST(equal(x.argmin(d), a.argmin(d)), v.name);
          BOOST_TEST(equal(x.max(d).second, a.max(d).second), v.name);
          if (dtype != boolean) BOOST_TEST(equal(prod(x, d), prod(a, d)), v.name);
        }
        BOOST_TEST(equal(nonzero(x), nonzero(a)), v.name);
      }
    }
}

// Dimensions that repeat an element, folded away, kept, or both.
BOOST_AUTO_TEST_CASE(reductions_of_repeated_elements) {
  const Shape shape = {3, 5, 4, 6};
  for (const DType dtype : test::all_dtypes)
    for (int repeated = 1; repeated < 1 << shape.rank(); ++repeated) {
      Shape distinct = shape;
      for (int d = 0; d < shape.rank(); ++d)
        if (repeated >> d & 1) distinct[d] = 1;
      const Tensor values = whole_values(distinct, float64).remainder(3);
      const Tensor x = values.to(dtype).expand(shape), a = x.contiguous();
      for (int mask = 1; mask < 1 << shape.rank(); ++mask) {
        Dims dims;
        for (int d = 0; d < shape.rank(); ++d)
          if (mask >> d & 1) dims.push_back(d);
        check_reductions(x, a, dims, std::string("repeated ") + name(dtype));
      }
      for (int d = 0; d < shape.rank(); ++d)
        if (dtype != boolean) BOOST_TEST(equal(prod(x, d), prod(a, d)), name(dtype));
      if (dtype != boolean) BOOST_TEST(equal(prod(x.clamp(1, 2)), prod(a.clamp(1, 2))));
      BOOST_TEST(x.sum(0).is_contiguous());
    }
}

// One by one, in float64.
BOOST_AUTO_TEST_CASE(reductions_are_those_of_a_plain_loop) {
  for (const Shape& shape : {Shape{7, 3}, Shape{300, 4}, Shape{4, 300}, Shape{70, 33}})
    for (const DType dtype : test::all_dtypes) {
      const Tensor x = dtype == uint8 ? whole_values(shape, float64).abs().to(uint8)
                                      : whole_values(shape, dtype);
      const int64_t n = shape[0], m = shape[1];
      const auto v = x.to(float64).to_vector<double>();
      for (int64_t j = 0; j < m; ++j) {
        double sum = 0, most = -1e300;
        int64_t at = 0;
        bool any = false, all = true;
        for (int64_t i = 0; i < n; ++i) {
          const double e = v[static_cast<size_t>(i * m + j)];
          sum += e;
          any |= e != 0;
          all &= e != 0;
          if (e > most) {
            most = e;
            at = i;
          }
        }
        const Tensor s = x.sum(0).select(0, j);
        if (dtype != bfloat16) BOOST_TEST(s.to(float64).item<double>() == sum);
        BOOST_TEST(x.amax(0).select(0, j).to(float64).item<double>() == most);
        BOOST_TEST(x.argmax(0).select(0, j).item<int64_t>() == at);
        BOOST_TEST(x.any(0).select(0, j).item<bool>() == any);
        BOOST_TEST(x.all(0).select(0, j).item<bool>() == all);
      }
    }
}
// Written around the caches, from and to addresses that no cache line begins at.
BOOST_AUTO_TEST_CASE(results_larger_than_the_caches) {
  const int64_t n = 8'500'041;
  const Tensor base = rand({n + 3}), x = base.narrow(0, 3, n), y = rand({n}), row = rand({257});
  const Tensor rows = base.narrow(0, 0, 257 * 32700).view({32700, 257});
  const auto same = [](const char* what, const Tensor& whole, auto part) {
    const int64_t size = whole.shape()[0], step = size / 7;
    for (int64_t at = 0; at < size; at += step) {
      const int64_t count = std::min(step, size - at);
      BOOST_TEST(equal(whole.narrow(0, at, count), part(at, count)), what);
    }
  };
  const auto of = [](const Tensor& t, int64_t at, int64_t count) { return t.narrow(0, at, count); };
  same("x + y", x + y, [&](auto a, auto c) { return of(x, a, c) + of(y, a, c); });
  same("2 x", x * 2, [&](auto a, auto c) { return of(x, a, c) * 2; });
  same("exp", exp(x), [&](auto a, auto c) { return exp(of(x, a, c)); });
  same("clone", x.clone(), [&](auto a, auto c) { return of(x, a, c); });
  same("float64", x.to(float64), [&](auto a, auto c) { return of(x, a, c).to(float64); });
  same("where", where(x < y, x, y),
       [&](auto a, auto c) { return minimum(of(x, a, c), of(y, a, c)); });
  same("rows", rows + row, [&](auto a, auto c) { return of(rows, a, c) + row; });
  same("columns", rows.t() * 3, [&](auto a, auto c) { return of(rows.t(), a, c) * 3; });
  Tensor into = empty({n + 5});
  into.narrow(0, 5, n).copy_(x);
  same("copy_", into.narrow(0, 5, n), [&](auto a, auto c) { return of(x, a, c); });
}
