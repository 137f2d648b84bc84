#include <rewind/models/registry.h>

#include <set>

#include <rewind/autograd/grad_mode.h>
#include <rewind/tensor/factories.h>

#include "../check.h"

using namespace rw;
using models::get_model;
using rw::test::saying;

BOOST_AUTO_TEST_SUITE(registry)

BOOST_AUTO_TEST_CASE(models_by_name) {
  const std::vector<std::string> names = models::list_models();
  BOOST_TEST(names.size() == 27u);
  BOOST_TEST(std::set<std::string>(names.begin(), names.end()).size() == names.size());

  const no_grad guard;
  for (const char* name : {"resnet20", "mobilenet_v2"}) {
    const auto net = get_model(name, {.num_classes = 7, .input = Shape{3, 32, 32}});
    BOOST_TEST((*net)(zeros({2, 3, 32, 32})).shape() == (Shape{2, 7}));
  }
  const auto lenet = get_model("lenet", {.num_classes = 4});
  BOOST_TEST(models::model_input("lenet") == (Shape{1, 28, 28}));
  BOOST_TEST((*lenet)(zeros({1, 1, 28, 28})).shape() == (Shape{1, 4}));
  const auto colored = get_model("lenet", {.num_classes = 4, .input = Shape{3, 28, 28}});
  BOOST_TEST((*colored)(zeros({1, 3, 28, 28})).shape() == (Shape{1, 4}));
}

BOOST_AUTO_TEST_CASE(small_images_need_no_pooling) {
  const auto first = [](const std::string& name, const Shape& input) {
    return get_model(name, {.num_classes = 2, .input = input})->state_dict()["conv1.weight"];
  };
  BOOST_TEST(first("resnet18", {3, 32, 32}).shape() == (Shape{64, 3, 3, 3}));
  BOOST_TEST(first("resnet18", {3, 96, 96}).shape() == (Shape{64, 3, 7, 7}));
}

BOOST_AUTO_TEST_CASE(refusals) {
  BOOST_CHECK_EXCEPTION(get_model("resnet19"), Error, [](const Error& e) {
    return std::string(e.what()).starts_with(
        "get_model: there is no model 'resnet19', but alexnet, convnext_tiny, ");
  });
  BOOST_CHECK_EXCEPTION(
      get_model("resnet18", {.input = Shape{1, 32, 32}}), ShapeError,
      saying("get_model: resnet18 takes images of three channels, got [1, 32, 32]"));
  BOOST_CHECK_EXCEPTION(get_model("vgg11", {.input = Shape{3, 31, 32}}), ShapeError,
                        saying("get_model: vgg11 takes images [C, H, W] of at least 32 rows and "
                               "columns, got [3, 31, 32]"));
  BOOST_CHECK_EXCEPTION(get_model("lenet", {.input = Shape{1, 32, 32}}), Error,
                        saying("get_model: lenet takes images of 28x28, got 32x32"));
  BOOST_CHECK_EXCEPTION(get_model("lenet", {.num_classes = 0}), Error,
                        saying("get_model: num_classes must be positive, got 0"));
}

BOOST_AUTO_TEST_SUITE_END()
