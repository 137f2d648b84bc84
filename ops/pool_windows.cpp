#include <rewind/ops/pool_windows.h>

#include <array>
#include <limits>
#include <optional>

#include <rewind/autograd/grad_mode.h>
#include <rewind/tensor/check.h>
#include <rewind/tensor/format.h>
#include <rewind/tensor/per_thread.h>
#include <rewind/tensor/wide.h>

namespace rw::detail {
namespace {

using kernels::Taps;

// Places along an axis, and in a window, are kept in 32 bits.
constexpr int64_t longest = std::numeric_limits<int32_t>::max();

// Of text about inputs with so many axes.
const char* const form[] = {"[N, C, L] or [C, L]", "[N, C, H, W] or [C, H, W]",
                            "[N, C, D, H, W] or [C, D, H, W]"};
const char* const filled[] = {"C and L", "C, H and W", "C, D, H and W"};

void check_sliding(const char* op, const Sliding& s) {
  const auto at_least = [&](const char* what, const AxisSizes& v, int64_t least) {
    check<ShapeError>(v.at_least(least), "{}: expected {} of at least {}, got {}", op, what, least,
                      v.text());
  };
  at_least("a kernel", s.kernel, 1);
  at_least("a stride", s.stride, 1);
  at_least("a padding", s.padding, 0);
  at_least("a dilation", s.dilation, 1);
  Wide places = 1;
  for (int d = 0; d < 3; ++d) {
    places *= s.kernel[d];
    check<ShapeError>(places <= longest, "{}: the kernel {} is too large", op, s.kernel.text());
  }
  for (int d = 0; d < 3; ++d)
    check<ShapeError>(s.padding[d] <= s.kernel[d] / 2,
                      "{}: expected a padding of at most half the kernel {}, got {}", op,
                      s.kernel.text(), s.padding.text());
}

// PyTorch's rule: with ceil_mode the last window must start inside the input or its left padding.
int64_t output_size(int64_t in, int64_t kernel, int64_t stride, int64_t padding, int64_t dilation,
                    bool ceil_mode) {
  const Wide room = in + 2 * padding - Wide{dilation} * (kernel - 1) - 1;
  if (room < 0 && !(ceil_mode && room + stride > 0)) return 0;
  Wide out = (room + (ceil_mode ? Wide{stride} - 1 : 0)) / stride + 1;
  if (ceil_mode && (out - 1) * stride >= in + padding) --out;
  return static_cast<int64_t>(out);  // at most in + padding, since the stride is not 0
}

Shape with_sizes(const Tensor& x, const AxisSizes& sizes) {
  Shape shape = x.shape();
  for (int d = 3 - sizes.axes; d < 3; ++d) shape[shape.rank() - 3 + d] = sizes[d];
  return shape;
}

// What every window takes is written down before anything is computed, in less memory than images
// take where there is sense in it.
void check_windows(const char* op, const Tensor& x, const AxisSizes& out, const AxisSizes& taken) {
  constexpr int64_t most = 1 << 28;
  check<ShapeError>(Wide{taken[0]} * taken[1] <= longest / std::max<int64_t>(taken[2], 1) &&
                        Wide{out[0]} * taken[0] <= most && Wide{out[1]} * taken[1] <= most &&
                        Wide{out[0]} * taken[0] * out[1] * taken[1] <= most &&
                        Wide{out[2]} * taken[2] <= most,
                    "{}: windows that take {} elements of an input of shape {} are too many for "
                    "a result of size {}",
                    op, taken.text(), x.shape(), out.text());
  check_allocatable(op, with_sizes(x, out), x.dtype());
}

// The size of the result. Steps that nothing takes are made short: memory is set out by them.
AxisSizes output_sizes(const char* op, const Tensor& x, Sliding& s) {
  const AxisSizes in = pooled_sizes(x, s.kernel.axes);
  AxisSizes out = in, taken = in;
  bool fits = true;
  for (int d = 0; d < 3; ++d) {
    out[d] = output_size(in[d], s.kernel[d], s.stride[d], s.padding[d], s.dilation[d], s.ceil_mode);
    taken[d] = std::min(s.kernel[d], in[d]);
    fits = fits && out[d] > 0;
  }
  check<ShapeError>(fits,
                    "{}: the input {} is too small for a kernel {} with dilation {} and padding {}",
                    op, x.shape(), s.kernel.text(), s.dilation.text(), s.padding.text());
  check_windows(op, x, out, taken);
  for (int d = 0; d < 3; ++d) {
    if (out[d] == 1) s.stride[d] = std::min(s.stride[d], in[d]);
    if (s.kernel[d] == 1) s.dilation[d] = 1;
  }
  return out;
}

// Whether row-major planes are better pooled with their channels last, there and back: along rows,
// vectors stop at borders, and what is not next to each other has to be brought together, in
// backward most of all. From measurements.
bool better_last(const Tensor& x, bool has_backward, const PoolWindows& w) {
  constexpr int64_t enough_channels = 8, enough_elements = 1 << 10, many = 16, some = 6;
  if (w.in[channel_of(x, w.axes)] < enough_channels || x.numel() < enough_elements) return false;
  if (w.cols.takes_pairs()) return false;
  const Taps::Regular regular = w.cols.regular();
  if (2 * (regular.end - regular.begin) < w.cols.targets() || regular.step > 2) return true;
  if (w.cols.widest() == 1) return false;
  const int64_t taken = w.rows.widest() * w.cols.widest();
  return taken >= (has_backward ? some : many);
}

// What windows depend on: an input, and how it is pooled.
struct Asked {
  Shape in;
  DType dtype;
  Layout layout;
  bool has_backward;
  std::optional<Sliding> sliding;    // or
  std::optional<AxisSizes> bins;     // that many of them
  std::optional<Counting> counting;  // of an average

