// Gradients of rows, from embeddings to leaves.

#include <rewind/nn/utils.h>
#include <rewind/tensor/sparse_rows.h>
#include <rewind/wrappers/checkpoint.h>

#include "../check.h"

using namespace rw;
using namespace rw::test;
using boost::test_tools::per_element;

namespace {

Tensor table() { return arange(0, 12, float64).view({4, 3}).requires_grad_(); }
const Tensor ids = from<int64_t>({2, 0, 2});

Tensor looked_up(const Tensor& w, const Tensor& at = ids) {
  return embedding(at, w, {.sparse = true});
}

void check_rows(const Tensor& w, const std::vector<int64_t>& indices, const Tensor& values) {
  const SparseRows rows = w.sparse_grad();
  BOOST_TEST_REQUIRE(rows.defined());
  BOOST_TEST(rows.indices.to_vector<int64_t>() == indices, per_element());
  BOOST_TEST(equal(rows.values, values));
  BOOST_TEST((rows.shape() == w.shape()));
}

}  // namespace

BOOST_AUTO_TEST_SUITE(sparse_rows)

BOOST_AUTO_TEST_CASE(of_an_embedding) {
  const Tensor w = table();
  BOOST_TEST(!w.sparse_grad().defined());
  const Tensor g = randn({3, 3}, float64);
  looked_up(w).backward(g);
  check_rows(w, {2, 0, 2}, g);
  BOOST_TEST(!w.sparse_grad().is_coalesced);

  const SparseRows each = w.sparse_grad().coalesce();
  BOOST_TEST(each.is_coalesced);
  BOOST_TEST(each.indices.to_vector<int64_t>() == std::vector<int64_t>({0, 2}), per_element());
  BOOST_TEST(allclose(each.values, stack({g.select(0, 1), g.select(0, 0) + g.select(0, 2)})));
  BOOST_TEST(each.coalesce().values.is_same(each.values));

  const Tensor dense = w.detach().clone().requires_grad_();
  embedding(ids, dense).backward(g);
  BOOST_TEST(allclose(w.sparse_grad().to_dense(), dense.grad()));
  BOOST_TEST(allclose(each.to_dense(), dense.grad()));
}

BOOST_AUTO_TEST_CASE(of_bags) {
  const Tensor entries = from<int64_t>({1, 3, 1, 0}), first = from<int64_t>({0, 3});
  for (const bool weighed : {false, true}) {
    const Tensor w = table(), dense = w.detach().clone().requires_grad_();
    const Tensor each = weighed ? from<double>({2, 3, 4, 5}).requires_grad_() : Tensor();
    const BagMode mode = weighed ? BagMode::sum : BagMode::mean;
    const auto run = [&](const Tensor& t, bool sparse) {
      embedding_bag(entries, t, first, {.mode = mode, .sparse = sparse, .padding_idx = 0}, each)
          .square()
          .sum()
          .backward();
    };
    run(w, true);
    const Tensor of_each = weighed ? each.grad().clone() : Tensor();
    if (weighed) each.set_grad({});
    run(dense, false);
    BOOST_TEST(w.sparse_grad().indices.to_vector<int64_t>() == std::vector<int64_t>({1, 3, 1}),
               per_element());
    BOOST_TEST(allclose(w.sparse_grad().to_dense(), dense.grad()));
    if (weighed) BOOST_TEST(allclose(of_each, each.grad()));
  }
}

BOOST_AUTO_TEST_CASE(padding_and_other_types) {
  const Tensor w = table();
  embedding(from<int64_t>({1, 2, 1}), w, {.padding_idx = 1, .sparse = true}).sum().backward();
  check_rows(w, {2}, ones({1, 3}, float64));
  Tensor half = ones({3, 2}, bfloat16).requires_grad_();
  embedding(full({500}, 1, int32), half, {.sparse = true}).sum().backward();
  const SparseRows each = half.sparse_grad().coalesce();
  BOOST_TEST((each.values.dtype() == bfloat16));
  BOOST_TEST(each.values.select(1, 0).item<double>() == 500);
  half.set_data(half.detach().to(float32));
  BOOST_TEST((half.sparse_grad().values.dtype() == float32));
  half.set_data(zeros({5}));
  BOOST_TEST(!half.sparse_grad().defined());
}

BOOST_AUTO_TEST_CASE(none) {
  const Tensor w = table();
  looked_up(w, zeros({0}, int64)).sum().backward();
  BOOST_TEST(w.sparse_grad().defined());
  BOOST_TEST(w.sparse_grad().indices.numel() == 0);
  BOOST_TEST((w.sparse_grad().coalesce().values.shape() == Shape{0, 3}));
  BOOST_TEST(equal(w.sparse_grad().to_dense(), zeros({4, 3}, float64)));
}

