#include <cmath>
#include <limits>

#include <rewind/ops/attention.h>
#include <rewind/testing/gradcheck.h>

#include "../check.h"

using namespace rw;
using namespace rw::test;

BOOST_AUTO_TEST_SUITE(attention)

namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();

double distance(const Tensor& a, const Tensor& b) {
  if (a.numel() == 0) return a.shape() == b.shape() ? 0 : infinity;
  return (a.to(float64) - b.to(float64)).abs().max().item<double>();
}

struct Heads {
  Tensor q, k, v, g;

  Heads(const Shape& batch, int64_t queries, int64_t keys, int64_t width, int64_t value_width) {
    const auto make = [&](int64_t rows, int64_t columns) {
      Shape shape = batch;
      shape.push_back(rows);
      shape.push_back(columns);
      return randn(shape, float64);
    };
    q = make(queries, width), k = make(keys, width), v = make(keys, value_width);
    g = make(queries, value_width);
  }
  Heads in(DType dtype) const {
    Heads h = *this;
    h.q = q.to(dtype), h.k = k.to(dtype), h.v = v.to(dtype), h.g = g.to(dtype);
    return h;
  }
};

// The result and the gradients of q, k and v.
template <class F>
std::vector<Tensor> run(const Heads& h, const F& f) {
  const Tensor q = h.q.detach().requires_grad_(), k = h.k.detach().requires_grad_(),
               v = h.v.detach().requires_grad_();
  const Tensor y = f(q, k, v);
  std::vector<Tensor> all = grad({y}, {q, k, v}, std::vector<Tensor>{h.g});
  all.push_back(y.detach());
  return all;
}
std::vector<Tensor> by_blocks(const Heads& h, const AttentionOptions& options = {}) {
  return run(h, [&](const Tensor& q, const Tensor& k, const Tensor& v) {
    return scaled_dot_product_attention(q, k, v, options);
  });
}
std::vector<Tensor> by_definition(const Heads& h, const AttentionOptions& options = {}) {
  return run(h, [&](const Tensor& q, const Tensor& k, const Tensor& v) {
    Tensor s = matmul(q, k.transpose(-2, -1)) / std::sqrt(static_cast<double>(q.size(-1)));
    Tensor seen = options.attn_mask;
    if (options.is_causal) seen = ones({q.size(-2), k.size(-2)}, boolean).tril();
    if (seen.defined()) s = s.masked_fill(seen.logical_not(), -infinity);
    return matmul(softmax(s, -1), v);
  });
}

void check_near(const std::vector<Tensor>& a, const std::vector<Tensor>& b, double tolerance) {
  for (size_t i = 0; i < a.size(); ++i)
    BOOST_TEST(distance(a[i], b[i]) <= tolerance, "number " << i << ": " << distance(a[i], b[i]));
}

}  // namespace

// Blocks are of 128 queries and keys, and vectors of up to 16.
BOOST_AUTO_TEST_CASE(lengths_around_blocks) {
  manual_seed(1);
  for (const int64_t n : {1, 3, 16, 17, 127, 128, 129, 255, 257})
    for (const int64_t m : {1, 31, 128, 130}) {
      const Heads h({2}, n, m, 9, 5);
      for (const bool causal : {false, true})
        BOOST_TEST_CONTEXT(n << " queries, " << m << " keys, causal " << causal) {
          const AttentionOptions options = {.is_causal = causal};
          const auto expected = by_definition(h, options);
          check_near(by_blocks(h, options), expected, 1e-12);
          check_near(by_blocks(h.in(float32), options), expected, 2e-5);
        }
    }
}

// Each number within a few steps of the dtype, of the greatest there is.
void check_rounded(const Heads& h, DType dtype, const AttentionOptions& options, double steps = 4) {
  const Heads rounded = h.in(dtype);
  const auto expected = by_definition(rounded.in(float64), options);
  const auto got = by_blocks(rounded, options);
  const double eps = dtype == bfloat16 ? 0x1p-8 : 0x1p-11;
  for (size_t i = 0; i < got.size(); ++i) {
    BOOST_TEST(got[i].dtype() == dtype);
    const double most = expected[i].abs().max().item<double>();
    BOOST_TEST(distance(got[i], expected[i]) <= steps * eps * most + 1e-5);
  }
}

