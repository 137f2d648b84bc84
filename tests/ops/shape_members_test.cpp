// Members of Tensor that rearrange, scatter, multiply, order and factor: each is its function.

#include "../check.h"

using namespace rw;
using rw::test::saying;

namespace {

bool same(const std::vector<Tensor>& a, const std::vector<Tensor>& b) {
  bool all = a.size() == b.size();
  for (size_t i = 0; all && i < a.size(); ++i) all = equal(a[i], b[i]);
  return all;
}
bool same(const std::pair<Tensor, Tensor>& a, const std::pair<Tensor, Tensor>& b) {
  return equal(a.first, b.first) && equal(a.second, b.second);
}

}  // namespace

BOOST_AUTO_TEST_SUITE(members)

BOOST_AUTO_TEST_CASE(order_of_elements) {
  const Tensor x = randn({2, 3, 4}), m = randn({3, 4});
  BOOST_TEST(equal(x.flip({0, 2}), flip(x, {0, 2})));
  BOOST_TEST(equal(m.fliplr(), fliplr(m)));
  BOOST_TEST(equal(m.flipud(), flipud(m)));
  BOOST_TEST(equal(x.roll({1, -1}, {0, 2}), roll(x, {1, -1}, {0, 2})));
  BOOST_TEST(equal(x.rot90(3, {0, 2}), rot90(x, 3, {0, 2})));
  BOOST_TEST(equal(x.movedim(0, 2), movedim(x, 0, 2)));
  BOOST_TEST(equal(x.moveaxis(0, 2), moveaxis(x, 0, 2)));
  BOOST_TEST(equal(x.swapaxes(0, 1), swapaxes(x, 0, 1)));
  BOOST_TEST(equal(x.swapdims(0, 1), swapdims(x, 0, 1)));
  BOOST_TEST(equal(m.repeat({2, 1, 2}), repeat(m, {2, 1, 2})));
  BOOST_TEST(equal(m.tile({2}), tile(m, {2})));
  BOOST_TEST(equal(m.repeat_interleave(2, 1), repeat_interleave(m, 2, 1)));
  const Tensor times = from<int64_t>({1, 0, 2});
  BOOST_TEST(equal(m.repeat_interleave(times, 0), repeat_interleave(m, times, 0)));
  BOOST_TEST(equal(x.ravel(), ravel(x)));
  BOOST_TEST(equal(m.view({1, 3, 1, 4}).squeeze({0, 2}), m));
  BOOST_TEST(equal(m.broadcast_to({2, 3, 4}), broadcast_to(m, {2, 3, 4})));
  BOOST_TEST(equal(m.unfold(1, 2, 1), unfold(m, 1, 2, 1)));
  BOOST_TEST(equal(m.as_strided({2, 2}, {1, 4}, 1), as_strided(m, {2, 2}, {1, 4}, 1)));
  BOOST_TEST(equal(m.select_scatter(ones({4}), 0, 1), select_scatter(m, ones({4}), 0, 1)));
  BOOST_TEST(
      equal(m.slice_scatter(ones({3, 2}), 1, 0, 4, 2), slice_scatter(m, ones({3, 2}), 1, 0, 4, 2)));
  BOOST_TEST(equal(m.diagonal_scatter(ones({3})), diagonal_scatter(m, ones({3}))));
  BOOST_TEST(equal(x.view_as(randn({6, 4})), x.view({6, 4})));
  BOOST_TEST(equal(x.reshape_as(randn({4, 6})), x.reshape({4, 6})));
  BOOST_CHECK_EXCEPTION(x.view_as({}), Error, rw::test::saying("view_as: the other tensor"));
}

BOOST_AUTO_TEST_CASE(pieces_and_diagonals) {
  const Tensor x = randn({2, 4, 6}), m = randn({3, 3});
  BOOST_TEST(same(x.tensor_split(4, 2), tensor_split(x, 4, 2)));
  BOOST_TEST(same(x.tensor_split({1, 3}, 1), tensor_split(x, std::vector<int64_t>{1, 3}, 1)));
  BOOST_TEST(same(x.hsplit(2), hsplit(x, 2)));
  BOOST_TEST(same(x.vsplit(2), vsplit(x, 2)));
  BOOST_TEST(same(x.dsplit(3), dsplit(x, 3)));
  BOOST_TEST(same(x.split_with_sizes({1, 5}, 2), x.split({1, 5}, 2)));
  BOOST_TEST(equal(m.diag(1), diag(m, 1)));
  BOOST_TEST(equal(m.diag_embed(), diag_embed(m)));
  BOOST_TEST(equal(m.diagflat(), diagflat(m)));
  BOOST_TEST(equal(m.trace(), trace(m)));
  const Tensor d = m.to(float64);
  BOOST_TEST(equal(d.new_zeros({2}), zeros({2}, float64)));
  BOOST_TEST(equal(d.new_ones({2}), ones({2}, float64)));
  BOOST_TEST(equal(d.new_full({2}, 7), full({2}, 7, float64)));
  BOOST_TEST((d.new_empty({2}, {.dtype = int64}).dtype() == int64));
}