  Asked(const Tensor& x, int axes)
      : in(x.shape()),
        dtype(x.dtype()),
        layout(layout_of(x, channel_of(x, axes))),
        has_backward(is_grad_enabled() && x.requires_grad()) {}
  friend bool operator==(const Asked& a, const Asked& b) {
    return a.in == b.in && a.dtype == b.dtype && a.layout.channel == b.layout.channel &&
           a.layout.last == b.layout.last && a.has_backward == b.has_backward &&
           a.sliding == b.sliding && a.bins == b.bins && a.counting == b.counting;
  }
};

// The last windows that a thread has asked for, unless they are large.
class KeptWindows {
 public:
  template <class Make>
  PoolWindowsPtr get(const Asked& asked, Make&& make) {
    for (const auto& slot : slots_)
      if (slot && slot->first == asked) return slot->second;
    PoolWindowsPtr made = make();
    if (made->rows.taken() + made->cols.taken() <= largest) {
      slots_[next_].emplace(asked, made);
      next_ = (next_ + 1) % slots_.size();
    }
    return made;
  }

 private:
  static constexpr int64_t largest = 1 << 12;
  std::array<std::optional<std::pair<Asked, PoolWindowsPtr>>, 8> slots_;
  size_t next_ = 0;
};

template <class Make>
PoolWindowsPtr kept_windows(const Asked& asked, Make&& make) {
  return per_thread<KeptWindows>().get(asked, make);
}

std::shared_ptr<PoolWindows> make_windows(const Tensor& x, const Asked& asked, const AxisSizes& out,
                                          std::array<Taps, 3>&& taps, int64_t places) {
  auto windows = std::make_shared<PoolWindows>();
  windows->axes = out.axes;
  windows->in = x.shape();
  windows->out = with_sizes(x, out);
  windows->layout = windows->result = asked.layout;
  windows->dtype = x.dtype();
  windows->rows = out.axes == 3 ? taps[0].times(taps[1]) : std::move(taps[1]);
  windows->cols = std::move(taps[2]);
  windows->winner_bytes = places <= 256 ? 1 : 4;
  if (!windows->layout.last) windows->layout.last = better_last(x, asked.has_backward, *windows);
  return windows;
}

// Of axes that are not there the height alone is needed.
int first_axis(int axes) { return axes == 3 ? 0 : 1; }

std::array<Taps, 3> sliding_taps(const AxisSizes& in, const AxisSizes& out, const Sliding& s) {
  std::array<Taps, 3> taps;
  int64_t step = 1;  // to the next place along an axis
  for (int d = 2; d >= first_axis(in.axes); --d) {
    taps[static_cast<size_t>(d)] =
        Taps::sliding(in[d], out[d], s.kernel[d], s.stride[d], s.padding[d], s.dilation[d], step);
    step *= s.kernel[d];
  }
  return taps;
}

// What one element counts in each window's average along an axis: elements of the padding belong to
// it, those that ceil_mode adds beyond do not.
std::vector<double> shares_along(const Taps& taps, int64_t kernel, int64_t stride, int64_t padding,
                                 bool include_pad) {
  std::vector<double> share;
  share.reserve(static_cast<size_t>(taps.targets()));
  for (int64_t i = 0; i < taps.targets(); ++i) {
    const int64_t to_end = taps.sources() + padding - (i * stride - padding);
    const int64_t inside = static_cast<int64_t>(taps.of(i).size());
    const int64_t count = include_pad ? std::min(kernel, to_end) : inside;
    share.push_back(1 / static_cast<double>(count));
  }
  return share;
}

std::vector<double> product(const std::vector<double>& a, const std::vector<double>& b) {
  std::vector<double> all;
  all.reserve(a.size() * b.size());
  for (const double x : a)
    for (const double y : b) all.push_back(x * y);
  return all;
}

using Shares = std::array<std::vector<double>, 3>;

void set_shares(PoolWindows& w, Shares&& by_axis) {
  w.row_share = w.axes == 3 ? product(by_axis[0], by_axis[1]) : std::move(by_axis[1]);
  w.col_share = std::move(by_axis[2]);
}

int64_t places_of(const AxisSizes& kernel) { return kernel[0] * kernel[1] * kernel[2]; }

PoolWindowsPtr maximum_windows(const char* op, const Tensor& x, const Asked& asked) {
  Sliding s = *asked.sliding;
  check_sliding(op, s);
  const AxisSizes in = pooled_sizes(x, s.kernel.axes), out = output_sizes(op, x, s);
  return make_windows(x, asked, out, sliding_taps(in, out, s), places_of(s.kernel));
}

PoolWindowsPtr average_windows(const char* op, const Tensor& x, const Asked& asked) {
  Sliding s = *asked.sliding;
  const Counting& counting = *asked.counting;
  check_sliding(op, s);
  const AxisSizes in = pooled_sizes(x, s.kernel.axes), out = output_sizes(op, x, s);
  auto taps = sliding_taps(in, out, s);
  Shares shares;
  for (int d = first_axis(in.axes); d < 3; ++d) {
    const auto axis = static_cast<size_t>(d);
    if (counting.divisor == 0)
      shares[axis] =
          shares_along(taps[axis], s.kernel[d], s.stride[d], s.padding[d], counting.include_pad);
    else
      shares[axis].assign(static_cast<size_t>(out[d]),
                          d == 2 ? 1 / static_cast<double>(counting.divisor) : 1);
  }
  auto windows = make_windows(x, asked, out, std::move(taps), 1);
  set_shares(*windows, std::move(shares));
  if (counting.of_sums)
    for (double& share : windows->col_share) share *= static_cast<double>(places_of(s.kernel));
  return windows;
}

PoolWindowsPtr bins_of(const char* op, const Tensor& x, const Asked& asked) {
  AxisSizes out = *asked.bins;
  const AxisSizes in = pooled_sizes(x, out.axes);
  for (int d = 0; d < 3; ++d)
    if (out[d] == Size<1>::unset()[0]) out[d] = in[d];
  check<ShapeError>(out.at_least(0), "{}: expected an output size of at least 0, got {}", op,
                    out.text());
  AxisSizes taken = in;  // by the widest bin, or one more
  for (int d = 0; d < 3; ++d)
    taken[d] = out[d] == 0 ? 0 : std::min(in[d], in[d] / out[d] + (in[d] % out[d] == 0 ? 0 : 2));
  check_windows(op, x, out, taken);
  std::array<Taps, 3> taps;
  Shares shares;
  int64_t places = 1;
  for (int d = 2; d >= first_axis(in.axes); --d) {
    const auto axis = static_cast<size_t>(d);
    taps[axis] = Taps::adaptive(in[d], out[d], places);
    places *= std::max<int64_t>(taps[axis].widest(), 1);
    shares[axis] = shares_along(taps[axis], 0, 0, 0, false);
  }
  auto windows = make_windows(x, asked, out, std::move(taps), places);
  set_shares(*windows, std::move(shares));
  return windows;
}

}  // namespace

bool AxisSizes::at_least(int64_t least) const {
  for (int d = 3 - axes; d < 3; ++d)
    if (by_axis[d] < least) return false;
  return true;
}

std::string AxisSizes::str() const {
  if (axes == 1) return fmt::format("{}", by_axis[2]);
  if (axes == 2) return fmt::format("({}, {})", by_axis[1], by_axis[2]);
  return fmt::format("({}, {}, {})", by_axis[0], by_axis[1], by_axis[2]);
}

AxisSizes pooled_sizes(const Tensor& x, int axes) {
  AxisSizes sizes(Size<3>(1), 1);
  sizes.axes = axes;
  for (int d = 3 - axes; d < 3; ++d) sizes[d] = x.size(d - 3);
  return sizes;
}

void check_pooled(const char* op, const Tensor& x, int axes, int first_filled) {
  const Shape& s = x.shape();
  check<ShapeError>(s.rank() == axes + 1 || s.rank() == axes + 2,
                    "{}: expected an input {}, got shape {}", op, form[axes - 1], s);
  Wide rows = 1;
  for (int d = 0; d < s.rank(); ++d) {
    check<ShapeError>(d < first_filled || s[d] > 0,
                      "{}: expected an input with {} greater than 0, got shape {}", op,
                      filled[axes - 1], s);
    if (d >= s.rank() - axes && d < s.rank() - 1) rows *= s[d];
  }
  check<ShapeError>(rows <= longest && s[s.rank() - 1] <= longest,
                    "{}: expected fewer than 2^31 rows and columns, got shape {}", op, s);
}

kernels::Pool PoolWindows::pool(const Taps& r, const Taps& c) const {
  const int channel = in.rank() - axes - 1;
  const int64_t n = channel > 0 ? in[0] : 1, channels = in[channel];
  if (layout.last) return {dtype, n, channels, r, c};
  return {dtype, n * channels, 1, r, c};
}

PoolWindowsPtr sliding_windows(const char* op, const Tensor& x, const Sliding& s) {
  Asked asked(x, s.kernel.axes);
  asked.sliding = s;
  return kept_windows(asked, [&] { return maximum_windows(op, x, asked); });
}

PoolWindowsPtr sliding_windows(const char* op, const Tensor& x, const Sliding& s,
                               const Counting& counting) {
  Asked asked(x, s.kernel.axes);
  asked.sliding = s;
  asked.counting = counting;
  return kept_windows(asked, [&] { return average_windows(op, x, asked); });
}

PoolWindowsPtr adaptive_windows(const char* op, const Tensor& x, const AxisSizes& out) {
  Asked asked(x, out.axes);
  asked.bins = out;
  return kept_windows(asked, [&] { return bins_of(op, x, asked); });
}

}  // namespace rw::detail
