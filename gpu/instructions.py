"""Counts what the inner loops of the CUDA kernels are made of, in a listing of cuobjdump: instructions.py ARCHITECTURE SASS RESOURCES

ARCHITECTURE is sm_80, sm_90a or sm_100; SASS is what `cuobjdump -sass` prints, RESOURCES what `cuobjdump -res-usage` prints.

A warp scheduler issues at most one instruction a cycle and a multiprocessor has four of them. So a loop of N instructions that consumes
B bytes a warp reads at most 4 * B / N bytes a cycle on a multiprocessor. Where that is below what the memory delivers to one, the
kernel is bound by instructions. The count is of a loop's whole body, paths that a step does not take included; a + marks bodies that hold
another loop, which is counted once however often it runs. Where one more warp has a product's operands copied, each of those that
multiply is charged its share of that loop; prefill attention's copying, once for 64 keys, is left out.
"""

import re
import sys

SCHEDULERS = 4
REGISTERS = 65_536  # of a multiprocessor
WARP_REGISTERS_UNIT = 256
RESERVED_BYTES = 1024  # of shared memory, a block; cuobjdump counts them as the block's own from sm_90 on
MOST_BLOCKS = 32
SWIZZLE_BYTES = 1024  # what stages of wgmma's operands are aligned to

# Shared memory of a multiprocessor, and the GPUs: bytes a second by the data sheet, multiprocessors, clock at most.
ARCHITECTURES = {
    "sm_80": (164 * 1024, {"A100": (2.039e12, 108, 1.41e9)}),
    "sm_90a": (228 * 1024, {"H100": (3.35e12, 132, 1.98e9), "H200": (4.8e12, 132, 1.98e9)}),
    "sm_100": (228 * 1024, {"B200": (8.0e12, 148, 1.965e9)}),
}
COPY_SHARE = 0.9  # of the data sheet's bandwidth that a copy reaches

TILE_SLOTS = (8, 16, 32, 64)
HEADS = (64, 128)  # elements; gpt-oss's have 64
# On sm_90a, bytes a cycle: below them the experts' kernels are bound by instructions again.
BARS = {f"experts_{side}_mxfp4_{slots}_bulk": bar for side in ("up", "down") for slots, bar in zip(TILE_SLOTS, (20, 18, 17, 13))}
BARS.update({f"experts_{side}_mxfp4_{slots}_wgmma": 17 for side in ("up", "down") for slots in TILE_SLOTS})


class Kernel:
    """A kernel, with what one step of its inner loop consumes in a warp."""

    def __init__(self, name, tensor, bytes_read, dynamic_bytes, threads, copies=0):
        self.name = name
        self.opcode = "HGMMA" if name.endswith("_wgmma") else "HMMA"
        self.tensor = tensor  # mma.sync or wgmma instructions
        self.bytes_read = bytes_read  # of weights, or of keys and values
        self.dynamic_bytes = dynamic_bytes  # of shared memory, a block
        self.threads = threads  # of a block
        self.copies = copies  # in bulk, that one warp makes a step for the others; 0: none


