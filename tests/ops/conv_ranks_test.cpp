// Convolutions of all ranks against loops over everything, and against each other.

#include <algorithm>
#include <any>
#include <cmath>
#include <functional>
#include <random>

#include "../check.h"

#include <rewind/rewind.h>

using namespace rw;
using namespace rw::test;

namespace {

// A convolution over three axes; those of a lower rank have sizes of 1 in front.
struct Problem {
  int64_t n, groups, in, out;  // channels of a group
  Size<3> size, kernel, stride, dilation, before, after;
  PaddingMode mode = PaddingMode::zeros;

  Shape input() const { return {n, groups * in, size[0], size[1], size[2]}; }
  Shape weight() const { return {groups * out, in, kernel[0], kernel[1], kernel[2]}; }
  int64_t results(int d) const {
    return (size[d] + before[d] + after[d] - dilation[d] * (kernel[d] - 1) - 1) / stride[d] + 1;
  }
};

// Where padding takes the pixel at i from, or -1.
int64_t source(PaddingMode mode, int64_t i, int64_t n) {
  if (i >= 0 && i < n) return i;
  switch (mode) {
    case PaddingMode::zeros:
      return -1;
    case PaddingMode::reflect:
      return i < 0 ? -i : 2 * (n - 1) - i;
    case PaddingMode::replicate:
      return std::clamp<int64_t>(i, 0, n - 1);
    case PaddingMode::circular:
      return (i + n) % n;
  }
  return -1;
}

// f(result, pixel, weight) for every product, by places in the row-major tensors.
void for_each_product(const Problem& p, const std::function<void(int64_t, int64_t, int64_t)>& f) {
  const int64_t od = p.results(0), oh = p.results(1), ow = p.results(2);
  for (int64_t n = 0; n < p.n; ++n)
    for (int64_t o = 0; o < p.groups * p.out; ++o)
      for (int64_t at = 0; at < od * oh * ow; ++at)
        for (int64_t c = 0; c < p.in; ++c)
          for (int64_t k = 0; k < p.kernel[0] * p.kernel[1] * p.kernel[2]; ++k) {
            const int64_t place[] = {at / (oh * ow), at / ow % oh, at % ow};
            const int64_t tap[] = {k / (p.kernel[1] * p.kernel[2]), k / p.kernel[2] % p.kernel[1],
                                   k % p.kernel[2]};
            int64_t pixel = n * p.groups * p.in + o / p.out * p.in + c;
            bool inside = true;
            for (int d = 0; d < 3; ++d) {
              const int64_t i = source(
                  p.mode, place[d] * p.stride[d] - p.before[d] + tap[d] * p.dilation[d], p.size[d]);
              inside = inside && i >= 0;
              pixel = pixel * p.size[d] + i;
            }
            if (inside)
              f((n * p.groups * p.out + o) * od * oh * ow + at, pixel,
                (o * p.in + c) * p.kernel[0] * p.kernel[1] * p.kernel[2] + k);
          }
}

class Dice {
 public:
  explicit Dice(uint32_t seed) : engine_(seed) {}
  int64_t from(int64_t least, int64_t most) {
    return least + static_cast<int64_t>(engine_() % static_cast<uint64_t>(most - least + 1));
  }

