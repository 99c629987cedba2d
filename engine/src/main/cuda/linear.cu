// Products of dense bfloat16 weights in fragment order, with what follows them fused: residual, rotary embedding and KV cache, logits.
#include "gemm.cuh"

namespace linear {

using gemm::Bf16Weights;
constexpr int kParts = 4;  // of the width: enough warps for the few blocks of a short step
constexpr int kBand = 8;   // token tiles: those that are computed while the rows' weights are in the cache

// Few tokens: a warp a part of the width. Many: a warp more rows, part after part. The same sums either way.
template <int kTokens, bool kMany>
struct Variant {
  static constexpr int kRowWarps = kMany ? 4 : 1, kPartWarps = kMany ? 1 : kParts;
  using Shape = gemm::Shape<Bf16Weights, kTokens, kRowWarps, kPartWarps>;
};

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

template <int kTokens, bool kMany, class Use>
DEVICE void run(const uint4* weights, const bf16* activations, int rows, int width, int tokens, const Use& use) {
  using V = Variant<kTokens, kMany>;
  DYNAMIC_SHARED(char, shared);
  const Place place;
  const int first_token = place.token_tile * kTokens, row_tiles = gemm::up(rows, 16);
  gemm::Sums<kTokens> sums;
  gemm::multiply<Bf16Weights, kTokens, V::kRowWarps, V::kPartWarps, kParts>(
      sums, shared, Bf16Weights{weights}, place.row_block * (V::Shape::kBlockRows / 16), row_tiles, width,
      activations, [&](int t) { return first_token + t < tokens ? first_token + t : -1; });
  const int first_row = place.row_block * V::Shape::kBlockRows;
  gemm::finish<kTokens, V::kRowWarps, V::kPartWarps>(sums, shared, [&](int row, int token, const float(&d)[4]) {
    if (first_row + row - row % 16 < row_tiles * 16) use(first_row + row, first_token + token, d);
  });
}

}  // namespace linear

struct LinearParams {
  const uint4* weights;     // [rows, width] in fragment order
  const bf16* activations;  // [tokens, width]
  const float* bias;        // [rows]; null: none
  float* output;            // [tokens, rows]
  int32_t rows;
  int32_t width;            // a multiple of 16
  int32_t tokens;
};

namespace linear {

// x += W a + bias.
template <int kTokens, bool kMany>
DEVICE void residual(const LinearParams& p) {
  run<kTokens, kMany>(p.weights, p.activations, p.rows, p.width, p.tokens, [&](int row, int token, const float(&d)[4]) {
#pragma unroll
    for (int e = 0; e < 4; e++) {
      const int r = row + e / 2 * 8, t = token + e % 2;
      if (r < p.rows && t < p.tokens) p.output[(size_t)t * p.rows + r] += d[e] + p.bias[r];
    }
  });
}

// W a, with bias if there is one, in float32.
template <int kTokens, bool kMany>
DEVICE void floats(const LinearParams& p) {
  run<kTokens, kMany>(p.weights, p.activations, p.rows, p.width, p.tokens, [&](int row, int token, const float(&d)[4]) {
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
  const bf16* activations;   // [tokens, width]
  const float* bias;         // [queries + 2 keys], in plain order
  bf16* queries;             // [tokens, queries], rotated
  bf16* keys;                // [block][KV head][block tokens][head]
  bf16* values;              // likewise
  const float2* rope;        // [position][head / 2]: cosine, sine
  const int32_t* positions;  // [tokens]
  const int32_t* slots;      // [tokens]: block * block tokens + place in it, where the token's key and value go
  int32_t query_rows, key_rows;
  int32_t width;
  int32_t tokens;
  int32_t head;              // elements of one head, a multiple of 16
  int32_t block_tokens_log2;
};

namespace linear {

template <int kTokens, bool kMany>
DEVICE void qkv(const LinearQkvParams& p) {
  const int rows = p.query_rows + 2 * p.key_rows, half = p.head / 2, kv_heads = p.key_rows / p.head;
  run<kTokens, kMany>(p.weights, p.activations, rows, p.width, p.tokens, [&](int row, int token, const float(&d)[4]) {
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
      float a = d[e] + low_bias, b = d[2 + e] + high_bias;
      if (section != 2) {
        const float x = a, y = b;
        const float2 turn = p.rope[(size_t)p.positions[t] * half + low];
        a = x * turn.x - y * turn.y;
        b = y * turn.x + x * turn.y;
      }
      bf16* out;
      if (section == 0) {
        out = p.queries + (size_t)t * p.query_rows + head * p.head;
      } else {
        const int slot = p.slots[t], block = slot >> p.block_tokens_log2, place = slot & ((1 << p.block_tokens_log2) - 1);
        out = (section == 1 ? p.keys : p.values) + ((((size_t)block * kv_heads + head) << p.block_tokens_log2) + place) * p.head;
      }
      out[low] = float_to_bf16(a);
      out[high] = float_to_bf16(b);
    }
  });
}

}  // namespace linear

// For up to some dozen tokens: grid (rows / 32, tokens / 16) rounded up; block 128; dynamic shared memory 76800 bytes.
// For more: NAME_prefill, grid (rows / 128, tokens / 64) rounded up; block 128; dynamic shared memory 76800 bytes.
#define LINEAR_KERNELS(name, Params, body)                                                                      \
  extern "C" __global__ void __launch_bounds__(128) linear_##name(const __grid_constant__ Params p) {           \
    linear::body<16, false>(p);                                                                                 \
  }                                                                                                             \
  extern "C" __global__ void __launch_bounds__(128) linear_##name##_prefill(const __grid_constant__ Params p) { \
    linear::body<64, true>(p);                                                                                  \
  }
LINEAR_KERNELS(residual, LinearParams, residual)
LINEAR_KERNELS(floats, LinearParams, floats)
LINEAR_KERNELS(qkv, LinearQkvParams, qkv)
