// However its members are made, kept and moved, a module knows them.

#include <array>
#include <map>
#include <optional>

#include <rewind/tensor/format.h>
#include "../check.h"

using namespace rw;
using namespace rw::test;

namespace {

using Names = std::vector<std::string>;

Names names(const nn::NamedTensors& named) {
  Names out;
  for (const auto& [name, t] : named) out.push_back(name);
  return out;
}
Names names_of(const nn::Module& m) { return names(m.named_parameters()); }

nn::Linear layer(int64_t out = 3) { return nn::Linear(2, out, {.bias = false}); }
Tensor two() { return full(2, 2.0); }

// The registry holds these very tensors.
void check_knows(const nn::Module& m, const std::vector<std::pair<std::string, Tensor>>& expected) {
  const nn::NamedTensors known = m.named_parameters();
  BOOST_TEST(names(known) == names(expected), boost::test_tools::per_element());
  for (size_t i = 0; i < std::min(known.size(), expected.size()); ++i)
    BOOST_TEST(known[i].second.is_same(expected[i].second), known[i].first);
}

}  // namespace

BOOST_AUTO_TEST_SUITE(registry)

BOOST_AUTO_TEST_CASE(members_made_by_their_initializers) {
  struct Net : nn::Module {
    nn::Parameter w = parameter("w", two());
    nn::Linear fc = add("fc", layer());
  } net;
  check_knows(net, {{"w", net.w}, {"fc.weight", net.fc.weight}});
}

BOOST_AUTO_TEST_CASE(members_made_in_the_constructor) {
  struct Net : nn::Module {
    nn::Parameter w;
    nn::Buffer b;
    nn::Linear fc{1, 1};
    Net() {
      fc = add("fc", layer());
      w = parameter("w", two());
      b = buffer("b", two());
    }
  } net;
  check_knows(net, {{"w", net.w}, {"fc.weight", net.fc.weight}});
  BOOST_TEST(names(net.named_buffers()) == Names{"b"}, boost::test_tools::per_element());
  BOOST_TEST(net.fc(ones({1, 2})).size(1) == 3);
}

BOOST_AUTO_TEST_CASE(layers_added_by_reference) {
  struct Net : nn::Module {
    nn::Conv2d conv{1, 4, 3, {.padding = 1, .bias = false}};
    nn::Linear fc{2, 3, {.bias = false}};
    Net() {
      BOOST_TEST(&add("conv", conv) == &conv);
      add("fc", fc);
    }
  };
  Net net;
  check_knows(net, {{"conv.weight", net.conv.weight}, {"fc.weight", net.fc.weight}});
  const Net moved = std::move(net);
  check_knows(moved, {{"conv.weight", moved.conv.weight}, {"fc.weight", moved.fc.weight}});
  BOOST_TEST(net.parameters().empty());
}

namespace {

struct Containers : nn::Module {
  std::vector<nn::Parameter> weights;
  std::vector<nn::Linear> many;
  std::optional<nn::Linear> maybe;
  std::array<nn::Linear, 2> pair = {add("pair0", layer()), add("pair1", layer())};
  std::map<std::string, nn::Linear> by_name;
  std::unique_ptr<nn::Linear> own;

  Containers() {
    for (int i = 0; i < 5; ++i) {
      weights.push_back(parameter(fmt::format("w{}", i), two()));
      many.push_back(add(fmt::format("many{}", i), layer()));
    }
    maybe = add("maybe", layer());
    by_name.emplace("a", add("map_a", layer()));
    own = std::make_unique<nn::Linear>(add("own", layer()));
  }
  void check() const {
    nn::NamedTensors expected;
    for (size_t i = 0; i < 5; ++i) expected.emplace_back(fmt::format("w{}", i), weights[i]);
    for (size_t i = 0; i < 2; ++i)
      expected.emplace_back(fmt::format("pair{}.weight", i), pair[i].weight);
    for (size_t i = 0; i < 5; ++i)
      expected.emplace_back(fmt::format("many{}.weight", i), many[i].weight);
    expected.emplace_back("maybe.weight", maybe->weight);
    expected.emplace_back("map_a.weight", by_name.at("a").weight);
    expected.emplace_back("own.weight", own->weight);
    check_knows(*this, expected);
  }
};

}  // namespace