 private:
  std::mt19937 engine_;
};

Problem drawn(Dice& dice, int rank) {
  const int64_t channels[] = {1, 1, 2, 3, 5, 16};
  Problem p;
  p.n = dice.from(1, 3);
  p.groups = dice.from(0, 2) == 0 ? dice.from(2, 4) : 1;
  p.in = channels[dice.from(0, 5)];
  p.out = channels[dice.from(0, 5)];
  p.mode = static_cast<PaddingMode>(dice.from(0, 2) == 0 ? dice.from(1, 3) : 0);
  for (int d = 0; d < 3; ++d) {
    const bool idle = d < 3 - rank;
    p.kernel[d] = idle ? 1 : dice.from(1, 4);
    p.dilation[d] = idle ? 1 : dice.from(1, 2);
    p.stride[d] = idle ? 1 : dice.from(1, 3);
    p.size[d] = idle ? 1 : dice.from(1, 9);
    const int64_t most =
        p.mode == PaddingMode::reflect ? p.size[d] - 1 : std::min<int64_t>(4, p.size[d]);
    p.before[d] = idle ? 0 : dice.from(0, std::min<int64_t>(most, 3));
    p.after[d] = idle ? 0 : dice.from(0, std::min<int64_t>(most, 3));
    while (p.results(d) < 1 ||
           p.size[d] + p.before[d] + p.after[d] < p.dilation[d] * (p.kernel[d] - 1) + 1)
      p.kernel[d] > 1 ? --p.kernel[d] : --p.dilation[d];
  }
  return p;
}

template <std::size_t N>
Size<N> last(const Size<3>& s) {
  Size<N> some;
  for (int d = 0; d < static_cast<int>(N); ++d) some[d] = s[3 - static_cast<int>(N) + d];
  return some;
}

template <std::size_t N>
ConvOptions<N> options(const Problem& p) {
  return {.stride = last<N>(p.stride),
          .padding = ConvPadding<N>::sides(last<N>(p.before), last<N>(p.after)),
          .dilation = last<N>(p.dilation),
          .groups = p.groups,
          .padding_mode = p.mode};
}

Shape without_idle(Shape s, int rank) {
  for (int d = rank; d < 3; ++d) s.erase(2);
  return s;
}

Tensor convolved(const Problem& p, int rank, const Tensor& x, const Tensor& w, const Tensor& b) {
  if (rank == 1) return conv1d(x, w, b, options<1>(p));
  if (rank == 2) return conv2d(x, w, b, options<2>(p));
  return conv3d(x, w, b, options<3>(p));
}

// Values and gradients in `dtype`, held to loops in float64.
void check_against_loops(const Problem& p, int rank, DType dtype, bool channels_last) {
  const Tensor x0 = randn(p.input(), float64).to(dtype), w0 = randn(p.weight(), float64).to(dtype),
               b0 = randn(p.groups * p.out, float64).to(dtype);
  Tensor x = x0.view(without_idle(p.input(), rank)), w = w0.view(without_idle(p.weight(), rank)),
         b = b0.clone();
  if (channels_last && rank > 1) x = x.contiguous(MemoryFormat::channels_last);
  x = x.detach().requires_grad_();
  w = w.detach().requires_grad_();
  b.requires_grad_();
  const Tensor y = convolved(p, rank, x, w, b);
  const Tensor g = randn(y.shape(), float64).to(dtype);
  y.backward(g);

  const auto xs = x0.to_vector<double>(), ws = w0.to_vector<double>(), bs = b0.to_vector<double>(),
             gs = g.to_vector<double>();
  const size_t results = gs.size(), area = results / static_cast<size_t>(p.n * p.groups * p.out);
  std::vector<double> ys(results), dx(xs.size()), dw(ws.size()), db(bs.size());
  std::vector<double> y_size(results), dx_size(xs.size()), dw_size(ws.size());
  for (size_t i = 0; i < results; ++i) {
    ys[i] = bs[i / area % bs.size()];
    y_size[i] = std::abs(ys[i]);
    db[i / area % bs.size()] += gs[i];
  }
  for_each_product(p, [&](int64_t r, int64_t i, int64_t k) {
    const auto at = [](int64_t n) { return static_cast<size_t>(n); };
    const double product = xs[at(i)] * ws[at(k)];
    ys[at(r)] += product;
    y_size[at(r)] += std::abs(product);
    dx[at(i)] += gs[at(r)] * ws[at(k)];
    dx_size[at(i)] += std::abs(gs[at(r)] * ws[at(k)]);
    dw[at(k)] += gs[at(r)] * xs[at(i)];
    dw_size[at(k)] += std::abs(gs[at(r)] * xs[at(i)]);
  });
  const double eps = dtype == float64 ? 1e-13 : dtype == float32 ? 1e-5 : 3e-2;
  const auto close = [&](const Tensor& got, const std::vector<double>& expected,
                         const std::vector<double>& size, const char* what) {
    const auto values = got.to_vector<double>();
    BOOST_TEST_REQUIRE(values.size() == expected.size());
    double worst = 0;
    for (size_t i = 0; i < values.size(); ++i)
      worst = std::max(worst, std::abs(values[i] - expected[i]) / (size[i] + 1));
    BOOST_TEST(worst <= eps, what << " is off by " << worst << " in " << dtype);
  };
  close(y, ys, y_size, "the result");
  close(x.grad(), dx, dx_size, "the input's gradient");
  close(w.grad(), dw, dw_size, "the weight's gradient");
  close(b.grad(), db, std::vector<double>(db.size(), static_cast<double>(results)),
        "the bias's gradient");
}

double inner_product(const Tensor& a, const Tensor& b) { return (a * b).sum().item<double>(); }

}  // namespace

