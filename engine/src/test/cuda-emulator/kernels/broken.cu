// Kernels with one mistake each. The emulator's tests run them to see that each kind of mistake is found and named.
#include "device.cuh"

struct BrokenParams {
  const float* in;
  float* out;
  int32_t count;
};

extern "C" __global__ void writes_past_the_end(const __grid_constant__ BrokenParams p) {
  int i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i <= p.count) p.out[i] = (float)i;  // <= for <
}

extern "C" __global__ void reads_far_away(const __grid_constant__ BrokenParams p) {
  p.out[threadIdx.x] = p.in[(size_t)p.count * 1000000 + threadIdx.x];
}

extern "C" __global__ void reads_unwritten(const __grid_constant__ BrokenParams p) { p.out[threadIdx.x] = p.in[threadIdx.x] + 1; }

extern "C" __global__ void reads_misaligned(const __grid_constant__ BrokenParams p) {
  float4 v = *reinterpret_cast<const float4*>(p.in + threadIdx.x);
  p.out[threadIdx.x] = v.x + v.w;
}

extern "C" __global__ void reverses_without_syncthreads(const __grid_constant__ BrokenParams p) {
  DYNAMIC_SHARED(float, s);
  s[threadIdx.x] = p.in[threadIdx.x];
  p.out[threadIdx.x] = s[blockDim.x - 1 - threadIdx.x];
}

// The barrier before the loop's next write is missing.
extern "C" __global__ void overwrites_what_others_read(const __grid_constant__ BrokenParams p) {
  DYNAMIC_SHARED(float, s);
  float sum = 0;
  for (int round = 0; round < p.count; round++) {
    s[threadIdx.x] = p.in[threadIdx.x] + (float)round;
    __syncthreads();
    sum += s[blockDim.x - 1 - threadIdx.x];
  }
  p.out[threadIdx.x] = sum;
}

extern "C" __global__ void swaps_without_syncwarp(const __grid_constant__ BrokenParams p) {
  __shared__ float s[32];
  s[threadIdx.x] = p.in[threadIdx.x];
  p.out[threadIdx.x] = s[threadIdx.x ^ 1];
}

extern "C" __global__ void blocks_write_one_place(const __grid_constant__ BrokenParams p) {
  if (threadIdx.x == 0) p.out[0] = (float)blockIdx.x;
}

extern "C" __global__ void runs_over_shared_memory(const __grid_constant__ BrokenParams p) {
  DYNAMIC_SHARED(float, s);
  s[threadIdx.x + 1] = 1;
  __syncthreads();
  p.out[threadIdx.x] = s[threadIdx.x];
}

extern "C" __global__ void reads_unwritten_shared(const __grid_constant__ BrokenParams p) {
  DYNAMIC_SHARED(float, s);
  if (threadIdx.x) s[threadIdx.x] = 1;
  __syncthreads();
  p.out[threadIdx.x] = s[threadIdx.x];
}

extern "C" __global__ void does_not_wait_for_copy(const __grid_constant__ BrokenParams p) {
  DYNAMIC_SHARED(float, s);
  copy_async16(s + threadIdx.x * 4, p.in + threadIdx.x * 4);
  copy_async_commit();
  __syncthreads();
  p.out[threadIdx.x] = s[threadIdx.x];
}

extern "C" __global__ void copies_misaligned(const __grid_constant__ BrokenParams p) {
  DYNAMIC_SHARED(float, s);
  copy_async16(s + threadIdx.x * 4, p.in + threadIdx.x * 4 + 1);
  copy_async_commit();
  copy_async_wait<0>();
  p.out[threadIdx.x] = s[threadIdx.x * 4];
}

#if DEVICE_HAS_BULK_COPY
extern "C" __global__ void does_not_wait_for_bulk_copy(const __grid_constant__ BrokenParams p) {
  DYNAMIC_SHARED(float, s);
  __shared__ uint64_t barrier;
  if (threadIdx.x == 0) {
    barrier_init(&barrier, 1);
    shared_proxy_fence();
  }
  __syncthreads();
  if (threadIdx.x == 0) {
    barrier_arrive_expect(&barrier, blockDim.x * 4);
    copy_bulk(s, p.in, blockDim.x * 4, &barrier);
  }
  __syncthreads();
  p.out[threadIdx.x] = s[threadIdx.x];
}

