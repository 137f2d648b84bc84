#include "../check.h"
#include "../dtypes.h"

#include <cmath>
#include <limits>

#include <rewind/ops/pool.h>

using namespace rw;
using namespace rw::test;
using boost::test_tools::per_element;

namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();

// Distinct values far apart, in random order: no winner changes within a step of gradcheck.
Tensor distinct(const Shape& shape, DType dtype = float64,
                MemoryFormat format = MemoryFormat::contiguous) {
  const int64_t n = shape.numel();
  const Tensor t = (randperm(n).to(float64) * 0.01 - 0.3).reshape(shape).to(dtype);
  return format == MemoryFormat::contiguous ? t : t.contiguous(format);
}

struct Sweep {
  Size2 kernel, stride, padding, dilation;
  bool ceil_mode;
  Size2 image = {7, 6};  // height and width of what is pooled
  std::string str() const {
    std::string s;
    for (const Size2 v : {kernel, stride, padding, dilation, image})
      s += "(" + std::to_string(v.h()) + ", " + std::to_string(v.w()) + ") ";
    return s + (ceil_mode ? "ceil" : "floor");
  }
};

std::vector<Sweep> sweep(bool dilated) {
  std::vector<Sweep> all;
  for (const bool ceil_mode : {false, true}) {
    all.push_back({2, 2, 0, 1, ceil_mode});
    all.push_back({3, 2, 1, 1, ceil_mode});
    all.push_back({3, 1, 1, 1, ceil_mode});
    all.push_back({{3, 2}, {1, 3}, {1, 0}, 1, ceil_mode});
    all.push_back({1, 2, 0, 1, ceil_mode});
    // With padding, two windows of two elements each, at different places of theirs.
    all.push_back({3, 3, 1, 1, ceil_mode, 4});
    all.push_back({{2, 3}, {2, 3}, {0, 1}, 1, ceil_mode, {5, 4}});
    all.push_back({{5, 4}, {2, 3}, {2, 2}, 1, ceil_mode});
    if (!dilated) continue;
    all.push_back({2, 1, 1, 2, ceil_mode});
    all.push_back({{2, 3}, {3, 2}, {0, 1}, {3, 1}, ceil_mode});
  }
  return all;
}

// PyTorch's output size, by trying: windows that start inside the input or its left padding, and,
// unless ceil_mode, end inside the right padding.
int64_t outputs(int64_t in, int64_t kernel, int64_t stride, int64_t padding, int64_t dilation,
                bool ceil_mode) {
  int64_t n = 0;
  for (int64_t start = -padding;; start += stride, ++n) {
    const int64_t last = start + dilation * (kernel - 1);
    if (last < in + padding) continue;
    // With ceil_mode one more window may hang over the end.
    return ceil_mode && start < in && last - stride < in + padding - 1 ? n + 1 : n;
  }
}

// f(window's elements as (value, position in plane), how many count with the padding) per output.
template <class F>
Tensor by_window(const Tensor& x, const Sweep& s, F f) {
  const int64_t planes = x.size(0) * x.size(1), h = x.size(2), w = x.size(3);
  const int64_t oh =
      outputs(h, s.kernel.h(), s.stride.h(), s.padding.h(), s.dilation.h(), s.ceil_mode);
  const int64_t ow =
      outputs(w, s.kernel.w(), s.stride.w(), s.padding.w(), s.dilation.w(), s.ceil_mode);
  const auto v = x.to_vector<double>();
  std::vector<double> y;
  for (int64_t p = 0; p < planes; ++p)
    for (int64_t i = 0; i < oh; ++i)
      for (int64_t j = 0; j < ow; ++j) {
        std::vector<std::pair<double, int64_t>> window;
        double padded = 0;
        for (int64_t a = 0; a < s.kernel.h(); ++a)
          for (int64_t b = 0; b < s.kernel.w(); ++b) {
            const int64_t r = i * s.stride.h() - s.padding.h() + a * s.dilation.h();
            const int64_t c = j * s.stride.w() - s.padding.w() + b * s.dilation.w();
            padded += r < h + s.padding.h() && c < w + s.padding.w();
            if (r >= 0 && r < h && c >= 0 && c < w)
              window.emplace_back(v[static_cast<size_t>((p * h + r) * w + c)], r * w + c);
          }
        y.push_back(f(window, padded));
      }
  return from(y, {x.size(0), x.size(1), oh, ow});
}