BOOST_AUTO_TEST_CASE(products) {
  const Tensor v = randn({3}), w = randn({3}), a = randn({3, 4}), b = randn({4, 3}),
               c = randn({3, 3});
  BOOST_TEST(equal(v.dot(w), dot(v, w)));
  BOOST_TEST(equal(v.vdot(w), vdot(v, w)));
  BOOST_TEST(equal(v.outer(w), outer(v, w)));
  BOOST_TEST(equal(v.ger(w), ger(v, w)));
  BOOST_TEST(equal(b.mv(v), mv(b, v)));
  BOOST_TEST(equal(c.inner(v), inner(c, v)));
  BOOST_TEST(equal(v.cross(w), cross(v, w)));
  BOOST_TEST(equal(a.kron(b), kron(a, b)));
  BOOST_TEST(equal(c.addmm(a, b, 2, 3), addmm(c, a, b, 2, 3)));
  BOOST_TEST(equal(v.addmv(c, w, 2), addmv(v, c, w, 2)));
  BOOST_TEST(equal(c.addr(v, w), addr(c, v, w)));
  const Tensor stacks = randn({2, 3, 3});
  BOOST_TEST(equal(c.addbmm(stacks, stacks), addbmm(c, stacks, stacks)));
  BOOST_TEST(equal(stacks.baddbmm(stacks, stacks), baddbmm(stacks, stacks, stacks)));
}

BOOST_AUTO_TEST_CASE(scattering) {
  const Tensor x = randn({3, 4}), src = randn({3, 4}), index = randint(0, 3, {3, 4});
  const Tensor rows = from<int64_t>({2, 0}), two = randn({2, 4}), mask = x > 0;
  BOOST_TEST(equal(x.scatter(0, index, 7), scatter(x, 0, index, 7)));
  BOOST_TEST(equal(x.scatter_reduce(0, index, src, Reduce::amax),
                   scatter_reduce(x, 0, index, src, Reduce::amax)));
  BOOST_TEST(equal(x.index_fill(0, rows, 2), index_fill(x, 0, rows, 2)));
  BOOST_TEST(equal(x.index_copy(0, rows, two), index_copy(x, 0, rows, two)));
  BOOST_TEST(equal(x.index_reduce(0, rows, two, Reduce::prod),
                   index_reduce(x, 0, rows, two, Reduce::prod)));
  BOOST_TEST(equal(x.index_add(0, rows, two, 3), index_add(x, 0, rows, two, 3)));
  BOOST_TEST(equal(x.take(from<int64_t>({5, 1})), take(x, from<int64_t>({5, 1}))));
  BOOST_TEST(equal(x.take_along_dim(index, 0), take_along_dim(x, index, 0)));
  BOOST_TEST(equal(x.put(rows, ones({2})), put(x, rows, ones({2}))));
  BOOST_TEST(equal(x.masked_scatter(mask, src), masked_scatter(x, mask, src)));
  BOOST_TEST(equal(x.masked_fill(mask, full({}, 2)), masked_fill(x, mask, 2)));
  BOOST_TEST(equal(x.argwhere(), argwhere(x)));
  // In place the same, and the tensor itself comes back.
  const auto in_place = [&](const auto& change, const Tensor& expected) {
    Tensor y = x.clone();
    const bool itself = change(y).is_same(y);
    BOOST_TEST(itself);
    BOOST_TEST(equal(y, expected));
  };
  in_place([&](Tensor& y) -> Tensor& { return y.scatter_(0, index, 7); }, scatter(x, 0, index, 7));
  in_place([&](Tensor& y) -> Tensor& { return y.scatter_add_(0, index, src); },
           scatter_add(x, 0, index, src));
  in_place([&](Tensor& y) -> Tensor& { return y.scatter_reduce_(0, index, src, Reduce::amin); },
           scatter_reduce(x, 0, index, src, Reduce::amin));
  in_place([&](Tensor& y) -> Tensor& { return y.index_fill_(0, rows, 2); },
           index_fill(x, 0, rows, 2));
  in_place([&](Tensor& y) -> Tensor& { return y.index_copy_(0, rows, two); },
           index_copy(x, 0, rows, two));
  in_place([&](Tensor& y) -> Tensor& { return y.index_add_(0, rows, two, 3); },
           index_add(x, 0, rows, two, 3));
  in_place([&](Tensor& y) -> Tensor& { return y.index_reduce_(0, rows, two, Reduce::prod); },
           index_reduce(x, 0, rows, two, Reduce::prod));
  in_place([&](Tensor& y) -> Tensor& { return y.put_(rows, ones({2})); }, put(x, rows, ones({2})));
  in_place([&](Tensor& y) -> Tensor& { return y.masked_scatter_(mask, src); },
           masked_scatter(x, mask, src));
  in_place([&](Tensor& y) -> Tensor& { return y.masked_fill_(mask, full({}, 2)); },
           masked_fill(x, mask, 2));
  Tensor square = zeros({3, 3});
  BOOST_TEST(equal(square.fill_diagonal_(1), eye(3)));
}

