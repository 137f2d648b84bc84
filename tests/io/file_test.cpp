// Files are there whole or not at all, whatever the system says in between: these calls of the C
// library go through functions of this program, which fail as asked.

#include <rewind/io/file.h>

#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>

#include <rewind/io/crc32c.h>

#include "../check.h"
#include "../folder.h"
#include "system_calls.h"

using namespace rw;
using io::AtomicFile;
using io::MappedFile;
using io::read_file;
using io::write_file;
using rw::test::Folder;
using rw::test::saying;

namespace {

size_t files_in(const Folder& folder) {
  const std::filesystem::directory_iterator begin(folder.path);
  return static_cast<size_t>(std::distance(begin, std::filesystem::directory_iterator()));
}

}  // namespace

BOOST_FIXTURE_TEST_SUITE(file, Folder)

BOOST_AUTO_TEST_CASE(what_was_written_is_read) {
  std::string content;
  for (int i = 0; i < 300000; ++i) content += static_cast<char>(i * 7);
  for (const std::string& s : {std::string(), std::string("a"), content}) {
    write_file("f", path / "a", s);
    BOOST_TEST((read("a") == s));
    BOOST_TEST((read_file("f", path / "a") == s));
    BOOST_TEST((MappedFile("f", path / "a").bytes() == s));
  }
  BOOST_TEST(files_in(*this) == 1u);
}

BOOST_AUTO_TEST_CASE(pieces_are_appended) {
  write("a", "old");
  {
    AtomicFile file("f", path / "a");
    file.write("one ");
    file.write("");
    file.write("two");
    BOOST_TEST(read("a") == "old");
    file.commit();
    BOOST_TEST(read("a") == "one two");
    write("a", "later");
  }
  BOOST_TEST(read("a") == "later");
  BOOST_TEST(files_in(*this) == 1u);
}

BOOST_AUTO_TEST_CASE(what_is_not_committed_is_dropped) {
  write("a", "old");
  AtomicFile("f", path / "a").write("new");
  AtomicFile("f", path / "b").write("new");
  BOOST_TEST(read("a") == "old");
  BOOST_TEST(files_in(*this) == 1u);
}

BOOST_AUTO_TEST_CASE(rights_and_links_stay) {
  write("a", "old");
  BOOST_REQUIRE(chmod((path / "a").c_str(), 0640) == 0);
  std::filesystem::create_symlink("a", path / "link");
  write_file("f", path / "link", "new");
  BOOST_TEST(std::filesystem::is_symlink(path / "link"));
  BOOST_TEST(read("a") == "new");
  struct stat now = {};
  BOOST_REQUIRE(stat((path / "a").c_str(), &now) == 0);
  BOOST_TEST((now.st_mode & 07777) == 0640u);
}

BOOST_AUTO_TEST_CASE(links_to_what_is_not_there_yet) {
  std::filesystem::create_directory(path / "below");
  std::filesystem::create_symlink("below/link", path / "link");
  std::filesystem::create_symlink(path / "a", path / "below" / "link");
  write_file("f", path / "link", "new");
  BOOST_TEST(std::filesystem::is_symlink(path / "link"));
  BOOST_TEST(std::filesystem::is_symlink(path / "below" / "link"));
  BOOST_TEST(read("a") == "new");
  // In a circle: an error, or a file.
  std::filesystem::create_symlink("circle", path / "circle");
  try {
    write_file("f", path / "circle", "new");
  } catch (const IOError&) {
  }
}

