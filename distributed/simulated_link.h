#pragma once

#include <memory>

#include <rewind/distributed/backend.h>

#pragma GCC visibility push(default)

namespace rw::distributed {

/// What a SimulatedLink takes by name.
struct LinkOptions {
  double bandwidth = 1.25e9;  ///< bytes per second: 10 Gbit/s
  double latency = 50e-6;     ///< seconds before the first byte arrives
};

/// Another backend over a slow link: each exchange takes at least its latency and the time of its
/// bytes, one after another, and nobody computes while they pass. For tests and predictions on one
/// machine.
std::unique_ptr<Backend> simulated_link(std::unique_ptr<Backend> backend,
                                        const LinkOptions& options);

}  // namespace rw::distributed

#pragma GCC visibility pop