BOOST_AUTO_TEST_CASE(containers_of_parameters_and_layers) {
  Containers net;
  net.check();
  Containers moved = std::move(net);
  moved.check();
  Containers assigned;
  assigned = std::move(moved);
  assigned.check();
  std::vector<Containers> several;
  for (int i = 0; i < 4; ++i) several.emplace_back();
  for (const Containers& one : several) one.check();
  std::swap(several[0], several[3]);
  for (const Containers& one : several) one.check();
}

BOOST_AUTO_TEST_CASE(elements_that_move_up_take_their_names_along) {
  Containers net;
  const Tensor second = net.weights[1], last = net.many[4].weight;
  net.weights.erase(net.weights.begin());
  net.many.erase(net.many.begin(), net.many.begin() + 3);
  net.maybe.reset();
  net.own.reset();
  BOOST_TEST(names_of(net) == (Names{"w1", "w2", "w3", "w4", "pair0.weight", "pair1.weight",
                                     "many3.weight", "many4.weight", "map_a.weight"}),
             boost::test_tools::per_element());
  BOOST_TEST(net.named_parameters()[0].second.is_same(second));
  BOOST_TEST(net.named_parameters()[7].second.is_same(last));
}

BOOST_AUTO_TEST_CASE(the_name_of_what_is_gone_is_free) {
  struct Net : nn::Module {
    std::optional<nn::Linear> fc;
    nn::Parameter w;
    void make() {
      fc.reset();
      fc = add("fc", layer());
      w = nn::Parameter();
    }
  } net;
  net.make();
  net.make();
  check_knows(net, {{"fc.weight", net.fc->weight}});
}

