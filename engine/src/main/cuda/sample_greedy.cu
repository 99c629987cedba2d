// The likeliest token of rows of logits.
#include "device.cuh"

struct SampleGreedyParams {
  const float* logits;  // [rows, vocabulary]
  int32_t* tokens;      // [rows]: the lowest id among the largest logits; -1 if one is NaN or none exceeds -infinity
  int32_t vocabulary;
};

// grid: one block a row; block: 512 threads.
extern "C" __global__ void __launch_bounds__(512) sample_greedy(const __grid_constant__ SampleGreedyParams p) {
  constexpr int kThreads = 512, kNone = 0x7fffffff;
  __shared__ float warp_best[kThreads / 32];
  __shared__ int warp_id[kThreads / 32];
  const float* logits = p.logits + (size_t)blockIdx.x * p.vocabulary;
  float best = -INFINITY;
  int id = kNone, nan = 0;
  for (int i = threadIdx.x; i < p.vocabulary; i += kThreads) {
    const float value = logits[i];
    nan |= value != value;
    if (value > best) best = value, id = i;
  }
#pragma unroll
  for (int lanes = 16; lanes; lanes >>= 1) {
    const float other = __shfl_xor_sync(0xffffffffu, best, lanes);
    const int other_id = __shfl_xor_sync(0xffffffffu, id, lanes);
    if (other > best || (other == best && other_id < id)) best = other, id = other_id;
  }
  if (threadIdx.x % 32 == 0) warp_best[threadIdx.x / 32] = best, warp_id[threadIdx.x / 32] = id;
  nan = __syncthreads_or(nan);
  if (threadIdx.x == 0) {
    for (int w = 1; w < kThreads / 32; w++) {
      if (warp_best[w] > best || (warp_best[w] == best && warp_id[w] < id)) best = warp_best[w], id = warp_id[w];
    }
    p.tokens[blockIdx.x] = nan || id == kNone ? -1 : id;
  }
}
