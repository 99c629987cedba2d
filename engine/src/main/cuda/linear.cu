// Products of dense bfloat16 weights in fragment order, with what follows them fused: residual, rotary embedding and KV cache, logits.
#include "gemm.cuh"

namespace linear {

using gemm::Bf16Weights;
constexpr int kParts = 4;  // of the width: enough warps for the few blocks of a short step
constexpr int kBand = 8;   // token tiles: those that are computed while the rows' weights are in the cache

// How operands come into shared memory, and who multiplies.
enum How { kAsync, kBulk, kWgmma };

// Few tokens: a warp a part of the width, by wgmma a warpgroup. Many: a warp more rows, part after part. The same sums either way.
template <int kTokens, bool kMany, How kHow>
using ShapeOf = gemm::Shape<Bf16Weights, kTokens, kMany || kHow == kWgmma ? 4 : 1, kMany ? 1 : kParts, kParts, kHow == kWgmma,
                            kMany || kHow != kWgmma ? gemm::kRowTiles : 1>;

// What a block computes. Blocks run about in the order of their ids: band after band of token tiles, in a band block of rows after block
// of rows, so that the token tiles of a band read the same weights at the same time, and memory delivers them once for all.
struct Place {
  int row_block, token_tile;

  DEVICE Place() {
    const int id = blockIdx.y * gridDim.x + blockIdx.x, first = id / (kBand * gridDim.x) * kBand;
    const int tiles = gemm::minimum(kBand, gridDim.y - first), within = id - first * gridDim.x;
    row_block = within / tiles;
    token_tile = first + within % tiles;
  }
};

// A product, its fragments handed to `use(row, token, d)` as gemm::finish does; rows beyond the matrix are left out.
template <int kTokens, bool kMany, How kHow, class Use>
DEVICE void run(const uint4* weights, const bf16* activations, int room, int rows, int width, int tokens, const Use& use) {
  using S = ShapeOf<kTokens, kMany, kHow>;
  DYNAMIC_SHARED(char, dynamic);
  char* shared = dynamic;
#if DEVICE_HAS_WGMMA
  if constexpr (kHow == kWgmma) shared = wgmma_aligned(dynamic);
#endif
  const Place place;
  const int first_token = place.token_tile * kTokens, row_tiles = gemm::up(rows, 16);
  const int first_row = place.row_block * S::kBlockRows;
  const Bf16Weights matrix{reinterpret_cast<const char*>(weights)};
  const gemm::Tokens tile{activations, room, first_token, gemm::minimum(tokens - first_token, kTokens)};
  typename S::Sums sums;
  if constexpr (kHow != kAsync) {
    gemm::begin_ring<S>(shared, tile);
    gemm::Ring<S> ring(shared);
    if (threadIdx.x >= S::kThreads) {
      gemm::produce<S>(ring, matrix, first_row / 16, row_tiles, width, tile);
      return;
    }
    gemm::consume<S>(sums, ring, width, tile);
  } else {
    gemm::multiply<S>(sums, shared, matrix, first_row / 16, row_tiles, width, tile);
  }
  gemm::finish<S>(sums, shared, [&](int row, int token, const float(&d)[4]) {
    if (first_row + row - row % 16 < row_tiles * 16) use(first_row + row, first_token + token, d);
  });
}

}  // namespace linear

struct LinearParams {
  const uint4* weights;     // [rows, width] in fragment order
  const bf16* activations;  // [tokens, width], as in activations.cuh
  const float* bias;        // [rows]; null: none
  float* output;            // [tokens, rows]
  int32_t rows;
  int32_t width;            // a multiple of 16
  int32_t tokens;
  int32_t room;             // rows that the activations have room for
};

