#include <rewind/io/pytorch.h>

#include <charconv>
#include <map>
#include <utility>
#include <vector>

#include <rewind/io/byte_reader.h>
#include <rewind/io/inspect_parts.h>
#include <rewind/io/json.h>
#include <rewind/io/names.h>
#include <rewind/io/pickle.h>
#include <rewind/io/state_file.h>
#include <rewind/io/tensor_bytes.h>
#include <rewind/io/zip.h>
#include <rewind/tensor/check.h>
#include <rewind/tensor/leaf.h>

namespace rw::io {

namespace {

using Value = PickledValue;

// --- Names --------------------------------------------------------------------------------------

// The tensors of a pickle by their names. Containers may be there several times, or hold
// themselves: what is walked and written is within a multiple of the pickle's size.
class Names {
 public:
  Names(const std::string& where, const Pickle& pickle, size_t bytes)
      : where_(where), pickle_(pickle), left_(64 * bytes) {
    walk(pickle_.root, "", 0);
    std::vector<std::string_view> names;
    for (const auto& entry : found_) names.push_back(entry.first);
    const auto twice = name_there_twice(std::move(names));
    check<IOError>(!twice, "{}: {} is there more than once", where_,
                   json_string(twice.value_or("")));
  }

  const std::vector<std::pair<std::string, const PickledTensor*>>& found() const { return found_; }

 private:
  static constexpr int most_depth = 64;

  void walk(Value::Index i, const std::string& name, int depth) {
    check<IOError>(depth <= most_depth, "{}: more than {} containers inside each other", where_,
                   most_depth);
    spend(1 + name.size());
    const Value& value = pickle_.at(i);
    if (const auto* tensor = value.get<Value::Tensor>()) {
      found_.emplace_back(name.empty() ? "tensor" : name, &pickle_.tensors[tensor->which]);
    } else if (const auto* sequence = value.get<Value::Sequence>()) {
      for (size_t place = 0; place < sequence->items.size(); ++place)
        walk_child(sequence->items[place], name, depth, [&] { return std::to_string(place); });
    } else if (const auto* dict = value.get<Value::Dict>()) {
      for (const auto& [key, item] : *dict)
        walk_child(item, name, depth, [&, &k = key] { return key_name(k, name); });
    }
  }

  // Of numbers and texts not even the name is made.
  template <class F>
  void walk_child(Value::Index i, const std::string& name, int depth, const F& own_name) {
    const Value& value = pickle_.at(i);
    spend(1);
    if (value.get<Value::Tensor>() || value.get<Value::Sequence>() || value.get<Value::Dict>())
      walk(i, name.empty() ? own_name() : name + "." + own_name(), depth + 1);
  }

  std::string key_name(Value::Index key, const std::string& within) const {
    const Value& value = pickle_.at(key);
    if (const auto* text = value.get<std::string_view>()) return std::string(*text);
    if (const auto* number = value.get<int64_t>()) return std::to_string(*number);
    fail<IOError>("{}: a key of the dict {} is neither a text nor an integer", where_,
                  json_string(within));
  }

  void spend(size_t bytes) {
    check<IOError>(bytes <= left_, "{}: its containers are there again and again", where_);
    left_ -= bytes;
  }

