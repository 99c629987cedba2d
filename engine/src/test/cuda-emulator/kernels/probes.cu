// Correct kernels that use one feature each; the checks may not accuse them in any order.
#include "device.cuh"

struct ProbeParams {
  const float* in;
  float* out;
  uint32_t* counters;
  int32_t count;
};

// A block's sum by shuffles and static shared memory, with rounds that reuse it.
extern "C" __global__ void sums_in_rounds(const __grid_constant__ ProbeParams p) {
  __shared__ float partial[32];
  for (int round = 0; round < p.count; round++) {
    float v = p.in[threadIdx.x] * (float)(round + 1);
    for (int lanes = 16; lanes; lanes >>= 1) v += __shfl_down_sync(0xffffffffu, v, lanes);
    if (threadIdx.x % 32 == 0) partial[threadIdx.x / 32] = v;
    __syncthreads();
    if (threadIdx.x == 0) {
      float sum = 0;
      for (unsigned warp = 0; warp < blockDim.x / 32; warp++) sum += partial[warp];
      p.out[blockIdx.x * p.count + round] = sum;
    }
    __syncthreads();
  }
}

// Neighbours exchange through shared memory with __syncwarp only, and bytes of one word belong to different threads.
extern "C" __global__ void exchanges_in_warps(const __grid_constant__ ProbeParams p) {
  DYNAMIC_SHARED(float, s);
  uint8_t* bytes = reinterpret_cast<uint8_t*>(s + blockDim.x);
  for (int round = 0; round < p.count; round++) {
    s[threadIdx.x] = p.in[threadIdx.x] + (float)round;
    bytes[threadIdx.x] = (uint8_t)(threadIdx.x & 1);
    __syncwarp();
    float other = s[threadIdx.x ^ 1];
    if (bytes[threadIdx.x ^ 1] != (threadIdx.x & 1)) p.out[threadIdx.x] = other;
    __syncwarp();
  }
}

// Every vote, every shuffle and the block votes; out[i] is 1 where all agreed with plain arithmetic.
extern "C" __global__ void votes_and_shuffles(const __grid_constant__ ProbeParams p) {
  const unsigned lane = threadIdx.x % 32, odd = 0xaaaaaaaau;
  bool good = __ballot_sync(0xffffffffu, lane & 1) == odd;
  good &= __any_sync(0xffffffffu, lane == 7) && !__all_sync(0xffffffffu, lane == 7);
  good &= __shfl_sync(0xffffffffu, (int)lane, 5) == 5;
  good &= __shfl_sync(0xffffffffu, (int)lane, 1, 8) == (int)(lane / 8 * 8 + 1);
  good &= __shfl_up_sync(0xffffffffu, (int)lane, 3) == (lane < 3 ? (int)lane : (int)lane - 3);
  good &= __shfl_down_sync(0xffffffffu, (int)lane, 3) == (lane > 28 ? (int)lane : (int)lane + 3);
  good &= __shfl_xor_sync(0xffffffffu, (unsigned long long)lane << 40, 9) == (unsigned long long)(lane ^ 9) << 40;
  if (lane & 1) {
    good &= __ballot_sync(odd, lane > 15) == (odd & 0xffff0000u);
  } else {
    good &= __shfl_xor_sync(~odd, lane, 2) == (lane ^ 2);
  }
  good &= __reduce_add_sync(0xffffffffu, lane) == 496u && __reduce_max_sync(0xffffffffu, (int)lane - 40) == -9;
  good &= __reduce_min_sync(0xffffffffu, lane + 3) == 3u && __reduce_xor_sync(0xffffffffu, lane) == 0u;
  good &= __match_any_sync(0xffffffffu, lane / 4) == 0xfu << lane / 4 * 4;
  good &= __syncthreads_count(lane < 4) == (int)(blockDim.x / 8);
  good &= __syncthreads_or(threadIdx.x == 0) && !__syncthreads_and(threadIdx.x == 0);
  p.out[blockIdx.x * blockDim.x + threadIdx.x] = good ? 1.0f : 0.0f;
}

// counters: [0] counts threads, [1] the greatest index, [2] taken once by compare-and-swap; out[0] sums ones.
extern "C" __global__ void counts_atomically(const __grid_constant__ ProbeParams p) {
  unsigned index = blockIdx.x * blockDim.x + threadIdx.x;
  atomicAdd(&p.counters[0], 1u);
  atomicMax(&p.counters[1], index);
  if (atomicCAS(&p.counters[2], 0u, 1u) == 0) atomicAdd(&p.counters[3], 1u);
  atomicAdd(&p.out[0], 1.0f);
}

// Half of the threads return early; the rest go on with __syncthreads, which waits for those alone.
extern "C" __global__ void some_return_early(const __grid_constant__ ProbeParams p) {
  DYNAMIC_SHARED(float, s);
  if (threadIdx.x >= blockDim.x / 2) return;
  s[threadIdx.x] = p.in[threadIdx.x];
  __syncthreads();
  p.out[threadIdx.x] = s[blockDim.x / 2 - 1 - threadIdx.x];
}

// One warp produces, the others consume, with named barriers: 1 says that data is there, 2 that it was used.
extern "C" __global__ void produces_and_consumes(const __grid_constant__ ProbeParams p) {
  DYNAMIC_SHARED(float, s);  // [32]
  const int threads = (int)blockDim.x, lane = threadIdx.x % 32;
  float sum = 0;
  for (int round = 0; round < p.count; round++) {
    if (threadIdx.x < 32) {
      if (round) named_barrier_sync(2, threads);
      s[lane] = p.in[lane] * (float)(round + 1);
      named_barrier_arrive(1, threads);
    } else {
      named_barrier_sync(1, threads);
      sum += s[31 - lane];
      if (round + 1 < p.count) named_barrier_arrive(2, threads);
    }
  }
  if (threadIdx.x >= 32) p.out[threadIdx.x - 32] = sum;
}

