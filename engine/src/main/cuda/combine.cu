// The weighted sum of a token's experts, added to the residual stream.
#include "device.cuh"

struct CombineParams {
  bf16* x;               // [tokens, hidden]
  const bf16* outputs;   // [tokens, per token, hidden], in order of falling router logit
  const float* weights;  // [tokens, per token]
  int32_t hidden;        // a multiple of 8
  int32_t per_token;
};

// grid: one block a token; block: 128 threads. x += sum of weight * output, in float32 in order of k, rounded once.
extern "C" __global__ void __launch_bounds__(128) combine(const __grid_constant__ CombineParams p) {
  union Eight {
    uint4 vector;
    bf16 elements[8];
  };
  const float* weights = p.weights + (size_t)blockIdx.x * p.per_token;
  for (int chunk = threadIdx.x; chunk < p.hidden / 8; chunk += 128) {
    uint4* at = reinterpret_cast<uint4*>(p.x + (size_t)blockIdx.x * p.hidden) + chunk;
    float sums[8] = {};
    for (int k = 0; k < p.per_token; k++) {
      Eight output;
      output.vector = *(reinterpret_cast<const uint4*>(p.outputs + ((size_t)blockIdx.x * p.per_token + k) * p.hidden) + chunk);
      const float weight = weights[k];
#pragma unroll
      for (int i = 0; i < 8; i++) sums[i] = fmaf(weight, bf16_to_float(output.elements[i]), sums[i]);
    }
    Eight x;
    x.vector = *at;
#pragma unroll
    for (int i = 0; i < 8; i++) x.elements[i] = float_to_bf16(bf16_to_float(x.elements[i]) + sums[i]);
    *at = x.vector;
  }
}
