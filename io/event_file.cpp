#include <rewind/io/event_file.h>

#include <bit>
#include <cerrno>
#include <cstring>
#include <utility>

#include <rewind/io/byte_reader.h>
#include <rewind/io/crc32c.h>
#include <rewind/tensor/check.h>

namespace rw::io::detail {

uint32_t masked_crc32c(std::string_view bytes) { return std::rotr(crc32c(bytes), 15) + 0xa282ead8; }

EventFile::EventFile(std::string path, double wall_time)
    : path_(std::move(path)), file_(std::fopen(path_.c_str(), "wbxe")) {
  check<IOError>(file_ != nullptr, "SummaryWriter: {} can't be made: {}", path_,
                 std::strerror(errno));
  write(Message().real(1, wall_time).bytes(3, "brain.Event:2"));
}

EventFile::~EventFile() { std::fclose(file_); }

void EventFile::write(const Message& event) {
  std::string record;
  append_number(record, uint64_t{event.str().size()});
  append_number(record, masked_crc32c(record));
  record += event.str();
  append_number(record, masked_crc32c(event.str()));
  check_written(std::fwrite(record.data(), 1, record.size(), file_) == record.size());
}

void EventFile::flush() { check_written(std::fflush(file_) == 0); }

void EventFile::check_written(bool written) {
  check<IOError>(written, "SummaryWriter: {} can't be written: {}", path_, std::strerror(errno));
}

}  // namespace rw::io::detail
