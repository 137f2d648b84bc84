// The texts, as GitHub and the site show them: links lead somewhere, pictures have a description,
// and what there is stands in the lists of it.

#include <algorithm>
#include <cctype>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <regex>
#include <set>
#include <string>
#include <vector>

#include "check.h"

namespace fs = std::filesystem;

namespace {

const fs::path root = REWIND_SOURCES;

std::string contents(const fs::path& file) {
  std::ifstream in(file);
  BOOST_TEST_REQUIRE(in.good(), file << " can't be read");
  return {std::istreambuf_iterator<char>(in), {}};
}

std::vector<fs::path> texts_of(const fs::path& folder) {
  std::vector<fs::path> all;
  for (const auto& entry : fs::directory_iterator(root / folder))
    if (entry.path().extension() == ".md") all.push_back(entry.path());
  return all;
}

std::vector<fs::path> tutorials() {
  std::vector<fs::path> all;
  for (const auto& entry : fs::directory_iterator(root / "tutorials"))
    if (std::isdigit(entry.path().filename().string()[0])) all.push_back(entry.path());
  return all;
}

std::vector<fs::path> all_texts() {
  std::vector<fs::path> all;
  for (const char* folder : {".", "docs", "tutorials", "benchmarks"})
    for (const fs::path& text : texts_of(folder)) all.push_back(text);
  for (const fs::path& tutorial : tutorials()) all.push_back(tutorial / "README.md");
  return all;
}

std::string without_code(const std::string& text) {
  std::string prose;
  bool inside = false;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    const bool fence = line.starts_with("```");
    if (!fence && !inside) prose += line + "\n";
    inside ^= fence;
  }
  return prose;
}

// What GitHub and Sphinx make of headings.
std::set<std::string> anchors_of(const fs::path& file) {
  static const std::regex heading(R"((?:^|\n)#+ ([^\n]*))"), link(R"(\[([^\]]*)\]\([^)]*\))");
  const std::string text = without_code(contents(file));
  std::set<std::string> anchors;
  for (std::sregex_iterator i(text.begin(), text.end(), heading), end; i != end; ++i) {
    std::string slug;
    for (const char c : std::regex_replace((*i)[1].str(), link, "$1"))
      if (c == ' ')
        slug += '-';
      else if (std::isalnum(static_cast<unsigned char>(c)) || c == '-' || c == '_' || c < 0)
        slug += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    anchors.insert(slug);
  }
  return anchors;
}

void check_link(const fs::path& text, const std::string& link) {
  const size_t hash = std::min(link.find('#'), link.size());
  const fs::path target = hash == 0 ? text : text.parent_path() / link.substr(0, hash);
  BOOST_TEST(fs::exists(target), text << ": there is no " << link);
  if (hash < link.size() && target.extension() == ".md" && fs::exists(target))
    BOOST_TEST(anchors_of(target).contains(link.substr(hash + 1)),
               text << ": there is no such heading: " << link);
}

}  // namespace

BOOST_AUTO_TEST_SUITE(texts)

BOOST_AUTO_TEST_CASE(links_lead_somewhere) {
  static const std::regex code("`[^`\n]*`"), link(R"(\]\(([^)\s]+)\))");
  size_t seen = 0;
  for (const fs::path& file : all_texts()) {
    const std::string text = std::regex_replace(without_code(contents(file)), code, "");
    for (std::sregex_iterator i(text.begin(), text.end(), link), end; i != end; ++i)
      if ((*i)[1].str().find(':') == std::string::npos) ++seen, check_link(file, (*i)[1]);
  }
  BOOST_TEST(seen > 300);
}

BOOST_AUTO_TEST_CASE(pictures_have_a_description) {
  for (const fs::path& file : all_texts())
    BOOST_TEST(without_code(contents(file)).find("![](") == std::string::npos, file);
}

BOOST_AUTO_TEST_CASE(guides_and_tutorials_are_listed) {
  const std::string guides = contents(root / "docs/README.md");
  for (const fs::path& file : texts_of("docs"))
    BOOST_TEST((file.filename() == "README.md" ||
                guides.find("(" + file.filename().string() + ")") != std::string::npos),
               "docs/README.md does not list " << file.filename());
  const std::string lessons = contents(root / "tutorials/README.md");
  for (const fs::path& folder : tutorials())
    BOOST_TEST(lessons.find("(" + folder.filename().string() + "/README.md)") != std::string::npos,
               "tutorials/README.md does not list " << folder.filename());
}

// The reference is made of the headers that Doxyfile names.
BOOST_AUTO_TEST_CASE(installed_headers_are_in_the_reference) {
  static const std::regex files(R"(FILE_SET\s+HEADERS\s+FILES\s+([^)]*)\))"), word(R"(\S+)");
  const std::string doxyfile = contents(root / "Doxyfile"), source = "${PROJECT_SOURCE_DIR}/";
  size_t seen = 0;
  for (const auto& entry : fs::directory_iterator(root)) {
    if (!fs::exists(entry.path() / "CMakeLists.txt") || entry.path().filename() == "build")
      continue;
    const std::string rules = contents(entry.path() / "CMakeLists.txt");
    for (std::sregex_iterator i(rules.begin(), rules.end(), files), end; i != end; ++i) {
      const std::string list = (*i)[1];
      for (std::sregex_iterator name(list.begin(), list.end(), word); name != end; ++name) {
        const std::string file = name->str();
        const std::string path = file.starts_with(source)
                                     ? file.substr(source.size())
                                     : entry.path().filename().string() + "/" + file;
        ++seen;
        BOOST_TEST(doxyfile.find(path) != std::string::npos, "Doxyfile does not name " << path);
      }
    }
  }
  BOOST_TEST(seen > 100);
}

BOOST_AUTO_TEST_SUITE_END()
