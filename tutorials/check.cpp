// usage: check FOLDER PICTURES PROGRAM [--quick]
//
// Runs a tutorial's program and holds its README.md to it, so that the text can't drift:
//
// - Blocks of C++ stand in a source or header of the folder, line by line; a line `// ...` leaves
// lines out.
// - Blocks of text are what the program prints: the same lines in this order, numbers as exact as
//   the text gives them. Before a block that a short run computes otherwise stands
//   `<!-- full run -->`: it only has to have the same words then. A number with a range beside it,
//   `(expected 0.8 to 0.9)`, differs between machines and only has to lie within.
// - Blocks of sh and math are neither. Any other block is an error, so that no output escapes,
//   unless a reason stands before it: `<!-- not held: ... -->`.
// - Pictures that the text shows lie in the folder, and the program has written them.
//
// Where the program prints "skipped: " and why, nothing is held to it: that ends with status 77.

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <sstream>
#include <stdexcept>
#include <string>
#include <vector>

namespace fs = std::filesystem;

namespace {

using Lines = std::vector<std::string>;

Lines lines_of(std::istream& in) {
  Lines lines;
  for (std::string line; std::getline(in, line);) lines.push_back(line);
  return lines;
}
Lines lines_of(const fs::path& file) {
  std::ifstream in(file);
  if (!in) throw std::runtime_error(file.string() + " can't be read");
  return lines_of(in);
}

std::string stripped(const std::string& line) {
  const size_t first = line.find_first_not_of(" \t"), last = line.find_last_not_of(" \t");
  return first == std::string::npos ? "" : line.substr(first, last - first + 1);
}

struct Block {
  std::string language;
  std::string mark;  // the line before
  Lines lines;
};

std::vector<Block> blocks_of(const Lines& text) {
  std::vector<Block> blocks;
  std::string fence, before;  // the fence is empty outside of blocks
  for (const std::string& line : text) {
    const std::string word = stripped(line);
    const std::string marks = word.substr(0, word.find_first_not_of(word.substr(0, 1)));
    const bool is_fence = marks.size() >= 3 && (marks[0] == '`' || marks[0] == '~');
    if (fence.empty() && is_fence) {
      blocks.push_back({stripped(word.substr(marks.size())), before, {}});
      fence = marks;
    } else if (!fence.empty() && word == fence) {
      fence.clear();
    } else if (!fence.empty()) {
      blocks.back().lines.push_back(line);
    }
    before = line;
  }
  if (!fence.empty()) throw std::runtime_error("README.md: a block has no end");
  return blocks;
}

// Where `part` begins in `source`, from `start` on.
size_t find_lines(const Lines& source, size_t start, const Lines& part) {
  const auto same = [](const std::string& a, const std::string& b) {
    return stripped(a) == stripped(b);
  };
  const auto at = std::search(source.begin() + static_cast<std::ptrdiff_t>(start), source.end(),
                              part.begin(), part.end(), same);
  return static_cast<size_t>(at - source.begin());
}

bool holds_code(const Lines& source, const Lines& block) {
  size_t at = 0;
  for (auto part = block.begin(); part != block.end();) {
    const auto end = std::find_if(part, block.end(),
                                  [](const auto& line) { return stripped(line) == "// ..."; });
    const Lines lines(part, end);
    at = find_lines(source, at, lines);
    if (at == source.size()) return false;
    at += lines.size();
    part = end == block.end() ? end : end + 1;
  }
  return true;
}

bool is_number(const std::string& word, double& value) {
  char* end = nullptr;
  value = std::strtod(word.c_str(), &end);
  return !word.empty() && *end == 0;
}

// One and a half of the last digit that `word` shows; whole numbers are exact.
double tolerance(const std::string& word) {
  const std::string digits = word.substr(0, word.find_first_of("eE"));
  const size_t point = digits.find('.');
  if (point == std::string::npos && digits.size() == word.size()) return 0;
  const double decimals =
      point == std::string::npos ? 0 : static_cast<double>(digits.size() - point - 1);
  const double scale =
      digits.size() == word.size() ? 1 : std::pow(10.0, std::atoi(&word[digits.size() + 1]));
  return 1.5 * std::pow(10.0, -decimals) * scale;
}

// A word without the punctuation around it.
std::string bare(std::string word) {
  while (!word.empty() && std::string("(,:;[]%").find(word.front()) != std::string::npos)
    word.erase(0, 1);
  while (!word.empty() && std::string("),:;[]%x").find(word.back()) != std::string::npos)
    word.pop_back();
  return word;
}

// The ends of a range, "(expected 0.8 to 0.9)".
bool find_range(const std::string& line, double& low, double& high) {
  const size_t at = line.find("(expected ");
  return at != std::string::npos &&
         std::sscanf(line.c_str() + at, "(expected %lf to %lf)", &low, &high) == 2;
}

Lines words_of(const std::string& line) {
  std::istringstream in(line);
  return {std::istream_iterator<std::string>(in), std::istream_iterator<std::string>()};
}

// The number before a range only has to lie within; the ranges are the same.
bool is_same_line(const std::string& text, const std::string& printed, bool words_only) {
  const Lines a = words_of(text), b = words_of(printed);
  if (a.size() != b.size()) return false;
  double low = 0, high = 0;
  const bool has_range = find_range(text, low, high);
  for (size_t i = 0; i < a.size(); ++i) {
    double x = 0, y = 0;
    const bool numbers = is_number(bare(a[i]), x) && is_number(bare(b[i]), y);
    if (has_range && i + 1 < a.size() && a[i + 1] == "(expected") {
      if (!numbers || !(x >= low && x <= high)) return false;
    } else if (a[i] != b[i]) {
      if (!numbers) return false;
      if (!words_only && !(std::fabs(x - y) <= tolerance(bare(a[i])))) return false;
    }
  }
  return true;
}

int failures = 0;
void expect(bool ok, const std::string& what) {
  if (ok) return;
  ++failures;
  std::printf("%s\n", what.c_str());
}

void check_output(const Block& block, const Lines& printed, bool quick) {
  size_t at = 0;
  for (const std::string& line : block.lines) {
    if (stripped(line).empty() || stripped(line) == "...") continue;
    const size_t start = at;
    while (at < printed.size() &&
           !is_same_line(line, printed[at], quick && block.mark == "<!-- full run -->"))
      ++at;
    expect(at < printed.size(), "README.md: the program does not print this (any more): " + line);
    at = at < printed.size() ? at + 1 : start;
  }
}

Lines pictures_in(const Lines& text) {
  Lines names;
  for (const std::string& line : text)
    for (size_t at = line.find("]("); at != std::string::npos; at = line.find("](", at + 1)) {
      const std::string name = line.substr(at + 2, line.find(')', at) - at - 2);
      if (name.ends_with(".png") || name.ends_with(".svg")) names.push_back(name);
    }
  return names;
}

void check_pictures(const Lines& names, const fs::path& folder, const fs::path& written) {
  for (const std::string& name : names) {
    expect(fs::exists(folder / name), "README.md: there is no picture " + name);
    expect(fs::exists(written / fs::path(name).filename()),
           "README.md: the program does not write the picture " + name);
  }
  expect(!names.empty(), "README.md shows no picture");
}

Lines run(const std::string& command) {
  std::FILE* pipe = popen(command.c_str(), "r");
  std::string all;
  char buffer[4096];
  for (size_t got; pipe && (got = std::fread(buffer, 1, sizeof buffer, pipe)) > 0;)
    all.append(buffer, got);
  std::fputs(all.c_str(), stdout);
  expect(pipe && pclose(pipe) == 0, "the program failed: " + command);
  std::istringstream in(all);
  return lines_of(in);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 4) {
    std::fprintf(stderr, "usage: check FOLDER PICTURES PROGRAM [--quick]\n");
    return 2;
  }
  const fs::path folder = argv[1], pictures = argv[2];
  const bool quick = argc > 4 && std::string(argv[4]) == "--quick";
  const Lines text = lines_of(folder / "README.md");
  const Lines shown = pictures_in(text);
  for (const std::string& name : shown)  // of an earlier run
    fs::remove(pictures / fs::path(name).filename());
  std::string command = argv[3];
  command += " --pictures " + pictures.string();
  if (quick) command += " --quick";
  const Lines printed = run(command);

