// RMSNorm of rows of the residual stream.
#include "activations.cuh"

struct RmsNormParams {
  const float* x;       // [tokens, hidden]
  const float* scale;   // [hidden]
  bf16* normed;         // [rows, hidden], as in activations.cuh where there is room for a number of rows, else row after row
  bf16* split;          // [rows, 2 * hidden], as in activations.cuh: normed, then what its rounding took away; null: not wanted
  const int32_t* rows;  // [rows]: which tokens to norm; null: all, in order
  int32_t hidden;       // a multiple of 4
  int32_t room;         // rows that normed, and split, have room for; 0: normed is row after row, and split not wanted
  float epsilon;
};

namespace rms_norm_kernel {

constexpr int kThreads = 256;
constexpr int kWarps = kThreads / 32;

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
  const float4* from = reinterpret_cast<const float4*>(p.x + row);
  const float4* scales = reinterpret_cast<const float4*>(p.scale);
  auto at = [&](int column) {
    return p.room ? activations::at(p.room, blockIdx.x, column) : (size_t)blockIdx.x * p.hidden + column;
  };
  const int chunks = p.hidden / 4;
  float squares = 0;
  for (int chunk = threadIdx.x; chunk < chunks; chunk += kThreads) {
    const float4 x = from[chunk];
    squares += x.x * x.x + x.y * x.y + (x.z * x.z + x.w * x.w);
  }
  const float factor = rsqrtf(block_sum(squares) / p.hidden + p.epsilon);
  for (int chunk = threadIdx.x; chunk < chunks; chunk += kThreads) {
    const float4 x = from[chunk], scale = scales[chunk];
    const float4 normed = make_float4(x.x * factor * scale.x, x.y * factor * scale.y, x.z * factor * scale.z, x.w * factor * scale.w);
    const uint2 rounded = make_uint2(pack_bf16(normed.x, normed.y), pack_bf16(normed.z, normed.w));
    *reinterpret_cast<uint2*>(p.normed + at(4 * chunk)) = rounded;
    if (p.split) {
      *reinterpret_cast<uint2*>(p.split + at(4 * chunk)) = rounded;
      *reinterpret_cast<uint2*>(p.split + at(p.hidden + 4 * chunk)) =
          make_uint2(pack_bf16(normed.x - low(rounded.x), normed.y - high(rounded.x)),
                     pack_bf16(normed.z - low(rounded.y), normed.w - high(rounded.y)));
    }
  }
}