BOOST_AUTO_TEST_CASE(reduced_dtypes_round_once) {
  manual_seed(2);
  const Heads h({2, 2}, 130, 140, 33, 20);
  for (const DType dtype : {bfloat16, float16})
    for (const bool causal : {false, true}) check_rounded(h, dtype, {.is_causal = causal});
}

BOOST_AUTO_TEST_CASE(reduced_dtypes_of_many_sizes) {
  manual_seed(12);
  for (const int64_t n : {2, 17, 128, 257})
    for (const int64_t m : {1, 31, 130, 300})
      for (const int64_t width : {1, 16, 35, 64})
        BOOST_TEST_CONTEXT(n << " queries, " << m << " keys, width " << width) {
          const Heads h({2}, n, m, width, width + 3);
          check_rounded(h, bfloat16, {.is_causal = n > m}, 12);
          if (m > 16) check_rounded(h, bfloat16, {.attn_mask = rand({n, m}) < 0.7}, 12);
        }
}

// An infinite key that no query weighs leaves all others alone.
BOOST_AUTO_TEST_CASE(infinite_keys_of_reduced_dtypes) {
  manual_seed(13);
  Heads h({}, 40, 50, 16, 16);
  h.q = h.q.abs();
  h.k.select(0, 49).fill_(-infinity);
  const auto all = by_blocks(h.in(bfloat16));
  const Tensor dv = all[2], y = all[3];
  BOOST_TEST(isfinite(y).all().item<bool>());
  BOOST_TEST(isfinite(dv).all().item<bool>());
  BOOST_TEST(dv.select(0, 49).abs().max().item<double>() == 0);
}

BOOST_AUTO_TEST_CASE(masks_of_any_order) {
  manual_seed(3);
  const Heads h({2, 3}, 140, 133, 8, 8);
  for (const Tensor& mask : {rand({140, 133}), rand({133, 140}).t(), rand({2, 1, 140, 133}),
                             rand({3, 1, 133}), rand({140, 1})}) {
    Tensor flags = gt(mask, 0.3);
    if (flags.size(-1) > 1)
      flags.select(-1, 0).fill_(1);  // no query without keys
    else
      flags.fill_(1);
    check_near(by_blocks(h, {.attn_mask = flags}), by_definition(h, {.attn_mask = flags}), 1e-12);
    const Tensor numbers =
        zeros(flags.shape(), float64).masked_fill(flags.logical_not(), -infinity);
    check_near(by_blocks(h, {.attn_mask = numbers}), by_definition(h, {.attn_mask = flags}), 1e-12);
  }
}

BOOST_AUTO_TEST_CASE(queries_without_keys) {
  manual_seed(4);
  const Heads h({2}, 130, 129, 4, 4);
  Tensor mask = ones({130, 129}, boolean);
  mask.select(0, 7).fill_(0);
  const auto got = by_blocks(h, {.attn_mask = mask});
  BOOST_TEST(!isnan(got[0]).any().item<bool>());
  BOOST_TEST(distance(got[3].select(1, 7), zeros({2, 4})) == 0);
  BOOST_TEST(distance(got[0].select(1, 7), zeros({2, 4})) == 0);
  const Tensor nan = full({2, 1, 4}, std::numeric_limits<double>::quiet_NaN(), float64);
  Heads with_nan = h;
  with_nan.q = cat({h.q.narrow(1, 0, 129), nan}, 1);
  BOOST_TEST(isnan(by_blocks(with_nan)[3].select(1, 129)).all().item<bool>());
  BOOST_TEST(!isnan(by_blocks(with_nan)[3].select(1, 128)).any().item<bool>());
}

// Large scores overflow nothing.
BOOST_AUTO_TEST_CASE(large_scores) {
  const Heads h({1}, 20, 200, 8, 3);
  Heads large = h;
  large.q = h.q * 1000;
  check_near(by_blocks(large.in(float32)), by_definition(large.in(float32).in(float64)), 2e-2);
  BOOST_TEST(isfinite(by_blocks(large.in(float32))[0]).all().item<bool>());
}