BOOST_AUTO_TEST_CASE(pieces_of_killed_processes_are_removed) {
  const pid_t child = fork();
  if (child == 0) {
    for (const char* name : {"a", "b"}) {
      auto* file = new AtomicFile("f", path / name);
      file->write("half");
    }
    raise(SIGKILL);
  }
  int status = 0;
  BOOST_REQUIRE(waitpid(child, &status, 0) == child);
  BOOST_TEST(files_in(*this) == 2u);
  const std::string gone = std::to_string(child);
  for (const std::string& other : {".rewind-a-" + gone + "-x", ".rewind-a-x-" + gone + "-0",
                                   ".rewind-a-" + std::to_string(getpid()) + "-999"})
    write(other, "is another's");
  const AtomicFile alive("f", path / "a");
  BOOST_TEST(files_in(*this) == 5u);  // that of a is gone
  write_file("f", path / "a", "new");
  write_file("f", path / "b", "new");
  BOOST_TEST(files_in(*this) == 6u);
  // Names as long as they can be.
  write_file("f", path / std::string(255, 'n'), "new");
  BOOST_TEST(read(std::string(255, 'n')) == "new");
}

BOOST_AUTO_TEST_CASE(whatever_fails_leaves_the_old_file) {
  write("a", "old");
  const std::string a = path / "a", content(1000, 'x');
  for (const char* call : {"write", "fsync", "close", "rename"}) {
    system_calls::fail(call, 0, call == std::string("write") ? ENOSPC : EIO);
    BOOST_CHECK_EXCEPTION(
        write_file("save", a, content), IOError,
        saying("save: " + a + " can't be written: " +
               (call == std::string("write") ? "No space left on device" : "Input/output error")));
    system_calls::reset();
    BOOST_TEST(read("a") == "old", call);
    BOOST_TEST(files_in(*this) == 1u, call);
  }
  // The folder's, after the file has its name: all of the new one is there.
  system_calls::fail("fsync", 1, EIO);
  BOOST_CHECK_THROW(write_file("save", a, content), IOError);
  system_calls::reset();
  BOOST_TEST(read("a") == content);
  BOOST_TEST(files_in(*this) == 1u);
}

BOOST_AUTO_TEST_CASE(what_the_file_system_does_not_know_is_no_error) {
  system_calls::fail("fsync", 0, EINVAL);
  write_file("save", path / "a", "new");
  system_calls::fail("fsync", 1, ENOTSUP);
  write_file("save", path / "b", "new");
  system_calls::reset();
  BOOST_TEST(read("a") + read("b") == "newnew");
}

BOOST_AUTO_TEST_CASE(short_and_interrupted_writes_go_on) {
  std::string content;
  for (int i = 0; i < 1000; ++i) content += std::to_string(i);
  system_calls::most_bytes = 7;
  write_file("save", path / "a", content);
  system_calls::reset();
  BOOST_TEST(read("a") == content);
  for (const char* call : {"write", "fsync"}) {
    system_calls::fail(call, 0, EINTR);
    write_file("save", path / "a", content + call);
    system_calls::reset();
    BOOST_TEST(read("a") == content + call);
  }
  // And then the disk is full.
  write("a", "old");
  system_calls::most_bytes = 7;
  system_calls::fail("write", 3, ENOSPC);
  BOOST_CHECK_THROW(write_file("save", path / "a", content), IOError);
  system_calls::reset();
  BOOST_TEST(read("a") == "old");
  BOOST_TEST(files_in(*this) == 1u);
}

BOOST_AUTO_TEST_CASE(devices) {
  BOOST_CHECK_EXCEPTION(write_file("save", "/dev/full", "new"), IOError,
                        saying("save: /dev/full can't be written: No space left on device"));
  write_file("save", "/dev/null", "new");
  BOOST_TEST(std::filesystem::is_character_file("/dev/full"));
  BOOST_TEST(std::filesystem::is_character_file("/dev/null"));
}

BOOST_AUTO_TEST_CASE(folders_that_are_not_there_or_may_not_be_changed) {
  BOOST_CHECK_EXCEPTION(write_file("save", path / "no" / "a", "new"), IOError,
                        saying("/no/a can't be written: No such file or directory"));
  BOOST_CHECK_EXCEPTION(write_file("save", path, "new"), IOError, saying("Is a directory"));
  BOOST_CHECK_EXCEPTION(write_file("save", "", "new"), IOError, saying("can't be written"));

  write("a", "old");
  std::filesystem::permissions(path, std::filesystem::perms(0555));
  const bool is_root = geteuid() == 0;
  if (is_root && seteuid(65534) != 0) {
    BOOST_WARN_MESSAGE(false, "a folder that may not be changed: root can't be left");
  } else {
    BOOST_CHECK_EXCEPTION(write_file("save", path / "a", "new"), IOError,
                          saying("can't be written: Permission denied"));
    if (is_root) BOOST_REQUIRE(seteuid(0) == 0);
  }
  std::filesystem::permissions(path, std::filesystem::perms(0755));
  BOOST_TEST(read("a") == "old");
  BOOST_TEST(files_in(*this) == 1u);
}