BOOST_AUTO_TEST_CASE(samples) {
  const auto seeded = [](const auto& draw) {
    manual_seed(3);
    return draw();
  };
  const Tensor p = rand({4, 5});
  BOOST_TEST(equal(seeded([&] { return p.bernoulli(); }), seeded([&] { return bernoulli(p); })));
  BOOST_TEST(
      equal(seeded([&] { return p.bernoulli(0.3); }), seeded([&] { return bernoulli(p, 0.3); })));
  BOOST_TEST(
      equal(seeded([&] { return p.multinomial(2); }), seeded([&] { return multinomial(p, 2); })));
  Tensor x = zeros({1000});
  BOOST_TEST(x.exponential_(2).mean().item<double>() == 0.5, boost::test_tools::tolerance(0.2));
  BOOST_TEST(x.geometric_(0.5).min().item<double>() == 1);
  BOOST_TEST(std::abs(x.log_normal_(0, 0.1).log().mean().item<double>()) < 0.05);
  BOOST_TEST(x.cauchy_(3, 0.5).median().item<double>() == 3, boost::test_tools::tolerance(0.1));
  BOOST_TEST(equal(x.bernoulli_(ones({1000})), ones({1000})));
  BOOST_TEST(x.random_(2, 4).min().item<double>() == 2);
  BOOST_TEST(x.random_(2).max().item<double>() == 1);
}

BOOST_AUTO_TEST_CASE(random_numbers_without_bounds_fill_what_the_dtype_holds) {
  const auto spans = [](DType dtype, double most) {
    Tensor x = zeros({4000}, dtype);
    x.random_();
    const double least = x.to(float64).min().item<double>();
    const double largest = x.to(float64).max().item<double>();
    BOOST_TEST(least >= 0);
    BOOST_TEST(least < most / 50);
    BOOST_TEST(largest <= most);
    BOOST_TEST(largest > most * 0.98);
  };
  spans(uint8, 255);
  spans(int8, 127);
  spans(int16, 0x1p15 - 1);
  spans(int32, 0x1p31 - 1);
  spans(int64, 0x1p63);
  spans(float16, 2048);
  spans(bfloat16, 256);
  spans(float32, 0x1p24);
  spans(float64, 0x1p53);
  spans(boolean, 1);
}

BOOST_AUTO_TEST_CASE(random_numbers_in_place_say_what_they_refuse) {
  Tensor x = zeros({3});
  BOOST_CHECK_EXCEPTION(x.random_(0), Error, saying("random_: expected low < high, got 0 and 0"));
  BOOST_CHECK_EXCEPTION(x.bernoulli_(ones({2})), Error, saying("bernoulli_: "));
  BOOST_CHECK_EXCEPTION(x.bernoulli_(ones({2, 3})), Error,
                        saying("bernoulli_: expected probabilities that broadcast to [3], got"));
  BOOST_CHECK_EXCEPTION(x.random_(4, 2), Error,
                        saying("random_: expected low < high, got 4 and 2"));
}