// The fence between the stores and the bulk copy is missing; the barrier is there.
extern "C" __global__ void reads_in_bulk_without_proxy_fence(const __grid_constant__ BrokenParams p) {
  DYNAMIC_SHARED(float, s);
  __shared__ uint64_t barrier;
  if (threadIdx.x == 0) {
    barrier_init(&barrier, 1);
    shared_proxy_fence();
  }
  p.out[threadIdx.x] = p.in[threadIdx.x] + 1;
  __syncthreads();
  if (threadIdx.x == 0) {
    barrier_arrive_expect(&barrier, blockDim.x * 4);
    copy_bulk(s, p.out, blockDim.x * 4, &barrier);
  }
  barrier_wait(&barrier, 0);
  p.out[blockDim.x + threadIdx.x] = s[threadIdx.x];
}

// The same the other way round: the stores and the copy go to one place.
extern "C" __global__ void overwrites_in_bulk_without_proxy_fence(const __grid_constant__ BrokenParams p) {
  DYNAMIC_SHARED(float, s);
  __shared__ uint64_t barrier;
  if (threadIdx.x == 0) {
    barrier_init(&barrier, 1);
    shared_proxy_fence();
  }
  s[threadIdx.x] = 0;
  __syncthreads();
  if (threadIdx.x == 0) {
    barrier_arrive_expect(&barrier, blockDim.x * 4);
    copy_bulk(s, p.in, blockDim.x * 4, &barrier);
  }
  barrier_wait(&barrier, 0);
  p.out[threadIdx.x] = s[threadIdx.x];
}

// The fence is there, and the barrier behind it is missing.
extern "C" __global__ void reads_in_bulk_without_barrier(const __grid_constant__ BrokenParams p) {
  DYNAMIC_SHARED(float, s);
  __shared__ uint64_t barrier;
  if (threadIdx.x == 0) {
    barrier_init(&barrier, 1);
    shared_proxy_fence();
  }
  __syncthreads();
  p.out[threadIdx.x] = p.in[threadIdx.x] + 1;
  async_proxy_fence();
  if (threadIdx.x == 0) {
    barrier_arrive_expect(&barrier, blockDim.x * 4);
    copy_bulk(s, p.out, blockDim.x * 4, &barrier);
  }
  barrier_wait(&barrier, 0);
  p.out[blockDim.x + threadIdx.x] = s[threadIdx.x];
}

extern "C" __global__ void overwrites_in_bulk_without_barrier(const __grid_constant__ BrokenParams p) {
  DYNAMIC_SHARED(float, s);
  __shared__ uint64_t barrier;
  if (threadIdx.x == 0) {
    barrier_init(&barrier, 1);
    shared_proxy_fence();
  }
  __syncthreads();
  s[threadIdx.x] = 0;
  shared_proxy_fence();
  if (threadIdx.x == 0) {
    barrier_arrive_expect(&barrier, blockDim.x * 4);
    copy_bulk(s, p.in, blockDim.x * 4, &barrier);
  }
  barrier_wait(&barrier, 0);
  p.out[threadIdx.x] = s[threadIdx.x];
}

// No barrier orders the reads before the second copy.
extern "C" __global__ void overwrites_in_bulk_what_others_read(const __grid_constant__ BrokenParams p) {
  DYNAMIC_SHARED(float, s);
  __shared__ uint64_t barriers[2];
  if (threadIdx.x == 0) {
    for (int round = 0; round < 2; round++) barrier_init(&barriers[round], 1);
    shared_proxy_fence();
  }
  __syncthreads();
  float sum = 0;
  for (int round = 0; round < 2; round++) {
    if (threadIdx.x == 0) {
      barrier_arrive_expect(&barriers[round], blockDim.x * 4);
      copy_bulk(s, p.in, blockDim.x * 4, &barriers[round]);
    }
    barrier_wait(&barriers[round], 0);
    sum += s[blockDim.x - 1 - threadIdx.x];
  }
  p.out[threadIdx.x] = sum;
}

