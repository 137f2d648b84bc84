#include <rewind/tensor/dtype.h>

#include <atomic>
#include <limits>

#include <rewind/tensor/check.h>
#include <rewind/tensor/dispatch.h>
#include <rewind/tensor/number.h>

namespace rw {

namespace {

std::atomic<DType> default_dtype{DType::float32};

}  // namespace

const char* name(DType dtype) {
  constexpr const char* names[] = {
#define REWIND_DTYPE(dtype, T, name) name,
      REWIND_DTYPES(REWIND_DTYPE)
#undef REWIND_DTYPE
  };
  return names[static_cast<int>(dtype)];
}

void set_default_dtype(DType dtype) {
  check<DTypeError>(is_floating(dtype), "set_default_dtype: expected a floating dtype, got {}",
                    dtype);
  default_dtype.store(dtype, std::memory_order_relaxed);
}

DType get_default_dtype() { return default_dtype.load(std::memory_order_relaxed); }

namespace detail {

void fail_too_large(uint64_t v) {
  fail("a number of {} is too large: int64 holds integers up to {}", v,
       std::numeric_limits<int64_t>::max());
}

void fail_undispatched(DType dtype) {
  fail<DTypeError>("{} reached a computation that has no form for it", dtype);
}

void fail_not_held(const char* op, int64_t v, size_t bits, bool with_sign) {
  fail("{}: {}int{} can't hold {}", op, with_sign ? "" : "u", bits, v);
}

double greatest_number(DType dtype) {
  switch (dtype) {
    case DType::float16:
      return 65504;
    case DType::bfloat16:
      return 0x1.fep127;
    case DType::float32:
      return std::numeric_limits<float>::max();
    case DType::float64:
      return std::numeric_limits<double>::max();
    default:
      fail_undispatched(dtype);
  }
}

bool is_held(Scalar value, DType dtype) {
  return dispatch(dtype, [&]<class T>() { return holds<T>(value); });
}

void check_held(const char* op, Scalar value, DType dtype) {
  if (!dispatch(dtype, [&]<class T>() { return takes<T>(value); })) [[unlikely]]
    fail_not_held(op, value, dtype);
}

void fail_not_held(const char* op, Scalar value, DType dtype) {
  if (value.is_floating())
    fail("{}: a number of {} does not fit into {}", op, value.to_double(), dtype);
  fail("{}: a number of {} does not fit into {}", op, value.to_int64(), dtype);
}

}  // namespace detail
}  // namespace rw
