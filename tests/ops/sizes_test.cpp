#include <cstdint>
#include <functional>
#include <limits>
#include <span>
#include <string>
#include <vector>

#include <boost/test/unit_test.hpp>

#include <rewind/data/data_loader.h>
#include <rewind/rewind.h>

using namespace rw;

// Numbers that sums and products of sizes must not wrap on. None asks for an amount of memory that
// a machine may have.
namespace {

constexpr int64_t least = std::numeric_limits<int64_t>::min();
constexpr int64_t most = std::numeric_limits<int64_t>::max();
constexpr int64_t extremes[] = {least,
                                least + 1,
                                -(int64_t{1} << 62),
                                -1,
                                0,
                                1,
                                2,
                                3,
                                int64_t{1} << 45,
                                int64_t{1} << 60,
                                int64_t{1} << 62,
                                most - 1,
                                most};
constexpr PaddingMode modes[] = {PaddingMode::zeros, PaddingMode::reflect, PaddingMode::replicate,
                                 PaddingMode::circular};

// Nothing but a result or an Error comes of it, whatever the number.
template <class F>
void try_all(const std::string& what, F&& f) {
  for (const int64_t n : extremes) {
    try {
      f(n);
    } catch (const Error& e) {
      BOOST_TEST(std::string(e.what()).find("oneDNN") == std::string::npos,
                 what << ": " << e.what());
    } catch (const std::exception& e) {
      BOOST_ERROR(what << " with " << n << " threw " << e.what());
    }
  }
}
template <class F>
void try_pairs(const std::string& what, F&& f) {
  for (const int64_t n : extremes) try_all(what, [&](int64_t m) { f(n, m); });
}

// Like memory that nobody has.
Tensor expanded(const Shape& shape) { return ones({1}).expand(shape); }

}  // namespace

BOOST_AUTO_TEST_CASE(convolution) {
  const Tensor x = rand({1, 2, 8, 8}), w = rand({2, 2, 3, 3}), point = rand({2, 2, 1, 1});
  for (const Tensor& weight : {w, point}) {
    try_pairs("stride", [&](int64_t a, int64_t b) { conv2d(x, weight, {}, {.stride = {a, b}}); });
    try_pairs("dilation", [&](int64_t a, int64_t b) {
      conv2d(x, weight, {}, {.dilation = {a, b}});
    });
    try_all("groups", [&](int64_t n) { conv2d(x, weight, {}, {.groups = n}); });
    for (const PaddingMode mode : modes)
      try_pairs("padding", [&](int64_t a, int64_t b) {
        conv2d(x, weight, {}, {.padding = {a, b}, .padding_mode = mode});
      });
    try_pairs("padding and dilation", [&](int64_t p, int64_t d) {
      conv2d(x, weight, {}, {.stride = most, .padding = p, .dilation = d});
    });
  }
  const Tensor wide = expanded({1, 2, 8, int64_t{1} << 58}), many = expanded({most / 128, 2, 8, 8});
  BOOST_CHECK_THROW(conv2d(wide, w), Error);
  BOOST_CHECK_THROW(conv2d(many, w), Error);
  BOOST_CHECK_THROW(conv2d(x, expanded({int64_t{1} << 60, 2, 3, 3})), Error);
}

BOOST_AUTO_TEST_CASE(strides_and_dilations_that_nothing_takes) {
  const Tensor x = rand({1, 2, 3, 3}), w = rand({4, 2, 3, 3}), point = rand({4, 2, 1, 1});
  for (const int64_t n : {int64_t{1} << 31, int64_t{1} << 60, most}) {
    BOOST_TEST((conv2d(x, w, {}, {.stride = n}) - conv2d(x, w)).abs().max().item() < 1e-5);
    BOOST_TEST((conv2d(x, point, {}, {.dilation = n}) - conv2d(x, point)).abs().max().item() == 0);
    BOOST_TEST(avg_pool2d(ones({1, 1, 8, 8}), 3, {.stride = n}).item() == 1);
    BOOST_TEST(max_pool2d(ones({1, 1, 8, 8}), 1, {.stride = 8, .dilation = n}).item() == 1);
  }
}