def kernels(architecture):
    """Shapes are those of gemm.cuh, experts.cu, linear.cu and attention.cu: a warp has 32 rows, a step 64 columns or keys."""
    bulk = architecture != "sm_80"
    suffix, threads, stages, barriers = ("_bulk", 160, 4, 128) if bulk else ("", 128, 3, 0)
    tile_bytes = {"mxfp4": 544, "bf16": 2048}  # 16 rows, 64 columns
    copies = {"mxfp4": 5, "bf16": 3} if bulk else {"mxfp4": 0, "bf16": 0}
    for form, tile in tile_bytes.items():
        for slots in TILE_SLOTS:
            for side in ("up", "down"):
                yield Kernel(f"experts_{side}_{form}_{slots}{suffix}", slots, 2 * tile, stages * (8 * tile + 128 * slots + barriers), threads, copies[form])
    for name in ("qkv", "residual", "floats"):
        yield Kernel(f"linear_{name}{suffix}", 16, 4096, stages * (24_576 + barriers), threads, 8 if bulk else 0)
        yield Kernel(f"linear_{name}_prefill{suffix}", 64, 4096, stages * (24_576 + barriers), threads, copies["bf16"])
    if architecture == "sm_90a":
        yield from wgmma_kernels(tile_bytes)
    for head in HEADS:
        both = 2 * 64 * head * 2  # keys and values of a tile
        yield Kernel(f"attention_decode_{head}{suffix}", head, both, 1024 * head + 512 * (head // 2 + 4), 128)
        yield Kernel(f"attention_prefill_{head}{suffix}", head, both // 4, 512 * head, threads)  # the block's warps share the tile


def wgmma_kernels(tile_bytes):
    """As above; the few tokens' shape has a warpgroup for each part of the width, and 16 rows a warp."""
    def shared(stage):
        return 4 * -(-(stage + 128) // SWIZZLE_BYTES) * SWIZZLE_BYTES + SWIZZLE_BYTES

    for form, tile in tile_bytes.items():
        for slots in TILE_SLOTS:
            for side in ("up", "down"):
                yield Kernel(f"experts_{side}_{form}_{slots}_wgmma", 8, 2 * tile, shared(8 * tile + 128 * slots), 160, {"mxfp4": 6, "bf16": 4}[form])
    for name in ("qkv", "residual", "floats"):
        yield Kernel(f"linear_{name}_wgmma", 4, 2048, shared(40_960), 544, 12)
        yield Kernel(f"linear_{name}_prefill_wgmma", 8, 4096, shared(24_576), 160, 4)


INSTRUCTION = re.compile(r"^\s+/\*([0-9a-f]{4,})\*/\s+(?:@!?U?P\w+\s+)?([A-Z][\w.]*)\s*(.*?);")


def listings(sass):
    """Each kernel's instructions: address, opcode, operands."""
    found = {}
    for line in sass.splitlines():
        if "Function :" in line:
            code = found.setdefault(line.split(":", 1)[1].strip(), [])
            continue
        match = INSTRUCTION.match(line)
        if match:
            code.append((int(match[1], 16), match[2], match[3]))
    return found


def inner_loop(code, opcode):
    """The innermost loop with tensor instructions, which ends before those around it; of several the one with the most of them."""
    best = None
    for instruction in code:
        target = target_of(instruction)
        if target is None:
            continue
        body = [i for i in code if target <= i[0] <= instruction[0]]
        tensor = count(body, opcode)
        if tensor and (best is None or (tensor > count(best, opcode) and not contains(body, best))):
            best = body
    if best is None:
        raise ValueError("has no loop with tensor instructions")
    return best


def copying_loop(code, copies):
    """The innermost loop with so many bulk copies and no tensor instructions."""
    loops = [[i for i in code if target_of(end) <= i[0] <= end[0]] for end in code if target_of(end) is not None]
    fitting = [body for body in loops if count(body, "UBLKCP") == copies and not count(body, "HMMA", "HGMMA")]
    if not fitting:
        raise ValueError(f"has no loop with {copies} bulk copies")
    return min(fitting, key=len)


def target_of(instruction):
    """Where a backward branch goes; none of other instructions."""
    address, opcode, operands = instruction
    target = re.search(r"\b0x([0-9a-f]+)$", operands.strip())
    back = opcode.split(".")[0] == "BRA" and target and int(target[1], 16) <= address
    return int(target[1], 16) if back else None


def contains(outer, inner):
    return outer[0][0] <= inner[0][0] and inner[-1][0] <= outer[-1][0]


def count(code, *opcodes):
    return sum(opcode.split(".")[0] in opcodes for _, opcode, _ in code)


def resources(text):
    """Each kernel's registers a thread and static shared memory a block."""
    found = re.findall(r"Function (\S+):\s+REG:(\d+) .*?SHARED:(\d+)", text)
    return {name: (int(registers), int(shared)) for name, registers, shared in found}


def blocks(kernel, registers, shared_bytes, shared_of_processor):
    warps = kernel.threads // 32
    of_warp = -(-registers * 32 // WARP_REGISTERS_UNIT) * WARP_REGISTERS_UNIT
    return min(MOST_BLOCKS, REGISTERS // of_warp // warps, shared_of_processor // shared_bytes)


def measure(kernel, code, registers, static_bytes, architecture):
    """Instructions a step, whether loops are among them, bytes of shared memory a block, spills, blocks a multiprocessor, bytes a cycle."""
    loop = inner_loop(code, kernel.opcode)
    steps, rest = divmod(count(loop, kernel.opcode), kernel.tensor)
    if rest or not steps:
        raise ValueError(f"has {count(loop, kernel.opcode)} tensor instructions in its inner loop, expected a multiple of {kernel.tensor}")
    instructions = len(loop) / steps
    if kernel.copies:
        instructions += len(copying_loop(code, kernel.copies)) / (kernel.threads // 32 - 1)
    shared = kernel.dynamic_bytes + (static_bytes if architecture != "sm_80" else static_bytes + RESERVED_BYTES)
    fit = blocks(kernel, registers, shared, ARCHITECTURES[architecture][0])
    loops = any(target_of(instruction) is not None for instruction in loop[:-1])
    return instructions, loops, shared, count(code, "LDL", "STL"), fit, SCHEDULERS * kernel.bytes_read / instructions


def report(architecture, sass, resource_text):
    """The table, and the kernels that fall short of their bars."""
    codes, used = listings(sass), resources(resource_text)
    needs = ", ".join(f"{name} needs {COPY_SHARE * bandwidth / processors / clock:.1f}"
                      for name, (bandwidth, processors, clock) in ARCHITECTURES[architecture][1].items())
    lines = [f"{architecture}, bytes a cycle a multiprocessor: {needs}", "",
             "| kernel | instructions | tensor | bytes | registers | shared | spills | blocks | bytes a cycle |",
             "|---|--:|--:|--:|--:|--:|--:|--:|--:|"]
    short = []
    for kernel in kernels(architecture):
        if kernel.name not in codes or kernel.name not in used:
            raise ValueError(f"{kernel.name} is not in the listing of {architecture}")
        registers, static_bytes = used[kernel.name]
        try:
            instructions, loops, shared, spills, fit, rate = measure(kernel, codes[kernel.name], registers, static_bytes, architecture)
        except ValueError as e:
            raise ValueError(f"{kernel.name} of {architecture} {e}") from e
        plus = "+" if loops else ""
        lines.append(f"| {kernel.name} | {instructions:.0f}{plus} | {kernel.tensor} | {kernel.bytes_read} | {registers} | {shared}"
                     f" | {spills} | {fit} | {rate:.1f} |")
        bar = BARS.get(kernel.name)
        if architecture == "sm_90a" and bar and rate < bar:
            short.append(f"{kernel.name} reads {rate:.1f} bytes a cycle, which should be at least {bar}")
    return "\n".join(lines) + "\n", short


def main(architecture, sass, resource_file):
    with open(sass, encoding="ascii") as listing, open(resource_file, encoding="ascii") as usage:
        table, short = report(architecture, listing.read(), usage.read())
    print(table)
    for line in short:
        print(f"instructions.py: {line}", file=sys.stderr)
    return 1 if short else 0


if __name__ == "__main__":
    if len(sys.argv) != 4 or sys.argv[1] not in ARCHITECTURES:
        sys.exit(__doc__)
    try:
        sys.exit(main(*sys.argv[1:]))
    except ValueError as problem:
        sys.exit(f"instructions.py: {problem}")
