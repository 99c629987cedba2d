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
  const bf16* activations;  // up: [tokens, width]; down: [slots, width]
  bf16* output;             // up: [slots, rows / 2]; down: [pairs, rows]
  const int32_t* rows_of;   // [slots]: up: the token of a slot, whose activations it takes; down: its pair, where its output goes
  ExpertTiles tiles;
  int32_t rows;             // of one expert's matrix
  int32_t width;            // a multiple of 16
  float factor;             // what the scales were divided by at load
  float limit;              // up: bound of the activation's inputs
};

namespace experts {

constexpr int kRowWarps = 4;

template <class Weights>
DEVICE Weights weights_of(const ExpertsParams& p, int expert);
template <>
DEVICE gemm::Bf16Weights weights_of<gemm::Bf16Weights>(const ExpertsParams& p, int expert) {
  const size_t tiles = (size_t)gemm::up(p.rows, 16) * gemm::up(p.width, gemm::kStep);
  return {reinterpret_cast<const uint4*>(static_cast<const char*>(p.weights) + expert * tiles * gemm::Bf16Weights::kTileBytes)};
}
template <>
DEVICE gemm::Mxfp4Weights weights_of<gemm::Mxfp4Weights>(const ExpertsParams& p, int expert) {
  const size_t tiles = (size_t)gemm::up(p.rows, 16) * gemm::up(p.width, gemm::kStep);
  return {static_cast<const char*>(p.weights) + expert * tiles * gemm::Mxfp4Weights::kCodeBytes,
          static_cast<const char*>(p.scales) + expert * tiles * 32};
}

// Source: gpt_oss/torch/model.py, swiglu: the gate is clamped above only.
DEVICE float swiglu(float gate, float up, float limit) {
  gate = fminf(gate, limit);
  up = fminf(fmaxf(up, -limit), limit);
  return __fdividef(gate, 1.0f + __expf(-1.702f * gate)) * (up + 1.0f);
}

template <class Weights, int kTokens, bool kUp>
DEVICE void run(const ExpertsParams& p) {
  using Shape = gemm::Shape<Weights, kTokens, kRowWarps, 1>;
  DYNAMIC_SHARED(char, shared);
  const int row_tiles = gemm::up(p.rows, 16), row_blocks = gemm::up(p.rows, Shape::kBlockRows);
  const int items = *p.tiles.count * row_blocks;
  for (int item = blockIdx.x; item < items; item += gridDim.x) {
    const int4 tile = p.tiles.tiles[item / row_blocks];
    const int row_block = item % row_blocks;
    gemm::Sums<kTokens> sums;
    gemm::multiply<Weights, kTokens, kRowWarps, 1, 1>(
        sums, shared, weights_of<Weights>(p, tile.x), row_block * (Shape::kBlockRows / 16), row_tiles, p.width,
        p.activations, [&](int t) { return t >= tile.z ? -1 : kUp ? p.rows_of[tile.y + t] : tile.y + t; });
    const float* bias = p.bias + (size_t)tile.x * p.rows;
    gemm::finish<kTokens, kRowWarps, 1>(sums, shared, [&](int row_of_block, int token, const float(&d)[4]) {
      const int row = row_block * Shape::kBlockRows + row_of_block;
#pragma unroll
      for (int e = 0; e < 2; e++) {
        if (token + e >= tile.z) continue;
        const int slot = tile.y + token + e;
        if (kUp) {
          // Rows g and g + 8 are gate and up of one output.
          const int out = row / 16 * 8 + row % 16;
          if (out < p.rows / 2) {
            const float gate = fmaf(d[e], p.factor, bias[2 * out]), up = fmaf(d[2 + e], p.factor, bias[2 * out + 1]);
            p.output[(size_t)slot * (p.rows / 2) + out] = float_to_bf16(swiglu(gate, up, p.limit));
          }
        } else {
          bf16* out = p.output + (size_t)p.rows_of[slot] * p.rows;
          if (row < p.rows) out[row] = float_to_bf16(fmaf(d[e], p.factor, bias[row]));
          if (row + 8 < p.rows) out[row + 8] = float_to_bf16(fmaf(d[2 + e], p.factor, bias[row + 8]));
        }
      }
    });
    __syncthreads();
  }
}

}  // namespace experts

// grid: persistent; block: 128 threads. Tiles hold at most 8, 16, 32 or 64 slots. Dynamic shared memory: 3 * (8 * tile + 144 * slots)
// bytes, tile = 544 for MXFP4 and 2048 for bfloat16.
#define EXPERTS_KERNELS(slots)                                                                                                  \
  extern "C" __global__ void __launch_bounds__(128) experts_up_mxfp4_##slots(const __grid_constant__ ExpertsParams p) {         \
    experts::run<gemm::Mxfp4Weights, slots, true>(p);                                                                           \
  }                                                                                                                             \
  extern "C" __global__ void __launch_bounds__(128) experts_down_mxfp4_##slots(const __grid_constant__ ExpertsParams p) {       \
    experts::run<gemm::Mxfp4Weights, slots, false>(p);                                                                          \
  }                                                                                                                             \
  extern "C" __global__ void __launch_bounds__(128) experts_up_bf16_##slots(const __grid_constant__ ExpertsParams p) {          \
    experts::run<gemm::Bf16Weights, slots, true>(p);                                                                            \
  }                                                                                                                             \
  extern "C" __global__ void __launch_bounds__(128) experts_down_bf16_##slots(const __grid_constant__ ExpertsParams p) {        \
    experts::run<gemm::Bf16Weights, slots, false>(p);                                                                           \
  }
EXPERTS_KERNELS(8)
EXPERTS_KERNELS(16)
EXPERTS_KERNELS(32)
EXPERTS_KERNELS(64)
