#include <rewind/io/pickle.h>

#include <algorithm>
#include <bit>
#include <unordered_map>

#include <rewind/io/json.h>
#include <rewind/io/pickled_names.h>
#include <rewind/io/tensor_bytes.h>
#include <rewind/io/utf8.h>
#include <rewind/tensor/check.h>

namespace rw::io {

namespace {

using Value = PickledValue;
using Index = Value::Index;

using Use = PickledName::Use;

class Machine {
 public:
  explicit Machine(ByteReader& in) : in_(in), bytes_(in.rest().size()) {}

  Pickle run() {
    while (step()) {
    }
    return std::move(out_);
  }

 private:
  // One instruction; whether there is another after it.
  bool step() {
    const char op = in_.number<char>();
    if (op == '.') {
      out_.root = pop();
      return false;
    }
    if (!push_plain(op) && !push_container(op) && !fill_container(op) && !use_memo(op) &&
        !use_object(op))
      fail<IOError>("{}: not a pickle of tensors: it has the instruction 0x{:02x}", in_.where(),
                    static_cast<unsigned char>(op));
    return true;
  }

  // --- The stack --------------------------------------------------------------------------------

  template <class T>
  bool push(T&& value) {
    check<IOError>(out_.values.size() < UINT32_MAX, "{}: it has too many values", in_.where());
    stack_.push_back(static_cast<Index>(out_.values.size()));
    out_.values.push_back({std::forward<T>(value)});
    return true;
  }
  size_t above_mark() const { return stack_.size() - (marks_.empty() ? 0 : marks_.back()); }
  Index top() const {
    check<IOError>(above_mark() > 0, "{}: damaged: a value is missing", in_.where());
    return stack_.back();
  }
  Index pop() {
    const Index i = top();
    stack_.pop_back();
    return i;
  }
  std::vector<Index> pop(size_t n) {
    check<IOError>(above_mark() >= n, "{}: damaged: a value is missing", in_.where());
    const auto first = stack_.end() - static_cast<std::ptrdiff_t>(n);
    std::vector<Index> items(first, stack_.end());
    stack_.erase(first, stack_.end());
    return items;
  }
  std::vector<Index> pop_to_mark() {
    check<IOError>(!marks_.empty(), "{}: damaged: a mark is missing", in_.where());
    std::vector<Index> items = pop(above_mark());
    marks_.pop_back();
    return items;
  }

  // The value as a T, which it has to be.
  template <class T>
  const T& as(Index i, const char* what) const {
    const T* value = out_.values[i].get<T>();
    check<IOError>(value != nullptr, "{}: damaged: expected {}", in_.where(), what);
    return *value;
  }
  const std::vector<Index>& tuple(Index i, size_t at_least) const {
    const auto& sequence = as<Value::Sequence>(i, "a tuple");
    check<IOError>(sequence.is_tuple && sequence.items.size() >= at_least,
                   "{}: damaged: expected a tuple of {} values or more", in_.where(), at_least);
    return sequence.items;
  }
  int64_t size(Index i) const {
    const auto n = as<int64_t>(i, "a size");
    check<IOError>(n >= 0, "{}: damaged: the size {} is negative", in_.where(), n);
    return n;
  }

  // --- Instructions -----------------------------------------------------------------------------

  bool push_plain(char op) {
    switch (op) {
      case 'N':
        return push(Value::None());
      case '\x88':
        return push(true);
      case '\x89':
        return push(false);
      case 'J':
        return push(int64_t{in_.number<int32_t>()});
      case 'K':
        return push(int64_t{in_.number<uint8_t>()});
      case 'M':
        return push(int64_t{in_.number<uint16_t>()});
      case '\x8a':
        return push_long(in_.take(in_.number<uint8_t>()));
      case 'G':
        return push(std::bit_cast<double>(__builtin_bswap64(in_.number<uint64_t>())));
      case 'X':
        return push_text(in_.take(in_.number<uint32_t>()));
      case 'U':  // of Python 2
        return push_text(in_.take(in_.number<uint8_t>()));
      case '\x80': {
        const int protocol = in_.number<uint8_t>();
        check<IOError>(protocol == 2, "{}: a pickle of protocol {}, expected 2", in_.where(),
                       protocol);
        return true;
      }
      default:
        return false;
    }
  }

  bool push_long(std::string_view bytes) {
    if (bytes.size() > sizeof(int64_t)) return push(Value::Opaque());
    int64_t value = !bytes.empty() && (bytes.back() & '\x80') != 0 ? -1 : 0;
    std::memcpy(&value, bytes.data(), bytes.size());
    return push(value);
  }

