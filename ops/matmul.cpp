#include <rewind/ops/matmul.h>