// The weights that dropout leaves are seen by values of a unit matrix.
BOOST_AUTO_TEST_CASE(dropout_of_weights) {
  const int64_t n = 150;
  const Tensor q = zeros({2, n, 4}, float64), values = eye(n, float64).expand({2, n, n});
  manual_seed(5);
  const Tensor w = scaled_dot_product_attention(q, q, values, {.dropout_p = 0.25});
  const Tensor kept = gt(w, 0);
  BOOST_TEST(std::abs(kept.to(float64).mean().item<double>() - 0.75) < 0.01);
  BOOST_TEST(distance(w, kept.to(float64) / (0.75 * static_cast<double>(n))) < 1e-15);
  BOOST_TEST(distance(w.select(0, 0), w.select(0, 1)) > 0);
  BOOST_TEST(distance(w, scaled_dot_product_attention(q, q, values, {.dropout_p = 0.25})) > 0);
  manual_seed(5);
  BOOST_TEST(distance(w, scaled_dot_product_attention(q, q, values, {.dropout_p = 0.25})) == 0);
}

// By blocks and by ordinary ops the same weights are dropped.
BOOST_AUTO_TEST_CASE(gradients_under_dropout) {
  manual_seed(6);
  Heads h({2}, 131, 70, 5, 3);
  const Tensor q = h.q.requires_grad_(), k = h.k.requires_grad_(), v = h.v.requires_grad_();
  const Tensor y = scaled_dot_product_attention(q, k, v, {.dropout_p = 0.6, .is_causal = true});
  const auto blocks = grad({y}, {q, k, v}, std::vector<Tensor>{h.g}, true);
  const auto ops = grad({y}, {q, k, v}, std::vector<Tensor>{h.g}, true, true);
  check_near(blocks, ops, 1e-12);
  BOOST_TEST(ops[0].requires_grad());
}

BOOST_AUTO_TEST_CASE(the_same_on_any_number_of_threads) {
  const int before = get_num_threads();
  manual_seed(7);
  for (const Shape& batch : {Shape{1}, Shape{3, 2}}) {
    const Heads h = Heads(batch, 300, 520, 16, 16).in(float32);
    std::vector<std::vector<Tensor>> all;
    for (const int threads : {1, 2, 3}) {
      set_num_threads(threads);
      manual_seed(8);
      all.push_back(by_blocks(h, {.dropout_p = 0.1, .is_causal = true}));
    }
    for (size_t i = 0; i < 4; ++i)
      BOOST_TEST((equal(all[0][i], all[1][i]) && equal(all[0][i], all[2][i])));
  }
  set_num_threads(before);
}

BOOST_AUTO_TEST_CASE(memory_grows_with_the_length) {
  const auto peak = [](int64_t n) {
    const Heads h = Heads({1, 2}, n, n, 16, 16).in(float32);
    empty_cache();
    reset_peak_memory();
    const int64_t before = memory_stats().current;
    by_blocks(h);
    return static_cast<double>(memory_stats().peak - before);
  };
  const double shorter = peak(512), longer = peak(2048);
  BOOST_TEST(longer < 4.5 * shorter, longer << " bytes in place of " << shorter);
  BOOST_TEST(longer < 0.5 * 2048 * 2048 * 4);
}

// By ordinary ops, where a gradient of the mask or a recorded one is wanted, scores are no more
// rounded than in the kernels.
BOOST_AUTO_TEST_CASE(gradients_by_ops_round_once) {
  manual_seed(9);
  const Heads h({2, 2}, 9, 11, 33, 20);
  const Tensor mask = randn({9, 11}, float64);
  for (const DType dtype : {bfloat16, float16}) {
    const Heads rounded = h.in(dtype);
    const auto gradients = [&](DType computed, bool create_graph) {
      const auto leaf = [&](const Tensor& t) {
        return t.to(dtype).to(computed).detach().clone().requires_grad_();
      };
      const Tensor q = leaf(h.q * 4), k = leaf(h.k), v = leaf(h.v), m = leaf(mask);
      const Tensor y = scaled_dot_product_attention(q, k, v, {.attn_mask = m});
      return grad({y}, {q, k, v, m}, std::vector<Tensor>{rounded.g.to(computed)}, false,
                  create_graph);
    };
    const auto expected = gradients(float64, false);
    const double eps = dtype == bfloat16 ? 0x1p-8 : 0x1p-11;
    for (const bool create_graph : {false, true}) {
      const auto got = gradients(dtype, create_graph);
      for (size_t i = 0; i < got.size(); ++i) {
        BOOST_TEST(got[i].dtype() == dtype);
        BOOST_TEST(distance(got[i], expected[i]) <=
                   4 * eps * expected[i].abs().max().item<double>());
      }
    }
  }
  const auto leaf = [](const Shape& shape, double x) {
    return full(shape, x, {.dtype = float16}).requires_grad_();
  };
  const Tensor q = leaf({2, 64}, 40), k = leaf({3, 64}, 40), v = leaf({3, 4}, 1), m = leaf({3}, 0);
  const Tensor y = scaled_dot_product_attention(q, k, v, {.attn_mask = m, .scale = 1});
  for (const Tensor& g : grad({y.sum()}, {q, k, v, m})) BOOST_TEST(isfinite(g).all().item<bool>());
}

