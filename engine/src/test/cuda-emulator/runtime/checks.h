// The checked build's judgement of each memory access of a kernel. Without it, every function here returns at once.
#pragma once
#include "threads.h"

namespace emulator {

enum class AccessKind { kRead, kWrite, kAtomic };

// Before a block starts: nobody has written its shared memory.
void startBlockChecks();

// Stops the kernel if the access is out of bounds, misaligned, to freed, foreign or not yet written memory, or in a race.
void checkAccess(const void* address, size_t bytes, AccessKind kind, const void* programCounter);

// As checkAccess, for mbarrier.init.
void checkBarrierInit(const void* address, const void* programCounter);

// A proxy fence: what the thread wrote before it is seen by bulk copies that a barrier orders behind it; in all memory, or in shared.
void fenceWrites(bool all);

// A bulk copy reads these bytes, or counts on this mbarrier, through the asynchronous proxy: stops the kernel where a thread of the block
// wrote them and no proxy fence of that thread followed. Writes of other blocks are races, which checkAccess finds.
void checkFenced(const void* address, size_t bytes, const void* programCounter);

// A bulk copy writes these bytes of shared memory: stops the kernel where a thread of the block wrote them by ordinary stores and no proxy
// fence of that thread followed, as the older bytes could land on the newer ones. Ordinary reads need a barrier only, which
// beginPendingWrite asks for: their values have arrived when the thread comes to it.
void checkOverwriteFenced(const void* shared, size_t bytes, const void* programCounter);

// An asynchronous copy into shared memory: between the two nobody may touch the bytes. The second is told who counts as the writer.
void beginPendingWrite(void* shared, size_t bytes, const void* programCounter);
void finishPendingWrite(void* shared, size_t bytes, int thread, Clocks clocks, const void* programCounter);

// wgmma's rules for registers, which are variables on the thread's stack here. From lock to release no instruction may touch them, and
// between another instruction's write and a product there has to be a wgmma.fence, as before the first product. Sums go from product to
// product without.
void fenceRegisters();
void lockRegisters(const void* registers, size_t bytes, const void* programCounter);
void releaseRegisters(Thread* thread, const void* registers, size_t bytes);

// A wgmma reads these bytes of shared memory, through the asynchronous proxy, for so many warps: what threads stored there needs a proxy
// fence, and nobody may write there until each warp has waited.
void lockOperand(const void* shared, size_t bytes, int warps, const void* programCounter);
void releaseOperand(const void* shared, size_t bytes);

}  // namespace emulator
