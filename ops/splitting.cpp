#include <rewind/ops/joining.h>
#include <rewind/ops/view_parts.h>

// tensor_split and what is made of it.

namespace rw {

using namespace detail;

std::vector<Tensor> tensor_split(const Tensor& x, int64_t sections, int64_t dim) {
  const int d = cut_dim("tensor_split", x, dim);
  check(sections > 0, "tensor_split: expected sections > 0, got {}", sections);
  const int64_t n = x.shape()[d];
  check<ShapeError>(sections <= 1 << 24, "tensor_split: {} pieces of shape {} are too many",
                    sections, x.shape());
  std::vector<int64_t> sizes(static_cast<size_t>(sections), n / sections);
  for (int64_t i = 0; i < n % sections; ++i) ++sizes[static_cast<size_t>(i)];
  return x.split(sizes, d);
}

std::vector<Tensor> tensor_split(const Tensor& x, const std::vector<int64_t>& indices,
                                 int64_t dim) {
  const int d = cut_dim("tensor_split", x, dim);
  std::vector<Tensor> pieces;
  pieces.reserve(indices.size() + 1);
  int64_t start = 0;
  for (const int64_t end : indices) {
    pieces.push_back(x.slice(d, start, end));
    start = end;
  }
  pieces.push_back(x.slice(d, start));
  return pieces;
}

std::vector<Tensor> tensor_split(const Tensor& x, const Tensor& indices_or_sections, int64_t dim) {
  check(indices_or_sections.defined(), "tensor_split: the indices are undefined");
  check<DTypeError>(indices_or_sections.dtype() == int64,
                    "tensor_split: expected indices of int64, got {}", indices_or_sections.dtype());
  check<ShapeError>(indices_or_sections.dim() <= 1,
                    "tensor_split: expected a vector of indices or one number, got shape {}",
                    indices_or_sections.shape());
  if (indices_or_sections.dim() == 0)
    return tensor_split(x, indices_or_sections.item<int64_t>(), dim);
  return tensor_split(x, indices_or_sections.to_vector<int64_t>(), dim);
}

namespace {

// A tensor of at least so many dimensions.
void check_rank(const char* op, const Tensor& x, int least) {
  check_defined(op, x);
  check<ShapeError>(x.dim() >= least, "{}: expected at least {} dimensions, got shape {}", op,
                    least, x.shape());
}

std::vector<Tensor> split_evenly(const char* op, const Tensor& x, int64_t sections, int d) {
  check<ShapeError>(sections > 0 && x.shape()[d] % sections == 0,
                    "{}: {} pieces do not divide the {} of dimension {} of shape {}", op, sections,
                    x.shape()[d], d, x.shape());
  return tensor_split(x, sections, d);
}

}  // namespace

std::vector<Tensor> hsplit(const Tensor& x, int64_t sections) {
  check_rank("hsplit", x, 1);
  return split_evenly("hsplit", x, sections, x.dim() == 1 ? 0 : 1);
}
std::vector<Tensor> hsplit(const Tensor& x, const std::vector<int64_t>& indices) {
  check_rank("hsplit", x, 1);
  return tensor_split(x, indices, x.dim() == 1 ? 0 : 1);
}
std::vector<Tensor> vsplit(const Tensor& x, int64_t sections) {
  check_rank("vsplit", x, 2);
  return split_evenly("vsplit", x, sections, 0);
}
std::vector<Tensor> vsplit(const Tensor& x, const std::vector<int64_t>& indices) {
  check_rank("vsplit", x, 2);
  return tensor_split(x, indices, 0);
}
std::vector<Tensor> dsplit(const Tensor& x, int64_t sections) {
  check_rank("dsplit", x, 3);
  return split_evenly("dsplit", x, sections, 2);
}
std::vector<Tensor> dsplit(const Tensor& x, const std::vector<int64_t>& indices) {
  check_rank("dsplit", x, 3);
  return tensor_split(x, indices, 2);
}

}  // namespace rw
