// Pooling along one axis and three, held to loops over windows, and what is no window that slides.

#include "../check.h"
#include "../dtypes.h"

#include <cmath>
#include <functional>
#include <limits>

#include <rewind/ops/pool.h>

using namespace rw;
using namespace rw::test;
using boost::test_tools::per_element;

namespace {

struct Axis {
  int64_t in, out, kernel, stride, padding, dilation;
};

// PyTorch's rule.
int64_t outputs(int64_t in, int64_t kernel, int64_t stride, int64_t padding, int64_t dilation,
                bool ceil_mode) {
  const int64_t room = in + 2 * padding - dilation * (kernel - 1) - 1;
  int64_t out = (room + (ceil_mode ? stride - 1 : 0)) / stride + 1;
  if (ceil_mode && (out - 1) * stride >= in + padding) --out;
  return out;
}

struct Volumes {
  Size3 in, kernel, stride, padding, dilation;
  bool ceil_mode;

  Axis axis(int d) const {
    return {in[d],      outputs(in[d], kernel[d], stride[d], padding[d], dilation[d], ceil_mode),
            kernel[d],  stride[d],
            padding[d], dilation[d]};
  }
};

const Volumes configurations[] = {
    {{4, 6, 8}, 2, 2, 0, 1, false},
    {{5, 7, 9}, 2, 2, 0, 1, true},
    {{5, 7, 33}, 3, 2, 1, 1, false},
    {{4, 5, 40}, 3, 1, 1, 1, false},
    {{1, 1, 70}, {1, 1, 3}, {1, 1, 2}, {0, 0, 1}, {1, 1, 2}, true},
    {{6, 3, 34}, {3, 1, 2}, {2, 1, 2}, {1, 0, 0}, {2, 1, 1}, false},
    {{7, 6, 18}, {3, 2, 4}, {3, 2, 3}, {1, 1, 2}, {1, 2, 1}, true},
    {{9, 8, 10}, 7, 1, 3, 1, false},  // more than 256 places
};

using Taken = std::vector<std::pair<double, int64_t>>;

// f(elements of the window with their places, how many count with the padding) for each window.
Tensor by_window(const Tensor& x, const Volumes& c,
                 const std::function<double(const Taken&, double)>& f) {
  const auto v = x.to_vector<double>();
  const Axis a = c.axis(0), b = c.axis(1), w = c.axis(2);
  const int64_t planes = x.size(0) * x.size(1);
  const auto places = [](const Axis& s, int64_t i) {
    std::vector<int64_t> all;
    for (int64_t k = 0; k < s.kernel; ++k) all.push_back(i * s.stride - s.padding + k * s.dilation);
    return all;
  };
  const auto inside = [](const Axis& s, int64_t at) { return at >= 0 && at < s.in; };
  const auto padded = [](const Axis& s, int64_t at) { return at < s.in + s.padding; };
  std::vector<double> y;
  for (int64_t p = 0; p < planes; ++p)
    for (int64_t i = 0; i < a.out; ++i)
      for (int64_t j = 0; j < b.out; ++j)
        for (int64_t k = 0; k < w.out; ++k) {
          Taken taken;
          double count = 0;
          for (const int64_t r : places(a, i))
            for (const int64_t s : places(b, j))
              for (const int64_t t : places(w, k)) {
                count += padded(a, r) && padded(b, s) && padded(w, t);
                if (!inside(a, r) || !inside(b, s) || !inside(w, t)) continue;
                const int64_t at = (r * b.in + s) * w.in + t;
                taken.emplace_back(v[static_cast<size_t>(p * a.in * b.in * w.in + at)], at);
              }
          y.push_back(f(taken, count));
        }
  return from(y, {x.size(0), x.size(1), a.out, b.out, w.out});
}

// The same numbers, channels last where asked for.
Tensor in_order(const Tensor& x, bool last) {
  if (!last) return x.contiguous();
  return x.permute({0, 2, 3, 4, 1}).contiguous().permute({0, 4, 1, 2, 3});
}

Tensor distinct(const Shape& shape) {
  return ((randperm(shape.numel()).to(float64) - 20) * 0.5).reshape(shape);
}

Shape shape_of(const Volumes& c, int64_t channels) {
  return {2, channels, c.in[0], c.in[1], c.in[2]};
}

MaxPool3dOptions max_options(const Volumes& c) {
  return {c.stride, c.padding, c.dilation, c.ceil_mode};
}

}  // namespace

