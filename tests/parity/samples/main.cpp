// Runs PyTorch's samples, as samples.py writes them:
//
//     parity_samples [--layouts] FILE…
//
// It prints a line for each difference, and for each file how many samples agree.
#include <cstdio>
#include <fstream>
#include <iostream>

#include "run.h"

using namespace rw;
using namespace rw::test;

namespace {

void run_file(const std::string& path, bool layouts) {
  std::ifstream file(path);
  int total = 0;
  std::map<std::string, int> counts;
  for_each_sample(file, [&](const Sample& sample) {
    ++total;
    const Difference d = run(sample, layouts);
    ++counts[d.kind];
    if (d.kind != "agrees")
      std::cout << "DIFF\t" << d.kind << '\t' << sample.name << '\t' << d.text << std::endl;
  });
  std::cout << "FILE\t" << path << '\t' << total;
  for (const auto& [kind, n] : counts) std::cout << '\t' << kind << '=' << n;
  std::cout << std::endl;
}

}  // namespace

int main(int argc, char** argv) {
  bool layouts = false;
  for (int i = 1; i < argc; ++i)
    if (std::string(argv[i]) == "--layouts")
      layouts = true;
    else
      run_file(argv[i], layouts);
}
