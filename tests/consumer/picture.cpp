// Links rewind::png alone.

#include <cstdio>

#include <rewind/io/png.h>
#include <rewind/rewind.h>

int main() {
  const rewind::Tensor picture = rewind::from<uint8_t>({{1, 2}, {3, 4}});
  const bool ok = rewind::io::decode_png(rewind::io::encode_png(picture))[0].equal(picture);
  std::printf("%s\n", ok ? "a picture came back" : "another picture came back");
  return ok ? 0 : 1;
}
