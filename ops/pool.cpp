#include <rewind/ops/pool.h>
