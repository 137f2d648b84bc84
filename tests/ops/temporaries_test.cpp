#include "../check.h"

using namespace rw;
using namespace rw::test;

namespace {

const Shape large = {64, 128};

const void* memory(const Tensor& t) { return t.raw_data(); }

}  // namespace

BOOST_AUTO_TEST_SUITE(temporaries)

BOOST_AUTO_TEST_CASE(lend_their_memory) {
  using F = std::function<Tensor(Tensor &&)>;
  const Tensor other = randn(large);
  const std::pair<const char*, F> functions[] = {
      {"relu", [](Tensor&& x) { return relu(std::move(x)); }},
      {"tanh", [](Tensor&& x) { return tanh(std::move(x)); }},
      {"sigmoid", [](Tensor&& x) { return sigmoid(std::move(x)); }},
      {"leaky_relu", [](Tensor&& x) { return leaky_relu(std::move(x)); }},
      {"gelu", [](Tensor&& x) { return gelu(std::move(x)); }},
      {"elu", [](Tensor&& x) { return elu(std::move(x)); }},
      {"celu", [](Tensor&& x) { return celu(std::move(x)); }},
      {"selu", [](Tensor&& x) { return selu(std::move(x)); }},
      {"silu", [](Tensor&& x) { return silu(std::move(x)); }},
      {"softplus", [](Tensor&& x) { return softplus(std::move(x)); }},
      {"neg", [](Tensor&& x) { return -std::move(x); }},
      {"x + y", [&](Tensor&& x) { return std::move(x) + other; }},
      {"y + x", [&](Tensor&& x) { return other + std::move(x); }},
      {"x - y", [&](Tensor&& x) { return std::move(x) - other; }},
      {"x * y", [&](Tensor&& x) { return std::move(x) * other; }},
      {"y / x", [&](Tensor&& x) { return other / std::move(x); }},
      {"x + 1", [](Tensor&& x) { return std::move(x) + 1; }},
      {"1 - x", [](Tensor&& x) { return 1 - std::move(x); }},
      {"x * 2", [](Tensor&& x) { return std::move(x) * 2; }},
      {"1 / x", [](Tensor&& x) { return 1 / std::move(x); }},
      {"x / 2", [](Tensor&& x) { return std::move(x) / 2; }},
      {"x + row", [&](Tensor&& x) { return std::move(x) + other[0]; }},
  };
  for (const auto& [name, f] : functions)
    for (const MemoryFormat format : {MemoryFormat::contiguous, MemoryFormat::channels_last}) {
      const bool images = format == MemoryFormat::channels_last;
      if (images && std::string(name).find_first_of("yr") != std::string::npos) continue;
      Tensor x = images ? randn({4, 3, 32, 32}).contiguous(format) : randn(large);
      const Tensor copy = x.clone();
      const Tensor expected = f(Tensor(copy));  // copy is held: this can't overwrite it
      const void* const before = memory(x);
      const Tensor y = f(std::move(x));
      BOOST_TEST_CONTEXT(name) {
        BOOST_TEST(memory(y) == before);
        BOOST_TEST(memory(expected) != memory(copy));
        BOOST_TEST(equal(y, expected));
        BOOST_TEST((y.strides() == copy.strides()));
      }
    }
}

BOOST_AUTO_TEST_CASE(pass_it_on_from_op_to_op) {
  for (const bool recorded : {false, true}) {
    const Tensor x = randn(large).requires_grad_(recorded), y = randn(large);
    const Tensor expected = relu(Tensor(Tensor(x * y) + x) - 1);
    const int64_t before = memory_stats().current;
    reset_peak_memory();
    const Tensor z = relu(x * y + x - 1);
    BOOST_TEST(memory_stats().peak - before < 2 * static_cast<int64_t>(x.nbytes()));
    BOOST_TEST(equal(z, expected));
    Tensor lent = x * y;
    static_cast<void>(relu(std::move(lent)));
    BOOST_TEST(!lent.defined());
  }
}

