// Runs one block: makes its threads, and picks which one goes on whenever one has to wait.
#include <string.h>
#include <sys/mman.h>

#include <string>

#include "checks.h"
#include "collectives.h"
#include "fibers.h"
#include "kernels.h"
#include "settings.h"
#include "threads.h"

extern "C" {
__thread emulator::ThreadState* emulator_thread __attribute__((tls_model("initial-exec"))) = nullptr;
}

namespace emulator {

__thread Worker* worker __attribute__((tls_model("initial-exec"))) = nullptr;

namespace {

constexpr size_t kPageBytes = 4096;
constexpr uint64_t kMaxPolls = 2'000'000;  // some tenths of a second of nothing but polling
constexpr size_t kStackBytes = 96 << 10;
constexpr size_t kStackStride = kStackBytes + kPageBytes;  // a guard page under each stack

char* mapped(size_t bytes) {
  void* memory = mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (memory == MAP_FAILED) abort();
  return static_cast<char*>(memory);
}

int pickBit(Block& block, uint32_t bits) {
  switch (settings.order) {
    case Order::kForward:
      return __builtin_ctz(bits);
    case Order::kReverse:
      return 31 - __builtin_clz(bits);
    case Order::kRandom:
      break;
  }
  for (int skip = (int)(nextRandom(&block.random) % (unsigned)__builtin_popcount(bits)); skip; skip--) bits &= bits - 1;
  return __builtin_ctz(bits);
}

// Stays in the warp while one of its threads can run, since neighbours meet soonest; random order leaves it now and then.
Thread* nextReady(Warp* current) {
  Block& block = worker->block;
  bool leave = settings.order == Order::kRandom && (nextRandom(&block.random) & 7) == 0;
  Warp* warp = current && current->ready && !leave ? current : nullptr;
  if (!warp) {
    if (!block.readyWarps) return nullptr;
    warp = &block.warps[pickBit(block, block.readyWarps)];
  }
  return &worker->threads[(warp - block.warps) * kWarpThreads + pickBit(block, warp->ready)];
}

void clearReady(Thread* thread) {
  Warp* warp = thread->warp;
  warp->ready &= ~(1u << thread->lane);
  if (!warp->ready) worker->block.readyWarps &= ~(1u << (warp - worker->block.warps));
}

void switchTo(Thread* from, Thread* to) {
  if (to == from) return;
  emulator_thread = to;
  emulator_switch(&from->stackPointer, to ? to->stackPointer : worker->mainStackPointer);
}

void threadMain() {
  worker->block.launch->kernel->entry->call(worker->block.launch->parameters);
  Thread* thread = currentThread();
  checkNoProductIsLeft();
  thread->warp->alive &= ~(1u << thread->lane);
  thread->waitingAt = nullptr;
  worker->block.alive--;
  clearReady(thread);
  releaseBlockBarrierIfComplete();  // __syncthreads waits for threads that still run, as on the device
  switchTo(thread, nextReady(thread->warp));
  abort();
}

void prepareThread(Launch& launch, int linear, Dim3 blockIndex) {
  Block& block = worker->block;
  Thread& thread = worker->threads[linear];
  Warp& warp = block.warps[linear / kWarpThreads];
  unsigned i = (unsigned)linear;
  thread.threadIndex = {i % launch.block.x, i / launch.block.x % launch.block.y, i / (launch.block.x * launch.block.y)};
  thread.blockIndex = blockIndex;
  thread.blockDimension = launch.block;
  thread.gridDimension = launch.grid;
  thread.dynamicShared = block.shared;
  thread.warp = &warp;
  thread.lane = linear % kWarpThreads;
  thread.linear = linear;
  thread.clocks = Clocks();
  thread.waitingAt = nullptr;
  thread.copyGroup = 0;
  thread.copies.clear();
  thread.unfenced.clear();
  thread.unfencedLow = UINTPTR_MAX;
  thread.unfencedHigh = 0;
  thread.fences = 0;
  thread.productFence = false;
  thread.productGroup = 0;
  thread.registers.clear();
  thread.registersLow = UINTPTR_MAX;
  thread.registersHigh = 0;
  thread.stackLow = worker->stacks + linear * kStackStride + kPageBytes;
  thread.stackHigh = thread.stackLow + kStackBytes;
  // Tops at different offsets, so that the threads' frames do not all fall into the same cache sets.
  thread.stackPointer = prepareFiber(thread.stackHigh - 64 - linear % 13 * 192, threadMain);
}

void prepareWarp(Warp& warp, int lanes) {
  warp.existing = warp.alive = lanes == kWarpThreads ? ~0u : (1u << lanes) - 1;
  warp.ready = 0;
  warp.full.arrived = 0;
  warp.partial.clear();
  warp.products.clear();
  setReady(&warp, warp.existing);
}

std::string describeDeadlock() {
  Block& block = worker->block;
  std::string text = "deadlock: the block's threads wait for each other";
  const char* seen = nullptr;
  for (int i = 0; i < block.threads; i++) {
    const char* at = worker->threads[i].waitingAt;
    if (at && at != seen) text += std::string("; thread ") + std::to_string(i) + " at " + (seen = at);
  }
  int exited = block.threads - block.alive;
  return exited ? text + "; " + std::to_string(exited) + " exited" : text;
}

}  // namespace

Worker::Worker() {
  stacks = mapped(kStackStride * kMaxBlockThreads);
  for (int i = 0; i < kMaxBlockThreads; i++) mprotect(stacks + i * kStackStride, kPageBytes, PROT_NONE);
  size_t sharedBytes = (kMaxSharedBytes + kPageBytes - 1) / kPageBytes * kPageBytes;
  char* shared = mapped(sharedBytes + 2 * kPageBytes);
  mprotect(shared, kPageBytes, PROT_NONE);
  mprotect(shared + kPageBytes + sharedBytes, kPageBytes, PROT_NONE);
  sharedEnd = shared + kPageBytes + sharedBytes;
}

uint64_t nextRandom(uint64_t* state) {  // xorshift64
  *state ^= *state << 13;
  *state ^= *state >> 7;
  *state ^= *state << 17;
  return *state;
}

void setReady(Warp* warp, uint32_t lanes) {
  warp->ready |= lanes;
  worker->block.readyWarps |= 1u << (warp - worker->block.warps);
}

void waitUntilReady(Thread* thread, const char* at) {
  thread->waitingAt = at;
  clearReady(thread);
  switchTo(thread, nextReady(thread->warp));
  thread->waitingAt = nullptr;
}

void pickAgain(Thread* thread) {
  // In forward order the caller goes on, which saves a switch; the other orders prefer somebody else.
  if (settings.order != Order::kForward) switchTo(thread, nextReady(thread->warp));
}

void letOthersRun(Thread* thread) {
  // The next one in turn, not by the order: otherwise two threads that poll could pick each other for ever.
  Block& block = worker->block;
  if (++block.polls > kMaxPolls) stopKernel(kLaunchFailed, "the block's threads poll for what does not come");
  for (int step = 1; step < block.threads; step++) {
    Thread& other = worker->threads[(thread->linear + step) % block.threads];
    if (other.warp->ready >> other.lane & 1) return switchTo(thread, &other);
  }
}

void runBlock(Launch& launch, uint64_t index) {
  Block& block = worker->block;
  block.launch = &launch;
  block.index = (uint32_t)index;
  block.serial++;
  block.threads = block.alive = (int)(launch.block.x * launch.block.y * launch.block.z);
  block.readyWarps = 0;
  block.polls = 0;
  block.random = settings.seed * 0x9E3779B97F4A7C15ull + index * 0xD1B54A32D192ED03ull + 1;
  block.shared = worker->sharedEnd - ((launch.sharedBytes + 127) & ~127u);
  for (BlockBarrier& barrier : block.barriers) barrier = BlockBarrier();
  for (Warpgroup& warpgroup : block.warpgroups) warpgroup.arrived = 0;
  block.phaseBarriers.clear();
  memset(block.shared, 0xff, launch.sharedBytes);  // NaN to whoever reads what nobody wrote
  startBlockChecks();

  unsigned x = launch.grid.x, y = launch.grid.y;
  Dim3 blockIndex{(unsigned)(index % x), (unsigned)(index / x % y), (unsigned)(index / ((uint64_t)x * y))};
  for (int i = 0; i < block.threads; i++) {
    int left = block.threads - i;
    if (i % kWarpThreads == 0) prepareWarp(block.warps[i / kWarpThreads], left < kWarpThreads ? left : kWarpThreads);
    prepareThread(launch, i, blockIndex);
  }

  worker->finding = Finding();
  emulator_thread = nextReady(nullptr);
  emulator_switch(&worker->mainStackPointer, currentThread()->stackPointer);
  emulator_thread = nullptr;
  if (!worker->finding.result && block.alive) {
    worker->finding = {kLaunchFailed, describeDeadlock() + " [kernel " + launch.kernel->entry->name + ", block " +
                                          std::to_string(index) + "]", nullptr};
  }
  if (worker->finding.result) {
    std::lock_guard<std::mutex> guard(launch.findingLock);
    if (!launch.failed.exchange(true)) launch.finding = worker->finding;
  }
}

}  // namespace emulator
