#include <rewind/ops/conv.h>
