#include <rewind/ops/argument_checks.h>

namespace rw::detail {

void check_defined(const char* op, const Tensor& x) {
  check(x.defined(), "{}: the input is undefined", op);
}
void check_defined(const char* op, const Tensor& a, const Tensor& b) {
  check(a.defined() && b.defined(), "{}: the {} operand is undefined", op,
        a.defined() ? "second" : "first");
}

void check_defined(const char* op, const Tensor& x, const Tensor& other, const char* what) {
  check_defined(op, x);
  check(other.defined(), "{}: the {} is undefined", op, what);
}

void check_all_defined(const char* op, const std::vector<Tensor>& tensors) {
  check(!tensors.empty(), "{}: expected at least one tensor, got none", op);
  for (size_t i = 0; i < tensors.size(); ++i)
    check(tensors[i].defined(), "{}: tensor {} is undefined", op, i);
}

void check_floating(const char* op, const Tensor& x, const char* what) {
  check(x.defined(), "{}: the {} is undefined", op, what);
  check<DTypeError>(x.is_floating_point(),
                    "{}: expected a floating {}, got {}; convert it with to(float32) first", op,
                    what, x.dtype());
}

int checked_dim(const char* op, const Tensor& x, int64_t dim) {
  check_defined(op, x);
  return normalize_dim(dim, x.dim(), op);
}

}  // namespace rw::detail
