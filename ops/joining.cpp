#include <rewind/ops/joining.h>
