#include <rewind/io/file.h>
#include <rewind/tensor/profile.h>

void rw::profile::write_trace(const std::string& path) const {
  io::write_file("write_trace", path, trace());
}
