#include <rewind/autograd/gradcheck.h>
#include <rewind/ops/pointwise.h>
#include <rewind/rewind.h>
#include <sys/resource.h>
#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <thread>

using namespace rw;

namespace {

bool says(const Error& e, const std::string& part) {
  BOOST_TEST_MESSAGE(e.what());
  return std::string(e.what()).find(part) != std::string::npos;
}

Tensor leaf(std::initializer_list<double> v) { return from<double>(v).requires_grad_(); }

}  // namespace

BOOST_AUTO_TEST_SUITE(engine)

BOOST_AUTO_TEST_CASE(a_product_and_a_sum) {
  const Tensor x = leaf({1, 2, 3}), y = leaf({4, 5, 6});
  (x * y + x).sum().backward();
  BOOST_TEST(x.grad().to_vector() == (std::vector<float>{5, 6, 7}));
  BOOST_TEST(y.grad().to_vector() == (std::vector<float>{1, 2, 3}));
}

BOOST_AUTO_TEST_CASE(gradients_accumulate_and_do_not_alias) {
  const Tensor x = leaf({1}), y = leaf({1});
  (x + y).sum().backward();  // both receive the very same gradient tensor
  (x * 2).sum().backward();
  BOOST_TEST(x.grad().item() == 3);
  BOOST_TEST(y.grad().item() == 1);
}

BOOST_AUTO_TEST_CASE(a_tensor_used_many_times) {
  const Tensor x = leaf({3});
  Tensor y = x;
  for (int i = 0; i < 4; ++i) y = y * x;  // x^5
  y.backward();
  BOOST_TEST(x.grad().item<double>() == 5 * 81);
}

BOOST_AUTO_TEST_CASE(broadcast_gradients_are_summed) {
  const Tensor x = ones({2, 3}, float64).requires_grad_();
  const Tensor row = ones({3}, float64).requires_grad_();
  const Tensor scalar = scalar_tensor(2.0, float64).requires_grad_();
  (x * row * scalar).sum().backward();
  BOOST_TEST((row.grad().shape() == Shape{3}));
  BOOST_TEST(row.grad().to_vector() == (std::vector<float>{4, 4, 4}));
  BOOST_TEST(scalar.grad().item() == 6);
}

BOOST_AUTO_TEST_CASE(mixed_types_give_each_input_its_own) {
  const Tensor x = ones({2}).requires_grad_(), y = ones({2}, float64).requires_grad_();
  (x * y).sum().backward();
  BOOST_TEST(x.grad().dtype() == float32);
  BOOST_TEST(y.grad().dtype() == float64);
}

BOOST_AUTO_TEST_CASE(given_gradient) {
  const Tensor x = leaf({1, 2});
  (x * x).backward(from<double>({10, 100}));
  BOOST_TEST(x.grad().to_vector() == (std::vector<float>{20, 400}));
  BOOST_CHECK_EXCEPTION((x * x).backward(), AutogradError, [](const Error& e) {
    return says(e, "only a one-element output has an implicit gradient; this one has shape [2]");
  });
  BOOST_CHECK_THROW((x * x).backward(ones({3}, float64)), ShapeError);
  BOOST_CHECK_THROW((x * x).backward(ones({2})), DTypeError);
  BOOST_CHECK_EXCEPTION(ones({1}).backward(), AutogradError,
                        [](const Error& e) { return says(e, "does not require grad"); });
}

BOOST_AUTO_TEST_CASE(freed_graphs_say_so) {
  const Tensor x = leaf({2});
  const Tensor y = x * x;
  y.backward({}, /*retain_graph=*/true);
  y.backward();
  BOOST_TEST(x.grad().item() == 8);
  BOOST_CHECK_EXCEPTION(y.backward(), AutogradError, [](const Error& e) {
    return says(e, "the graph at 'mul' was freed") && says(e, "retain_graph");
  });
}

// As in PyTorch: where an op keeps nothing for its derivative there is nothing to free.
BOOST_AUTO_TEST_CASE(what_keeps_nothing_is_passed_again) {
  const Tensor x = leaf({2});
  const Tensor total = x.sum();
  const Tensor a = total * 2, b = total * 3;
  a.backward();
  b.backward();
  b.backward();
  BOOST_TEST(x.grad()[0].item() == 8);
}

