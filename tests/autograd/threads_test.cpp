// What several threads may do at once: docs/threads.md. Much of what could go wrong here only shows
// under the thread sanitizer (./dev tsan).

#include <atomic>
#include <boost/test/data/test_case.hpp>

#include <rewind/tensor/allocator.h>
#include <rewind/tensor/generator.h>
#include <rewind/tensor/parallel.h>
#include "../check.h"
#include "../on_threads.h"

using namespace rw;
using namespace rw::test;
namespace data = boost::unit_test::data;

namespace {

Tensor leaf(const Shape& shape) { return randn(shape).requires_grad_(); }
Tensor leaf_of_ones(const Shape& shape) { return ones(shape).requires_grad_(); }

// The result of a function and the gradients of all inputs.
Values run(const OneResultFunction& f, std::vector<Tensor> inputs) {
  const Tensor y = f(inputs);
  (y * y).sum().backward();
  std::vector<Tensor> all{y};
  for (const Tensor& x : inputs) all.push_back(x.grad());
  return values(all);
}

}  // namespace

BOOST_AUTO_TEST_SUITE(threads)

// --- Graphs of their own ------------------------------------------------------------------------

namespace {

Values elementwise() {
  return run(
      [](const auto& in) {
        const Tensor &x = in[0], &y = in[1];
        return (x * y + x.exp()).tanh() / (y.abs() + 1) + x.sum(0) * y.mean();
      },
      {leaf({256, 300}), leaf({300})});
}

Values products() {
  return run([](const auto& in) { return matmul(linear(in[0], in[1]), in[2]); },
             {leaf({90, 70}), leaf({50, 70}), leaf({3, 50, 40})});
}

// By Winograd's algorithm, by a direct one, and one with a filter for each channel.
Values convolutions() {
  return run(
      [](const auto& in) {
        const Tensor y = conv2d(in[0], in[1], {}, {.padding = 1}).relu();
        return conv2d(conv2d(y, in[2], in[3], {.stride = 2}), in[4], {}, {.groups = 16});
      },
      {leaf({2, 16, 24, 24}), leaf({32, 16, 3, 3}), leaf({16, 32, 3, 3}), leaf({16}),
       leaf({16, 1, 3, 3})});
}

Values pools_and_norms() {
  return run(
      [](const auto& in) {
        Tensor x = max_pool2d(batch_norm(in[0], in[1], in[2], {}, {}, {.training = true}), 2);
        x = avg_pool2d(group_norm(x, 4, in[1], in[2]), 2);
        return adaptive_avg_pool2d(layer_norm(x, {6, 6}), 3);
      },
      {leaf({3, 16, 24, 24}), leaf({16}), leaf({16})});
}

Values losses() {
  const Tensor labels = randint(0, 10, {200});
  return run([&](const auto& in) { return cross_entropy(dropout(in[0], 0.3), labels); },
             {leaf({200, 10})});
}

Values views_and_changes_in_place() {
  return run(
      [](const auto& in) {
        Tensor y = in[0] * 2;
        const Tensor row = y[3];
        y[1].mul_(in[1]);
        y.add_(row);
        return cat({y, row.unsqueeze(0).expand({4, -1})});
      },
      {leaf({8, 50}), leaf({50})});
}

Values second_derivatives() {
  const Tensor x = leaf({40}), w = leaf({40, 40});
  const Tensor g = grad({matmul(w, x).tanh().sum()}, {x}, {}, true, true)[0];
  g.square().sum().backward();
  return values({g, x.grad(), w.grad()});
}

struct Work {
  const char* name;
  Values (*run)();
  friend std::ostream& operator<<(std::ostream& os, const Work& w) { return os << w.name; }
};

const std::vector<Work> works = {{"elementwise", elementwise},
                                 {"products", products},
                                 {"convolutions", convolutions},
                                 {"pools and norms", pools_and_norms},
                                 {"losses", losses},
                                 {"views, changes in place", views_and_changes_in_place},
                                 {"second derivatives", second_derivatives}};

}  // namespace

