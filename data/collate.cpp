#include <rewind/data/collate.h>

#include <cstring>

#include <rewind/autograd/grad_mode.h>
#include <rewind/tensor/check.h>
#include <rewind/tensor/factories.h>
#include <rewind/tensor/selection.h>

namespace rw::data::detail {

void TensorRows::put(int64_t row, const Tensor& sample) {
  check(sample.defined(), "default_collate: a tensor of the sample is undefined");
  if (!rows_.defined()) {
    Shape shape = sample.shape();
    shape.insert(0, count_);
    rows_ = empty(shape, sample.dtype());
  }
  const bool same_rank = sample.dim() + 1 == rows_.dim();
  check<ShapeError>(
      same_rank &&
          std::equal(sample.shape().begin(), sample.shape().end(), rows_.shape().begin() + 1),
      "default_collate: a tensor of the sample has shape {}, but {} in the first one of the batch: "
      "make them of one size, or give the DataLoader a collate function",
      sample.shape(), Shape(rows_.shape().data() + 1, static_cast<size_t>(rows_.dim() - 1)));
  check<DTypeError>(sample.dtype() == rows_.dtype(),
                    "default_collate: a tensor of the sample has dtype {}, but {} in the first one "
                    "of the batch",
                    sample.dtype(), rows_.dtype());
  const size_t bytes = sample.nbytes();
  if (bytes == 0) return;
  if (sample.is_contiguous()) {
    std::memcpy(static_cast<char*>(rows_.raw_data()) + static_cast<size_t>(row) * bytes,
                sample.raw_data(), bytes);
  } else {
    const no_grad guard;
    rows_[row].copy_(sample.detach());
  }
}

Tensor new_numbers(int64_t count, DType dtype) { return empty({count}, {.dtype = dtype}); }

void fail_lengths(size_t expected, size_t got) {
  fail<ShapeError>(
      "default_collate: a list of the sample has {} entries, but {} in the first one of the batch",
      got, expected);
}

}  // namespace rw::data::detail
