// Products with the experts' matrices, grouped by expert: a persistent grid walks tiles of slots that route.cu lists, an expert's rows
// block after block, so that a weight is read once for all tokens of a tile.
#include "gemm.cuh"

struct ExpertTiles {
  const int4* tiles;         // [count]: expert, first slot, slots (1 to the tile's width), 0
  const int32_t* count;
};

struct ExpertsParams {
  const void* weights;      // fragment order, expert after expert: bfloat16, or MXFP4 codes
  const void* scales;       // MXFP4 scales
  const float* bias;        // [experts, rows] in the checkpoint's order
  const bf16* activations;  // [slots, width], as in activations.cuh
  bf16* output;             // up: [slots, rows / 2], as in activations.cuh; down: [pairs, rows]
  const int32_t* pair_of;   // [slots]: down: where a slot's output goes
  ExpertTiles tiles;
  const float* delta;       // [slots, rows], in the weights' order of rows: what adapters add; null: nothing
  const int32_t* adapters;  // [slots]: 0: none, and nothing is added; null where delta is
  int32_t rows;             // of one expert's matrix
  int32_t width;            // a multiple of 16
  int32_t room;             // slots that the activations have room for
  int32_t output_room;      // up: likewise
  float factor;             // what the scales were divided by at load
  float limit;              // up: bound of the activation's inputs
};

namespace experts {

constexpr int kRowWarps = 4;

// Tiles of one expert's matrix.
DEVICE size_t tiles_of(const ExpertsParams& p) {
  return (size_t)gemm::up(p.rows, 16 * gemm::kGroupTiles) * gemm::kGroupTiles * gemm::up(p.width, gemm::kStep);
}

template <class Weights>
DEVICE Weights weights_of(const ExpertsParams& p, int expert);
template <>
DEVICE gemm::Bf16Weights weights_of<gemm::Bf16Weights>(const ExpertsParams& p, int expert) {
  return {static_cast<const char*>(p.weights) + expert * tiles_of(p) * gemm::Bf16Weights::kTileBytes};
}
template <>
DEVICE gemm::Mxfp4Weights weights_of<gemm::Mxfp4Weights>(const ExpertsParams& p, int expert) {
  return {static_cast<const char*>(p.weights) + expert * tiles_of(p) * gemm::Mxfp4Weights::kCodeBytes,
          static_cast<const char*>(p.scales) + expert * tiles_of(p) * gemm::Mxfp4Weights::kScaleBytes};
}

// Source: gpt_oss/torch/model.py, swiglu: the gate is clamped above only.
DEVICE float swiglu(float gate, float up, float limit) {
  gate = fminf(gate, limit);
  up = fminf(fmaxf(up, -limit), limit);
  return __fdividef(gate, 1.0f + __expf(-1.702f * gate)) * (up + 1.0f);
}

// The block's items, one after the other: a tile of slots and a block of rows of its expert.
template <class S, class Use>
DEVICE void for_each_item(const ExpertsParams& p, const Use& use) {
  const int row_blocks = gemm::up(p.rows, S::kBlockRows), items = *p.tiles.count * row_blocks;
  for (int item = blockIdx.x; item < items; item += gridDim.x) {
    const int4 tile = p.tiles.tiles[item / row_blocks];
    use(tile, item % row_blocks * S::kBlockRows, gemm::Tokens{p.activations, p.room, tile.y, tile.z});
  }
}

template <class S, bool kUp>
DEVICE void store(const ExpertsParams& p, const int4& tile, int first_row, const typename S::Sums& sums, char* shared) {
  const float* bias = p.bias + (size_t)tile.x * p.rows;
  gemm::finish<S>(sums, shared, [&](int row_of_block, int token, const float(&d)[4]) {
    const int row = first_row + row_of_block;
#pragma unroll
    for (int e = 0; e < 2; e++) {
      const int t = (token + e - S::column(tile.y)) & (S::kTokens - 1);
      if (t >= tile.z) continue;
      const int slot = tile.y + t;
      const float* delta = p.delta && p.adapters[slot] ? p.delta + (size_t)slot * p.rows + row : nullptr;
      const auto addend = [&](int of, int rows_on) { return delta ? bias[of] + delta[rows_on] : bias[of]; };
      if (kUp) {
        // Rows g and g + 8 are gate and up of one output.
        const int out = row / 16 * 8 + row % 16;
        if (out < p.rows / 2) {
          const float gate = fmaf(d[e], p.factor, addend(2 * out, 0)), up = fmaf(d[2 + e], p.factor, addend(2 * out + 1, 8));
          p.output[activations::at(p.output_room, slot, out)] = float_to_bf16(swiglu(gate, up, p.limit));
        }
      } else {
        bf16* out = p.output + (size_t)p.pair_of[slot] * p.rows;
        if (row < p.rows) out[row] = float_to_bf16(fmaf(d[e], p.factor, addend(row, 0)));
        if (row + 8 < p.rows) out[row + 8] = float_to_bf16(fmaf(d[2 + e], p.factor, addend(row + 8, 8)));
      }
    }
  });
}

template <class Weights, int kTokens, bool kUp>
DEVICE void run(const ExpertsParams& p) {
  using S = gemm::Shape<Weights, kTokens, kRowWarps, 1, 1>;
  DYNAMIC_SHARED(char, shared);
  for_each_item<S>(p, [&](const int4& tile, int first_row, const gemm::Tokens& tokens) {
    typename S::Sums sums;
    gemm::multiply<S>(sums, shared, weights_of<Weights>(p, tile.x), first_row / 16, gemm::up(p.rows, 16), p.width, tokens);
    store<S, kUp>(p, tile, first_row, sums, shared);
  });
}

// The stages of the next item are filled while the sums of this one are stored.
template <class S, bool kUp>
DEVICE void run_ring(const ExpertsParams& p, char* shared) {
  gemm::begin_ring<S>(shared, gemm::Tokens{p.activations, p.room, 0, 0});
  gemm::Ring<S> ring(shared);
  if (threadIdx.x >= S::kThreads) {
    for_each_item<S>(p, [&](const int4& tile, int first_row, const gemm::Tokens& tokens) {
      gemm::produce<S>(ring, weights_of<typename S::Weights>(p, tile.x), first_row / 16, gemm::up(p.rows, 16), p.width, tokens);
    });
    return;
  }
  for_each_item<S>(p, [&](const int4& tile, int first_row, const gemm::Tokens& tokens) {
    typename S::Sums sums;
    gemm::consume<S>(sums, ring, p.width, tokens);
    store<S, kUp>(p, tile, first_row, sums, shared);
  });
}

template <class Weights, int kTokens, bool kUp>
DEVICE void run_bulk(const ExpertsParams& p) {
  DYNAMIC_SHARED(char, shared);
  run_ring<gemm::Shape<Weights, kTokens, kRowWarps, 1, 1>, kUp>(p, shared);
}

#if DEVICE_HAS_WGMMA
template <class Weights, int kTokens, bool kUp>
DEVICE void run_wgmma(const ExpertsParams& p) {
  DYNAMIC_SHARED(char, shared);
  run_ring<gemm::Shape<Weights, kTokens, kRowWarps, 1, 1, true>, kUp>(p, wgmma_aligned(shared));
}
#endif

}  // namespace experts