BOOST_DATA_TEST_CASE(compute_what_one_computes, data::make(works), work) {
  const auto seeded = [&](int k) {
    manual_seed(static_cast<uint64_t>(k));
    return work.run();
  };
  std::vector<Values> expected, got(4);
  for (int k = 0; k < 4; ++k) expected.push_back(seeded(k));
  on_threads(4, [&](int k) {
    seeded(k + 1);  // so that they do not all walk in step
    got[static_cast<size_t>(k)] = seeded(k);
  });
  BOOST_TEST((got == expected));
}

// --- Shared leaves ------------------------------------------------------------------------------

BOOST_DATA_TEST_CASE(add_to_shared_leaves, data::make({2, 4}), n) {
  const Tensor w = leaf_of_ones({50, 50}), b = leaf_of_ones({50});
  const int rounds = 100;
  on_threads(n, [&](int k) {
    for (int i = 0; i < rounds; ++i) (w * (k + 1) + b).sum().backward();
  });
  BOOST_TEST(all_equal(w.grad(), rounds * n * (n + 1) / 2));
  BOOST_TEST(all_equal(b.grad(), rounds * n * 50));
}

BOOST_AUTO_TEST_CASE(read_and_drop_gradients_that_others_add_to) {
  const Tensor w = leaf_of_ones({1000});
  std::atomic<bool> whole = true;
  on_threads(3, [&](int k) {
    for (int i = 0; i < 200; ++i) {
      if (k > 0) (w * 2).sum().backward();
      const Tensor g = w.grad();
      if (g.defined() && !all_equal(g, g[0].item())) whole = false;
      if (k == 0 && i % 50 == 0) w.set_grad({});
    }
  });
  BOOST_TEST(whole);
}

// --- Hooks --------------------------------------------------------------------------------------

BOOST_AUTO_TEST_CASE(take_turns_in_hooks_after_accumulation) {
  const Tensor w = leaf_of_ones({100}), total = zeros({100});
  register_post_accumulate_grad_hook(w, [sum = total](Tensor& g) mutable {
    sum.add_(g);
    std::this_thread::yield();  // anything that another adds now is lost with g
    g = Tensor();
  });
  on_threads(4, [&](int k) {
    for (int i = 0; i < 100; ++i) (w * (k + 1)).sum().backward();
  });
  BOOST_TEST(all_equal(total, 100 * 10));
  BOOST_TEST(!w.grad().defined());
}

BOOST_AUTO_TEST_CASE(call_hooks_of_what_they_share) {
  const Tensor x = leaf_of_ones({20}), y = x * 2;
  y.retain_grad();
  std::atomic<int> of_leaf = 0, before = 0, after = 0;
  register_hook(x, [&](const Tensor& g) {
    ++of_leaf;
    return g * 3;
  });
  register_node_prehook(y, [&](std::span<Tensor>) { ++before; });
  register_node_hook(y, [&](std::span<Tensor>, std::span<const Tensor>) { ++after; });
  on_threads(4, [&](int k) {
    for (int i = 0; i < 50; ++i) (y * (k + 1)).sum().backward({}, true);
  });
  BOOST_TEST(all_equal(x.grad(), 3 * 2 * 50 * 10));
  BOOST_TEST(of_leaf == 200);
  BOOST_TEST(before == 200);
  BOOST_TEST(after == 200);
  BOOST_TEST(all_equal(y.grad(), 50 * 10));
}

BOOST_AUTO_TEST_CASE(register_hooks_while_others_run_them) {
  const Tensor x = leaf_of_ones({20}), y = x * 2;
  std::atomic<int> calls = 0;
  on_threads(4, [&](int k) {
    for (int i = 0; i < 50; ++i) {
      if (k < 2) {
        (y * 1).sum().backward({}, true);
        continue;
      }
      HookHandle handle = register_hook(k == 2 ? x : y, [&](const Tensor&) {
        ++calls;
        return Tensor();
      });
      y.retain_grad();
      handle.remove();
    }
  });
  BOOST_TEST(all_equal(x.grad(), 2 * 100));
}

// --- Shared graphs ------------------------------------------------------------------------------

