// What a compiled kernel library and the emulator's runtime know of each other. Kernel files reach it only through device.cuh.
#pragma once
#include <stddef.h>
#include <stdint.h>

namespace emulator {

struct Dim3 {
  unsigned x, y, z;
};

// The part of a GPU thread that its kernel code reads: threadIdx, blockIdx, blockDim, gridDim, dynamic shared memory.
struct ThreadState {
  Dim3 threadIndex, blockIndex, blockDimension, gridDimension;
  void* dynamicShared;
};

// One __global__ function: its name, a caller with its types known, and the sizes of its parameters.
struct KernelEntry {
  const char* name;
  void (*call)(void* const* parameters);
  int parameters;
  const uint32_t* parameterBytes;
};

enum class Shuffle { kIndex, kUp, kDown, kXor };
enum class Vote { kBallot, kAny, kAll };
enum class Reduction { kAdd, kMin, kMax, kMinUnsigned, kMaxUnsigned, kAnd, kOr, kXor };
enum class BlockVote { kNone, kOr, kAnd, kCount };
enum class Atomic { kAdd, kMax, kMin, kExchange, kOr, kAnd };

}  // namespace emulator

extern "C" {

// The GPU thread that runs on this operating system thread now. The fiber switch changes it, so it is looked up at each use.
extern __thread emulator::ThreadState* emulator_thread __attribute__((tls_model("initial-exec")));

// Called by a kernel library's constructors, into the library that is being opened.
void emulator_register_kernel(const emulator::KernelEntry* entry);
// Called once by a kernel library: a function that gives the address of something in its static __shared__ segment.
void emulator_register_library(bool checked, void* (*anchor)());

// Collectives. `where` is file:line of the call, for reports of deadlocks.
int emulator_sync_block(emulator::BlockVote vote, int predicate, const char* where);
void emulator_named_barrier(int barrier, int threads, bool wait, const char* where);
void emulator_sync_warp(uint32_t mask);
uint64_t emulator_shuffle(uint32_t mask, uint64_t value, int source, int width, emulator::Shuffle kind);
uint32_t emulator_vote(uint32_t mask, int predicate, emulator::Vote kind);
uint32_t emulator_reduce(uint32_t mask, uint32_t value, emulator::Reduction kind);
// The threads of the mask whose value equals the caller's.
uint32_t emulator_match(uint32_t mask, uint64_t value);
void emulator_load_matrix(uint32_t* registers, const void* row, int matrices, bool transposed);
// d[mTiles][nTiles][4] += a[mTiles][4] * b[nTiles][2], fragments of mma.sync m16n8k16, bfloat16 in, float32 accumulated.
void emulator_mma_bf16(float* d, const uint32_t* a, const uint32_t* b, int mTiles, int nTiles);

// cp.async: what is copied lands when the thread waits for its group, never before.
void emulator_copy_async(void* shared, const void* global, int bytes, int sourceBytes);
void emulator_copy_commit();
void emulator_copy_wait(int groupsLeft);

// mbarrier and the bulk copy that completes on one: the bytes land when some thread waits for the barrier's phase.
void emulator_barrier_init(uint64_t* barrier, int arrivals);
void emulator_barrier_arrive(uint64_t* barrier, uint32_t expectedBytes);
void emulator_barrier_wait(uint64_t* barrier, uint32_t parity, const char* where);
void emulator_copy_bulk(void* shared, const void* global, uint32_t bytes, uint64_t* barrier);

// Orders a thread's ordinary writes before bulk copies: those in shared memory, or all.
void emulator_proxy_fence(bool all);

// Where a byte of the block's dynamic shared memory is for a GPU.
uint32_t emulator_shared_address(const void* address);
// wgmma of a warpgroup: d[mTiles][nTiles][4] += a[mTiles][4] * b, b by its descriptor. What a warp computes of it is done when the warp waits
// for the group; until then d, a and b must stay as they are.
void emulator_wgmma_fence();
void emulator_wgmma_bf16(float* d, const uint32_t* a, uint64_t descriptor, int mTiles, int nTiles);
void emulator_wgmma_commit();
void emulator_wgmma_wait(int groupsLeft);

float emulator_atomic_add_float(float* address, float value);
uint32_t emulator_atomic(uint32_t* address, uint32_t value, emulator::Atomic kind);
uint64_t emulator_atomic_add_wide(uint64_t* address, uint64_t value);
uint32_t emulator_atomic_swap_if(uint32_t* address, uint32_t expected, uint32_t value);

// Lets other threads of the block run: what a loop that waits for them has to call (__nanosleep).
void emulator_yield();
[[noreturn]] void emulator_device_trap(const char* what);
}
