#include <rewind/kernels/windows/conv_kernel.h>

#include <Eigen/Core>
#include <algorithm>
#include <type_traits>
#include <utility>
#include <vector>

#include <rewind/tensor/parallel.h>

namespace rw::kernels {
namespace {

using Matrix = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
// Pixels by the channels of one group, in a channels-last image. T is double or const double.
template <class T>
using Pixels = Eigen::Map<std::conditional_t<std::is_const_v<T>, const Matrix, Matrix>, 0,
                          Eigen::OuterStride<>>;

int64_t window(const ConvSizes& s) { return s.kh * s.kw * s.c / s.groups; }
int64_t out_per_group(const ConvSizes& s) { return s.out / s.groups; }

template <class T>
Pixels<T> result_pixels(const ConvSizes& s, T* y, int64_t image, int64_t group) {
  return {y + image * s.oh * s.ow * s.out + group * out_per_group(s), s.oh * s.ow, out_per_group(s),
          Eigen::OuterStride<>(s.out)};
}

// f(row, column, pixel) for every output pixel `row` and every tap of its window that falls on the
// image, at `pixel`; `column` is where the tap's channels begin in the unrolled row.
template <class F>
void for_each_tap(const ConvSizes& s, F&& f) {
  const int64_t channels = s.c / s.groups;
  for (int64_t oy = 0; oy < s.oh; ++oy)
    for (int64_t ky = 0; ky < s.kh; ++ky) {
      const int64_t y = oy * s.stride.h() - s.padding.h() + ky * s.dilation.h();
      if (y < 0 || y >= s.h) continue;
      for (int64_t ox = 0; ox < s.ow; ++ox)
        for (int64_t kx = 0; kx < s.kw; ++kx) {
          const int64_t x = ox * s.stride.w() - s.padding.w() + kx * s.dilation.w();
          if (x < 0 || x >= s.w) continue;
          f(oy * s.ow + ox, (ky * s.kw + kx) * channels, y * s.w + x);
        }
    }
}

// One row per output pixel: the channels of one group in its window, zero beyond the border.
void unroll(const ConvSizes& s, const double* image, int64_t group, Matrix& rows) {
  const int64_t channels = s.c / s.groups;
  rows.setZero(s.oh * s.ow, window(s));
  for_each_tap(s, [&](int64_t row, int64_t column, int64_t pixel) {
    std::copy_n(image + pixel * s.c + group * channels, channels, &rows(row, column));
  });
}

// The adjoint of unroll.
void roll_up(const ConvSizes& s, const Matrix& rows, int64_t group, double* image) {
  const int64_t channels = s.c / s.groups;
  for_each_tap(s, [&](int64_t row, int64_t column, int64_t pixel) {
    double* to = image + pixel * s.c + group * channels;
    for (int64_t i = 0; i < channels; ++i) to[i] += rows(row, column + i);
  });
}

// f(element of row-major weights, group, row of the window, output channel in the group)
template <class F>
void for_each_weight(const ConvSizes& s, F&& f) {
  const int64_t channels = s.c / s.groups;
  int64_t i = 0;
  for (int64_t o = 0; o < s.out; ++o)
    for (int64_t c = 0; c < channels; ++c)
      for (int64_t k = 0; k < s.kh * s.kw; ++k, ++i)
        f(i, o / out_per_group(s), k * channels + c, o % out_per_group(s));
}

// The filters of every group as a matrix: windows by output channels.
std::vector<Matrix> filter_matrices(const ConvSizes& s, const double* weight, const Strides& w) {
  std::vector<Matrix> filters(static_cast<size_t>(s.groups), Matrix(window(s), out_per_group(s)));
  const int64_t taps = s.kh * s.kw, channels = s.c / s.groups;
  for_each_weight(s, [&](int64_t i, int64_t group, int64_t row, int64_t column) {
    const int64_t k = i % taps, c = i / taps % channels, o = i / taps / channels;
    filters[static_cast<size_t>(group)](row, column) =
        weight[o * w[0] + c * w[1] + k / s.kw * w[2] + k % s.kw * w[3]];
  });
  return filters;
}

}  // namespace

ConvSizes adjoint(const ConvSizes& s) {
  ConvSizes r = s;
  std::swap(r.c, r.out);
  std::swap(r.h, r.oh);
  std::swap(r.w, r.ow);
  r.padding = {s.kh - 1 - s.padding.h(), s.kw - 1 - s.padding.w()};
  return r;
}

void conv_forward(const ConvSizes& s, const double* x, const double* weight,
                  const Strides& weight_strides, const double* bias, double* y) {
  const auto filters = filter_matrices(s, weight, weight_strides);
  parallel_for(0, s.n, 1, [&](int64_t begin, int64_t end) {
    Matrix rows;
    for (int64_t i = begin; i < end; ++i)
      for (int64_t group = 0; group < s.groups; ++group) {
        unroll(s, x + i * s.h * s.w * s.c, group, rows);
        auto to = result_pixels(s, y, i, group);
        to.noalias() = rows * filters[static_cast<size_t>(group)];
        if (bias)
          to.rowwise() += Eigen::Map<const Eigen::RowVectorXd>(bias + group * out_per_group(s),
                                                               out_per_group(s));
      }
  });
}

void conv_backward_input(const ConvSizes& s, const double* g, const double* weight,
                         const Strides& weight_strides, double* dx) {
  const auto filters = filter_matrices(s, weight, weight_strides);
  parallel_for(0, s.n, 1, [&](int64_t begin, int64_t end) {
    const int64_t image_size = s.h * s.w * s.c;
    std::fill(dx + begin * image_size, dx + end * image_size, 0.0);
    Matrix rows;
    for (int64_t i = begin; i < end; ++i)
      for (int64_t group = 0; group < s.groups; ++group) {
        rows.noalias() =
            result_pixels(s, g, i, group) * filters[static_cast<size_t>(group)].transpose();
        roll_up(s, rows, group, dx + i * image_size);
      }
  });
}

void conv_backward_weight(const ConvSizes& s, const double* x, const double* g, double* dweight) {
  // The batch in a fixed number of pieces, so that sums do not depend on the number of threads.
  const int64_t pieces = std::min<int64_t>(s.n, 8);
  const auto groups = static_cast<size_t>(s.groups);
  std::vector<Matrix> sums(static_cast<size_t>(pieces) * groups,
                           Matrix::Zero(window(s), out_per_group(s)));
  parallel_for(0, pieces, 1, [&](int64_t begin, int64_t end) {
    Matrix rows;
    for (int64_t piece = begin; piece < end; ++piece)
      for (int64_t i = piece * s.n / pieces; i < (piece + 1) * s.n / pieces; ++i)
        for (size_t group = 0; group < groups; ++group) {
          const auto q = static_cast<int64_t>(group);
          unroll(s, x + i * s.h * s.w * s.c, q, rows);
          sums[static_cast<size_t>(piece) * groups + group].noalias() +=
              rows.transpose() * result_pixels(s, g, i, q);
        }
  });
  for (size_t k = groups; k < sums.size(); ++k) sums[k % groups] += sums[k];
  for_each_weight(s, [&](int64_t i, int64_t group, int64_t row, int64_t column) {
    dweight[i] = sums[static_cast<size_t>(group)](row, column);
  });
}

}  // namespace rw::kernels
