#include <rewind/nn/module.h>

#include <sstream>

#include "../check.h"

using namespace rw;
using namespace rw::test;

namespace {

struct Block : nn::Module {
  explicit Block(int64_t n) : scale(parameter("scale", full(n, 2.0))) {}
  nn::Linear linear = add("linear", nn::Linear(3, 3));
  nn::Parameter scale;
  nn::Buffer seen = buffer("seen", zeros({}, int64));
  nn::Parameter absent = parameter("absent", Tensor());

  Tensor forward(const Tensor& x) override { return linear(x) * scale; }
};

struct Model : nn::Module {
  Block block = add("block", Block(3));
  nn::Sequential head = add("head", nn::Sequential(nn::Linear(3, 2), nn::ReLU()));
  Tensor forward(const Tensor& x) override { return head(block(x)); }
};

std::vector<std::string> names(const nn::NamedTensors& named) {
  std::vector<std::string> out;
  for (const auto& [name, t] : named) out.push_back(name);
  return out;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(module)

BOOST_AUTO_TEST_CASE(names_follow_the_tree) {
  Model m;
  BOOST_TEST(names(m.named_parameters()) ==
             (std::vector<std::string>{"block.scale", "block.linear.weight", "block.linear.bias",
                                       "head.0.weight", "head.0.bias"}));
  BOOST_TEST(names(m.named_buffers()) == std::vector<std::string>{"block.seen"});
  BOOST_TEST(names(m.state_dict()) ==
             (std::vector<std::string>{"block.scale", "block.seen", "block.linear.weight",
                                       "block.linear.bias", "head.0.weight", "head.0.bias"}));
  BOOST_TEST(m.num_parameters() == 3 + 9 + 3 + 6 + 2);
  std::vector<std::string> modules;
  for (const auto& [name, module] : m.named_modules()) modules.push_back(name);
  BOOST_TEST(modules ==
             (std::vector<std::string>{"", "block", "block.linear", "head", "head.0", "head.1"}));
  BOOST_TEST(m.parameters()[0].requires_grad());
}

BOOST_AUTO_TEST_CASE(the_registry_sees_the_members_themselves) {
  Model m;
  BOOST_TEST(m.parameters()[1].is_same(m.block.linear.weight));
  // Also after a member was replaced, and after the module was moved.
  m.block.scale = ones(3).requires_grad_();
  BOOST_TEST(m.parameters()[0].is_same(m.block.scale));
  m.block.linear = nn::Linear(3, 3);
  BOOST_TEST(m.parameters()[1].is_same(m.block.linear.weight));
  Model other = std::move(m);
  BOOST_TEST(other.parameters().size() == 5);
  BOOST_TEST(other.parameters()[1].is_same(other.block.linear.weight));
  other.block.scale = full(3, 5.0).requires_grad_();
  BOOST_TEST(other.parameters()[0].is_same(other.block.scale));
  const std::unique_ptr<Model> heap = std::make_unique<Model>(std::move(other));
  BOOST_TEST(heap->parameters()[1].is_same(heap->block.linear.weight));
  heap->eval();
  BOOST_TEST(!heap->block.linear.is_training());
}

BOOST_AUTO_TEST_CASE(tied_parameters_count_once) {
  Model m;
  m.head[0].requires_grad_();
  m.block.linear.weight = m.block.linear.weight.detach().requires_grad_();
  struct Tied : nn::Module {
    nn::Linear a = add("a", nn::Linear(2, 2)), b = add("b", nn::Linear(2, 2));
  } tied;
  tied.b.weight = tied.a.weight;
  BOOST_TEST(tied.parameters().size() == 3);
  BOOST_TEST(tied.state_dict().size() == 4);
}

BOOST_AUTO_TEST_CASE(modes_and_gradients) {
  Model m;
  BOOST_TEST(m.is_training());
  m.eval();
  BOOST_TEST(!m.head[1].is_training());
  BOOST_TEST(m.parameters()[0].requires_grad());  // a mode is not a freeze
  m.train();
  BOOST_TEST(m.block.linear.is_training());

  m(ones({4, 3})).sum().backward();
  BOOST_TEST(m.block.scale.grad().defined());
  m.zero_grad();
  BOOST_TEST(!m.block.scale.grad().defined());
  m.requires_grad_(false);
  BOOST_TEST(!m(ones({4, 3})).requires_grad());
  int count = 0;
  m.apply([&](nn::Module&) { ++count; });
  BOOST_TEST(count == 6);
}

BOOST_AUTO_TEST_CASE(dtypes) {
  Model m;
  const Tensor handle = m.block.scale;
  m(ones({4, 3})).sum().backward();
  m.to(float64);
  BOOST_TEST(handle.dtype() == float64);  // everyone's handle
  BOOST_TEST(handle.grad().dtype() == float64);
  BOOST_TEST(m.block.seen.dtype() == int64);
  BOOST_TEST(m(ones({4, 3}, float64)).dtype() == float64);
  m(ones({4, 3}, float64)).sum().backward();
  BOOST_CHECK_THROW(m.to(int64), DTypeError);
}

BOOST_AUTO_TEST_CASE(state_travels) {
  Model a, b;
  const Tensor x = randn({5, 3});
  b.load_state_dict(a.state_dict());
  BOOST_TEST(equal(a(x), b(x)));
  BOOST_TEST(!a.block.scale.is_same(b.block.scale));

  nn::NamedTensors wrong = a.state_dict();
  wrong[0].second = ones(4);
  const Tensor before = b.block.scale.clone();
  BOOST_CHECK_EXCEPTION(
      b.load_state_dict(wrong), ShapeError,
      saying("load_state_dict: 'block.scale' has shape [4] in the state and [3] in Model"));
  nn::NamedTensors other = a.state_dict();
  other[0].first = "block.other";
  BOOST_CHECK_EXCEPTION(b.load_state_dict(other), Error,
                        saying("missing: block.scale; unknown: block.other"));
  BOOST_TEST(equal(b.block.scale, before));
  b.load_state_dict(other, /*strict=*/false);
  nn::NamedTensors twice = a.state_dict();
  twice.push_back(twice[0]);
  BOOST_CHECK_EXCEPTION(b.load_state_dict(twice), Error,
                        saying("'block.scale' is there more than once"));
}

BOOST_AUTO_TEST_CASE(the_tree_is_printed) {
  std::ostringstream out;
  out << Model();
  BOOST_TEST(out.str() ==
             "Model(\n"
             "  (block): Block(\n"
             "    (linear): Linear(in_features=3, out_features=3, bias=True)\n"
             "  )\n"
             "  (head): Sequential(\n"
             "    (0): Linear(in_features=3, out_features=2, bias=True)\n"
             "    (1): ReLU()\n"
             "  )\n"
             ")");
}

BOOST_AUTO_TEST_CASE(containers) {
  nn::Sequential s(
      nn::Linear(2, 3), [](const Tensor& x) { return x * 2; }, nn::ReLU());
  s.append(nn::Linear(3, 1));
  BOOST_TEST(s.size() == 4);
  BOOST_TEST((s(ones({7, 2})).shape() == Shape{7, 1}));
  BOOST_TEST(s.parameters().size() == 4);
  BOOST_TEST(s[0].name() == "Linear");

  struct Deep : nn::Module {
    nn::ModuleList<nn::Linear> layers = add("layers", nn::ModuleList<nn::Linear>());
    Deep() {
      for (int i = 0; i < 3; ++i) layers.append(nn::Linear(2, 2, {.bias = false}));
    }
  };
  Deep deep;
  BOOST_TEST(names(deep.named_parameters()) ==
             (std::vector<std::string>{"layers.0.weight", "layers.1.weight", "layers.2.weight"}));
}

BOOST_AUTO_TEST_CASE(refusals) {
  struct Twice : nn::Module {
    nn::Linear a = add("a", nn::Linear(1, 1)), b = add("a", nn::Linear(1, 1));
  };
  BOOST_CHECK_EXCEPTION(Twice(), Error, saying("two members of the name 'a'"));
  struct Pair : nn::Module {};
  Pair pair;
  BOOST_CHECK_EXCEPTION(pair(ones(1)), Error,
                        saying("Pair: there is no `Tensor forward(const Tensor& x) override`"));
  BOOST_CHECK_EXCEPTION(nn::Lambda(nullptr), Error, saying("Lambda: expected a function"));
  const auto refused = [](const char* name, auto&& f) {
    BOOST_CHECK_EXCEPTION(f(), Error, saying(std::string(name) + ": expected a function"));
  };
  refused("register_forward_pre_hook", [&] { pair.register_forward_pre_hook(nullptr); });
  refused("register_forward_hook", [&] { pair.register_forward_hook(nullptr); });
  refused("register_full_backward_hook", [&] { pair.register_full_backward_hook(nullptr); });
  refused("register_pre_call_hook", [&] { pair.register_pre_call_hook(nullptr); });
  refused("register_call_hook", [&] { pair.register_call_hook(nullptr); });
  refused("register_call_backward_hook", [&] { pair.register_call_backward_hook(nullptr); });
}

BOOST_AUTO_TEST_CASE(hooks_see_and_replace_what_goes_through) {
  nn::Linear layer(2, 2, {.bias = false});
  layer.weight.set_data(from<float>({1, 2, 3, 4}).reshape({2, 2}));
  std::vector<std::string> order;
  HookHandle before = layer.register_forward_pre_hook([&](nn::Module& m, const Tensor& x) {
    BOOST_TEST(&m == &layer);
    order.push_back("before");
    return x * 2;
  });
  HookHandle after =
      layer.register_forward_hook([&](nn::Module&, const Tensor& x, const Tensor& y) {
        order.push_back("after");
        BOOST_TEST(x[0][0].item() == 2);
        return y + 1;
      });
  HookHandle backward = layer.register_full_backward_hook([&](const Tensor& in, const Tensor& out) {
    order.push_back("backward");
    BOOST_TEST(out.sum().item() == 2);
    BOOST_TEST(in[0][0].item() == 4);
    return in * 10;
  });
  const Tensor x = ones({1, 2}).requires_grad_();
  const Tensor y = layer(x);
  BOOST_TEST(y[0][0].item() == 7);
  y.sum().backward();
  BOOST_TEST(x.grad()[0][0].item() == 80);
  BOOST_TEST(layer.weight.grad()[0][0].item() == 2);
  BOOST_TEST(order == std::vector<std::string>({"before", "after", "backward"}),
             boost::test_tools::per_element());

  // An input without a gradient; and in a container, after a move.
  backward.remove();
  int calls = 0;
  layer.register_full_backward_hook([&](const Tensor& in, const Tensor& out) {
    ++calls;
    BOOST_TEST(!in.defined());
    BOOST_TEST(out.defined());
    return Tensor();
  });
  order.clear();
  nn::Sequential net(std::move(layer), nn::ReLU());
  net[0].register_forward_hook([&](nn::Module&, const Tensor&, const Tensor&) {
    ++calls;
    return Tensor();
  });
  before.remove();
  after.remove();
  net(ones({1, 2})).sum().backward();
  BOOST_TEST(calls == 2);
  BOOST_TEST(order.empty());
}

BOOST_AUTO_TEST_SUITE_END()
