#include <rewind/ops/padding.h>