BOOST_AUTO_TEST_CASE(every_rank_agrees_with_loops) {
  for (uint32_t seed = 0; seed < 400; ++seed) {
    Dice dice(seed);
    manual_seed(seed);
    const int rank = static_cast<int>(seed % 3) + 1;
    const Problem p = drawn(dice, rank);
    const DType dtypes[] = {float64, float32, float32, bfloat16, float16};
    BOOST_TEST_CONTEXT("seed " << seed << ", rank " << rank << ", input " << p.input()
                               << ", weight " << p.weight())
    check_against_loops(p, rank, dtypes[dice.from(0, 4)], dice.from(0, 1) == 1);
  }
}

// <conv_transpose(g, w), x> = <g, conv(x, w)>, whatever is cut off or added.
BOOST_AUTO_TEST_CASE(a_transposed_convolution_is_the_adjoint) {
  for (uint32_t seed = 0; seed < 200; ++seed) {
    Dice dice(seed);
    manual_seed(seed);
    const int64_t stride = dice.from(1, 4), dilation = dice.from(1, 3), kernel = dice.from(1, 4);
    const int64_t padding = dice.from(0, 5), groups = dice.from(1, 2), length = dice.from(1, 6);
    const int64_t more = dice.from(0, std::max(stride, dilation) - 1);
    const int64_t whole = (length - 1) * stride - 2 * padding + dilation * (kernel - 1) + 1 + more;
    if (whole < 1) continue;
    const DType dtype = seed % 2 ? float64 : float32;
    BOOST_TEST_CONTEXT("seed " << seed << ": stride " << stride << ", dilation " << dilation
                               << ", kernel " << kernel << ", padding " << padding << ", length "
                               << length << ", output_padding " << more) {
      const Tensor g = randn({2, 2 * groups, length, length}, dtype),
                   w = randn({2 * groups, 3, kernel, 1}, dtype);
      const Tensor up = conv_transpose2d(g, w, {},
                                         {.stride = {stride, 1},
                                          .padding = {padding, 0},
                                          .output_padding = {more, 0},
                                          .groups = groups,
                                          .dilation = {dilation, 1}});
      BOOST_TEST(up.shape() == (Shape{2, 3 * groups, whole, length}));
      const Tensor x = randn(up.shape(), dtype);
      const Tensor y = conv2d(x, w, {},
                              {.stride = {stride, 1},
                               .padding = ConvPadding<2>::sides({padding, 0}, {padding, 0}),
                               .dilation = {dilation, 1},
                               .groups = groups});
      // Windows that output_padding makes room for have no input.
      const double expected = inner_product(y.narrow(2, 0, length), g), got = inner_product(up, x);
      BOOST_TEST(std::abs(got - expected) < (dtype == float64 ? 1e-10 : 1e-2));
      // The same along the depth of volumes, where taps may meet no frame.
      const double eps = dtype == float64 ? 1e-12 : 1e-4;
      const Tensor deep = conv_transpose3d(g.unsqueeze(3), w.unsqueeze(3), {},
                                           {.stride = {stride, 1, 1},
                                            .padding = {padding, 0, 0},
                                            .output_padding = {more, 0, 0},
                                            .groups = groups,
                                            .dilation = {dilation, 1, 1}});
      BOOST_TEST(allclose(deep.squeeze(3), up, eps, eps));
      const auto sides = ConvPadding<3>::sides({padding, 0, 0}, {padding, 0, 0});
      const Tensor down = conv3d(x.unsqueeze(3), w.unsqueeze(3), {},
                                 {.stride = {stride, 1, 1},
                                  .padding = sides,
                                  .dilation = {dilation, 1, 1},
                                  .groups = groups});
      BOOST_TEST(allclose(down.squeeze(3), y, eps, eps));
    }
  }
}

