#include <rewind/io/jpeg.h>

#include <cstdio>  // which jpeglib.h takes for granted

#include <jerror.h>
#include <jpeglib.h>

#include <algorithm>
#include <csetjmp>
#include <cstring>
#include <vector>

#include <rewind/io/file.h>
#include <rewind/io/png.h>
#include <rewind/tensor/check.h>
#include <rewind/tensor/factories.h>

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
  // To planes [C, H, W], by way of a row.
  bool read_planes(unsigned char* row, unsigned char* planes) {
    if (setjmp(place_)) return false;
    jpeg_start_decompress(&jpeg_);
    while (jpeg_.output_scanline < jpeg_.output_height) {
      unsigned char* const to = planes + size_t{jpeg_.output_scanline} * jpeg_.output_width;
      jpeg_read_scanlines(&jpeg_, &row, 1);
      spread(row, to);
    }
    return true;
  }

  const char* failure() const { return failure_; }
  bool is_arithmetic() const { return jpeg_.arith_code; }
  int64_t height() const { return jpeg_.output_height; }
  int64_t width() const { return jpeg_.output_width; }
  // Of the picture, and of a row before it is spread over planes.
  int64_t channels() const { return jpeg_.output_components == 1 ? 1 : 3; }
  int64_t row_bytes() const { return width() * jpeg_.output_components; }

 private:
  // A row whose channels lie side by side to one row of each plane.
  void spread(const unsigned char* row, unsigned char* to) const {
    const size_t width = jpeg_.output_width, plane = width * jpeg_.output_height;
    if (jpeg_.output_components == 1) {
      std::memcpy(to, row, width);
    } else if (is_print_) {
      spread_print(row, to, plane);
    } else {
      unsigned char *const red = to, *const green = to + plane, *const blue = to + 2 * plane;
      for (size_t x = 0; x < width; ++x) {
        red[x] = row[3 * x];
        green[x] = row[3 * x + 1];
        blue[x] = row[3 * x + 2];
      }
    }
  }
  // Cyan, magenta, yellow and black on paper, as Pillow converts them. Adobe's programs store them
  // inverted.
  void spread_print(const unsigned char* row, unsigned char* to, size_t plane) const {
    const int flip = jpeg_.saw_Adobe_marker ? 255 : 0;
    for (size_t x = 0; x < jpeg_.output_width; ++x, row += 4) {
      const int white = 255 - (row[3] ^ flip);
      for (size_t c = 0; c < 3; ++c) {
        const int ink = (row[c] ^ flip) * white + 128;
        to[c * plane + x] = static_cast<unsigned char>(white - ((ink + (ink >> 8)) >> 8));
      }
    }
  }

  static Reader* of(j_common_ptr jpeg) { return static_cast<Reader*>(jpeg->client_data); }
  [[noreturn]] static void leave(j_common_ptr jpeg) {
    jpeg->err->format_message(jpeg, of(jpeg)->failure_);
    std::longjmp(of(jpeg)->place_, 1);
  }
  // Of all warnings only the end of the bytes is an error, as Pillow has it, which finds pictures
  // in the other files too.
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

bool is_jpeg(std::string_view bytes) { return bytes.starts_with("\xff\xd8\xff"); }
bool is_png(std::string_view bytes) { return bytes.starts_with("\x89PNG\r\n\x1a\n"); }

// `what` is the file or "the data", for messages.
Tensor decode(const char* op, const std::string& what, std::string_view bytes) {
  check<IOError>(is_jpeg(bytes), "{}: {} is no JPEG file: expected it to begin with ff d8 ff", op,
                 what);
  Reader reader(bytes);
  check<IOError>(reader.read_header(), "{}: {} is damaged: {}", op, what, reader.failure());
  // A block of 8 x 8 numbers takes at least one bit, and in the coarsest sampling 16 x 3 of them
  // come of 18 blocks: a false size costs no memory. Arithmetic codes take next to nothing for what
  // is flat, so that a false size may cost so much.
  constexpr int64_t most_per_byte = 2048, most_flat = int64_t{1} << 28;
  const int64_t most = std::max(static_cast<int64_t>(bytes.size()) * most_per_byte,
                                reader.is_arithmetic() ? most_flat : 0);
  check<IOError>(reader.height() <= most / reader.row_bytes(),
                 "{}: {} is damaged: {} bytes can't hold a picture of {} x {}", op, what,
                 bytes.size(), reader.width(), reader.height());
  std::vector<unsigned char> row(static_cast<size_t>(reader.row_bytes()));
  const Tensor picture = empty({reader.channels(), reader.height(), reader.width()}, uint8);
  check<IOError>(reader.read_planes(row.data(), picture.data<uint8_t>()), "{}: {} is damaged: {}",
                 op, what, reader.failure());
  return picture;
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
  return decode("read_jpeg", path, read_file("read_jpeg", path));
}

Tensor decode_image(std::string_view bytes) {
  return decode_any("decode_image", "the data", bytes);
}

Tensor read_image(const std::string& path) {
  return decode_any("read_image", path, read_file("read_image", path));
}

}  // namespace rw::io
