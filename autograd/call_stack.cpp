#include <rewind/autograd/call_stack.h>

#include <cxxabi.h>
#include <dlfcn.h>
#include <execinfo.h>
#include <link.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <memory>
#include <string_view>

#include <fmt/format.h>

namespace rw::detail {
namespace {

// A function at an address; several share one where calls were inlined.
struct Frame {
  std::string symbol;  // mangled; empty where there is none
  std::string place;   // file:line, or object+offset
};

// An address as an offset in the program or library that it lies in.
struct Location {
  std::string object;
  uintptr_t offset = 0;
  std::string symbol;  // of the dynamic symbols, which programs have few of
};

std::string running_program() {
  std::array<char, 4096> path;
  const ssize_t n = readlink("/proc/self/exe", path.data(), path.size());
  return n > 0 ? std::string(path.data(), static_cast<size_t>(n)) : std::string();
}

// One byte back from a return address: into the call, which it may be a line behind.
Location locate(void* return_address) {
  void* const address = static_cast<char*>(return_address) - 1;
  Dl_info info{};
  void* extra = nullptr;
  if (!dladdr1(address, &info, &extra, RTLD_DL_LINKMAP) || !extra)
    return {"", reinterpret_cast<uintptr_t>(address), ""};
  const auto* map = static_cast<const link_map*>(extra);
  return {map->l_name[0] ? map->l_name : running_program(),
          reinterpret_cast<uintptr_t>(address) - map->l_addr, info.dli_sname ? info.dli_sname : ""};
}

std::string quoted(const std::string& path) {
  std::string out = "'";
  for (const char c : path) out += c == '\'' ? "'\\''" : std::string(1, c);
  return out + "'";
}

std::vector<std::string> lines_of(const std::string& command) {
  std::vector<std::string> lines;
  const std::unique_ptr<FILE, int (*)(FILE*)> pipe(popen(command.c_str(), "r"), pclose);
  if (!pipe) return lines;
  char* line = nullptr;
  size_t capacity = 0;
  for (ssize_t n; (n = getline(&line, &capacity, pipe.get())) > 0;)
    lines.emplace_back(line, static_cast<size_t>(line[n - 1] == '\n' ? n - 1 : n));
  std::free(line);
  return lines;
}

// What addr2line tells of these offsets in `object`: of each the functions, an inlined one before
// the one around it. Nothing where there is no addr2line or no such file.
std::vector<std::vector<Frame>> ask_addr2line(const std::string& object,
                                              const std::vector<uintptr_t>& offsets) {
  std::string command = "addr2line --addresses --functions --inlines -e " + quoted(object);
  for (const uintptr_t offset : offsets) command += fmt::format(" {:#x}", offset);
  std::vector<std::vector<Frame>> answers;
  const std::vector<std::string> lines = lines_of(command + " 2>/dev/null");
  for (size_t i = 0; i < lines.size(); ++i) {
    if (lines[i].starts_with("0x")) {
      answers.emplace_back();
    } else if (!answers.empty() && i + 1 < lines.size()) {
      const std::string& place = lines[++i];
      const bool known = !place.starts_with("??") && place.find(":?") == std::string::npos;
      const std::string& symbol = lines[i - 1];
      // " (discriminator 3)" may follow the line.
      answers.back().push_back({symbol == "??" ? "" : symbol,
                                known ? place.substr(0, place.find(" (")) : std::string()});
    }
  }
  return answers.size() == offsets.size() ? answers : std::vector<std::vector<Frame>>();
}

// What `locate` knows, for where addr2line knows no more.
void complete(Frame& frame, const Location& at) {
  if (!frame.place.empty()) return;
  // Without debug information addr2line may take the nearest exported function for the one that
  // the address lies in; `locate` looks at its size.
  if (frame.symbol.empty() || dlsym(RTLD_DEFAULT, frame.symbol.c_str())) frame.symbol = at.symbol;
  frame.place = fmt::format("{}+{:#x}", at.object.substr(at.object.rfind('/') + 1), at.offset + 1);
}

std::vector<Frame> frames_of(const std::vector<void*>& addresses) {
  std::vector<Location> locations;
  std::map<std::string, std::vector<size_t>> by_object;
  for (void* address : addresses) {
    Location at = locate(address);
    if (at.object.find("/libc.so") != std::string::npos) continue;  // what calls main
    by_object[at.object].push_back(locations.size());
    locations.push_back(std::move(at));
  }
  std::vector<std::vector<Frame>> found(locations.size(), std::vector<Frame>(1));
  for (const auto& [object, indices] : by_object) {
    std::vector<uintptr_t> offsets;
    for (const size_t i : indices) offsets.push_back(locations[i].offset);
    std::vector<std::vector<Frame>> answers = ask_addr2line(object, offsets);
    for (size_t k = 0; k < answers.size(); ++k) found[indices[k]] = std::move(answers[k]);
  }
  std::vector<Frame> frames;
  for (size_t i = 0; i < found.size(); ++i)
    for (Frame& frame : found[i]) {
      complete(frame, locations[i]);
      frames.push_back(std::move(frame));
    }
  return frames;
}

// Whether a place lies in this library's sources, as the compiler was given them. Local functions
// that were inlined have no mangled names.
bool is_in_sources(const std::string& place) {
  static const std::string root = [] {
    const std::string file = __FILE__;
    return file.substr(0, file.rfind("autograd/"));
  }();
  constexpr std::array rooms = {"tensor/",   "kernels/", "onednn/", "autograd/", "ops/",
                                "wrappers/", "nn/",      "optim/",  "io/",       "data/"};
  return !root.empty() && std::any_of(rooms.begin(), rooms.end(), [&](const char* room) {
    return place.find(root + room) != std::string::npos;
  });
}

// By mangled names, in which return types don't get in the way: those of `rw` and `std`, also of
// what is local to their functions. (_Z, N for nested, K for const, Z for local, L for static)
// What is inlined into a function of `std` may bear its name, such as a lambda that std::function
// calls: there the file decides.
bool is_library(const Frame& frame) {
  if (frame.place.find("/include/c++/") != std::string::npos || is_in_sources(frame.place))
    return true;
  std::string_view name = frame.symbol;
  if (!name.starts_with("_Z")) return false;
  name.remove_prefix(std::min(name.find_first_not_of("NKZL", 2), name.size()));
  const bool has_line = frame.place.find(':') != std::string::npos;
  return name.starts_with("2rw") ||
         (!has_line && (name.starts_with("St") || name.starts_with("9__gnu_cxx")));
}

std::string demangled(const std::string& symbol) {
  if (symbol.empty()) return "??";
  int status = 0;
  const std::unique_ptr<char, void (*)(void*)> readable(
      abi::__cxa_demangle(symbol.c_str(), nullptr, nullptr, &status), std::free);
  return status == 0 ? readable.get() : symbol;
}

}  // namespace

CallStack CallStack::here() {
  std::array<void*, 64> addresses;
  const int n = backtrace(addresses.data(), static_cast<int>(addresses.size()));
  CallStack stack;
  if (n > 1) stack.addresses_.assign(addresses.begin() + 1, addresses.begin() + n);
  return stack;
}

std::string CallStack::text() const {
  std::vector<Frame> frames = frames_of(addresses_);
  const auto main =
      std::find_if(frames.begin(), frames.end(), [](const Frame& f) { return f.symbol == "main"; });
  if (main != frames.end()) frames.erase(main + 1, frames.end());
  // A program may live in `rw` itself: then everything is better than nothing.
  if (!std::all_of(frames.begin(), frames.end(), is_library)) std::erase_if(frames, is_library);

  constexpr size_t shown = 12;
  std::string out;
  for (size_t i = 0; i < std::min(frames.size(), shown); ++i)
    out += fmt::format("\n  {} ({})", demangled(frames[i].symbol), frames[i].place);
  return frames.size() > shown ? out + fmt::format("\n  and {} more", frames.size() - shown) : out;
}

}  // namespace rw::detail