namespace linear {

// x += W a + bias.
template <int kTokens, bool kMany, How kHow>
DEVICE void residual(const LinearParams& p) {
  run<kTokens, kMany, kHow>(p.weights, p.activations, p.room, p.rows, p.width, p.tokens, [&](int row, int token, const float(&d)[4]) {
#pragma unroll
    for (int e = 0; e < 4; e++) {
      const int r = row + e / 2 * 8, t = token + e % 2;
      if (r < p.rows && t < p.tokens) p.output[(size_t)t * p.rows + r] += d[e] + p.bias[r];
    }
  });
}

// W a, with bias if there is one, in float32.
template <int kTokens, bool kMany, How kHow>
DEVICE void floats(const LinearParams& p) {
  run<kTokens, kMany, kHow>(p.weights, p.activations, p.room, p.rows, p.width, p.tokens, [&](int row, int token, const float(&d)[4]) {
#pragma unroll
    for (int e = 0; e < 4; e++) {
      const int r = row + e / 2 * 8, t = token + e % 2;
      if (r < p.rows && t < p.tokens) p.output[(size_t)t * p.rows + r] = p.bias ? d[e] + p.bias[r] : d[e];
    }
  });
}

}  // namespace linear

struct LinearQkvParams {
  const uint4* weights;      // [queries + 2 keys, width] in fragment order, rows of queries and keys in rotary order
  const bf16* activations;   // [tokens, width], as in activations.cuh
  const float* bias;         // [queries + 2 keys], in plain order
  bf16* queries;             // [tokens, queries], rotated
  bf16* keys;                // [block][KV head][block tokens][head], as in activations.cuh
  bf16* values;              // likewise
  const float2* rope;        // [position][head / 2]: cosine, sine
  const int32_t* positions;  // [tokens]
  const int32_t* slots;      // [tokens]: block * block tokens + place in it, where the token's key and value go
  const float* delta;        // [tokens, queries + 2 keys], in the weights' order of rows: what adapters add; null: nothing
  const int32_t* adapters;   // [tokens]: 0: none, and nothing is added; null where delta is
  int32_t query_rows, key_rows;
  int32_t width;
  int32_t tokens;
  int32_t head;              // elements of one head, a multiple of 16
  int32_t block_tokens_log2;
  int32_t room;              // rows that the activations have room for
};

namespace linear {

template <int kTokens, bool kMany, How kHow>
DEVICE void qkv(const LinearQkvParams& p) {
  const int rows = p.query_rows + 2 * p.key_rows, half = p.head / 2, kv_heads = p.key_rows / p.head;
  run<kTokens, kMany, kHow>(p.weights, p.activations, p.room, rows, p.width, p.tokens, [&](int row, int token, const float(&d)[4]) {
    const int section = row < p.query_rows ? 0 : row < p.query_rows + p.key_rows ? 1 : 2;
    const int first = section == 0 ? 0 : section == 1 ? p.query_rows : p.query_rows + p.key_rows;
    const int within = row - first, head = within / p.head, tile = within % p.head / 16, g = row % 16;
    // Elements of the head in d[0..1] and d[2..3].
    const int low = section == 2 ? tile * 16 + g : tile * 8 + g, high = section == 2 ? low + 8 : low + half;
    const float low_bias = p.bias[first + head * p.head + low], high_bias = p.bias[first + head * p.head + high];
#pragma unroll
    for (int e = 0; e < 2; e++) {
      const int t = token + e;
      if (t >= p.tokens) continue;
      const int position = p.positions[t];
      float low_more = low_bias, high_more = high_bias;
      if (p.delta && p.adapters[t]) {
        const float* delta = p.delta + (size_t)t * rows + row;
        low_more += delta[0], high_more += delta[8];
      }
      float a = d[e] + low_more, b = d[2 + e] + high_more;
      if (section != 2) {
        const float x = a, y = b;
        const float2 turn = p.rope[(size_t)position * half + low];
        a = x * turn.x - y * turn.y;
        b = y * turn.x + x * turn.y;
      }
      bf16* out;
      int to_low = low, to_high = high;
      if (section == 0) {
        out = p.queries + (size_t)t * p.query_rows + head * p.head;
      } else {
        const int turn = kv::turn(p.head, position);
        to_low = (low / 8 ^ turn) * 8 + low % 8;
        to_high = (high / 8 ^ turn) * 8 + high % 8;
        const int slot = p.slots[t], block = slot >> p.block_tokens_log2, place = slot & ((1 << p.block_tokens_log2) - 1);
        out = (section == 1 ? p.keys : p.values) + ((((size_t)block * kv_heads + head) << p.block_tokens_log2) + place) * p.head;
      }
      out[to_low] = float_to_bf16(a);
      out[to_high] = float_to_bf16(b);
    }
  });
}

}  // namespace linear

