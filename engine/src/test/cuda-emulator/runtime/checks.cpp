#include "checks.h"

#include <string.h>

#include <algorithm>
#include <string>

#include "kernels.h"
#include "memory.h"
#include "settings.h"

namespace emulator {
namespace {

// An ordinary store to shared memory: the thread, plus one, and how many proxy fences it had passed; 0 for none.
struct SharedWrite {
  uint16_t thread = 0;
  uint32_t fences = 0;
};

// The shared memory of the block that runs on this worker, dynamic or static.
struct SharedRegion {
  const char* name;
  uintptr_t low = 0;
  size_t bytes = 0;
  std::vector<uint8_t> initialised;
  std::vector<uint16_t> copiedBy;  // for 4 bytes each: the thread, plus one, whose asynchronous copy has not landed
  std::vector<SharedWrite> storedBy;  // for 4 bytes each: the last ordinary store
  std::vector<uint16_t> multiplied;   // for 4 bytes each: warps whose wgmma reads them
  Shadow shadow;

  void start(uintptr_t address, size_t n) {
    if (n != bytes) {
      bytes = n;
      initialised.resize(n);
      copiedBy.resize(n / 4 + 1);
      storedBy.resize(n / 4 + 1);
      multiplied.resize(n / 4 + 1);
      shadow = Shadow(n);
    }
    low = address;
    std::fill(initialised.begin(), initialised.end(), 0);
    std::fill(copiedBy.begin(), copiedBy.end(), 0);
    std::fill(storedBy.begin(), storedBy.end(), SharedWrite{});
    std::fill(multiplied.begin(), multiplied.end(), 0);
  }
};

struct SharedRegions {
  SharedRegion dynamicRegion{"dynamic shared memory"}, staticRegion{"static shared memory"};
};
SharedRegions& regions() {
  static thread_local SharedRegions one;
  return one;
}

// One access under judgement.
struct Judged {
  uintptr_t address;
  size_t bytes;
  AccessKind kind;
  const void* programCounter;