BOOST_AUTO_TEST_CASE(pass_through_a_retained_graph) {
  const Tensor x = leaf_of_ones({30});
  const Tensor middle = (x * 3).square();  // both save what they need for the derivative
  on_threads(4, [&](int k) {
    for (int i = 0; i < 50; ++i) {
      (middle * (k + 1)).sum().backward({}, true);
      const Tensor g = grad({(middle * middle).sum()}, {x}, {}, true, true)[0];
      if (!all_equal(g, 4 * 81)) throw Error("a wrong gradient");
    }
  });
  BOOST_TEST(all_equal(x.grad(), 18 * 50 * 10));
}

BOOST_AUTO_TEST_CASE(pass_through_what_is_computed_in_backward) {
  const Tensor x = leaf_of_ones({4, 30});
  nn::Linear layer(30, 30);
  std::atomic<bool> right = true;
  layer.register_full_backward_hook([&](const Tensor&, const Tensor& out) {
    // The other gradient of this pass: a pass of the k-th thread has k + 1 everywhere.
    if (!all_equal(out, out[0][0].item())) right = false;
    return Tensor();
  });
  const auto pack = [](const Tensor& t) { return std::any(t.clone()); };
  const auto unpack = [](const std::any& t) { return std::any_cast<Tensor>(t).clone(); };
  const auto hooked = [&](const Tensor& t) {
    const saved_tensors_hooks hooks(pack, unpack);
    return t.square();
  };
  const Tensor middle = layer(checkpoint([](const Tensor& t) { return t.exp().log(); }, hooked(x)));
  const Tensor expected = grad({middle.sum()}, {x}, {}, true)[0];
  std::vector<Tensor> got(4);
  on_threads(4, [&](int k) {
    for (int i = 0; i < 20; ++i)
      got[static_cast<size_t>(k)] = grad({(middle * (1 << k)).sum()}, {x}, {}, true)[0];
  });
  for (size_t k = 0; k < 4; ++k)
    BOOST_TEST((got[k] * (1.0 / (1 << k))).to_vector() == expected.to_vector());
  BOOST_TEST(right);
}

// Of passes that all want to free what they share, one gets through.
BOOST_DATA_TEST_CASE(free_a_shared_graph_once, data::make({0, 1, 2}), retaining) {
  for (int i = 0; i < 100; ++i) {
    const Tensor x = leaf_of_ones({30});
    const Tensor middle = (x * 3).square();
    std::atomic<int> sum = 0, done = 0, refused = 0;
    on_threads(4, [&](int k) {
      try {
        (middle * (k + 1)).sum().backward({}, k < retaining);
        sum += k + 1;
        if (k >= retaining) ++done;
      } catch (const AutogradError& e) {
        const std::string_view message = e.what();
        if (message.find("freed by an earlier backward") != message.npos) ++refused;
      }
    });
    BOOST_TEST_REQUIRE(done == 1);
    BOOST_TEST_REQUIRE(all_equal(x.grad(), 18 * sum));
    BOOST_TEST_REQUIRE(refused >= 3 - retaining);
    BOOST_CHECK_THROW(middle.sum().backward(), AutogradError);
  }
}

BOOST_AUTO_TEST_CASE(may_try_again_after_an_error) {
  const Tensor x = leaf_of_ones({3});
  int calls = 0;
  const auto pullback = [&calls, kept = save(x)](const Tensor& g, Needs) -> Grads {
    if (++calls == 1) throw Error("not yet");
    return g * 2;
  };
  const Tensor y = record("twice", x.detach() * 2, {x}, pullback);
  BOOST_CHECK_THROW(y.sum().backward(), Error);
  y.sum().backward();
  BOOST_TEST(all_equal(x.grad(), 2));
  BOOST_CHECK_THROW(y.sum().backward(), AutogradError);
}

// --- What belongs to a thread -------------------------------------------------------------------