BOOST_AUTO_TEST_CASE(keep_it_where_somebody_looks) {
  const Tensor values = randn(large);
  const auto unchanged = [&](Tensor x, const Tensor& seen, const char* what) {
    const Tensor before = seen.clone();
    const Tensor y = relu(std::move(x));
    BOOST_TEST(equal(seen, before), what);
    BOOST_TEST(memory(y) != memory(seen), what);
  };
  const Tensor handle = values.clone();
  unchanged(handle, handle, "another handle");
  Tensor base = values.clone();
  const Tensor view = base.t(), detached = base.detach();
  unchanged(std::move(base), view, "a view");
  std::vector<float> outside(static_cast<size_t>(large.numel()), -1);
  const Tensor y = relu(from_blob(outside.data(), large, float32));
  BOOST_TEST(outside[5] == -1);
  BOOST_TEST(y[0][5].item() == 0);

  // A part of a larger block, and repeated elements.
  Tensor row = randn({2, 64, 128})[1];
  BOOST_TEST(equal(relu(Tensor(row)), relu(std::move(row))));
  BOOST_TEST((relu(full({1, 1}, -2.0).expand(large)).numel() == large.numel()));
  // Another type.
  BOOST_TEST((ones(large, int64) + 0.5).dtype() == float32);
  BOOST_TEST((sigmoid(ones(large, int64))).dtype() == float32);
}

BOOST_AUTO_TEST_CASE(keep_it_where_backward_needs_it) {
  // The same function on temporaries and on named tensors.
  const auto by_temporaries = [](const Tensor& x, const Tensor& w) {
    return tanh(gelu(relu(x * w + 0.5) * (x - w) / (2 + sigmoid(x * 3))) + silu(-(x * x))) * w;
  };
  const auto by_names = [](const Tensor& x, const Tensor& w) {
    const Tensor a = x * w, b = a + 0.5, r = relu(b), d = x - w, p = r * d, m = x * 3;
    const Tensor s = sigmoid(m), q = 2 + s, f = p / q, e = gelu(f), xx = x * x, n = -xx;
    const Tensor i = silu(n), u = e + i, t = tanh(u);
    return t * w;
  };
  const auto run = [&](const auto& f) {
    manual_seed(3);
    const Tensor x = randn(large, float64).requires_grad_();
    const Tensor w = randn(large, float64).requires_grad_();
    const Tensor y = f(x, w);
    const auto first = grad({y.sum()}, {x, w}, {}, true, true);
    const auto second = grad({(first[0] * first[1]).sum()}, {x, w});
    return std::vector<Tensor>{y, first[0], first[1], second[0], second[1]};
  };
  const auto a = run(by_temporaries), b = run(by_names);
  for (size_t i = 0; i < a.size(); ++i) BOOST_TEST(relative_error(a[i], b[i]) < 1e-13, i);
}

BOOST_AUTO_TEST_CASE(are_no_gradients_of_the_caller) {
  const Tensor x = randn(large).requires_grad_(), g = randn(large), before = g.clone();
  const Tensor y = relu(x * 2);
  y.retain_grad();
  y.backward(g);
  BOOST_TEST(equal(g, before));
  BOOST_TEST(equal(y.grad(), before));
  const Tensor z = -relu(x);
  const std::vector<Tensor> both = grad({z, z}, {x}, {g, g}, true);
  BOOST_TEST(equal(g, before));
}

// What was prepared from the old values must not be taken for the new ones.
BOOST_AUTO_TEST_CASE(forget_packed_weights) {
  const no_grad guard;
  const Tensor x = randn({2, 32, 8, 8});
  Tensor weight = randn({64, 32, 1, 1});
  const Tensor expected = conv2d(x, relu(weight));
  static_cast<void>(conv2d(x, weight));
  BOOST_TEST(equal(conv2d(x, relu(std::move(weight))), expected));
}

BOOST_AUTO_TEST_CASE(go_through_modules) {
  nn::Sequential net(nn::Linear(128, 256), nn::ReLU(), nn::Sequential(nn::Tanh(), nn::ReLU()));
  net.eval();
  const no_grad guard;
  const Tensor x = randn(large);
  const Tensor expected = relu(tanh(relu(net[0](x))));
  const int64_t before = memory_stats().allocations;
  const Tensor y = net(x);
  // The product's result is all: its storage in two blocks, and a handle for each layer.
  BOOST_TEST(memory_stats().allocations - before <= 7);
  BOOST_TEST(equal(y, expected));
}

BOOST_AUTO_TEST_SUITE_END()