BOOST_AUTO_TEST_CASE(volumes_agree_with_loops) {
  for (const Volumes& c : configurations)
    for (const int64_t channels : {1, 3, 21})
      for (const bool last : {false, true}) {
        const Tensor x = in_order(distinct(shape_of(c, channels)), last);
        const auto first = [](const Taken& a) {
          return *std::max_element(a.begin(), a.end(),
                                   [](auto s, auto t) { return s.first < t.first; });
        };
        const auto [y, at] = max_pool3d_with_indices(x, c.kernel, max_options(c));
        BOOST_TEST(
            equal(y, by_window(x, c, [&](const Taken& a, double) { return first(a).first; })));
        BOOST_TEST(equal(at, by_window(x, c, [&](const Taken& a, double) {
                               return static_cast<double>(first(a).second);
                             }).to(int64)));
        BOOST_TEST(equal(max_pool3d(x.to(int64), c.kernel, max_options(c)),
                         max_pool3d(x.to(int64).to(float64), c.kernel, max_options(c)).to(int64)));
        if (c.dilation != Size3(1)) continue;
        for (const bool with_pad : {true, false}) {
          const auto mean = [&](const Taken& a, double count) {
            double sum = 0;
            for (const auto& [value, place] : a) sum += value;
            return sum / (with_pad ? count : static_cast<double>(a.size()));
          };
          const AvgPool3dOptions options = {c.stride, c.padding, c.ceil_mode, with_pad};
          BOOST_TEST(relative_error(avg_pool3d(x, c.kernel, options), by_window(x, c, mean)) <
                     1e-14);
        }
      }
}

BOOST_AUTO_TEST_CASE(gradients_of_volumes) {
  for (const Volumes& c : configurations) {
    if (c.in[0] * c.in[1] * c.in[2] > 400) continue;
    for (const bool last : {false, true}) {
      const Tensor x = in_order(distinct({1, 2, c.in[0], c.in[1], c.in[2]}), last).requires_grad_();
      const auto pooled = [&](const std::vector<Tensor>& in) {
        return max_pool3d(in[0], c.kernel, max_options(c));
      };
      check_gradients(pooled, {x});
    }
  }
  const auto averages = [](const std::vector<Tensor>& in) {
    return avg_pool3d(in[0], 2, {.stride = {1, 2, 2}, .padding = {1, 0, 0}});
  };
  check_gradients(averages, {random_leaf({1, 2, 3, 4, 6})});
}

