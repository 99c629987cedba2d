#include "memory.h"

#include <string.h>
#include <sys/mman.h>

#include "settings.h"

namespace emulator {
namespace {

constexpr size_t kGranularity = 256;  // of device pointers, as CUDA's
constexpr size_t kPageBytes = 4096;
constexpr uint8_t kPoison = 0xff;  // NaN as float32 and as bfloat16

struct State {
  std::map<uintptr_t, Allocation> allocations;
  std::map<int, size_t> usedBytes;
  uint32_t allocated = 0;
  uint64_t generation = 1;
};
State& state() {
  static State* one = new State;  // never destroyed: the JVM's threads may still run at exit
  return *one;
}

size_t roundUp(size_t n, size_t unit) { return (n + unit - 1) / unit * unit; }

// Frees the pages but keeps the addresses, so that a later use faults instead of meeting somebody else's data.
void quarantine(const Allocation& a) {
  size_t rounded = roundUp(a.bytes, kGranularity), pages = roundUp(rounded, kPageBytes);
  mmap(reinterpret_cast<void*>(a.address + rounded - pages), pages, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED | MAP_NORESERVE, -1,
       0);
}

}  // namespace

void Allocation::markInitialised(uintptr_t from, size_t n) {
  if (!initialised.empty()) memset(&initialised[from - address], 1, n);
}

std::string Allocation::describe() const {
  std::string kind = device == kHostMemory ? "pinned host memory" : "memory of device " + std::to_string(device);
  return "allocation " + std::to_string(number) + " (" + std::to_string(bytes) + " bytes, " + (freed ? "freed " : "") + kind + ")";
}

namespace memory {

Result allocate(size_t bytes, int device, void** out) {
  if (!bytes) return kInvalidValue;
  State& s = state();
  size_t rounded = roundUp(bytes, kGranularity), pages = roundUp(rounded, kPageBytes);
  if (device != kHostMemory && rounded > freeBytes(device)) return kOutOfMemory;
  char* mapping = static_cast<char*>(mmap(nullptr, pages + 2 * kPageBytes, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
  if (mapping == MAP_FAILED) return kOutOfMemory;
  mprotect(mapping + kPageBytes, pages, PROT_READ | PROT_WRITE);
  memset(mapping + kPageBytes, kPoison, pages);
  // Ends at the guard page, so that what runs over the end faults even in the fast build.
  uintptr_t address = reinterpret_cast<uintptr_t>(mapping) + kPageBytes + pages - rounded;
  s.generation++;
  Allocation& a = s.allocations[address];
  a = {address, bytes, device, ++s.allocated, false, false, {}, Shadow(bytes)};
  if (settings.uninitialised && device != kHostMemory) a.initialised.resize(bytes);
  if (device != kHostMemory) s.usedBytes[device] += rounded;
  *out = reinterpret_cast<void*>(address);
  return kSuccess;
}

Result registerHost(void* pointer, size_t bytes) {
  uintptr_t address = reinterpret_cast<uintptr_t>(pointer);
  if (!bytes || !address) return kInvalidValue;
  if (range(address, 1, true)) return kHostMemoryAlreadyRegistered;
  State& s = state();
  s.generation++;
  s.allocations[address] = {address, bytes, kHostMemory, ++s.allocated, true, false, {}, Shadow(bytes)};
  return kSuccess;
}

Result unregisterHost(void* pointer) {
  State& s = state();
  auto found = s.allocations.find(reinterpret_cast<uintptr_t>(pointer));
  if (found == s.allocations.end() || !found->second.registered) return kHostMemoryNotRegistered;
  s.generation++;
  s.allocations.erase(found);
  return kSuccess;
}

Result release(uintptr_t address, bool host, Finding* finding) {
  State& s = state();
  auto found = s.allocations.find(address);
  if (found == s.allocations.end()) return kInvalidValue;
  Allocation& a = found->second;
  if (a.freed || a.registered || (a.device == kHostMemory) != host) return kInvalidValue;
  size_t rounded = roundUp(a.bytes, kGranularity);
  for (size_t i = a.bytes; i < rounded; i++) {
    if (reinterpret_cast<uint8_t*>(address)[i] == kPoison) continue;
    *finding = {kIllegalAddress, "something wrote " + std::to_string(i - a.bytes) + " bytes past the end of " + a.describe() +
                                     ", seen when it was freed", nullptr};
    break;
  }
  if (!host) s.usedBytes[a.device] -= rounded;
  quarantine(a);
  s.generation++;
  a.freed = true;
  a.initialised = {};
  a.shadow = Shadow(0);
  return kSuccess;
}

void releaseDevice(int device) {
  Finding ignored;
  for (auto& [address, a] : state().allocations) {
    if (a.device == device && !a.freed) release(address, false, &ignored);
  }
}

size_t freeBytes(int device) { return settings.memoryOf(device) - state().usedBytes[device]; }

uint64_t generation() { return state().generation; }

Allocation* below(uintptr_t address) {
  auto& allocations = state().allocations;
  auto above = allocations.upper_bound(address);
  return above == allocations.begin() ? nullptr : &std::prev(above)->second;
}

Allocation* find(uintptr_t address) {
  Allocation* a = below(address);
  return a && address - a->address < a->bytes ? a : nullptr;
}

Allocation* range(uintptr_t address, size_t n, bool host) {
  Allocation* a = find(address);
  return a && !a->freed && (a->device == kHostMemory) == host && a->contains(address, n) ? a : nullptr;
}

void reset() {
  State& s = state();
  for (auto& [address, a] : s.allocations) {
    if (!a.freed && !a.registered) quarantine(a);
  }
  s.generation++;
  s.allocations.clear();
  s.usedBytes.clear();
  s.allocated = 0;
}

}  // namespace memory
}  // namespace emulator
