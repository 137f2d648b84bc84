#include <rewind/tensor/generator.h>

#include <Random123/philox.h>

namespace rw {

Philox4 philox(uint64_t seed, uint64_t counter) {
  const r123::Philox4x32::ctr_type c = {
      {static_cast<uint32_t>(counter), static_cast<uint32_t>(counter >> 32), 0, 0}};
  const r123::Philox4x32::key_type k = {
      {static_cast<uint32_t>(seed), static_cast<uint32_t>(seed >> 32)}};
  const auto r = r123::Philox4x32()(c, k);
  return {{r[0], r[1], r[2], r[3]}};
}

uint64_t Generator::next() {
  const Philox4 r = philox(seed_, reserve(1));
  return (static_cast<uint64_t>(r.v[0]) << 32) | r.v[1];
}

Generator& default_generator() {
  static thread_local Generator generator;
  return generator;
}

void manual_seed(uint64_t seed) { default_generator().manual_seed(seed); }

}  // namespace rw
