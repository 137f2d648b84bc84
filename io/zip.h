#pragma once
// Private to the library's sources: zip archives (PKWARE's APPNOTE 6.3), as NumPy and PyTorch write
// them.

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <rewind/io/file.h>
#include <rewind/io/tensor_bytes.h>

namespace rw::io {

/// A file in an archive.
struct ZipEntry {
  std::string name;
  bool deflated = false;
  uint32_t crc = 0;
  size_t begin = 0;   // of its bytes in the archive
  size_t packed = 0;  // how many these are
  size_t size = 0;    // how many they are without compression
};

/// An archive that is read. Errors are IOErrors that begin with `where`.
class ZipReader {
 public:
  /// Checks where everything lies: entries are within the file and don't overlap, names are unique,
  /// sizes are such as deflate can reach.
  ZipReader(std::string where, std::shared_ptr<const MappedFile> file);

  /// In the directory's order.
  const std::vector<ZipEntry>& entries() const { return entries_; }
  /// The entry of this name; null where there is none.
  const ZipEntry* find(std::string_view name) const;
  /// An entry's bytes, by their checksum: those of the file where it is stored.
  OwnedBytes read(const ZipEntry& entry) const;
  /// The first bytes of an entry, at most so many. Their checksum is not looked at.
  OwnedBytes peek(const ZipEntry& entry, size_t most) const;

 private:
  std::string_view packed_bytes(const ZipEntry& entry) const;
  OwnedBytes inflated(const ZipEntry& entry, size_t most) const;

  std::string where_;
  std::shared_ptr<const MappedFile> file_;
  std::vector<ZipEntry> entries_;
  std::vector<size_t> by_name_;  // indices of entries
};

/// An archive that is written: entries as they are, each beginning at a multiple of 64 bytes, so
/// that they can be mapped.
class ZipWriter {
 public:
  using Sink = std::function<void(std::string_view)>;

  /// Writes by `sink`, piece after piece. Entries and archives from `zip64_from` bytes on take 64
  /// bits for sizes and places.
  explicit ZipWriter(Sink sink, size_t zip64_from = 0xffff'ffff)
      : sink_(std::move(sink)), zip64_from_(zip64_from) {}

  /// Appends an entry, of a name of at most 32,000 bytes, that holds `head` and then `body`.
  void add(std::string_view name, std::string_view head, std::string_view body = {});
  /// Appends the directory.
  void finish();

 private:
  void write(std::string_view bytes);

  Sink sink_;
  size_t zip64_from_, at_ = 0, count_ = 0;
  std::string directory_;
};

}  // namespace rw::io
