#include <rewind/io/numpy.h>

#include <algorithm>
#include <charconv>
#include <memory>
#include <optional>

#include <rewind/autograd/grad_mode.h>
#include <rewind/io/byte_reader.h>
#include <rewind/io/file.h>
#include <rewind/io/inspect_parts.h>
#include <rewind/io/json.h>
#include <rewind/io/tensor_bytes.h>
#include <rewind/io/zip.h>
#include <rewind/tensor/check.h>
#include <rewind/tensor/leaf.h>

namespace rw::io {

namespace {

constexpr std::string_view magic = "\x93NUMPY", suffix = ".npy";
constexpr size_t alignment = 64, growth_digits = 21, longest_name = 32'000;

// The types by what follows the byte order in their names.
struct Type {
  std::string_view name;
  DType dtype;
};
constexpr Type types[] = {{"b1", boolean}, {"u1", uint8},   {"i1", int8},
                          {"i2", int16},   {"i4", int32},   {"i8", int64},
                          {"f2", float16}, {"f4", float32}, {"f8", float64}};

const Type* find_type(DType dtype) {
  const auto* type = std::find_if(std::begin(types), std::end(types),
                                  [&](const Type& t) { return t.dtype == dtype; });
  return type == std::end(types) ? nullptr : type;
}

// --- Reading ------------------------------------------------------------------------------------

// What a header says.
struct Header {
  std::optional<DType> dtype;
  std::endian order = std::endian::native;
  std::optional<bool> fortran;
  std::optional<std::vector<int64_t>> shape;
};

// The text of a header: a dict of Python with these three members, in any order.
class HeaderParser {
 public:
  HeaderParser(const std::string& where, std::string_view text) : where_(where), text_(text) {}

  Header whole() {
    expect('{');
    while (!skip('}')) {
      member();
      if (skip(',')) continue;
      expect('}');
      break;
    }
    check<IOError>(text_.find_first_not_of(" \n") == text_.npos,
                   "{}: its header goes on after the dict", where_);
    check<IOError>(header_.dtype && header_.fortran && header_.shape,
                   "{}: its header has to have descr, fortran_order and shape", where_);
    return std::move(header_);
  }

 private:
  void member() {
    const std::string_view key = string("a name");
    expect(':');
    if (key == "descr" && !header_.dtype)
      descr();
    else if (key == "fortran_order" && !header_.fortran)
      header_.fortran = truth();
    else if (key == "shape" && !header_.shape)
      shape();
    else
      fail<IOError>("{}: its header has a member {} that there can't be", where_, json_string(key));
  }

  // "<f4": the byte order and the type; a list of names and types for structures.
  void descr() {
    skip_spaces();
    check<IOError>(!text_.starts_with('['),
                   "{}: its elements are structures, which there are not here", where_);
    const std::string_view name = string("the name of a type");
    check<IOError>(!name.ends_with('O'),
                   "{}: its elements are Python's objects, which are not read", where_);
    const auto* type = std::find_if(std::begin(types), std::end(types), [&](const Type& t) {
      return !name.empty() && name.substr(1) == t.name;
    });
    const char order = name.empty() ? '\0' : name[0];
    check<IOError>(
        type != std::end(types) && (order == '<' || order == '>' || order == '|' || order == '='),
        "{}: its elements are of NumPy's {}, which there are not here", where_, json_string(name));
    header_.dtype = type->dtype;
    if (order == '>') header_.order = std::endian::big;
  }

  bool truth() {
    skip_spaces();
    for (const auto& [word, value] : {std::pair("True", true), std::pair("False", false)})
      if (text_.starts_with(word)) {
        text_.remove_prefix(std::string_view(word).size());
        return value;
      }
    fail_expecting("True or False");
  }

  // Python 2 may have written an L after numbers.
  void shape() {
    expect('(');
    std::vector<int64_t> sizes;
    while (!skip(')')) {
      skip_spaces();
      int64_t size = -1;
      const auto [end, error] = std::from_chars(text_.data(), text_.data() + text_.size(), size);
      if (error != std::errc() || size < 0) fail_expecting("a size");
      text_.remove_prefix(static_cast<size_t>(end - text_.data()));
      skip('L');
      sizes.push_back(size);
      if (skip(',')) continue;
      expect(')');
      break;
    }
    header_.shape = std::move(sizes);
  }