  std::string describe() const {
    const char* verb = kind == AccessKind::kRead ? "read" : kind == AccessKind::kWrite ? "write" : "atomic";
    return std::to_string(bytes) + "-byte " + verb;
  }
  [[noreturn]] void stop(Result result, const std::string& what) const { stopKernel(result, describe() + what, programCounter); }
};

std::string describeThread(Access access) {
  return "thread " + std::to_string(access.thread()) + " of block " + std::to_string(access.block());
}

[[noreturn]] void stopForRace(const Judged& judged, const std::string& place, Access earlier) {
  judged.stop(kLaunchFailed, " races: " + place + " was accessed by " + describeThread(earlier) + " and no barrier lies between");
}

Access accessNow() {
  Thread* thread = currentThread();
  return Access::of(worker->block.index, thread->linear, thread->clocks);
}

uint32_t seenNow() { return currentThread()->clocks.seen; }

void checkShared(SharedRegion& region, const Judged& judged) {
  size_t offset = judged.address - region.low;
  auto at = [&] { return " at offset " + std::to_string(offset) + " of "; };
  if (offset + judged.bytes > region.bytes) {
    judged.stop(kIllegalAddress, at() + std::to_string(region.bytes) + " bytes of " + region.name);
  }
  for (size_t unit = offset / 4; unit <= (offset + judged.bytes - 1) / 4; unit++) {
    if (region.copiedBy[unit]) {
      judged.stop(kLaunchFailed, at() + region.name + ": an asynchronous copy by thread " + std::to_string(region.copiedBy[unit] - 1) +
                                     " has not been waited for");
    }
    if (region.multiplied[unit] && judged.kind != AccessKind::kRead) {
      judged.stop(kLaunchFailed, at() + region.name + ", which a wgmma under way reads");
    }
  }
  if (judged.kind == AccessKind::kWrite) {
    memset(&region.initialised[offset], 1, judged.bytes);
  } else if (settings.uninitialised) {
    for (size_t i = offset; i < offset + judged.bytes; i++) {
      if (!region.initialised[i]) judged.stop(kLaunchFailed, at() + region.name + ", which nobody wrote");
    }
  }
  Shadow::Conflict conflict;
  if (settings.races && judged.kind != AccessKind::kAtomic &&
      region.shadow.access(offset, judged.bytes, judged.kind == AccessKind::kWrite, accessNow(), seenNow(), worker->block.serial, &conflict)) {
    stopForRace(judged, "offset " + std::to_string(conflict.offset) + " of " + region.name, conflict.earlier);
  }
}

// memory::below, which a kernel's next access mostly has in common with the one before.
Allocation* nearestAllocation(uintptr_t address) {
  static thread_local Allocation* last = nullptr;
  static thread_local uint64_t generation = 0;
  if (!last || generation != memory::generation() || !last->contains(address, 1)) {
    last = memory::below(address);
    generation = memory::generation();
  }
  return last;
}

// Several workers record accesses of one allocation at once.
std::mutex& shadowLock(const Allocation& a) {
  static std::mutex* locks = new std::mutex[64];
  return locks[a.number % 64];
}

void checkGlobal(const Judged& judged) {
  Launch& launch = *worker->block.launch;
  Allocation* a = nearestAllocation(judged.address);
  if (!a || judged.address - a->address >= a->bytes) {
    size_t past = a ? judged.address - a->address - a->bytes : SIZE_MAX;
    if (past < 1 << 20) judged.stop(kIllegalAddress, ", " + std::to_string(past) + " bytes past the end of " + a->describe());
    judged.stop(kIllegalAddress, " of an address that is no device memory");
  }
  size_t offset = judged.address - a->address;
  auto at = [&] { return " at offset " + std::to_string(offset) + " of "; };
  if (a->freed) judged.stop(kIllegalAddress, at() + a->describe());
  if (offset + judged.bytes > a->bytes) {
    judged.stop(kIllegalAddress, at() + a->describe() + " runs " + std::to_string(offset + judged.bytes - a->bytes) + " bytes past its end");
  }
  if (a->device == kHostMemory) return;
  if (a->device != launch.device) {
    judged.stop(kIllegalAddress, at() + a->describe() + " from a kernel on device " + std::to_string(launch.device));
  }
  if (!a->initialised.empty()) {
    if (judged.kind == AccessKind::kWrite) {
      memset(&a->initialised[offset], 1, judged.bytes);
    } else {
      for (size_t i = offset; i < offset + judged.bytes; i++) {
        if (!a->initialised[i]) judged.stop(kLaunchFailed, at() + a->describe() + ", which nobody wrote");
      }
    }
  }
  if (!settings.races || judged.kind == AccessKind::kAtomic) return;
  Shadow::Conflict conflict;
  bool race;
  {
    std::lock_guard<std::mutex> guard(shadowLock(*a));
    race = a->shadow.access(offset, judged.bytes, judged.kind == AccessKind::kWrite, accessNow(), seenNow(), launch.serial, &conflict);
  }
  if (race) stopForRace(judged, "offset " + std::to_string(conflict.offset) + " of " + a->describe(), conflict.earlier);
}

void checkRegisters(Thread& thread, const Judged& judged) {
  uintptr_t from = judged.address, to = from + judged.bytes;
  if (to <= thread.registersLow || from >= thread.registersHigh) return;
  for (ProductRegisters& registers : thread.registers) {
    if (to <= registers.low || from >= registers.high) continue;
    if (registers.underWay) judged.stop(kLaunchFailed, " of registers of a wgmma that has not been waited for");
    registers.touched |= judged.kind == AccessKind::kWrite;
  }
}

// What the compiled code touches besides the kernel's data: its stack, its indices, its parameters, its constants.
bool isOwn(const Judged& judged) {
  Thread* thread = currentThread();
  uintptr_t from = judged.address, to = from + judged.bytes;
  auto inside = [&](const void* low, const void* high) {
    return from >= reinterpret_cast<uintptr_t>(low) && to <= reinterpret_cast<uintptr_t>(high);
  };
  if (inside(thread->stackLow, thread->stackHigh)) {
    checkRegisters(*thread, judged);
    return true;
  }
  if (inside(thread, thread + 1)) return true;
  if (inside(&emulator_thread, &emulator_thread + 1)) return true;
  Launch& launch = *worker->block.launch;
  if (inside(launch.parametersLow, launch.parametersHigh)) {
    if (judged.kind != AccessKind::kRead) judged.stop(kIllegalAddress, " of a kernel parameter");
    return true;
  }
  const Library& library = *launch.kernel->library;
  if (from < library.low || to > library.high) return false;
  if (judged.kind != AccessKind::kRead) judged.stop(kIllegalAddress, " of a constant");
  return true;
}

SharedRegion* sharedRegion(uintptr_t address) {
  SharedRegions& r = regions();
  // The space behind the dynamic shared memory, guard page included, belongs to nobody; what runs into it started in it.
  if (address >= r.dynamicRegion.low && address < reinterpret_cast<uintptr_t>(worker->sharedEnd) + 4096) return &r.dynamicRegion;
  if (address >= r.staticRegion.low && address - r.staticRegion.low < r.staticRegion.bytes) return &r.staticRegion;
  return nullptr;
}

void noteOrdinaryWrite(const Judged& judged, bool shared) {
  Thread* thread = currentThread();
  std::vector<OrdinaryWrite>& unfenced = thread->unfenced;
  uintptr_t low = judged.address, high = low + judged.bytes;
  thread->unfencedLow = std::min(thread->unfencedLow, low);
  thread->unfencedHigh = std::max(thread->unfencedHigh, high);
  if (!unfenced.empty() && unfenced.back().shared == shared && low >= unfenced.back().low && low <= unfenced.back().high) {
    unfenced.back().high = std::max(unfenced.back().high, high);  // what follows the last write, or repeats it
  } else {
    unfenced.push_back({low, high, shared});
  }
}

void noteSharedWrite(SharedRegion& region, const Judged& judged) {
  Thread* thread = currentThread();
  size_t offset = judged.address - region.low;
  for (size_t unit = offset / 4; unit <= (offset + judged.bytes - 1) / 4; unit++) {
    region.storedBy[unit] = {(uint16_t)(thread->linear + 1), thread->fences};
  }
}

SharedRegion& copyTarget(const Judged& judged) {
  SharedRegion* region = sharedRegion(judged.address);
  if (!region) judged.stop(kIllegalAddress, " by an asynchronous copy whose target is not shared memory");
  return *region;
}

}  // namespace

void startBlockChecks() {
  worker->checking = worker->block.launch->kernel->library->checked;
  if (!worker->checking) return;
  Block& block = worker->block;
  SharedRegions& r = regions();
  r.dynamicRegion.start(reinterpret_cast<uintptr_t>(block.shared), block.launch->sharedBytes);
  Segment segment = staticShared(*block.launch->kernel->library);
  memset(reinterpret_cast<void*>(segment.low), 0xff, segment.bytes);
  r.staticRegion.start(segment.low, segment.bytes);
}

void checkAccess(const void* address, size_t bytes, AccessKind kind, const void* programCounter) {
  if (!emulator_thread || !bytes || !worker->checking) return;
  Judged judged{reinterpret_cast<uintptr_t>(address), bytes, kind, programCounter};
  if (isOwn(judged)) return;
  if ((bytes & (bytes - 1)) == 0 && bytes <= 16 && (judged.address & (bytes - 1))) {
    judged.stop(kMisalignedAddress, " of a misaligned address");
  }
  if (SharedRegion* region = sharedRegion(judged.address)) {
    checkShared(*region, judged);
    if (kind == AccessKind::kWrite) noteSharedWrite(*region, judged);
    return;
  }
  checkGlobal(judged);
  if (kind == AccessKind::kWrite) noteOrdinaryWrite(judged, false);
}

void checkBarrierInit(const void* address, const void* programCounter) {
  checkAccess(address, 8, AccessKind::kWrite, programCounter);
  if (worker->checking) noteOrdinaryWrite({reinterpret_cast<uintptr_t>(address), 8, AccessKind::kWrite, programCounter}, true);
}

void checkFenced(const void* address, size_t bytes, const void* programCounter) {
  if (!worker->checking) return;
  Judged judged{reinterpret_cast<uintptr_t>(address), bytes, AccessKind::kRead, programCounter};
  for (int t = 0; t < worker->block.threads; t++) {
    if (worker->threads[t].unfencedLow >= judged.address + bytes || worker->threads[t].unfencedHigh <= judged.address) continue;
    for (const OrdinaryWrite& write : worker->threads[t].unfenced) {
      if (write.low >= judged.address + bytes || write.high <= judged.address) continue;
      stopKernel(kLaunchFailed,
                 std::string(write.shared ? "a bulk copy counts on an mbarrier that thread " : "a bulk copy reads what thread ") +
                     std::to_string(t) + (write.shared ? " initialised" : " wrote by ordinary stores") + ", with no proxy fence in between",
                 programCounter);
    }
  }
}

void checkOverwriteFenced(const void* shared, size_t bytes, const void* programCounter) {
  if (!worker->checking) return;
  Judged judged{reinterpret_cast<uintptr_t>(shared), bytes, AccessKind::kWrite, programCounter};
  SharedRegion& region = copyTarget(judged);
  size_t offset = judged.address - region.low;
  if (offset + bytes > region.bytes) return;  // found when the copy begins
  for (size_t unit = offset / 4; unit < (offset + bytes) / 4; unit++) {
    SharedWrite& write = region.storedBy[unit];
    if (write.thread && worker->threads[write.thread - 1].fences == write.fences) {
      stopKernel(kLaunchFailed,
                 "a bulk copy overwrites what thread " + std::to_string(write.thread - 1) + " wrote to offset " +
                     std::to_string(unit * 4) + " of " + region.name + " by ordinary stores, with no proxy fence in between",
                 programCounter);
    }
    write = {};
  }
}

void fenceWrites(bool all) {
  currentThread()->fences++;
  std::vector<OrdinaryWrite>& unfenced = currentThread()->unfenced;
  unfenced.erase(std::remove_if(unfenced.begin(), unfenced.end(), [&](const OrdinaryWrite& write) { return all || write.shared; }),
                 unfenced.end());
}

void beginPendingWrite(void* shared, size_t bytes, const void* programCounter) {
  if (!worker->checking) return;
  Judged judged{reinterpret_cast<uintptr_t>(shared), bytes, AccessKind::kWrite, programCounter};
  SharedRegion& region = copyTarget(judged);
  checkShared(region, judged);  // from here on the copy may land, so whoever still reads the old bytes races
  size_t offset = judged.address - region.low;
  std::fill_n(region.copiedBy.begin() + (ptrdiff_t)(offset / 4), bytes / 4, (uint16_t)(currentThread()->linear + 1));
}

void finishPendingWrite(void* shared, size_t bytes, int thread, Clocks clocks, const void* programCounter) {
  if (!worker->checking) return;
  Judged judged{reinterpret_cast<uintptr_t>(shared), bytes, AccessKind::kWrite, programCounter};
  SharedRegion& region = copyTarget(judged);
  size_t offset = judged.address - region.low;
  std::fill_n(region.copiedBy.begin() + (ptrdiff_t)(offset / 4), bytes / 4, (uint16_t)0);
  memset(&region.initialised[offset], 1, bytes);
  Shadow::Conflict none;  // conflicts of the write itself were found when it began
  if (settings.races) {
    region.shadow.access(offset, bytes, true, Access::of(worker->block.index, thread, clocks), UINT32_MAX, worker->block.serial, &none);
  }
}

void fenceRegisters() {
  Thread* thread = currentThread();
  thread->productFence = true;
  for (ProductRegisters& registers : thread->registers) registers.touched = false;
}

void lockRegisters(const void* address, size_t bytes, const void* programCounter) {
  if (!worker->checking) return;
  Thread* thread = currentThread();
  if (!thread->productFence) stopKernel(kLaunchFailed, "no wgmma.fence before the first wgmma", programCounter);
  uintptr_t low = reinterpret_cast<uintptr_t>(address), high = low + bytes;
  for (ProductRegisters& registers : thread->registers) {
    if (registers.low != low || registers.high != high) continue;
    if (registers.touched) stopKernel(kLaunchFailed, "registers of a wgmma were written, with no wgmma.fence in between", programCounter);
    registers.underWay++;
    return;
  }
  thread->registers.push_back({low, high, 1, false});
  thread->registersLow = std::min(thread->registersLow, low);
  thread->registersHigh = std::max(thread->registersHigh, high);
}

void releaseRegisters(Thread* thread, const void* address, size_t bytes) {
  if (!worker->checking) return;
  uintptr_t low = reinterpret_cast<uintptr_t>(address);
  for (ProductRegisters& registers : thread->registers) {
    if (registers.low == low && registers.high == low + bytes) registers.underWay--;
  }
}

void lockOperand(const void* shared, size_t bytes, int warps, const void* programCounter) {
  if (!worker->checking) return;
  checkAccess(shared, bytes, AccessKind::kRead, programCounter);
  Judged judged{reinterpret_cast<uintptr_t>(shared), bytes, AccessKind::kRead, programCounter};
  SharedRegion& region = copyTarget(judged);
  size_t offset = judged.address - region.low;
  for (size_t unit = offset / 4; unit < (offset + bytes) / 4; unit++) {
    const SharedWrite& write = region.storedBy[unit];
    if (write.thread && worker->threads[write.thread - 1].fences == write.fences) {
      stopKernel(kLaunchFailed,
                 "a wgmma reads what thread " + std::to_string(write.thread - 1) + " wrote to offset " + std::to_string(unit * 4) + " of " +
                     region.name + " by ordinary stores, with no proxy fence in between",
                 programCounter);
    }
    region.multiplied[unit] = (uint16_t)(region.multiplied[unit] + warps);
  }
}

void releaseOperand(const void* shared, size_t bytes) {
  if (!worker->checking) return;
  SharedRegion& region = regions().dynamicRegion;
  size_t offset = reinterpret_cast<uintptr_t>(shared) - region.low;
  for (size_t unit = offset / 4; unit < (offset + bytes) / 4; unit++) region.multiplied[unit]--;
}

}  // namespace emulator
