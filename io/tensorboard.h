#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include <rewind/tensor/tensor.h>

#pragma GCC visibility push(default)

namespace rw::io {

/// What SummaryWriter takes by name.
struct SummaryWriterOptions {
  std::string comment = "";          ///< behind the folder's name, where that is chosen here
  std::string filename_suffix = "";  ///< behind the file's name
  double flush_secs = 120;           ///< so often at least, by an add, what was added is on disk
};

/// A number of a run, or a choice, as add_hparams takes them.
using HParam = std::variant<bool, int64_t, double, std::string>;

/// Writes what TensorBoard shows, in its own files:
///
///     io::SummaryWriter writer("runs/first");
///     writer.add_scalar("loss/train", loss.item<double>(), step);
///
/// and `tensorboard --logdir runs` shows it, while training goes on. Tags with a common part before
/// a slash are shown together; they and all texts are UTF-8. Steps may be left out. Not for several
/// threads at once.
class SummaryWriter {
 public:
  /// Makes the folder and, in it, a new file, whose name has the time, this machine and this
  /// process in it. Without a folder it is one in "runs", of the date and this machine's name.
  /// Throws IOError.
  explicit SummaryWriter(const std::string& log_dir = "", const SummaryWriterOptions& options = {});
  ///@{
  /// Takes over the file. To add to what was moved from is an error.
  SummaryWriter(SummaryWriter&&) noexcept;
  SummaryWriter& operator=(SummaryWriter&&) noexcept;
  ///@}
  /// Closes the file.
  ~SummaryWriter();

  /// The folder.
  const std::string& log_dir() const { return log_dir_; }
  /// The file.
  const std::string& path() const;

  /// Moments, in seconds since 1970; that of now, unless given.
  using WallTime = std::optional<double>;
  /// Steps of training.
  using Step = std::optional<int64_t>;

  /// A point of the curve of this tag.
  void add_scalar(const std::string& tag, double value, Step step = {}, WallTime time = {});
  /// Points of several curves in one picture: each is a run of its own, in a folder below.
  void add_scalars(const std::string& main_tag,
                   const std::vector<std::pair<std::string, double>>& values, Step step = {},
                   WallTime time = {});
  /// How the elements of a tensor are spread, in TensorBoard's buckets, of which each is a tenth
  /// wider than the one before. Elements that are NaN or infinite are left out. Throws where there
  /// is none.
  void add_histogram(const std::string& tag, const Tensor& values, Step step = {},
                     WallTime time = {});
  /// A picture as write_png takes it. `dataformats` names its dimensions: "CHW", "HWC", "HW" or
  /// "WH".
  void add_image(const std::string& tag, const Tensor& image, Step step = {}, WallTime time = {},
                 std::string_view dataformats = "CHW");
  /// Pictures [N, C, H, W] (or [N, H, W, C], for "NHWC"), eight in a row.
  void add_images(const std::string& tag, const Tensor& images, Step step = {}, WallTime time = {},
                  std::string_view dataformats = "NCHW");
  /// A text, in Markdown.
  void add_text(const std::string& tag, const std::string& text, Step step = {},
                WallTime time = {});
  /// What a run was made with, and what came of it, for the table of all runs. As in PyTorch it
  /// goes to a folder below, named by the time.
  void add_hparams(const std::vector<std::pair<std::string, HParam>>& hparams,
                   const std::vector<std::pair<std::string, double>>& metrics);

  /// Hands what was added to the system. Throws IOError.
  void flush();
  /// Flushes, and ends the file: the next add begins another. Throws IOError.
  void close();

 private:
  struct File;
  File& file();
  void add_summary(const std::string& summary, Step step, WallTime time);
  SummaryWriter& below(const std::string& folder);

  std::string log_dir_;
  SummaryWriterOptions options_;
  std::unique_ptr<File> file_;
  std::map<std::string, std::unique_ptr<SummaryWriter>> below_;  // by folder
};

}  // namespace rw::io

#pragma GCC visibility pop
