// Containers of layers and of parameters.

#include "../check.h"

using namespace rw;
using namespace rw::test;

namespace {

using Names = std::vector<std::string>;

Names names(const nn::Module& m) {
  Names all;
  for (const auto& [name, t] : m.state_dict()) all.push_back(name);
  return all;
}
void check_names(const nn::Module& m, const Names& expected) {
  BOOST_TEST(names(m) == expected, boost::test_tools::per_element());
}

nn::Linear layer(int64_t in, int64_t out) { return nn::Linear(in, out, {.bias = false}); }

}  // namespace

BOOST_AUTO_TEST_SUITE(containers)

BOOST_AUTO_TEST_CASE(sequential_changes) {
  nn::Sequential net(layer(2, 3), layer(3, 4));
  const Tensor last = net.at<nn::Linear>(1).weight;
  net.insert(1, nn::BatchNorm1d(3, {.affine = false, .track_running_stats = false}));
  net.insert(0, [](const Tensor& x) { return x * 2; });
  check_names(net, {"1.weight", "3.weight"});
  BOOST_TEST(net.size() == 4);
  BOOST_TEST(net.at<nn::Linear>(3).weight.is_same(last));
  BOOST_TEST((net(ones({5, 2})).shape() == Shape{5, 4}));
  Names types;
  for (const nn::Module& m : net) types.push_back(m.name());
  BOOST_TEST(types == (Names{"Lambda", "Linear", "BatchNorm1d", "Linear"}),
             boost::test_tools::per_element());
  net.erase(0);
  check_names(net, {"0.weight", "2.weight"});
  BOOST_TEST(net(ones({5, 2})).size(1) == 4);
  BOOST_CHECK_EXCEPTION(net.erase(3), IndexError,
                        saying("Sequential: there is no layer 3: expected 0 to 2"));
  BOOST_CHECK_EXCEPTION(net.insert(4, nn::ReLU()), IndexError, saying("insert: layer 4 of 3"));
  BOOST_CHECK_EXCEPTION((void)net.at<nn::ReLU>(0), Error,
                        saying("Sequential: layer 0 is of the type Linear, not ReLU"));
  nn::Sequential moved = std::move(net);
  check_names(moved, {"0.weight", "2.weight"});
  moved.clear();
  BOOST_TEST(moved.empty());
  check_names(moved, {});
}

BOOST_AUTO_TEST_CASE(layers_by_path_and_by_other_names) {
  nn::Sequential net, inner;
  inner.push_back("conv", nn::Conv2d(3, 8, 3)).push_back(nn::ReLU());
  net.push_back(layer(2, 3)).push_back(std::move(inner));
  BOOST_TEST(net.get_submodule("1.conv").as<nn::Conv2d>().in_channels() == 3);
  BOOST_TEST(&net.get_submodule("") == &net);
  BOOST_CHECK_EXCEPTION(net.get_submodule("1.fc"), Error,
                        saying("get_submodule: '1.fc': Sequential has no layer 'fc', but conv, 1"));
  BOOST_CHECK_EXCEPTION(net.get_submodule("0.fc"), Error,
                        saying("Linear has no layer 'fc', but none"));
  BOOST_CHECK_EXCEPTION(net.get_submodule("0."), Error, saying("Linear has no layer ''"));
  BOOST_CHECK_EXCEPTION((void)net[0].as<nn::Conv2d>(), Error,
                        saying("as: this layer is of the type Linear, not Conv2d"));
  Names types;
  for (const nn::Module* m : net.modules()) types.push_back(m->name());
  BOOST_TEST(types == (Names{"Sequential", "Linear", "Sequential", "Conv2d", "ReLU"}),
             boost::test_tools::per_element());
  nn::ModuleList<> list;
  BOOST_TEST(list.push_back(layer(2, 3)).out_features() == 3);
  list.clear();
  BOOST_CHECK_EXCEPTION((void)list[0], IndexError, saying("expected none, it is empty"));

  struct Net : nn::Module {
    nn::Linear fc = register_module("fc", layer(2, 3)), other{2, 3};
    nn::Parameter w = register_parameter("w", ones(2));
    nn::Buffer b = register_buffer("b", ones(2));
    Net() { register_module("other", other); }
  };
  check_names(Net(), {"w", "b", "fc.weight", "other.weight", "other.bias"});
}

BOOST_AUTO_TEST_CASE(layers_with_names) {
  nn::Sequential net;
  net.append("first", layer(2, 3)).append(layer(3, 3)).append("last", layer(3, 4));
  check_names(net, {"first.weight", "1.weight", "last.weight"});
  for (const char* wrong : {"", "7", "a.b"})
    BOOST_CHECK_EXCEPTION(net.append(wrong, layer(1, 1)), Error,
                          saying("append: expected a name, neither a number nor with a dot"));
  BOOST_CHECK_EXCEPTION(net.append("last", layer(1, 1)), Error,
                        saying("append: there is a layer \"last\" already"));
  BOOST_TEST((net(ones({5, 2})).shape() == Shape{5, 4}));
  net.insert(0, nn::ReLU());
  check_names(net, {"first.weight", "2.weight", "last.weight"});
  nn::Sequential moved = std::move(net);
  moved.erase(1);
  check_names(moved, {"1.weight", "last.weight"});
}