extern "C" __global__ void counts_on_unfenced_barrier(const __grid_constant__ BrokenParams p) {
  DYNAMIC_SHARED(float, s);
  __shared__ uint64_t barrier;
  if (threadIdx.x == 0) barrier_init(&barrier, 1);
  __syncthreads();
  if (threadIdx.x == 0) {
    barrier_arrive_expect(&barrier, blockDim.x * 4);
    copy_bulk(s, p.in, blockDim.x * 4, &barrier);
  }
  barrier_wait(&barrier, 0);
  p.out[threadIdx.x] = s[threadIdx.x];
}
#endif

#if DEVICE_HAS_WGMMA
namespace broken {

// What a warpgroup multiplies: a tile [8, 64] of bfloat16 and one fragment a thread.
struct Product {
  float* tile;
  uint32_t a[4];
  float d[1][4] = {};

  DEVICE explicit Product(const BrokenParams& p) {
    DYNAMIC_SHARED(char, shared);
    tile = reinterpret_cast<float*>(wgmma_aligned(shared));
    for (int i = threadIdx.x; i < 256; i += 128) tile[i] = p.in[i];
    for (int i = 0; i < 4; i++) a[i] = threadIdx.x + (uint32_t)i;
  }
  DEVICE void store(const BrokenParams& p) const { p.out[threadIdx.x] = d[0][0]; }
};

}  // namespace broken

extern "C" __global__ void multiplies_without_wgmma_fence(const __grid_constant__ BrokenParams p) {
  broken::Product x(p);
  shared_proxy_fence();
  __syncthreads();
  wgmma_bf16(x.d, x.a, wgmma_descriptor(x.tile));
  wgmma_commit();
  wgmma_wait<0>();
  x.store(p);
}

// The fence is before the loop alone.
extern "C" __global__ void loads_registers_without_wgmma_fence(const __grid_constant__ BrokenParams p) {
  broken::Product x(p);
  shared_proxy_fence();
  __syncthreads();
  wgmma_fence();
  for (int round = 0; round < 2; round++) {
    for (int i = 0; i < 4; i++) x.a[i] += (uint32_t)round;
    wgmma_bf16(x.d, x.a, wgmma_descriptor(x.tile));
    wgmma_commit();
    wgmma_wait<0>();
  }
  x.store(p);
}

extern "C" __global__ void does_not_commit_its_wgmma(const __grid_constant__ BrokenParams p) {
  broken::Product x(p);
  shared_proxy_fence();
  __syncthreads();
  wgmma_fence();
  wgmma_bf16(x.d, x.a, wgmma_descriptor(x.tile));
  wgmma_wait<0>();
}

extern "C" __global__ void does_not_wait_for_its_wgmma(const __grid_constant__ BrokenParams p) {
  broken::Product x(p);
  shared_proxy_fence();
  __syncthreads();
  wgmma_fence();
  wgmma_bf16(x.d, x.a, wgmma_descriptor(x.tile));
  wgmma_commit();
}

extern "C" __global__ void reads_sums_of_wgmma_early(const __grid_constant__ BrokenParams p) {
  broken::Product x(p);
  shared_proxy_fence();
  __syncthreads();
  wgmma_fence();
  wgmma_bf16(x.d, x.a, wgmma_descriptor(x.tile));
  wgmma_commit();
  x.store(p);
  wgmma_wait<0>();
}

extern "C" __global__ void overwrites_registers_of_wgmma(const __grid_constant__ BrokenParams p) {
  broken::Product x(p);
  shared_proxy_fence();
  __syncthreads();
  for (int round = 0; round < 2; round++) {
    for (int i = 0; i < 4; i++) x.a[i] += (uint32_t)round;
    wgmma_fence();
    wgmma_bf16(x.d, x.a, wgmma_descriptor(x.tile));
    wgmma_commit();
    wgmma_wait<1>();  // of the round before only
  }
  wgmma_wait<0>();
  x.store(p);
}

extern "C" __global__ void overwrites_memory_of_wgmma(const __grid_constant__ BrokenParams p) {
  broken::Product x(p);
  shared_proxy_fence();
  __syncthreads();
  wgmma_fence();
  wgmma_bf16(x.d, x.a, wgmma_descriptor(x.tile));
  wgmma_commit();
  __syncthreads();
  x.tile[threadIdx.x] = 0;
  wgmma_wait<0>();
  x.store(p);
}