BOOST_AUTO_TEST_CASE(members_are_replaced_under_their_names) {
  struct Net : nn::Module {
    nn::Linear fc = add("fc", layer());
    nn::Parameter w = parameter("w", two());
    nn::BatchNorm2d bn = add("bn", nn::BatchNorm2d(2));
  } net;
  const auto check = [&] {
    check_knows(net, {{"w", net.w},
                      {"fc.weight", net.fc.weight},
                      {"bn.weight", net.bn.weight},
                      {"bn.bias", net.bn.bias}});
  };
  net.fc = layer(5);
  check();
  BOOST_TEST(net.parameters()[1].size(0) == 5);
  net.w = ones(7).requires_grad_();
  check();
  Tensor& handle = net.w;
  handle = ones(8).requires_grad_();
  check();
  BOOST_TEST(net.parameters()[0].size(0) == 8);
  net.bn.running_mean = ones(2);
  BOOST_TEST(net.buffers()[0].is_same(net.bn.running_mean));

  // From another model: both know their own.
  Net other;
  net.fc = std::move(other.fc);
  net.w = other.w;
  net.bn.bias = std::move(other.bn.bias);
  check();
  BOOST_TEST(names_of(other) == (Names{"w", "bn.weight"}), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(layers_that_move_out_leave) {
  struct Net : nn::Module {
    nn::Linear a = add("a", layer()), b = add("b", layer());
    nn::Parameter w = parameter("w", two());
  } net;
  {
    const nn::Linear taken = std::move(net.a);
    BOOST_TEST(names_of(net) == (Names{"w", "a.weight", "b.weight"}));
    const nn::Parameter w = std::move(net.w);
    BOOST_TEST(net.named_parameters()[0].second.is_same(w));
  }
  check_knows(net, {{"b.weight", net.b.weight}});
  nn::Linear& itself = net.b;
  net.b = std::move(itself);
  check_knows(net, {{"b.weight", net.b.weight}});
}

BOOST_AUTO_TEST_CASE(copies_of_parameters_are_plain_handles) {
  struct Net : nn::Module {
    nn::Parameter w = parameter("w", two());
  } net;
  {
    nn::Parameter copy = net.w;
    BOOST_TEST(copy.is_same(net.w));
    copy = ones(1);
  }
  check_knows(net, {{"w", net.w}});
  BOOST_TEST(net.w.numel() == 2);
}

BOOST_AUTO_TEST_CASE(layers_outlive_their_models) {
  struct Net : nn::Module {
    std::shared_ptr<nn::Linear> fc;
    explicit Net(std::shared_ptr<nn::Linear> l) : fc(add("fc", std::move(l))) {}
    Tensor forward(const Tensor& x) override { return (*fc)(x); }
  };
  const auto shared = std::make_shared<nn::Linear>(layer());
  Net a(shared);
  {
    Net b(shared);
    Net c = std::move(b);
    check_knows(c, {{"fc.weight", shared->weight}});
    BOOST_TEST(c(ones({1, 2})).size(1) == 3);  // a layer of two models belongs to both
    BOOST_TEST(a(ones({1, 2})).size(1) == 3);
  }
  check_knows(a, {{"fc.weight", shared->weight}});
  *shared = layer(4);
  check_knows(a, {{"fc.weight", shared->weight}});
}

BOOST_AUTO_TEST_CASE(state_and_modes_follow_the_order_of_registration) {
  Containers net;
  net.eval();
  BOOST_TEST(!net.many[2].is_training());
  BOOST_TEST(!net.maybe->is_training());
  BOOST_TEST(names(net.state_dict()) == names_of(net), boost::test_tools::per_element());
  BOOST_TEST(to_string(net).find("(map_a): Linear(in_features=2") != std::string::npos);
  BOOST_TEST(net.num_parameters() == 5 * 2 + 10 * 6);
}

BOOST_AUTO_TEST_CASE(two_members_of_one_name) {
  struct Twice : nn::Module {
    nn::Linear a = layer(), b = layer();
    Twice() {
      add("a", a);
      add("a", b);
    }
  };
  BOOST_CHECK_EXCEPTION(Twice(), Error, saying("two members of the name 'a'"));
  struct Null : nn::Module {
    std::shared_ptr<nn::Linear> a = add("a", std::shared_ptr<nn::Linear>());
  };
  BOOST_CHECK_EXCEPTION(Null(), Error, saying("add: the layer 'a' is null"));
}

BOOST_AUTO_TEST_CASE(names_are_parts_of_paths) {
  for (const char* name : {"", "a.b", "."}) {
    struct Named : nn::Module {
      explicit Named(const std::string& n) { w = parameter(n, two()); }
      nn::Parameter w;
    };
    BOOST_CHECK_EXCEPTION(Named(std::string(name)), Error, saying("add: expected a name without"));
  }
}

BOOST_AUTO_TEST_CASE(parameters_that_nobody_kept) {
  struct AsTensor : nn::Module {
    Tensor w;
    AsTensor() { w = parameter("w", two()); }
  };
  struct Copied : nn::Module {
    std::vector<nn::Parameter> all{parameter("w", two())};  // braces copy
  };
  struct Below : nn::Module {
    AsTensor inner;
    Below() { add("inner", inner); }
  };
  BOOST_CHECK_EXCEPTION(AsTensor().parameters(), Error,
                        saying("AsTensor: 'w' was registered and is"));
  BOOST_CHECK_EXCEPTION(Copied().state_dict(), Error,
                        saying("Copied: 'w' was registered and is gone"));
  BOOST_CHECK_EXCEPTION(Below().parameters(), Error, saying("AsTensor: 'inner.w' was registered"));
}

BOOST_AUTO_TEST_CASE(what_is_assigned_to_a_parameter_is_trained_as_it_was) {
  struct Net : nn::Module {
    nn::Parameter w = parameter("w", two());
    nn::Buffer b = buffer("b", two());
  } net;
  const Tensor given = full(3, 1.0);
  net.w = given;
  net.b = given;
  BOOST_TEST(net.w.requires_grad());
  BOOST_TEST(!net.b.requires_grad());
  BOOST_TEST(!given.requires_grad());
  check_knows(net, {{"w", net.w}});
  net.w.requires_grad_(false);
  net.w = full(2, 1.0);
  BOOST_TEST(!net.w.requires_grad());
}

BOOST_AUTO_TEST_CASE(layers_of_sequences_are_replaced_as_what_they_are) {
  static_assert(!std::is_assignable_v<nn::Module&, nn::Linear>);
  nn::Sequential net(nn::Linear(2, 8), nn::ReLU(), nn::Linear(8, 1));
  net.at<nn::Linear>(2) = nn::Linear(8, 3);
  BOOST_TEST((net.state_dict()["2.weight"].shape() == Shape{3, 8}));
  BOOST_TEST(net(ones({1, 2})).size(1) == 3);
  BOOST_CHECK_EXCEPTION(net.at<nn::Linear>(1), Error,
                        saying("layer 1 is of the type ReLU, not Linear"));
}

BOOST_AUTO_TEST_SUITE_END()