BOOST_AUTO_TEST_CASE(have_modes_of_their_own) {
  const Tensor x = leaf_of_ones({4, 4});
  const no_grad no;
  const autocast lower;
  const profile p;
  const detect_anomaly anomalies;
  int packed = 0;
  const auto pack = [&](const Tensor& t) {
    ++packed;
    return std::any(t);
  };
  const saved_tensors_hooks hooks(pack, [](const std::any& t) { return std::any_cast<Tensor>(t); });
  on_another_thread([&] {
    if (!is_grad_enabled() || is_autocast_enabled()) throw Error("a mode of another thread");
    const Tensor y = matmul(x, x).log();
    if (y.dtype() != float32 || !y.requires_grad()) throw Error("a mode of another thread");
    (y * 0.0).log().sum().backward();  // the anomaly that nobody looks for
    const no_grad here;
  });
  BOOST_TEST(!is_grad_enabled());
  BOOST_TEST(is_autocast_enabled());
  BOOST_TEST(packed == 0);
  BOOST_TEST(p.rows().empty());
  BOOST_TEST(matmul(x, x).dtype() == bfloat16);
  BOOST_TEST(!matmul(x, x).requires_grad());
}

BOOST_AUTO_TEST_CASE(are_profiled_apart) {
  const Tensor x = leaf_of_ones({4, 4});
  std::atomic<int> wrong = 0;
  on_threads(4, [&](int k) {
    if (k == 0) {
      for (int i = 0; i < 100; ++i) x.exp().sum().backward();
      return;
    }
    const profile p;
    for (int i = 0; i < 10 * k; ++i) x.tanh().sum().backward();
    for (const profile::Row& row : p.rows())
      if (row.name == "exp" || (row.name == "tanh" && row.calls != 10 * k)) ++wrong;
  });
  BOOST_TEST(wrong == 0);
}

BOOST_AUTO_TEST_CASE(have_random_generators_of_their_own) {
  manual_seed(7);
  const auto expected = randn({10}).to_vector();
  manual_seed(7);
  std::vector<std::vector<float>> fresh(2), seeded(2);
  on_threads(2, [&](int k) {
    fresh[static_cast<size_t>(k)] = randn({10}).to_vector();
    manual_seed(7);
    seeded[static_cast<size_t>(k)] = randn({10}).to_vector();
  });
  BOOST_TEST(fresh[0] == fresh[1]);  // both start from the default seed
  BOOST_TEST(seeded[0] == expected);
  BOOST_TEST(seeded[1] == expected);
  BOOST_TEST(randn({10}).to_vector() == expected);  // nobody else drew from ours
}

BOOST_AUTO_TEST_CASE(share_out_work_each_for_itself) {
  const int before = get_num_threads();
  const Tensor ints = randint(0, 8, {1 << 18}).to(float32);
  const double expected = ints.sum().item<double>();
  on_threads(4, [&](int k) {
    set_num_threads(k + 1);
    for (int i = 0; i < 10; ++i) {
      std::atomic<int64_t> sum = 0;
      parallel_for(0, 10000, 100, [&](int64_t b, int64_t e) {
        parallel_for(b, e, 10, [&](int64_t from, int64_t to) {  // stays on its thread
          for (int64_t j = from; j < to; ++j) sum += j;
        });
      });
      bool reached = false;
      try {
        parallel_for(0, 1000, 1, [](int64_t, int64_t) { throw Error("piece"); });
      } catch (const Error&) {
        reached = true;
      }
      if (sum != 49995000 || !reached || ints.sum().item<double>() != expected)
        throw Error("work was lost");
    }
    if (get_num_threads() != k + 1) throw Error("another thread's number");
  });
  BOOST_TEST(get_num_threads() == before);
}

// --- Memory -------------------------------------------------------------------------------------

BOOST_AUTO_TEST_CASE(free_what_others_made) {
  const int64_t before = memory_stats().current;
  {
    const Tensor x = leaf({64, 64});
    std::vector<Tensor> losses(4);
    for (int round = 0; round < 3; ++round) {
      on_threads(4, [&](int k) {
        losses[static_cast<size_t>(k)] = (matmul(x, x) * randn({64, 64})).tanh().sum();
      });
      // Each runs and frees the graph of its neighbour.
      on_threads(4, [&](int k) {
        Tensor& loss = losses[static_cast<size_t>(k + 1) % 4];
        loss.backward();
        loss = Tensor();
      });
    }
  }
  BOOST_TEST(memory_stats().current == before);
}

BOOST_AUTO_TEST_SUITE_END()