BOOST_AUTO_TEST_CASE(killed_at_any_call_there_is_the_old_file_or_the_new_one) {
  const std::string fresh(1000, 'x');
  bool found_old = false, found_new = false, ended = false;
  for (int call = 0; !ended; ++call) {
    write("a", "old");
    const pid_t child = fork();
    if (child == 0) {
      system_calls::most_bytes = 300;
      system_calls::kill_at(call);
      write_file("save", path / "a", fresh);
      _exit(0);
    }
    int status = 0;
    BOOST_REQUIRE(waitpid(child, &status, 0) == child);
    ended = WIFEXITED(status);
    BOOST_TEST_REQUIRE((ended || WTERMSIG(status) == SIGKILL));
    const std::string content = read("a");
    BOOST_TEST((content == "old" || content == fresh));
    found_old = found_old || content == "old";
    found_new = found_new || (!ended && content == fresh);
    BOOST_TEST_REQUIRE(call < 100);
  }
  BOOST_TEST(found_old);
  BOOST_TEST(found_new);
}

BOOST_AUTO_TEST_CASE(a_map_is_written_to_without_changing_the_file) {
  write("a", "0123456789");
  const MappedFile map("f", path / "a");
  map.data()[3] = 'x';
  BOOST_TEST(map.bytes() == "012x456789");
  BOOST_TEST(read("a") == "0123456789");
  write_file("f", path / "a", "new");  // what is mapped is the old file
  BOOST_TEST(map.bytes() == "012x456789");
}

BOOST_AUTO_TEST_CASE(what_cannot_be_read) {
  BOOST_CHECK_EXCEPTION(read_file("f", "/nowhere/a"), IOError,
                        saying("f: cannot open /nowhere/a: No such file or directory"));
  BOOST_CHECK_EXCEPTION(read_file("f", path), IOError, saying("Is a directory"));
  BOOST_CHECK_EXCEPTION(MappedFile("f", "/nowhere/a"), IOError,
                        saying("f: cannot open /nowhere/a: No such file or directory"));
  BOOST_CHECK_EXCEPTION(MappedFile("f", path), IOError, saying("it is no regular file"));
}

BOOST_AUTO_TEST_CASE(checksums) {
  // RFC 3720, B.4.
  std::string up, down;
  for (int i = 0; i < 32; ++i) up += static_cast<char>(i), down += static_cast<char>(31 - i);
  const std::pair<std::string, uint32_t> known[] = {{"", 0},
                                                    {"123456789", 0xe3069283},
                                                    {std::string(32, '\0'), 0x8a9136aa},
                                                    {std::string(32, '\xff'), 0x62a8ab43},
                                                    {up, 0x46dd794e},
                                                    {down, 0x113fdb5c}};
  for (const auto& [bytes, sum] : known) {
    BOOST_TEST(io::crc32c(bytes) == sum);
    BOOST_TEST(io::detail::crc32c_by_tables(bytes) == sum);
  }
  std::string content;
  for (int i = 0; i < 100; ++i) content += static_cast<char>(i * i);
  for (size_t n = 0; n <= content.size(); ++n) {
    const std::string_view all = content, first = all.substr(0, n), rest = all.substr(n);
    BOOST_TEST(io::crc32c(rest, io::crc32c(first)) == io::crc32c(all));
    BOOST_TEST(io::detail::crc32c_by_tables(rest) == io::crc32c(rest));
  }
}

BOOST_AUTO_TEST_SUITE_END()