  bool push_text(std::string_view text) {
    check<IOError>(first_no_character(text) == text.npos, "{}: a text is not UTF-8", in_.where());
    return push(text);
  }

  bool push_container(char op) {
    const auto of = [&](std::vector<Index> items) {
      return push(Value::Sequence{std::move(items), true});
    };
    switch (op) {
      case '(':
        marks_.push_back(stack_.size());
        return true;
      case ')':
        return of({});
      case '\x85':
        return of(pop(1));
      case '\x86':
        return of(pop(2));
      case '\x87':
        return of(pop(3));
      case 't':
        return of(pop_to_mark());
      case ']':
        return push(Value::Sequence{{}, false});
      case '}':
        return push(Value::Dict());
      default:
        return false;
    }
  }

  bool fill_container(char op) {
    switch (op) {
      case 'a':
        return append(pop(1));
      case 'e':
        return append(pop_to_mark());
      case 's':
        return set_items(pop(2));
      case 'u':
        return set_items(pop_to_mark());
      default:
        return false;
    }
  }

  bool append(const std::vector<Index>& items) {
    auto* list = std::get_if<Value::Sequence>(&out_.values[top()].value);
    check<IOError>(list && !list->is_tuple, "{}: damaged: expected a list", in_.where());
    list->items.insert(list->items.end(), items.begin(), items.end());
    return true;
  }

  bool set_items(const std::vector<Index>& items) {
    auto* dict = std::get_if<Value::Dict>(&out_.values[top()].value);
    check<IOError>(dict && items.size() % 2 == 0, "{}: damaged: expected a dict", in_.where());
    for (size_t i = 0; i < items.size(); i += 2) dict->emplace_back(items[i], items[i + 1]);
    return true;
  }

  bool use_memo(char op) {
    switch (op) {
      case 'q':
        return memo_[in_.number<uint8_t>()] = top(), true;
      case 'r':
        return memo_[in_.number<uint32_t>()] = top(), true;
      case 'h':
        return recall(in_.number<uint8_t>());
      case 'j':
        return recall(in_.number<uint32_t>());
      default:
        return false;
    }
  }

  bool recall(uint32_t place) {
    const auto it = memo_.find(place);
    check<IOError>(it != memo_.end(), "{}: damaged: nothing was kept as {}", in_.where(), place);
    stack_.push_back(it->second);
    return true;
  }

  // --- Objects ----------------------------------------------------------------------------------

  bool use_object(char op) {
    switch (op) {
      case 'c':
        return push_global();
      case 'R':
        return call();
      case 'Q':
        return push_storage(tuple(pop(), 5));
      case 'b':  // attributes of an OrderedDict, such as the versions of modules
        pop();
        as<Value::Dict>(top(), "a dict");
        return true;
      default:
        return false;
    }
  }

  bool push_global() {
    std::string name(in_.until('\n'));
    (name += '.') += in_.until('\n');
    const PickledName* known = known_name(name);
    check<IOError>(known != nullptr,
                   "{}: it names {}, which is not read: only tensors, numbers and texts in lists, "
                   "tuples and dicts are",
                   in_.where(), json_string(name.substr(0, 200)));
    if (known->use == Use::constant) return push(Value::Opaque());
    return push(Value::Global{known});
  }

  bool call() {
    const Index arguments = pop();
    const PickledName& function = *as<Value::Global>(pop(), "a function").name;
    switch (function.use) {
      case Use::dict:
        return push_dict(tuple(arguments, 0));
      case Use::tensor:
        return push_tensor(tuple(arguments, 6));
      case Use::parameter:
        stack_.push_back(tuple(arguments, 1)[0]);
        as<Value::Tensor>(top(), "a tensor");
        return true;
      case Use::sizes:
        stack_.push_back(tuple(arguments, 1)[0]);
        tuple(top(), 0);
        return true;
      case Use::ignored_call:
        return push(Value::Opaque());
      default:
        fail<IOError>("{}: it calls {}, which is no function", in_.where(), function.name);
    }
  }

  // OrderedDict(), or of a list of pairs, as Python 2 has it. A list may be named many times.
  bool push_dict(const std::vector<Index>& arguments) {
    if (arguments.empty()) return push(Value::Dict());
    const auto& items = as<Value::Sequence>(arguments[0], "a list of pairs").items;
    copied_ += items.size();
    check<IOError>(copied_ <= bytes_, "{}: damaged: it copies a list again and again", in_.where());
    Value::Dict dict;
    for (const Index item : items) {
      const auto& pair = as<Value::Sequence>(item, "a pair").items;
      check<IOError>(pair.size() == 2, "{}: damaged: expected a pair", in_.where());
      dict.emplace_back(pair[0], pair[1]);
    }
    return push(std::move(dict));
  }

