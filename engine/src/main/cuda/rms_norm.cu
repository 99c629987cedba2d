// RMSNorm of rows of the residual stream.
#include "device.cuh"

struct RmsNormParams {
  const bf16* x;        // [tokens, hidden]
  const float* scale;   // [hidden]
  bf16* normed;         // [rows, hidden]
  const int32_t* rows;  // [rows]: which tokens to norm; null: all, in order
  int32_t hidden;       // a multiple of 8
  float epsilon;
};

namespace rms_norm_kernel {

constexpr int kThreads = 256;
constexpr int kWarps = kThreads / 32;

// Eight neighbouring elements, moved as one 16-byte access.
union Eight {
  uint4 vector;
  uint32_t pairs[4];
};

DEVICE float low(uint32_t pair) { return bf16_to_float((bf16)pair); }
DEVICE float high(uint32_t pair) { return bf16_to_float((bf16)(pair >> 16)); }

// The sum over the block, in an order that depends on nothing but kThreads.
DEVICE float block_sum(float value) {
  __shared__ float sums[kWarps];
#pragma unroll
  for (int lanes = 16; lanes; lanes >>= 1) value += __shfl_xor_sync(0xffffffffu, value, lanes);
  if (threadIdx.x % 32 == 0) sums[threadIdx.x / 32] = value;
  __syncthreads();
  float total = 0;
#pragma unroll
  for (int warp = 0; warp < kWarps; warp++) total += sums[warp];
  return total;
}

}  // namespace rms_norm_kernel

// grid: one block a row; block: 256 threads. normed = x / sqrt(mean(x^2) + epsilon) * scale, in float32
// (gpt_oss/torch/model.py, RMSNorm).
extern "C" __global__ void __launch_bounds__(rms_norm_kernel::kThreads) rms_norm(const __grid_constant__ RmsNormParams p) {
  using namespace rms_norm_kernel;
  const size_t row = (size_t)(p.rows ? p.rows[blockIdx.x] : (int)blockIdx.x) * p.hidden;
  const int chunks = p.hidden / 8;
  float squares = 0;
  for (int chunk = threadIdx.x; chunk < chunks; chunk += kThreads) {
    Eight x;
    x.vector = *(reinterpret_cast<const uint4*>(p.x + row) + chunk);
#pragma unroll
    for (int i = 0; i < 4; i++) squares += low(x.pairs[i]) * low(x.pairs[i]) + high(x.pairs[i]) * high(x.pairs[i]);
  }
  const float factor = rsqrtf(block_sum(squares) / p.hidden + p.epsilon);
  for (int chunk = threadIdx.x; chunk < chunks; chunk += kThreads) {
    Eight x;
    x.vector = *(reinterpret_cast<const uint4*>(p.x + row) + chunk);
    const float4* scale = reinterpret_cast<const float4*>(p.scale) + 2 * chunk;
    const float4 first = scale[0], second = scale[1];
    x.pairs[0] = pack_bf16(low(x.pairs[0]) * factor * first.x, high(x.pairs[0]) * factor * first.y);
    x.pairs[1] = pack_bf16(low(x.pairs[1]) * factor * first.z, high(x.pairs[1]) * factor * first.w);
    x.pairs[2] = pack_bf16(low(x.pairs[2]) * factor * second.x, high(x.pairs[2]) * factor * second.y);
    x.pairs[3] = pack_bf16(low(x.pairs[3]) * factor * second.z, high(x.pairs[3]) * factor * second.w);
    *(reinterpret_cast<uint4*>(p.normed + (size_t)blockIdx.x * p.hidden) + chunk) = x.vector;
  }
}