BOOST_AUTO_TEST_CASE(gathers) {
  const Tensor w = table(), one = ones({3}, float64);
  // Within a pass, and over passes.
  (looked_up(w, from<int64_t>({1})) + looked_up(w, from<int64_t>({3}))).sum().backward();
  looked_up(w, from<int64_t>({0})).sum().backward();
  BOOST_TEST(w.sparse_grad().indices.numel() == 3);
  BOOST_TEST(allclose(w.sparse_grad().to_dense(), from<double>({1, 1, 0, 1}).unsqueeze(1) * one));
  // With a dense one, in either order and in one pass: dense.
  const Tensor expected = full({4, 3}, 2., float64) + w.sparse_grad().to_dense();
  (w * 2).sum().backward();
  BOOST_TEST(!w.sparse_grad().defined());
  BOOST_TEST(allclose(w.grad(), expected));
  const Tensor held = w.grad();  // which a user holds does not change
  looked_up(w).sum().backward();
  BOOST_TEST(allclose(held, expected));
  BOOST_TEST(allclose(w.grad(), expected + from<double>({1, 0, 2, 0}).unsqueeze(1)));
  w.set_grad({});
  ((w * 2).sum() + looked_up(w).sum()).backward();
  BOOST_TEST(allclose(w.grad(), from<double>({3, 2, 4, 2}).unsqueeze(1) * one));
  w.set_grad({});
  BOOST_TEST(!w.grad().defined());
}

BOOST_AUTO_TEST_CASE(what_is_given_stays) {
  // The indices belong to the user, and so does the gradient.
  const Tensor w = table();
  Tensor at = ids.clone(), g = ones({3, 3}, float64);
  looked_up(w, at).backward(g);
  at.fill_(0);
  g.fill_(7);
  check_rows(w, {2, 0, 2}, ones({3, 3}, float64));
}

BOOST_AUTO_TEST_CASE(set_by_hand) {
  const Tensor w = table();
  w.set_sparse_grad({ids, ones({3, 3}, float64), 4});
  BOOST_TEST(w.sparse_grad().indices.numel() == 3);
  w.set_sparse_grad({});
  BOOST_TEST(!w.sparse_grad().defined());
  const auto refused = [&](const SparseRows& rows, const std::string& text) {
    BOOST_CHECK_EXCEPTION(w.set_sparse_grad(rows), Error, saying(text));
  };
  refused({ids, ones({2, 3}, float64), 4}, "set_sparse_grad: expected rows of a tensor of shape");
  refused({ids, ones({3, 3}, float64), 5}, "set_sparse_grad: expected rows of a tensor of shape");
  refused({ids, ones({3, 3}), 4}, "set_sparse_grad: expected values of float64, got float32");
  refused({from<int64_t>({4}), ones({1, 3}, float64), 4},
          "set_sparse_grad: index 4 is out of range for 4 rows");
  refused({ids, ones({3, 3}, float64), 4, true}, "set_sparse_grad: expected ascending indices");
  refused({ids.to(int32), ones({3, 3}, float64), 4},
          "set_sparse_grad: expected a vector of int64 indices");
  const SparseRows beyond{from<int64_t>({0, 4}), ones({2, 3}, float64), 4};
  BOOST_CHECK_EXCEPTION(beyond.to_dense(), IndexError,
                        saying("SparseRows: expected indices of 4 rows, got 0 to 4"));
  BOOST_CHECK_EXCEPTION(beyond.coalesce(), IndexError, saying("SparseRows"));
  BOOST_CHECK_EXCEPTION((SparseRows{ids, ones({2, 3}), 4}.to_dense()), ShapeError,
                        saying("SparseRows: expected a vector of indices and as many values"));
  BOOST_CHECK_EXCEPTION(ones({2, 2}).set_sparse_grad({}), AutogradError,
                        saying("set_sparse_grad: only a leaf that requires grad"));
}

