// What a Hopper GPU does that no document says for sure: the rates of mma.sync and wgmma, whether their sums have the same bits at every
// width, what L2 and memory deliver, and what 64-bit atomics on few bins of shared memory cost. CudaProbe runs it; nothing ships it.
#include "device.cuh"

struct ProductParams {
  const bf16* a;  // [64, k]
  const bf16* b;  // [n, k]
  float* out;     // [64, n] = a * b^T
  int32_t n, k;   // n a multiple of the kernel's width, k of 64
};

struct RateParams {
  float* out;  // a number a thread
  int32_t rounds;
  uint32_t seed;
};

struct ReadParams {
  const uint4* from;
  uint32_t* out;  // written to only so that the reads are not left out
  int64_t count;
  int32_t rounds;
};

struct BinParams {
  unsigned long long* out;  // a number a block
  int32_t each, hot;        // atomics of a thread, on so many bins
};

namespace hardware {

constexpr int kRows = 64, kStep = 64;

// Columns [from, from + kN) of b at [k0, k0 + 64), rows of 128 bytes, 16-byte parts exchanged as wgmma's 128-byte swizzle has them.
template <int kN>
DEVICE void load_tile(bf16* tile, const ProductParams& p, int from, int k0) {
  for (int i = threadIdx.x; i < kN * 8; i += 128) {
    const int row = i / 8, part = i % 8;
    *reinterpret_cast<uint4*>(tile + row * kStep + (part ^ (row & 7)) * 8) =
        *reinterpret_cast<const uint4*>(p.b + (size_t)(from + row) * p.k + k0 + part * 8);
  }
}

// The fragment of a for 16 columns from k0 on; a warp has 16 rows.
DEVICE void load_a(uint32_t (&x)[4], const ProductParams& p, int k0) {
  const int lane = threadIdx.x % 32, warp = threadIdx.x / 32;
  for (int r = 0; r < 4; r++) {
    const int row = warp * 16 + lane / 4 + r % 2 * 8, column = k0 + lane % 4 * 2 + r / 2 * 8;
    x[r] = *reinterpret_cast<const uint32_t*>(p.a + (size_t)row * p.k + column);
  }
}

template <int kN>
DEVICE void store(const ProductParams& p, const float (&d)[kN / 8][4], int from) {
  const int lane = threadIdx.x % 32, warp = threadIdx.x / 32;
  for (int j = 0; j < kN / 8; j++) {
    for (int e = 0; e < 4; e++) {
      const int row = warp * 16 + lane / 4 + e / 2 * 8;
      p.out[(size_t)row * p.n + from + j * 8 + lane % 4 * 2 + e % 2] = d[j][e];
    }
  }
}

}  // namespace hardware

extern "C" __global__ void hardware_product_mma(const __grid_constant__ ProductParams p) {
  constexpr int kN = 64;
  DYNAMIC_SHARED(bf16, tile);
  const int lane = threadIdx.x % 32;
  for (int from = 0; from < p.n; from += kN) {
    float d[1][kN / 8][4] = {};
    for (int k0 = 0; k0 < p.k; k0 += hardware::kStep) {
      __syncthreads();
      hardware::load_tile<kN>(tile, p, from, k0);
      __syncthreads();
      for (int k16 = 0; k16 < 4; k16++) {
        uint32_t x[1][4], y[kN / 8][2];
        hardware::load_a(x[0], p, k0 + k16 * 16);
        for (int j = 0; j < kN / 8; j++) {
          const int row = j * 8 + lane / 4;
          for (int half = 0; half < 2; half++) {
            const int part = k16 * 2 + half;
            y[j][half] = *reinterpret_cast<const uint32_t*>(tile + row * hardware::kStep + (part ^ (row & 7)) * 8 + lane % 4 * 2);
          }
        }
        mma_bf16(d, x, y);
      }
    }
    hardware::store<kN>(p, d[0], from);
  }
}

// Eight independent products a round and warp.
extern "C" __global__ void hardware_rate_mma(const __grid_constant__ RateParams p) {
  float d[1][8][4] = {};
  const uint32_t a[1][4] = {{p.seed + threadIdx.x, p.seed ^ 0x3f803f80u, p.seed, 0x3f803f80u}};
  for (int i = 0; i < p.rounds; i++) {
    uint32_t b[8][2];
    for (int j = 0; j < 8; j++) {
      b[j][0] = p.seed + (uint32_t)j;
      b[j][1] = p.seed;
    }
    mma_bf16(d, a, b);
  }
  float sum = 0;
  for (int j = 0; j < 8; j++) sum += d[0][j][0] + d[0][j][1] + d[0][j][2] + d[0][j][3];
  p.out[blockIdx.x * blockDim.x + threadIdx.x] = sum;
}