  const auto is_skip = [](const std::string& line) { return line.starts_with("skipped: "); };
  if (failures == 0 && std::any_of(printed.begin(), printed.end(), is_skip)) return 77;

  std::vector<Lines> sources;
  for (const auto& entry : fs::recursive_directory_iterator(folder))
    if (entry.path().extension() == ".cpp" || entry.path().extension() == ".h")
      sources.push_back(lines_of(entry.path()));
  size_t of_code = 0;
  for (const Block& block : blocks_of(text)) {
    const std::string first = block.lines.empty() ? std::string() : block.lines[0];
    if (block.language == "cpp") {
      ++of_code;
      const bool found = std::any_of(sources.begin(), sources.end(), [&](const Lines& source) {
        return holds_code(source, block.lines);
      });
      expect(found, "README.md: no source holds this block:\n  " + first);
    }
    const bool is_free = block.language == "sh" || block.language == "math" ||
                         block.mark.starts_with("<!-- not held: ");
    if (block.language == "text")
      check_output(block, printed, quick);
    else
      expect(block.language == "cpp" || is_free, "README.md: a block of '" + block.language +
                                                     "' is neither code nor output:\n  " + first);
  }
  expect(of_code > 0, "README.md shows no code");
  check_pictures(shown, folder, pictures);
  return failures == 0 ? 0 : 1;
}