extern "C" __global__ void multiplies_without_proxy_fence(const __grid_constant__ BrokenParams p) {
  broken::Product x(p);
  __syncthreads();
  wgmma_fence();
  wgmma_bf16(x.d, x.a, wgmma_descriptor(x.tile));
  wgmma_commit();
  wgmma_wait<0>();
  x.store(p);
}

extern "C" __global__ void multiplies_misaligned(const __grid_constant__ BrokenParams p) {
  broken::Product x(p);
  shared_proxy_fence();
  __syncthreads();
  wgmma_fence();
  wgmma_bf16(x.d, x.a, wgmma_descriptor(x.tile + 32));  // from the second row on
  wgmma_commit();
  wgmma_wait<0>();
  x.store(p);
}

extern "C" __global__ void multiplies_by_another_swizzle(const __grid_constant__ BrokenParams p) {
  broken::Product x(p);
  shared_proxy_fence();
  __syncthreads();
  wgmma_fence();
  wgmma_bf16(x.d, x.a, wgmma_descriptor(x.tile) ^ (uint64_t)3 << 62);  // of 64 bytes
  wgmma_commit();
  wgmma_wait<0>();
  x.store(p);
}

extern "C" __global__ void multiplies_what_a_bulk_copy_still_brings(const __grid_constant__ BrokenParams p) {
  broken::Product x(p);
  __shared__ uint64_t barrier;
  if (threadIdx.x == 0) barrier_init(&barrier, 1);
  shared_proxy_fence();
  __syncthreads();
  if (threadIdx.x == 0) {
    barrier_arrive_expect(&barrier, 1024);
    copy_bulk(x.tile, p.in, 1024, &barrier);
  }
  __syncthreads();
  wgmma_fence();
  wgmma_bf16(x.d, x.a, wgmma_descriptor(x.tile));
  wgmma_commit();
  wgmma_wait<0>();
  barrier_wait(&barrier, 0);
  x.store(p);
}

// Each warp takes 16 columns of its own; a product has one matrix b for all four.
extern "C" __global__ void multiplies_by_different_matrices(const __grid_constant__ BrokenParams p) {
  broken::Product x(p);
  shared_proxy_fence();
  __syncthreads();
  wgmma_fence();
  wgmma_bf16(x.d, x.a, wgmma_descriptor(x.tile) + 2 * (threadIdx.x / 32));
  wgmma_commit();
  wgmma_wait<0>();
  x.store(p);
}

extern "C" __global__ void three_warps_multiply(const __grid_constant__ BrokenParams p) {
  broken::Product x(p);
  shared_proxy_fence();
  __syncthreads();
  if (threadIdx.x >= 32) {
    wgmma_fence();
    wgmma_bf16(x.d, x.a, wgmma_descriptor(x.tile));
    wgmma_commit();
    wgmma_wait<0>();
  }
  x.store(p);
}
#endif

extern "C" __global__ void some_skip_the_barrier(const __grid_constant__ BrokenParams p) {
  float v = p.in[threadIdx.x];
  if (threadIdx.x < 8) {
    v = __shfl_xor_sync(0xffffffffu, v, 1);
  } else {
    __syncthreads();
  }
  p.out[threadIdx.x] = v;
}

extern "C" __global__ void polls_for_ever(const __grid_constant__ BrokenParams p) {
  const volatile float* flag = p.out;
  while (flag[0] == 0) __nanosleep(100);
}

extern "C" __global__ void warp_diverges(const __grid_constant__ BrokenParams p) {
  float v = p.in[threadIdx.x];
  if (threadIdx.x & 1) {
    v = __shfl_xor_sync(0xffffffffu, v, 2);
  } else {
    v = (float)__ballot_sync(0xffffffffu, v > 0);
  }
  p.out[threadIdx.x] = v;
}

extern "C" __global__ void recurses_for_ever(const __grid_constant__ BrokenParams p) {
  struct Recursion {
    static __device__ __noinline__ float down(volatile float* x, int depth) {
      volatile float frame[64];
      frame[depth % 64] = *x;
      return depth < 0 ? 0 : down(x, depth + 1) + frame[depth % 64];
    }
  };
  volatile float start = 1;
  p.out[threadIdx.x] = Recursion::down(&start, 0);
}
