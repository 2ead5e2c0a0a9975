// SPDX-License-Identifier: Apache-2.0
#include <cstddef>
#include <cstdint>
#include <exception>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <vector>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

// Stands in for libFuzzer where the compiler has none: feeds every file of the directories named to
// the target, once. That is what the test suite needs; to look for new inputs, build with clang.
int main(int argc, char** argv) {
  namespace fs = std::filesystem;
  try {
    std::size_t count = 0;
    for (int i = 1; i < argc; ++i) {
      for (const fs::directory_entry& entry : fs::directory_iterator(argv[i])) {
        std::ifstream in(entry.path(), std::ios::binary);
        const std::vector<char> bytes{std::istreambuf_iterator<char>(in), {}};
        LLVMFuzzerTestOneInput(reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size());
        ++count;
      }
    }
    std::cout << count << " inputs\n";
    return count == 0 ? 1 : 0;
  } catch (const std::exception& error) {
    std::cerr << error.what() << '\n';
    return 1;
  }
}