BOOST_AUTO_TEST_CASE(refusals) {
  const Tensor w = table();
  BOOST_CHECK_EXCEPTION(looked_up(w * 2), AutogradError,
                        saying("embedding: expected a leaf as the weight with sparse = true, got a "
                               "result of 'mul'"));
  BOOST_CHECK_EXCEPTION(embedding(ids, w, {.scale_grad_by_freq = true, .sparse = true}), Error,
                        saying("embedding: expected scale_grad_by_freq = false with sparse"));
  BOOST_CHECK_EXCEPTION(grad({looked_up(w).sum()}, {w}), AutogradError,
                        saying("grad: the gradient of 'embedding' for its weight is one of rows"));
  BOOST_CHECK_EXCEPTION(looked_up(w).sum().backward({}, false, true), AutogradError,
                        saying("can't be differentiated again; take sparse = false"));
  BOOST_CHECK_EXCEPTION(gradcheck([](const Tensor& t) { return looked_up(t); }, w), AutogradError,
                        saying("is one of rows (sparse = true)"));
  BOOST_TEST(!w.sparse_grad().defined());
  looked_up(w).sum().backward();
  BOOST_CHECK_EXCEPTION(w.grad(), AutogradError,
                        saying("grad: the gradient of shape [4, 3] is one of rows, of an embedding "
                               "with sparse = true: read sparse_grad(), or its to_dense()"));
}

BOOST_AUTO_TEST_CASE(other_gradients_of_the_same_graph) {
  // grad() of what is not the table does not ask for its rows.
  const Tensor w = table(), x = ones({3}, float64).requires_grad_();
  const Tensor loss = (looked_up(w) * x).sum();
  BOOST_TEST(allclose(grad({loss}, {x})[0], from<double>({12, 15, 18})));
  BOOST_TEST(!w.sparse_grad().defined());
}

BOOST_AUTO_TEST_CASE(hooks) {
  const Tensor w = table(), x = ones({3}, float64).requires_grad_();
  HookHandle hook = register_hook(w, [](const Tensor& g) { return g; });
  BOOST_CHECK_EXCEPTION((looked_up(w) * x).sum().backward(), AutogradError,
                        saying("a hook of a leaf of shape [4, 3] can't see its gradient"));
  BOOST_TEST(!x.grad().defined());
  hook.remove();
  HookHandle after = register_post_accumulate_grad_hook(w, [](Tensor&) {});
  BOOST_CHECK_EXCEPTION(looked_up(w).sum().backward(), AutogradError, saying("hook"));
  after.remove();
  const Tensor y = looked_up(w);
  int calls = 0;
  register_hook(y, [&](const Tensor& g) {
    ++calls;
    return g * 2;
  });
  y.sum().backward();
  BOOST_TEST(calls == 1);
  BOOST_TEST(equal(w.sparse_grad().values, full({3, 3}, 2., float64)));
}

BOOST_AUTO_TEST_CASE(anomalies) {
  const Tensor w = table();
  const detect_anomaly guard;
  const Tensor y = looked_up(w);
  BOOST_CHECK_EXCEPTION(y.backward(full({3, 3}, NAN, float64)), AutogradError,
                        saying("detect_anomaly"));
}

BOOST_AUTO_TEST_CASE(checkpoints) {
  const Tensor w = table();
  const auto f = [](const std::vector<Tensor>& in) {
    return std::vector<Tensor>{looked_up(in[0]).square()};
  };
  checkpoint(f, {w})[0].sum().backward();
  BOOST_TEST(allclose(w.sparse_grad().to_dense().select(0, 2),
                      w.detach().select(0, 2) * from<double>({4}).squeeze()));
}

BOOST_AUTO_TEST_CASE(clipping) {
  const Tensor w = table(), b = ones({2}, float64).requires_grad_();
  const Tensor dense = w.detach().clone().requires_grad_(), c = ones({2}, float64).requires_grad_();
  const auto backward = [](const Tensor& t, const Tensor& other, bool sparse) {
    (embedding(ids, t, {.sparse = sparse}).square().sum() + other.sum()).backward();
  };
  backward(w, b, true);
  backward(dense, c, false);
  const double norm = nn::utils::clip_grad_norm_({w, b}, 1);
  BOOST_TEST(norm == nn::utils::clip_grad_norm_({dense, c}, 1),
             boost::test_tools::tolerance(1e-12));
  BOOST_TEST(allclose(w.sparse_grad().to_dense(), dense.grad()));
  BOOST_TEST(allclose(b.grad(), c.grad()));
  nn::utils::clip_grad_value_({w}, 0.1);
  nn::utils::clip_grad_value_({dense}, 0.1);
  BOOST_TEST(w.sparse_grad().is_coalesced);
  BOOST_TEST(allclose(w.sparse_grad().to_dense(), dense.grad()));
}

BOOST_AUTO_TEST_CASE(reports) {
  const Tensor w = table();
  looked_up(w).sum().backward();
  const GradReport report = grad_report({{"table", w}});
  BOOST_TEST(report.rows[0].arrived);
  BOOST_TEST(report.rows[0].max_abs == 2);
  BOOST_TEST(report.rows[0].zeros == 0.5);
}

BOOST_AUTO_TEST_SUITE_END()
