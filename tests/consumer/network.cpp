// Links rewind::models alone.

#include <cstdio>

#include <rewind/models/cifar_resnet.h>
#include <rewind/rewind.h>

int main() {
  rewind::models::CifarResNet net = rewind::models::resnet20();
  const bool ok = net(rewind::zeros({2, 3, 32, 32})).shape() == rewind::Shape{2, 10};
  std::printf("%s\n", ok ? "a network computes" : "a network computes something else");
  return ok ? 0 : 1;
}
