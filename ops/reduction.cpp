#include <rewind/ops/reduction.h>
