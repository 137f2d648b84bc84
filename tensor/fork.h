#pragma once
// Private to the library's sources: what a child made by fork() needs, in which only the thread
// that called fork() lives on.

namespace rw::detail {

/// Readies every child from now on.
bool watch_forks();

/// Ends the threads that wait for the caller's next parallel region, which would start new ones: a
/// child would wait for them in vain. Does nothing inside a region.
void end_team() noexcept;

}  // namespace rw::detail
