#include "../check.h"

using namespace rw;
using namespace rw::test;

BOOST_AUTO_TEST_SUITE(hooks)

BOOST_AUTO_TEST_CASE(of_tensors_see_and_replace_gradients) {
  const Tensor x = from<float>({1, 2, 3}).requires_grad_();
  const Tensor y = x * 2;
  std::vector<std::string> order;
  register_hook(y, [&](const Tensor& g) {
    order.push_back("first");
    BOOST_TEST(g.to_vector() == std::vector<float>({3, 3, 3}), boost::test_tools::per_element());
    return g * 10;
  });
  register_hook(y, [&](const Tensor& g) {
    order.push_back("second");
    BOOST_TEST(g[0].item() == 30);
    return Tensor();
  });
  y.retain_grad();
  (y.sum() + y.sum() * 2).backward();
  BOOST_TEST(order == std::vector<std::string>({"first", "second"}),
             boost::test_tools::per_element());
  BOOST_TEST(y.grad()[0].item() == 30);
  BOOST_TEST(x.grad()[0].item() == 60);
}

BOOST_AUTO_TEST_CASE(of_leaves_see_the_whole_gradient) {
  const Tensor x = from<float>({1, 2}).requires_grad_();
  int calls = 0;
  HookHandle handle = register_hook(x, [&](const Tensor& g) {
    ++calls;
    return g / 2;
  });
  const Tensor y = x * x + x;
  y.sum().backward({}, true);
  BOOST_TEST(calls == 1);
  BOOST_TEST(x.grad()[1].item() == 2.5f);
  BOOST_TEST(grad({y.sum()}, {x}, {}, true)[0][1].item() == 2.5f);
  BOOST_TEST(calls == 2);
  handle.remove();
  handle.remove();
  y.sum().backward();
  BOOST_TEST(calls == 2);
  BOOST_TEST(x.grad()[1].item() == 7.5f);
}

BOOST_AUTO_TEST_CASE(may_record_for_second_derivatives) {
  const auto f = [](const std::vector<Tensor>& in) {
    const Tensor y = in[0] * in[0] * in[0];
    register_hook(y, [](const Tensor& g) { return g * 2; });
    return y;
  };
  const Tensor x = from<double>({2}).requires_grad_();
  const Tensor first = grad({f({x})}, {x}, {}, true, true)[0];
  BOOST_TEST(first.item<double>() == 24);
  BOOST_TEST(grad({first}, {x})[0].item<double>() == 24);
}

BOOST_AUTO_TEST_CASE(of_nodes_see_both_sides) {
  const Tensor a = from<float>({2}).requires_grad_(), b = from<float>({5}).requires_grad_();
  const Tensor y = a * b;
  int before = 0, after = 0;
  register_node_prehook(y, [&](std::span<Tensor> grads) {
    ++before;
    grads[0] = grads[0] * 3;
  });
  HookHandle handle = register_node_hook(y, [&](std::span<Tensor> in, std::span<const Tensor> out) {
    ++after;
    BOOST_TEST(in.size() == 2);
    BOOST_TEST(in[0].item() == 15);
    BOOST_TEST(out[0].item() == 3);
    in[1] = in[1] + 1;
  });
  y.backward({}, true);
  BOOST_TEST(a.grad().item() == 15);
  BOOST_TEST(b.grad().item() == 7);
  handle.remove();
  y.backward();
  BOOST_TEST(before == 2);
  BOOST_TEST(after == 1);
}

BOOST_AUTO_TEST_CASE(after_accumulation_may_take_the_gradient_away) {
  const Tensor w = ones({3}).requires_grad_(), data = w.detach();
  std::vector<float> sums;
  register_post_accumulate_grad_hook(w, [&, step = data](Tensor& g) mutable {
    sums.push_back(g.sum().item());
    step.sub_(g * 0.5);
    g = Tensor();
  });
  (w * 2).sum().backward();
  (w * 4).sum().backward();
  BOOST_TEST(sums == std::vector<float>({6, 12}), boost::test_tools::per_element());
  BOOST_TEST(!w.grad().defined());
  BOOST_TEST(data[0].item() == -2);
  // grad() stores nothing in leaves.
  static_cast<void>(grad({(w * w).sum()}, {w}));
  BOOST_TEST(sums.size() == 2);
}

BOOST_AUTO_TEST_CASE(hold_nothing_that_keeps_the_graph_alive) {
  const int64_t before = memory_stats().current;
  {
    const Tensor x = randn({100}).requires_grad_();
    const Tensor y = x.exp();
    register_hook(y, [](const Tensor& g) { return g; });
    register_node_hook(y, [](std::span<Tensor>, std::span<const Tensor>) {});
    y.sum().backward();
  }
  BOOST_TEST(memory_stats().current == before);
}