BOOST_AUTO_TEST_CASE(order_and_statistics) {
  const Tensor x = randn({3, 5}), counts = randint(0, 4, {6});
  BOOST_TEST(same(x.sort(0, true), sort(x, 0, true)));
  BOOST_TEST(equal(x.argsort(0), argsort(x, 0)));
  BOOST_TEST(equal(x.msort(), msort(x)));
  BOOST_TEST(same(x.topk(2), topk(x, 2)));
  BOOST_TEST(same(x.kthvalue(2), kthvalue(x, 2)));
  BOOST_TEST(equal(x.median(), median(x)));
  BOOST_TEST(same(x.median(1), median(x, 1)));
  BOOST_TEST(equal(x.nanmedian(), nanmedian(x)));
  BOOST_TEST(same(x.nanmedian(1), nanmedian(x, 1)));
  BOOST_TEST(same(x.mode(0), mode(x, 0)));
  BOOST_TEST(equal(x.cumsum(0, float64), cumsum(x, 0, float64)));
  BOOST_TEST(equal(x.cumprod(1), cumprod(x, 1)));
  BOOST_TEST(same(x.cummax(1), cummax(x, 1)));
  BOOST_TEST(same(x.cummin(1), cummin(x, 1)));
  BOOST_TEST(equal(x.logcumsumexp(1), logcumsumexp(x, 1)));
  BOOST_TEST(equal(x.sum(0, false, float64), sum(x, 0, false, float64)));
  BOOST_TEST(equal(x.mean(0, false, float64), mean(x, 0, false, float64)));
  BOOST_TEST(equal(x.prod(0, false, float64), prod(x, 0, false, float64)));
  BOOST_TEST(same(x.aminmax(1), aminmax(x, 1)));
  BOOST_TEST(equal(x.nansum(1), nansum(x, 1)));
  BOOST_TEST(equal(x.nanmean(1), nanmean(x, 1)));
  BOOST_TEST(equal(x.count_nonzero(1), count_nonzero(x, 1)));
  BOOST_TEST(equal(x.corrcoef(), corrcoef(x)));
  BOOST_TEST(equal(x.norm(1, 0), norm(x, 1, 0)));
  BOOST_TEST(equal(x.dist(x * 2, 3), dist(x, x * 2, 3)));
  BOOST_TEST(equal(x.renorm(2, 0, 1), renorm(x, 2, 0, 1)));
  BOOST_TEST(equal(x.diff(2, 0), diff(x, 2, 0)));
  BOOST_TEST(equal(x.diff(1, 1, x, x), diff(x, 1, 1, x, x)));
  BOOST_TEST(equal(x.histc(4, -1, 1), histc(x, 4, -1, 1)));
  BOOST_TEST(equal(counts.bincount(), bincount(counts)));
  BOOST_TEST(equal(counts.bincount(ones({6}), 7), bincount(counts, ones({6}), 7)));
}

BOOST_AUTO_TEST_CASE(linear_algebra) {
  const Tensor a = randn({3, 3}, float64) + eye(3, float64) * 3, b = randn({3, 2}, float64);
  const Tensor positive = a.mm(a.t()), l = linalg::cholesky(positive);
  BOOST_TEST(equal(a.inverse(), inverse(a)));
  BOOST_TEST(equal(a.det(), det(a)));
  BOOST_TEST(equal(positive.logdet(), logdet(positive)));
  BOOST_TEST(same(a.slogdet(), slogdet(a)));
  BOOST_TEST(equal(b.pinverse(), pinverse(b)));
  BOOST_TEST(equal(a.matrix_power(3), matrix_power(a, 3)));
  BOOST_TEST(equal(a.matrix_exp(), matrix_exp(a)));
  BOOST_TEST(equal(std::get<1>(a.svd()), std::get<1>(svd(a))));
  BOOST_TEST(equal(b.cholesky_solve(l), cholesky_solve(b, l)));
  BOOST_TEST(equal(l.cholesky_inverse(), cholesky_inverse(l)));
  const auto [lu, pivots] = linalg::lu_factor(a);
  BOOST_TEST(equal(b.lu_solve(lu, pivots), lu_solve(b, lu, pivots)));
  BOOST_TEST(same(b.triangular_solve(l, false), triangular_solve(b, l, false)));
}

BOOST_AUTO_TEST_SUITE_END()
