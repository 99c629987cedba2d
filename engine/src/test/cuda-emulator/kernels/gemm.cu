// Two small GEMMs as a real kernel would write them: cp.async into double-buffered shared memory, ldmatrix, mma.sync.
// They are examples to start from and what the emulator's tests measure; nothing ships them.
#include "device.cuh"

struct GemmParams {
  const bf16* a;          // [m, k]
  const void* b;          // bfloat16 [n, k], or E2M1 codes [n, k / 2], the even element in the low nibble
  const uint8_t* scales;  // E8M0 [n, k / 32], for E2M1 codes only
  float* c;               // [m, n] = a * b^T
  int32_t m, n, k;        // n even, k a multiple of 32
};

namespace gemm {

constexpr int kTileM = 64, kTileN = 64, kTileK = 32, kThreads = 128;
constexpr int kRow = kTileK + 8;  // of a tile in shared memory; 80 bytes spread the rows of an ldmatrix over all banks
constexpr int kWarpM = 2, kWarpN = 4;  // fragments of a warp: 32 x 32

DEVICE int minimum(int a, int b) { return a < b ? a : b; }

// Rows [first, first + 64) of a [rows, k] matrix at columns [k0, k0 + 32). Rows past the end repeat the last one.
DEVICE void load_tile(bf16* tile, const bf16* matrix, int first, int rows, int k, int k0) {
  for (int i = threadIdx.x; i < kTileM * kTileK / 8; i += kThreads) {
    const int row = i / (kTileK / 8), column = i % (kTileK / 8) * 8;
    copy_async16(tile + row * kRow + column, matrix + (size_t)minimum(first + row, rows - 1) * k + k0 + column);
  }
}

// E2M1 to bfloat16: exponent and mantissa fit in place, so shifting gives the value times 2^-126; the scale makes up for it.
DEVICE uint32_t decode_pair(uint32_t codes, float scale) {
  const float low = __uint_as_float((codes & 7u) << 22 | (codes & 8u) << 28);
  const float high = __uint_as_float((codes >> 4 & 7u) << 22 | (codes & 0x80u) << 24);
  return pack_bf16(low * 0x1p126f * scale, high * 0x1p126f * scale);
}

template <bool kMxfp4>
DEVICE void multiply(const GemmParams& p) {
  DYNAMIC_SHARED(bf16, shared);  // two stages of a, then two of b where it is bfloat16
  bf16* const tiles_a = shared;
  bf16* const tiles_b = shared + 2 * kTileM * kRow;
  const int lane = threadIdx.x % 32, warp = threadIdx.x / 32;
  const int m0 = blockIdx.y * kTileM, n0 = blockIdx.x * kTileN;
  const int warp_m = warp / 2 * 32, warp_n = warp % 2 * 32;
  float sum[kWarpM][kWarpN][4] = {};

  auto load = [&](int stage, int k0) {
    load_tile(tiles_a + stage * kTileM * kRow, p.a, m0, p.m, p.k, k0);
    if (!kMxfp4) load_tile(tiles_b + stage * kTileN * kRow, static_cast<const bf16*>(p.b), n0, p.n, p.k, k0);
    copy_async_commit();
  };
  load(0, 0);
  for (int k0 = 0, stage = 0; k0 < p.k; k0 += kTileK, stage ^= 1) {
    if (k0 + kTileK < p.k) {
      load(stage ^ 1, k0 + kTileK);
    } else {
      copy_async_commit();  // an empty group, so that one group is always left to wait past
    }
    copy_async_wait<1>();
    __syncthreads();
#pragma unroll
    for (int kk = 0; kk < kTileK; kk += 16) {
      uint32_t a[kWarpM][4], b[kWarpN][2];
#pragma unroll
      for (int i = 0; i < kWarpM; i++) {
        load_matrix_x4(a[i], tiles_a + (stage * kTileM + warp_m + i * 16 + lane % 16) * kRow + kk + lane / 16 * 8);
      }
      if (kMxfp4) {
#pragma unroll
        for (int j = 0; j < kWarpN; j++) {
          const int row = minimum(n0 + warp_n + j * 8 + lane / 4, p.n - 1);
          const uint8_t* codes = static_cast<const uint8_t*>(p.b) + ((size_t)row * p.k + k0 + kk) / 2 + lane % 4;
          const uint32_t exponent = p.scales[(size_t)row * (p.k / 32) + k0 / 32];
          const float scale = __uint_as_float(exponent ? exponent << 23 : 0x00400000u);
          b[j][0] = decode_pair(codes[0], scale);
          b[j][1] = decode_pair(codes[4], scale);
        }
      } else {
#pragma unroll
        for (int j = 0; j < kWarpN; j += 2) {
          uint32_t both[4];
          load_matrix_x4(both, tiles_b + (stage * kTileN + warp_n + j * 8 + lane % 8 + lane / 16 * 8) * kRow + kk + lane / 8 % 2 * 8);
          b[j][0] = both[0];
          b[j][1] = both[1];
          b[j + 1][0] = both[2];
          b[j + 1][1] = both[3];
        }
      }
      mma_bf16(sum, a, b);
    }
    __syncthreads();
  }
#pragma unroll
  for (int i = 0; i < kWarpM; i++) {
#pragma unroll
    for (int j = 0; j < kWarpN; j++) {
#pragma unroll
      for (int half = 0; half < 2; half++) {
        const int row = m0 + warp_m + i * 16 + half * 8 + lane / 4, column = n0 + warp_n + j * 8 + lane % 4 * 2;
        if (row < p.m && column < p.n) {
          *reinterpret_cast<float2*>(p.c + (size_t)row * p.n + column) = make_float2(sum[i][j][2 * half], sum[i][j][2 * half + 1]);
        }
      }
    }
  }
}

}  // namespace gemm

// grid: (n / 64, m / 64) rounded up; block: 128 threads; dynamic shared memory: 20480 bytes for bfloat16, 10240 for MXFP4.
extern "C" __global__ void __launch_bounds__(gemm::kThreads) gemm_bf16(const __grid_constant__ GemmParams p) { gemm::multiply<false>(p); }
extern "C" __global__ void __launch_bounds__(gemm::kThreads) gemm_mxfp4(const __grid_constant__ GemmParams p) { gemm::multiply<true>(p); }
