// Device memory and pinned host memory: each allocation lies between guard pages, starts out as NaNs, and is never reused.
#pragma once
#include <map>
#include <memory>
#include <vector>

#include "results.h"
#include "shadow.h"

namespace emulator {

constexpr int kHostMemory = -1;

struct Allocation {
  uintptr_t address;
  size_t bytes;
  int device;       // or kHostMemory
  uint32_t number;  // in order of allocation, for reports
  bool registered;  // the caller's own memory, pinned by cuMemHostRegister
  bool freed;
  std::vector<uint8_t> initialised;  // one a byte; empty where settings.uninitialised is off
  Shadow shadow;                     // who accessed what in this launch

  bool contains(uintptr_t from, size_t n) const { return from >= address && n <= bytes && from - address <= bytes - n; }
  void markInitialised(uintptr_t from, size_t n);
  std::string describe() const;
};

// All functions are called under the driver's lock, or by workers while their launcher holds it.
namespace memory {

Result allocate(size_t bytes, int device, void** out);
Result registerHost(void* address, size_t bytes);
Result unregisterHost(void* address);
// Counts the memory as free and makes it inaccessible. *finding says if its end was overwritten.
Result release(uintptr_t address, bool host, Finding* finding);
void releaseDevice(int device);
size_t freeBytes(int device);

// The allocation that holds the address, freed ones too; null where there is none.
Allocation* find(uintptr_t address);
// The nearest allocation that starts at or below the address, or null.
Allocation* below(uintptr_t address);
// Changes whenever an allocation comes or goes.
uint64_t generation();
// The live device allocation (host memory if `host`) with all n bytes, or null.
Allocation* range(uintptr_t address, size_t n, bool host = false);

// Forgets everything, as when the machine is set up anew.
void reset();

}  // namespace memory
}  // namespace emulator
