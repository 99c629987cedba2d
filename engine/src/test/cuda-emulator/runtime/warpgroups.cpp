// wgmma. Four warps meet at a product and go on; each computes its 16 rows at the last moment that is allowed, when it waits for the group,
// from the registers and the shared memory as they are then.
#include <string>

#include "checks.h"
#include "collectives.h"
#include "matrices.h"

namespace emulator {
namespace {

constexpr int kWarps = 4;  // of a warpgroup
constexpr int kRowBytes = 128;
constexpr uintptr_t kSwizzledBytes = 8 * kRowBytes;  // what the 128-byte swizzle repeats after

// The window that shared addresses count in: it begins at a page, as it does on a GPU at a multiple of 1,024.
char* sharedWindow() { return worker->sharedEnd - ((kMaxSharedBytes + 4095) & ~(size_t)4095); }

// Where [n / 8 * 8, 16 columns] of b is; strides of other swizzles have no user. Source: PTX ISA, "Matrix Descriptor Format".
const char* decode(uint64_t descriptor, const void* programCounter) {
  uintptr_t start = (descriptor & 0x3fff) << 4, stride = (descriptor >> 32 & 0x3fff) << 4;
  if (descriptor >> 62 != 1) stopKernel(kNotSupported, "a wgmma descriptor of another swizzle than 128 bytes", programCounter);
  if (descriptor >> 49 & 7) stopKernel(kNotSupported, "a wgmma descriptor with a base offset", programCounter);
  if (stride != kSwizzledBytes) stopKernel(kNotSupported, "a wgmma descriptor whose groups of 8 rows are not 1024 bytes apart", programCounter);
  if (start % kSwizzledBytes >= (uintptr_t)kRowBytes) {
    stopKernel(kMisalignedAddress, "the matrix of a wgmma descriptor does not begin at a multiple of 1024 bytes", programCounter);
  }
  return sharedWindow() + start;
}

// The eight values from column `half` * 8 on of a row of b: the swizzle exchanges address bits 4 to 6 by bits 7 to 9.
const char* chunk(const char* b, int row, int half) {
  uintptr_t address = reinterpret_cast<uintptr_t>(b) + (uintptr_t)(row * kRowBytes + half * 16);
  return reinterpret_cast<const char*>(address ^ (address >> 7 & 7) << 4);
}

template <class Use>
void forEachChunk(const PendingProduct& product, Use use) {
  for (int row = 0; row < 8 * product.nTiles; row++) {
    for (int half = 0; half < 2; half++) use(row, half, chunk(product.b, row, half));
  }
}

void compute(const PendingProduct& pending) {
  WarpProduct product;
  forEachChunk(pending, [&](int row, int half, const char* from) {
    for (int i = 0; i < 4; i++) {
      uint32_t pair;
      memcpy(&pair, from + 4 * i, 4);
      product.b[row / 8][half * 8 + 2 * i][row % 8] = lowHalf(pair);
      product.b[row / 8][half * 8 + 2 * i + 1][row % 8] = highHalf(pair);
    }
  });
  product.multiply(pending.d, pending.a, pending.mTiles, pending.nTiles);
}

void finish(Warp& warp, const PendingProduct& pending) {
  compute(pending);
  forEachChunk(pending, [&](int, int, const char* from) { releaseOperand(from, 16); });
  Thread* threads = &worker->threads[(&warp - worker->block.warps) * kWarpThreads];
  for (int lane = 0; lane < kWarpThreads; lane++) {
    releaseRegisters(&threads[lane], pending.d[lane], (size_t)(16 * pending.mTiles * pending.nTiles));
    releaseRegisters(&threads[lane], pending.a[lane], (size_t)(16 * pending.mTiles));
  }
}

struct WaitRequest {
  Warp* warp;
  int committed, groupsLeft;
  const void* programCounter;
};

void finishGroups(WaitRequest* const* requests, uint32_t lanes) {
  const WaitRequest& first = *requests[__builtin_ctz(lanes)];
  forEachLane(lanes, [&](int lane) {
    if (requests[lane]->committed != first.committed) {
      stopKernel(kLaunchFailed, "the warp's threads have not committed the same wgmma groups", first.programCounter);
    }
  });
  std::vector<PendingProduct>& products = first.warp->products;
  size_t done = 0;
  while (done < products.size() && products[done].group < first.committed - first.groupsLeft) finish(*first.warp, products[done++]);
  products.erase(products.begin(), products.begin() + (ptrdiff_t)done);
}

}  // namespace

void checkNoProductIsLeft() {
  const std::vector<PendingProduct>& products = currentThread()->warp->products;
  if (products.empty()) return;
  bool committed = products[0].group < currentThread()->productGroup;
  stopKernel(kLaunchFailed, std::string("the thread exits while a wgmma is under way, ") +
                                (committed ? "which no wgmma.wait_group waited for" : "which no wgmma.commit_group made part of a group"),
             products[0].programCounter);
}

}  // namespace emulator