using Window = std::vector<std::pair<double, int64_t>>;

MaxPool2dOptions max_options(const Sweep& s) {
  return {
      .stride = s.stride, .padding = s.padding, .dilation = s.dilation, .ceil_mode = s.ceil_mode};
}

const MemoryFormat formats[] = {MemoryFormat::contiguous, MemoryFormat::channels_last};

}  // namespace

BOOST_AUTO_TEST_CASE(max_pool_values_and_indices) {
  for (const MemoryFormat format : formats)
    for (const int64_t channels : {1, 3, 6, 21})
      for (const Sweep& s : sweep(true)) {
        const Tensor x = distinct({2, channels, s.image.h(), s.image.w()}, float64, format);
        const Tensor expected = by_window(x, s, [](const Window& w, double) {
          return std::max_element(w.begin(), w.end())->first;
        });
        const Tensor places = by_window(x, s, [](const Window& w, double) {
          return static_cast<double>(std::max_element(w.begin(), w.end())->second);
        });
        const auto [y, indices] = max_pool2d_with_indices(x, s.kernel, max_options(s));
        BOOST_TEST_CONTEXT(s.str() << ", channels " << channels) {
          BOOST_TEST_REQUIRE((y.shape() == expected.shape()));
          BOOST_TEST(y.to_vector<double>() == expected.to_vector<double>(), per_element());
          BOOST_TEST(indices.to_vector<double>() == places.to_vector<double>(), per_element());
          BOOST_TEST(y.is_contiguous(format));
          BOOST_TEST(indices.is_contiguous(format));
          const Tensor only = max_pool2d(x, s.kernel, max_options(s));
          BOOST_TEST(only.to_vector<double>() == expected.to_vector<double>(), per_element());
        }
      }
}

BOOST_AUTO_TEST_CASE(max_pool_gradients) {
  for (const MemoryFormat format : formats)
    for (const Sweep& s : sweep(true)) {
      const Tensor x = distinct({1, 2, s.image.h(), s.image.w()}, float64, format).requires_grad_();
      check_gradients(
          [&](const std::vector<Tensor>& in) {
            return max_pool2d(in[0], s.kernel, max_options(s));
          },
          {x}, s.str());
    }
  // Whole vectors of channels, an overlapping last one, and windows past 256 places.
  const auto pool = [](Size2 kernel, MaxPool2dOptions options) {
    return [=](const std::vector<Tensor>& in) { return max_pool2d(in[0], kernel, options); };
  };
  const auto last = MemoryFormat::channels_last;
  check_gradients(pool(2, {}), {distinct({1, 37, 2, 3}, float64, last).requires_grad_()});
  check_gradients(pool(3, {.stride = 1}), {distinct({1, 5, 4, 3}, float64, last).requires_grad_()});
  check_gradients(pool({2, 129}, {}), {distinct({1, 1, 2, 130}).requires_grad_()});
  check_gradients(pool({129, 2}, {}), {distinct({1, 4, 129, 2}, float64, last).requires_grad_()});
}

// Row-major and channels-last images take different ways to the same results and gradients.
template <class F>
void check_memory_orders(const Tensor& values, F pool) {
  const auto results = [&](MemoryFormat format) {
    const Tensor x = values.contiguous(format).clone().requires_grad_();
    const Tensor y = pool(x);
    y.backward((y.detach() * 3 - 1).contiguous());
    return std::pair(y.detach().contiguous(), x.grad().contiguous());
  };
  const auto [y, dx] = results(MemoryFormat::contiguous);
  const auto [last_y, last_dx] = results(MemoryFormat::channels_last);
  BOOST_TEST(equal(y, last_y));
  BOOST_TEST(equal(dx, last_dx));
}

