// The weighted sum of a token's experts, added to the residual stream.
#include "device.cuh"

struct CombineParams {
  float* x;              // [tokens, hidden]
  const bf16* outputs;   // [tokens, per token, hidden], in order of falling router logit
  const float* weights;  // [tokens, per token]
  int32_t hidden;        // a multiple of 8
  int32_t per_token;
};

// grid: one block a token; block: 128 threads. x += sum of weight * output, in order of k.
extern "C" __global__ void __launch_bounds__(128) combine(const __grid_constant__ CombineParams p) {
  union Eight {
    uint4 vector;
    bf16 elements[8];
  };
  const float* weights = p.weights + (size_t)blockIdx.x * p.per_token;
  for (int chunk = threadIdx.x; chunk < p.hidden / 8; chunk += 128) {
    float4* at = reinterpret_cast<float4*>(p.x + (size_t)blockIdx.x * p.hidden) + 2 * chunk;
    float sums[8] = {};
    for (int k = 0; k < p.per_token; k++) {
      Eight output;
      output.vector = *(reinterpret_cast<const uint4*>(p.outputs + ((size_t)blockIdx.x * p.per_token + k) * p.hidden) + chunk);
      const float weight = weights[k];
#pragma unroll
      for (int i = 0; i < 8; i++) sums[i] = fmaf(weight, bf16_to_float(output.elements[i]), sums[i]);
    }
    const float4 low = at[0], high = at[1];
    at[0] = make_float4(low.x + sums[0], low.y + sums[1], low.z + sums[2], low.w + sums[3]);
    at[1] = make_float4(high.x + sums[4], high.y + sums[5], high.z + sums[6], high.w + sums[7]);
  }
}
