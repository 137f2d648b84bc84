// Run by mpirun: what debug mode finds.

#include <chrono>
#include <thread>

#include <rewind/distributed/distributed.h>

#include "check.h"

using namespace rw;
using namespace rw::test;
using distributed::rank;

namespace {

void disagree() {
  distributed::all_reduce(ones({2, 3}));
  BOOST_CHECK_EXCEPTION(distributed::all_reduce(ones({2 + rank(), 3})), Error,
                        saying("all_reduce: ranks disagree: rank 0 calls all_reduce of float32 "
                               "[2, 3] by sum, rank 1 all_reduce of float32 [3, 3] by sum"));
  BOOST_CHECK_EXCEPTION(distributed::broadcast(ones({2}, rank() == 1 ? int64 : float32), 0), Error,
                        saying("rank 1 broadcast of int64 [2] with rank 0 of the group"));
  const auto other = [&] {
    if (rank() == 0)
      distributed::barrier();
    else
      distributed::all_reduce(ones({2}));
  };
  BOOST_CHECK_EXCEPTION(other(), Error, saying("ranks disagree: rank 0 calls barrier, rank 1 "));
  // All agree again.
  const Tensor t = ones({2});
  distributed::all_reduce(t);
  BOOST_TEST(t[0].item() == distributed::size());
}

// A rank that comes late is no circle.
void come_late() {
  if (rank() == 0) std::this_thread::sleep_for(std::chrono::seconds(1));
  distributed::barrier();
}

}  // namespace

BOOST_AUTO_TEST_CASE(disagreement) {
  const distributed::init world({.timeout = 60, .debug = true});
  disagree();
  come_late();
}
