#!/usr/bin/env python3
"""OpenVINO GenAI's continuous batching on the CPU, with the questions, options and JSON of `gptoss bench`.

Usage: bench_openvino.py export CHECKPOINT FOLDER
       bench_openvino.py bench FOLDER [--threads N] [--batch N,...] [--prompt N] [--output N] [--prefill N] [--rounds N]

`export` turns a checkpoint of make_model.py into OpenVINO's form, all matrices in symmetric 4 bits by groups of 32. It takes some
minutes, and 14 GiB of memory for four layers of gpt-oss-20b's dimensions.
Needs openvino-genai and optimum-intel[openvino].
"""
import argparse
import json
import os
import statistics
import subprocess
import sys
import time


def export(checkpoint, folder):
    from optimum.intel import OVModelForCausalLM, OVWeightQuantizationConfig
    from tokenizers import Tokenizer, models, pre_tokenizers
    from transformers import AutoConfig, PreTrainedTokenizerFast

    # The pipeline wants a tokenizer although requests of token ids never use it.
    vocabulary = AutoConfig.from_pretrained(checkpoint).vocab_size
    words = Tokenizer(models.WordLevel({f"w{i}": i for i in range(vocabulary)}, unk_token="w0"))
    words.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
    tokenizer = PreTrainedTokenizerFast(
        tokenizer_object=words, eos_token=f"w{vocabulary - 2}", pad_token=f"w{vocabulary - 1}", unk_token="w0")
    tokens = os.path.join(folder, "tokenizer")
    tokenizer.save_pretrained(tokens)
    quantization = OVWeightQuantizationConfig(bits=4, sym=True, group_size=32, ratio=1.0)
    model = OVModelForCausalLM.from_pretrained(checkpoint, export=True, compile=False, quantization_config=quantization)
    model.save_pretrained(folder)
    convert = os.path.join(os.path.dirname(sys.executable), "convert_tokenizer")
    subprocess.run([convert, tokens, "--with-detokenizer", "-o", folder], check=True)


class Benchmark:
    def __init__(self, folder, threads, vocabulary, sequences):
        import numpy
        import openvino
        import openvino_genai

        self.genai = openvino_genai
        self.tensor = openvino.Tensor
        scheduler = openvino_genai.SchedulerConfig()
        scheduler.max_num_batched_tokens = 2048
        scheduler.max_num_seqs = sequences
        scheduler.cache_size = 2  # GiB
        scheduler.enable_prefix_caching = False
        self.pipeline = openvino_genai.ContinuousBatchingPipeline(folder, scheduler, "CPU", {"INFERENCE_NUM_THREADS": threads})
        self.random = numpy.random.default_rng(7)
        self.integer = numpy.int64
        self.vocabulary = vocabulary
        self.requests = 0

    def seconds(self, batch, prompt, output):
        """The seconds that `batch` random prompts of `prompt` tokens take until each has `output` tokens."""
        handles = []  # the pipeline drops a request whose handle is gone
        for _ in range(batch):
            config = self.genai.GenerationConfig()
            config.max_new_tokens = output
            config.ignore_eos = True
            config.do_sample = False
            config.eos_token_id = self.vocabulary - 2
            ids = self.random.integers(1, self.vocabulary - 2000, (1, prompt)).astype(self.integer)
            handles.append(self.pipeline.add_request(self.requests, self.tensor(ids), config))
            self.requests += 1
        start = time.perf_counter()
        while self.pipeline.has_non_finished_requests():
            self.pipeline.step()
        return time.perf_counter() - start

    def median(self, rounds, rate):
        """The median of `rounds` values after one to warm up."""
        return statistics.median([rate() for _ in range(rounds + 1)][1:])

    def prefill_rate(self, rounds, tokens):
        return self.median(rounds, lambda: tokens / self.seconds(1, tokens, 1))

    def decode_rate(self, rounds, batch, prompt, output):
        """Tokens a second after the first token of each sequence, which its prefill gives."""

        def rate():
            first = self.seconds(batch, prompt, 1)
            return batch * output / (self.seconds(batch, prompt, output + 1) - first)

        return self.median(rounds, rate)


def peak_bytes():
    with open("/proc/self/status", encoding="ascii") as status:
        return next(int(line.split()[1]) * 1024 for line in status if line.startswith("VmHWM"))


def bench(options):
    with open(os.path.join(options.folder, "config.json"), encoding="utf-8") as file:
        vocabulary = json.load(file)["vocab_size"]
    batches = [int(b) for b in options.batch.split(",")]
    start = time.perf_counter()
    benchmark = Benchmark(options.folder, options.threads, vocabulary, max(batches))
    result = {
        "model": options.folder,
        "backend": f"OpenVINO GenAI {benchmark.genai.__version__}",
        "threads": options.threads,
        "load_seconds": time.perf_counter() - start,
    }
    rate = benchmark.prefill_rate(options.rounds, options.prefill)
    result["prefill_tokens_per_second"] = rate
    print(f"prefill of {options.prefill} tokens: {rate:.1f} tokens/s", file=sys.stderr)
    result["batches"] = []
    for batch in batches:
        rate = benchmark.decode_rate(options.rounds, batch, options.prompt, options.output)
        result["batches"].append({"batch": batch, "decode_tokens_per_second": rate})
        print(f"decode of batch {batch}: {rate:.1f} tokens/s", file=sys.stderr)
    result["rss_bytes"] = peak_bytes()
    print(json.dumps(result))


def main():
    parser = argparse.ArgumentParser()
    commands = parser.add_subparsers(dest="command", required=True)
    exporting = commands.add_parser("export")
    exporting.add_argument("checkpoint")
    exporting.add_argument("folder")
    measuring = commands.add_parser("bench")
    measuring.add_argument("folder")
    for name, default in (("threads", 2), ("prompt", 16), ("output", 32), ("prefill", 512), ("rounds", 3)):
        measuring.add_argument(f"--{name}", type=int, default=default)
    measuring.add_argument("--batch", default="1,32,64")
    options = parser.parse_args()
    if options.command == "export":
        export(options.checkpoint, options.folder)
    else:
        bench(options)


if __name__ == "__main__":
    main()