BOOST_AUTO_TEST_CASE(layers_may_be_shared) {
  const auto shared = std::make_shared<nn::Linear>(layer(3, 3));
  nn::Sequential a(shared, nn::ReLU(), shared), b;
  b.extend({shared, std::make_shared<nn::Tanh>()});
  BOOST_TEST(a.parameters().size() == 1);
  check_names(a, {"0.weight", "2.weight"});
  BOOST_TEST(b.parameters()[0].is_same(shared->weight));
  BOOST_TEST((a(ones({1, 3})).shape() == Shape{1, 3}));
  a.erase(0);
  check_names(a, {"1.weight"});
}

BOOST_AUTO_TEST_CASE(lists_of_layers) {
  nn::ModuleList<nn::Linear> list;
  nn::Linear& second = list.append(layer(2, 2));
  list.insert(0, layer(1, 1));
  std::vector<nn::Linear> more;
  more.push_back(layer(3, 3));
  list.extend(std::move(more));
  BOOST_TEST(list[1].weight.is_same(second.weight));
  check_names(list, {"0.weight", "1.weight", "2.weight"});
  int64_t sizes = 0;
  for (nn::Linear& l : list) sizes = 10 * sizes + l.weight.size(0);
  BOOST_TEST(sizes == 123);

  nn::ModuleList<> mixed;
  mixed.append(nn::ReLU());
  nn::Linear& fc = mixed.append(layer(2, 2));
  mixed.append(std::make_shared<nn::Linear>(layer(4, 4)));
  BOOST_TEST(&mixed.at<nn::Linear>(1) == &fc);
  check_names(mixed, {"1.weight", "2.weight"});
  BOOST_CHECK_EXCEPTION(mixed[3], IndexError, saying(": there is no layer 3: expected 0 to 2"));
}

BOOST_AUTO_TEST_CASE(layers_by_name) {
  nn::ModuleDict<> dict;
  dict.insert("conv", nn::Conv2d(1, 2, 3, {.bias = false}));
  nn::Linear& fc = dict.insert("fc", layer(2, 3));
  BOOST_TEST(&dict.at<nn::Linear>("fc") == &fc);
  check_names(dict, {"conv.weight", "fc.weight"});
  dict.insert("conv", layer(5, 5));
  check_names(dict, {"conv.weight", "fc.weight"});
  BOOST_TEST((dict.at<nn::Linear>("conv").weight.shape() == Shape{5, 5}));
  BOOST_TEST(dict.keys() == (Names{"conv", "fc"}), boost::test_tools::per_element());
  BOOST_TEST(dict.contains("fc"));
  BOOST_TEST(!dict.contains("act"));
  Names keys;
  for (const auto& [key, l] : dict) keys.push_back(key + " " + l->name());
  BOOST_TEST(keys == (Names{"conv Linear", "fc Linear"}), boost::test_tools::per_element());
  const std::shared_ptr<nn::Module> out = dict.pop("conv");
  BOOST_TEST(out->name() == "Linear");
  check_names(dict, {"fc.weight"});
  BOOST_CHECK_EXCEPTION(dict["conv"], IndexError, saying("there is no layer 'conv'"));
  BOOST_CHECK_EXCEPTION(dict.at<nn::ReLU>("fc"), Error,
                        saying("ModuleDict: the layer 'fc' is of the type Linear, not ReLU"));
  BOOST_CHECK_EXCEPTION(dict.insert("a.b", nn::ReLU()), Error, saying("a name without a dot"));
  BOOST_TEST(dict.size() == 1);
  dict.clear();
  BOOST_TEST(dict.empty());
}

BOOST_AUTO_TEST_CASE(lists_of_parameters) {
  struct Net : nn::Module {
    nn::ParameterList weights = add("weights", nn::ParameterList({ones(2), zeros(3)}));
  } net;
  net.weights.append(ones(4));
  check_names(net, {"weights.0", "weights.1", "weights.2"});
  BOOST_TEST(net.parameters()[2].requires_grad());
  net.weights[1] = full(5, 2.0);
  BOOST_TEST(net.parameters()[1].size(0) == 5);
  BOOST_TEST(net.parameters()[1].requires_grad());
  int64_t sizes = 0;
  for (const Tensor& t : net.weights) sizes = 10 * sizes + t.size(0);
  BOOST_TEST(sizes == 254);
  BOOST_CHECK_EXCEPTION(net.weights[3], IndexError, saying("ParameterList: parameter 3 of 3"));
}