BOOST_AUTO_TEST_CASE(higher_derivatives) {
  const Tensor x = leaf({3});
  const Tensor y = x * x * x * x;
  const Tensor d1 = grad({y}, {x}, {}, false, /*create_graph=*/true)[0];
  const Tensor d2 = grad({d1}, {x}, {}, false, true)[0];
  const Tensor d3 = grad({d2}, {x})[0];
  BOOST_TEST(d1.item() == 4 * 27);
  BOOST_TEST(d2.item() == 12 * 9);
  BOOST_TEST(d3.item() == 24 * 3);
  BOOST_TEST(!x.grad().defined());
  BOOST_TEST(!d3.requires_grad());
}

BOOST_AUTO_TEST_CASE(grad_of_chosen_inputs) {
  const Tensor x = leaf({2}), y = leaf({5}), z = leaf({1});
  const Tensor m = x * y;
  const Tensor out = m * x;
  const auto g = grad({out}, {m, x}, {}, true);
  BOOST_TEST(g[0].item() == 2);
  BOOST_TEST(g[1].item() == 20);
  BOOST_TEST(!y.grad().defined());
  BOOST_CHECK_EXCEPTION(grad({out}, {z}, {}, true), AutogradError,
                        [](const Error& e) { return says(e, "do not depend on input 0"); });
  BOOST_TEST(!grad({out}, {z}, {}, true, false, /*allow_unused=*/true)[0].defined());
  BOOST_CHECK_THROW(grad({out}, {ones({1})}), AutogradError);
  // A single named option is no list of tensors.
  BOOST_TEST(grad({out}, {x}, {.grad_outputs = {full_like(out, 3)}})[0].item() == 60);
}

BOOST_AUTO_TEST_CASE(grad_modes) {
  const Tensor x = leaf({1});
  {
    const no_grad guard;
    BOOST_TEST(!(x * x).requires_grad());
    const enable_grad again;
    BOOST_TEST((x * x).requires_grad());
  }
  BOOST_TEST(is_grad_enabled());
  BOOST_TEST(!x.detach().requires_grad());
  BOOST_TEST(!(x.detach() * 2).requires_grad());
}

BOOST_AUTO_TEST_CASE(leaves_and_results) {
  Tensor x = leaf({1});
  const Tensor y = x * 2;
  BOOST_TEST(x.is_leaf());
  BOOST_TEST(!y.is_leaf());
  BOOST_TEST(std::string(y.grad_fn()) == "mul");
  y.retain_grad();
  (y * 3).sum().backward();
  BOOST_TEST(y.grad().item() == 3);
  BOOST_TEST(x.grad().item() == 6);
  x.set_grad({});
  BOOST_TEST(!x.grad().defined());
  Tensor r = x * 2;
  BOOST_CHECK_THROW(r.requires_grad_(false), AutogradError);
  BOOST_CHECK_THROW(arange(3).requires_grad_(), DTypeError);
}

BOOST_AUTO_TEST_CASE(in_place_rules) {
  Tensor x = leaf({1, 2});
  BOOST_CHECK_EXCEPTION(x.mul_(2), AutogradError, [](const Error& e) {
    return says(e, "mul_: a leaf of shape [2] that requires grad can't be changed in place");
  });
  Tensor y = x * 3;
  y.mul_(2).add_(x);  // 7 x
  y.sum().backward();
  BOOST_TEST(x.grad().to_vector() == (std::vector<float>{7, 7}));

  Tensor z = x * 1;
  const Tensor square = z * z;
  z.add_(1);
  BOOST_CHECK_EXCEPTION(square.sum().backward(), AutogradError, [](const Error& e) {
    return says(e, "mul: a tensor of shape [2] that its backward needs was changed in place by") &&
           says(e, "add_");
  });
  {
    const no_grad guard;
    x.mul_(2);
  }
  BOOST_TEST(x.to_vector() == (std::vector<float>{2, 4}));
}

