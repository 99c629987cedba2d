"""What transformers on torch reaches on this GPU, with random weights of gpt-oss-20b's shape.

compare.py peak    prints the TFLOP/s of a large bfloat16 matrix product: the peak that check.sh bench divides by
compare.py run     prefill and greedy decode by batch size, in the table form of check.sh bench; --json FILE

transformers computes experts in bfloat16 (MXFP4 there needs kernels that are downloaded), so 20b takes 42 GB of weights.
"""

import argparse
import json
import time


def peak(torch):
    n = 8192
    a = torch.randn(n, n, device="cuda", dtype=torch.bfloat16)
    b = torch.randn(n, n, device="cuda", dtype=torch.bfloat16)
    for _ in range(3):
        a @ b
    torch.cuda.synchronize()
    times = []
    for _ in range(20):
        start = torch.cuda.Event(enable_timing=True)
        end = torch.cuda.Event(enable_timing=True)
        start.record()
        a @ b
        end.record()
        torch.cuda.synchronize()
        times.append(start.elapsed_time(end) / 1e3)
    return 2 * n**3 / sorted(times)[len(times) // 2] / 1e12


def model(torch, device, tiny):
    from transformers import GptOssConfig, GptOssForCausalLM

    shape = dict(num_hidden_layers=2, num_local_experts=4, hidden_size=64, intermediate_size=64, head_dim=16,
                 num_attention_heads=4, num_key_value_heads=2, vocab_size=500) if tiny else dict(
                     num_hidden_layers=24, num_local_experts=32)
    torch.set_default_dtype(torch.bfloat16)
    with torch.device(device):
        return GptOssForCausalLM(GptOssConfig(**shape)).eval()


def measure(torch, network, device, batch, prompt, output):
    """Seconds of the prompts and of each token after them."""

    def wait():
        if device == "cuda":
            torch.cuda.synchronize()

    from transformers import DynamicCache

    tokens = torch.randint(0, network.config.vocab_size, (batch, prompt), device=device)
    cache = DynamicCache(config=network.config)
    # As many tokens at a time as one step of ours takes.
    each = max(1, 8192 // batch)
    wait()
    start = time.perf_counter()
    for first in range(0, prompt, each):
        network(tokens[:, first:first + each], past_key_values=cache, use_cache=True, logits_to_keep=1)
    wait()
    prefill = time.perf_counter() - start
    step = tokens[:, -1:]
    warm_up = 2
    for i in range(warm_up + output):
        if i == warm_up:
            wait()
            start = time.perf_counter()
        logits = network(step, past_key_values=cache, use_cache=True).logits
        step = logits[:, -1].argmax(-1, keepdim=True)
    wait()
    return prefill, time.perf_counter() - start


def run(torch, arguments):
    device = "cuda" if torch.cuda.is_available() else "cpu"
    network = model(torch, device, arguments.tiny)
    import transformers

    results = {"torch": torch.__version__, "transformers": transformers.__version__, "decode": []}
    print(f"\n## 20b, bfloat16, transformers {transformers.__version__} on torch {torch.__version__}\n")
    print("| sequences | prefill, tokens/s | decode, tokens/s | ms a step |\n|---|---|---|---|")
    for batch in arguments.batch:
        line = {"sequences": batch}
        try:
            with torch.inference_mode():
                prefill, decode = measure(torch, network, device, batch, arguments.prompt, arguments.output)
            line["prefill_tokens_per_second"] = batch * arguments.prompt / prefill
            line["tokens_per_second"] = batch * arguments.output / decode
            print(f"| {batch} | {line['prefill_tokens_per_second']:.0f} | {line['tokens_per_second']:.0f}"
                  f" | {decode / arguments.output * 1e3:.2f} |", flush=True)
        except torch.OutOfMemoryError:
            line["does_not_fit"] = True
            print(f"| {batch} | does not fit | | |", flush=True)
        results["decode"].append(line)
    if arguments.json:
        with open(arguments.json, "w") as file:
            json.dump(results, file, indent=2)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=["peak", "run"])
    parser.add_argument("--batch", type=lambda text: [int(part) for part in text.split(",")], default=[64, 256, 512, 1024])
    parser.add_argument("--prompt", type=int, default=1024)
    parser.add_argument("--output", type=int, default=1024)
    parser.add_argument("--json")
    parser.add_argument("--tiny", action="store_true", help="a toy shape, to try this script without a GPU")
    arguments = parser.parse_args()
    import torch

    if arguments.what == "peak":
        print(f"{peak(torch):.1f}")
    else:
        run(torch, arguments)


if __name__ == "__main__":
    main()
