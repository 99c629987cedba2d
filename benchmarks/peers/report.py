#!/usr/bin/env python3
"""Prints what `gptoss bench` and a peer's script measured, side by side, as a Markdown table.

Usage: report.py PEER GPTOSS.json PEER.json
"""
import json
import sys


def row(name, ours, theirs, pattern, more_is_better=True):
    ratio = ours / theirs if more_is_better else theirs / ours
    return f"| {name} | {pattern % ours} | {pattern % theirs} | {ratio:.2f} |"


def main():
    peer = sys.argv[1]
    with open(sys.argv[2], encoding="utf-8") as file:
        ours = json.load(file)
    with open(sys.argv[3], encoding="utf-8") as file:
        theirs = json.load(file)
    print(f"gptoss-spark: {ours['backend']}; peer: {theirs['backend']}; {theirs['threads']} threads\n")
    print(f"| | gptoss-spark | {peer} | times better |")
    print("|---|---|---|---|")
    print(row("prefill, tokens/s", ours["prefill_tokens_per_second"], theirs["prefill_tokens_per_second"], "%.1f"))
    rates = {b["batch"]: b["decode_tokens_per_second"] for b in theirs["batches"]}
    for batch in ours["batches"]:
        name = f"decode B={batch['batch']}, tokens/s"
        print(row(name, batch["decode_tokens_per_second"], rates[batch["batch"]], "%.1f"))
    gib = 1 << 30
    print(row("peak memory, GiB", ours["rss_bytes"] / gib, theirs["rss_bytes"] / gib, "%.2f", False))
    print(row("load, s", ours["load_seconds"], theirs["load_seconds"], "%.1f", False))


if __name__ == "__main__":
    main()