using namespace emulator;

extern "C" uint32_t emulator_shared_address(const void* address) {
  uintptr_t offset = reinterpret_cast<uintptr_t>(address) - reinterpret_cast<uintptr_t>(sharedWindow());
  if (offset >= kMaxSharedBytes + 4096) {
    stopKernel(kNotSupported, "the shared address of what is not in dynamic shared memory", __builtin_return_address(0));
  }
  return (uint32_t)offset;
}

extern "C" void emulator_wgmma_fence() { fenceRegisters(); }

extern "C" void emulator_wgmma_bf16(float* d, const uint32_t* a, uint64_t descriptor, int mTiles, int nTiles) {
  Thread* thread = currentThread();
  const void* pc = __builtin_return_address(0);
  int warp = thread->linear / kWarpThreads;
  Warpgroup& group = worker->block.warpgroups[warp / kWarps];
  if (worker->block.threads < (warp / kWarps + 1) * kWarps * kWarpThreads) {
    stopKernel(kLaunchFailed, "wgmma by a warpgroup of fewer than four warps", pc);
  }
  if (nTiles > kMaxTiles) stopKernel(kNotSupported, "more than 256 columns in one wgmma", pc);
  lockRegisters(d, (size_t)(16 * mTiles * nTiles), pc);
  lockRegisters(a, (size_t)(16 * mTiles), pc);
  PendingProduct& mine = group.products[warp % kWarps];
  if (!group.arrived) group.descriptor = descriptor;
  if (descriptor != group.descriptor) stopKernel(kLaunchFailed, "the warpgroup's threads have different wgmma descriptors", pc);
  mine.d[thread->lane] = d;
  mine.a[thread->lane] = a;
  mine.mTiles = mTiles;
  mine.nTiles = nTiles;
  mine.group = thread->productGroup;
  mine.programCounter = pc;
  if (++group.arrived < kWarps * kWarpThreads) return waitUntilReady(thread, "wgmma.mma_async");
  group.arrived = 0;
  const char* b = decode(descriptor, pc);
  for (int w = 0; w < kWarps; w++) {
    PendingProduct& product = group.products[w];
    if (product.mTiles != mTiles || product.nTiles != nTiles) stopKernel(kLaunchFailed, "the warpgroup's warps are at different products", pc);
    product.b = b;
    Warp& member = worker->block.warps[warp / kWarps * kWarps + w];
    member.products.push_back(product);
    setReady(&member, member.existing);
  }
  forEachChunk(mine, [&](int, int, const char* from) { lockOperand(from, 16, kWarps, pc); });
  pickAgain(thread);
}

extern "C" void emulator_wgmma_commit() { currentThread()->productGroup++; }

extern "C" void emulator_wgmma_wait(int groupsLeft) {
  Thread* thread = currentThread();
  const void* pc = __builtin_return_address(0);
  WaitRequest request{thread->warp, thread->productGroup, groupsLeft, pc};
  meet(thread, meetingOf(thread, ~0u, pc), WarpOperation::kProductWait, &request, pc, finishGroups);
}
