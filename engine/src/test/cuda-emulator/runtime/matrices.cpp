// ldmatrix and mma.sync. The last thread of a warp to arrive reads the others' registers where they lie, on their stacks, does the
// whole tile, and writes the results back.
#include <string.h>

#include "checks.h"
#include "collectives.h"

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

constexpr int kMaxTiles = 16;
typedef float Vector __attribute__((vector_size(32)));  // 8 columns

inline float lowHalf(uint32_t pair) {
  uint32_t bits = pair << 16;
  float f;
  memcpy(&f, &bits, 4);
  return f;
}
inline float highHalf(uint32_t pair) {
  uint32_t bits = pair & 0xffff0000u;
  float f;
  memcpy(&f, &bits, 4);
  return f;
}

// Fragment layouts of mma.m16n8k16 (PTX ISA, "Matrix fragments for mma.m16n8k16"), with g = t / 4 and c = 2(t % 4):
// a: rows g, g + 8, g, g + 8 at columns c, c, c + 8, c + 8;  b: rows c, c + 8 of column g;  d: rows g, g, g + 8, g + 8.
void multiplyTiles(MmaRequest* const* requests, uint32_t) {
  int mTiles = requests[0]->mTiles, nTiles = requests[0]->nTiles;
  alignas(32) float b[16][8 * kMaxTiles], a[16][16], d[16][8];
  for (int t = 0; t < kWarpThreads; t++) {
    int g = t / 4, c = t % 4 * 2;
    for (int n = 0; n < nTiles; n++) {
      uint32_t first = requests[t]->b[2 * n], second = requests[t]->b[2 * n + 1];
      b[c][8 * n + g] = lowHalf(first);
      b[c + 1][8 * n + g] = highHalf(first);
      b[c + 8][8 * n + g] = lowHalf(second);
      b[c + 9][8 * n + g] = highHalf(second);
    }
  }
  for (int m = 0; m < mTiles; m++) {
    for (int t = 0; t < kWarpThreads; t++) {
      int g = t / 4, c = t % 4 * 2;
      const uint32_t* fragment = requests[t]->a + 4 * m;
      for (int i = 0; i < 4; i++) {
        int row = g + i % 2 * 8, column = c + i / 2 * 8;
        a[row][column] = lowHalf(fragment[i]);
        a[row][column + 1] = highHalf(fragment[i]);
      }
    }
    for (int n = 0; n < nTiles; n++) {
      for (int t = 0; t < kWarpThreads; t++) {
        const float* from = requests[t]->d + 4 * (m * nTiles + n);
        memcpy(&d[t / 4][t % 4 * 2], from, 8);
        memcpy(&d[t / 4 + 8][t % 4 * 2], from + 2, 8);
      }
      // The products are exact in float32 and added in order of k; the device adds groups of them at higher precision.
      for (int row = 0; row < 16; row++) {
        Vector sum = *reinterpret_cast<Vector*>(d[row]);
        for (int k = 0; k < 16; k++) sum += a[row][k] * *reinterpret_cast<Vector*>(&b[k][8 * n]);
        *reinterpret_cast<Vector*>(d[row]) = sum;
      }
      for (int t = 0; t < kWarpThreads; t++) {
        float* to = requests[t]->d + 4 * (m * nTiles + n);
        memcpy(to, &d[t / 4][t % 4 * 2], 8);
        memcpy(to + 2, &d[t / 4 + 8][t % 4 * 2], 8);
      }
    }
  }
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
  if (nTiles > kMaxTiles) stopKernel(kNotSupported, "more than 16 tiles of n in one mma_bf16", pc);
  MmaRequest request{d, a, b, mTiles, nTiles};
  meet(thread, meetingOf(thread, ~0u, pc), WarpOperation::kMma, &request, pc, multiplyTiles);
}