// Each dtype against float64, in vectors and at their ends.
BOOST_AUTO_TEST_CASE(reduced_numbers_agree_with_float64) {
  for (const DType dtype : {float32, bfloat16, float16})
    for (const Volumes& c : configurations)
      for (const bool last : {false, true}) {
        const Tensor x = in_order(randn(shape_of(c, 3)).to(dtype), last).requires_grad_();
        const Tensor wide = x.detach().to(float64).requires_grad_();
        const double tolerance = 8 * epsilon(dtype);
        const auto agree = [&](auto pool) {
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
        agree([&](const Tensor& t) { return max_pool3d(t, c.kernel, max_options(c)); });
        agree([&](const Tensor& t) {
          return avg_pool3d(t, c.kernel, {c.stride, c.padding, c.ceil_mode});
        });
        agree([&](const Tensor& t) { return adaptive_max_pool3d(t, {1, 1, 5}); });
        agree([&](const Tensor& t) { return adaptive_avg_pool3d(t, {same_size, 1, 7}); });
        agree([&](const Tensor& t) { return lp_pool3d(t, 2, {1, 1, 3}); });
      }
}

// A sequence is an image of one row, a volume of one image.
BOOST_AUTO_TEST_CASE(ranks_agree) {
  const Tensor x = randn({2, 5, 67}), row = x.unsqueeze(2), slice = row.unsqueeze(2);
  const auto same = [](const Tensor& one, const Tensor& two, const Tensor& three) {
    BOOST_TEST(equal(one, two.squeeze(2)));
    BOOST_TEST(equal(two, three.squeeze(2)));
  };
  for (const int64_t k : {2, 3, 5}) {
    const auto [y, at] = max_pool1d_with_indices(x, k, {.padding = k / 2});
    const auto [y2, at2] = max_pool2d_with_indices(row, {1, k}, {.padding = {0, k / 2}});
    const auto [y3, at3] = max_pool3d_with_indices(slice, {1, 1, k}, {.padding = {0, 0, k / 2}});
    same(y, y2, y3);
    same(at, at2, at3);
    same(avg_pool1d(x, k), avg_pool2d(row, {1, k}), avg_pool3d(slice, {1, 1, k}));
    same(lp_pool1d(x, 2, k), lp_pool2d(row, 2, {1, k}), lp_pool3d(slice, 2, {1, 1, k}));
    same(adaptive_avg_pool1d(x, 7 * k), adaptive_avg_pool2d(row, {1, 7 * k}),
         adaptive_avg_pool3d(slice, {1, 1, 7 * k}));
    same(adaptive_max_pool1d(x, 7 * k), adaptive_max_pool2d(row, {1, 7 * k}),
         adaptive_max_pool3d(slice, {1, 1, 7 * k}));
  }
  BOOST_TEST(equal(max_pool1d(x[1], 2), max_pool1d(x, 2)[1]));
  BOOST_TEST(equal(max_pool3d(slice[1], {1, 1, 2}), max_pool3d(slice, {1, 1, 2})[1]));
}

BOOST_AUTO_TEST_CASE(unpooling_undoes_pooling) {
  const Tensor x = rand({2, 3, 6, 5, 8}) + 1;
  const MaxPool3dOptions options = {.stride = {2, 1, 3}, .padding = {1, 0, 1}};
  const auto [y, at] = max_pool3d_with_indices(x, {2, 1, 3}, options);
  const Tensor back = max_unpool3d(
      y, at, {2, 1, 3}, {.stride = {2, 1, 3}, .padding = {1, 0, 1}, .output_size = {6, 5, 8}});
  BOOST_TEST((back.shape() == x.shape()));
  BOOST_TEST(equal(max_pool3d(back, {2, 1, 3}, options), y));
  BOOST_TEST(equal(back, where(back == 0, back, x)));
}

BOOST_AUTO_TEST_CASE(fractional_windows_lie_in_order) {
  const Tensor x = arange(0, 2 * 3 * 20 * 30).to(float32).view({2, 3, 20, 30});
  const auto [y, at] = fractional_max_pool2d_with_indices(x, {2, 3}, {.output_size = {11, 13}});
  BOOST_TEST((y.shape() == Shape{2, 3, 11, 13}));
  BOOST_TEST(equal(y, x.flatten(2).gather(-1, at.flatten(2)).view(y.shape())));
  BOOST_TEST(equal(at[1][2][10][12], scalar_tensor(20 * 30 - 1, int64)));
  const Tensor rows = at.select(-1, 0), steps = rows.narrow(-1, 1, 10) - rows.narrow(-1, 0, 10);
  BOOST_TEST((steps > 0).all().item<bool>());
  manual_seed(3);
  const Tensor once = fractional_max_pool2d(x, 2, {.output_ratio = {{0.5, 0.5}}});
  manual_seed(3);
  BOOST_TEST(equal(once, fractional_max_pool2d(x, 2, {.output_size = {10, 15}})));
}

BOOST_AUTO_TEST_CASE(least_integers_and_divisors) {
  const int64_t least = std::numeric_limits<int64_t>::min();
  const Tensor x = from<int64_t>({least, 0, 7, -7}).view({1, 1, 4});
  BOOST_TEST(max_pool1d(x, 2).to_vector<int64_t>() == std::vector<int64_t>({0, 7}), per_element());
  BOOST_TEST(avg_pool1d(x, 1).to_vector<int64_t>() == x.to_vector<int64_t>(), per_element());
  const Tensor negated = avg_pool2d(x.unsqueeze(0), {1, 1}, {.divisor_override = -1});
  BOOST_TEST(negated.to_vector<int64_t>() == std::vector<int64_t>({least, 0, -7, 7}),
             per_element());
}

BOOST_AUTO_TEST_CASE(errors_name_axes) {
  const auto throws = [](auto f, const std::string& message) {
    BOOST_CHECK_EXCEPTION(f(), Error, saying(message));
  };
  const Tensor l = zeros({1, 2, 4}), v = zeros({1, 2, 4, 4, 4});
  throws([&] { max_pool1d(v, 2); },
         "max_pool1d: expected an input [N, C, L] or [C, L], got shape [1, 2, 4, 4, 4]");
  throws([&] { avg_pool3d(l, 2); },
         "avg_pool3d: expected an input [N, C, D, H, W] or [C, D, H, W], got shape [1, 2, 4]");
  throws([&] { max_pool1d(l, 0); }, "max_pool1d: expected a kernel of at least 1, got 0");
  throws(
      [&] {
        avg_pool3d(v, 2, {.padding = {0, 0, 2}});
      },
      "expected a padding of at most half the kernel (2, 2, 2), got (0, 0, 2)");
  throws(
      [&] {
        max_pool3d(zeros({1, 0, 4, 4, 4}), 2);
      },
      "expected an input with C, D, H and W greater than 0");
  throws([&] { max_pool1d(l.to(boolean), 2); },
         "max_pool1d: expected an input of numbers, got bool");
  throws([&] { avg_pool1d(l.to(int32), 2); },
         "avg_pool1d: expected a floating input or int64, got int32");
  throws([&] { avg_pool2d(l, 2, {.divisor_override = 0}); },
         "avg_pool2d: expected a divisor_override other than 0");
  throws([&] { lp_pool1d(l, 0, 2); }, "lp_pool1d: expected a norm_type other than 0");
  throws([&] { adaptive_max_pool1d(l, -2); },
         "adaptive_max_pool1d: expected an output size of at least 0, got -2");
  const Tensor at = zeros({1, 2, 4}, int64);
  throws([&] { max_unpool1d(l, at.to(int32), 2); },
         "max_unpool1d: expected indices of int64, got int32");
  throws([&] { max_unpool1d(l, at + 8, 2); },
         "max_unpool1d: index 8 is out of range for a result of size 8");
  throws([&] { max_unpool1d(l, at, 2, {.output_size = 10}); },
         "max_unpool1d: expected an output size less than a stride 2 from 8 along axis -1, got 10");
  throws([&] { fractional_max_pool3d(v, 2, {.output_size = 3}); },
         "a result of size (3, 3, 3) is too large for a kernel (2, 2, 2)");
  throws([&] { fractional_max_pool2d(v[0], 2, {}); },
         "fractional_max_pool2d: expected an output_size or an output_ratio");
}
