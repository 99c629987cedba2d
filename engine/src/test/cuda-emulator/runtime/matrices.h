// The arithmetic of a warp's matrix instructions, mma.sync and wgmma: fragments in, float32 sums out.
#pragma once
#include <string.h>

#include "threads.h"

namespace emulator {

constexpr int kMaxTiles = 32;  // of 8 columns
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

// Fragment layouts of mma.m16n8k16 and wgmma.m64nNk16 (PTX ISA, "Matrix fragments for mma.m16n8k16"), with g = t / 4 and c = 2(t % 4):
// a: rows g, g + 8, g, g + 8 at columns c, c, c + 8, c + 8;  b: rows c, c + 8 of column g;  d: rows g, g, g + 8, g + 8.
struct WarpProduct {
  alignas(32) float b[kMaxTiles][16][8];  // [n / 8][k][n % 8]

  // d[mTiles][nTiles][4] += a[mTiles][4] * b, of every lane.
  void multiply(float* const (&ds)[kWarpThreads], const uint32_t* const (&as)[kWarpThreads], int mTiles, int nTiles) const {
    alignas(32) float a[16][16], d[16][8];
    for (int m = 0; m < mTiles; m++) {
      for (int t = 0; t < kWarpThreads; t++) {
        int g = t / 4, c = t % 4 * 2;
        const uint32_t* fragment = as[t] + 4 * m;
        for (int i = 0; i < 4; i++) {
          int row = g + i % 2 * 8, column = c + i / 2 * 8;
          a[row][column] = lowHalf(fragment[i]);
          a[row][column + 1] = highHalf(fragment[i]);
        }
      }
      for (int n = 0; n < nTiles; n++) {
        for (int t = 0; t < kWarpThreads; t++) {
          const float* from = ds[t] + 4 * (m * nTiles + n);
          memcpy(&d[t / 4][t % 4 * 2], from, 8);
          memcpy(&d[t / 4 + 8][t % 4 * 2], from + 2, 8);
        }
        // The products are exact in float32 and added in order of k; the device adds groups of them at higher precision.
        constexpr int kRows = 8;  // at once, since each addition waits for the one before
        for (int row = 0; row < 16; row += kRows) {
          Vector sums[kRows];
          for (int r = 0; r < kRows; r++) sums[r] = *reinterpret_cast<Vector*>(d[row + r]);
          for (int k = 0; k < 16; k++) {
            const Vector column = *reinterpret_cast<const Vector*>(b[n][k]);
#pragma GCC unroll 8
            for (int r = 0; r < kRows; r++) sums[r] += a[row + r][k] * column;
          }
          for (int r = 0; r < kRows; r++) *reinterpret_cast<Vector*>(d[row + r]) = sums[r];
        }
        for (int t = 0; t < kWarpThreads; t++) {
          float* to = ds[t] + 4 * (m * nTiles + n);
          memcpy(to, &d[t / 4][t % 4 * 2], 8);
          memcpy(to + 2, &d[t / 4 + 8][t % 4 * 2], 8);
        }
      }
    }
  }
};

}  // namespace emulator
