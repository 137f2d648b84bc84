// Whatever user code that runs inside backward drops, clears or starts: nothing is used after it is
// gone, and nothing waits for itself.

#include <optional>

#include "../check.h"

using namespace rw;
using namespace rw::test;

namespace {

// A graph all of whose handles a hook can drop.
struct Graph {
  std::optional<Tensor> leaf = random_leaf({3});
  std::vector<Tensor> middle, outputs, seeds;

  Graph() {
    middle = {*leaf * 2, *leaf * *leaf};
    outputs = {(middle[0] * middle[1]).sum(), (middle[0] + middle[1]).exp()};
    seeds = {Tensor(), ones({3}, float64)};
  }
  void drop() {
    leaf.reset();
    for (auto* v : {&middle, &outputs, &seeds}) {
      v->clear();
      v->shrink_to_fit();
    }
    // What a freed node would be found to be.
    for (int i = 0; i < 100; ++i) static_cast<void>(random_leaf({3}) * i);
  }
};

// Drops everything from each kind of hook in turn, at each place of the graph.
const std::function<void(Graph&)> hooks[] = {
    [](Graph& g) {
      register_hook(g.outputs[1], [&](const Tensor&) { return g.drop(), Tensor(); });
    },
    [](Graph& g) { register_hook(g.middle[0], [&](const Tensor&) { return g.drop(), Tensor(); }); },
    [](Graph& g) { register_hook(*g.leaf, [&](const Tensor&) { return g.drop(), Tensor(); }); },
    [](Graph& g) { register_node_prehook(g.outputs[0], [&](std::span<Tensor>) { g.drop(); }); },
    [](Graph& g) {
      register_node_hook(g.middle[1],
                         [&](std::span<Tensor>, std::span<const Tensor>) { g.drop(); });
    },
    [](Graph& g) { register_post_accumulate_grad_hook(*g.leaf, [&](Tensor&) { g.drop(); }); },
};

}  // namespace

BOOST_AUTO_TEST_SUITE(hooks_may)

BOOST_AUTO_TEST_CASE(drop_the_graph_during_backward) {
  for (const auto& add : hooks)
    for (const bool retain : {false, true}) {
      Graph g;
      const Tensor leaf = *g.leaf;
      const Tensor expected = [&] {
        Graph same;
        same.leaf = leaf.clone().detach().requires_grad_();
        same.middle = {*same.leaf * 2, *same.leaf * *same.leaf};
        ((same.middle[0] * same.middle[1]).sum() + (same.middle[0] + same.middle[1]).exp().sum())
            .backward();
        return same.leaf->grad();
      }();
      add(g);
      backward(g.outputs, g.seeds, retain);
      BOOST_TEST(g.outputs.empty());
      BOOST_TEST(relative_error(leaf.grad(), expected) < 1e-12);
    }
}

BOOST_AUTO_TEST_CASE(drop_the_only_handles_during_backward) {
  for (const auto& add : hooks) {
    Graph g;
    add(g);
    backward(g.outputs, g.seeds);
    BOOST_TEST(g.outputs.empty());
  }
}

BOOST_AUTO_TEST_CASE(drop_what_grad_was_asked_for) {
  for (const auto& add : hooks)
    for (const bool create : {false, true}) {
      Graph g;
      add(g);
      std::vector<Tensor> inputs{g.middle[0], *g.leaf, g.middle[1]};
      register_hook(g.outputs[0], [&](const Tensor&) {
        inputs.clear();
        inputs.shrink_to_fit();
        return Tensor();
      });
      const std::vector<Tensor> found = grad(g.outputs, inputs, g.seeds, create, create);
      BOOST_TEST(found.size() == 3);
      for (const Tensor& t : found) BOOST_TEST(t.shape().numel() == 3);
    }
}

BOOST_AUTO_TEST_CASE(drop_the_tensor_that_backward_was_called_on) {
  Tensor y = (random_leaf({3}) * 2).sum();
  register_hook(y, [&](const Tensor&) { return y = Tensor(), Tensor(); });
  y.backward();
  BOOST_TEST(!y.defined());
}

BOOST_AUTO_TEST_CASE(remove_themselves_and_each_other) {
  const Tensor x = random_leaf({3}), y = x * 2;
  int calls = 0;
  HookHandle first, second, third;
  first = register_hook(y, [&](const Tensor&) {
    ++calls;
    first.remove();
    second.remove();
    third = register_hook(y, [&](const Tensor&) { return calls += 100, Tensor(); });
    return Tensor();
  });
  second = register_hook(y, [&](const Tensor&) { return calls += 10, Tensor(); });
  const Tensor sum = y.sum();
  sum.backward({}, true);
  BOOST_TEST(calls == 1);
  sum.backward({}, true);
  BOOST_TEST(calls == 101);

  HookHandle after;
  after = register_post_accumulate_grad_hook(x, [&](Tensor& g) {
    after.remove();
    g = Tensor();
  });
  sum.backward({}, true);
  BOOST_TEST(!x.grad().defined());
  sum.backward();
  BOOST_TEST(x.grad().defined());
}

