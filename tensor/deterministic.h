#pragma once

#pragma GCC visibility push(default)

namespace rw {

/// Whether every result has to have the same digits whatever the number of threads, in all threads;
/// it need not unless told so. Our own kernels' results always do. oneDNN's matrix products and
/// convolutions are split by threads, so that the last digits of some, weight gradients above all,
/// depend on their number: they run on one thread then, and take the longer. (With the same number
/// of threads a program gives the same digits in every run either way.)
void set_deterministic(bool enabled);
/// Whether set_deterministic has asked for it.
bool deterministic_enabled();

}  // namespace rw

#pragma GCC visibility pop