BOOST_AUTO_TEST_CASE(masks_of_float32_are_not_rounded) {
  const float large[] = {1001, 1003, 1000.5f, 1000};
  const Tensor mask = from<float>({large[0], large[1], large[2], large[3]}).view({2, 2});
  const Tensor values = eye(2, bfloat16), expected = softmax(mask, -1);
  for (const int64_t n : {1, 2}) {  // one query goes a way of its own
    const Tensor q = zeros({n, 4}, bfloat16), rows = mask.narrow(0, 0, n);
    const Tensor w =
        scaled_dot_product_attention(q, zeros({2, 4}, bfloat16), values, {.attn_mask = rows});
    BOOST_TEST(distance(w, expected.narrow(0, 0, n)) < 0.003);
  }
  const Tensor m = mask.clone().requires_grad_(), q = zeros({2, 4}, bfloat16);
  const Tensor y = scaled_dot_product_attention(q, q, values, {.attn_mask = m});
  const Tensor g = randn({2, 2});
  const Tensor exact = expected * (g.to(bfloat16).to(float32) -
                                   (expected * g.to(bfloat16).to(float32)).sum({-1}, true));
  const Tensor dm = grad({y}, {m}, std::vector<Tensor>{g.to(bfloat16)})[0];
  BOOST_TEST(dm.dtype() == float32);
  BOOST_TEST(distance(dm, exact) < 1e-5);
  // Finite in float32, but not in float16: all keys are as good as each other.
  const Tensor half = zeros({3, 4}, float16);
  const Tensor even =
      scaled_dot_product_attention(half, half, eye(3, float16), {.attn_mask = full({3, 3}, -1e5)});
  BOOST_TEST(distance(even, full({3, 3}, 1.0 / 3)) < 1e-3);
}

BOOST_AUTO_TEST_CASE(expanded_masks_are_not_copied) {
  manual_seed(10);
  const Heads h({4, 8}, 64, 96, 4, 4);
  for (const Tensor& one :
       {rand({4, 1, 1, 96}), rand({1, 1, 96, 64}).transpose(-2, -1), rand({4, 1, 64, 1})}) {
    const Tensor whole = one.to(float64).expand({4, 8, 64, 96});
    check_near(by_blocks(h, {.attn_mask = whole}), by_blocks(h, {.attn_mask = whole.contiguous()}),
               1e-12);
  }
  const Tensor q = randn({2, 4, 1024, 4});
  const Tensor mask = zeros({2, 1, 1024, 1}).expand({2, 4, 1024, 1024}).transpose(-2, -1);
  empty_cache();
  reset_peak_memory();
  const int64_t before = memory_stats().current;
  scaled_dot_product_attention(q, q, q, {.attn_mask = mask});
  BOOST_TEST(memory_stats().peak - before < static_cast<int64_t>(mask.nbytes()) / 2);
}

BOOST_AUTO_TEST_CASE(no_heads) {
  const auto shape = [](const Tensor& q, const Tensor& k) {
    return scaled_dot_product_attention(q, k, k, {.enable_gqa = true}).shape();
  };
  const Tensor none = randn({2, 0, 3, 4}), some = randn({2, 2, 5, 4}).requires_grad_();
  BOOST_TEST((shape(none, some) == Shape{2, 0, 3, 4}));
  BOOST_TEST((shape(none, randn({2, 0, 5, 4})) == Shape{2, 0, 3, 4}));
  BOOST_CHECK_THROW(shape(randn({2, 4, 3, 4}), randn({2, 0, 5, 4})), ShapeError);
}