#if DEVICE_HAS_BULK_COPY
// The same with bulk copies: `full` says that a stage has landed, `empty` that all have read it. in: [count, blockDim.x].
extern "C" __global__ void streams_in_bulk(const __grid_constant__ ProbeParams p) {
  constexpr int kStages = 2;
  DYNAMIC_SHARED(float, s);  // [kStages, blockDim.x]
  __shared__ uint64_t full[kStages], empty[kStages];
  const uint32_t bytes = blockDim.x * 4;
  if (threadIdx.x == 0) {
    for (int i = 0; i < kStages; i++) {
      barrier_init(&full[i], 1);
      barrier_init(&empty[i], blockDim.x);
    }
    shared_proxy_fence();
  }
  __syncthreads();
  auto fetch = [&](int round) {
    barrier_arrive_expect(&full[round % kStages], bytes);
    copy_bulk(s + round % kStages * blockDim.x, p.in + round * blockDim.x, bytes, &full[round % kStages]);
  };
  if (threadIdx.x == 0) {
    for (int round = 0; round < kStages && round < p.count; round++) fetch(round);
  }
  float sum = 0;
  for (int round = 0; round < p.count; round++) {
    const int stage = round % kStages, parity = round / kStages & 1;
    barrier_wait(&full[stage], parity);
    sum += s[stage * blockDim.x + (blockDim.x - 1 - threadIdx.x)];
    barrier_arrive(&empty[stage]);
    if (threadIdx.x == 0 && round + kStages < p.count) {
      barrier_wait(&empty[stage], parity);
      fetch(round + kStages);
    }
  }
  p.out[threadIdx.x] = sum;
}
#endif

#if DEVICE_HAS_BULK_COPY
// Each round reads in bulk what the block stored in the round before: out [count + 1, blockDim.x], a row one more than the one above.
extern "C" __global__ void reads_its_stores_in_bulk(const __grid_constant__ ProbeParams p) {
  DYNAMIC_SHARED(float, s);  // [blockDim.x]
  __shared__ uint64_t full;
  const uint32_t bytes = blockDim.x * 4;
  if (threadIdx.x == 0) {
    barrier_init(&full, 1);
    shared_proxy_fence();
  }
  p.out[threadIdx.x] = p.in[threadIdx.x];
  for (int round = 0; round < p.count; round++) {
    async_proxy_fence();
    __syncthreads();
    if (threadIdx.x == 0) {
      barrier_arrive_expect(&full, bytes);
      copy_bulk(s, p.out + round * blockDim.x, bytes, &full);
    }
    barrier_wait(&full, round & 1);
    p.out[(round + 1) * blockDim.x + threadIdx.x] = s[blockDim.x - 1 - threadIdx.x] + 1;
  }
}
#endif

#if DEVICE_HAS_BULK_COPY
// Each round stores zeros where a bulk copy of the first half of in then lands: out[i] is count times the first half's sum.
extern "C" __global__ void clears_what_bulk_copies_fill(const __grid_constant__ ProbeParams p) {
  DYNAMIC_SHARED(float, s);  // [blockDim.x]
  __shared__ uint64_t full;
  const uint32_t bytes = blockDim.x * 2;
  if (threadIdx.x == 0) {
    barrier_init(&full, 1);
    shared_proxy_fence();
  }
  float sum = 0;
  for (int round = 0; round < p.count; round++) {
    s[threadIdx.x] = 0;
    shared_proxy_fence();
    __syncthreads();
    if (threadIdx.x == 0) {
      barrier_arrive_expect(&full, bytes);
      copy_bulk(s, p.in, bytes, &full);
    }
    barrier_wait(&full, round & 1);
    for (unsigned i = 0; i < blockDim.x; i++) sum += s[i];
    __syncthreads();
  }
  p.out[threadIdx.x] = sum;
}
#endif

// out [32, 8] = transposed 8x8 blocks by ldmatrix.trans of in's bits as bfloat16 [8, 32].
extern "C" __global__ void transposes_by_ldmatrix(const __grid_constant__ ProbeParams p) {
  DYNAMIC_SHARED(bf16, s);  // [4, 8, 8]
  const int lane = threadIdx.x;
  for (int i = lane; i < 256; i += 32) s[i / 8 % 4 * 64 + i / 32 * 8 + i % 8] = float_to_bf16(p.in[i]);
  __syncwarp();
  uint32_t r[4];
  load_matrix_x4_transposed(r, s + lane * 8);
  for (int m = 0; m < 4; m++) {
    p.out[(m * 8 + lane / 4) * 8 + lane % 4 * 2] = bf16_to_float((bf16)r[m]);
    p.out[(m * 8 + lane / 4) * 8 + lane % 4 * 2 + 1] = bf16_to_float((bf16)(r[m] >> 16));
  }
}

// out[i] = in[2 i] * in[2 i + 1] in bfloat16, rounded once.
extern "C" __global__ void multiplies_pairs(const __grid_constant__ ProbeParams p) {
  int i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i >= p.count) return;
  uint32_t product = mul_bf16x2(pack_bf16(p.in[2 * i], 1), pack_bf16(p.in[2 * i + 1], 1));
  p.out[i] = bf16_to_float((bf16)product);
}
