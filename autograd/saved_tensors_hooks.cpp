#include <rewind/autograd/saved_tensors_hooks.h>

#include <rewind/autograd/record.h>
#include <rewind/tensor/check.h>
#include <rewind/tensor/per_thread.h>

namespace rw {
namespace {

using Functions = saved_tensors_hooks::Functions;

std::shared_ptr<const Functions>& active() {
  return detail::per_thread<std::shared_ptr<const Functions>>();
}

void activate(std::shared_ptr<const Functions> functions) {
  detail::saved_tensors_are_hooked = functions != nullptr;
  active() = std::move(functions);
}

// Neither recording nor hooks.
class Apart {
 public:
  Apart() : before_(active()) { activate(nullptr); }
  ~Apart() { activate(before_); }
  Apart(const Apart&) = delete;
  Apart& operator=(const Apart&) = delete;

 private:
  no_grad guard_;
  std::shared_ptr<const Functions> before_;
};

}  // namespace

saved_tensors_hooks::saved_tensors_hooks(Pack pack, Unpack unpack) : before_(active()) {
  check(pack && unpack, "saved_tensors_hooks: expected two functions");
  activate(std::make_shared<const Functions>(Functions{std::move(pack), std::move(unpack)}));
}

saved_tensors_hooks::~saved_tensors_hooks() { activate(std::move(before_)); }

save_as_bfloat16::save_as_bfloat16()
    : saved_tensors_hooks(
          [](const Tensor& t) { return std::any(t.dtype() == float32 ? t.to(bfloat16) : t); },
          [](const std::any& packed) {
            const auto& t = std::any_cast<const Tensor&>(packed);
            return t.dtype() == bfloat16 ? t.to(float32) : t;
          }) {}

namespace detail {

struct PackedTensor {
  std::shared_ptr<const Functions> functions;
  std::any value;
  Shape shape;
  Strides strides;
  DType dtype;
  bool dense;
};

std::shared_ptr<PackedTensor> pack(const Tensor& t) {
  const std::shared_ptr<const Functions> functions = active();
  const Apart apart;
  return std::make_shared<PackedTensor>(PackedTensor{functions, functions->pack(t.detach()).value,
                                                     t.shape(), t.strides(), t.dtype(),
                                                     is_dense(t)});
}

Tensor unpack(const PackedTensor& packed) {
  const Apart apart;
  Tensor t = packed.functions->unpack(packed.value);
  check<AutogradError>(t.defined() && t.shape() == packed.shape && t.dtype() == packed.dtype,
                       "saved_tensors_hooks: expected unpack to return a {} tensor of shape {}, "
                       "got {}",
                       packed.dtype, packed.shape,
                       t.defined() ? fmt::format("a {} one of shape {}", t.dtype(), t.shape())
                                   : std::string("an undefined one"));
  if (!packed.dense || t.strides() == packed.strides) return t;
  // A pullback may know how the memory lies that the op itself has made.
  Tensor as_it_lay = make_tensor(packed.shape, packed.strides, packed.dtype);
  return as_it_lay.copy_(t);
}

}  // namespace detail
}  // namespace rw
