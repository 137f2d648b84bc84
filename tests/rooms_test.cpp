// The structure of the sources: who includes whom, and what files are called.

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <map>
#include <regex>
#include <string>
#include <vector>

#include "check.h"

namespace fs = std::filesystem;

namespace {

// From the bottom up: a room includes from itself and from rooms before it.
const std::vector<std::string> rooms = {"tensor",   "kernels", "onednn",      "autograd", "ops",
                                        "wrappers", "nn",      "optim",       "io",       "data",
                                        "train",    "models",  "distributed", "testing",  "cli"};

size_t height(const std::string& room) {
  return static_cast<size_t>(std::find(rooms.begin(), rooms.end(), room) - rooms.begin());
}

std::vector<fs::path> sources_of(const std::string& room) {
  std::vector<fs::path> files;
  for (const auto& entry : fs::recursive_directory_iterator(fs::path(REWIND_SOURCES) / room))
    if (entry.path().extension() == ".h" || entry.path().extension() == ".cpp")
      files.push_back(entry.path());
  return files;
}

std::vector<std::string> includes_of(const fs::path& file) {
  static const std::regex include("^#include [<\"]([^>\"]+)[>\"]");
  std::vector<std::string> names;
  std::ifstream in(file);
  std::smatch match;
  for (std::string line; std::getline(in, line);)
    if (std::regex_search(line, match, include)) names.push_back(match[1]);
  return names;
}

// The room of rewind/ops/conv.h; "" for headers of others.
std::string room_of(const std::string& include) {
  static const std::regex own("^rewind/([a-z]+)/.*");
  std::smatch match;
  return std::regex_match(include, match, own) ? match[1].str() : "";
}

}  // namespace

BOOST_AUTO_TEST_SUITE(structure)

BOOST_AUTO_TEST_CASE(arrows_point_down) {
  size_t seen = 0;
  for (const std::string& room : rooms)
    for (const fs::path& file : sources_of(room))
      for (const std::string& include : includes_of(file)) {
        const std::string other = room_of(include);
        if (other.empty()) {
          BOOST_TEST(include != "rewind/rewind.h", file << " includes everything");
          continue;
        }
        ++seen;
        BOOST_TEST(height(other) < rooms.size(), file << ": the room of " << include << " is new");
        BOOST_TEST(height(other) <= height(room),
                   file << " includes " << include << ", from above");
      }
  BOOST_TEST(seen > 500);
}

BOOST_AUTO_TEST_CASE(kernels_know_neither_tensors_nor_the_tape) {
  for (const fs::path& file : sources_of("kernels"))
    for (const std::string& include : includes_of(file))
      BOOST_TEST(include != "rewind/tensor/tensor.h", file << " includes " << include);
}

BOOST_AUTO_TEST_CASE(one_room_includes_onednn) {
  for (const std::string& room : rooms)
    for (const fs::path& file : sources_of(room))
      for (const std::string& include : includes_of(file))
        BOOST_TEST(
            (room == "onednn" || !include.starts_with("dnnl") || include.starts_with("oneapi")),
            file << " includes " << include);
}

BOOST_AUTO_TEST_CASE(file_names_are_unique) {
  std::map<std::string, fs::path> files;
  for (const std::string& room : rooms)
    for (const fs::path& file : sources_of(room)) {
      // Both are public: the checks, and how to run them under Boost.Test.
      if (room == "testing" && file.filename() == "gradcheck.h") continue;
      const auto [other, added] = files.try_emplace(file.filename().string(), file);
      BOOST_TEST(added, file << " has the name of " << other->second);
    }
}

BOOST_AUTO_TEST_SUITE_END()