BOOST_AUTO_TEST_CASE(are_refused_with_a_reason) {
  const Tensor x = randn({3}), leaf = randn({3}).requires_grad_();
  const auto keep = [](const Tensor& g) { return g; };
  BOOST_CHECK_EXCEPTION(register_hook(x, keep), AutogradError,
                        saying("register_hook: a tensor of shape [3] that requires no gradient"));
  BOOST_CHECK_EXCEPTION(register_node_prehook(leaf, [](std::span<Tensor>) {}), AutogradError,
                        saying("is a leaf, no op made it"));
  BOOST_CHECK_EXCEPTION(register_post_accumulate_grad_hook(leaf.exp(), [](Tensor&) {}),
                        AutogradError, saying("expected a leaf, got a result of 'exp'"));
  const Tensor y = leaf.exp();
  register_hook(y, [](const Tensor&) { return zeros({2}); });
  BOOST_CHECK_EXCEPTION(y.sum().backward(), ShapeError,
                        saying("exp: a hook replaced a gradient of shape [3] by one of shape [2]"));
}

BOOST_AUTO_TEST_CASE(may_replace_gradients_by_fitting_ones_only) {
  const Tensor x = ones({3}).requires_grad_();
  HookHandle handle;
  const auto replace = [&](const Tensor& other) {
    handle.remove();
    x.set_grad({});
    handle = register_post_accumulate_grad_hook(x, [other](Tensor& g) { g = other; });
    x.sum().backward();
  };
  BOOST_CHECK_EXCEPTION(
      replace(ones({2})), ShapeError,
      saying("leaf: a hook replaced a gradient of shape [3] by one of shape [2]"));
  BOOST_CHECK_EXCEPTION(replace(ones({3}, float64)), DTypeError,
                        saying("leaf: a hook replaced a float32 gradient by a float64 one"));
  BOOST_TEST(x.grad()[0].item() == 1);
  replace(full({3}, 7.0));
  BOOST_TEST(x.grad()[0].item() == 7);

  const auto replace_in_node = [&](const Tensor& other) {
    const Tensor y = x.exp();
    register_node_prehook(y, [&](std::span<Tensor> grads) { grads[0] = other; });
    return grad({y.sum()}, {x}, {}, false, false, true)[0];
  };
  BOOST_CHECK_EXCEPTION(replace_in_node(ones({2})), ShapeError,
                        saying("exp: a hook replaced a gradient of shape [3] by one of shape [2]"));
  BOOST_CHECK_EXCEPTION(replace_in_node(ones({3}, float64)), DTypeError,
                        saying("exp: a hook replaced a float32 gradient by a float64 one"));
  BOOST_TEST(!replace_in_node({}).defined());  // no gradient at all
}

BOOST_AUTO_TEST_CASE(empty_functions_are_refused) {
  const Tensor x = ones({3}).requires_grad_(), y = x * 2;
  const auto refused = [](const char* name, auto&& f) {
    BOOST_CHECK_EXCEPTION(f(), Error, saying(std::string(name) + ": expected a function"));
  };
  refused("register_hook", [&] { register_hook(x, {}); });
  refused("register_node_prehook", [&] { register_node_prehook(y, {}); });
  refused("register_node_hook", [&] { register_node_hook(y, {}); });
  refused("register_post_accumulate_grad_hook", [&] { register_post_accumulate_grad_hook(x, {}); });
}

BOOST_AUTO_TEST_CASE(leaves_come_as_soon_as_they_are_complete) {
  const Tensor a = ones({2}).requires_grad_(), b = ones({2}).requires_grad_();
  std::string order;
  register_post_accumulate_grad_hook(a, [&](Tensor& g) { order += g[0].item() == 2 ? "a" : "?"; });
  register_post_accumulate_grad_hook(b, [&](Tensor& g) { order += g[0].item() == 2 ? "b" : "?"; });
  const auto pass = [&](const Tensor& h, const Tensor& result) {
    register_hook(h, [&](const Tensor&) { return order += "h", Tensor(); });
    a.set_grad({}), b.set_grad({}), order.clear();
    result.sum().backward();
    return order;
  };
  // The product is the only use of b, and h comes after it.
  const Tensor h = a * 2;
  BOOST_TEST(pass(h, h * b) == "bha");
  // Here both are used by h as well, and come once, with all of their gradients.
  const Tensor both = a * b;
  const std::string last = pass(both, both * (a * b));
  BOOST_TEST((last == "hab" || last == "hba"), last);
}

BOOST_AUTO_TEST_SUITE_END()
