#include <rewind/train/training_state.h>

#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cmath>
#include <limits>
#include <memory>
#include <optional>

#include <rewind/autograd/grad_mode.h>
#include <rewind/io/crc32c.h>
#include <rewind/io/json.h>
#include <rewind/io/safetensors_layout.h>
#include <rewind/io/tensor_bytes.h>
#include <rewind/io/utf8.h>
#include <rewind/tensor/check.h>

namespace rw::training {

using io::Json;

namespace {

constexpr const char *saving = "TrainingState::save", *loading = "TrainingState::load";

// The metadata. That of the header's sum comes first, so that the sum has a fixed place; it is
// taken with zeros there.
constexpr const char *header_sum = "crc32c.header", *tensor_sums = "crc32c.tensors",
                     *part_names = "parts", *value_texts = "values";
constexpr std::string_view header_begin = "{\"__metadata__\":{\"crc32c.header\":\"",
                           no_sum = "00000000";
constexpr size_t sum_place = 8 + header_begin.size();  // after the length

std::string sum_of_header(std::string_view header) {
  const uint32_t before = io::crc32c(no_sum, io::crc32c(header.substr(0, sum_place)));
  return fmt::format("{:08x}", io::crc32c(header.substr(sum_place + no_sum.size()), before));
}

// --- Values -------------------------------------------------------------------------------------

// What JSON has no number for is a string.
Json as_json(const Value& value) {
  if (const auto* b = std::get_if<bool>(&value)) return {*b};
  if (const auto* i = std::get_if<int64_t>(&value)) return {*i};
  if (const auto* s = std::get_if<std::string>(&value)) return {*s};
  if (const auto* u = std::get_if<uint64_t>(&value)) {
    if (*u > static_cast<uint64_t>(std::numeric_limits<int64_t>::max()))
      return {fmt::format("{}", *u)};
    return {static_cast<int64_t>(*u)};
  }
  const double d = std::get<double>(value);
  if (!std::isfinite(d) || (d == 0 && std::signbit(d))) return {fmt::format("{}", d)};
  return {d};
}

// All of a text as a number.
template <class T>
std::optional<T> parsed(std::string_view text) {
  T number{};
  const char* end = text.data() + text.size();
  const auto [at, error] = std::from_chars(text.data(), end, number);
  return error == std::errc() && at == end ? std::optional<T>(number) : std::nullopt;
}

// Seed and counter.
std::optional<std::pair<uint64_t, uint64_t>> generator_place(std::string_view text) {
  const size_t space = std::min(text.find(' '), text.size());
  const auto seed = parsed<uint64_t>(text.substr(0, space));
  const auto counter = parsed<uint64_t>(text.substr(std::min(space + 1, text.size())));
  if (!seed || !counter) return {};
  return std::pair(*seed, *counter);
}

// A value of the kind of another; none where it is of another kind.
std::optional<Value> from_json(const Json& json, const Value& kind) {
  const auto* integer = json.get<int64_t>();
  const auto* text = json.get<std::string>();
  if (std::holds_alternative<bool>(kind)) {
    if (const auto* b = json.get<bool>()) return *b;
  } else if (std::holds_alternative<std::string>(kind)) {
    if (text) return *text;
  } else if (std::holds_alternative<int64_t>(kind)) {
    if (integer) return *integer;
  } else if (std::holds_alternative<uint64_t>(kind)) {
    if (integer && *integer >= 0) return static_cast<uint64_t>(*integer);
    if (text) return parsed<uint64_t>(*text);
  } else {
    if (integer) return static_cast<double>(*integer);
    if (const auto* d = json.get<double>()) return *d;
    if (text) return parsed<double>(*text);
  }
  return {};
}

const std::string& metadata_of(const io::OpenSafetensors& file, const char* name) {
  const auto it = file.layout.metadata.find(name);
  check<IOError>(it != file.layout.metadata.end(), "{}: no training state: it has no '{}'",
                 file.where, name);
  return it->second;
}

// --- Checksums ----------------------------------------------------------------------------------

void check_header(const std::string& where, std::string_view file) {
  check<IOError>(io::begins_as_safetensors(file),
                 "{}: no training state: it is no safetensors file", where);
  const std::string_view header = io::safetensors_header(where, file);
  check<IOError>(
      header.size() >= sum_place + no_sum.size() && header.substr(8).starts_with(header_begin),
      "{}: no training state, or its header is damaged", where);
  check<IOError>(header.substr(sum_place, no_sum.size()) == sum_of_header(header),
                 "{}: its header is damaged: its CRC-32C is another", where);
}

void check_tensors(const io::OpenSafetensors& file) {
  const Json json = io::parse_json(file.where, metadata_of(file, tensor_sums));
  const auto* sums = json.get<Json::Array>();
  const auto& entries = file.layout.entries;
  check<IOError>(sums && sums->size() == entries.size(), "{}: {} are not those of {} tensors",
                 file.where, tensor_sums, entries.size());
  for (size_t i = 0; i < entries.size(); ++i) {
    const auto* sum = (*sums)[i].get<int64_t>();
    check<IOError>(sum && *sum == int64_t{io::crc32c(file.bytes(entries[i]))},
                   "{}: tensor '{}' is damaged: its CRC-32C is another", file.where,
                   entries[i].name);
  }
}

std::string joined(const std::string& part, const std::string& name) {
  return name.empty() ? part : part + "." + name;
}

// What is to be loaded into a part: its tensors, without its name in front.
StateDict state_of(const std::string& part, const io::OpenSafetensors& file) {
  StateDict state;
  for (const io::SafetensorsEntry& entry : file.layout.entries)
    if (entry.name == part)
      state.emplace_back("", file.tensor(entry));
    else if (entry.name.starts_with(part + "."))
      state.emplace_back(entry.name.substr(part.size() + 1), file.tensor(entry));
  return state;
}

// Into the tensor itself, of which others have handles too; a tensor of its own where there is
// none.
void load_tensor(Tensor& t, const Tensor& loaded) {
  const no_grad guard;
  if (!t.defined() || !loaded.defined()) {
    t = loaded.defined() ? loaded.clone() : Tensor();
    return;
  }
  check<ShapeError>(t.shape() == loaded.shape(), "expected a tensor of shape {}, got {}", t.shape(),
                    loaded.shape());
  check<DTypeError>(t.dtype() == loaded.dtype(), "expected a tensor of {}, got {}", t.dtype(),
                    loaded.dtype());
  t.copy_(loaded);
}

// The exception of now, an Error with its place.
[[noreturn]] void rethrow_at(const std::string& place) {
  try {
    throw;
  } catch (Error& e) {
    e.set_place(place);
    throw;
  }
}

// A value as JSON, which is UTF-8.
Json stored(const std::string& name, const Value& value) {
  if (const auto* text = std::get_if<std::string>(&value))
    check(io::first_no_character(*text) == text->npos, "{}: the text of '{}' is not UTF-8", saving,
          name);
  return as_json(value);
}

template <class List>
std::string names_of(const List& list) {
  std::vector<std::string> names;
  for (const auto& item : list) names.push_back(io::json_string(item.name));
  return fmt::format("[{}]", fmt::join(names, ","));
}

}  // namespace

// --- Parts --------------------------------------------------------------------------------------

void TrainingState::check_name(const std::string& name) const {
  const auto is_it = [&](const auto& item) { return item.name == name; };
  check(!name.empty() && name.find('.') == name.npos,
        "TrainingState::add: expected a name without dots, got '{}'", name);
  check(io::first_no_character(name) == name.npos,
        "TrainingState::add: expected a name in UTF-8, got {}", io::json_string(name));
  check(std::none_of(parts_.begin(), parts_.end(), is_it) &&
            std::none_of(values_.begin(), values_.end(), is_it),
        "TrainingState::add: '{}' is there already", name);
}

void TrainingState::add_part(const std::string& name, Part part) {
  check_name(name);
  parts_.push_back(std::move(part));
}

void TrainingState::add_value(const std::string& name, Variable variable) {
  check_name(name);
  values_.push_back(std::move(variable));
}

void TrainingState::add(const std::string& name, Tensor& t) {
  add_part(name, {name,
                  [&t] {
                    return StateDict{{"", t}};
                  },
                  [&t](const StateDict& state) { load_tensor(t, state.at("")); }});
}

void TrainingState::add(const std::string& name, Generator& generator) {
  add_value(name, {name, Value(std::string()),
                   [&generator] {
                     return Value(fmt::format("{} {}", generator.seed(), generator.counter()));
                   },
                   [&generator](const Value& v, bool commit) {
                     const auto place = generator_place(std::get<std::string>(v));
                     if (place && commit) {
                       generator.manual_seed(place->first);
                       generator.set_counter(place->second);
                     }
                     return place.has_value();
                   }});
}

// --- Files --------------------------------------------------------------------------------------

void TrainingState::save(const std::string& path) const {
  NamedTensors tensors;
  for (const Part& part : parts_)
    for (auto& [name, t] : part.state()) tensors.emplace_back(joined(part.name, name), t);
  tensors = io::in_file_order(saving, tensors);
  std::vector<uint32_t> sums;
  for (const auto& entry : tensors) sums.push_back(io::crc32c(io::bytes_of(entry.second)));
  Json::Object values;
  for (const Variable& v : values_) values.emplace_back(v.name, stored(v.name, v.get()));
  std::string header =
      io::encode_safetensors_header(saving, tensors,
                                    {{header_sum, std::string(no_sum)},
                                     {tensor_sums, fmt::format("[{}]", fmt::join(sums, ","))},
                                     {part_names, names_of(parts_)},
                                     {value_texts, io::to_json({values})}});
  header.replace(sum_place, no_sum.size(), sum_of_header(header));
  io::AtomicFile file(saving, path);
  file.write(header);
  for (const auto& entry : tensors) file.write(io::bytes_of(entry.second));
  file.commit();
}

// A file that fits: what it has for each part and variable.
struct TrainingState::Loaded {
  std::vector<StateDict> states;
  std::vector<Value> values;
};

TrainingState::Loaded TrainingState::read(const std::string& path) const {
  const std::string where = fmt::format("{}: {}", loading, path);
  const auto map = std::make_shared<const io::MappedFile>(loading, path);
  check_header(where, map->bytes());
  const io::OpenSafetensors file(where, map);
  check_tensors(file);
  const std::string own = names_of(parts_);
  check(metadata_of(file, part_names) == own, "{}: expected the parts {}, got {}", where, own,
        metadata_of(file, part_names));
  const Json values = io::parse_json(where, metadata_of(file, value_texts));
  const auto* members = values.get<Json::Object>();
  check(members && members->size() == values_.size(), "{}: expected the values {}, got {}", where,
        names_of(values_), metadata_of(file, value_texts));
  Loaded loaded;
  for (const Variable& v : values_) {
    const Json* json = values.find(v.name);
    check(json != nullptr, "{}: there is no value '{}'", where, v.name);
    const std::optional<Value> value = from_json(*json, v.kind);
    check(value && v.set(*value, false), "{}: the variable of '{}' can't hold {}", where, v.name,
          io::to_json(*json));
    loaded.values.push_back(*value);
  }
  for (const Part& part : parts_) loaded.states.push_back(state_of(part.name, file));
  return loaded;
}

void TrainingState::load(const std::string& path) {
  const Loaded loaded = read(path);
  std::vector<StateDict> old;
  for (const Part& part : parts_) old.push_back(part.state().clone());
  size_t done = 0;
  try {
    for (; done < parts_.size(); ++done) parts_[done].load(loaded.states[done]);
  } catch (...) {
    const std::string& failed = parts_[done].name;
    while (done > 0) --done, parts_[done].load(old[done]);
    rethrow_at(fmt::format("{}: {}: {}", loading, path, failed));
  }
  for (size_t i = 0; i < values_.size(); ++i) values_[i].set(loaded.values[i], true);
}

bool TrainingState::resume(const std::string& path) {
  struct stat about = {};
  if (::stat(path.c_str(), &about) != 0 && errno == ENOENT) return false;
  load(path);
  return true;
}

}  // namespace rw::training