BOOST_AUTO_TEST_CASE(transposed_ranks_agree) {
  const Tensor x = randn({2, 4, 5}, float64), w = randn({4, 3, 3}, float64),
               b = randn({3}, float64);
  const Tensor line = conv_transpose1d(x, w, b, {.stride = 2, .padding = 1, .output_padding = 1});
  const Tensor plane =
      conv_transpose2d(x.unsqueeze(3), w.unsqueeze(3), b,
                       {.stride = {2, 1}, .padding = {1, 0}, .output_padding = {1, 0}});
  const Tensor solid =
      conv_transpose3d(x.unsqueeze(3).unsqueeze(4), w.unsqueeze(3).unsqueeze(4), b,
                       {.stride = {2, 1, 1}, .padding = {1, 0, 0}, .output_padding = {1, 0, 0}});
  BOOST_TEST(allclose(plane.squeeze(3), line, 1e-12, 1e-12));
  BOOST_TEST(allclose(solid.squeeze(4).squeeze(3), line, 1e-12, 1e-12));
}

BOOST_AUTO_TEST_CASE(a_padded_copy_is_not_kept) {
  const Tensor x = randn({1, 2, 64, 64}).requires_grad_() * 2,
               w = randn({2, 2, 3, 3}).requires_grad_() * 2;
  size_t kept = 0;
  {
    const saved_tensors_hooks hooks(
        [&](const Tensor& t) {
          kept += t.nbytes();
          return std::any(t);
        },
        [](const std::any& t) { return std::any_cast<Tensor>(t); });
    conv2d(x, w, {}, {.padding = 3, .padding_mode = PaddingMode::reflect});
  }
  BOOST_TEST(kept == x.nbytes() + w.nbytes());
}

BOOST_AUTO_TEST_CASE(wrong_arguments_are_named) {
  const Tensor x = randn({1, 2, 5}), w = randn({4, 2, 3});
  const auto refuses = [](const auto& call, const char* text) {
    BOOST_CHECK_EXCEPTION(call(), Error, saying(text));
  };
  refuses([&] { conv1d({}, w); }, "conv1d: the input is undefined");
  refuses([&] { conv1d(x, {}); }, "conv1d: the weight is undefined");
  refuses([&] { conv1d(x.to(boolean), w); }, "conv1d: expected a floating input, got bool");
  refuses([&] { conv1d(x, w.to(float64)); },
          "conv1d: expected a weight of the input's dtype float32, got float64");
  refuses([&] { conv3d(x, w); },
          "conv3d: expected an input [N, C, D, H, W] or [C, D, H, W], got shape [1, 2, 5]");
  refuses([&] { conv1d(x, w.unsqueeze(0)); },
          "conv1d: expected a weight [out, C / groups, k], got shape [1, 4, 2, 3]");
  refuses([&] { conv_transpose1d(x, w.unsqueeze(0)); },
          "conv_transpose1d: expected a weight [C, out / groups, k], got shape [1, 4, 2, 3]");
  refuses([&] { conv1d(x, w, {}, {.padding = "samee"}); },
          "padding: expected numbers, \"same\" or \"valid\", got \"samee\"");
  refuses([&] { conv1d(x, w, {}, {.stride = 2, .padding = "same"}); },
          "conv1d: padding \"same\" takes a stride of 1, got 2");
  refuses([&] { conv1d(x, w, {}, {.padding = ConvPadding<1>::sides(0, -1)}); },
          "conv1d: expected a padding that is not negative, got -1");
  refuses([&] { conv1d(x, w, {}, {.padding = ConvPadding<1>::sides(0, 1), .dilation = 4}); },
          "conv1d: a kernel of 3 with dilation 4 is larger than an input of 5 with padding 0+1");
  refuses(
      [&] {
        conv_transpose1d(x, randn({2, 1, 3}), {}, {.output_padding = 1});
      },
      "conv_transpose1d: expected an output_padding that is not negative and less than the "
      "stride or the dilation, got 1 with stride 1 and dilation 1");
  refuses(
      [&] {
        conv_transpose1d(x, randn({2, 1, 3}), {}, {.padding = 4});
      },
      "conv_transpose1d: an input of 5 and a kernel of 3 with padding 4 leave nothing of the "
      "result");
  refuses(
      [&] {
        conv_transpose1d(x, randn({2, 1, 3}), randn({2}));
      },
      "conv_transpose1d: expected a bias of shape [1], one value per filter, got [2]");
  refuses(
      [&] {
        unfold(randn({3, 3}), 2);
      },
      "unfold: expected an input [N, C, H, W] or [C, H, W], got shape [3, 3]");
  refuses(
      [&] {
        fold(randn({1, 4, 5}), 3, 2);
      },
      "fold: expected 2x2 columns, one for each window over 3x3 pixels, got shape [1, 4, 5]");
}