  std::string_view string(const char* what) {
    skip_spaces();
    if (!text_.starts_with('\'') && !text_.starts_with('"')) fail_expecting(what);
    const size_t end = text_.find(text_[0], 1);
    if (end == text_.npos) fail_expecting(what);
    const std::string_view content = text_.substr(1, end - 1);
    if (content.find('\\') != content.npos) fail_expecting(what);
    text_.remove_prefix(end + 1);
    return content;
  }

  void skip_spaces() {
    text_.remove_prefix(std::min(text_.find_first_not_of(" \n"), text_.size()));
  }
  bool skip(char c) {
    skip_spaces();
    if (!text_.starts_with(c)) return false;
    text_.remove_prefix(1);
    return true;
  }
  void expect(char c) {
    if (!skip(c)) fail_expecting(std::string(1, c));
  }
  [[noreturn]] void fail_expecting(const std::string& what) const {
    fail<IOError>("{}: its header is none of NumPy's: expected {} before {}", where_, what,
                  json_string(text_.substr(0, 20)));
  }

  const std::string& where_;
  std::string_view text_;
  Header header_;
};

Strides fortran_strides(const Shape& shape) {
  Strides strides = Shape::filled(shape.rank(), 1);
  for (int i = 1; i < shape.rank(); ++i)
    strides[i] = strides[i - 1] * std::max<int64_t>(shape[i - 1], 1);
  return strides;
}

// What a file says before its numbers.
struct Layout {
  DType dtype;
  std::endian order;
  bool fortran;
  Shape shape;
  size_t begin;  // of the numbers
};

// Of a file of so many bytes, which begins with these.
Layout parse_layout(const std::string& where, std::string_view file, size_t size) {
  check<IOError>(file.starts_with(magic), "{}: no .npy file: it does not begin with \\x93NUMPY",
                 where);
  ByteReader in(where, file.substr(magic.size()));
  const int major = in.number<uint8_t>(), minor = in.number<uint8_t>();
  check<IOError>(major >= 1 && major <= 3 && minor == 0,
                 "{}: of version {}.{} of NumPy's format, expected 1.0, 2.0 or 3.0", where, major,
                 minor);
  const size_t length = major == 1 ? in.number<uint16_t>() : in.number<uint32_t>();
  const Header header = HeaderParser(where, in.take(length)).whole();
  check<IOError>(header.shape->size() <= Shape::max_rank,
                 "{}: it has {} dimensions, expected at most {}", where, header.shape->size(),
                 Shape::max_rank);
  const Shape shape = *header.shape;
  const std::optional<size_t> elements = elements_of(*header.shape);
  check<IOError>(elements.has_value(), "{}: its shape is impossible, {}", where, shape);
  const size_t bytes = *elements * itemsize(*header.dtype);
  const size_t begin = file.size() - in.rest().size();
  check<IOError>(size - begin == bytes, "{}: {} of shape {} take {} bytes, there are {}", where,
                 *header.dtype, shape, bytes, size - begin);
  return {*header.dtype, header.order, *header.fortran, shape, begin};
}

Tensor parse_npy(const std::string& where, const OwnedBytes& file) {
  const Layout layout = parse_layout(where, file.bytes, file.bytes.size());
  const Shape& shape = layout.shape;
  const Ref<Storage> storage =
      storage_of({file.bytes.substr(layout.begin), file.owner}, layout.dtype, layout.order);
  return rw::detail::make_tensor(
      storage, layout.dtype, shape,
      layout.fortran ? fortran_strides(shape) : contiguous_strides(shape));
}

// f(name, where, entry) for each array of an archive.
template <class F>
void each_array(const std::string& where, const ZipReader& zip, const F& f) {
  for (const ZipEntry& entry : zip.entries()) {
    check<IOError>(entry.name.ends_with(suffix), "{}: {} is no .npy file", where,
                   json_string(entry.name));
    const std::string name = entry.name.substr(0, entry.name.size() - suffix.size());
    f(name, where + ": " + json_string(name), entry);
  }
}

TensorInfo info_of(std::string name, const Layout& layout) {
  return io::info_of(std::move(name), layout.dtype, {layout.shape.begin(), layout.shape.end()});
}

// --- Writing ------------------------------------------------------------------------------------

// What is before the numbers, as NumPy pads it.
std::string npy_header(DType dtype, const Shape& shape, bool fortran) {
  const size_t size = itemsize(dtype);
  const std::span<const int64_t> sizes(shape.begin(), shape.end());
  std::string text =
      fmt::format("{{'descr': '{}{}', 'fortran_order': {}, 'shape': ({}{}), }}",
                  size == 1 ? '|' : '<', find_type(dtype)->name, fortran ? "True" : "False",
                  fmt::join(sizes, ", "), sizes.size() == 1 ? "," : "");
  if (!sizes.empty())
    text.append(growth_digits - std::to_string(fortran ? sizes.back() : sizes.front()).size(), ' ');
  const size_t unpadded = magic.size() + 4 + text.size() + 1;
  text.append(alignment - unpadded % alignment, ' ');
  text += '\n';
  std::string header = std::string(magic) + '\1' + '\0';
  append_number(header, static_cast<uint16_t>(text.size()));
  return header + text;
}

// An array as it is written: a row-major tensor, of the dimensions in reverse for Fortran order.
struct Array {
  std::string header;
  Tensor numbers;

