#include <rewind/tensor/dlpack.h>

#include <algorithm>
#include <memory>

#include <rewind/tensor/check.h>
#include <rewind/tensor/leaf.h>

namespace rw {

static_assert(sizeof(DLTensor) == 48 && offsetof(DLTensor, ndim) == 16 &&
                  offsetof(DLTensor, dtype) == 20 && offsetof(DLTensor, shape) == 24 &&
                  offsetof(DLTensor, byte_offset) == 40 && sizeof(DLManagedTensor) == 64 &&
                  offsetof(DLManagedTensor, deleter) == 56,
              "the structs are those of dlpack.h");

namespace {

DLDataType exported_type(DType dtype) {
  const auto type = [&](DLDataTypeCode code) {
    return DLDataType{static_cast<uint8_t>(code), static_cast<uint8_t>(8 * itemsize(dtype)), 1};
  };
  if (dtype == boolean) return type(kDLBool);
  if (dtype == uint8) return type(kDLUInt);
  if (dtype == bfloat16) return type(kDLBfloat);
  return type(is_floating(dtype) ? kDLFloat : kDLInt);
}

DType imported_type(const DLDataType& type) {
#define REWIND_DTYPE(dtype, T, name)                                     \
  if (const DLDataType own = exported_type(dtype);                       \
      own.code == type.code && own.bits == type.bits && type.lanes == 1) \
    return dtype;
  REWIND_DTYPES(REWIND_DTYPE)
#undef REWIND_DTYPE
  static constexpr const char* codes[] = {"int",    "uint",    "float", "opaque handle",
                                          "bfloat", "complex", "bool"};
  fail<DTypeError>(
      "from_dlpack: there are no numbers of type {}{} in {} lanes here",
      type.code < std::size(codes) ? codes[type.code] : fmt::format("code {} of bits ", type.code),
      type.bits, type.lanes);
}

// What goes along with a tensor that another library has: a handle of its own, whose memory, shape
// and strides stay where they are whatever becomes of the exported one.
struct Exported {
  DLManagedTensor managed;
  Tensor tensor;
};

Shape imported_sizes(const char* what, const int64_t* sizes, int32_t rank) {
  check<ShapeError>(rank == 0 || sizes, "from_dlpack: its {} is null", what);
  const Shape shape(sizes, static_cast<size_t>(rank));
  for (const int64_t n : shape)
    check<ShapeError>(n >= 0, "from_dlpack: its {} {} holds a negative number", what, shape);
  return shape;
}

// The bytes up to the end of the last element.
size_t extent_of(const Shape& shape, const Strides& strides, DType dtype) {
  int64_t last = 0, bytes = 0;
  bool fits = true;
  for (int d = 0; d < shape.rank(); ++d) {
    int64_t step = 0;
    fits = fits && !__builtin_mul_overflow(std::max<int64_t>(shape[d] - 1, 0), strides[d], &step) &&
           !__builtin_add_overflow(last, step, &last);
  }
  fits = fits && !__builtin_add_overflow(last, 1, &last) &&
         !__builtin_mul_overflow(last, static_cast<int64_t>(itemsize(dtype)), &bytes);
  check<ShapeError>(fits, "from_dlpack: no memory holds the shape {} with strides {}", shape,
                    strides);
  return shape.numel() == 0 ? 0 : static_cast<size_t>(bytes);
}

}  // namespace

DLManagedTensor* to_dlpack(const Tensor& t) {
  check(t.defined(), "to_dlpack: the tensor is undefined");
  check<AutogradError>(!t.requires_grad(),
                       "to_dlpack: a gradient does not go along with a tensor that requires one: "
                       "detach() it");
  auto exported = std::make_unique<Exported>(
      Exported{{}, detail::make_view(t, t.shape(), t.strides(), t.impl()->offset)});
  TensorImpl& impl = *exported->tensor.impl();
  impl.storage->expose();
  DLTensor& out = exported->managed.dl_tensor;
  out.data = t.numel() > 0 ? t.raw_data() : nullptr;
  out.device = {kDLCPU, 0};
  out.ndim = t.dim();
  out.dtype = exported_type(t.dtype());
  out.shape = impl.shape.begin();
  out.strides = impl.strides.begin();
  exported->managed.manager_ctx = exported.get();
  exported->managed.deleter = [](DLManagedTensor* self) {
    delete static_cast<Exported*>(self->manager_ctx);
  };
  return &exported.release()->managed;
}

Tensor from_dlpack(DLManagedTensor* managed) {
  check(managed != nullptr, "from_dlpack: expected a tensor, got a null pointer");
  const DLTensor& in = managed->dl_tensor;
  check(in.device.device_type == kDLCPU,
        "from_dlpack: expected memory of the CPU (device type 1), got device type {}",
        static_cast<int>(in.device.device_type));
  const DType dtype = imported_type(in.dtype);
  check<ShapeError>(in.ndim >= 0 && in.ndim <= Shape::max_rank,
                    "from_dlpack: it has {} dimensions, expected at most {}", in.ndim,
                    Shape::max_rank);
  const Shape shape = imported_sizes("shape", in.shape, in.ndim);
  shape.numel();  // throws where that is too large
  const Strides strides =
      in.strides ? imported_sizes("strides", in.strides, in.ndim) : contiguous_strides(shape);
  const size_t bytes = extent_of(shape, strides, dtype);
  check(bytes == 0 || in.data, "from_dlpack: a null pointer can't hold the shape {}", shape);
  char* data = bytes == 0 ? nullptr : static_cast<char*>(in.data) + in.byte_offset;
  check(reinterpret_cast<uintptr_t>(data) % itemsize(dtype) == 0,
        "from_dlpack: its {} do not lie at a multiple of {} bytes", dtype, itemsize(dtype));
  const auto let_go = [](void* owner) {
    auto* self = static_cast<DLManagedTensor*>(owner);
    if (self->deleter) self->deleter(self);
  };
  return detail::make_tensor(Storage::external(data, bytes, let_go, managed), dtype, shape,
                             strides);
}

}  // namespace rw
