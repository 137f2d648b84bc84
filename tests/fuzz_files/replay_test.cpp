// What `./dev fuzz files` has found worth keeping, read again.

#include <rewind/tensor/allocator.h>

#include "../check.h"
#include "../folder.h"
#include "readers.h"

using namespace rw;
using rw::test::Folder;

BOOST_FIXTURE_TEST_SUITE(replay, Folder)

BOOST_AUTO_TEST_CASE(corpora) {
  for (const test::FileReader& reader : test::file_readers()) {
    const auto inputs = test::read_corpus(REWIND_CORPORA "/" + reader.name);
    BOOST_TEST(!inputs.empty(), reader.name);
    size_t read = 0;
    for (const std::string& bytes : inputs) {
      const std::string file = write("input", reader.file(bytes));
      reset_peak_memory();
      const int64_t before = memory_stats().current;
      try {
        reader.read(file);
        ++read;
      } catch (const IOError&) {
      }
      // Deflate makes up to a thousand bytes of one.
      BOOST_TEST(memory_stats().peak - before < 50'000'000, reader.name);
    }
    BOOST_TEST(read < inputs.size(), reader.name);
  }
}

BOOST_AUTO_TEST_SUITE_END()
