#include <rewind/io/pickled_names.h>

#include <algorithm>
#include <iterator>

#include <rewind/tensor/check.h>

namespace rw::io {

namespace {

using Use = PickledName::Use;

constexpr PickledName known[] = {{"collections.OrderedDict", Use::dict},
                                 {"torch._utils._rebuild_tensor_v2", Use::tensor},
                                 {"torch._utils._rebuild_parameter", Use::parameter},
                                 {"torch.BoolStorage", Use::storage_type, boolean},
                                 {"torch.ByteStorage", Use::storage_type, uint8},
                                 {"torch.CharStorage", Use::storage_type, int8},
                                 {"torch.ShortStorage", Use::storage_type, int16},
                                 {"torch.IntStorage", Use::storage_type, int32},
                                 {"torch.LongStorage", Use::storage_type, int64},
                                 {"torch.HalfStorage", Use::storage_type, float16},
                                 {"torch.BFloat16Storage", Use::storage_type, bfloat16},
                                 {"torch.FloatStorage", Use::storage_type, float32},
                                 {"torch.DoubleStorage", Use::storage_type, float64},
                                 {"torch.Size", Use::sizes},
                                 {"torch.device", Use::ignored_call},
                                 {"_codecs.encode", Use::ignored_call},
                                 {"torch.bool", Use::constant},
                                 {"torch.uint8", Use::constant},
                                 {"torch.int8", Use::constant},
                                 {"torch.int16", Use::constant},
                                 {"torch.int32", Use::constant},
                                 {"torch.int64", Use::constant},
                                 {"torch.float16", Use::constant},
                                 {"torch.bfloat16", Use::constant},
                                 {"torch.float32", Use::constant},
                                 {"torch.float64", Use::constant}};

template <class F>
const PickledName* find(const F& is_wanted) {
  const auto* it = std::find_if(std::begin(known), std::end(known), is_wanted);
  return it == std::end(known) ? nullptr : it;
}

}  // namespace

const PickledName* known_name(std::string_view name) {
  return find([&](const PickledName& k) { return k.name == name; });
}

std::string_view storage_type(DType dtype) {
  const auto* type =
      find([&](const PickledName& k) { return k.use == Use::storage_type && k.dtype == dtype; });
  check(type != nullptr, "save_pytorch: PyTorch has no {}", dtype);
  return type->name;
}

}  // namespace rw::io