// For up to some dozen tokens: grid (rows / 32, tokens / 16) rounded up; block 128; dynamic shared memory 73728 bytes.
// For more: NAME_prefill, grid (rows / 128, tokens / 64) rounded up; block 128; dynamic shared memory 73728 bytes.
// From sm_90 on: NAME_bulk and NAME_prefill_bulk; block 160; dynamic shared memory 98816 bytes.
// By wgmma: NAME_wgmma, grid (rows / 64, tokens / 16); block 544; dynamic shared memory 168960 bytes; and NAME_prefill_wgmma, grid as above;
// block 160; dynamic shared memory 103424 bytes.
#define LINEAR_KERNEL(name, Params, body, kTokens, kMany, kHow, threads)                                                     \
  extern "C" __global__ void __launch_bounds__(threads) linear_##name(const __grid_constant__ Params p) {                    \
    linear::body<kTokens, kMany, linear::kHow>(p);                                                                           \
  }
#if DEVICE_LACKS_BULK_COPY
LINEAR_KERNEL(residual, LinearParams, residual, 16, false, kAsync, 128)
LINEAR_KERNEL(residual_prefill, LinearParams, residual, 64, true, kAsync, 128)
LINEAR_KERNEL(floats, LinearParams, floats, 16, false, kAsync, 128)
LINEAR_KERNEL(floats_prefill, LinearParams, floats, 64, true, kAsync, 128)
LINEAR_KERNEL(qkv, LinearQkvParams, qkv, 16, false, kAsync, 128)
LINEAR_KERNEL(qkv_prefill, LinearQkvParams, qkv, 64, true, kAsync, 128)
#endif
#if DEVICE_HAS_BULK_COPY
LINEAR_KERNEL(residual_bulk, LinearParams, residual, 16, false, kBulk, 160)
LINEAR_KERNEL(residual_prefill_bulk, LinearParams, residual, 64, true, kBulk, 160)
LINEAR_KERNEL(floats_bulk, LinearParams, floats, 16, false, kBulk, 160)
LINEAR_KERNEL(floats_prefill_bulk, LinearParams, floats, 64, true, kBulk, 160)
LINEAR_KERNEL(qkv_bulk, LinearQkvParams, qkv, 16, false, kBulk, 160)
LINEAR_KERNEL(qkv_prefill_bulk, LinearQkvParams, qkv, 64, true, kBulk, 160)
#endif
#if DEVICE_HAS_WGMMA
LINEAR_KERNEL(residual_wgmma, LinearParams, residual, 16, false, kWgmma, 544)
LINEAR_KERNEL(residual_prefill_wgmma, LinearParams, residual, 64, true, kWgmma, 160)
LINEAR_KERNEL(floats_wgmma, LinearParams, floats, 16, false, kWgmma, 544)
LINEAR_KERNEL(floats_prefill_wgmma, LinearParams, floats, 64, true, kWgmma, 160)
LINEAR_KERNEL(qkv_wgmma, LinearQkvParams, qkv, 16, false, kWgmma, 544)
LINEAR_KERNEL(qkv_prefill_wgmma, LinearQkvParams, qkv, 64, true, kWgmma, 160)
#endif
