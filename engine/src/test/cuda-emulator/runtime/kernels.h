// The kernel libraries: the same .cu files compiled twice, for speed and with a hook at each memory access.
#pragma once
#include <map>
#include <string>

#include "threads.h"

namespace emulator {

struct Library {
  bool checked = false;
  void* (*anchor)() = nullptr;  // an address in the static __shared__ segment of the calling operating system thread
  std::map<std::string, Kernel> kernels;
  uintptr_t low = 0, high = 0;  // where code and constants lie
};

struct Segment {
  uintptr_t low = 0;
  size_t bytes = 0;
};

// Opens the library, which lies beside this one, at its first use; null with the reason in *why if that fails.
const Library* openLibrary(bool checked, std::string* why);
// The static __shared__ variables of a library's kernels, for the calling operating system thread.
Segment staticShared(const Library& library);

// "rms_norm.cu:42" for an address in a kernel library where the checked build has line numbers, else library and offset.
std::string sourceLine(const void* programCounter);

}  // namespace emulator