// grid: persistent; block: 128 threads. Tiles hold at most 8, 16, 32 or 64 slots. Dynamic shared memory: 3 * (8 * tile + 128 * slots)
// bytes, tile = 544 for MXFP4 and 2048 for bfloat16. From sm_90 on NAME_bulk; block: 160 threads; 4 * (8 * tile + 128 * slots + 128) bytes.
// By wgmma NAME_wgmma; block: 160 threads; each of the four stages rounded up to 1,024 bytes, and 1,024 bytes more.
#define EXPERTS_KERNEL(name, Weights, slots, kUp, threads, run)                                                       \
  extern "C" __global__ void __launch_bounds__(threads) experts_##name(const __grid_constant__ ExpertsParams p) {      \
    experts::run<gemm::Weights, slots, kUp>(p);                                                                       \
  }
#if DEVICE_LACKS_BULK_COPY
#define EXPERTS_KERNELS(slots)                                              \
  EXPERTS_KERNEL(up_mxfp4_##slots, Mxfp4Weights, slots, true, 128, run)     \
  EXPERTS_KERNEL(down_mxfp4_##slots, Mxfp4Weights, slots, false, 128, run)  \
  EXPERTS_KERNEL(up_bf16_##slots, Bf16Weights, slots, true, 128, run)       \
  EXPERTS_KERNEL(down_bf16_##slots, Bf16Weights, slots, false, 128, run)
EXPERTS_KERNELS(8)
EXPERTS_KERNELS(16)
EXPERTS_KERNELS(32)
EXPERTS_KERNELS(64)
#undef EXPERTS_KERNELS
#endif
#if DEVICE_HAS_BULK_COPY
#define EXPERTS_KERNELS(slots)                                                        \
  EXPERTS_KERNEL(up_mxfp4_##slots##_bulk, Mxfp4Weights, slots, true, 160, run_bulk)    \
  EXPERTS_KERNEL(down_mxfp4_##slots##_bulk, Mxfp4Weights, slots, false, 160, run_bulk) \
  EXPERTS_KERNEL(up_bf16_##slots##_bulk, Bf16Weights, slots, true, 160, run_bulk)      \
  EXPERTS_KERNEL(down_bf16_##slots##_bulk, Bf16Weights, slots, false, 160, run_bulk)
EXPERTS_KERNELS(8)
EXPERTS_KERNELS(16)
EXPERTS_KERNELS(32)
EXPERTS_KERNELS(64)
#undef EXPERTS_KERNELS
#endif
#if DEVICE_HAS_WGMMA
#define EXPERTS_KERNELS(slots)                                                          \
  EXPERTS_KERNEL(up_mxfp4_##slots##_wgmma, Mxfp4Weights, slots, true, 160, run_wgmma)    \
  EXPERTS_KERNEL(down_mxfp4_##slots##_wgmma, Mxfp4Weights, slots, false, 160, run_wgmma) \
  EXPERTS_KERNEL(up_bf16_##slots##_wgmma, Bf16Weights, slots, true, 160, run_wgmma)      \
  EXPERTS_KERNEL(down_bf16_##slots##_wgmma, Bf16Weights, slots, false, 160, run_wgmma)
EXPERTS_KERNELS(8)
EXPERTS_KERNELS(16)
EXPERTS_KERNELS(32)
EXPERTS_KERNELS(64)
#endif
