#pragma once
// Private to the library's sources.

#include <string>
#include <vector>

namespace rw::detail {

/// Where the program stands, as return addresses: cheap to take, and put into words when needed.
class CallStack {
 public:
  static CallStack here();
  /// The program's own functions, the innermost first, one a line: without the library's frames,
  /// the standard library's, and what runs before main.
  std::string text() const;

 private:
  std::vector<void*> addresses_;
};

}  // namespace rw::detail
