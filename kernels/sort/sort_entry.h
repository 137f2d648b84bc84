#pragma once

#include <bit>
#include <cstdint>
#include <type_traits>

#include <rewind/tensor/dtype.h>

namespace rw::kernels {

/// Of which unsigned type a value's place in order is.
template <class T>
using SortKey =
    std::conditional_t<sizeof(T) == 1, uint8_t,
                       std::conditional_t<sizeof(T) == 2, uint16_t,
                                          std::conditional_t<sizeof(T) == 4, uint32_t, uint64_t>>>;

/// A number that orders as the value does. NaN is the greatest, and all NaN are equal; so are both
/// zeros.
template <class T>
SortKey<T> sort_key(T value) {
  using K = SortKey<T>;
  constexpr K sign = static_cast<K>(K{1} << (8 * sizeof(K) - 1));
  if constexpr (std::is_same_v<T, bool> || std::is_unsigned_v<T>) {
    return static_cast<K>(value);
  } else if constexpr (std::is_integral_v<T>) {
    return static_cast<K>(std::bit_cast<K>(value) ^ sign);
  } else {
    constexpr K infinity = sizeof(T) == 8               ? static_cast<K>(0x7ff0000000000000u)
                           : sizeof(T) == 4             ? static_cast<K>(0x7f800000u)
                           : std::is_same_v<T, Float16> ? static_cast<K>(0x7c00u)
                                                        : static_cast<K>(0x7f80u);
    const K bits = std::bit_cast<K>(value);
    const K size = static_cast<K>(bits & ~sign);
    const K negative = static_cast<K>(-static_cast<K>(bits >> (8 * sizeof(K) - 1)));  // all bits
    const K ordered = static_cast<K>(sign + static_cast<K>(size ^ negative) - negative);
    return static_cast<K>(ordered | static_cast<K>(-static_cast<K>(size > infinity)));
  }
}

/// Whether values of this key may differ in their bits.
template <class T>
bool is_ambiguous(SortKey<T> key) {
  using K = SortKey<T>;
  if constexpr (std::is_integral_v<T>) return false;
  return key == static_cast<K>(K{1} << (8 * sizeof(K) - 1)) || key == static_cast<K>(~K{0});
}

/// The value of a key; one of them where it is ambiguous.
template <class T>
T value_of_key(SortKey<T> key) {
  using K = SortKey<T>;
  constexpr K sign = static_cast<K>(K{1} << (8 * sizeof(K) - 1));
  if constexpr (std::is_same_v<T, bool>)
    return key != 0;
  else if constexpr (std::is_unsigned_v<T>)
    return key;
  else if constexpr (std::is_integral_v<T>)
    return std::bit_cast<T>(static_cast<K>(key ^ sign));
  else
    return std::bit_cast<T>(static_cast<K>(key & sign ? key ^ sign : sign | (sign - key)));
}

/// A key and where its value stands in its row, as one number: it orders by the key first. Rows
/// have less than 2^32 values.
struct NarrowEntry {
  using Key = uint32_t;
  NarrowEntry() = default;
  NarrowEntry(uint32_t key, int64_t index)
      : bits(uint64_t{key} << 32 | static_cast<uint32_t>(index)) {}
  uint32_t key() const { return static_cast<uint32_t>(bits >> 32); }
  int64_t index() const { return static_cast<int64_t>(bits & 0xffffffffu); }
  friend bool operator<(NarrowEntry a, NarrowEntry b) { return a.bits < b.bits; }

  uint64_t bits;
};

/// The same for keys of 64 bits, and for rows of any length.
struct WideEntry {
  using Key = uint64_t;
  WideEntry() = default;
  WideEntry(uint64_t key, int64_t index) : key_(key), index_(index) {}
  uint64_t key() const { return key_; }
  int64_t index() const { return index_; }
  friend bool operator<(const WideEntry& a, const WideEntry& b) {
    return a.key_ < b.key_ || (a.key_ == b.key_ && a.index_ < b.index_);
  }

 private:
  uint64_t key_;
  int64_t index_;
};

}  // namespace rw::kernels
