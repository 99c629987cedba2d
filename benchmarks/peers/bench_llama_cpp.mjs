// node bench_llama_cpp.mjs MODEL.gguf --threads 2 --batch 1,8,32,64 --prompt 16 --output 32 --prefill 512 --rounds 3
//
// Speed of llama.cpp, with the same questions, options and field names as `gptoss bench`: prefill of one random prompt
// at a time, and decode of B sequences at a time, each the median of the rounds after one round to warm up.
// Prints one JSON object on standard output, progress on standard error.
import fs from "node:fs";
import {parseArgs} from "node:util";
import {getLlama} from "node-llama-cpp";

const {values: options, positionals: [modelPath]} = parseArgs({
  allowPositionals: true,
  options: {
    threads: {type: "string", default: "2"},
    batch: {type: "string", default: "1,32,64"},
    prompt: {type: "string", default: "16"},
    output: {type: "string", default: "32"},
    prefill: {type: "string", default: "512"},
    rounds: {type: "string", default: "3"}
  }
});
if (modelPath === undefined) {
  console.error("usage: node bench_llama_cpp.mjs MODEL.gguf [--threads N] [--batch N,...] [--prompt N] [--output N] [--prefill N] [--rounds N]");
  process.exit(2);
}
const threads = Number(options.threads);
const promptTokens = Number(options.prompt);
const outputTokens = Number(options.output);
const prefillTokens = Number(options.prefill);
const rounds = Number(options.rounds);

const llama = await getLlama({gpu: false, build: "never", progressLogs: false, logLevel: "error", maxThreads: threads});
const loadStart = performance.now();
const model = await llama.loadModel({modelPath});
const loadSeconds = (performance.now() - loadStart) / 1000;
const vocabulary = model.fileInfo.metadata.tokenizer.ggml.tokens.length;

let seed = 7;
function randomToken() {
  seed = (seed * 1103515245 + 12345) & 0x7fffffff;
  // The last ids are special and would end a sequence.
  return (seed >>> 8) % (vocabulary - 2000);
}

function randomPrompt(length) {
  return Array.from({length}, randomToken);
}

function median(numbers) {
  return numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)];
}

function createContext(sequences, tokens) {
  return model.createContext({
    sequences,
    contextSize: Math.max(128, tokens + 8),
    batchSize: Math.min(2048, Math.max(512, sequences * tokens)),
    threads: {ideal: threads, min: threads},
    flashAttention: "auto",
    failedCreationRemedy: false
  });
}

async function prefillRate() {
  const rates = [];
  for (let round = 0; round <= rounds; round++) {
    const context = await createContext(1, prefillTokens);
    const sequence = context.getSequence();
    const prompt = randomPrompt(prefillTokens);
    const start = performance.now();
    await sequence.evaluateWithoutGeneratingNewTokens(prompt);
    const seconds = (performance.now() - start) / 1000;
    if (round > 0) {
      rates.push(prefillTokens / seconds);
    }
    await context.dispose();
  }
  return median(rates);
}

async function decodeRate(batch) {
  const rates = [];
  for (let round = 0; round <= rounds; round++) {
    const context = await createContext(batch, promptTokens + outputTokens);
    const sequences = Array.from({length: batch}, () => context.getSequence());
    await Promise.all(sequences.map((s) => s.evaluateWithoutGeneratingNewTokens(randomPrompt(promptTokens))));
    let generated = 0;
    const start = performance.now();
    await Promise.all(sequences.map(async (sequence) => {
      let own = 0;
      for await (const _ of sequence.evaluate([randomToken()], {temperature: 0, yieldEogToken: true})) {
        generated++;
        if (++own === outputTokens) {
          break;
        }
      }
    }));
    const seconds = (performance.now() - start) / 1000;
    if (round > 0) {
      rates.push(generated / seconds);
    }
    await context.dispose();
  }
  return median(rates);
}

const result = {
  model: modelPath,
  backend: `llama.cpp ${llama.llamaCppRelease.release} through node-llama-cpp`,
  threads,
  load_seconds: loadSeconds
};
result.prefill_tokens_per_second = await prefillRate();
console.error(`prefill of ${prefillTokens} tokens: ${result.prefill_tokens_per_second.toFixed(1)} tokens/s`);
result.batches = [];
for (const batch of options.batch.split(",").map(Number)) {
  const rate = await decodeRate(batch);
  result.batches.push({batch, decode_tokens_per_second: rate});
  console.error(`decode of batch ${batch}: ${rate.toFixed(1)} tokens/s`);
}
result.rss_bytes = Number(/VmHWM:\s+(\d+)/.exec(fs.readFileSync("/proc/self/status", "utf8"))[1]) * 1024;
console.log(JSON.stringify(result));
process.exit(0);
