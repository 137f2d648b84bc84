#pragma once
// How long a step takes on many nodes, by a formula.

#include <algorithm>
#include <vector>

/// A step of a training on one node, and the link between nodes.
struct Scaling {
  double forward = 0.1, backward = 0.2;  ///< seconds
  double bytes = 1e8;                    ///< of all gradients
  int buckets = 4;                       ///< of equal size, ready one after the other in backward
  double latency = 20e-6;                ///< seconds from a node to the next
  double bandwidth = 1.25e9;             ///< bytes per second, each way
  double per_byte = 0;                   ///< seconds in which a node itself copies and adds a byte

  /// A ring: each node passes 2 (n - 1) pieces of 1/n of the bucket on to the next.
  double exchange(int nodes) const {
    const double piece = bytes / buckets / nodes;
    return 2 * (nodes - 1) * (latency + piece / bandwidth + piece * per_byte);
  }
  /// Buckets travel one after the other, each not before it is ready.
  double step(int nodes) const {
    double end = 0;
    for (int b = 1; b <= buckets; ++b)
      end = std::max(end, forward + backward * b / buckets) + exchange(nodes);
    return std::max(end, forward + backward);
  }
  /// The share of the time in which nodes compute.
  double efficiency(int nodes) const { return (forward + backward) / step(nodes); }
};