  Array(const char* op, const Tensor& given) {
    check(given.defined(), "{}: the tensor is undefined", op);
    check<DTypeError>(find_type(given.dtype()) != nullptr, "{}: NumPy has no {}", op,
                      given.dtype());
    const no_grad guard;
    const Tensor t = given.detach();
    Dims reverse = Shape::filled(t.dim(), 0);
    for (int i = 0; i < t.dim(); ++i) reverse[i] = t.dim() - 1 - i;
    const Tensor reversed = t.permute(reverse);
    const bool fortran = t.numel() > 0 && !t.is_contiguous() && reversed.is_contiguous();
    header = npy_header(t.dtype(), t.shape(), fortran);
    numbers = fortran ? reversed : t.contiguous();
  }
};

}  // namespace

Tensor load_npy(const std::string& path) {
  const auto file = std::make_shared<const MappedFile>("load_npy", path);
  return parse_npy("load_npy: " + path, {file->bytes(), file});
}

void save_npy(const Tensor& t, const std::string& path) {
  const Array array("save_npy", t);
  AtomicFile file("save_npy", path);
  file.write(array.header);
  file.write(bytes_of(array.numbers));
  file.commit();
}

StateDict load_npz(const std::string& path) {
  const std::string where = "load_npz: " + path;
  const auto file = std::make_shared<const MappedFile>("load_npz", path);
  check<IOError>(file->bytes().starts_with("PK"), "{}: no .npz file: it is no zip archive", where);
  const ZipReader zip(where, file);
  StateDict all;
  each_array(where, zip, [&](const std::string& name, const std::string& at, const ZipEntry& e) {
    all.emplace_back(name, parse_npy(at, zip.read(e)));
  });
  return all;
}

TensorInfo inspect_npy(const std::string& where, std::string_view file) {
  return info_of("tensor", parse_layout(where, file, file.size()));
}

std::vector<TensorInfo> inspect_npz(const std::string& where, const ZipReader& zip) {
  constexpr size_t most_header_bytes = 1 << 17;  // of the first version 64 KiB, and none is longer
  std::vector<TensorInfo> all;
  each_array(where, zip, [&](const std::string& name, const std::string& at, const ZipEntry& e) {
    const OwnedBytes begin = zip.peek(e, most_header_bytes);
    all.push_back(info_of(name, parse_layout(at, begin.bytes, e.size)));
  });
  return all;
}

void save_npz(const NamedTensors& tensors, const std::string& path) {
  check_writable("save_npz", tensors);
  std::vector<Array> arrays;
  for (const auto& [name, t] : tensors) {
    check(name.size() <= longest_name, "save_npz: a name has {} bytes, expected at most {}",
          name.size(), longest_name);
    arrays.emplace_back("save_npz", t);
  }
  AtomicFile file("save_npz", path);
  ZipWriter zip([&](std::string_view bytes) { file.write(bytes); });
  for (size_t i = 0; i < arrays.size(); ++i)
    zip.add(tensors[i].first + std::string(suffix), arrays[i].header, bytes_of(arrays[i].numbers));
  zip.finish();
  file.commit();
}

}  // namespace rw::io
