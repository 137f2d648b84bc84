#include <rewind/tensor/sparse_rows.h>

#include <algorithm>

#include <rewind/autograd/autograd.h>
#include <rewind/autograd/sparse_grad.h>
#include <rewind/kernels/index/add_rows.h>
#include <rewind/kernels/index/copy.h>
#include <rewind/tensor/check.h>
#include <rewind/tensor/factories.h>

namespace rw {

namespace {

Shape with_rows(Shape shape, int64_t rows) {
  shape[0] = rows;
  return shape;
}

void add_sums(const SparseRows& g, const kernels::RowSums& sums, const Tensor& to) {
  const Tensor values = g.values.detach().contiguous();
  const int64_t width = with_rows(values.shape(), 1).numel();
  kernels::add_row_sums(values.dtype(), sums, width, values.raw_data(), to.raw_data());
}

// Anybody can make one, so that its numbers are looked at before they are used.
kernels::NamedPlaces places_of(const SparseRows& g) {
  const int64_t n = g.indices.numel();
  check<ShapeError>(g.indices.dim() == 1 && g.values.dim() > 0 && g.values.size(0) == n,
                    "SparseRows: expected a vector of indices and as many values, got shapes {} "
                    "and {}",
                    g.indices.shape(), g.values.shape());
  kernels::NamedPlaces named(g.indices.data<const int64_t>(), n > 0 ? g.indices.strides()[0] : 1,
                             n);
  check<IndexError>(n == 0 || (named.places.front() >= 0 && named.places.back() < g.rows),
                    "SparseRows: expected indices of {} rows, got {} to {}", g.rows,
                    n > 0 ? named.places.front() : 0, n > 0 ? named.places.back() : 0);
  return named;
}

void check_rows(const char* op, const SparseRows& g, const Shape& shape, DType dtype) {
  check(g.indices.defined() && g.indices.dtype() == int64 && g.indices.dim() == 1,
        "{}: expected a vector of int64 indices", op);
  check<ShapeError>(
      g.values.dim() > 0 && g.values.size(0) == g.indices.numel() && g.shape() == shape,
      "{}: expected rows of a tensor of shape {}, as many as the {} indices, got "
      "values of shape {} for {} rows",
      op, shape, g.indices.numel(), g.values.shape(), g.rows);
  check<DTypeError>(g.values.dtype() == dtype, "{}: expected values of {}, got {}", op, dtype,
                    g.values.dtype());
  int64_t before = -1;
  bool ascends = true;
  for (const int64_t i : g.indices.to_vector<int64_t>()) {
    check<IndexError>(0 <= i && i < g.rows, "{}: index {} is out of range for {} rows", op, i,
                      g.rows);
    ascends = ascends && before < i;
    before = i;
  }
  check(ascends || !g.is_coalesced,
        "{}: expected ascending indices, each once, in rows that are coalesced", op);
}

}  // namespace

Shape SparseRows::shape() const {
  check(defined(), "SparseRows: shape: there is no gradient");
  return with_rows(values.shape(), rows);
}

SparseRows SparseRows::coalesce() const {
  check(defined(), "SparseRows: coalesce: there is no gradient");
  if (is_coalesced) return *this;
  const profile_scope scope("coalesce");
  const kernels::NamedPlaces named = places_of(*this);
  kernels::RowSums sums = named.sums();
  sums.to = nullptr;
  SparseRows each{empty({named.count()}, int64),
                  zeros(with_rows(values.shape(), named.count()), values.dtype()), rows, true};
  std::copy(named.places.begin(), named.places.end(), each.indices.data<int64_t>());
  add_sums(*this, sums, each.values);
  return each;
}

Tensor SparseRows::to_dense() const {
  const Tensor dense = zeros(shape(), values.dtype());
  add_sums(*this, places_of(*this).sums(), dense);
  return dense;
}

namespace detail {

SparseRows joined(std::span<const SparseRows> parts) {
  const profile_scope scope("accumulate");
  int64_t n = 0;
  for (const SparseRows& part : parts) n += part.indices.numel();
  const Tensor& first = parts[0].values;
  const SparseRows all{empty({n}, int64), make_tensor(with_rows(first.shape(), n), first.dtype()),
                       parts[0].rows, parts.size() == 1 && parts[0].is_coalesced};
  const auto copy = [](const Tensor& from, const Tensor& to, int64_t at) {
    const Tensor part = make_view(to, from.shape(), to.strides(), at * to.strides()[0]);
    kernels::copy_bytes(from.itemsize(), from.shape(), {from.raw_data(), from.strides()},
                        {part.raw_data(), part.strides()});
  };
  int64_t at = 0;
  for (const SparseRows& part : parts) {
    copy(part.indices, all.indices, at);
    copy(part.values, all.values, at);
    at += part.indices.numel();
  }
  return all;
}

void add_rows(Tensor& sum, const SparseRows& g) {
  const profile_scope scope("accumulate");
  const no_grad guard;
  if (!only_ours(sum) || !sum.is_contiguous()) sum = sum.clone(MemoryFormat::contiguous);
  add_sums(g, places_of(g).sums(), sum);
}

Tensor changeable_grad(const Tensor& leaf) {
  const SparseRows rows = leaf.sparse_grad();
  if (!rows.defined()) return leaf.grad();
  if (!rows.is_coalesced) leaf.set_sparse_grad(rows.coalesce());
  return leaf.sparse_grad().values;
}

}  // namespace detail

SparseRows Tensor::sparse_grad() const {
  own("sparse_grad");
  if (!requires_grad() || !is_leaf()) return {};
  return static_cast<LeafNode*>(impl_->node)->sparse_grad();
}

void Tensor::set_sparse_grad(const SparseRows& grad) const {
  own("set_sparse_grad");
  check<AutogradError>(requires_grad() && is_leaf(),
                       "set_sparse_grad: only a leaf that requires grad has a gradient to set");
  auto& leaf = static_cast<LeafNode&>(*impl_->node);
  if (!grad.defined()) return leaf.set_sparse_grad({});
  check_rows("set_sparse_grad", grad, shape(), dtype());
  leaf.set_sparse_grad(
      {grad.indices.contiguous(), grad.values.detach().contiguous(), grad.rows, grad.is_coalesced});
}

}  // namespace rw