BOOST_AUTO_TEST_CASE(parameters_by_name) {
  nn::ParameterDict dict({{"left", ones(1)}, {"right", ones(2)}});
  dict.insert("top", ones(3));
  dict.insert("left", ones(4));
  check_names(dict, {"left", "right", "top"});
  BOOST_TEST(dict["left"].size(0) == 4);
  BOOST_TEST(dict.pop("right").size(0) == 2);
  check_names(dict, {"left", "top"});
  BOOST_TEST(dict.parameters()[1].is_same(dict["top"]));
  BOOST_TEST(dict.keys() == (Names{"left", "top"}), boost::test_tools::per_element());
  BOOST_TEST(dict.contains("top"));
  BOOST_CHECK_EXCEPTION(dict["right"], IndexError, saying("there is no parameter 'right'"));
}

// A member "2" is in the way of the layer that would be the third.
struct Crowded : nn::Sequential {
  nn::Parameter two = parameter("2", ones(1)), w = parameter("w", ones(1));
};

BOOST_AUTO_TEST_CASE(what_cannot_be_added_changes_nothing) {
  const auto s = std::make_shared<Crowded>();
  s->append(layer(2, 3)).append(layer(3, 4));
  const Names before = names(*s);
  BOOST_CHECK_EXCEPTION(s->append("w", layer(1, 1)), Error, saying("named 'w'"));
  BOOST_CHECK_EXCEPTION(s->insert(0, layer(1, 1)), Error, saying("named '2'"));
  BOOST_CHECK_EXCEPTION(s->insert(0, s), Error, saying("'0' is the module itself"));
  BOOST_CHECK_THROW(s->extend({std::make_shared<nn::ReLU>()}), Error);
  check_names(*s, before);
  BOOST_TEST(s->size() == 2);
  BOOST_TEST((s->forward(ones({5, 2})).shape() == Shape{5, 4}));

  nn::Sequential plain(layer(2, 2));
  BOOST_CHECK_THROW(plain.extend({std::make_shared<nn::ReLU>(), nullptr}), Error);
  BOOST_TEST(plain.size() == 1);

  const auto dict = std::make_shared<nn::ModuleDict<>>();
  dict->insert("a", layer(2, 3));
  dict->insert("b", layer(3, 4));
  BOOST_CHECK_EXCEPTION(dict->insert("a", dict), Error, saying("'a' is the module itself"));
  BOOST_CHECK_THROW(dict->insert("c", dict), Error);
  check_names(*dict, {"a.weight", "b.weight"});

  nn::ParameterList list;
  BOOST_CHECK_THROW(list.extend({ones(2), zeros(2, int64)}), DTypeError);
  BOOST_TEST(list.empty());
}

BOOST_AUTO_TEST_CASE(no_module_stands_below_itself) {
  const auto a = std::make_shared<nn::Sequential>(), b = std::make_shared<nn::Sequential>(),
             c = std::make_shared<nn::Sequential>(layer(1, 1));
  a->append(b), b->append(c);
  BOOST_CHECK_EXCEPTION(c->append(a), Error,
                        saying("'1' is a Sequential that this Sequential stands below"));
  BOOST_CHECK_THROW(b->insert(0, a), Error);
  check_names(*a, {"0.0.0.weight"});
  BOOST_TEST(c->size() == 1);
  const auto dict = std::make_shared<nn::ModuleDict<>>();
  dict->insert("a", a);
  BOOST_CHECK_THROW(c->append(dict), Error);
  b->append(c);  // twice is no circle
  check_names(*a, {"0.0.0.weight", "0.1.0.weight"});
}

BOOST_AUTO_TEST_CASE(extended_by_another_sequential) {
  nn::Sequential net(layer(2, 3)), other;
  other.append("named", layer(3, 4)).append(nn::ReLU());
  net.extend(other);
  check_names(net, {"0.weight", "1.weight"});
  BOOST_TEST(&net[1] == &other[0]);
  net.extend(nn::Sequential(nn::Linear(4, 4)));
  BOOST_TEST(net.size() == 4);
  other.extend(other);
  BOOST_TEST(other.size() == 4);
}

BOOST_AUTO_TEST_CASE(constant_ones_can_be_read) {
  const nn::Sequential net(layer(2, 3), nn::ReLU());
  BOOST_TEST(net[1].name() == "ReLU");
  Names types;
  for (const nn::Module& m : net) types.push_back(m.name());
  BOOST_TEST(types == (Names{"Linear", "ReLU"}), boost::test_tools::per_element());
  BOOST_CHECK_THROW(net[2], IndexError);
  const nn::ModuleList<nn::Linear> list;
  BOOST_TEST((list.begin() == list.end()));
  const nn::ParameterList parameters({ones(2), ones(3)});
  BOOST_TEST(parameters[1].numel() == 3);
  int64_t n = 0;
  for (const Tensor& t : parameters) n += t.numel();
  BOOST_TEST(n == 5);
  const nn::ParameterDict dict({{"a", ones(2)}});
  BOOST_TEST(dict["a"].numel() == 2);
}

BOOST_AUTO_TEST_SUITE_END()
