// Atomics on global and shared memory, relaxed as CUDA's are. The checker sees them as accesses that conflict with no one.
#include <string.h>

#include "checks.h"
#include "threads.h"

using namespace emulator;

namespace {

template <class Compute>
uint32_t replace(uint32_t* address, Compute compute) {
  uint32_t old = __atomic_load_n(address, __ATOMIC_RELAXED);
  while (!__atomic_compare_exchange_n(address, &old, compute(old), true, __ATOMIC_RELAXED, __ATOMIC_RELAXED)) {
  }
  return old;
}

void check(const void* address, size_t bytes, const void* programCounter) {
  if ((uintptr_t)address & (bytes - 1)) stopKernel(kMisalignedAddress, "an atomic on a misaligned address", programCounter);
  checkAccess(address, bytes, AccessKind::kAtomic, programCounter);
}

}  // namespace

extern "C" float emulator_atomic_add_float(float* address, float value) {
  check(address, 4, __builtin_return_address(0));
  uint32_t old = replace(reinterpret_cast<uint32_t*>(address), [value](uint32_t bits) {
    float f;
    memcpy(&f, &bits, 4);
    f += value;
    memcpy(&bits, &f, 4);
    return bits;
  });
  float before;
  memcpy(&before, &old, 4);
  return before;
}

extern "C" uint32_t emulator_atomic(uint32_t* address, uint32_t value, Atomic kind) {
  check(address, 4, __builtin_return_address(0));
  return replace(address, [value, kind](uint32_t old) -> uint32_t {
    switch (kind) {
      case Atomic::kAdd:
        return old + value;
      case Atomic::kMax:
        return old > value ? old : value;
      case Atomic::kMin:
        return old < value ? old : value;
      case Atomic::kExchange:
        return value;
      case Atomic::kOr:
        return old | value;
      case Atomic::kAnd:
        return old & value;
    }
    return old;
  });
}

extern "C" uint64_t emulator_atomic_add_wide(uint64_t* address, uint64_t value) {
  check(address, 8, __builtin_return_address(0));
  return __atomic_fetch_add(address, value, __ATOMIC_RELAXED);
}

extern "C" uint32_t emulator_atomic_swap_if(uint32_t* address, uint32_t expected, uint32_t value) {
  check(address, 4, __builtin_return_address(0));
  __atomic_compare_exchange_n(address, &expected, value, false, __ATOMIC_RELAXED, __ATOMIC_RELAXED);
  return expected;
}