BOOST_AUTO_TEST_CASE(pooling) {
  const Tensor x = rand({1, 1, 8, 8}).requires_grad_();
  for (const bool ceil : {false, true}) {
    try_pairs("kernel", [&](int64_t a, int64_t b) { max_pool2d(x, {a, b}, {.ceil_mode = ceil}); });
    try_pairs("kernel", [&](int64_t a, int64_t b) { avg_pool2d(x, {a, b}, {.ceil_mode = ceil}); });
    try_pairs("stride", [&](int64_t a, int64_t b) {
      max_pool2d(x, 3, {.stride = Size2(a, b), .ceil_mode = ceil}).sum().backward();
      avg_pool2d(x, 3, {.stride = Size2(a, b), .ceil_mode = ceil}).sum().backward();
    });
    try_pairs("padding and kernel", [&](int64_t p, int64_t k) {
      max_pool2d(x, k, {.padding = p, .ceil_mode = ceil});
      avg_pool2d(x, k, {.padding = p, .ceil_mode = ceil});
    });
    for (const int64_t kernel : {2, 3})
      for (const int64_t padding : {0, 1})
        try_pairs("dilation and stride", [&](int64_t d, int64_t s) {
          const MaxPool2dOptions options = {
              .stride = Size2(s), .padding = padding, .dilation = d, .ceil_mode = ceil};
          max_pool2d(x, kernel, options).sum().backward();
        });
  }
  try_pairs("size", [&](int64_t a, int64_t b) { adaptive_avg_pool2d(x, {a, b}); });
  // A window that takes nothing but padding.
  const auto [most_of_none, where] = max_pool2d_with_indices(
      x, 2, {.stride = Size2(most), .padding = 1, .dilation = most, .ceil_mode = true});
  BOOST_TEST(most_of_none.item<float>() == -std::numeric_limits<float>::infinity());
  BOOST_TEST(where.item<int64_t>() == -1);
  const Tensor wide = expanded({1, 1, 8, int64_t{1} << 58});
  BOOST_CHECK_THROW(max_pool2d(wide, 2), Error);
  BOOST_CHECK_THROW(avg_pool2d(wide, {1, (int64_t{1} << 31) - 1}), Error);
  BOOST_CHECK_THROW(adaptive_avg_pool2d(wide, 1), Error);
}

BOOST_AUTO_TEST_CASE(padding) {
  const Tensor x = rand({6}), image = rand({1, 1, 4, 4});
  for (const PaddingMode mode : modes) {
    try_pairs("pad", [&](int64_t a, int64_t b) { pad(x, {a, b}, mode); });
    try_pairs("pad", [&](int64_t a, int64_t b) { pad(image, {1, 1, a, b}, mode); });
    try_pairs("pad", [&](int64_t a, int64_t b) { pad(expanded({most}), {a, b}, mode); });
  }
  BOOST_CHECK_THROW(pad(x, {most, most}, PaddingMode::replicate), ShapeError);
}

BOOST_AUTO_TEST_CASE(views) {
  const Tensor x = rand({2, 3}), none = zeros({0, 3}), wide = expanded({int64_t{1} << 60, 2});
  for (const Tensor& t : {x, none, wide}) {
    try_pairs("narrow", [&](int64_t a, int64_t b) { t.narrow(0, a, b); });
    try_pairs("slice", [&](int64_t a, int64_t b) { t.slice(0, a, b); });
    try_pairs("slice", [&](int64_t a, int64_t s) { t.slice(0, a, Slice::none, s); });
    try_all("select", [&](int64_t n) { t.select(0, n); });
    try_all("dimension", [&](int64_t n) { t.select(n, 0); });
    try_all("diagonal", [&](int64_t n) { t.diagonal(n); });
    try_pairs("view", [&](int64_t a, int64_t b) { t.view({a, b}); });
    try_pairs("reshape", [&](int64_t a, int64_t b) { t.reshape({a, b}); });
    try_pairs("unflatten", [&](int64_t a, int64_t b) { t.unflatten(0, {a, b}); });
    try_pairs("expand", [&](int64_t a, int64_t b) { t.expand({a, b, -1, -1}).flatten(); });
    try_all("chunk", [&](int64_t n) { t.chunk(n, 1); });
    try_pairs("split", [&](int64_t a, int64_t b) { t.split({a, b}); });
  }
  for (const Tensor& t : {x, none}) {
    try_all("chunk", [&](int64_t n) { t.chunk(n); });
    try_all("split", [&](int64_t n) { t.split(n); });
  }
  BOOST_CHECK_THROW(wide.unbind(), Error);
  BOOST_CHECK_THROW(wide.split(1), Error);
  BOOST_CHECK_THROW(wide.chunk(most), Error);
  BOOST_CHECK_THROW(wide.to_vector(), Error);
  BOOST_CHECK_THROW(rand({3}).split({most, most, 5}), ShapeError);
  BOOST_CHECK_THROW(zeros({0, 1, 1}).expand({0, most, most}).flatten(1), ShapeError);
}

