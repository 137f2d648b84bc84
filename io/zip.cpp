#include <rewind/io/zip.h>

#include <zlib.h>

#include <algorithm>
#include <numeric>
#include <utility>

#include <rewind/io/byte_reader.h>
#include <rewind/io/json.h>
#include <rewind/io/utf8.h>
#include <rewind/tensor/check.h>

namespace rw::io {

namespace {

constexpr std::string_view local_mark = "PK\3\4", central_mark = "PK\1\2", end_mark = "PK\5\6",
                           zip64_end_mark = "PK\6\6", zip64_locator_mark = "PK\6\7";
constexpr size_t local_bytes = 30, central_bytes = 46, end_bytes = 22, zip64_locator_bytes = 20;
constexpr uint16_t stored_method = 0, deflate_method = 8;
constexpr uint16_t encrypted_flag = 1, utf8_flag = 1 << 11;
constexpr uint16_t zip64_extra = 1;
constexpr uint32_t full32 = 0xffff'ffff;
constexpr uint16_t full16 = 0xffff;
constexpr size_t most_expansion = 1032;    // of deflate
constexpr size_t piece = size_t{1} << 30;  // zlib counts in 32 bits

uint32_t crc_of(std::string_view bytes, uint32_t before = 0) {
  if (bytes.empty()) return before;  // zlib takes a null pointer for the beginning
  return static_cast<uint32_t>(
      crc32_z(before, reinterpret_cast<const Bytef*>(bytes.data()), bytes.size()));
}

// --- Reading ------------------------------------------------------------------------------------

// Where the directory of an archive lies.
struct Directory {
  size_t begin, bytes, entries;
};

// Where the record at the end begins: its comment ends with the file.
size_t find_end(const std::string& where, std::string_view file) {
  for (size_t comment = 0; comment <= full16 && end_bytes + comment <= file.size(); ++comment) {
    const size_t at = file.size() - end_bytes - comment;
    if (!file.substr(at).starts_with(end_mark)) continue;
    if (ByteReader(where, file.substr(at + 20)).number<uint16_t>() == comment) return at;
  }
  fail<IOError>("{}: no zip archive, or truncated: it has no directory at its end", where);
}

// A number of 64 bits takes the place of those that the record has no room for.
Directory find_zip64_directory(const std::string& where, std::string_view file, size_t locator) {
  ByteReader place(where, file.substr(locator + 8));
  const auto at = place.number<uint64_t>();
  check<IOError>(at < locator && file.substr(at).starts_with(zip64_end_mark),
                 "{}: damaged: the record of a large archive is not at byte {}", where, at);
  ByteReader record(where, file.substr(at + 24, locator - at));
  const auto here = record.number<uint64_t>(), entries = record.number<uint64_t>(),
             bytes = record.number<uint64_t>(), begin = record.number<uint64_t>();
  check<IOError>(here == entries, "{}: the archive has several parts", where);
  check<IOError>(bytes <= at && begin <= at - bytes,
                 "{}: damaged: the directory ends after byte {}", where, at);
  return {begin, bytes, entries};
}

Directory find_directory(const std::string& where, std::string_view file) {
  const size_t at = find_end(where, file);
  if (at >= zip64_locator_bytes &&
      file.substr(at - zip64_locator_bytes).starts_with(zip64_locator_mark))
    return find_zip64_directory(where, file, at - zip64_locator_bytes);
  ByteReader record(where, file.substr(at + 8));
  const auto here = record.number<uint16_t>(), entries = record.number<uint16_t>();
  const auto bytes = record.number<uint32_t>(), begin = record.number<uint32_t>();
  check<IOError>(here == entries, "{}: the archive has several parts", where);
  check<IOError>(bytes <= at && begin <= at - bytes,
                 "{}: damaged: the directory ends after byte {}", where, at);
  return {begin, bytes, entries};
}

// Replaces those of the numbers that have no room in 32 bits.
void read_zip64(const std::string& where, std::string_view extra, uint64_t* const (&numbers)[3]) {
  ByteReader in(where, extra);
  while (in.rest().size() >= 4) {
    const auto id = in.number<uint16_t>();
    ByteReader field(where, in.take(in.number<uint16_t>()));
    if (id != zip64_extra) continue;
    for (uint64_t* number : numbers)
      if (*number == full32) *number = field.number<uint64_t>();
    return;
  }
}

// An entry of the directory, and where its own header begins.
std::pair<ZipEntry, size_t> read_central(ByteReader& in) {
  const std::string& where = in.where();
  check<IOError>(in.rest().starts_with(central_mark), "{}: damaged: an entry is not in its place",
                 where);
  in.take(8);
  const auto flags = in.number<uint16_t>(), method = in.number<uint16_t>();
  in.take(4);
  ZipEntry entry;
  entry.crc = in.number<uint32_t>();
  uint64_t packed = in.number<uint32_t>(), size = in.number<uint32_t>();
  const auto name = in.number<uint16_t>(), extra = in.number<uint16_t>(),
             comment = in.number<uint16_t>();
  in.take(8);
  uint64_t begin = in.number<uint32_t>();
  entry.name = in.take(name);
  read_zip64(where, in.take(extra), {&size, &packed, &begin});
  in.take(comment);
  check<IOError>(first_no_character(entry.name) == std::string::npos,
                 "{}: the name of an entry is not UTF-8", where);
  const std::string shown = json_string(entry.name);
  check<IOError>((flags & encrypted_flag) == 0, "{}: {} is encrypted", where, shown);
  check<IOError>(method == stored_method || method == deflate_method,
                 "{}: {} is compressed by method {}, expected 0 (stored) or 8 (deflate)", where,
                 shown, method);
  entry.deflated = method == deflate_method;
  entry.packed = packed;
  entry.size = size;
  check<IOError>(entry.deflated ? size / most_expansion <= packed : size == packed,
                 "{}: {} has {} bytes, which can't come of {}", where, shown, size, packed);
  return {std::move(entry), begin};
}

// Finds the bytes behind an entry's own header, which ends before byte `end` as they do.
void find_bytes(const std::string& where, std::string_view file, size_t header, size_t end,
                ZipEntry& entry) {
  const std::string shown = json_string(entry.name);
  check<IOError>(header < end && file.substr(header).starts_with(local_mark),
                 "{}: damaged: {} is not at byte {}", where, shown, header);
  ByteReader in(where, file.substr(header, end - header));
  in.take(8);
  const auto method = in.number<uint16_t>();
  in.take(16);
  const auto name = in.number<uint16_t>(), extra = in.number<uint16_t>();
  check<IOError>(
      in.take(name) == entry.name && method == (entry.deflated ? deflate_method : stored_method),
      "{}: damaged: the directory and the entry do not agree on {}", where, shown);
  in.take(extra);
  check<IOError>(entry.packed <= in.rest().size(), "{}: damaged: {} ends after byte {}", where,
                 shown, end);
  entry.begin = end - in.rest().size();
}

}  // namespace

ZipReader::ZipReader(std::string where, std::shared_ptr<const MappedFile> file)
    : where_(std::move(where)), file_(std::move(file)) {
  const std::string_view bytes = file_->bytes();
  const Directory directory = find_directory(where_, bytes);
  check<IOError>(directory.entries <= directory.bytes / central_bytes,
                 "{}: damaged: a directory of {} bytes can't have {} entries", where_,
                 directory.bytes, directory.entries);
  ByteReader in(where_, bytes.substr(directory.begin, directory.bytes));
  std::vector<std::pair<size_t, size_t>> ranges;
  for (size_t i = 0; i < directory.entries; ++i) {
    auto [entry, header] = read_central(in);
    find_bytes(where_, bytes, header, directory.begin, entry);
    ranges.emplace_back(header, entry.begin + entry.packed);
    entries_.push_back(std::move(entry));
  }
  std::sort(ranges.begin(), ranges.end());
  const auto overlap = std::adjacent_find(ranges.begin(), ranges.end(),
                                          [](auto& a, auto& b) { return a.second > b.first; });
  check<IOError>(overlap == ranges.end(), "{}: damaged: two entries overlap", where_);
  by_name_.resize(entries_.size());
  std::iota(by_name_.begin(), by_name_.end(), 0);
  const auto name = [&](size_t i) -> const std::string& { return entries_[i].name; };
  std::sort(by_name_.begin(), by_name_.end(),
            [&](size_t a, size_t b) { return name(a) < name(b); });
  const auto twice = std::adjacent_find(by_name_.begin(), by_name_.end(),
                                        [&](size_t a, size_t b) { return name(a) == name(b); });
  if (twice != by_name_.end())
    fail<IOError>("{}: {} is there more than once", where_, json_string(name(*twice)));
}

const ZipEntry* ZipReader::find(std::string_view name) const {
  const auto it = std::lower_bound(
      by_name_.begin(), by_name_.end(), name,
      [&](size_t i, std::string_view wanted) { return entries_[i].name < wanted; });
  return it != by_name_.end() && entries_[*it].name == name ? &entries_[*it] : nullptr;
}

std::string_view ZipReader::packed_bytes(const ZipEntry& entry) const {
  return file_->bytes().substr(entry.begin, entry.packed);
}

OwnedBytes ZipReader::peek(const ZipEntry& entry, size_t most) const {
  if (entry.deflated) return inflated(entry, most);
  return {packed_bytes(entry).substr(0, most), file_};
}

OwnedBytes ZipReader::read(const ZipEntry& entry) const {
  const OwnedBytes content = peek(entry, entry.size);
  check<IOError>(crc_of(content.bytes) == entry.crc, "{}: {} is damaged: its CRC-32 is another",
                 where_, json_string(entry.name));
  return content;
}

OwnedBytes ZipReader::inflated(const ZipEntry& entry, size_t most) const {
  const std::string_view packed = packed_bytes(entry);
  const auto out = std::make_shared<std::string>(std::min(entry.size, most), '\0');
  z_stream stream = {};
  check(inflateInit2(&stream, -MAX_WBITS) == Z_OK, "{}: there is no memory", where_);
  const std::unique_ptr<z_stream, decltype(&inflateEnd)> at_end(&stream, &inflateEnd);
  size_t from = 0, to = 0;
  int state = Z_OK;
  while (state == Z_OK) {
    const size_t in_bytes = std::min(packed.size() - from, piece),
                 out_bytes = std::min(out->size() - to, piece);
    stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(packed.data() + from));
    stream.avail_in = static_cast<uInt>(in_bytes);
    stream.next_out = reinterpret_cast<Bytef*>(out->data() + to);
    stream.avail_out = static_cast<uInt>(out_bytes);
    state = inflate(&stream, Z_NO_FLUSH);
    from += in_bytes - stream.avail_in;
    to += out_bytes - stream.avail_out;
  }
  const bool at_its_end = state == Z_STREAM_END && from == packed.size();
  check<IOError>(to == out->size() && (at_its_end || to < entry.size),
                 "{}: {} is damaged: it does not give its {} bytes", where_,
                 json_string(entry.name), entry.size);
  return {*out, out};
}

