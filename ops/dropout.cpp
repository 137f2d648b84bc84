#include <rewind/ops/dropout.h>
