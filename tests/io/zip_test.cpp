#include <rewind/io/zip.h>

#include <rewind/tensor/check.h>

#include "../check.h"
#include "../folder.h"

using namespace rw;
using io::ZipEntry;
using io::ZipReader;
using io::ZipWriter;
using rw::test::Folder;
using rw::test::saying;

namespace {

struct Archives : Folder {
  // An archive of two entries.
  std::string small(size_t zip64_from = 0xffff'ffff) const {
    std::string bytes;
    ZipWriter zip([&](std::string_view piece) { bytes += piece; }, zip64_from);
    zip.add("first", "1234", "56789");
    zip.add("folder/é", "");
    zip.finish();
    return bytes;
  }
  ZipReader open(const std::string& bytes) const {
    return ZipReader("zip", std::make_shared<const io::MappedFile>("zip", write("a", bytes)));
  }
};

// The archive with other bytes at a place.
std::string with(std::string bytes, size_t at, std::string_view other) {
  return bytes.replace(at, other.size(), other);
}

}  // namespace

BOOST_FIXTURE_TEST_SUITE(zip, Archives)

BOOST_AUTO_TEST_CASE(what_is_written_is_read) {
  for (const size_t zip64_from : {size_t{0xffff'ffff}, size_t{0}, size_t{100}}) {
    const ZipReader archive = open(small(zip64_from));
    BOOST_TEST_REQUIRE(archive.entries().size() == 2u);
    BOOST_TEST(archive.entries()[1].name == "folder/é");
    const ZipEntry* first = archive.find("first");
    BOOST_TEST_REQUIRE(first != nullptr);
    BOOST_TEST(archive.read(*first).bytes == "123456789");
    BOOST_TEST(first->crc == 0xcbf43926u);
    BOOST_TEST(first->begin % 64 == 0u);
    BOOST_TEST(archive.read(*archive.find("folder/é")).bytes.empty());
    BOOST_TEST(archive.find("second") == nullptr);
  }
}

BOOST_AUTO_TEST_CASE(comments_and_empty_archives) {
  const std::string bytes = small();
  std::string commented = with(bytes, bytes.size() - 2, std::string_view("\6\0", 2)) + "PK\5\6hi";
  BOOST_TEST(open(commented).entries().size() == 2u);
  const std::string none = "PK\5\6" + std::string(18, '\0');
  BOOST_TEST(open(none).entries().empty());
}

BOOST_AUTO_TEST_CASE(many_entries) {
  std::string bytes;
  ZipWriter zip([&](std::string_view piece) { bytes += piece; });
  for (int i = 0; i < 65536; ++i) zip.add(std::to_string(i), "");
  zip.finish();
  const ZipReader archive = open(bytes);
  BOOST_TEST(archive.entries().size() == 65536u);
  BOOST_TEST(archive.find("65535") == &archive.entries()[65535]);
}

BOOST_AUTO_TEST_CASE(damage_is_named) {
  const std::string bytes = small();
  const size_t directory = bytes.find("PK\1\2"), second = bytes.find("PK\1\2", directory + 1),
               end = bytes.find("PK\5\6"), data = bytes.find("123456789");
  const auto refuses = [&](const std::string& damaged, const std::string& part) {
    BOOST_CHECK_EXCEPTION(
        {
          const ZipReader archive = open(damaged);
          for (const ZipEntry& entry : archive.entries()) archive.read(entry);
        },
        IOError, saying(part));
  };
  refuses("", "no zip archive, or truncated: it has no directory at its end");
  refuses(bytes.substr(0, bytes.size() - 1), "no zip archive, or truncated");
  refuses(with(bytes, data, "2"), "zip: \"first\" is damaged: its CRC-32 is another");
  refuses(with(bytes, directory + 8, "\1"), "\"first\" is encrypted");
  refuses(with(bytes, directory + 10, "\14"), "\"first\" is compressed by method 12, expected 0");
  refuses(with(bytes, directory + 24, "\12"), "\"first\" has 10 bytes, which can't come of 9");
  refuses(with(with(bytes, directory + 10, "\10"), 8, "\10"), "it does not give its 9 bytes");
  refuses(with(with(with(bytes, directory + 10, "\10"), 8, "\10"), directory + 26, "\1"),
          "\"first\" has 65545 bytes, which can't come of 9");
  refuses(with(bytes, directory + 10, "\10"), "do not agree on \"first\"");
  refuses(with(bytes, directory + 42, "\1"), "damaged: \"first\" is not at byte 1");
  refuses(with(bytes, directory + 42, "\xff\xff\xff\xff"), "truncated: expected 8 bytes");
  refuses(with(bytes, directory + 20, std::string_view("\xff\xff\0\0\xff\xff", 6)),
          "damaged: \"first\" ends after byte");
  refuses(with(bytes, directory + 46, "\xff"), "the name of an entry is not UTF-8");
  refuses(with(bytes, directory + 46, "g"), "do not agree on \"girst\"");
  refuses(with(bytes, second, "QK"), "damaged: an entry is not in its place");
  refuses(with(bytes, end + 8, "\1"), "the archive has several parts");
  refuses(with(with(bytes, end + 8, "\xff\0\xff\0"), end + 10, "\xff"), "can't have 255 entries");
  refuses(with(bytes, end + 16, "\xff\xff"), "damaged: the directory ends after byte");

  std::string twice = bytes;  // the same entry again
  twice.replace(second, end - second, bytes.substr(directory, second - directory));
  const auto bytes_of_two = static_cast<char>(2 * (second - directory));
  twice[twice.rfind("PK\5\6") + 12] = bytes_of_two;
  refuses(twice, "damaged: two entries overlap");
  const std::string large = small(0);
  refuses(with(large, large.find("PK\6\7") + 8, "\xff\xff"), "the record of a large archive");
  refuses(with(large, large.find("PK\6\6") + 40, "\xff\xff\xff"), "the directory ends after byte");
}

BOOST_AUTO_TEST_SUITE_END()
