#include <algorithm>

#include <rewind/io/onnx_operators.h>
#include <rewind/ops/pointwise.h>
#include <rewind/tensor/check.h>

namespace rw::onnx {

// --- Attributes ---------------------------------------------------------------------------------

void Node::refuse(const std::string& why) const { fail<Refusal>("{}: {}", stored_.label(), why); }

bool Node::knows(std::string_view attribute) const {
  return std::any_of(stored_.attributes.begin(), stored_.attributes.end(),
                     [&](const StoredAttribute& a) { return a.name == attribute; });
}

// The value of the attribute, null where there is none.
template <class T>
const T* Node::find(std::string_view attribute) {
  for (size_t i = 0; i < stored_.attributes.size(); ++i) {
    const StoredAttribute& a = stored_.attributes[i];
    if (a.name != attribute) continue;
    read_[i] = true;
    const T* value = std::get_if<T>(&a.value);
    if (!value) refuse(fmt::format("its {} is of another kind than expected", attribute));
    return value;
  }
  return nullptr;
}

int64_t Node::integer(std::string_view attribute) {
  if (const auto* value = find<int64_t>(attribute)) return *value;
  refuse(fmt::format("it has no {}", attribute));
}
int64_t Node::integer(std::string_view attribute, int64_t otherwise) {
  const auto* value = find<int64_t>(attribute);
  return value ? *value : otherwise;
}
double Node::real(std::string_view attribute, double otherwise) {
  const auto* value = find<double>(attribute);
  return value ? *value : otherwise;
}
Ints Node::integers(std::string_view attribute, Ints otherwise) {
  const auto* value = find<Ints>(attribute);
  return value ? *value : std::move(otherwise);
}
std::vector<double> Node::reals(std::string_view attribute) {
  const auto* value = find<std::vector<double>>(attribute);
  return value ? *value : std::vector<double>();
}
std::string Node::text(std::string_view attribute, const char* otherwise) {
  const auto* value = find<std::string>(attribute);
  return value ? *value : otherwise;
}
std::vector<std::string> Node::texts(std::string_view attribute) {
  const auto* value = find<std::vector<std::string>>(attribute);
  return value ? *value : std::vector<std::string>();
}
Tensor Node::tensor(std::string_view attribute) {
  const auto* value = find<StoredTensor>(attribute);
  if (!value) refuse(fmt::format("it has no {}", attribute));
  if (!dtype_of_onnx(value->type)) refuse_type(attribute, value->type);
  return load_tensor(fmt::format("{}: {}", where_, stored_.label()), *value, folder_);
}
void Node::refuse_type(std::string_view attribute, int64_t type) const {
  refuse(
      fmt::format("its {} is {}, which there is none of here", attribute, name_of_onnx_type(type)));
}
DType Node::dtype(std::string_view attribute) {
  const int64_t type = integer(attribute);
  if (const auto dtype = dtype_of_onnx(type)) return *dtype;
  refuse_type(attribute, type);
}

void Node::expect(std::string_view attribute, int64_t value) {
  const int64_t got = integer(attribute, value);
  if (got != value) refuse(fmt::format("expected {} = {}, got {}", attribute, value, got));
}
void Node::expect_no_inputs_from(size_t i, const char* what) const {
  for (; i < inputs(); ++i)
    if (has(i)) refuse(fmt::format("it is given {}", what));
}

std::vector<std::string> Node::unknown() const {
  std::vector<std::string> names;
  for (size_t i = 0; i < read_.size(); ++i)
    if (!read_[i]) names.push_back(stored_.attributes[i].name);
  return names;
}

// --- Arguments ----------------------------------------------------------------------------------

const Tensor& Arguments::operator[](size_t i) const {
  static const Tensor none;
  return i < in_.size() ? in_[i] : none;
}

Ints Arguments::integers(size_t i) const {
  const Tensor& t = (*this)[i];
  check<DTypeError>(!is_floating(t.dtype()) && t.dtype() != boolean,
                    "input {}: expected integers, got {}", i, t.dtype());
  check<ShapeError>(t.dim() <= 1, "input {}: expected a list of numbers, got shape {}", i,
                    t.shape());
  return t.to_vector<int64_t>();
}

// --- What operators share -----------------------------------------------------------------------

int64_t axis_in(int64_t axis, int64_t rank) {
  check<IndexError>(axis >= -rank && axis < std::max<int64_t>(rank, 1),
                    "expected an axis of a tensor of rank {}, got {}", rank, axis);
  return axis < 0 ? axis + rank : axis;
}

Ints sizes_of(const Tensor& t) { return t.shape().vec(); }

Tensor positive_indices(const Tensor& indices, int64_t size) {
  const Tensor i = indices.to(int64);
  return where(i < 0, i + size, i);
}

std::function<Ints(const Arguments&)> axes_of(Node& n, size_t i, int64_t as_input_since,
                                              const char* attribute) {
  if (n.opset() < as_input_since) {
    n.expect_no_inputs_from(i, fmt::format("{} as an input", attribute).c_str());
    return [axes = n.integers(attribute)](const Arguments&) { return axes; };
  }
  return [i](const Arguments& in) { return in.has(i) ? in.integers(i) : Ints(); };
}

// --- All operators ------------------------------------------------------------------------------

namespace {

const Operators& all_operators() {
  static const Operators all = [] {
    Operators joined;
    for (const Operators* some :
         {&pointwise_operators(), &shape_operators(), &index_operators(), &fold_operators(),
          &window_operators(), &layer_operators(), &recurrent_operators()})
      joined.insert(some->begin(), some->end());
    return joined;
  }();
  return all;
}

}  // namespace

const Operator* find_operator(std::string_view name) {
  const auto found = all_operators().find(name);
  return found == all_operators().end() ? nullptr : &found->second;
}

std::vector<std::string> operator_names() {
  std::vector<std::string> names;
  for (const auto& [name, made] : all_operators()) names.emplace_back(name);
  std::sort(names.begin(), names.end());
  return names;
}

}  // namespace rw::onnx
