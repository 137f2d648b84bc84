// Files of another kind, and what is no file: each reader says in a sentence which file it is and
// what was expected.

#include <unistd.h>

#include <algorithm>
#include <map>
#include <set>

#include "../check.h"
#include "../folder.h"
#include "../fuzz_files/readers.h"

using namespace rw;
using rw::test::FileReader;
using rw::test::Folder;

namespace {

const std::string stored = REWIND_IO_FILES;

// What a reader says of a file; empty where it reads it.
std::string refusal(const FileReader& reader, const std::string& path) {
  try {
    reader.read(path);
    return "";
  } catch (const IOError& e) {
    return e.what();
  }
}

// Of files, unlike that of JSON.
std::vector<FileReader> readers() {
  std::vector<FileReader> all = test::file_readers();
  std::erase_if(all, [](const FileReader& reader) { return reader.name == "json"; });
  return all;
}

void check_sentence(const FileReader& reader, const std::string& path, const std::string& text) {
  BOOST_TEST(!text.empty(), reader.name << " reads " << path);
  BOOST_TEST(test::contains(text, path), reader.name << ": " << text);
  BOOST_TEST(text.find('\n') == text.npos, reader.name << ": " << text);
}

}  // namespace

BOOST_FIXTURE_TEST_SUITE(wrong_files, Folder)

BOOST_AUTO_TEST_CASE(of_another_kind) {
  const std::string picture = test::content_of(stored + "/pictures/grey.png");
  const std::string photograph = test::content_of(stored + "/pictures/grey.jpg");
  const std::map<std::string, std::string> kinds = {
      {"text", "This is a text, and no file of any other kind.\nIt has two lines.\n"},
      {"html", "<!DOCTYPE html>\n<html><body>404 Not Found</body></html>\n"},
      {"png", picture},
      {"jpeg", photograph},
      {"zip", std::string("PK\5\6") + std::string(18, '\0')},
      {"zeros", std::string(4096, '\0')},
      {"empty", ""}};
  std::map<std::string, std::set<std::string>> taken = {
      {"png", {"png", "image"}}, {"jpeg", {"jpeg", "image"}}, {"zip", {"npz"}}};
  for (const FileReader& reader : readers())
    for (const auto& [kind, bytes] : kinds) {
      if (taken[kind].contains(reader.name)) continue;
      const std::string path = write("a." + kind, bytes);
      const std::string text = refusal(reader, path);
      check_sentence(reader, path, text);
      BOOST_TEST(test::contains(text, reader.kind), reader.name << " of " << kind << ": " << text);
    }
}

BOOST_AUTO_TEST_CASE(texts) {
  const std::string path = write("notes.txt", "This is a text.\n");
  const auto says = [&](const char* reader, const std::string& text) {
    BOOST_TEST(refusal(test::file_reader(reader), path) == text);
  };
  says("load", "load: " + path + ": neither a file of safetensors nor one of torch.save");
  says("training_state",
       "TrainingState::load: " + path + ": no training state: it is no safetensors file");
  says("npz", "load_npz: " + path + ": no .npz file: it is no zip archive");
  says("onnx", "import_model: " + path +
                   ": no ONNX file: it does not begin with the version of the format");
}

BOOST_AUTO_TEST_CASE(no_files) {
  constexpr const char* reasons[] = {"it is no regular file", "Is a directory", "No such file",
                                     "Too many levels of symbolic links", "there is no test"};
  std::filesystem::create_symlink("loop", path / "loop");
  std::filesystem::create_directory(path / "folder");
  for (const FileReader& reader : readers())
    for (const char* name : {"folder", "missing", "loop"}) {
      const std::string text = refusal(reader, path / name);
      check_sentence(reader, path / name, text);
      const bool has_reason =
          std::any_of(std::begin(reasons), std::end(reasons),
                      [&](const char* reason) { return test::contains(text, reason); });
      BOOST_TEST(has_reason, reader.name << ": " << text);
    }
}

// Who may read everything, as root may, finds no file that is closed.
BOOST_AUTO_TEST_CASE(closed_files, *boost::unit_test::precondition([](auto) {
                       return boost::test_tools::assertion_result(geteuid() != 0);
                     })) {
  const std::string path = write("closed", "x");
  std::filesystem::permissions(path, std::filesystem::perms::none);
  for (const FileReader& reader : readers()) {
    const std::string text = refusal(reader, path);
    check_sentence(reader, path, text);
    BOOST_TEST(test::contains(text, "Permission denied"), reader.name << ": " << text);
  }
}

BOOST_AUTO_TEST_SUITE_END()
