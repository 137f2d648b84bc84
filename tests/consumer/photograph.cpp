// Links rewind::images alone.

#include <cstdio>

#include <rewind/data/image_folder.h>
#include <rewind/io/jpeg.h>
#include <rewind/rewind.h>

int main() {
  try {
    rewind::io::decode_jpeg("a text");
  } catch (const rewind::IOError& e) {
    std::printf("%s\n", e.what());
    return 0;
  }
  return 1;
}
