#pragma once

#include <cassert>
#include <cstdint>
#include <cstring>
#include <initializer_list>
#include <list>
#include <unordered_map>
#include <utility>

#include <rewind/tensor/shape.h>

namespace rw::onednn {

/// For cache_stats.
void count_lookup(bool hit);
void count_pack();

/// What tells one primitive from another: a short list of numbers (sizes, strides, options).
class Key {
 public:
  Key(std::initializer_list<int64_t> values) {
    for (const int64_t v : values) add(v);
  }
  void add(int64_t v) {
    assert(size_ < capacity);
    values_[size_++] = v;
  }
  void add(const Shape& s) {
    add(s.rank());
    for (const int64_t v : s) add(v);
  }

  friend bool operator==(const Key& a, const Key& b) {
    return a.size_ == b.size_ && std::memcmp(a.values_, b.values_, a.size_ * sizeof(int64_t)) == 0;
  }
  struct Hash {
    size_t operator()(const Key& key) const noexcept {
      uint64_t h = key.size_;
      for (size_t i = 0; i < key.size_; ++i) {
        h = (h ^ static_cast<uint64_t>(key.values_[i])) * 0x9e3779b97f4a7c15u;
        h ^= h >> 32;
      }
      return h;
    }
  };

 private:
  static constexpr size_t capacity = 48;

  size_t size_ = 0;
  int64_t values_[capacity];
};

/// Values by key, of which the least recently used goes when there are too many. Not for several
/// threads: every thread has its own.
template <class Value>
class Cache {
 public:
  explicit Cache(size_t capacity = 512) : capacity_(capacity) {}

  /// The value of `key`, which `make()` returns where it is missing. It stays where it is until
  /// as many others were asked for as the cache holds.
  template <class Make>
  Value& get(const Key& key, Make&& make) {
    if (const auto found = slots_.find(key); found != slots_.end()) {
      count_lookup(true);
      order_.splice(order_.begin(), order_, found->second.place);
      return found->second.value;
    }
    count_lookup(false);
    Value value = make();
    if (slots_.size() == capacity_) {
      slots_.erase(slots_.find(*order_.back()));
      order_.pop_back();
    }
    const auto slot = slots_.emplace(key, Slot{std::move(value), {}}).first;
    order_.push_front(&slot->first);
    slot->second.place = order_.begin();
    return slot->second.value;
  }

 private:
  struct Slot {
    Value value;
    std::list<const Key*>::iterator place;
  };

  size_t capacity_;
  std::unordered_map<Key, Slot, Key::Hash> slots_;
  std::list<const Key*> order_;  // the last used first
};

}  // namespace rw::onednn
