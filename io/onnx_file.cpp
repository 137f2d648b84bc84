#include <rewind/io/onnx_file.h>

#include <charconv>
#include <limits>

#include <rewind/io/protobuf.h>
#include <rewind/tensor/check.h>

namespace rw::onnx {

namespace {

using io::detail::Fields;

// Messages of onnx.proto, whose fields' numbers stand in the switches.
class Parser {
 public:
  explicit Parser(const std::string& where) : where_(where) {}

  StoredModel model(std::string_view bytes) const {
    StoredModel m;
    std::optional<std::string_view> graph_bytes;
    for (Fields f(where_, bytes); f.next();) switch (f.number()) {
        case 7:
          graph_bytes = f.bytes();
          break;
        case 8:
          m.opset = parse_opset(where_, f.bytes()).value_or(m.opset);
          break;
        default:
          break;
      }
    check<IOError>(graph_bytes.has_value(), "{}: no ONNX file: it has no graph", where_);
    graph(*graph_bytes, m);
    return m;
  }

  StoredTensor tensor(std::string_view bytes) const;

 private:
  std::string text(const Fields& f) const { return io::detail::text_of(where_, f.bytes()); }

  void graph(std::string_view bytes, StoredModel& m) const {
    for (Fields f(where_, bytes); f.next();) switch (f.number()) {
        case 1:
          m.nodes.push_back(node(f.bytes()));
          break;
        case 5:
          m.tensors.push_back(tensor(f.bytes()));
          break;
        case 11:
          m.inputs.push_back(value(f.bytes()));
          break;
        case 12:
          m.outputs.push_back(value(f.bytes()));
          break;
        case 15:
          fail<IOError>("{}: it has sparse tensors, which there are none of here", where_);
        default:
          break;
      }
  }

  StoredNode node(std::string_view bytes) const {
    StoredNode n;
    for (Fields f(where_, bytes); f.next();) switch (f.number()) {
        case 1:
          n.inputs.push_back(text(f));
          break;
        case 2:
          n.outputs.push_back(text(f));
          break;
        case 3:
          n.name = text(f);
          break;
        case 4:
          n.op_type = text(f);
          break;
        case 5:
          n.attributes.push_back(attribute(f.bytes()));
          break;
        case 7:
          n.domain = text(f);
          break;
        default:
          break;
      }
    return n;
  }

  // The kind decides which of the fields counts.
  StoredAttribute attribute(std::string_view bytes) const {
    enum Kind : int64_t {
      real = 1,
      integer = 2,
      string = 3,
      tensor = 4,
      reals = 6,
      integers = 7,
      strings = 8
    };
    StoredAttribute a;
    int64_t kind = 0, i = 0;
    double r = 0;
    std::string s;
    std::vector<int64_t> many;
    std::vector<double> many_reals;
    std::vector<std::string> many_strings;
    std::optional<StoredTensor> t;
    for (Fields f(where_, bytes); f.next();) switch (f.number()) {
        case 1:
          a.name = text(f);
          break;
        case 2:
          r = static_cast<double>(f.real());
          break;
        case 3:
          i = f.integer();
          break;
        case 4:
          s = std::string(f.bytes());
          break;
        case 5:
          t = this->tensor(f.bytes());
          break;
        case 7:
          f.append_floats_to(many_reals);
          break;
        case 8:
          f.append_to(many);
          break;
        case 9:
          many_strings.emplace_back(f.bytes());
          break;
        case 20:
          kind = f.integer();
          break;
        default:
          break;
      }
    if (kind == real) a.value = r;
    if (kind == integer) a.value = i;
    if (kind == string) a.value = std::move(s);
    if (kind == reals) a.value = std::move(many_reals);
    if (kind == integers) a.value = std::move(many);
    if (kind == strings) a.value = std::move(many_strings);
    if (kind == tensor && t) a.value = std::move(*t);
    return a;
  }

