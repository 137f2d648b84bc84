#include <rewind/io/tensorboard.h>

#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cmath>
#include <ctime>
#include <filesystem>
#include <numeric>
#include <type_traits>

#include <rewind/autograd/grad_mode.h>
#include <rewind/io/event_file.h>
#include <rewind/io/json.h>
#include <rewind/io/pictures.h>
#include <rewind/io/png.h>
#include <rewind/io/utf8.h>
#include <rewind/ops/indexing.h>
#include <rewind/ops/pointwise.h>
#include <rewind/ops/reduction.h>
#include <rewind/tensor/check.h>

namespace rw::io {

using detail::Message;

namespace {

double now() {
  return std::chrono::duration<double>(std::chrono::system_clock::now().time_since_epoch()).count();
}

std::string host() {
  char name[256] = "";
  return gethostname(name, sizeof name - 1) == 0 && *name ? name : "localhost";
}

// As "Nov27_21-11-32_host", which is PyTorch's.
std::string run_name() {
  const std::time_t t = std::time(nullptr);
  std::tm local = {};
  localtime_r(&t, &local);
  char text[32];
  std::strftime(text, sizeof text, "%b%d_%H-%M-%S", &local);
  return std::string(text) + "_" + host();
}

std::string new_path(const std::string& folder, const std::string& suffix) {
  static std::atomic<int> count{0};
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  check<IOError>(!error, "SummaryWriter: {} can't be made: {}", folder, error.message());
  return fmt::format("{}/events.out.tfevents.{:010}.{}.{}.{}{}", folder, std::time(nullptr), host(),
                     getpid(), count++, suffix);
}

// Message numbers are those of TensorFlow's event.proto, summary.proto and tensor.proto.
const std::string& as_utf8(const char* what, const std::string& text) {
  check(first_no_character(text) == text.npos, "SummaryWriter: expected a {} in UTF-8, got {}",
        what, json_string(text));
  return text;
}
Message value_of(const std::string& tag) { return Message().bytes(1, as_utf8("tag", tag)); }
std::string summary_of(const Message& value) { return Message().message(1, value).str(); }

// The upper ends of TensorBoard's buckets.
const std::vector<double>& bucket_ends() {
  static const std::vector<double> ends = [] {
    std::vector<double> above;
    for (double v = 1e-12; v < 1e20; v *= 1.1) above.push_back(v);
    std::vector<double> all;
    for (auto v = above.rbegin(); v != above.rend(); ++v) all.push_back(-*v);
    all.push_back(0);
    all.insert(all.end(), above.begin(), above.end());
    return all;
  }();
  return ends;
}

struct Buckets {
  std::vector<double> ends, counts;
};

// The buckets from the first to the last that holds something, with an empty one in front, whose
// end is where the first begins. A number at the end of two belongs to the upper one, but for the
// last; those beyond are in none, as in PyTorch.
Buckets buckets_of(const std::vector<double>& values) {
  const std::vector<double>& ends = bucket_ends();
  std::vector<double> counts(ends.size());  // counts[i]: from ends[i - 1] to ends[i]
  for (const double v : values) {
    const auto above =
        static_cast<size_t>(std::upper_bound(ends.begin(), ends.end(), v) - ends.begin());
    if (above > 0 && above < ends.size()) ++counts[above];
    if (v == ends.back()) ++counts.back();
  }
  const auto holds = [](double count) { return count > 0; };
  const auto first = std::find_if(counts.begin(), counts.end(), holds) - counts.begin();
  const auto last = std::find_if(counts.rbegin(), counts.rend(), holds).base() - counts.begin();
  if (first >= last) return {{0}, {0}};
  return {{ends.begin() + first - 1, ends.begin() + last},
          {counts.begin() + first - 1, counts.begin() + last}};
}

Message histogram_of(const std::vector<double>& values) {
  const auto [least, most] = std::minmax_element(values.begin(), values.end());
  const double sum = std::accumulate(values.begin(), values.end(), 0.0);
  const double squares = std::inner_product(values.begin(), values.end(), values.begin(), 0.0);
  const Buckets b = buckets_of(values);
  return Message()
      .real(1, *least)
      .real(2, *most)
      .real(3, static_cast<double>(values.size()))
      .real(4, sum)
      .real(5, squares)
      .reals(6, b.ends.data(), b.ends.size())
      .reals(7, b.counts.data(), b.counts.size());
}

Message image_of(const Tensor& picture) {
  const bool has_channels = picture.dim() == 3;
  const std::string png = encode_png(picture);
  return Message()
      .number(1, picture.size(-2))
      .number(2, picture.size(-1))
      .number(3, has_channels ? picture.size(0) : 1)
      .bytes(4, png);
}

// The dimensions of an image in the order `wanted`, by the letters that name them.
Tensor in_order(const char* op, const Tensor& image, std::string_view formats,
                std::string_view wanted) {
  std::vector<int64_t> dims;
  for (const char c : wanted)
    if (const size_t at = formats.find(c); at != formats.npos)
      dims.push_back(static_cast<int64_t>(at));
  check<ShapeError>(dims.size() == formats.size() && image.dim() == static_cast<int>(dims.size()),
                    "{}: expected an image of dimensions \"{}\", got shape {}", op, formats,
                    image.shape());
  return image.permute(dims);
}

// What says to which plugin of TensorBoard a value belongs, and what that is to know.
Message metadata(const char* plugin, const std::string& content = "") {
  Message data = Message().bytes(1, plugin);
  if (!content.empty()) data.bytes(2, content);
  return Message().message(1, data);
}

// google.protobuf.Value.
Message protobuf_value(const HParam& value) {
  return std::visit(
      [](const auto& v) {
        using T = std::decay_t<decltype(v)>;
        if constexpr (std::is_same_v<T, bool>)
          return Message().number(4, v);
        else if constexpr (std::is_same_v<T, std::string>)
          return Message().bytes(3, as_utf8("text", v));
        else
          return Message().real(2, static_cast<double>(v));
      },
      value);
}

// One of the three values that describe a run to TensorBoard's table of runs.
std::string hparams_summary(const char* tag, uint32_t field, const Message& content) {
  const std::string data = Message().message(field, content).str();
  return summary_of(value_of(tag).message(9, metadata("hparams", data)));
}

}  // namespace

struct SummaryWriter::File : detail::EventFile {
  using EventFile::EventFile;
  double flushed = now();
};

SummaryWriter::SummaryWriter(const std::string& log_dir, const SummaryWriterOptions& options)
    : log_dir_(log_dir.empty() ? "runs/" + run_name() + options.comment : log_dir),
      options_(options) {
  file();
}

SummaryWriter::SummaryWriter(SummaryWriter&& other) noexcept { *this = std::move(other); }
SummaryWriter& SummaryWriter::operator=(SummaryWriter&& other) noexcept {
  if (this == &other) return *this;
  log_dir_ = std::exchange(other.log_dir_, {});  // by which one tells
  options_ = other.options_;
  file_ = std::move(other.file_);
  below_ = std::exchange(other.below_, {});
  return *this;
}
SummaryWriter::~SummaryWriter() = default;

SummaryWriter::File& SummaryWriter::file() {
  check(!log_dir_.empty(), "SummaryWriter: it was moved from");
  if (!file_) file_ = std::make_unique<File>(new_path(log_dir_, options_.filename_suffix), now());
  return *file_;
}

const std::string& SummaryWriter::path() const {
  check(file_ != nullptr, "SummaryWriter: it is closed");
  return file_->path();
}

void SummaryWriter::add_summary(const std::string& summary, Step step, WallTime time) {
  Message event = Message().real(1, time.value_or(now()));
  if (step) event.number(2, *step);
  file().write(event.bytes(5, summary));
  if (now() - file_->flushed >= options_.flush_secs) flush();
}

SummaryWriter& SummaryWriter::below(const std::string& folder) {
  std::unique_ptr<SummaryWriter>& writer = below_[folder];
  if (!writer) writer = std::make_unique<SummaryWriter>(log_dir_ + "/" + folder, options_);
  return *writer;
}

void SummaryWriter::add_scalar(const std::string& tag, double value, Step step, WallTime time) {
  add_summary(summary_of(value_of(tag).real(2, static_cast<float>(value))), step, time);
}

void SummaryWriter::add_scalars(const std::string& main_tag,
                                const std::vector<std::pair<std::string, double>>& values,
                                Step step, WallTime time) {
  std::string folder = main_tag;
  std::replace(folder.begin(), folder.end(), '/', '_');
  for (const auto& [tag, value] : values)
    below(folder + "_" + tag).add_scalar(main_tag, value, step, time);
}

void SummaryWriter::add_histogram(const std::string& tag, const Tensor& values, Step step,
                                  WallTime time) {
  const no_grad guard;
  const Tensor all = values.to(float64);
  const std::vector<double> finite = all.masked_select(all.isfinite()).to_vector<double>();
  check(!finite.empty(), "add_histogram: expected finite numbers, got none in shape {}",
        values.shape());
  add_summary(summary_of(value_of(tag).message(5, histogram_of(finite))), step, time);
}

void SummaryWriter::add_image(const std::string& tag, const Tensor& image, Step step, WallTime time,
                              std::string_view dataformats) {
  check(dataformats == "CHW" || dataformats == "HWC" || dataformats == "HW" || dataformats == "WH",
        "add_image: expected dataformats \"CHW\", \"HWC\", \"HW\" or \"WH\", got \"{}\"",
        dataformats);
  const Tensor picture = in_order("add_image", image, dataformats, "CHW");
  add_summary(summary_of(value_of(tag).message(4, image_of(picture))), step, time);
}

void SummaryWriter::add_images(const std::string& tag, const Tensor& images, Step step,
                               WallTime time, std::string_view dataformats) {
  check(dataformats == "NCHW" || dataformats == "NHWC",
        "add_images: expected dataformats \"NCHW\" or \"NHWC\", got \"{}\"", dataformats);
  const Tensor pictures = in_order("add_images", images, dataformats, "NCHW");
  add_image(tag, make_grid(pictures, {.padding = 0}), step, time);
}

void SummaryWriter::add_text(const std::string& tag, const std::string& text, Step step,
                             WallTime time) {
  constexpr int64_t string_type = 7;
  const Message one_element = Message().message(2, Message().number(1, 1));
  const Message tensor =
      Message().number(1, string_type).message(2, one_element).bytes(8, as_utf8("text", text));
  add_summary(
      summary_of(value_of(tag + "/text_summary").message(9, metadata("text")).message(8, tensor)),
      step, time);
}

void SummaryWriter::add_hparams(const std::vector<std::pair<std::string, HParam>>& hparams,
                                const std::vector<std::pair<std::string, double>>& metrics) {
  Message experiment, session;
  for (const auto& [name, value] : hparams) {
    constexpr int64_t types[] = {2, 3, 3, 1};  // bool, numbers, string
    const int64_t type = types[value.index()];
    Message info = Message().bytes(1, as_utf8("name", name)).number(4, type);
    if (std::holds_alternative<bool>(value))  // the table wants to know both
      info.message(5,
                   Message().message(1, Message().number(4, 1)).message(1, Message().number(4, 0)));
    experiment.message(4, info);
    session.message(1, Message().bytes(1, name).message(2, protobuf_value(value)));
  }
  for (const auto& [name, value] : metrics)
    experiment.message(5, Message().message(1, Message().bytes(2, as_utf8("name", name))));
  constexpr int64_t success = 1;

  SummaryWriter& run = below(fmt::format("{:.6f}", now()));
  run.add_summary(hparams_summary("_hparams_/experiment", 2, experiment), {}, {});
  run.add_summary(hparams_summary("_hparams_/session_start_info", 3, session), {}, {});
  run.add_summary(hparams_summary("_hparams_/session_end_info", 4, Message().number(1, success)),
                  {}, {});
  for (const auto& [name, value] : metrics) run.add_scalar(name, value);
}

void SummaryWriter::flush() {
  if (file_) file_->flush(), file_->flushed = now();
  for (auto& [folder, writer] : below_) writer->flush();
}

void SummaryWriter::close() {
  flush();
  file_.reset();
  below_.clear();
}

}  // namespace rw::io
