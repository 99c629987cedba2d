// Rows of the embedding.
#include "device.cuh"

struct EmbedParams {
  const bf16* table;         // [vocabulary, hidden]
  const int32_t* ids;        // [tokens]; -1 - r: what was sampled for row r of the step before
  const int32_t* sampled;    // [rows of the step before]
  float* output;             // [tokens, hidden]
  int32_t hidden;            // a multiple of 8
  int32_t vocabulary;
};

// grid: one block a token; block: 128 threads. An id outside the vocabulary, as a row has that could not be sampled, gives zeros: the
// host drops such a row.
extern "C" __global__ void __launch_bounds__(128) embed(const __grid_constant__ EmbedParams p) {
  int id = p.ids[blockIdx.x];
  if (id < 0) id = p.sampled[-1 - id];
  const bool known = id >= 0 && id < p.vocabulary;
  const uint2* from = reinterpret_cast<const uint2*>(p.table + (size_t)(known ? id : 0) * p.hidden);
  float4* to = reinterpret_cast<float4*>(p.output + (size_t)blockIdx.x * p.hidden);
  for (int i = threadIdx.x; i < p.hidden / 4; i += 128) {
    const uint2 four = known ? from[i] : make_uint2(0, 0);
    to[i] = make_float4(bf16_to_float((bf16)four.x), bf16_to_float((bf16)(four.x >> 16)), bf16_to_float((bf16)four.y),
                        bf16_to_float((bf16)(four.y >> 16)));
  }
}