  const std::string& where_;
  const Pickle& pickle_;
  size_t left_;
  std::vector<std::pair<std::string, const PickledTensor*>> found_;
};

// --- Both formats -------------------------------------------------------------------------------

// The tensors by name, in storages whose bytes `bytes_of` finds by key and length.
template <class F>
StateDict build(const Names& names, const Pickle& pickle, std::endian order, const F& bytes_of) {
  std::vector<Ref<Storage>> made(pickle.storages.size());
  StateDict all;
  for (const auto& [name, t] : names.found()) {
    const PickledStorage& from = pickle.storages[t->storage];
    Ref<Storage>& storage = made[t->storage];
    if (!storage) storage = storage_of(bytes_of(from), from.dtype, order);
    all.emplace_back(name,
                     rw::detail::make_tensor(storage, from.dtype, t->shape, t->strides, t->offset));
  }
  return all;
}

void check_bytes(const std::string& where, const PickledStorage& storage, size_t bytes) {
  const size_t size = itemsize(storage.dtype);
  check<IOError>(bytes % size == 0 && bytes / size == static_cast<size_t>(storage.elements),
                 "{}: storage {} has {} bytes, expected {} elements of {}", where,
                 json_string(storage.key), bytes, storage.elements, storage.dtype);
}

// --- Archives, of PyTorch 1.6 and later ---------------------------------------------------------

// The name of the pickle without "data.pkl", which is the folder that all is in; empty where there
// is none.
std::string pickle_folder(const ZipReader& zip) {
  static constexpr std::string_view pickle = "/data.pkl";
  for (const ZipEntry& entry : zip.entries())
    if (entry.name.ends_with(pickle) && entry.name.find('/') == entry.name.size() - pickle.size())
      return entry.name.substr(0, entry.name.size() - pickle.size() + 1);
  return "";
}

std::string folder_of(const std::string& where, const ZipReader& zip) {
  const std::string folder = pickle_folder(zip);
  check<IOError>(!folder.empty(), "{}: the archive is none of torch.save: it has no data.pkl",
                 where);
  return folder;
}

void check_version(const std::string& where, const ZipReader& zip, const std::string& folder) {
  constexpr int least = 1, most = 10;  // those of PyTorch's own reader
  const ZipEntry* entry = zip.find(folder + "version");
  if (!entry) entry = zip.find(folder + ".data/version");
  check<IOError>(entry != nullptr, "{}: it has no record of its version", where);
  const OwnedBytes text = zip.read(*entry);
  int version = 0;
  std::from_chars(text.bytes.data(), text.bytes.data() + text.bytes.size(), version);
  check<IOError>(version >= least && version <= most, "{}: its version is {}, expected {} to {}",
                 where, json_string(text.bytes.substr(0, 20)), least, most);
}

std::endian order_of(const std::string& where, const ZipReader& zip, const std::string& folder) {
  const ZipEntry* entry = zip.find(folder + "byteorder");
  if (!entry) return std::endian::little;
  const OwnedBytes order = zip.read(*entry);
  check<IOError>(order.bytes == "little" || order.bytes == "big",
                 "{}: its byte order is {}, expected little or big", where,
                 json_string(order.bytes.substr(0, 20)));
  return order.bytes == "big" ? std::endian::big : std::endian::little;
}

OwnedBytes program_of(const std::string& where, const ZipReader& zip, const std::string& folder,
                      size_t file_bytes) {
  const ZipEntry& entry = *zip.find(folder + "data.pkl");
  check<IOError>(entry.size <= file_bytes, "{}: its data.pkl is larger than the file", where);
  return zip.read(entry);
}

Pickle pickle_of(const std::string& where, const OwnedBytes& program) {
  ByteReader in(where, program.bytes);
  return read_pickle(in);
}

// All but the storages.
struct Archive {
  Archive(const std::string& where, const std::shared_ptr<const MappedFile>& file)
      : zip(where, file),
        folder(folder_of(where, zip)),
        order((check_version(where, zip, folder), order_of(where, zip, folder))),
        program(program_of(where, zip, folder, file->size())),
        pickle(pickle_of(where, program)),
        names(where, pickle, program.bytes.size()) {}

  ZipReader zip;
  std::string folder;
  std::endian order;
  OwnedBytes program;
  Pickle pickle;
  Names names;
};

StateDict read_archive(const std::string& where, const std::shared_ptr<const MappedFile>& file) {
  const Archive archive(where, file);
  const ZipReader& zip = archive.zip;
  const auto bytes_of = [&](const PickledStorage& storage) {
    const ZipEntry* data = zip.find(fmt::format("{}data/{}", archive.folder, storage.key));
    check<IOError>(data != nullptr, "{}: there is no storage {}", where, json_string(storage.key));
    check_bytes(where, storage, data->size);
    return zip.read(*data);
  };
  return build(archive.names, archive.pickle, archive.order, bytes_of);
}

// --- Files of earlier versions: pickles one after another, and the storages ---------------------

constexpr std::string_view legacy_magic("\x80\x02\x8a\x0a\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19.",
                                        15);

void check_protocol(ByteReader& in) {
  constexpr int64_t protocol = 1001;
  const Pickle pickle = read_pickle(in);
  const auto* version = pickle.at(pickle.root).get<int64_t>();
  check<IOError>(version && *version == protocol, "{}: of another protocol than {}", in.where(),
                 protocol);
}

// Of what is known of the machine that wrote it, the byte order counts.
std::endian read_order(ByteReader& in) {
  const Pickle pickle = read_pickle(in);
  const auto* about = pickle.at(pickle.root).get<Value::Dict>();
  check<IOError>(about != nullptr, "{}: damaged: expected a dict", in.where());
  for (const auto& [key, value] : *about) {
    const auto* name = pickle.at(key).get<std::string_view>();
    const auto* little = pickle.at(value).get<bool>();
    if (name && *name == "little_endian" && little)
      return *little ? std::endian::little : std::endian::big;
  }
  fail<IOError>("{}: damaged: it does not say its byte order", in.where());
}

// The keys of the storages in the order in which these follow.
std::vector<std::string> read_keys(ByteReader& in) {
  const Pickle pickle = read_pickle(in);
  const auto* list = pickle.at(pickle.root).get<Value::Sequence>();
  check<IOError>(list != nullptr, "{}: damaged: expected a list of storages", in.where());
  std::vector<std::string> keys;
  for (const Value::Index i : list->items) {
    const auto* key = pickle.at(i).get<std::string_view>();
    check<IOError>(key != nullptr, "{}: damaged: expected the name of a storage", in.where());
    keys.emplace_back(*key);
  }
  return keys;
}

// All but the storages, which follow what `in` has read.
struct Legacy {
  Legacy(const std::string& where, const std::shared_ptr<const MappedFile>& file)
      : in(where, file->bytes().substr(legacy_magic.size())),
        order((check_protocol(in), read_order(in))),
        before(in.rest().size()),
        pickle(read_pickle(in)),
        names(where, pickle, before - in.rest().size()) {}