BOOST_AUTO_TEST_CASE(layers_have_pytorchs_names_and_print_like_it) {
  nn::Conv1d line(4, 6, 3, {.stride = 2, .padding = "same", .groups = 2, .bias = false});
  BOOST_TEST(line.weight.shape() == (Shape{6, 2, 3}));
  BOOST_TEST(line.extra_repr() ==
             "4, 6, kernel_size=(3,), stride=(2,), padding=same, groups=2, bias=False");
  nn::Conv3d solid(2, 3, {1, 2, 3}, {.padding = 1});
  BOOST_TEST(solid.weight.shape() == (Shape{3, 2, 1, 2, 3}));
  BOOST_TEST(solid.extra_repr() ==
             "2, 3, kernel_size=(1, 2, 3), stride=(1, 1, 1), padding=(1, 1, 1)");
  nn::ConvTranspose2d up(4, 6, 3, {.stride = 2, .padding = 1, .output_padding = 1, .groups = 2});
  BOOST_TEST(up.weight.shape() == (Shape{4, 3, 3, 3}));
  BOOST_TEST(up.bias.shape() == (Shape{6}));
  BOOST_TEST(up.extra_repr() ==
             "4, 6, kernel_size=(3, 3), stride=(2, 2), padding=(1, 1), output_padding=(1, 1), "
             "groups=2");
  BOOST_TEST(up(randn({1, 4, 3, 3})).shape() == (Shape{1, 6, 6, 6}));
  BOOST_TEST(up.forward(randn({1, 4, 3, 3}), {5, 6}).shape() == (Shape{1, 6, 5, 6}));
  BOOST_CHECK_EXCEPTION(up.forward(randn({1, 4, 3, 3}), {4, 6}), ShapeError,
                        saying("ConvTranspose2d: expected an output_size from 5 to 6 along axis 0, "
                               "got 4"));
  BOOST_TEST(nn::Unfold(2)(randn({1, 2, 3, 3})).shape() == (Shape{1, 8, 4}));
  BOOST_TEST(nn::Fold(3, 2)(randn({1, 8, 4})).shape() == (Shape{1, 2, 3, 3}));
}

BOOST_AUTO_TEST_CASE(strides_beyond_all_sizes_leave_one_window) {
  constexpr int64_t huge = std::numeric_limits<int64_t>::max();
  const Tensor x = ones({1, 1, 3, 3});
  BOOST_TEST(unfold(x, 3, {.padding = 1, .stride = huge}).shape() == (Shape{1, 9, 1}));
  const Tensor v = ones({1, 1, 3, 3, 3}), w = ones({1, 1, 3, 3, 3});
  const Tensor y = conv3d(v, w, {}, {.stride = {huge, 1, 1}, .padding = {2, 0, 0}});
  BOOST_TEST(y.item<double>() == 9);
}