  // ("storage", type, key, device, elements), and in old files a view, which is None.
  bool push_storage(const std::vector<Index>& id) {
    check<IOError>(as<std::string_view>(id[0], "a text") == "storage",
                   "{}: it refers to what is no storage", in_.where());
    const PickledName& type = *as<Value::Global>(id[1], "a type of storages").name;
    check<IOError>(type.use == Use::storage_type, "{}: {} is no type of storages", in_.where(),
                   type.name);
    check<IOError>(id.size() < 6 || out_.values[id[5]].get<Value::None>(),
                   "{}: it has views of storages, of PyTorch before 0.4", in_.where());
    const PickledStorage storage{as<std::string_view>(id[2], "a text"), type.dtype, size(id[4])};
    const auto [it, is_new] = storages_.emplace(storage.key, out_.storages.size());
    if (is_new) {
      out_.storages.push_back(storage);
    } else {
      const PickledStorage& first = out_.storages[it->second];
      check<IOError>(first.dtype == storage.dtype && first.elements == storage.elements,
                     "{}: storage {} has two types or sizes", in_.where(),
                     json_string(storage.key));
    }
    return push(Value::Storage{it->second});
  }

  // (storage, offset, sizes, strides, requires_grad, hooks), and metadata.
  bool push_tensor(const std::vector<Index>& arguments) {
    PickledTensor t{as<Value::Storage>(arguments[0], "a storage").which, size(arguments[1]),
                    sizes(arguments[2]), sizes(arguments[3])};
    check<IOError>(t.shape.rank() == t.strides.rank(), "{}: damaged: {} sizes and {} strides",
                   in_.where(), t.shape.rank(), t.strides.rank());
    check<IOError>(as<Value::Dict>(arguments[5], "hooks").empty(),
                   "{}: a tensor has hooks, which are not read", in_.where());
    if (arguments.size() > 6) {
      const auto* metadata = out_.values[arguments[6]].get<Value::Dict>();
      check<IOError>(
          out_.values[arguments[6]].get<Value::None>() || (metadata && metadata->empty()),
          "{}: a tensor is negated or conjugated lazily, which is not read", in_.where());
    }
    place_within(t);
    out_.tensors.push_back(t);
    return push(Value::Tensor{out_.tensors.size() - 1});
  }

  Shape sizes(Index i) const {
    const std::vector<Index>& items = tuple(i, 0);
    check<IOError>(items.size() <= Shape::max_rank,
                   "{}: a tensor has {} dimensions, expected at most {}", in_.where(), items.size(),
                   Shape::max_rank);
    Shape numbers;
    for (const Index item : items) numbers.push_back(size(item));
    return numbers;
  }

  // Checks that all elements are there. Strides that lead nowhere may be any number in the file.
  void place_within(PickledTensor& t) const {
    const auto elements = elements_of({t.shape.begin(), t.shape.end()});
    check<IOError>(elements.has_value(), "{}: a tensor's shape is impossible, {}", in_.where(),
                   t.shape);
    const PickledStorage& storage = out_.storages[t.storage];
    __int128 last = t.offset;
    for (int d = 0; d < t.shape.rank(); ++d) {
      if (t.shape[d] == 1) t.strides[d] = std::min(t.strides[d], storage.elements);
      if (t.shape[d] > 1) last += static_cast<__int128>(t.shape[d] - 1) * t.strides[d];
    }
    if (*elements == 0) {
      t.strides = contiguous_strides(t.shape);
      t.offset = 0;
    } else {
      check<IOError>(last < storage.elements,
                     "{}: a tensor of shape {}, strides {} and offset {} is not within its storage "
                     "of {} elements",
                     in_.where(), t.shape, t.strides, t.offset, storage.elements);
    }
  }

  ByteReader& in_;
  size_t bytes_, copied_ = 0;
  Pickle out_;
  std::vector<Index> stack_;
  std::vector<size_t> marks_;
  std::unordered_map<uint32_t, Index> memo_;
  std::unordered_map<std::string_view, size_t> storages_;
};

}  // namespace

Pickle read_pickle(ByteReader& in) { return Machine(in).run(); }

}  // namespace rw::io
