#include <rewind/ops/fold.h>

#include <rewind/autograd/grad_mode.h>
#include <rewind/autograd/record.h>
#include <rewind/ops/pointwise_result.h>
#include <rewind/ops/window_span.h>
#include <rewind/tensor/dispatch.h>
#include <rewind/tensor/factories.h>
#include <rewind/tensor/wide.h>

namespace rw {

using namespace detail;

namespace {

// All sizes of columns [n, c kh kw, oh ow] and images [n, c, h, w].
struct Folding {
  int64_t n, c;
  Size2 image, kernel, windows;
  FoldOptions o;

  Shape columns() const { return {n, c * kernel.h() * kernel.w(), windows.h() * windows.w()}; }
};

void check_fold_options(const char* op, Size2 kernel, const FoldOptions& o) {
  const auto at_least = [&](const char* what, Size2 v, int64_t least) {
    check<ShapeError>(v.h() >= least && v.w() >= least, "{}: expected {} of at least {}, got {}x{}",
                      op, what, least, v.h(), v.w());
  };
  at_least("a kernel", kernel, 1);
  at_least("a dilation", o.dilation, 1);
  at_least("a padding", o.padding, 0);
  at_least("a stride", o.stride, 1);
}

// The number of windows along each axis.
Size2 windows_over(const char* op, Size2 image, Size2 kernel, const FoldOptions& o) {
  Size2 windows;
  for (int d = 0; d < 2; ++d) {
    const Wide room = image[d] + 2 * Wide{o.padding[d]} - Wide{o.dilation[d]} * (kernel[d] - 1) - 1;
    check<ShapeError>(image[d] > 0 && room >= 0,
                      "{}: a kernel of {}x{} with dilation {}x{} is larger than images of {}x{} "
                      "with padding {}x{}",
                      op, kernel.h(), kernel.w(), o.dilation.h(), o.dilation.w(), image.h(),
                      image.w(), o.padding.h(), o.padding.w());
    windows[d] = to_size(op, room / o.stride[d] + 1, "an axis");
  }
  return windows;
}

// Along one axis, the windows whose element k is a pixel.
WindowSpan span_of(const Folding& f, int axis, int64_t k) {
  return windows_meeting(f.image[axis], f.windows[axis], k * f.o.dilation[axis] - f.o.padding[axis],
                         f.o.stride[axis]);
}

// f(pixels, columns) for each element of a window: the pixels [n, c, …] that windows have there.
template <class F>
void for_each_element(const Folding& f, const Tensor& image, const Tensor& columns, F&& visit) {
  const Tensor split =
      columns.view({f.n, f.c, f.kernel.h(), f.kernel.w(), f.windows.h(), f.windows.w()});
  for (int64_t i = 0; i < f.kernel.h(); ++i)
    for (int64_t j = 0; j < f.kernel.w(); ++j) {
      const WindowSpan y = span_of(f, 0, i), x = span_of(f, 1, j);
      if (y.count() == 0 || x.count() == 0) continue;
      const int64_t down = f.o.stride.h(), right = f.o.stride.w();
      visit(image.slice(2, y.element, y.element + (y.count() - 1) * down + 1, down)
                .slice(3, x.element, x.element + (x.count() - 1) * right + 1, right),
            split.select(2, i)
                .select(2, j)
                .narrow(2, y.first, y.count())
                .narrow(3, x.first, x.count()));
    }
}

// Whether windows share no pixel along an axis, so that there is nothing to sum up.
bool lie_apart(const Folding& f, int axis) {
  return f.windows[axis] == 1 || f.o.stride[axis] > f.o.dilation[axis] * (f.kernel[axis] - 1);
}

Tensor folded(const Tensor& columns, const Folding& f);

Tensor unfolded(const Tensor& x, const Folding& f) {
  const profile_scope scope("unfold");
  const auto columns = [&] {
    const no_grad guard;
    const bool meets_border = f.o.padding != Size2(0);
    const Tensor result =
        meets_border ? zeros(f.columns(), x.dtype()) : empty(f.columns(), x.dtype());
    for_each_element(f, x, result,
                     [](const Tensor& pixels, const Tensor& places) { copy_into(places, pixels); });
    return result;
  };
  return record("unfold", columns(), {x},
                [f](const Tensor& g, Needs) -> Grads { return folded(g, f); });
}

Tensor folded(const Tensor& columns, const Folding& f) {
  const profile_scope scope("fold");
  const auto sums = [&] {
    const no_grad guard;
    const bool apart = lie_apart(f, 0) && lie_apart(f, 1);
    const DType dtype = apart ? columns.dtype() : compute_dtype(columns.dtype());
    const Tensor image = zeros({f.n, f.c, f.image.h(), f.image.w()}, dtype);
    for_each_element(f, image, columns.contiguous(), [&](Tensor pixels, const Tensor& places) {
      if (apart)
        copy_into(pixels, places);
      else
        pixels.add_(places);
    });
    return image.to(columns.dtype());
  };
  return record("fold", sums(), {columns},
                [f](const Tensor& g, Needs) -> Grads { return unfolded(g, f); });
}

void check_input(const char* op, const Tensor& x, int rank, const char* layout) {
  check_defined(op, x);
  if (x.dtype() != boolean) check_floating(op, x);
  check<ShapeError>(x.dim() == rank || x.dim() == rank - 1,
                    "{}: expected an input {}, got shape {}", op, layout, x.shape());
}

}  // namespace

Tensor unfold(const Tensor& x, Size2 kernel_size, const FoldOptions& options) {
  check_input("unfold", x, 4, "[N, C, H, W] or [C, H, W]");
  check_fold_options("unfold", kernel_size, options);
  if (x.dim() == 3) return unfold(x.unsqueeze(0), kernel_size, options).squeeze(0);
  const Size2 image = {x.size(2), x.size(3)};
  const Size2 windows = windows_over("unfold", image, kernel_size, options);
  check<ShapeError>(
      countable({x.size(0), x.size(1), kernel_size.h(), kernel_size.w(), windows.h(), windows.w()}),
      "unfold: an input of shape {} has too many windows of {}x{}", x.shape(), kernel_size.h(),
      kernel_size.w());
  const Folding f = {x.size(0), x.size(1), image, kernel_size, windows, options};
  check_allocatable("unfold", f.columns(), x.dtype());
  return unfolded(x, f);
}

Tensor fold(const Tensor& columns, Size2 output_size, Size2 kernel_size,
            const FoldOptions& options) {
  check_input("fold", columns, 3, "[N, C kh kw, L] or [C kh kw, L]");
  check_fold_options("fold", kernel_size, options);
  if (columns.dim() == 2)
    return fold(columns.unsqueeze(0), output_size, kernel_size, options).squeeze(0);
  const Size2 windows = windows_over("fold", output_size, kernel_size, options);
  check<ShapeError>(countable({kernel_size.h(), kernel_size.w()}) &&
                        columns.size(1) % (kernel_size.h() * kernel_size.w()) == 0,
                    "fold: expected a number of rows that {}x{} divides, got shape {}",
                    kernel_size.h(), kernel_size.w(), columns.shape());
  check<ShapeError>(Wide{windows.h()} * windows.w() == columns.size(2),
                    "fold: expected {}x{} columns, one for each window over {}x{} pixels, got "
                    "shape {}",
                    windows.h(), windows.w(), output_size.h(), output_size.w(), columns.shape());
  const int64_t channels = columns.size(1) / (kernel_size.h() * kernel_size.w());
  check_allocatable("fold", {columns.size(0), channels, output_size.h(), output_size.w()},
                    columns.dtype());
  return folded(columns, {columns.size(0), channels, output_size, kernel_size, windows, options});
}

}  // namespace rw
