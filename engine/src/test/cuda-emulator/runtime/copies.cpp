// Asynchronous copies into shared memory. A copy lands at the last moment that is allowed, when somebody waits for it; a kernel that
// reads too early finds what was there before, and the checked build says so.
#include <string.h>

#include <algorithm>
#include <string>

#include "checks.h"
#include "collectives.h"

namespace emulator {
namespace {

void land(const PendingCopy& copy, Thread* thread) {
  finishPendingWrite(copy.shared, (size_t)copy.bytes, thread->linear, thread->clocks, copy.programCounter);
  memcpy(copy.shared, copy.global, (size_t)copy.sourceBytes);
  memset(static_cast<char*>(copy.shared) + copy.sourceBytes, 0, (size_t)(copy.bytes - copy.sourceBytes));
}

PhaseBarrier& phaseBarrier(uint64_t* address, const void* programCounter) {
  auto found = worker->block.phaseBarriers.find(address);
  if (found == worker->block.phaseBarriers.end()) stopKernel(kLaunchFailed, "an mbarrier is used that was not initialised", programCounter);
  return found->second;
}

void landAll(PhaseBarrier& barrier) {
  for (const BulkCopy& copy : barrier.copies) {
    // Ordered with the arrivals: the copying thread may be past its own.
    finishPendingWrite(copy.shared, copy.bytes, copy.thread, {barrier.clock, 1}, copy.programCounter);
    memcpy(copy.shared, copy.global, copy.bytes);
    barrier.bytesExpected -= copy.bytes;
  }
  barrier.copies.clear();
}

void completeIfReady(PhaseBarrier& barrier) {
  if (barrier.pending || barrier.bytesExpected) return;
  barrier.phase++;
  barrier.done = barrier.clock;
  barrier.pending = barrier.arrivals;
  for (Thread* thread : barrier.waiting) setReady(thread->warp, 1u << thread->lane);
  barrier.waiting.clear();
}

}  // namespace
}  // namespace emulator

using namespace emulator;

extern "C" void emulator_copy_async(void* shared, const void* global, int bytes, int sourceBytes) {
  Thread* thread = currentThread();
  const void* pc = __builtin_return_address(0);
  if (((uintptr_t)shared | (uintptr_t)global) & (unsigned)(bytes - 1)) stopKernel(kMisalignedAddress, "cp.async of a misaligned address", pc);
  checkAccess(global, (size_t)sourceBytes, AccessKind::kRead, pc);
  beginPendingWrite(shared, (size_t)bytes, pc);
  thread->copies.push_back({shared, global, bytes, sourceBytes, thread->copyGroup, pc});
}

extern "C" void emulator_copy_commit() { currentThread()->copyGroup++; }

extern "C" void emulator_copy_wait(int groupsLeft) {
  Thread* thread = currentThread();
  auto& copies = thread->copies;
  size_t landed = 0;
  while (landed < copies.size() && copies[landed].group < thread->copyGroup - groupsLeft) land(copies[landed++], thread);
  copies.erase(copies.begin(), copies.begin() + (ptrdiff_t)landed);
}

extern "C" void emulator_barrier_init(uint64_t* address, int arrivals) {
  const void* pc = __builtin_return_address(0);
  if ((uintptr_t)address & 7) stopKernel(kMisalignedAddress, "an mbarrier is not 8-byte aligned", pc);
  checkBarrierInit(address, pc);
  *address = 0;
  PhaseBarrier& barrier = worker->block.phaseBarriers[address];
  barrier = PhaseBarrier();
  barrier.arrivals = barrier.pending = arrivals;
}

extern "C" void emulator_proxy_fence(bool all) { fenceWrites(all); }

extern "C" void emulator_barrier_arrive(uint64_t* address, uint32_t expectedBytes) {
  Thread* thread = currentThread();
  const void* pc = __builtin_return_address(0);
  checkAccess(address, 8, AccessKind::kAtomic, pc);
  PhaseBarrier& barrier = phaseBarrier(address, pc);
  if (!barrier.pending) stopKernel(kLaunchFailed, "more arrivals at an mbarrier than it was initialised for", pc);
  barrier.pending--;
  barrier.bytesExpected += expectedBytes;
  barrier.clock = std::max(barrier.clock, thread->clocks.block);
  thread->clocks.block++;  // what follows is not ordered before those who wait
  if (barrier.copies.empty()) completeIfReady(barrier);
  else if (!barrier.waiting.empty()) {
    landAll(barrier);
    completeIfReady(barrier);
  }
}

extern "C" void emulator_barrier_wait(uint64_t* address, uint32_t parity, const char* where) {
  Thread* thread = currentThread();
  const void* pc = __builtin_return_address(0);
  checkAccess(address, 8, AccessKind::kAtomic, pc);
  PhaseBarrier* barrier = &phaseBarrier(address, pc);
  if ((barrier->phase & 1) == parity) {
    landAll(*barrier);
    completeIfReady(*barrier);
  }
  while ((barrier->phase & 1) == parity) {
    barrier->waiting.push_back(thread);
    waitUntilReady(thread, where);
    barrier = &phaseBarrier(address, pc);
  }
  thread->clocks.pass(barrier->done);
}

extern "C" void emulator_copy_bulk(void* shared, const void* global, uint32_t bytes, uint64_t* address) {
  Thread* thread = currentThread();
  const void* pc = __builtin_return_address(0);
  if (((uintptr_t)shared | (uintptr_t)global | bytes) & 15) stopKernel(kMisalignedAddress, "a bulk copy is not 16-byte aligned and sized", pc);
  checkAccess(global, bytes, AccessKind::kRead, pc);
  checkFenced(global, bytes, pc);
  checkFenced(address, 8, pc);
  checkOverwriteFenced(shared, bytes, pc);
  PhaseBarrier& barrier = phaseBarrier(address, pc);
  beginPendingWrite(shared, bytes, pc);
  barrier.copies.push_back({shared, global, bytes, thread->linear, pc});
  if (!barrier.waiting.empty()) {  // somebody waits already, so it may land at once
    landAll(barrier);
    completeIfReady(barrier);
  }
}
