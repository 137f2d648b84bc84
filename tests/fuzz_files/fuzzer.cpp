// The program of `./dev fuzz files`: libFuzzer over one reader, `--reader=NAME`.

#include <unistd.h>

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>

#include <rewind/tensor/error.h>

#include "readers.h"

using namespace rw;

namespace {
const test::FileReader* reader = nullptr;
std::string place;  // a file in memory
}  // namespace

extern "C" int LLVMFuzzerInitialize(int* argc, char*** argv) {
  constexpr const char* option = "--reader=";
  for (int i = 1; i < *argc; ++i)
    if (const std::string text = (*argv)[i]; text.starts_with(option))
      reader = &test::file_reader(text.substr(std::strlen(option)));
  if (!reader) {
    std::fputs("--reader=NAME, of these:", stderr);
    for (const test::FileReader& r : test::file_readers())
      std::fprintf(stderr, " %s", r.name.c_str());
    std::fputs("\n", stderr);
    std::exit(2);
  }
  place = "/dev/shm/rewind_fuzz_" + std::to_string(getpid());
  std::atexit([] {
    std::filesystem::remove(place);
    std::filesystem::remove_all(place + ".folder");
  });
  return 0;
}

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  std::ofstream(place, std::ios::binary)
      << reader->file({reinterpret_cast<const char*>(data), size});
  try {
    reader->read(place);
  } catch (const Error&) {
  }
  return 0;
}
