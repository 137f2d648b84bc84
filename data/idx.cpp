#include <rewind/data/idx.h>

#include <zlib.h>

#include <algorithm>
#include <bit>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <memory>
#include <new>
#include <type_traits>

#include <rewind/tensor/check.h>
#include <rewind/tensor/dispatch.h>
#include <rewind/tensor/factories.h>

namespace rw::data {

namespace {

using Bytes = std::vector<unsigned char>;

// A file, which zlib decompresses where it begins as gzip files do and passes on otherwise.
class File {
 public:
  explicit File(const std::string& path) : path_(path), file_(gzopen(path.c_str(), "rb")) {
    check<IOError>(file_ != nullptr, "read_idx: cannot open {}: {}", path_, std::strerror(errno));
    gzbuffer(file_.get(), 1 << 16);
  }

  const std::string& path() const { return path_; }

  // Appends up to `count` bytes, fewer only where the file ends. Makes room for as much as there
  // was so far, so that a false count costs nothing.
  void read(int64_t count, Bytes& out) {
    while (count > 0) {
      const size_t before = out.size();
      const size_t chunk = std::min(static_cast<size_t>(count),
                                    std::clamp(before, size_t{1} << 16, size_t{1} << 30));
      out.resize(before + chunk);
      const int got = gzread(file_.get(), out.data() + before, static_cast<unsigned>(chunk));
      out.resize(before + static_cast<size_t>(std::max(got, 0)));
      if (got <= 0) return check_end();
      count -= got;
    }
  }

 private:
  struct Close {
    void operator()(gzFile_s* file) const { gzclose_r(file); }
  };

  void check_end() {
    const int system_error = errno;
    int code = Z_OK;
    const char* text = gzerror(file_.get(), &code);
    if (code == Z_ERRNO) text = std::strerror(system_error);
    check<IOError>(code != Z_BUF_ERROR, "read_idx: {} is truncated: its compressed data has no end",
                   path_);
    check<IOError>(code == Z_OK || code == Z_STREAM_END, "read_idx: cannot read {}: {}", path_,
                   text);
  }

  std::string path_;
  std::unique_ptr<gzFile_s, Close> file_;
};

struct ElementType {
  unsigned char code;
  DType dtype;
};
constexpr ElementType element_types[] = {{0x08, uint8}, {0x09, int8},    {0x0b, int16},
                                         {0x0c, int32}, {0x0d, float32}, {0x0e, float64}};

struct Header {
  DType dtype;
  Shape shape;
  int64_t bytes;  // of all elements, in the file
};

template <class U>
U big_endian(const unsigned char* p) {
  U u = 0;
  for (size_t i = 0; i < sizeof(U); ++i) u = static_cast<U>(u << 8 | p[i]);
  return u;
}

Header read_header(File& file) {
  Bytes magic;
  file.read(4, magic);
  check<IOError>(magic.size() == 4 && magic[0] == 0 && magic[1] == 0,
                 "read_idx: {} is not an IDX file: expected it to begin with two zero bytes, a "
                 "type and a rank",
                 file.path());
  const auto* type = std::find_if(std::begin(element_types), std::end(element_types),
                                  [&](const ElementType& t) { return t.code == magic[2]; });
  check<IOError>(
      type != std::end(element_types),
      "read_idx: {} is not an IDX file: its elements are of type 0x{:02x}, expected 0x08 "
      "(uint8), 0x09 (int8), 0x0b (int16), 0x0c (int32), 0x0d (float32) or 0x0e (float64)",
      file.path(), magic[2]);
  const int rank = magic[3];
  check<IOError>(1 <= rank && rank <= Shape::max_rank,
                 "read_idx: {} has {} dimensions, expected 1 to {}", file.path(), rank,
                 Shape::max_rank);

  Bytes sizes;
  file.read(4 * rank, sizes);
  check<IOError>(sizes.size() == 4 * static_cast<size_t>(rank),
                 "read_idx: {} is truncated: expected {} sizes of 4 bytes each, got {} bytes",
                 file.path(), rank, sizes.size());
  Header header{type->dtype, {}, static_cast<int64_t>(itemsize(type->dtype))};
  // Strides are products of sizes too, also where another size is zero.
  auto extent = static_cast<int64_t>(itemsize(type->dtype));
  for (size_t i = 0; i < sizes.size(); i += 4) {
    const int64_t size = big_endian<uint32_t>(&sizes[i]);
    header.shape.push_back(size);
    check<IOError>(!__builtin_mul_overflow(extent, std::max<int64_t>(size, 1), &extent),
                   "read_idx: {} claims an impossible shape, {}…", file.path(), header.shape);
    header.bytes *= size;
  }
  return header;
}

// Numbers of the file, whose bytes come in the other order.
template <class T>
void decode(const Bytes& bytes, T* out) {
  using U = std::conditional_t<
      sizeof(T) == 1, uint8_t,
      std::conditional_t<sizeof(T) == 2, uint16_t,
                         std::conditional_t<sizeof(T) == 4, uint32_t, uint64_t>>>;
  for (size_t i = 0; i < bytes.size() / sizeof(T); ++i)
    out[i] = std::bit_cast<T>(big_endian<U>(&bytes[i * sizeof(T)]));
}

// Throws where the file is too short for what it claims, whose end would otherwise be found once
// the memory for all before it is taken.
void check_claim(const std::string& path, const Header& header) {
  constexpr uintmax_t most_per_byte = 1032;  // of deflate
  std::error_code none;                      // a pipe has no size
  const uintmax_t size = std::filesystem::file_size(path, none);
  check<IOError>(none || static_cast<uintmax_t>(header.bytes) / most_per_byte <= size,
                 "read_idx: {} is truncated: shape {} takes {} bytes, more than {} can hold", path,
                 header.shape, header.bytes, size);
}

Tensor read(const std::string& path) {
  File file(path);
  const Header header = read_header(file);
  check_claim(path, header);
  Bytes bytes;
  file.read(header.bytes, bytes);
  check<IOError>(static_cast<int64_t>(bytes.size()) == header.bytes,
                 "read_idx: {} is truncated: shape {} takes {} bytes, got {}", path, header.shape,
                 header.bytes, bytes.size());
  Bytes excess;
  file.read(1, excess);
  check<IOError>(excess.empty(), "read_idx: {} goes on after the {} bytes that shape {} takes",
                 path, header.bytes, header.shape);

  Tensor t = empty(header.shape, header.dtype);
  dispatch_among<uint8_t, int8_t, int16_t, int32_t, float, double>(
      header.dtype, [&]<class T>() { decode(bytes, t.data<T>()); });
  return t;
}

}  // namespace

Tensor read_idx(const std::string& path) {
  try {
    return read(path);
  } catch (const std::bad_alloc&) {
    fail<IOError>("read_idx: {} takes more memory than there is", path);
  }
}

}  // namespace rw::data