  ByteReader in;
  std::endian order;
  size_t before;
  Pickle pickle;
  Names names;
};

StateDict read_legacy(const std::string& where, const std::shared_ptr<const MappedFile>& file) {
  Legacy legacy(where, file);
  ByteReader& in = legacy.in;
  const Pickle& pickle = legacy.pickle;
  std::map<std::string_view, const PickledStorage*> wanted;
  for (const PickledStorage& storage : pickle.storages) wanted[storage.key] = &storage;
  std::map<std::string, std::string_view> bytes;
  for (const std::string& key : read_keys(in)) {
    const auto it = wanted.find(key);
    check<IOError>(it != wanted.end(), "{}: it has a storage {} that no tensor names", where,
                   json_string(key));
    const PickledStorage& storage = *it->second;
    auto elements = in.number<uint64_t>();
    if (legacy.order == std::endian::big) elements = __builtin_bswap64(elements);
    check<IOError>(elements == static_cast<uint64_t>(storage.elements) &&
                       elements <= in.rest().size() / itemsize(storage.dtype),
                   "{}: damaged: storage {} has another size, or is truncated", where,
                   json_string(key));
    bytes[key] = in.take(elements * itemsize(storage.dtype));
  }
  check<IOError>(in.rest().empty(), "{}: the file goes on for {} bytes after the last tensor",
                 where, in.rest().size());
  return build(legacy.names, pickle, legacy.order, [&](const PickledStorage& storage) {
    const auto it = bytes.find(std::string(storage.key));
    check<IOError>(it != bytes.end(), "{}: there is no storage {}", where,
                   json_string(storage.key));
    return OwnedBytes{it->second, file};
  });
}

std::vector<TensorInfo> infos(const Names& names, const Pickle& pickle) {
  std::vector<TensorInfo> all;
  for (const auto& [name, t] : names.found())
    all.push_back(
        info_of(name, pickle.storages[t->storage].dtype, {t->shape.begin(), t->shape.end()}));
  return all;
}

}  // namespace

bool begins_as_pytorch(std::string_view file) {
  // The eight bytes of a safetensors file that hold a length might begin so, but not its header.
  const bool is_archive = file.starts_with("PK\3\4") && file.substr(0, 9).back() != '{';
  return is_archive || file.starts_with(legacy_magic);
}

StateDict read_pytorch(const char* op, const std::string& path,
                       const std::shared_ptr<const MappedFile>& file) {
  const std::string where = fmt::format("{}: {}", op, path);
  check<IOError>(begins_as_pytorch(file->bytes()), "{}: no file of torch.save", where);
  return file->bytes().starts_with(legacy_magic) ? read_legacy(where, file)
                                                 : read_archive(where, file);
}

bool has_pickle(const ZipReader& zip) { return !pickle_folder(zip).empty(); }

std::vector<TensorInfo> inspect_pytorch(const std::string& where,
                                        const std::shared_ptr<const MappedFile>& file) {
  if (file->bytes().starts_with(legacy_magic)) {
    const Legacy legacy(where, file);
    return infos(legacy.names, legacy.pickle);
  }
  const Archive archive(where, file);
  return infos(archive.names, archive.pickle);
}

StateDict load_pytorch(const std::string& path, const LoadOptions& options) {
  constexpr const char* op = "load_pytorch";
  return renamed(read_pytorch(op, path, std::make_shared<const MappedFile>(op, path)), options);
}

}  // namespace rw::io
