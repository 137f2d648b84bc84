#include <rewind/io/small_number.h>

#include <algorithm>
#include <charconv>
#include <cstdint>

namespace rw::io {

bool is_small(std::string_view number) {
  const size_t e = std::min(number.find_first_of("eE"), number.size());
  const std::string_view digits = number.substr(0, e);
  const size_t digit = digits.find_first_of("123456789");
  if (digit == digits.npos) return true;
  std::string_view power = number.substr(std::min(e + 1, number.size()));
  const bool is_negative = power.starts_with('-');
  if (power.starts_with('+')) power.remove_prefix(1);
  int64_t exponent = 0;
  if (std::from_chars(power.begin(), power.end(), exponent).ec == std::errc::result_out_of_range)
    return is_negative;
  const auto point = static_cast<int64_t>(std::min(digits.find('.'), digits.size()));
  const auto first = static_cast<int64_t>(digit);
  return exponent < first - point + (first < point ? 1 : 0);
}

}  // namespace rw::io
