// Texts, byte by byte: what comes next? First by counting, then by a long short-term memory
// (recurrent.cpp) and by a small GPT (transformer.cpp).

#include "sequences.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <optional>
#include <string_view>
#include <unordered_set>
#include <vector>

#include <rewind/data/data_loader.h>

using namespace rw;

namespace {

const std::filesystem::path folder = "/usr/share/common-licenses";

// Of no other license's family: of their pieces of 64 bytes none is in the others.
const std::vector<std::string> held_out = {"Apache-2.0", "Artistic", "CC0-1.0"};

// The licenses of Debian's base system.
Texts licenses() {
  std::vector<std::filesystem::path> files;
  for (const auto& entry : std::filesystem::directory_iterator(folder))
    if (entry.is_regular_file() && !entry.is_symlink()) files.push_back(entry.path());
  std::sort(files.begin(), files.end());
  Texts all;
  for (const auto& file : files) {
    const bool held =
        std::find(held_out.begin(), held_out.end(), file.filename()) != held_out.end();
    (held ? all.held_out : all.learn) += data::read_text(file);
  }
  return all;
}

// What a text takes if each byte is told by the one before, as often as that was so.
double bits_by_counting(const Texts& texts) {
  Tensor counts = full({256 * 256}, 0.01, float64);  // nothing is impossible
  const auto pairs = [](const std::string& text) {
    const Tensor bytes = data::encode_bytes(text);
    return bytes.narrow(0, 0, bytes.size(0) - 1) * 256 + bytes.narrow(0, 1, bytes.size(0) - 1);
  };
  const Tensor seen = pairs(texts.learn);
  counts.scatter_add_(0, seen, ones(seen.shape(), float64));
  const Tensor p = (counts.view({256, 256}) / counts.view({256, 256}).sum({1}, true)).view({-1});
  return -p.index_select(0, pairs(texts.held_out)).log2().mean().item<double>();
}

// The share of pieces of so many bytes that are among those to learn from.
double seen_before(const Texts& texts, size_t length) {
  std::unordered_set<std::string_view> known;
  for (size_t i = 0; i + length <= texts.learn.size(); ++i)
    known.insert(std::string_view(texts.learn).substr(i, length));
  size_t seen = 0, all = 0;
  for (size_t i = 0; i + length <= texts.held_out.size(); ++i, ++all)
    seen += known.count(std::string_view(texts.held_out).substr(i, length));
  return all == 0 ? 0 : static_cast<double>(seen) / static_cast<double>(all);
}

// None where there is no xz. The file has no name, and is gone with its last user.
std::optional<double> bits_by_xz(const std::string& text) {
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> file(std::tmpfile(), std::fclose);
  if (!file || std::fwrite(text.data(), 1, text.size(), file.get()) != text.size()) return {};
  if (std::fflush(file.get()) != 0 || std::fseek(file.get(), 0, SEEK_SET) != 0) return {};
  const std::string command =
      "xz -9 --stdout </dev/fd/" + std::to_string(fileno(file.get())) + " 2>/dev/null | wc -c";
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> output(popen(command.c_str(), "r"), pclose);
  double bytes = 0;
  if (!output || std::fscanf(output.get(), "%lf", &bytes) != 1 || bytes == 0) return {};
  return 8 * bytes / static_cast<double>(text.size());
}

}  // namespace

double bits(const Scores& scores, const std::string& text) {
  const no_grad guard;
  const data::TextDataset pieces(data::encode_bytes(text), 128);
  double sum = 0;
  for (int64_t i = 0; i < pieces.size(); ++i) {
    const auto [bytes, next] = pieces.get(i);
    sum += cross_entropy(scores(bytes.unsqueeze(0))[0], next).item<double>();
  }
  return sum / static_cast<double>(pieces.size()) / std::log(2.0);
}

Series train(const std::string& name, nn::Module& model, const Scores& scores, const Texts& texts,
             int64_t length, int64_t steps) {
  data::DataLoader loader(data::TextDataset(data::encode_bytes(texts.learn), length, 7),
                          {.batch_size = 16, .shuffle = true});
  optim::AdamW adam(model.parameters(), {.lr = 3e-3});
  Series curve{name, {}};
  for (int64_t step = 0;;)
    for (const auto& [bytes, next] : loader) {
      if (step % std::max<int64_t>(1, steps / 12) == 0) {
        model.eval();
        curve.points.push_back({static_cast<double>(step), bits(scores, texts.held_out)});
        model.train();
      }
      if (step++ == steps) return curve;
      adam.groups()[0].options.lr =
          3e-3 * static_cast<double>(steps + 1 - step) / static_cast<double>(steps);
      adam.zero_grad();
      cross_entropy(scores(bytes).flatten(0, 1), next.flatten()).backward();
      adam.step();
    }
}

int main(int argc, char** argv) {
  const Tutorial tutorial(argc, argv);
  if (!exists(folder)) {
    std::printf("skipped: no texts in %s (package base-files)\n", folder.c_str());
    return 0;
  }
  Texts texts = licenses();
  if (texts.learn.empty() || texts.held_out.empty()) {
    std::printf("skipped: %s has not the licenses of Debian 12\n", folder.c_str());
    return 0;
  }
  tutorial.expect("share of held-out pieces seen before", seen_before(texts, 64), 0, 0.01);
  tutorial.expect("bits a byte if bytes before are counted", bits_by_counting(texts), 3, 4);
  const std::optional<double> xz = bits_by_xz(texts.held_out);
  if (xz)
    tutorial.expect("bits a byte by xz", *xz, 2.4, 2.9);
  else
    std::printf("skipped: xz, which is not there or does not work\n");
  if (tutorial.full_or_quick(false, true)) texts.held_out.resize(2000);
  const Series lstm = recurrent(tutorial, texts), gpt = transformer(tutorial, texts);
  std::vector<Series> curves = {lstm, gpt};
  if (xz) curves.push_back({"xz", {{0, *xz}, {lstm.points.back().x, *xz}}});
  Drawing(640, 360)
      .chart(curves, {.title = "bits a byte of held-out text", .x = "steps"})
      .write(tutorial.picture("bits.svg"));
  if (!xz) return 0;
  tutorial.expect("the LSTM beats xz by", *xz - lstm.points.back().y,
                  tutorial.full_or_quick(0.1, -4.0), 1);
  tutorial.expect("the GPT beats xz by", *xz - gpt.points.back().y,
                  tutorial.full_or_quick(-0.6, -4.0), tutorial.full_or_quick(0.0, 1.0));
}