// Few channels to a pixel are taken in vectors along the rows, others in vectors of channels.
BOOST_AUTO_TEST_CASE(memory_orders_agree_for_few_channels) {
  for (const DType dtype : test::floating_dtypes)
    for (const int64_t channels : {2, 3, 4, 6, 13, 16, 17})
      for (const Sweep& s : sweep(true)) {
        const Tensor values = randn({2, channels, 9, 37}).to(dtype);
        BOOST_TEST_CONTEXT(s.str() << ", channels " << channels << ", " << name(dtype)) {
          check_memory_orders(
              values, [&](const Tensor& x) { return max_pool2d(x, s.kernel, max_options(s)); });
          if (s.dilation == Size2(1))
            check_memory_orders(values, [&](const Tensor& x) {
              return avg_pool2d(
                  x, s.kernel,
                  {.stride = s.stride, .padding = s.padding, .ceil_mode = s.ceil_mode});
            });
        }
      }
}

// Windows of 2 x 2 in row-major images have a way of their own, unless something is left over.
BOOST_AUTO_TEST_CASE(memory_orders_agree_for_pairs) {
  for (const DType dtype : test::floating_dtypes)
    for (const Size2 size : {Size2(2), Size2(4, 6), Size2(6, 14), Size2(2, 32), Size2(4, 46),
                             Size2(8, 64), Size2(5, 32), Size2(6, 33)})
      BOOST_TEST_CONTEXT(size.h() << " x " << size.w() << ", " << name(dtype)) {
        const Tensor values = randint(-4, 4, {2, 17, size.h(), size.w()}).to(dtype);
        check_memory_orders(values, [](const Tensor& x) { return max_pool2d(x, 2); });
        check_memory_orders(values, [](const Tensor& x) { return avg_pool2d(x, 2); });
        check_memory_orders(values, [&](const Tensor& x) {
          return adaptive_avg_pool2d(x, {size.h() / 2, size.w() / 2});
        });
        const Tensor indices = max_pool2d_with_indices(values, 2).second;
        const Tensor last = values.contiguous(MemoryFormat::channels_last);
        BOOST_TEST(equal(indices, max_pool2d_with_indices(last, 2).second.contiguous()));
      }
}

BOOST_AUTO_TEST_CASE(max_pool_of_one_image_and_of_views) {
  const Tensor x = distinct({2, 3, 6, 8});
  const Tensor y = max_pool2d(x, 2);
  const Tensor one = max_pool2d(x[1], 2);
  BOOST_TEST((one.shape() == Shape{3, 3, 4}));
  BOOST_TEST(one.to_vector<double>() == y[1].to_vector<double>(), per_element());
  // An image out of a channels-last batch stays channels-last.
  const Tensor last = max_pool2d(x.contiguous(MemoryFormat::channels_last)[1], 2);
  BOOST_TEST(last.to_vector<double>() == y[1].to_vector<double>(), per_element());
  BOOST_TEST(last.stride(0) == 1);
  // Neither dense order: every other column.
  const Tensor wide = distinct({2, 3, 6, 16});
  for (const MemoryFormat format : formats) {
    const Tensor every_other = wide.contiguous(format).slice(3, 0, Slice::none, 2);
    BOOST_TEST(max_pool2d(every_other, 2).to_vector<double>() ==
                   max_pool2d(every_other.contiguous(), 2).to_vector<double>(),
               per_element());
  }
  const Tensor image = distinct({2, 5, 4}).requires_grad_();
  check_gradients([](const std::vector<Tensor>& in) { return max_pool2d(in[0], 2); }, {image});
  check_gradients(
      [](const std::vector<Tensor>& in) { return max_pool2d(in[0].transpose(0, 2), 2); }, {image});
}

