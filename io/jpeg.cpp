#include <rewind/io/jpeg.h>

#include <cstdio>  // which jpeglib.h takes for granted

#include <jerror.h>
#include <jpeglib.h>

#include <csetjmp>

#include <rewind/io/png.h>
#include <rewind/tensor/check.h>
#include <rewind/tensor/factories.h>
#include <rewind/tensor/file.h>

namespace rw::io {

namespace {

// More scans than any program writes: each goes over the whole picture once more.
constexpr int most_scans = 500;

// libjpeg leaves by longjmp where it fails: into the functions of this class that begin with
// setjmp, which therefore have no local objects.
class Reader {
 public:
  explicit Reader(std::string_view bytes) : bytes_(bytes) {
    jpeg_.err = jpeg_std_error(&errors_);
    errors_.error_exit = leave;
    errors_.emit_message = note;
    jpeg_.client_data = this;
    progress_.progress_monitor = count_scans;
  }
  Reader(const Reader&) = delete;
  ~Reader() { jpeg_destroy_decompress(&jpeg_); }

  // False where it fails, as `failure` tells.
  bool read_header() {
    if (setjmp(place_)) return false;
    jpeg_create_decompress(&jpeg_);
    jpeg_.progress = &progress_;
    jpeg_mem_src(&jpeg_, reinterpret_cast<const unsigned char*>(bytes_.data()), bytes_.size());
    jpeg_read_header(&jpeg_, TRUE);
    is_print_ = jpeg_.jpeg_color_space == JCS_CMYK || jpeg_.jpeg_color_space == JCS_YCCK;
    if (is_print_)
      jpeg_.out_color_space = JCS_CMYK;
    else if (jpeg_.jpeg_color_space != JCS_GRAYSCALE)
      jpeg_.out_color_space = JCS_RGB;
    jpeg_.dct_method = JDCT_ISLOW;
    jpeg_calc_output_dimensions(&jpeg_);
    return true;
  }
  // Rows one after another.
  bool read_rows(unsigned char* out) {
    if (setjmp(place_)) return false;
    jpeg_start_decompress(&jpeg_);
    const auto row_bytes =
        size_t{jpeg_.output_width} * static_cast<size_t>(jpeg_.output_components);
    while (jpeg_.output_scanline < jpeg_.output_height) {
      JSAMPROW row = out + jpeg_.output_scanline * row_bytes;
      jpeg_read_scanlines(&jpeg_, &row, 1);
    }
    return true;
  }

  const char* failure() const { return failure_; }
  int64_t height() const { return jpeg_.output_height; }
  int64_t width() const { return jpeg_.output_width; }
  int64_t channels() const { return jpeg_.output_components; }
  // Whether the channels are those of print: cyan, magenta, yellow, black.
  bool is_print() const { return is_print_; }
  // Whether these are stored inverted, as Adobe's programs do.
  bool is_inverted() const { return jpeg_.saw_Adobe_marker; }

 private:
  static Reader* of(j_common_ptr jpeg) { return static_cast<Reader*>(jpeg->client_data); }
  [[noreturn]] static void leave(j_common_ptr jpeg) {
    jpeg->err->format_message(jpeg, of(jpeg)->failure_);
    std::longjmp(of(jpeg)->place_, 1);
  }
  // Of all warnings only the end of the bytes is an error, as others find pictures in such files
  // too.
  static void note(j_common_ptr jpeg, int) {
    if (jpeg->err->msg_code != JWRN_JPEG_EOF) return;
    std::snprintf(of(jpeg)->failure_, JMSG_LENGTH_MAX, "it ends too early");
    std::longjmp(of(jpeg)->place_, 1);
  }
  static void count_scans(j_common_ptr jpeg) {
    if (reinterpret_cast<j_decompress_ptr>(jpeg)->input_scan_number <= most_scans) return;
    std::snprintf(of(jpeg)->failure_, JMSG_LENGTH_MAX, "it has more than %d scans", most_scans);
    std::longjmp(of(jpeg)->place_, 1);
  }

  std::string_view bytes_;
  jpeg_decompress_struct jpeg_ = {};
  jpeg_error_mgr errors_ = {};
  jpeg_progress_mgr progress_ = {};
  std::jmp_buf place_ = {};
  char failure_[JMSG_LENGTH_MAX] = "";
  bool is_print_ = false;
};

// Colors of print on paper, as Pillow converts them.
Tensor print_to_rgb(const Tensor& picture, bool inverted) {
  const int64_t area = picture.size(0) * picture.size(1);
  const Tensor out = empty({picture.size(0), picture.size(1), 3}, uint8);
  const auto* from = picture.data<const uint8_t>();
  auto* to = out.data<uint8_t>();
  for (int64_t i = 0; i < area; ++i, from += 4, to += 3) {
    const int flip = inverted ? 255 : 0;
    const int white = 255 - (from[3] ^ flip);
    for (int c = 0; c < 3; ++c) {
      const int ink = (from[c] ^ flip) * white + 128;
      to[c] = static_cast<uint8_t>(white - ((ink + (ink >> 8)) >> 8));
    }
  }
  return out;
}

bool is_jpeg(std::string_view bytes) { return bytes.starts_with("\xff\xd8\xff"); }
bool is_png(std::string_view bytes) { return bytes.starts_with("\x89PNG\r\n\x1a\n"); }

// `what` is the file or "the data", for messages.
Tensor decode(const char* op, const std::string& what, std::string_view bytes) {
  check<IOError>(is_jpeg(bytes), "{}: {} is no JPEG file: expected it to begin with ff d8 ff", op,
                 what);
  Reader reader(bytes);
  check<IOError>(reader.read_header(), "{}: {} is damaged: {}", op, what, reader.failure());
  // A block of 8 x 8 numbers takes at least one bit, and in the coarsest sampling 16 x 3 of them
  // come of 18 blocks: a false size costs no memory.
  constexpr int64_t most_per_byte = 2048;
  const int64_t row = reader.width() * reader.channels();
  check<IOError>(reader.height() <= static_cast<int64_t>(bytes.size()) * most_per_byte / row,
                 "{}: {} is damaged: {} bytes can't hold a picture of {} x {}", op, what,
                 bytes.size(), reader.width(), reader.height());
  Tensor picture = empty({reader.height(), reader.width(), reader.channels()}, uint8);
  check<IOError>(reader.read_rows(picture.data<uint8_t>()), "{}: {} is damaged: {}", op, what,
                 reader.failure());
  if (reader.is_print()) picture = print_to_rgb(picture, reader.is_inverted());
  return picture.permute({2, 0, 1});
}

Tensor decode_any(const char* op, const std::string& what, std::string_view bytes) {
  if (is_jpeg(bytes)) return decode(op, what, bytes);
  check<IOError>(is_png(bytes),
                 "{}: {} is no picture: expected it to begin with ff d8 ff (JPEG) or 89 50 4e 47 "
                 "(PNG)",
                 op, what);
  try {
    return decode_png(bytes);
  } catch (const Error& e) {
    fail<IOError>("{}: {}: {}", op, what, e.what());
  }
}

}  // namespace

Tensor decode_jpeg(std::string_view bytes) { return decode("decode_jpeg", "the data", bytes); }

Tensor read_jpeg(const std::string& path) {
  return decode("read_jpeg", path, detail::read_file("read_jpeg", path));
}

Tensor decode_image(std::string_view bytes) {
  return decode_any("decode_image", "the data", bytes);
}

Tensor read_image(const std::string& path) {
  return decode_any("read_image", path, detail::read_file("read_image", path));
}

}  // namespace rw::io
