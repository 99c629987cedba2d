"""An extension of griffe: docstrings as the site shows them, in Markdown."""

import re

import griffe

ROLE = re.compile(r":(?:func|class|meth):`([\w.]+)`")
FIELD = re.compile(r"^:\w+.*\n?(?:^[ ]+.*\n?)*", re.MULTILINE)
EXAMPLE = re.compile(r"^>>>.*(?:\n.+)*", re.MULTILINE)


def reference(role):
    name = role[1]
    return f"[`{name}`][{name}]" if name.startswith("gptoss_spark.") else f"`{name}`"


def fenced(example):
    lines = [line for line in example[0].split("\n") if line != "<BLANKLINE>"]
    return "\n".join(["```pycon", *lines, "```"])


class Docstrings(griffe.Extension):
    """Examples become blocks of code, and roles links. Fields come last, since griffe takes what follows one for a part of it."""

    def on_object(self, *, obj, **_):
        if obj.docstring:
            text = ROLE.sub(reference, obj.docstring.value)
            fields = "".join(field if field.endswith("\n") else field + "\n" for field in FIELD.findall(text))
            text = EXAMPLE.sub(fenced, FIELD.sub("", text))
            obj.docstring.value = f"{text.strip()}\n\n{fields}".strip()