// --- Writing ------------------------------------------------------------------------------------

void ZipWriter::write(std::string_view bytes) {
  sink_(bytes);
  at_ += bytes.size();
}

namespace {

constexpr uint16_t plain_version = 20, zip64_version = 45;
constexpr uint32_t first_of_1980 = 0x0021 << 16;  // date and time, the earliest there are
constexpr uint16_t padding_extra = 'F' | 'B' << 8;
constexpr size_t alignment = 64;

// The fields that both headers of an entry share.
void append_common(std::string& out, bool large, uint32_t crc, size_t size, size_t name,
                   size_t extra) {
  append_number<uint16_t>(out, large ? zip64_version : plain_version);
  append_number(out, utf8_flag);
  append_number(out, stored_method);
  append_number(out, first_of_1980);
  append_number(out, crc);
  for (int i = 0; i < 2; ++i) append_number(out, large ? full32 : static_cast<uint32_t>(size));
  append_number(out, static_cast<uint16_t>(name));
  append_number(out, static_cast<uint16_t>(extra));
}

std::string zip64_field(std::initializer_list<size_t> numbers) {
  std::string field;
  append_number(field, zip64_extra);
  append_number(field, static_cast<uint16_t>(8 * numbers.size()));
  for (const size_t n : numbers) append_number<uint64_t>(field, n);
  return field;
}

}  // namespace

