// What a call of a module does around its forward, whatever that takes and returns.

#include <array>
#include <optional>
#include <tuple>

#include "../check.h"

using namespace rw;
using namespace rw::test;

namespace {

using Strings = std::vector<std::string>;

struct Pair : nn::ModuleOf<Pair> {
  nn::Linear left{2, 3}, right{4, 3};
  Pair() {
    add("left", left);
    add("right", right);
  }
  std::pair<Tensor, Tensor> forward(const Tensor& x, const Tensor& y) {
    return {left(x), right(y)};
  }
};

std::string message_of(const std::function<void()>& f) {
  try {
    f();
  } catch (const Error& e) {
    return e.what();
  }
  return "";
}

}  // namespace

BOOST_AUTO_TEST_SUITE(signatures)

BOOST_AUTO_TEST_CASE(modules_take_and_return_anything) {
  Pair pair;
  const auto [a, b] = pair(ones({5, 2}), ones({5, 4}));
  BOOST_TEST((a.shape() == Shape{5, 3}));
  BOOST_TEST((b.shape() == Shape{5, 3}));

  struct Many : nn::ModuleOf<Many> {
    int calls = 0;
    std::unique_ptr<int> forward(std::unique_ptr<int> p, const std::string& s, double x = 0.5) {
      *p += static_cast<int>(s.size()) + static_cast<int>(2 * x);
      return p;
    }
    int& forward() { return ++calls; }
    void forward(std::vector<Tensor>& out) { out.push_back(ones(1)); }
    Tensor forward(Tensor x) { return x * 2; }
  } many;
  BOOST_TEST(*many(std::make_unique<int>(1), "abc") == 5);
  static_assert(std::is_same_v<decltype(many()), int&>);
  BOOST_TEST(&many() == &many.calls);
  std::vector<Tensor> out;
  many(out);
  BOOST_TEST(out.size() == 1);
  BOOST_TEST(many(ones(1)).item() == 2);
  static_assert(!std::is_invocable_v<Pair&, Tensor>);
  static_assert(!std::is_invocable_v<const Pair&, Tensor, Tensor>);
}

BOOST_AUTO_TEST_CASE(losses_are_called_with_two_tensors) {
  const Tensor x = ones({2, 2}), y = zeros({2, 2});
  const nn::MSELoss constant;
  BOOST_TEST(constant(x, y).item() == 1);
  nn::CrossEntropyLoss loss({.label_smoothing = 0.1});
  BOOST_TEST(equal(loss(x, zeros(2, int64)), loss.forward(x, zeros(2, int64))));
  int calls = 0;
  loss.register_forward_hook([&](nn::Module&, const Tensor& in, const Tensor& out) {
    ++calls;
    BOOST_TEST(in.is_same(x));
    return out * 3;
  });
  BOOST_TEST(loss(x, zeros(2, int64)).item() == 3 * loss.forward(x, zeros(2, int64)).item());
  BOOST_TEST(calls == 1);
}

