// The hierarchy that a kernel runs in: launch, block, warp, thread; and the worker, an operating system thread that runs blocks.
#pragma once
#include <algorithm>
#include <atomic>
#include <mutex>
#include <unordered_map>
#include <vector>

#include "abi.h"
#include "results.h"

namespace emulator {

constexpr int kWarpThreads = 32;
constexpr int kMaxBlockThreads = 1024;
constexpr int kMaxWarps = kMaxBlockThreads / kWarpThreads;
constexpr size_t kMaxSharedBytes = 227 << 10;

struct Block;
struct Library;

// Lamport clocks. Before a thread's access, whatever the scheduling, came those of its block whose block clock is below `seen`; within a
// warp so did those with a smaller warp clock. Barriers raise them: __syncthreads, named barriers and mbarriers the first, __syncwarp the
// second. Who arrives at a barrier and goes on has a larger block clock from then on, but has seen nothing. Shuffles, votes and matrix
// instructions do not order memory, in CUDA nor here.
struct Clocks {
  uint32_t block = 1, warp = 1, seen = 1;

  // After a barrier at which others came with block clocks of at most `latest`.
  void pass(uint32_t latest) {
    seen = std::max(seen, latest + 1);
    block = std::max(block, latest + 1);
  }
};

// A cp.async under way: it lands when its thread waits for its group.
struct PendingCopy {
  void* shared;
  const void* global;
  int bytes, sourceBytes, group;
  const void* programCounter;
};

// What a thread brings to a meeting of its warp: an operation's own request type begins with this.
enum class WarpOperation { kSync, kShuffle, kVote, kReduce, kMatch, kLoadMatrix, kMma, kProductWait };
const char* nameOf(WarpOperation operation);

// A meeting of the threads of a warp that a mask names; whoever comes last does the operation for all.
struct Meeting {
  uint32_t mask = 0, arrived = 0;
  WarpOperation operation{};
  void* requests[kWarpThreads];
};

// A warp's part of a wgmma under way: it is computed when the warp waits for its group.
struct PendingProduct {
  float* d[kWarpThreads];           // [mTiles][nTiles][4] each
  const uint32_t* a[kWarpThreads];  // [mTiles][4] each
  const char* b;
  int mTiles, nTiles, group;
  const void* programCounter;
};

struct Warp {
  uint32_t ready, alive, existing;  // bits of lanes
  Meeting full;
  std::vector<Meeting> partial;  // meetings of fewer lanes than exist
  std::vector<PendingProduct> products;
};

// Four warps that multiply together, and the product that they bring.
struct Warpgroup {
  int arrived = 0;
  uint64_t descriptor = 0;
  PendingProduct products[4];
};

// Registers of a thread that a wgmma has used, as they lie on its stack.
struct ProductRegisters {
  uintptr_t low, high;
  int underWay;  // products that have them
  bool touched;  // written by other instructions since the last wgmma.fence
};

// Bytes that a thread wrote by ordinary stores, in global memory, or by mbarrier.init, in shared. Bulk copies go another way to memory,
// the asynchronous proxy, and see them only after a proxy fence of that thread and a barrier.
struct OrdinaryWrite {
  uintptr_t low, high;
  bool shared;
};

struct Thread : ThreadState {
  void* stackPointer;
  char *stackLow, *stackHigh;
  Warp* warp;
  int lane, linear;
  Clocks clocks;
  const char* waitingAt;  // what it waits for; null while it runs or can run
  int copyGroup;
  std::vector<PendingCopy> copies;
  std::vector<OrdinaryWrite> unfenced;  // since its last proxy fence; in the checked build only
  uintptr_t unfencedLow, unfencedHigh;  // around all of them
  uint32_t fences;                      // proxy fences that it has passed
  bool productFence;                    // whether it has passed a wgmma.fence
  int productGroup;                     // wgmma groups that it has committed
  std::vector<ProductRegisters> registers;  // in the checked build only
  uintptr_t registersLow, registersHigh;    // around all of them
};

// __syncthreads (number 0) or a named barrier.
struct BlockBarrier {
  int arrived = 0, vote = 0, result = 0;
  uint32_t clock = 0;
  uint32_t waiting[kMaxWarps] = {};
};

// A bulk copy under way: it lands when a thread waits for its mbarrier.
struct BulkCopy {
  void* shared;
  const void* global;
  uint32_t bytes;
  int thread;
  const void* programCounter;
};

struct PhaseBarrier {
  int arrivals = 0, pending = 0;
  int64_t bytesExpected = 0;
  uint32_t phase = 0;
  uint32_t clock = 0, done = 0;  // the latest of who has arrived; in the phases that are over
  std::vector<BulkCopy> copies;
  std::vector<Thread*> waiting;
};

struct Kernel {
  const KernelEntry* entry;
  const Library* library;
};

struct Launch {
  const Kernel* kernel;
  void* const* parameters;
  const char *parametersLow, *parametersHigh;  // the values
  Dim3 grid, block;
  unsigned sharedBytes;
  int device;
  uint32_t serial;
  std::atomic<uint64_t> next{0};
  std::atomic<bool> failed{false};
  std::mutex findingLock;
  Finding finding;
};

struct Block {
  Launch* launch;
  uint32_t index;   // in the grid
  uint32_t serial;  // of all blocks that this worker has run
  int threads, alive;
  uint32_t readyWarps;
  uint64_t random;
  uint64_t polls;  // how often its threads have asked for others to run
  char* shared;
  Warp warps[kMaxWarps];
  BlockBarrier barriers[16];
  Warpgroup warpgroups[kMaxWarps / 4];
  std::unordered_map<uint64_t*, PhaseBarrier> phaseBarriers;
};

struct Worker {
  Block block{};
  std::vector<Thread> threads{kMaxBlockThreads};
  char* stacks;
  char* sharedEnd;  // a guard page follows
  void* mainStackPointer;
  bool checking = false;  // whether the block's kernel belongs to the checked library
  Finding finding;

  Worker();
  Worker(const Worker&) = delete;
};

extern __thread Worker* worker __attribute__((tls_model("initial-exec")));

inline Thread* currentThread() { return static_cast<Thread*>(emulator_thread); }

// blocks.cpp
void runBlock(Launch& launch, uint64_t index);
void setReady(Warp* warp, uint32_t lanes);
// Gives the processor to another thread that can run; `at` says what the caller waits for.
void waitUntilReady(Thread* thread, const char* at);
// Lets any thread that can run go on, the caller among them: what the last to arrive somewhere does.
void pickAgain(Thread* thread);
// Lets every other thread of the block have its turn: what a thread that polls does.
void letOthersRun(Thread* thread);
uint64_t nextRandom(uint64_t* state);

// grids.cpp: runs all blocks of the launch; its finding says how it went.
void runLaunch(Launch& launch);

// faults.cpp: leaves the kernel from inside a GPU thread.
[[noreturn]] void stopKernel(Result result, const std::string& what, const void* programCounter = nullptr);
// Sets each operating system thread that runs kernels up for faults of the hardware, and once the process's handlers.
void prepareFaultStack();
void installFaultHandlers();

}  // namespace emulator