BOOST_AUTO_TEST_CASE(run_backward) {
  const Tensor x = random_leaf({3}), y = x * 2, sum = y.sum();
  int depth = 0;
  register_hook(y, [&](const Tensor&) {
    if (++depth < 3) sum.backward({}, true);
    return Tensor();
  });
  sum.backward({}, true);
  BOOST_TEST(depth == 3);
  BOOST_TEST(x.grad().sum().item() == 18);

  const Tensor w = random_leaf({3}).detach().requires_grad_();
  int calls = 0;
  register_post_accumulate_grad_hook(w, [&](Tensor&) {
    const enable_grad recording;
    if (++calls < 3) (w * 2).sum().backward();
  });
  (w * 2).sum().backward();
  BOOST_TEST(calls == 3);
  BOOST_TEST(w.grad().sum().item() >= 6);
}

BOOST_AUTO_TEST_CASE(throw_and_leave_the_graph_as_it_was) {
  const Tensor x = random_leaf({3}), y = x * x, sum = y.sum();
  HookHandle handle = register_hook(y, [](const Tensor&) -> Tensor { throw Error("no"); });
  BOOST_CHECK_THROW(sum.backward({}, true), Error);
  BOOST_CHECK_THROW(grad({sum}, {x}, {}, true), Error);
  handle.remove();
  sum.backward();
  BOOST_TEST(relative_error(x.grad(), x.detach() * 2) < 1e-12);
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(functions_may_clear_the_callers_vectors)

BOOST_AUTO_TEST_CASE(of_gradchecks) {
  const Tensor x = random_leaf({3}), w = random_leaf({3});
  for (const auto check :
       {static_cast<GradcheckResult (*)(const TensorFunction&, const std::vector<Tensor>&,
                                        const GradcheckOptions&)>(gradcheck),
        static_cast<GradcheckResult (*)(const TensorFunction&, const std::vector<Tensor>&,
                                        const GradcheckOptions&)>(gradgradcheck)}) {
    std::vector<Tensor> inputs{x, w};
    const TensorFunction f = [&](const std::vector<Tensor>& in) {
      const std::vector<Tensor> out{in[0] * in[0] * in[1]};
      inputs.clear();
      inputs.shrink_to_fit();
      return out;
    };
    const GradcheckResult result = check(f, inputs, {});
    BOOST_TEST(result.ok, result.message);
  }
}

BOOST_AUTO_TEST_CASE(of_transforms) {
  const Tensor x = random_leaf({3});
  std::vector<Tensor> inputs, vectors;
  const auto fill = [&] {
    inputs = {x};
    vectors = {ones({3}, float64)};
  };
  const auto f = [&](const std::vector<Tensor>& in) {
    std::vector<Tensor> out{in[0] * in[0]};
    for (auto* v : {&inputs, &vectors}) {
      v->clear();
      v->shrink_to_fit();
    }
    return out;
  };
  const auto total = [&](const std::vector<Tensor>& in) { return f(in)[0].sum(); };
  const Tensor twice = x.detach() * 2;
  fill();
  BOOST_TEST(relative_error(vjp(f, inputs, vectors).second[0], twice) < 1e-12);
  fill();
  BOOST_TEST(relative_error(jvp(f, inputs, vectors).second[0], twice) < 1e-12);
  fill();
  BOOST_TEST(hvp(total, inputs, vectors).second[0].sum().item() == 6);
  fill();
  BOOST_TEST(jacobian(f, inputs)[0][0].shape().numel() == 9);
  fill();
  BOOST_TEST(hessian(total, inputs)[0][0].sum().item() == 6);
  fill();
  BOOST_TEST(relative_error(grad(total)(inputs)[0], twice) < 1e-12);
}

BOOST_AUTO_TEST_CASE(of_checkpoints) {
  const Tensor x = random_leaf({3});
  std::vector<Tensor> inputs{x};
  const auto f = [&](const std::vector<Tensor>& in) {
    const Tensor own = in[0];
    inputs.clear();
    inputs.shrink_to_fit();
    return std::vector<Tensor>{(own * own).exp()};
  };
  checkpoint(f, inputs)[0].sum().backward();
  BOOST_TEST(relative_error(x.grad(), x.detach() * 2 * (x.detach() * x.detach()).exp()) < 1e-12);
}

BOOST_AUTO_TEST_SUITE_END()