BOOST_AUTO_TEST_CASE(one_tensor_works_through_any_handle) {
  struct Twice : nn::ModuleOf<Twice> {
    Tensor forward(const Tensor& x) override { return x * 2; }
  };
  nn::Sequential net{Twice(), nn::ReLU()};
  BOOST_TEST(net(ones(1)).item() == 2);
  BOOST_TEST(Twice()(ones(1)).item() == 2);
  nn::Sequential two{Pair()};
  BOOST_CHECK_EXCEPTION(two(ones(1)), Error,
                        saying("0: Pair: there is no `Tensor forward(const Tensor& x) override`; a "
                               "forward of another signature takes nn::ModuleOf<Pair>"));
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(hooks)

BOOST_AUTO_TEST_CASE(all_tensors_of_a_call) {
  Pair pair;
  Strings order;
  pair.register_pre_call_hook([&](nn::Module& m, std::span<Tensor> in) {
    BOOST_TEST(&m == &pair);
    order.push_back("before " + std::to_string(in.size()));
    in[1] = in[1] * 2;
  });
  pair.register_call_hook([&](nn::Module&, std::span<const Tensor> in, std::span<Tensor> out) {
    order.push_back("after " + std::to_string(out.size()));
    BOOST_TEST(in[1][0][0].item() == 2);
    out[0] = out[0] + 1;
  });
  const HookHandle handle = pair.register_call_backward_hook(
      [&](std::span<Tensor> grad_in, std::span<const Tensor> grad_out) {
        order.push_back("backward");
        BOOST_TEST(grad_in.size() == 2);
        BOOST_TEST(!grad_in[0].defined());  // x requires none
        BOOST_TEST(grad_out[0].sum().item() == 3);
        BOOST_TEST(grad_out[1].sum().item() == 6);
        grad_in[1] = grad_in[1] * 10;
      });
  const Tensor x = ones({1, 2}), y = ones({1, 4}).requires_grad_();
  const auto [a, b] = pair(x, y);
  BOOST_TEST(equal(a, pair.left(x) + 1));
  BOOST_TEST(equal(b, pair.right(y * 2)));
  (a.sum() + b.sum() * 2).backward();
  BOOST_TEST(equal(y.grad(), pair.right.weight.detach().sum({0}, true) * 40));
  BOOST_TEST(order == (Strings{"before 2", "after 2", "backward"}),
             boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(hooks_of_one_tensor_see_the_first) {
  Pair pair;
  pair.register_forward_pre_hook([&](nn::Module&, const Tensor& x) { return x * 2; });
  pair.register_forward_hook([&](nn::Module&, const Tensor&, const Tensor& y) { return y + 1; });
  int calls = 0;
  pair.register_full_backward_hook([&](const Tensor& in, const Tensor& out) {
    ++calls;
    BOOST_TEST(!in.defined());
    BOOST_TEST(out.defined());
    return Tensor();
  });
  const Tensor x = ones({1, 2}), y = ones({1, 4});
  const auto [a, b] = pair(x, y);
  BOOST_TEST(equal(a, pair.left(x * 2) + 1));
  BOOST_TEST(equal(b, pair.right(y)));
  a.sum().backward();
  BOOST_TEST(calls == 1);
}

BOOST_AUTO_TEST_CASE(tensors_inside_other_arguments) {
  using State = std::tuple<Tensor, std::array<Tensor, 2>>;
  struct Cell : nn::ModuleOf<Cell> {
    std::pair<Tensor, std::optional<State>> forward(const std::vector<Tensor>& x,
                                                    const std::optional<State>& state, int n) {
      Tensor y = x[0] + x[1] * n;
      if (state) y = y + std::get<0>(*state) + std::get<1>(*state)[0] + std::get<1>(*state)[1];
      return {y, State{y, {y, y}}};
    }
  } cell;
  std::vector<size_t> seen;
  cell.register_pre_call_hook([&](nn::Module&, std::span<Tensor> in) {
    seen.push_back(in.size());
    for (Tensor& t : in) t = t * 10;
  });
  cell.register_call_hook([&](nn::Module&, std::span<const Tensor> in, std::span<Tensor> out) {
    seen.push_back(in.size());
    seen.push_back(out.size());
    out[3] = out[3] + 1;
  });
  const std::vector<Tensor> x = {ones(1), ones(1)};
  const auto [y, state] = cell(x, std::nullopt, 2);
  BOOST_TEST(y.item() == 30);
  BOOST_TEST(std::get<1>(*state)[1].item() == 31);
  BOOST_TEST(cell(x, state, 2).first.item() == 30 + 300 + 300 + 310);
  BOOST_TEST(x[0].item() == 1);  // hooks replace tensors of the call, not of the caller
  BOOST_TEST((seen == std::vector<size_t>{2, 2, 4, 5, 5, 4}));
}

BOOST_AUTO_TEST_CASE(calls_without_tensors) {
  struct Count : nn::ModuleOf<Count> {
    int forward(int n) { return n + 1; }
    void forward() {}
  } count;
  Strings order;
  count.register_pre_call_hook([&](nn::Module&, std::span<Tensor> in) {
    order.push_back("before " + std::to_string(in.size()));
  });
  count.register_forward_hook([&](nn::Module&, const Tensor& in, const Tensor& out) {
    order.push_back(in.defined() || out.defined() ? "?" : "after");
    return ones(1);
  });
  BOOST_TEST(count(1) == 2);
  count();
  BOOST_TEST(order == (Strings{"before 0", "after", "before 0", "after"}),
             boost::test_tools::per_element());
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(unregistered)

namespace {

// Calls a layer that is not added.
template <class Layer>
struct Forgetful : nn::Module {
  nn::Linear known{2, 2};
  Layer layer;
  explicit Forgetful(Layer l) : layer(std::move(l)) { add("known", known); }
  Tensor forward(const Tensor& x) override { return layer(known(x)); }
};

template <class Layer>
void check_noticed(Layer layer, const Tensor& x, const std::string& type) {
  nn::Sequential net(nn::Identity(), Forgetful<Layer>(std::move(layer)));
  const std::string message = message_of([&] { net(x); });
  BOOST_TEST(message.starts_with("Sequential.1: a " + type +
                                 " is called that no module has as a member; register it: "
                                 "add(\"name\", layer)"),
             message);
  auto& inner = dynamic_cast<Forgetful<Layer>&>(net[1]);
  inner.layer.held_elsewhere();
  BOOST_CHECK_NO_THROW(net(x));
  inner.layer.held_elsewhere(false);
  BOOST_CHECK_THROW(net(x), Error);
  BOOST_CHECK_NO_THROW(inner.layer(x));  // on its own
}

}  // namespace

BOOST_AUTO_TEST_CASE(layers_with_a_state_or_a_mode) {
  const Tensor x = ones({3, 2});
  check_noticed(nn::Linear(2, 2), x, "Linear");
  check_noticed(nn::BatchNorm1d(2), x, "BatchNorm1d");
  check_noticed(nn::BatchNorm1d(2, {.affine = false, .track_running_stats = false}), x,
                "BatchNorm1d");
  check_noticed(nn::LayerNorm(2), x, "LayerNorm");
  check_noticed(nn::Dropout(), x, "Dropout");
  check_noticed(nn::Sequential(nn::ReLU()), x, "Sequential");
  struct Counted : nn::Module {
    nn::Buffer n = buffer("n", zeros({}));
    Tensor forward(const Tensor& t) override { return t; }
  };
  check_noticed(Counted(), x, "Counted");
}

BOOST_AUTO_TEST_CASE(the_model_itself_is_the_caller) {
  Forgetful<nn::Linear> net(nn::Linear(2, 2));
  BOOST_CHECK_EXCEPTION(net(ones({3, 2})), Error,
                        saying("Forgetful<rw::nn::Linear>: a Linear is called that no module has"));
}

BOOST_AUTO_TEST_CASE(layers_of_another_model) {
  Pair other;
  nn::Sequential net([&](const Tensor& x) { return other.left(x); });
  BOOST_CHECK_EXCEPTION(net(ones({1, 2})), Error, saying("Sequential.0: a Linear is called"));
  other.held_elsewhere();  // with all that stands below
  BOOST_CHECK_NO_THROW(net(ones({1, 2})));
  Pair moved = std::move(other);
  nn::Sequential third([&](const Tensor& x) { return moved.left(x); });
  BOOST_CHECK_NO_THROW(third(ones({1, 2})));
}

BOOST_AUTO_TEST_CASE(what_has_nothing_to_lose_passes) {
  nn::Sequential net([](const Tensor& x) { return nn::ReLU()(nn::Flatten()(x)); },
                     [](const Tensor& x) { return nn::MSELoss()(x, x); });
  BOOST_CHECK_NO_THROW(net(ones({3, 2})));
}

BOOST_AUTO_TEST_CASE(layers_may_be_called_from_anywhere_in_their_model) {
  struct Net : nn::Module {
    nn::Sequential body = add("body", nn::Sequential(nn::Linear(2, 2), nn::Dropout()));
    nn::Sequential again = add("again", nn::Sequential([this](const Tensor& x) {
                                 return body[0](x);  // a layer beside it
                               }));
    Tensor forward(const Tensor& x) override { return again(body[1](body[0](x))); }
  } net;
  BOOST_CHECK_NO_THROW(net(ones({3, 2})));
  BOOST_CHECK_NO_THROW(checkpoint(net, ones({3, 2}).requires_grad_()).sum().backward());
}

BOOST_AUTO_TEST_CASE(hooks_call_what_they_like) {
  nn::Linear probe(2, 1);
  nn::Sequential net(nn::Linear(2, 2));
  int calls = 0;
  net[0].register_forward_hook([&](nn::Module&, const Tensor&, const Tensor& y) {
    ++calls;
    probe(y);
    return Tensor();
  });
  BOOST_CHECK_NO_THROW(net(ones({1, 2})));
  BOOST_TEST(calls == 1);
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(paths)

namespace {

struct Block : nn::Module {
  nn::Conv2d conv1{3, 3, 3, {.padding = 1}};
  nn::Lambda act{[](const Tensor& x) { return relu(x); }};
  Block() {
    add("conv1", conv1);
    add("act", act);
  }
  Tensor forward(const Tensor& x) override { return act(conv1(x)); }
};

struct Net : nn::Module {
  nn::Sequential layer1 = add("layer1", nn::Sequential(Block()));
  nn::Sequential layer2 = add("layer2", nn::Sequential(Block(), Block()));
  Tensor forward(const Tensor& x) override { return layer2(layer1(x)); }
};

struct UsersError : ShapeError {
  using ShapeError::ShapeError;
};

}  // namespace

BOOST_AUTO_TEST_CASE(errors_name_the_layer) {
  Net net;
  auto& block = dynamic_cast<Block&>(net.layer2[1]);
  const Tensor x = ones({1, 3, 4, 4});
  block.conv1 = nn::Conv2d(5, 3, 3);
  BOOST_CHECK_EXCEPTION(net(x), ShapeError, [](const Error& e) {
    return says(e, "conv2d") && std::string(e.what()).starts_with("layer2.1.conv1: conv2d: ");
  });
  // From where the call starts.
  BOOST_TEST(message_of([&] { net.layer2(x); }).starts_with("1.conv1: conv2d: "));
  BOOST_TEST(message_of([&] { block.conv1(x); }).starts_with("conv2d: "));
  BOOST_TEST(message_of([&] { net.forward(x); }).starts_with("1.conv1: conv2d: "));

  // Also under hooks.
  block.conv1.register_forward_hook([](auto&&...) { return Tensor(); });
  net.layer2.register_forward_hook([](auto&&...) { return Tensor(); });
  BOOST_TEST(message_of([&] { net(x); }).starts_with("layer2.1.conv1: conv2d: "));
}

BOOST_AUTO_TEST_CASE(the_type_stays) {
  Net net;
  auto& block = dynamic_cast<Block&>(net.layer1[0]);
  const Tensor x = ones({1, 3, 4, 4});
  const auto throwing = [&](auto error) {
    block.act = nn::Lambda([error](const Tensor&) -> Tensor { throw error; });
  };
  throwing(UsersError("no"));
  BOOST_CHECK_EXCEPTION(net(x), UsersError,
                        [](const auto& e) { return std::string(e.what()) == "layer1.0.act: no"; });
  throwing(DTypeError("no"));
  BOOST_CHECK_EXCEPTION(net(x), DTypeError, saying("layer1.0.act: no"));
  throwing(std::invalid_argument("theirs"));
  BOOST_CHECK_EXCEPTION(net(x), std::invalid_argument,
                        [](const auto& e) { return std::string(e.what()) == "theirs"; });
  throwing(7);
  BOOST_CHECK_THROW(net(x), int);
}

BOOST_AUTO_TEST_CASE(errors_that_are_caught_leave_no_trace) {
  struct Careful : nn::Module {
    nn::Linear a = add("a", nn::Linear(3, 2)), b = add("b", nn::Linear(4, 2));
    std::string caught;
    Tensor forward(const Tensor& x) override {
      caught = message_of([&] { a(x); });
      return b(x);
    }
  } careful;
  BOOST_TEST(message_of([&] { careful(ones({1, 2})); }).starts_with("b: "));
  BOOST_TEST(careful.caught.starts_with("a: "));
  BOOST_CHECK_NO_THROW(careful(ones({1, 4})));
  BOOST_TEST(message_of([] { matmul(ones({2, 3}), ones({2, 3})); }).starts_with("matmul"));
}

BOOST_AUTO_TEST_CASE(layers_that_are_no_members) {
  Pair teacher;
  teacher.held_elsewhere();
  nn::Sequential net(nn::Identity(), [&](const Tensor& x) { return teacher(x, x).first; });
  BOOST_TEST(message_of([&] { net(ones({1, 2})); }).starts_with("1.Pair.right: "));
  nn::Sequential flat(nn::Identity(), [](const Tensor& x) { return nn::Flatten(5)(x); });
  BOOST_TEST(message_of([&] { flat(ones({1, 2})); }).starts_with("1.Flatten: "));
}

BOOST_AUTO_TEST_SUITE_END()
