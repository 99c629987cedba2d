"""CPU time of llguidance and xgrammar on the cases that ConstraintTimes reads.

python peers.py FILE O200K_RANKS, where O200K_RANKS is o200k_base.tiktoken; compare.sh calls it.
One thread, all schemas one after another, a second round after one that warms up.
"""

import base64
import json
import signal
import statistics
import sys
import time

import llguidance
import llguidance.tiktoken
import tiktoken
import xgrammar

SECONDS_TO_COMPILE = 20


def encoding(path):
    ranks = {}
    for line in open(path, "rb"):
        text, rank = line.split()
        ranks[base64.b64decode(text)] = int(rank)
    pattern = "|".join(
        [
            r"[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+(?i:'s|'t|'re|'ve|'m|'ll|'d)?",
            r"[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*(?i:'s|'t|'re|'ve|'m|'ll|'d)?",
            r"\p{N}{1,3}",
            r" ?[^\s\p{L}\p{N}]+[\r\n/]*",
            r"\s*[\r\n]+",
            r"\s+(?!\S)",
            r"\s+",
        ]
    )
    return tiktoken.Encoding(
        "o200k", pat_str=pattern, mergeable_ranks=ranks, special_tokens={"<|endoftext|>": 199999}
    )


class LlGuidance:
    name = "llguidance " + llguidance.__version__ if hasattr(llguidance, "__version__") else "llguidance"

    def __init__(self, o200k):
        self.tokenizer = llguidance.tiktoken.lltokenizer_from_encoding(o200k)

    def compile(self, schema):
        grammar = llguidance.LLMatcher.grammar_from_json_schema(schema)
        matcher = llguidance.LLMatcher(self.tokenizer, grammar)
        if matcher.get_error():
            raise ValueError(matcher.get_error())
        return matcher

    def mask(self, matcher):
        return matcher.compute_bitmask()

    def consume(self, matcher, token):
        return matcher.consume_token(token)


class XGrammar:
    name = "xgrammar " + xgrammar.__version__ if hasattr(xgrammar, "__version__") else "xgrammar"

    def __init__(self, o200k):
        tokens = [o200k.decode_single_token_bytes(i) for i in range(199998)] + [b"", b"<|endoftext|>"]
        info = xgrammar.TokenizerInfo(tokens, stop_token_ids=[199999])
        self.compiler = xgrammar.GrammarCompiler(info, max_threads=1, cache_enabled=False)
        self.bitmask = xgrammar.allocate_token_bitmask(1, info.vocab_size)

    def compile(self, schema):
        return xgrammar.GrammarMatcher(self.compiler.compile_json_schema(schema, strict_mode=False))

    def mask(self, matcher):
        matcher.fill_next_token_bitmask(self.bitmask)

    def consume(self, matcher, token):
        return matcher.accept_token(token)


def late(*_):
    raise TimeoutError(f"not compiled within {SECONDS_TO_COMPILE} s")


def row(name, values):
    values = sorted(values)
    at = lambda share: values[min(len(values) - 1, int(share * len(values)))]
    print(
        f"  {name:<15} n {len(values):5}  mean {statistics.fmean(values):8.1f}  median {at(0.5):8.1f}"
        f"  p90 {at(0.9):8.1f}  p99 {at(0.99):8.1f}  max {at(1):8.1f}"
    )


def measure(peer, cases, o200k):
    compiles, first, later, tokens = [], [], [], []
    refused = outside = 0
    for case in cases:
        schema = json.dumps(case["schema"])
        signal.alarm(SECONDS_TO_COMPILE)
        start = time.thread_time()
        try:
            matcher = peer.compile(schema)
        except (Exception, TimeoutError):
            refused += 1
            continue
        finally:
            signal.alarm(0)
            compiles.append((time.thread_time() - start) * 1e3)
        masks = first
        for token in o200k.encode_ordinary(case["text"]):
            start = time.thread_time()
            peer.mask(matcher)
            masked = time.thread_time()
            masks.append((masked - start) * 1e6)
            masks = later
            accepted = peer.consume(matcher, token)
            tokens.append((time.thread_time() - masked) * 1e6)
            if not accepted:
                outside += 1
                break
    print(f"{peer.name}: {refused} refused, {outside} texts outside the generated language")
    row("compile ms", compiles)
    row("first mask us", first)
    row("later masks us", later)
    row("token us", tokens)


def main(cases_path, ranks_path):
    signal.signal(signal.SIGALRM, late)
    o200k = encoding(ranks_path)
    cases = [json.loads(line) for line in open(cases_path)]
    for peer in (LlGuidance(o200k), XGrammar(o200k)):
        peer.mask(peer.compile('{"type": "object"}'))
        measure(peer, cases, o200k)


if __name__ == "__main__":
    main(*sys.argv[1:])
