#pragma once
// All of rewind::distributed.

#include <rewind/distributed/backend.h>
#include <rewind/distributed/collectives.h>
#include <rewind/distributed/data_parallel.h>
#include <rewind/distributed/process_group.h>
#include <rewind/distributed/shard_sampler.h>
#include <rewind/distributed/simulated_link.h>
#include <rewind/distributed/sync_batch_norm.h>
#include <rewind/distributed/zero_redundancy_optimizer.h>