// Reads it all so many times, four loads of 16 bytes under way a thread.
extern "C" __global__ void hardware_reads(const __grid_constant__ ReadParams p) {
  const int64_t stride = (int64_t)gridDim.x * blockDim.x;
  uint32_t sum = 0;
  for (int r = 0; r < p.rounds; r++) {
    for (int64_t i = (int64_t)blockIdx.x * blockDim.x + threadIdx.x; i < p.count; i += 4 * stride) {
      uint4 v[4];
#pragma unroll
      for (int j = 0; j < 4; j++) v[j] = i + j * stride < p.count ? p.from[i + j * stride] : make_uint4(0, 0, 0, 0);
#pragma unroll
      for (int j = 0; j < 4; j++) sum ^= v[j].x ^ v[j].y ^ v[j].z ^ v[j].w;
    }
  }
  if (sum == 0x12345679u) *p.out = sum;
}

// As sample.cu's first pass adds to its bins.
extern "C" __global__ void hardware_bins(const __grid_constant__ BinParams p) {
  __shared__ unsigned long long sums[256];
  for (int i = threadIdx.x; i < 256; i += blockDim.x) sums[i] = 0;
  __syncthreads();
  uint32_t x = threadIdx.x * 747796405u + 1;
  for (int i = 0; i < p.each; i++) {
    x = x * 747796405u + 2891336453u;
    atomicAdd(&sums[(x >> 20) % (uint32_t)p.hot], (unsigned long long)x);
  }
  __syncthreads();
  if (threadIdx.x == 0) p.out[blockIdx.x] = sums[0];
}

#if DEVICE_HAS_WGMMA
namespace hardware {

// Dynamic shared memory from the first multiple of 1,024 bytes on, which the swizzle counts from.
DEVICE bf16* aligned_tile(bf16* shared) { return reinterpret_cast<bf16*>(wgmma_aligned(reinterpret_cast<char*>(shared))); }

template <int kN>
DEVICE void product(const ProductParams& p) {
  DYNAMIC_SHARED(bf16, shared);
  bf16* tile = aligned_tile(shared);
  for (int from = 0; from < p.n; from += kN) {
    float d[kN / 8][4] = {};
    for (int k0 = 0; k0 < p.k; k0 += kStep) {
      __syncthreads();
      load_tile<kN>(tile, p, from, k0);
      shared_proxy_fence();
      __syncthreads();
      for (int k16 = 0; k16 < 4; k16++) {
        uint32_t x[4];
        load_a(x, p, k0 + k16 * 16);
        wgmma_fence();
        wgmma_bf16(d, x, wgmma_descriptor(tile) + 2 * k16);
        wgmma_commit();
        wgmma_wait<0>();
      }
    }
    store<kN>(p, d, from);
  }
}

template <int kN>
DEVICE void rate(const RateParams& p) {
  DYNAMIC_SHARED(bf16, shared);
  bf16* tile = aligned_tile(shared);
  for (int i = threadIdx.x; i < kN * kStep; i += blockDim.x) tile[i] = (bf16)(0x3f80 ^ (i * 40503u >> 7 & 0x7f));
  shared_proxy_fence();
  __syncthreads();
  float d[kN / 8][4] = {};
  const uint32_t a[4] = {p.seed + threadIdx.x, p.seed ^ 0x3f803f80u, p.seed, 0x3f803f80u};
  wgmma_fence();
  for (int i = 0; i < p.rounds; i++) {
#pragma unroll
    for (int k = 0; k < 4; k++) wgmma_bf16(d, a, wgmma_descriptor(tile) + 2 * k);
    wgmma_commit();
    wgmma_wait<1>();
  }
  wgmma_wait<0>();
  float sum = 0;
  for (int j = 0; j < kN / 8; j++) sum += d[j][0] + d[j][3];
  p.out[blockIdx.x * blockDim.x + threadIdx.x] = sum;
}

}  // namespace hardware

#define WIDTH(n)                                                                                                            \
  extern "C" __global__ void __launch_bounds__(128, 1) hardware_product_wgmma_##n(const __grid_constant__ ProductParams p) { \
    hardware::product<n>(p);                                                                                                \
  }                                                                                                                         \
  extern "C" __global__ void __launch_bounds__(256, 1) hardware_rate_wgmma_##n(const __grid_constant__ RateParams p) {      \
    hardware::rate<n>(p);                                                                                                   \
  }
WIDTH(8)
WIDTH(16)
WIDTH(32)
WIDTH(64)
WIDTH(128)
WIDTH(256)
#undef WIDTH
#endif