// Windows are kept for the next call: what they were made for has to be told apart.
BOOST_AUTO_TEST_CASE(poolings_in_turn) {
  const Tensor x = distinct({2, 8, 12, 12}), last = x.contiguous(MemoryFormat::channels_last);
  const auto all = [&] {
    std::vector<Tensor> results;
    for (const Tensor& image : {x, last, x.to(float32), x.clone().requires_grad_()})
      for (const int64_t kernel : {2, 3}) {
        const double volume = static_cast<double>(kernel * kernel);
        const Tensor mean = avg_pool2d(image, kernel);
        results.push_back(mean);
        results.push_back(avg_pool2d(image, kernel, {.padding = 1, .count_include_pad = false}));
        results.push_back(avg_pool2d(image, kernel, {.padding = 1}));
        results.push_back(max_pool2d(image, kernel));
        results.push_back(max_pool2d(image, kernel, {.stride = 1}));
        results.push_back(lp_pool2d(image.abs() + 1, 1, kernel) / volume - 1);
        results.push_back(adaptive_avg_pool2d(image, 12 / kernel));
        BOOST_TEST(allclose(results.back(), mean));
        BOOST_TEST(allclose(avg_pool2d(image.abs(), kernel), results[results.size() - 2]));
      }
    return results;
  };
  const std::vector<Tensor> first = all(), second = all();
  for (size_t i = 0; i < first.size(); ++i) BOOST_TEST(equal(first[i], second[i]));
}

BOOST_AUTO_TEST_CASE(max_pool_ties_nan_and_infinity) {
  for (const MemoryFormat format : formats) {
    // Of equal elements the first one wins.
    Tensor x = ones({1, 4, 4, 4}, float64).contiguous(format).requires_grad_();
    max_pool2d(x, 2).sum().backward();
    const std::vector<double> first = {1, 0, 1, 0, 0, 0, 0, 0, 1, 0, 1, 0, 0, 0, 0, 0};
    BOOST_TEST(x.grad()[0][2].to_vector<double>() == first, per_element());

    // NaN wins, wherever it is; -infinity wins over the padding.
    const Tensor nan = from<double>({1, 2, NAN, 0, 5, NAN, 6, 7}).reshape({1, 1, 2, 4});
    const auto values = max_pool2d(nan, 2).to_vector<double>();
    BOOST_TEST(std::isnan(values[0]));
    BOOST_TEST(std::isnan(values[1]));
    const Tensor low = full({1, 4, 2, 2}, -infinity, float64).contiguous(format);
    const auto [y, indices] =
        max_pool2d_with_indices(low, 2, {.stride = 2, .padding = 1, .ceil_mode = false});
    BOOST_TEST(y.to_vector<double>() == std::vector<double>(16, -infinity), per_element());
    BOOST_TEST(indices[0][3].to_vector<int64_t>() == std::vector<int64_t>({0, 1, 2, 3}),
               per_element());
  }
  // A window that dilation leaves without any element.
  const Tensor x = ones({1, 1, 1, 1}, float64).requires_grad_();
  const auto [y, indices] = max_pool2d_with_indices(x, 2, {.padding = 1, .dilation = 2});
  BOOST_TEST(y.item<double>() == -infinity);
  BOOST_TEST(indices.item<int64_t>() == -1);
  y.backward();
  BOOST_TEST(x.grad().item<double>() == 0);
}

BOOST_AUTO_TEST_CASE(avg_pool_values) {
  for (const MemoryFormat format : formats)
    for (const int64_t channels : {1, 3, 6, 21})
      for (const bool with_pad : {true, false})
        for (const Sweep& s : sweep(false)) {
          const Tensor x =
              randn({2, channels, s.image.h(), s.image.w()}, float64).contiguous(format);
          const Tensor expected = by_window(x, s, [&](const Window& w, double padded) {
            double sum = 0;
            for (const auto& [value, place] : w) sum += value;
            return sum / (with_pad ? padded : static_cast<double>(w.size()));
          });
          const Tensor y = avg_pool2d(x, s.kernel,
                                      {.stride = s.stride,
                                       .padding = s.padding,
                                       .ceil_mode = s.ceil_mode,
                                       .count_include_pad = with_pad});
          BOOST_TEST(relative_error(y, expected) < 1e-14, s.str());
          BOOST_TEST(y.is_contiguous(format));
        }
}

