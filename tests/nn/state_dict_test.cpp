#include "../check.h"

using namespace rw;
using namespace rw::test;

namespace {

struct Net : nn::Module {
  nn::Linear fc = add("fc", nn::Linear(2, 3));
  nn::BatchNorm1d bn = add("bn", nn::BatchNorm1d(3));
};

}  // namespace

BOOST_AUTO_TEST_SUITE(state_dict)

BOOST_AUTO_TEST_CASE(by_name_and_in_order) {
  const Net net;
  const nn::StateDict state = net.state_dict();
  BOOST_TEST(state["fc.weight"].raw_data() == net.fc.weight.raw_data());
  BOOST_TEST(state.at("bn.running_var").raw_data() == net.bn.running_var.raw_data());
  BOOST_TEST(state.contains("fc.bias"));
  BOOST_TEST(!state.contains("fc"));
  BOOST_TEST(state[1].first == "fc.bias");
  BOOST_TEST(state.at(0).first == "fc.weight");
  std::string names;
  for (const auto& [name, t] : state) names += name + " ";
  BOOST_TEST(names ==
             "fc.weight fc.bias bn.weight bn.bias bn.running_mean bn.running_var "
             "bn.num_batches_tracked ");
  const nn::NamedTensors pairs = net.state_dict();
  BOOST_TEST(pairs.size() == 7);
}

BOOST_AUTO_TEST_CASE(names_that_are_not_there) {
  const nn::StateDict state = Net().state_dict();
  BOOST_CHECK_EXCEPTION(state["fc.wieght"], IndexError,
                        saying("StateDict: there is no 'fc.wieght'; there are fc.weight, fc.bias, "
                               "bn.weight"));
  BOOST_CHECK_EXCEPTION(nn::StateDict().at("a"), IndexError, saying("there are none"));
  nn::StateDict many;
  for (int i = 0; i < 30; ++i) many.emplace_back(std::to_string(i), ones(1));
  BOOST_CHECK_EXCEPTION(many["a"], IndexError, saying("8, 9 and 20 more"));
}

BOOST_AUTO_TEST_CASE(entries_change) {
  Net a, b;
  nn::StateDict state = a.state_dict();
  state["fc.bias"] = full(3, 7.0);
  BOOST_TEST(state.erase("bn.weight"));
  BOOST_TEST(!state.erase("bn.weight"));
  b.load_state_dict(state, /*strict=*/false);
  BOOST_TEST(equal(b.fc.bias.detach(), full(3, 7.0)));
  BOOST_TEST(equal(b.fc.weight, a.fc.weight));
  nn::Linear fc(2, 1);
  fc.load_state_dict({{"weight", ones({1, 2})}, {"bias", full(1, 3)}});
  BOOST_TEST(fc(ones(2)).item() == 5);
}

BOOST_AUTO_TEST_CASE(all_that_does_not_fit_is_named_and_nothing_changes) {
  Net net;
  nn::StateDict state = Net().state_dict();
  state["fc.weight"] = ones({4, 2});
  state["bn.running_mean"] = ones(5);
  state["bn.bias"] = Tensor();
  state.erase("fc.bias");
  state.erase("bn.weight");
  state.emplace_back("head.weight", ones(1));
  state.emplace_back("head.bias", ones(1));
  std::vector<std::vector<double>> before, after;
  for (const auto& [name, t] : net.state_dict()) before.push_back(t.to_vector<double>());
  BOOST_CHECK_EXCEPTION(
      net.load_state_dict(state), ShapeError,
      saying("load_state_dict: 'fc.weight' has shape [4, 2] in the state and [3, 2] in Net; "
             "'bn.bias' is undefined; 'bn.running_mean' has shape [5] in the state and [3] in Net; "
             "the state does not fit Net: missing: fc.bias bn.weight; unknown: head.weight "
             "head.bias"));
  BOOST_CHECK_EXCEPTION(net.load_state_dict(state, /*strict=*/false), ShapeError,
                        saying("and [3] in Net"));
  // The first few of many.
  for (int i = 0; i < 6; ++i) state.emplace_back("more" + std::to_string(i), ones(1));
  BOOST_CHECK_EXCEPTION(net.load_state_dict(state), ShapeError,
                        saying("unknown: head.weight head.bias more0 more1 more2 and 3 more"));
  for (const auto& [name, t] : net.state_dict()) after.push_back(t.to_vector<double>());
  BOOST_TEST(before == after);
  BOOST_CHECK_EXCEPTION(net.load_state_dict({{"fc.bias", Tensor()}}, false), Error,
                        saying("load_state_dict: 'fc.bias' is undefined"));
}

BOOST_AUTO_TEST_CASE(states_are_off_the_tape_and_copies_stay) {
  Net net;
  nn::StateDict state = net.state_dict();
  const nn::StateDict before = state.clone();
  for (const auto& [name, t] : state) BOOST_TEST(!t.requires_grad(), name);
  state["fc.weight"].zero_();
  BOOST_TEST(net.fc.weight.abs().sum().item() == 0);
  net.load_state_dict(before);
  BOOST_TEST(equal(net.fc.weight.detach(), before["fc.weight"]));
}

BOOST_AUTO_TEST_CASE(loading_not_strictly_tells_what_was_left_out) {
  Net net;
  nn::StateDict state = net.state_dict().clone();
  state.erase("fc.bias");
  state.emplace_back("fc.bais", ones(3));
  const nn::LoadReport report = net.load_state_dict(state, /*strict=*/false);
  BOOST_TEST(report.missing == std::vector<std::string>{"fc.bias"},
             boost::test_tools::per_element());
  BOOST_TEST(report.unknown == std::vector<std::string>{"fc.bais"},
             boost::test_tools::per_element());
}

BOOST_AUTO_TEST_SUITE_END()