void ZipWriter::add(std::string_view name, std::string_view head, std::string_view body) {
  const size_t begin = at_, size = head.size() + body.size();
  const uint32_t crc = crc_of(body, crc_of(head));
  const bool large = size >= zip64_from_ || begin >= zip64_from_;
  std::string extra = large ? zip64_field({size, size}) : "";
  const size_t unpadded = begin + local_bytes + name.size() + extra.size() + 4;
  const size_t padding = (alignment - unpadded % alignment) % alignment;
  append_number(extra, padding_extra);
  append_number(extra, static_cast<uint16_t>(padding));
  extra.append(padding, 'Z');

  std::string local(local_mark);
  append_common(local, large, crc, size, name.size(), extra.size());
  write((local += name) += extra);
  write(head);
  write(body);

  extra = large ? zip64_field({size, size, begin}) : "";
  directory_ += central_mark;
  append_number<uint16_t>(directory_, large ? zip64_version : plain_version);
  append_common(directory_, large, crc, size, name.size(), extra.size());
  directory_.append(10, '\0');  // no comment, the first part, no attributes
  append_number(directory_, large ? full32 : static_cast<uint32_t>(begin));
  (directory_ += name) += extra;
  ++count_;
}

void ZipWriter::finish() {
  const size_t begin = at_, bytes = directory_.size();
  const bool large = begin >= zip64_from_ || bytes >= zip64_from_ || count_ >= full16;
  std::string end;
  if (large) {
    end += zip64_end_mark;
    append_number<uint64_t>(end, 44);  // bytes of the record that follow
    append_number(end, zip64_version);
    append_number(end, zip64_version);
    append_number<uint64_t>(end, 0);  // the first part
    for (const size_t n : {count_, count_, bytes, begin}) append_number<uint64_t>(end, n);
    end += zip64_locator_mark;
    append_number<uint32_t>(end, 0);
    append_number<uint64_t>(end, begin + bytes);
    append_number<uint32_t>(end, 1);
  }
  end += end_mark;
  append_number<uint32_t>(end, 0);
  for (int i = 0; i < 2; ++i) append_number(end, large ? full16 : static_cast<uint16_t>(count_));
  append_number(end, large ? full32 : static_cast<uint32_t>(bytes));
  append_number(end, large ? full32 : static_cast<uint32_t>(begin));
  append_number<uint16_t>(end, 0);  // no comment
  write(directory_);
  write(end);
}

}  // namespace rw::io
