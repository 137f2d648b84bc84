// A pixel that is not a finite number shows in results whose windows hold it, and in no others.

#include <limits>

#include "../check.h"

using namespace rw;
using namespace rw::test;

namespace {

// Winograd's algorithm adds up more than a window.
struct WithoutWinograd {
  WithoutWinograd() { set_winograd(false); }
  ~WithoutWinograd() { set_winograd(enabled); }
  bool enabled = winograd_enabled();
};

struct Case {
  const char* name;
  Shape x, weight;
  Conv2dOptions options = {};
};

// All ways in which a convolution is computed.
const Case cases[] = {
    {"one channel", {2, 1, 13, 15}, {1, 1, 3, 3}, {.padding = 1}},
    {"three channels", {2, 3, 13, 15}, {33, 3, 3, 3}, {.padding = 1}},
    {"few filters", {2, 17, 13, 50}, {3, 17, 5, 5}, {.padding = 2}},
    {"pixels", {2, 3, 13, 11}, {20, 3, 3, 3}, {.padding = 1}},
    {"depthwise", {2, 5, 13, 50}, {5, 1, 3, 3}, {.padding = 1, .groups = 5}},
    {"depthwise, 7x7", {2, 4, 13, 21}, {4, 1, 7, 7}, {.padding = 3, .groups = 4}},
    {"several filters a channel", {2, 3, 6, 50}, {48, 1, 3, 3}, {.padding = 1, .groups = 3}},
    {"groups", {2, 6, 9, 9}, {9, 2, 3, 3}, {.padding = 1, .groups = 3}},
    {"odd rows", {2, 16, 7, 7}, {31, 16, 3, 5}, {.stride = 2, .padding = 1}},
    {"strided 1x1", {2, 7, 9, 9}, {16, 7, 1, 1}, {.stride = 2}},
    {"1x1", {2, 7, 9, 9}, {5, 7, 1, 1}},
    {"dilated", {2, 16, 12, 12}, {16, 16, 3, 3}, {.padding = 2, .dilation = 2}},
    {"wide border", {2, 4, 5, 5}, {8, 4, 3, 3}, {.padding = 5}},
    {"large filters", {1, 512, 3, 3}, {512, 512, 3, 3}, {.padding = 1}},
};

// The result, the gradients of image and weight, and the result off the tape.
std::vector<Tensor> results(const Case& c, const Tensor& x, const Tensor& w, const Tensor& g) {
  const Tensor image = x.clone().requires_grad_(), weight = w.clone().requires_grad_();
  const Tensor y = conv2d(image, weight, {}, c.options);
  std::vector<Tensor> all = grad({y}, {image, weight}, {g});
  all.push_back(y.detach());
  const no_grad guard;
  all.push_back(conv2d(x, w, {}, c.options));
  return all;
}

// Where numbers are finite. The gradient of a weight whose pixels lie beyond the border may leave a
// gradient out that is not.
void check_finite(const Case& c, const std::string& what, const std::vector<Tensor>& got,
                  const std::vector<Tensor>& expected, bool in_gradient) {
  for (size_t i = 0; i < got.size(); ++i) {
    const auto a = got[i].to_vector<double>(), b = expected[i].to_vector<double>();
    int64_t beyond = 0, missing = 0;
    for (size_t k = 0; k < a.size(); ++k) {
      beyond += !std::isfinite(a[k]) && std::isfinite(b[k]);
      missing += std::isfinite(a[k]) && !std::isfinite(b[k]);
    }
    BOOST_TEST(beyond == 0, c.name << ", " << what << ": beyond in result " << i);
    if (!(in_gradient && i == 1)) BOOST_TEST(missing == 0, c.name << ", " << what << ": missing");
  }
}

}  // namespace

BOOST_AUTO_TEST_CASE(what_is_not_finite_stays_in_its_windows) {
  const WithoutWinograd guard;
  for (const Case& c : cases)
    for (const DType dtype : {float32, bfloat16})
      for (const bool in_gradient : {false, true})
        for (const int64_t place : {int64_t{0}, int64_t{1}, int64_t{2}}) {
          if (c.weight.numel() > 1 << 20 && (in_gradient || place != 1)) continue;  // takes long
          Tensor x = randn(c.x, dtype), w = randn(c.weight, dtype);
          Tensor g = randn(conv2d(x, w, {}, c.options).shape(), dtype);
          Tensor pixels = (in_gradient ? g : x).view(-1);  // the first, one in the middle, the last
          pixels.narrow(0, place * (pixels.numel() - 1) / 2, 1)
              .fill_(std::numeric_limits<double>::quiet_NaN());
          if (place == 1) g = g.contiguous(), x = x.contiguous(MemoryFormat::channels_last);
          const std::string what = std::string(name(dtype)) + (in_gradient ? ", g" : ", x") +
                                   " at " + std::to_string(place);
          check_finite(c, what, results(c, x, w, g),
                       results(c, x.to(float64), w.to(float64), g.to(float64)), in_gradient);
        }
}

// A step that nothing takes, as there is one window along an axis, must not matter.
BOOST_AUTO_TEST_CASE(one_window_along_an_axis) {
  manual_seed(1);
  int64_t cases = 0, wrong = 0;
  const auto far = [](const Tensor& a, const Tensor& b) {
    return !((a.to(float64) - b).abs().max().item<double>() < 1e-4);
  };
  const auto check = [&](int64_t channels, int64_t k, const Shape& image, const Conv2dOptions& o) {
    const Tensor x = randn({2, channels, image[0], image[1]}), w = randn({3, channels, k, k});
    const Tensor b = randn(3);
    const std::vector<Tensor> in = {x, w, b};
    std::vector<Tensor> narrow, wide;
    for (const Tensor& t : in) {
      narrow.push_back(t.clone().requires_grad_());
      wide.push_back(t.to(float64).requires_grad_());
    }
    const Tensor y = conv2d(narrow[0], narrow[1], narrow[2], o);
    const Tensor exact = conv2d(wide[0], wide[1], wide[2], o), g = randn(y.shape());
    y.backward(g);
    exact.backward(g.to(float64));
    bool bad = far(y.detach(), exact.detach());
    for (size_t i = 0; i < in.size(); ++i) bad |= far(narrow[i].grad(), wide[i].grad());
    ++cases;
    wrong += bad;
    BOOST_TEST(!bad, "channels " << channels << ", kernel " << k << ", image " << image
                                 << ", stride " << o.stride.h() << "x" << o.stride.w()
                                 << ", padding " << o.padding.before().h() << "x"
                                 << o.padding.before().w());
  };
  for (const int64_t channels : {1, 2, 3, 16})
    for (const int64_t k : {1, 2, 3})
      for (const Shape& image : {Shape{6, 2}, {6, 3}, {7, 4}, {2, 6}, {3, 3}})
        for (const Size2 stride : {Size2(2, 1), Size2(1, 2), Size2(1, 5), Size2(5, 5), Size2(2)})
          for (const Size2 padding : {Size2(0), Size2(0, 1), Size2(1, 0), Size2(2)})
            for (const int64_t dilation : {1, 2}) {
              const int64_t window = dilation * (k - 1) + 1;
              if (image[0] + 2 * padding.h() < window || image[1] + 2 * padding.w() < window)
                continue;
              check(channels, k, image,
                    {.stride = stride, .padding = padding, .dilation = dilation});
            }
  BOOST_TEST(cases > 1500);
  BOOST_TEST(wrong == 0);
}
