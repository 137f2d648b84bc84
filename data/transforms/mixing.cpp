#include <rewind/data/transforms/mixing.h>

#include <algorithm>
#include <cmath>

#include <rewind/autograd/grad_mode.h>
#include <rewind/data/transforms/draws.h>
#include <rewind/data/transforms/image_planes.h>
#include <rewind/ops/indexing.h>
#include <rewind/ops/pointwise.h>
#include <rewind/ops/rearranging.h>

namespace rw::data::transforms {
namespace {

void check_options(const char* op, const MixOptions& o) {
  check(o.alpha > 0 && std::isfinite(o.alpha), "{}: expected an alpha greater than 0, got {}", op,
        o.alpha);
  check(o.num_classes >= 0, "{}: expected num_classes of at least 0, got {}", op, o.num_classes);
}

void check_batch(const char* op, const Batch& batch, const MixOptions& o) {
  check(batch.data.defined() && batch.target.defined(), "{}: a tensor is undefined", op);
  const Tensor &x = batch.data, &t = batch.target;
  check<ShapeError>(x.dim() == 4, "{}: expected images [N, C, H, W], got shape {}", op, x.shape());
  check<ShapeError>((t.dim() == 1 || t.dim() == 2) && t.size(0) == x.size(0),
                    "{}: expected targets [N] or [N, num_classes] for {} images, got shape {}", op,
                    x.size(0), t.shape());
  if (t.dim() == 1) {
    check(o.num_classes > 0, "{}: labels [N] need num_classes", op);
    check<DTypeError>(t.dtype() == int64, "{}: expected labels of int64, got {}", op, t.dtype());
    return;
  }
  check<DTypeError>(t.is_floating_point(), "{}: expected shares of a floating type, got {}", op,
                    t.dtype());
  check<ShapeError>(o.num_classes == 0 || o.num_classes == t.size(1),
                    "{}: expected {} classes, got targets of shape {}", op, o.num_classes,
                    t.shape());
}

Tensor mixed(const Tensor& x, double share) { return x * share + roll(x, {1}, {0}) * (1 - share); }

Tensor mixed_target(const Tensor& target, double share, const MixOptions& o) {
  return mixed(target.dim() == 1 ? one_hot(target, o.num_classes).to(float32) : target, share);
}

}  // namespace

MixUp::MixUp(const MixOptions& options) : options_(options) { check_options("MixUp", options); }

Batch MixUp::operator()(const Batch& batch, Generator& gen) const {
  check_batch("MixUp", batch, options_);
  check<DTypeError>(batch.data.is_floating_point(),
                    "MixUp: expected images of a floating type, got {}", batch.data.dtype());
  const no_grad guard;
  const double share = detail::symmetric_beta(gen, options_.alpha);
  return {mixed(batch.data, share), mixed_target(batch.target, share, options_)};
}

CutMix::CutMix(const MixOptions& options) : options_(options) { check_options("CutMix", options); }

Batch CutMix::operator()(const Batch& batch, Generator& gen) const {
  check_batch("CutMix", batch, options_);
  const Tensor& x = batch.data;
  const int64_t height = x.size(2), width = x.size(3);
  check<ShapeError>(x.numel() > 0, "CutMix: expected images with pixels, got shape {}", x.shape());
  const no_grad guard;
  const double half = 0.5 * std::sqrt(1 - detail::symmetric_beta(gen, options_.alpha));
  const auto span = [&](int64_t size) {
    const int64_t middle = detail::integer(gen, 0, size);
    const auto reach = static_cast<int64_t>(half * static_cast<double>(size));
    const int64_t low = std::max<int64_t>(middle - reach, 0);
    return std::pair(low, std::min(middle + reach, size) - low);
  };
  const auto [left, columns] = span(width);
  const auto [top, rows] = span(height);
  Tensor y = x.clone();
  const auto part = [&, left = left, columns = columns, top = top, rows = rows](const Tensor& t) {
    return Tensor(t.narrow(2, top, rows)).narrow(3, left, columns);
  };
  part(y).copy_(roll(part(x), {1}, {0}));
  const double share =
      1 - static_cast<double>(rows * columns) / static_cast<double>(height * width);
  return {y, mixed_target(batch.target, share, options_)};
}

}  // namespace rw::data::transforms