// What a view of no elements can have as its shape, so can a tensor: a copy, a gradient.
BOOST_AUTO_TEST_CASE(views_of_no_elements) {
  const Tensor none = zeros({0, 3}, {.requires_grad = true});
  const auto use = [](const Tensor& view) {
    BOOST_CHECK_NO_THROW(view.clone());
    BOOST_CHECK_NO_THROW((view * view).sum().backward());
  };
  for (const int64_t n : extremes)
    for (const int64_t m : extremes)
      for (const Shape& shape :
           {Shape{n, 0}, Shape{0, n}, Shape{n, m, 0}, Shape{n, 0, m}, Shape{0, n, m}}) {
        const std::function<Tensor()> views[] = {
            [&] { return none.view(shape); }, [&] { return none.reshape(shape); },
            [&] { return none.t().reshape(shape); }, [&] { return none.unflatten(0, shape); },
            [&] {
              return none.narrow(1, 0, 1).squeeze(1).view({0, 1, 1}).expand(shape);
            }};
        for (const auto& view : views) {
          Tensor made;
          try {
            made = view();
          } catch (const Error&) {
            continue;
          }
          use(made);
        }
      }
}

BOOST_AUTO_TEST_CASE(reductions_joining_and_products) {
  const Tensor wide = expanded({int64_t{1} << 61, 2}), none = zeros({0, 1}).expand({0, most});
  BOOST_CHECK_THROW(cat({wide, wide, wide}), Error);
  BOOST_CHECK_THROW(stack({wide, wide}), Error);
  BOOST_CHECK_THROW(expanded({2, most / 4}).matmul(expanded({most / 4, 2})), Error);
  BOOST_CHECK_THROW(expanded({most / 4, 2}).matmul(rand({2, 2})), Error);
  BOOST_CHECK_THROW(none.sum(0), Error);
  BOOST_TEST(none.sum(1).numel() == 0);
  BOOST_CHECK_THROW(wide.contiguous(), Error);
  BOOST_CHECK_THROW(wide + 1, Error);
  BOOST_CHECK_THROW(zeros({0, 1, 1}).expand({0, most, most}).sum({1, 2}).numel(), ShapeError);
  try_all("one_hot", [](int64_t n) { one_hot(zeros({2}, int64), n); });
}

BOOST_AUTO_TEST_CASE(factories_and_layers) {
  try_pairs("zeros", [](int64_t a, int64_t b) { zeros({a, b}); });
  try_pairs("randint", [](int64_t a, int64_t b) { randint(a, b, {2}); });
  try_all("linspace", [](int64_t n) { linspace(0, 1, n); });
  try_all("randperm", [](int64_t n) { randperm(n); });
  try_pairs("eye", [](int64_t a, int64_t b) { eye(a, b); });
  try_pairs("Linear", [](int64_t a, int64_t b) { nn::Linear(a, b); });
  try_pairs("Conv2d", [](int64_t a, int64_t b) { nn::Conv2d(a, b, 3); });
  try_pairs("Conv2d", [](int64_t a, int64_t b) { nn::Conv2d(2, 2, {a, b}); });
  try_pairs("Conv2d", [](int64_t a, int64_t b) { nn::Conv2d(a, a, 3, {.groups = b}); });
  try_all("BatchNorm2d", [](int64_t n) { nn::BatchNorm2d{n}; });
}

namespace {
struct Few {
  int64_t size() const { return 4; }
  data::Batch batch(std::span<const int64_t> of) const {
    return {zeros({static_cast<int64_t>(of.size())}), zeros({1})};
  }
};
}  // namespace

BOOST_AUTO_TEST_CASE(data_loader) {
  constexpr int huge = std::numeric_limits<int>::max();
  for (const int workers : {-huge, -1, 0, 1, 3, huge})
    for (const int prefetch : {-huge, 0, 1, huge})
      try_all("batch_size", [&](int64_t n) {
        data::DataLoader loader(Few(), {.batch_size = n, .workers = workers, .prefetch = prefetch});
        int64_t batches = 0;
        for (const auto& batch : loader) batches += batch.data.defined();
        BOOST_TEST(batches == loader.size());
      });
  data::DataLoader loader(Few(), {.batch_size = 4});
  auto it = loader.begin();
  ++it;
  BOOST_TEST((it == loader.end()));
  BOOST_CHECK_THROW(*it, IndexError);
  BOOST_CHECK_THROW(++it, IndexError);
}