// The weights of one query, in the same order as those of several.
BOOST_AUTO_TEST_CASE(dropout_of_one_query) {
  const int64_t n = 75;
  const Tensor q = zeros({3, 1, 4}, float64), k = zeros({3, n, 4}, float64);
  const Tensor v = eye(n, float64).expand({3, n, n}).clone().requires_grad_();
  manual_seed(11);
  const Tensor w = scaled_dot_product_attention(q, k, v, {.dropout_p = 0.4});
  const double kept = gt(w, 0).to(float64).mean().item<double>();
  BOOST_TEST(std::abs(kept - 0.6) < 0.15);
  const Tensor g = randn({3, 1, n}, float64);
  const Tensor dv = grad({w}, {v}, std::vector<Tensor>{g})[0];  // of blocks
  BOOST_TEST(distance(dv, matmul(w.detach().transpose(-2, -1), g)) < 1e-12);
}

BOOST_AUTO_TEST_CASE(autocast_does_not_lower_backward) {
  manual_seed(12);
  const Tensor x = randn({2, 3, 4}).requires_grad_(), mask = randn({3, 3}).requires_grad_();
  const Tensor y = scaled_dot_product_attention(x, x, x, {.attn_mask = mask});
  const auto gradients = [&] { return grad({y.square().sum()}, {x, mask}, {}, true); };
  const auto expected = gradients();
  const autocast guard;
  const auto got = gradients();
  for (size_t i = 0; i < 2; ++i) BOOST_TEST(equal(got[i], expected[i]));
}

BOOST_AUTO_TEST_CASE(autocast_lowers) {
  const autocast guard;
  const Tensor x = randn({2, 3, 4});
  BOOST_TEST(scaled_dot_product_attention(x, x, x).dtype() == bfloat16);
  BOOST_TEST(scaled_dot_product_attention(x, x, x, {.attn_mask = rand({3, 3})}).dtype() ==
             bfloat16);
}

BOOST_AUTO_TEST_CASE(refusals) {
  const Tensor q = randn({2, 4, 3, 4}), k = randn({2, 4, 5, 4});
  const auto refused = [&](const Tensor& a, const Tensor& b, const Tensor& c,
                           const AttentionOptions& options, const char* text) {
    BOOST_CHECK_EXCEPTION(scaled_dot_product_attention(a, b, c, options), Error, saying(text));
  };
  refused(q, {}, k, {}, "scaled_dot_product_attention: the key is undefined");
  refused(q, k.to(float64), k, {}, "of one floating dtype, got float32, float64 and float32");
  refused(q.to(int64), k.to(int64), k.to(int64), {}, "of one floating dtype, got int64");
  refused(q, k, randn({4}), {}, "expected a value of at least 2 dimensions, got shape [4]");
  refused(q, k.narrow(-1, 0, 3), k, {}, "of one size in the last dimension");
  refused(q, k, k.narrow(-2, 0, 3), {}, "expected as many keys as values");
  refused(q, randn({3, 4, 5, 4}), randn({3, 4, 5, 4}), {}, "before the last two dimensions");
  refused(q, k, k, {.attn_mask = ones({3, 5}, int64)}, "expected an attn_mask of bool");
  refused(q, k, k, {.attn_mask = ones({3, 4})}, "broadcasts to the scores' [2, 4, 3, 5]");
  refused(q, k, k, {.attn_mask = ones({3, 5}), .is_causal = true}, "no attn_mask with is_causal");
  refused(q, k, k, {.dropout_p = -0.1}, "expected a dropout_p in [0, 1], got -0.1");
  refused(q, k.narrow(1, 0, 3), k.narrow(1, 0, 3), {.enable_gqa = true},
          "the 4 heads of the query to be a multiple of those of key and value, got 3");
  refused(q, k.narrow(1, 0, 2), k.narrow(1, 0, 2),
          {.attn_mask = ones({3, 3, 5}), .enable_gqa = true},
          "broadcasts to the scores' [2, 4, 3, 5], got shape [3, 3, 5]");
}

BOOST_AUTO_TEST_SUITE_END()
