// What the models compute, against PyTorch and torchvision in float64 (scores.txt).

#include <algorithm>
#include <sstream>

#include "fixtures.h"

using namespace rw;
using namespace rw::test;

namespace {

const std::map<std::string, Make> quick = {
    {"resnet18", maker(models::resnet18, {.num_classes = 10})},
    {"resnet50", maker(models::resnet50, {.num_classes = 10})},
    {"densenet121", maker(models::densenet121, {.num_classes = 10})},
    {"mobilenet_v2", maker(models::mobilenet_v2, {.num_classes = 10, .dropout = 0})},
    {"mobilenet_v2_1.4",
     maker(models::mobilenet_v2, {.num_classes = 10, .width_mult = 1.4, .dropout = 0})},
    {"efficientnet_b0",
     maker(models::efficientnet_b0, {.num_classes = 10, .dropout = 0, .stochastic_depth_prob = 0})},
    {"convnext_tiny",
     maker(models::convnext_tiny, {.num_classes = 10, .stochastic_depth_prob = 0})},
    {"small_vit",
     [] {
       return std::make_unique<models::VisionTransformer>(
           models::VisionTransformerForm{8, 3, 4, 64, 96},
           models::VisionTransformerOptions{.num_classes = 10, .image_size = 64});
     }},
    {"lenet", maker(models::lenet)},
    {"resnet20", maker(models::resnet20)},
    {"resnet110", maker(models::resnet110)},
    {"unet_4", maker(models::unet, {.width = 4})},
    {"dcgan_generator_4", maker(models::dcgan_generator, {.nz = 10, .width = 4})},
    {"dcgan_discriminator_4", maker(models::dcgan_discriminator, {.width = 4})}};
const std::map<std::string, Make> slow = {
    {"vit_b_16", maker(models::vit_b_16, {.num_classes = 10, .image_size = 64})},
    {"resnext50_32x4d", maker(models::resnext50_32x4d, {.num_classes = 10})},
    {"resnet34", maker(models::resnet34, {.num_classes = 10})},
    {"resnet101", maker(models::resnet101, {.num_classes = 10})},
    {"resnet152", maker(models::resnet152, {.num_classes = 10})},
    {"wide_resnet50_2", maker(models::wide_resnet50_2, {.num_classes = 10})},
    {"alexnet", maker(models::alexnet, {.num_classes = 10, .dropout = 0})},
    {"vgg11", maker(models::vgg11, {.num_classes = 10, .dropout = 0})},
    {"vgg16_bn", maker(models::vgg16_bn, {.num_classes = 10, .dropout = 0})}};

struct Stored {
  std::string name, mode;
  Shape input;
  std::vector<double> scores;
};

std::vector<Stored> stored_scores() {
  std::vector<Stored> all;
  std::ifstream in = open_fixture("scores.txt");
  for (std::string line; std::getline(in, line);) {
    std::istringstream words(line);
    std::string sizes;
    Stored s;
    words >> s.name >> s.mode >> sizes;
    std::istringstream of(sizes);
    for (int64_t size; of >> size; of.ignore()) s.input.push_back(size);
    for (double v; words >> v;) s.scores.push_back(v);
    all.push_back(s);
  }
  return all;
}

// In evaluation in float32. In training, where batch norms over a few pixels magnify what float32
// rounds a thousand times, in float64.
void check_scores(const std::map<std::string, Make>& makers) {
  const no_grad guard;
  for (const Stored& s : stored_scores()) {
    const auto make = makers.find(s.name);
    if (make == makers.end()) continue;
    const bool training = s.mode == "train";
    const auto model = make->second();
    fill(*model);
    model->train(training);
    Tensor x = images(s.input);
    if (training) {
      model->to(float64);
      x = x.to(float64);
    }
    const std::vector<double> got = (*model)(x).flatten().to_vector<double>();
    BOOST_TEST_REQUIRE(got.size() >= s.scores.size());
    double largest = 0, apart = 0;
    for (size_t i = 0; i < s.scores.size(); ++i) {
      largest = std::max(largest, std::abs(s.scores[i]));
      apart = std::max(apart, std::abs(got[i] - s.scores[i]));
    }
    BOOST_TEST(apart <= (training ? 1e-8 : 1e-5) * largest,
               s.name << " " << s.mode << ": " << apart / largest << " of the largest apart");
    BOOST_TEST_MESSAGE(s.name << " " << s.mode << ": " << apart / largest);
  }
}

}  // namespace

BOOST_AUTO_TEST_SUITE(scores)

BOOST_AUTO_TEST_CASE(every_model_is_checked) {
  for (const Stored& s : stored_scores())
    BOOST_TEST(quick.count(s.name) + slow.count(s.name) == 1U, s.name);
}

BOOST_AUTO_TEST_CASE(torchvisions_scores) { check_scores(quick); }

BOOST_AUTO_TEST_CASE(scores_of_large_models, *boost::unit_test::disabled()) { check_scores(slow); }

BOOST_AUTO_TEST_SUITE_END()