BOOST_AUTO_TEST_CASE(avg_pool_gradients) {
  for (const MemoryFormat format : formats)
    for (const bool with_pad : {true, false})
      for (const Sweep& s : sweep(false)) {
        const Tensor x =
            randn({1, 2, s.image.h(), s.image.w()}, float64).contiguous(format).requires_grad_();
        check_gradients(
            [&](const std::vector<Tensor>& in) {
              return avg_pool2d(in[0], s.kernel,
                                {.stride = s.stride,
                                 .padding = s.padding,
                                 .ceil_mode = s.ceil_mode,
                                 .count_include_pad = with_pad});
            },
            {x}, s.str());
      }
  check_gradients([](const std::vector<Tensor>& in) { return avg_pool2d(in[0], 2); },
                  {random_leaf({3, 4, 5})}, "one image");
}

BOOST_AUTO_TEST_CASE(adaptive_avg_pool_values_and_gradients) {
  for (const MemoryFormat format : formats)
    for (const Size2 size : {Size2(1), Size2(2, 3), Size2(7, 1), Size2(9, 8), Size2(5, 6)}) {
      const Tensor x = randn({2, 3, 5, 6}, float64).contiguous(format).requires_grad_();
      const Tensor y = adaptive_avg_pool2d(x, size);
      BOOST_TEST_REQUIRE((y.shape() == Shape{2, 3, size.h(), size.w()}));
      for (int64_t i = 0; i < size.h(); ++i)
        for (int64_t j = 0; j < size.w(); ++j) {
          const auto bin = [](int64_t k, int64_t in, int64_t out) {
            const int64_t begin = k * in / out;
            return std::pair(begin, ((k + 1) * in + out - 1) / out - begin);
          };
          const auto [r, rows] = bin(i, 5, size.h());
          const auto [c, cols] = bin(j, 6, size.w());
          double sum = 0;
          for (const double v : x[1][2].narrow(0, r, rows).narrow(1, c, cols).to_vector<double>())
            sum += v;
          const double expected = sum / static_cast<double>(rows * cols);
          BOOST_TEST(y[1][2][i][j].item<double>() == expected, boost::test_tools::tolerance(1e-13));
        }
      check_gradients(
          [&](const std::vector<Tensor>& in) { return adaptive_avg_pool2d(in[0], size); }, {x});
      check_gradients(
          [&](const std::vector<Tensor>& in) { return adaptive_avg_pool2d(in[0][0], size); }, {x});
    }
}

BOOST_AUTO_TEST_CASE(gradients_keep_the_memory_order) {
  for (const MemoryFormat format : formats)
    for (const auto& f : std::vector<std::function<Tensor(const Tensor&)>>{
             [](const Tensor& x) { return max_pool2d(x, 2); },
             [](const Tensor& x) { return avg_pool2d(x, 2); },
             [](const Tensor& x) { return adaptive_avg_pool2d(x, 1); }}) {
      const Tensor x = randn({2, 4, 4, 4}).contiguous(format).requires_grad_();
      f(x).sum().backward();
      BOOST_TEST(x.grad().is_contiguous(format));
    }
}

BOOST_AUTO_TEST_CASE(pools_of_narrow_types_agree_with_float64) {
  for (const MemoryFormat format : formats)
    for (const int64_t channels : {3, 21, 80})
      for (const auto& [dtype, tolerance] :
           {std::pair(float32, 1e-5), std::pair(bfloat16, 1e-2), std::pair(float16, 1e-3)}) {
        const Tensor x = randn({3, channels, 9, 9}).to(dtype).contiguous(format).requires_grad_();
        const Tensor wide = x.detach().to(float64).requires_grad_();
        const auto agree = [&, dtype = dtype, tolerance = tolerance](auto pool) {
          x.set_grad({});
          wide.set_grad({});
          const Tensor y = pool(x), expected = pool(wide);
          BOOST_TEST(y.dtype() == dtype);
          BOOST_TEST(relative_error(y.to(float64), expected) < tolerance);
          const Tensor g = randn(y.shape()).to(dtype);
          y.backward(g);
          expected.backward(g.to(float64));
          BOOST_TEST(relative_error(x.grad().to(float64), wide.grad()) < tolerance);
        };
        agree([](const Tensor& t) { return max_pool2d(t, 3, {.stride = 2, .padding = 1}); });
        agree([](const Tensor& t) { return max_pool2d(t, 2); });
        agree([](const Tensor& t) { return avg_pool2d(t, 3, {.stride = 2, .padding = 1}); });
        agree([](const Tensor& t) { return adaptive_avg_pool2d(t, {4, 2}); });
        agree([](const Tensor& t) { return adaptive_avg_pool2d(t, 1); });
      }
}

