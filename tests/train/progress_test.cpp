#include <rewind/train/progress.h>

#include <sstream>

#include "../check.h"

using namespace rw;
using namespace rw::training;
using rw::test::saying;

namespace {

// What a terminal of this width shows in the end: the last lines, without what was written over.
struct Screen {
  std::ostringstream out;
  ProgressOptions options(int width, bool unicode = false, bool color = false) {
    return {.out = &out, .width = width, .color = color, .unicode = unicode, .seconds = 0};
  }
  std::vector<std::string> writes() const {  // each redrawing, or line
    std::vector<std::string> all;
    std::string text = out.str(), mark = "\r\x1b[K";
    for (size_t at = text.find(mark); at != text.npos;) {
      const size_t next = text.find(mark, at + 1);
      const size_t begin = at + mark.size();
      all.push_back(text.substr(begin, next == text.npos ? next : next - begin));
      at = next;
    }
    return all;
  }
};

size_t columns(const std::string& text) {
  size_t count = 0;
  for (const char c : text) count += (c & 0xc0) != 0x80 && c != '\n';
  return count;
}

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != text.npos;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(progress)

BOOST_AUTO_TEST_CASE(a_bar_on_a_terminal) {
  Screen screen;
  Progress progress("epoch 1", 200, screen.options(100));
  progress.update(50, {{"loss", 2}, {"accuracy", 0.25}});
  progress.update(50, {{"loss", 1}, {"accuracy", 0.75}});
  progress.update(100, {{"loss", 0.5}, {"accuracy", 1}});
  progress.finish();
  const std::vector<std::string> lines = screen.writes();
  BOOST_TEST_REQUIRE(lines.size() == 4u);
  BOOST_TEST(lines[1].starts_with("epoch 1 ["));
  BOOST_TEST(contains(lines[1], "###"));
  BOOST_TEST(contains(lines[1], "...]   50 %  loss 1.5000  "));
  BOOST_TEST(contains(lines[1], " left  accuracy 0.5000  "));
  BOOST_TEST(contains(lines[1], " img/s"));
  BOOST_TEST(contains(lines[3], "100 %  loss 1.0000  in "));
  BOOST_TEST(contains(lines[3], "accuracy 0.7500"));
  BOOST_TEST(!contains(lines[3],
                       "."
                       ".]"));
  BOOST_TEST(lines[3].ends_with("\n"));
  for (const std::string& line : lines) BOOST_TEST(columns(line) < 100u);
  const Values values = progress.values();
  BOOST_TEST(values[0].first == "loss");
  BOOST_TEST(values[0].second == 1);
}

BOOST_AUTO_TEST_CASE(narrow_terminals_show_what_matters_most) {
  for (int width = 1; width < 130; ++width) {
    Screen screen;
    Progress progress("epoch 12", 100, screen.options(width, true));
    for (int i = 0; i < 50; ++i) progress.update(2, {{"loss", 50 - i}, {"accuracy", 0.5}});
    progress.finish();
    for (const std::string& line : screen.writes())
      BOOST_TEST(columns(line) < static_cast<size_t>(width) + (width == 1), width << ": " << line);
    const std::string last = screen.writes().back();
    if (width > 16) BOOST_TEST(contains(last, "epoch 12"));
    if (width > 34) BOOST_TEST(contains(last, "loss 25.5000"));
    if (width > 100) BOOST_TEST(contains(last, "█"));
  }
}

BOOST_AUTO_TEST_CASE(a_small_curve_of_the_first_number) {
  Screen screen;
  Progress progress("a", 4, screen.options(100, true));
  for (const double loss : {8, 4, 2, 1}) progress.update(1, {{"loss", loss}});
  BOOST_TEST(contains(screen.writes().back(), "█▄▂▁"));
  // However many there are, the curve stays short, and what is not finite is left out.
  Screen second;
  Progress long_one("a", 1000, second.options(120, true));
  for (int i = 0; i < 1000; ++i)
    long_one.update(1, {{"loss", i % 100 == 7 ? std::nan("") : 1000 - i}});
  const std::string line = second.writes().back();
  size_t blocks = 0;
  for (const char* level : {"▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"})
    for (size_t at = line.find(level); at != line.npos; at = line.find(level, at + 1)) ++blocks;
  BOOST_TEST(blocks >= 5u);
  BOOST_TEST(blocks <= 16u);
  BOOST_TEST(line.find("█") < line.find("▁"));
}

BOOST_AUTO_TEST_CASE(plain_lines_elsewhere) {
  Screen screen;
  ProgressOptions options = screen.options(0, true, true);
  options.unit = "batches";
  Progress progress("epoch 1", 4, options);
  progress.update(1, {{"loss", 12345678}});
  progress.set({{"val_loss", 0}});
  progress.print("saved");
  progress.finish();
  const std::string text = screen.out.str();
  BOOST_TEST(text.starts_with("epoch 1   25 %  loss 1.23e+07  "));
  BOOST_TEST(contains(text, " batches/s\nsaved\nepoch 1"));
  BOOST_TEST(contains(text, "val_loss 0.0000"));
  BOOST_TEST(!contains(text, "\r"));
  BOOST_TEST(!contains(text, "\x1b"));
}

BOOST_AUTO_TEST_CASE(colors) {
  const auto written = [](ProgressOptions options, std::optional<bool> color) {
    std::ostringstream out;
    options.out = &out;
    options.color = color;
    Progress("a", 2, options).update(1);
    return out.str();
  };
  const ProgressOptions options{.width = 80, .unicode = false, .seconds = 0};
  BOOST_TEST(contains(written(options, true), "\x1b[32m"));
  BOOST_TEST(!contains(written(options, false), "\x1b[3"));
  setenv("NO_COLOR", "1", 1);
  BOOST_TEST(!contains(written(options, {}), "\x1b[3"));
  setenv("NO_COLOR", "", 1);  // as if it were not there
  BOOST_TEST(contains(written(options, {}), "\x1b[32m"));
  unsetenv("NO_COLOR");
}

BOOST_AUTO_TEST_CASE(lines_above_the_bar) {
  Screen screen;
  Progress progress("a", 2, screen.options(80));
  progress.update(1);
  progress.print("note");
  const std::vector<std::string> lines = screen.writes();
  BOOST_TEST_REQUIRE(lines.size() == 3u);
  BOOST_TEST(lines[1] == "note\n");
  BOOST_TEST(lines[2].starts_with("a ["));
}

BOOST_AUTO_TEST_CASE(without_an_end) {
  Screen screen;
  Progress progress("a", 0, screen.options(80));
  progress.update(3, {{"loss", 1}});
  BOOST_TEST(!contains(screen.writes().back(), "%"));
  BOOST_TEST(!contains(screen.writes().back(), "left"));
  Progress nothing("b", 10, screen.options(80));
  nothing.finish();
  BOOST_TEST(contains(screen.writes().back(), "  0 %"));
}

BOOST_AUTO_TEST_CASE(numbers_of_nothing) {
  std::ostringstream out;
  Progress progress("p", 0, {.out = &out, .seconds = 0});
  progress.update(0, {{"loss", 1}});
  BOOST_TEST(progress.values().empty());
  progress.update(1, {{"loss", -std::nan("")}});
  progress.finish();
  BOOST_TEST(out.str().find("-nan") == std::string::npos);
  BOOST_TEST(out.str().find("loss nan") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(progress_refuses) {
  BOOST_CHECK_EXCEPTION(Progress("a", -1), Error,
                        saying("Progress: expected a total >= 0, got -1"));
  BOOST_CHECK_EXCEPTION(Progress("a", 1).update(-1), Error,
                        saying("Progress: update: expected items >= 0, got -1"));
  BOOST_CHECK_EXCEPTION(Progress("a", 1, {.width = -1}), Error,
                        saying("Progress: expected a width >= 0, got -1"));
}

BOOST_AUTO_TEST_SUITE_END()
