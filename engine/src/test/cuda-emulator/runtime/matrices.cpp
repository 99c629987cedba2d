// ldmatrix and mma.sync. The last thread of a warp to arrive reads the others' registers where they lie, on their stacks, does the
// whole tile, and writes the results back.
#include <string.h>

#include "checks.h"
#include "collectives.h"
#include "matrices.h"

namespace emulator {
namespace {

struct LoadMatrixRequest {
  uint32_t* registers;
  const char* row;
  int matrices;
  bool transposed;
};

// Thread t gets of each 8x8 matrix the elements 2(t % 4) and 2(t % 4) + 1 of row t / 4; transposed, of column t / 4.
void loadMatrices(LoadMatrixRequest* const* requests, uint32_t) {
  int matrices = requests[0]->matrices;
  for (int t = 0; t < kWarpThreads; t++) {
    for (int m = 0; m < matrices; m++) {
      char* out = reinterpret_cast<char*>(&requests[t]->registers[m]);
      if (!requests[t]->transposed) {
        memcpy(out, requests[m * 8 + t / 4]->row + t % 4 * 4, 4);
      } else {
        for (int half = 0; half < 2; half++) memcpy(out + 2 * half, requests[m * 8 + t % 4 * 2 + half]->row + t / 4 * 2, 2);
      }
    }
  }
}

struct MmaRequest {
  float* d;
  const uint32_t *a, *b;
  int mTiles, nTiles;
};

void multiplyTiles(MmaRequest* const* requests, uint32_t) {
  int mTiles = requests[0]->mTiles, nTiles = requests[0]->nTiles;
  WarpProduct product;
  float* d[kWarpThreads];
  const uint32_t* a[kWarpThreads];
  for (int t = 0; t < kWarpThreads; t++) {
    int g = t / 4, c = t % 4 * 2;
    d[t] = requests[t]->d;
    a[t] = requests[t]->a;
    for (int n = 0; n < nTiles; n++) {
      uint32_t first = requests[t]->b[2 * n], second = requests[t]->b[2 * n + 1];
      product.b[n][c][g] = lowHalf(first);
      product.b[n][c + 1][g] = highHalf(first);
      product.b[n][c + 8][g] = lowHalf(second);
      product.b[n][c + 9][g] = highHalf(second);
    }
  }
  product.multiply(d, a, mTiles, nTiles);
}

}  // namespace
}  // namespace emulator

using namespace emulator;

extern "C" void emulator_load_matrix(uint32_t* registers, const void* row, int matrices, bool transposed) {
  Thread* thread = currentThread();
  const void* pc = __builtin_return_address(0);
  if (thread->lane < matrices * 8) {
    if ((uintptr_t)row & 15) stopKernel(kMisalignedAddress, "the row address of ldmatrix is not 16-byte aligned", pc);
    checkAccess(row, 16, AccessKind::kRead, pc);
  }
  LoadMatrixRequest request{registers, static_cast<const char*>(row), matrices, transposed};
  meet(thread, meetingOf(thread, ~0u, pc), WarpOperation::kLoadMatrix, &request, pc, loadMatrices);
}

extern "C" void emulator_mma_bf16(float* d, const uint32_t* a, const uint32_t* b, int mTiles, int nTiles) {
  Thread* thread = currentThread();
  const void* pc = __builtin_return_address(0);
  if (nTiles > kMaxTiles) stopKernel(kNotSupported, "more than 32 tiles of n in one mma_bf16", pc);
  MmaRequest request{d, a, b, mTiles, nTiles};
  meet(thread, meetingOf(thread, ~0u, pc), WarpOperation::kMma, &request, pc, multiplyTiles);
}