BOOST_AUTO_TEST_CASE(empty_batches) {
  const Tensor x = zeros({0, 3, 4, 4}).requires_grad_();
  const Tensor y = max_pool2d(x, 2);
  BOOST_TEST((y.shape() == Shape{0, 3, 2, 2}));
  BOOST_TEST((avg_pool2d(x, 2).shape() == Shape{0, 3, 2, 2}));
  BOOST_TEST((adaptive_avg_pool2d(x, 1).shape() == Shape{0, 3, 1, 1}));
  y.sum().backward();
  BOOST_TEST((x.grad().shape() == x.shape()));
}

BOOST_AUTO_TEST_CASE(pool_errors) {
  const Tensor x = zeros({1, 2, 4, 4});
  const auto throws = [](auto f, const std::string& message) {
    BOOST_CHECK_EXCEPTION(f(), Error, saying(message));
  };
  throws([] { max_pool2d({}, 2); }, "max_pool2d: the input is undefined");
  throws(
      [] {
        avg_pool2d(zeros({4, 4}), 2);
      },
      "avg_pool2d: expected an input [N, C, H, W] or [C, H, W], got shape [4, 4]");
  throws(
      [] {
        max_pool2d(zeros({1, 1, 4, 4}, boolean), 2);
      },
      "max_pool2d: expected an input of numbers, got bool");
  throws(
      [] {
        adaptive_avg_pool2d(zeros({1, 2, 0, 4}), 1);
      },
      "adaptive_avg_pool2d: expected an input with C, H and W greater than 0, got shape "
      "[1, 2, 0, 4]");
  throws([&] { max_pool2d(x, 0); }, "max_pool2d: expected a kernel of at least 1, got (0, 0)");
  throws([&] { max_pool2d(x, 2, {.stride = 0}); }, "expected a stride of at least 1, got (0, 0)");
  throws([&] { max_pool2d(x, 2, {.dilation = 0}); }, "expected a dilation of at least 1");
  throws([&] { avg_pool2d(x, 2, {.padding = -1}); }, "expected a padding of at least 0");
  throws(
      [&] {
        avg_pool2d(x, {3, 2}, {.padding = {1, 2}});
      },
      "avg_pool2d: expected a padding of at most half the kernel (3, 2), got (1, 2)");
  throws(
      [&] {
        max_pool2d_with_indices(x, {3, 5});
      },
      "max_pool2d_with_indices: the input [1, 2, 4, 4] is too small for a kernel (3, 5)");
  throws(
      [&] {
        adaptive_avg_pool2d(x, {-1, 1});
      },
      "adaptive_avg_pool2d: expected an output size of at least 0, got (-1, 1)");
}

BOOST_AUTO_TEST_CASE(sizes_are_spelled_as_one_likes) {
  const Tensor x = randn({1, 1, 8, 8});
  const size_t two = 2;
  const unsigned one = 1;
  const Tensor uneven = max_pool2d(x, 2, {.stride = {2, 1}});
  BOOST_TEST((uneven.shape() == Shape{1, 1, 4, 7}));
  BOOST_TEST(equal(uneven, max_pool2d(x, two, {.stride = {{2, 1}}})));
  BOOST_TEST(equal(uneven, max_pool2d(x, Size2(two), {.stride = {two, one}})));
  BOOST_TEST(equal(uneven, nn::MaxPool2d({2, 2}, {.stride = Size2{2, 1}})(x)));
  BOOST_TEST(equal(avg_pool2d(x, 2), avg_pool2d(x, 2, {.stride = two})));
  BOOST_CHECK_EXCEPTION(max_pool2d(x, 2, {.stride = 0}), Error, saying("max_pool2d: expected"));
}
