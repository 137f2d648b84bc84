#include <rewind/io/json.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <utility>

#include <rewind/io/names.h>
#include <rewind/io/small_number.h>
#include <rewind/io/utf8.h>
#include <rewind/tensor/check.h>

namespace rw::io {

namespace {

constexpr int most_depth = 64;

void append_character(std::string& out, uint32_t c) {
  const auto put = [&](uint32_t byte) { out += static_cast<char>(byte); };
  if (c < 0x80) return put(c);
  if (c < 0x800) {
    put(0xc0 | c >> 6);
  } else {
    if (c < 0x10000) {
      put(0xe0 | c >> 12);
    } else {
      put(0xf0 | c >> 18);
      put(0x80 | (c >> 12 & 0x3f));
    }
    put(0x80 | (c >> 6 & 0x3f));
  }
  put(0x80 | (c & 0x3f));
}

class Parser {
 public:
  Parser(const std::string& where, std::string_view text) : where_(where), text_(text) {}

  Json whole() {
    const size_t bad = first_no_character(text_);
    check<IOError>(bad == text_.npos, "{}: the text is not UTF-8 at byte {}", where_, bad);
    Json json = value(0);
    skip_spaces();
    expect(at_ == text_.size(), "the end");
    return json;
  }

 private:
  void expect(bool ok, const char* what) const {
    check<IOError>(ok, "{}: not JSON at byte {}, expected {}", where_, at_, what);
  }

  char peek() const { return at_ < text_.size() ? text_[at_] : '\0'; }
  bool take(char c) {
    if (peek() != c || at_ == text_.size()) return false;
    ++at_;
    return true;
  }
  bool take(std::string_view word) {
    if (!text_.substr(at_).starts_with(word)) return false;
    at_ += word.size();
    return true;
  }
  void skip_spaces() { at_ = std::min(text_.find_first_not_of(" \t\n\r", at_), text_.size()); }

  Json value(int depth) {
    check<IOError>(depth < most_depth, "{}: more than {} arrays and objects inside each other",
                   where_, most_depth);
    skip_spaces();
    if (take('{')) return {object(depth + 1)};
    if (take('[')) return {array(depth + 1)};
    if (peek() == '"') return {string()};
    if (take("null")) return {};
    if (take("true")) return {true};
    if (take("false")) return {false};
    return number();
  }

  Json::Array array(int depth) {
    Json::Array items;
    skip_spaces();
    if (take(']')) return items;
    do items.push_back(value(depth));
    while (more());
    expect(take(']'), "',' or ']'");
    return items;
  }

  Json::Object object(int depth) {
    Json::Object members;
    skip_spaces();
    if (take('}')) return members;
    do {
      skip_spaces();
      std::string name = string();
      skip_spaces();
      expect(take(':'), "':'");
      members.emplace_back(std::move(name), value(depth));
    } while (more());
    expect(take('}'), "',' or '}'");
    check_names(members);
    return members;
  }

  bool more() {
    skip_spaces();
    return take(',');
  }

  void check_names(const Json::Object& members) const {
    std::vector<std::string_view> names;
    for (const auto& member : members) names.push_back(member.first);
    const auto twice = name_there_twice(std::move(names));
    check<IOError>(!twice, "{}: '{}' is there more than once", where_, twice.value_or(""));
  }

  std::string string() {
    expect(take('"'), "a string");
    std::string out;
    for (;;) {
      const size_t end = std::min(text_.find_first_of("\"\\", at_), text_.size());
      for (; at_ < end; ++at_) {
        expect(static_cast<unsigned char>(peek()) >= 0x20, "no control character in a string");
        out += peek();
      }
      if (take('"')) return out;
      expect(take('\\'), "the end of a string");
      escape(out);
    }
  }

  void escape(std::string& out) {
    static constexpr std::string_view names = "\"\\/bfnrt", characters = "\"\\/\b\f\n\r\t";
    if (take('u')) {
      uint32_t c = hex();
      if (0xd800 <= c && c < 0xdc00 && take("\\u")) {
        const uint32_t low = hex();
        expect(0xdc00 <= low && low < 0xe000, "the second half of a character");
        c = 0x10000 + ((c - 0xd800) << 10 | (low - 0xdc00));
      }
      expect(c < 0xd800 || c >= 0xe000, "a whole character");
      return append_character(out, c);
    }
    const size_t which = at_ < text_.size() ? names.find(peek()) : names.npos;
    expect(which != names.npos, "an escaped character");
    out += characters[which];
    ++at_;
  }

  uint32_t hex() {
    uint32_t c = 0;
    const std::string_view digits = text_.substr(at_, 4);
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), c, 16);
    expect(error == std::errc() && digits.size() == 4 && end == digits.data() + 4,
           "four hexadecimal digits");
    at_ += 4;
    return c;
  }

  void digits() {
    expect('0' <= peek() && peek() <= '9', "a value");
    at_ = std::min(text_.find_first_not_of("0123456789", at_), text_.size());
  }

  Json number() {
    const size_t start = at_;
    take('-');
    if (!take('0')) digits();
    bool whole = true;
    if (take('.')) digits(), whole = false;
    if (take('e') || take('E')) {
      if (!take('+')) take('-');
      digits(), whole = false;
    }
    const char *begin = text_.data() + start, *end = text_.data() + at_;
    int64_t integer = 0;
    if (whole && std::from_chars(begin, end, integer).ec == std::errc()) return {integer};
    double real = 0;
    if (std::from_chars(begin, end, real).ec == std::errc()) return {real};
    expect(is_small({begin, end}), "a number of 64 bits before it");
    return {*begin == '-' ? -0.0 : 0.0};
  }

  const std::string& where_;
  std::string_view text_;
  size_t at_ = 0;
};

// Calls f with each of them, and puts commas between what it appends.
template <class List, class F>
void append_list(std::string& out, const List& list, const F& f) {
  for (size_t i = 0; i < list.size(); ++i) {
    if (i > 0) out += ',';
    f(list[i]);
  }
}

void append(std::string& out, const Json& json) {
  if (const auto* b = json.get<bool>()) {
    out += *b ? "true" : "false";
  } else if (const auto* i = json.get<int64_t>()) {
    out += fmt::format("{}", *i);
  } else if (const auto* d = json.get<double>(); d && std::isfinite(*d)) {
    out += fmt::format("{}", *d);
  } else if (const auto* s = json.get<std::string>()) {
    out += json_string(*s);
  } else if (const auto* array = json.get<Json::Array>()) {
    out += '[';
    append_list(out, *array, [&](const Json& item) { append(out, item); });
    out += ']';
  } else if (const auto* object = json.get<Json::Object>()) {
    out += '{';
    append_list(out, *object, [&](const auto& member) {
      out += json_string(member.first) + ':';
      append(out, member.second);
    });
    out += '}';
  } else {
    out += "null";
  }
}

}  // namespace

const Json* Json::find(std::string_view name) const {
  const auto* members = get<Object>();
  if (!members) return nullptr;
  const auto it = std::find_if(members->begin(), members->end(),
                               [&](const auto& member) { return member.first == name; });
  return it == members->end() ? nullptr : &it->second;
}

Json parse_json(const std::string& where, std::string_view text) {
  return Parser(where, text).whole();
}

std::string to_json(const Json& json) {
  std::string out;
  append(out, json);
  return out;
}

}  // namespace rw::io
