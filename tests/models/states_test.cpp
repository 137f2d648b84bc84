// Names, sizes and order of states, and numbers of parameters, against torchvision's (keys.txt).

#include <sstream>

#include "fixtures.h"

using namespace rw;
using namespace rw::test;

namespace {

const std::map<std::string, Make> quick = {
    {"resnet18", maker(models::resnet18)},
    {"resnet50", maker(models::resnet50)},
    {"resnext50_32x4d", maker(models::resnext50_32x4d)},
    {"densenet121", maker(models::densenet121)},
    {"mobilenet_v2", maker(models::mobilenet_v2)},
    {"efficientnet_b0", maker(models::efficientnet_b0)},
    {"convnext_tiny", maker(models::convnext_tiny)},
    {"lenet", maker(models::lenet)},
    {"resnet20", maker(models::resnet20)},
    {"resnet32", maker(models::resnet32)},
    {"resnet44", maker(models::resnet44)},
    {"resnet56", maker(models::resnet56)},
    {"resnet110", maker(models::resnet110)},
    {"unet", maker(models::unet)},
    {"dcgan_generator", maker(models::dcgan_generator)},
    {"dcgan_discriminator", maker(models::dcgan_discriminator)}};
// With many parameters, which take their time at first.
const std::map<std::string, Make> slow = {{"alexnet", maker(models::alexnet)},
                                          {"resnet34", maker(models::resnet34)},
                                          {"resnet101", maker(models::resnet101)},
                                          {"resnet152", maker(models::resnet152)},
                                          {"wide_resnet50_2", maker(models::wide_resnet50_2)},
                                          {"vit_b_16", maker(models::vit_b_16)},
                                          {"vgg11", maker(models::vgg11)},
                                          {"vgg13", maker(models::vgg13)},
                                          {"vgg16", maker(models::vgg16)},
                                          {"vgg19", maker(models::vgg19)},
                                          {"vgg11_bn", maker(models::vgg11_bn)},
                                          {"vgg13_bn", maker(models::vgg13_bn)},
                                          {"vgg16_bn", maker(models::vgg16_bn)},
                                          {"vgg19_bn", maker(models::vgg19_bn)}};

std::string sizes(const Tensor& t) {
  std::string text;
  for (const int64_t size : t.shape()) text += (text.empty() ? "" : "x") + std::to_string(size);
  return text.empty() ? "-" : text;
}

// As generate.py's `keys`.
std::string keys(const std::string& name, const nn::Module& model) {
  std::string text = "= " + name + " " + std::to_string(model.num_parameters());
  std::string before = "?";
  for (const auto& [key, t] : model.state_dict()) {
    const size_t dot = key.rfind('.');
    const std::string layer = dot == std::string::npos ? "." : key.substr(0, dot);
    if (layer != before) text += "\n" + layer;
    text += " " + key.substr(dot + 1) + " " + sizes(t);
    before = layer;
  }
  return text + "\n";
}

// By names of models.
std::map<std::string, std::string> stored_keys() {
  std::map<std::string, std::string> all;
  std::ifstream in = open_fixture("keys.txt");
  std::string* model = nullptr;
  for (std::string line; std::getline(in, line);) {
    if (line.starts_with("= ")) model = &all[line.substr(2, line.find(' ', 2) - 2)];
    *model += line + "\n";
  }
  return all;
}

void check_states(const std::map<std::string, Make>& makers) {
  const auto stored = stored_keys();
  for (const auto& [name, make] : makers) {
    std::istringstream expected(stored.at(name)), got(keys(name, *make()));
    std::string a, b;
    do {
      std::getline(expected, a);
      std::getline(got, b);
      BOOST_TEST(a == b, name << ": expected \"" << a << "\", got \"" << b << "\"");
    } while (a == b && expected && got);
    BOOST_TEST((!expected && !got), name << ": one state is longer");
  }
}

}  // namespace

BOOST_AUTO_TEST_SUITE(states)

BOOST_AUTO_TEST_CASE(every_model_is_checked) {
  for (const auto& [name, keys] : stored_keys())
    BOOST_TEST(quick.count(name) + slow.count(name) == 1U, name);
}

BOOST_AUTO_TEST_CASE(torchvisions_states) { check_states(quick); }

BOOST_AUTO_TEST_CASE(states_of_large_models, *boost::unit_test::disabled()) { check_states(slow); }

BOOST_AUTO_TEST_SUITE_END()
