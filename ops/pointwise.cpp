#include <rewind/ops/pointwise.h>