BOOST_AUTO_TEST_CASE(custom_op_with_two_results) {
  const auto split_signs = [](const Tensor& x) {
    const no_grad guard;
    std::vector<Tensor> out{x * 2, x * 3};
    const enable_grad again;
    return record("two_and_three", out, {x}, [](std::span<const Tensor> g, Needs) -> Grads {
      if (!g[1].defined()) return g[0] * 2;
      return g[0].defined() ? g[0] * 2 + g[1] * 3 : g[1] * 3;
    });
  };
  const Tensor x = leaf({1});
  auto parts = split_signs(x);
  (parts[0] + parts[1]).sum().backward();
  BOOST_TEST(x.grad().item() == 5);
  x.set_grad({});
  split_signs(x)[1].sum().backward();
  BOOST_TEST(x.grad().item() == 3);
}

BOOST_AUTO_TEST_CASE(a_wrong_pullback_is_named) {
  const Tensor x = leaf({1, 2});
  const Tensor y = record("broken", x.detach().clone(), {x},
                          [](const Tensor&, Needs) -> Grads { return zeros({3}, float64); });
  BOOST_CHECK_EXCEPTION(y.sum().backward(), AutogradError, [](const Error& e) {
    return says(e,
                "backward of 'broken' returned a gradient of shape [3] for input 0 of shape [2]");
  });
}

BOOST_AUTO_TEST_CASE(a_million_ops_need_no_stack) {
  // Everything on a thread with a stack of 8 MB, forward, backward and destruction.
  rlimit limit{};
  getrlimit(RLIMIT_STACK, &limit);
  BOOST_TEST((limit.rlim_cur == RLIM_INFINITY || limit.rlim_cur <= (rlim_t{64} << 20)));
  const Tensor x = leaf({1});
  std::thread([&] {
    Tensor y = x;
    for (int i = 0; i < 1000000; ++i) y = y * 1.0;
    y.backward();
  }).join();
  BOOST_TEST(x.grad().item() == 1);
}

// Many ops wait at a time, and arrive in any order.
BOOST_AUTO_TEST_CASE(wide_graphs_in_any_order) {
  constexpr int64_t n = 3000;
  const Tensor x = rand({n}, float64).requires_grad_();
  Generator gen(3);
  for (const int way : {0, 1, 2}) {
    std::vector<Tensor> branches;
    for (int64_t i = 0; i < n; ++i)
      branches.push_back((x.narrow(0, i, 1) * static_cast<double>(i)).square());
    if (way == 1) std::reverse(branches.begin(), branches.end());
    if (way == 2) {
      const std::vector<Tensor> in_order = branches;
      const auto order = randperm(n, gen).to_vector<int64_t>();
      for (size_t i = 0; i < in_order.size(); ++i)
        branches[i] = in_order[static_cast<size_t>(order[i])];
    }
    // Some ops get a second gradient while others wait.
    Tensor sum = cat(branches).sum();
    for (size_t i = 0; i < branches.size(); i += 7) sum = sum + branches[i].sum();
    const Tensor g = grad({sum}, {x})[0];
    const Tensor k = arange(n).to(float64);
    Tensor expected = 2 * k.square() * x.detach();
    if (way == 0) expected = expected * (1 + (k % 7).eq(0).to(float64));
    if (way == 1) expected = expected * (1 + ((n - 1 - k) % 7).eq(0).to(float64));
    if (way < 2) BOOST_TEST(allclose(g, expected));
    BOOST_TEST(
        (g.isfinite().all().item<bool>() && (g >= expected * (1 - 1e-12)).all().item<bool>()));
  }
}

BOOST_AUTO_TEST_CASE(threads_share_leaves) {
  const Tensor x = leaf({1});
  std::vector<std::thread> threads;
  for (int k = 0; k < 4; ++k)
    threads.emplace_back([&] {
      for (int i = 0; i < 500; ++i) (x * 2).sum().backward();
    });
  for (auto& t : threads) t.join();
  BOOST_TEST(x.grad().item<double>() == 4 * 500 * 2);
}

BOOST_AUTO_TEST_SUITE_END()