  // A key and a value that say where the numbers of a tensor are.
  void elsewhere(std::string_view bytes, StoredTensor& t) const {
    std::string key, value;
    for (Fields f(where_, bytes); f.next();) {
      if (f.number() == 1) key = text(f);
      if (f.number() == 2) value = text(f);
    }
    if (key == "location") t.location = value;
    if (key == "offset") t.offset = place(value);
    if (key == "length") t.length = place(value);
  }
  int64_t place(const std::string& digits) const {
    int64_t value = 0;
    const char* end = digits.data() + digits.size();
    const auto [last, error] = std::from_chars(digits.data(), end, value);
    check<IOError>(error == std::errc() && last == end && value >= 0,
                   "{}: expected a place in a file, got '{}'", where_, digits);
    return value;
  }

  // A name, and the type of a tensor.
  StoredValue value(std::string_view bytes) const {
    StoredValue v;
    for (Fields f(where_, bytes); f.next();) {
      if (f.number() == 1) v.name = text(f);
      if (f.number() == 2)
        for (Fields type(where_, f.bytes()); type.next();)
          if (type.number() == 1) tensor_type(type.bytes(), v);
    }
    return v;
  }
  void tensor_type(std::string_view bytes, StoredValue& v) const {
    for (Fields f(where_, bytes); f.next();) {
      if (f.number() == 1) v.type = f.integer();
      if (f.number() != 2) continue;
      v.dims.emplace();
      for (Fields shape(where_, f.bytes()); shape.next();)
        if (shape.number() == 1) v.dims->push_back(size(shape.bytes()));
    }
  }
  int64_t size(std::string_view bytes) const {
    int64_t n = StoredValue::open;
    for (Fields f(where_, bytes); f.next();)
      if (f.number() == 1) n = f.integer();
    return n < 0 ? StoredValue::open : n;
  }

  const std::string& where_;
};

StoredTensor Parser::tensor(std::string_view bytes) const {
  StoredTensor t;
  for (Fields f(where_, bytes); f.next();) switch (f.number()) {
      case 1:
        f.append_to(t.dims);
        break;
      case 2:
        t.type = f.integer();
        break;
      case 3:
        fail<IOError>("{}: a tensor comes in segments", where_);
      case 4:
        f.append_floats_to(t.reals);
        break;
      case 5:
      case 7:
      case 11:
        f.append_to(t.integers);
        break;
      case 8:
        t.name = text(f);
        break;
      case 9:
        t.raw = f.bytes();
        break;
      case 10:
        f.append_doubles_to(t.reals);
        break;
      case 12:
        t.note = text(f);
        break;
      case 13:
        elsewhere(f.bytes(), t);
        break;
      case 14:
        t.is_elsewhere = f.integer() == 1;
        break;
      default:
        break;
    }
  return t;
}

}  // namespace

std::string StoredNode::label() const {
  const std::string kind = domain.empty() ? op_type : domain + "." + op_type;
  return name.empty() ? kind : fmt::format("{} '{}'", kind, name);
}

StoredModel parse_model(const std::string& where, std::string_view bytes) {
  check<IOError>(!bytes.empty(), "{}: no ONNX file: it is empty", where);
  try {
    return Parser(where).model(bytes);
  } catch (const IOError&) {
    // What is wrong with a field is of interest only where the bytes are a model's. It may have its
    // fields in any order, but all that write them begin with the first.
    constexpr char key_of_version = '\x08';
    check<IOError>(bytes.starts_with(key_of_version),
                   "{}: no ONNX file: it does not begin with the version of the format", where);
    throw;
  }
}

std::optional<int64_t> parse_opset(const std::string& where, std::string_view bytes) {
  std::string domain;
  int64_t version = 0;
  for (Fields f(where, bytes); f.next();) {
    if (f.number() == 1) domain = io::detail::text_of(where, f.bytes());
    if (f.number() == 2) version = f.integer();
  }
  return domain.empty() || domain == "ai.onnx" ? std::optional(version) : std::nullopt;
}

StoredTensor parse_tensor(const std::string& where, std::string_view bytes) {
  return Parser(where).tensor(bytes);
}

}  // namespace rw::onnx
