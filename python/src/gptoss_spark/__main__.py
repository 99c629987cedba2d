"""Prints the lines of a spark-defaults.conf that give every session the connector.

Usage: python -m gptoss_spark [OPTION=VALUE ...], for instance model=demo
"""

from __future__ import annotations

import sys

from gptoss_spark.session import settings


def main(arguments: list[str]) -> int:
    wrong = [argument for argument in arguments if "=" not in argument[1:]]
    if wrong:
        print(f"gptoss_spark: {wrong[0]} is not OPTION=VALUE, for instance model=demo", file=sys.stderr)
        return 2
    options = dict(argument.split("=", 1) for argument in arguments)
    for key, value in settings({}, options).items():
        print(key, value)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
