// Random weights, straight in the order that the kernels read: what speed is measured with where there is no checkpoint.
// An element depends on the seed and its index alone.
#include "device.cuh"

namespace random_weights {

constexpr int kThreads = 256;

// splitmix64 (Steele, Lea and Flood, 2014): 64 random bits for each index.
DEVICE uint64_t bits(uint64_t seed, uint64_t index) {
  uint64_t z = seed + (index + 1) * 0x9e3779b97f4a7c15ull;
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ull;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebull;
  return z ^ (z >> 31);
}

// Four uniform 16-bit numbers less their mean: near to normal, never beyond 3.5 deviations, and exact in float32.
DEVICE float normal(uint64_t random) {
  const int sum = (int)(random & 0xffffu) + (int)(random >> 16 & 0xffffu) + (int)(random >> 32 & 0xffffu) + (int)(random >> 48);
  return (float)(sum - 131070);
}

}  // namespace random_weights

struct RandomBf16Params {
  uint4* out;      // [eights][8] bf16
  int64_t eights;
  uint64_t seed;
  float factor;    // the wanted standard deviation by that of four uniform numbers, 37837.2
};

// grid: any; block: 256 threads. out[i] = normal of index i * factor, rounded once to float32 and once to bfloat16.
extern "C" __global__ void __launch_bounds__(random_weights::kThreads) random_bf16(const __grid_constant__ RandomBf16Params p) {
  using namespace random_weights;
  for (int64_t i = (int64_t)blockIdx.x * kThreads + threadIdx.x; i < p.eights; i += (int64_t)gridDim.x * kThreads) {
    float x[8];
#pragma unroll
    for (int e = 0; e < 8; e++) x[e] = normal(bits(p.seed, (uint64_t)i * 8 + e)) * p.factor;
    p.out[i] = make_uint4(pack_bf16(x[0], x[1]), pack_bf16(x[2], x[3]), pack_bf16(x[4], x[5]), pack_bf16(x[6], x[7]));
  }
}

struct RandomMxfp4Params {
  uint4* codes;         // [tiles][32]
  uint32_t* exponents;  // [tiles][8]
  int64_t tiles;        // of 16 rows and 64 columns, as in gemm.cuh
  uint64_t seed;
  int32_t field;        // the exponent fields that gemm.cuh multiplies by are field - 2 to field + 1
};

// grid: any; block: 256 threads. All codes are as likely; lane l of tile t takes its codes from indices 2 * (32 t + l) and the next,
// a tile's exponent word w from the bits of index 2^63 + 8 t + w, two for each byte.
extern "C" __global__ void __launch_bounds__(random_weights::kThreads) random_mxfp4(const __grid_constant__ RandomMxfp4Params p) {
  using namespace random_weights;
  const int64_t lanes = p.tiles * 32;
  for (int64_t i = (int64_t)blockIdx.x * kThreads + threadIdx.x; i < lanes; i += (int64_t)gridDim.x * kThreads) {
    const uint64_t first = bits(p.seed, 2 * (uint64_t)i), second = bits(p.seed, 2 * (uint64_t)i + 1);
    p.codes[i] = make_uint4((uint32_t)first, (uint32_t)(first >> 32), (uint32_t)second, (uint32_t)(second >> 32));
    if (i % 4 == 0) {
      const uint32_t low = (uint32_t)p.field - 2;
      p.exponents[i / 4] = low * 0x01010101u + (uint32_t)(bits(p.seed, (1ull << 63) + (uint64_t)(i / 4)) & 0x03030303u);
    }
  }
}
