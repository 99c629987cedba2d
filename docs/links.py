"""A hook of mkdocs: links from a page to files of the repository outside docs/ lead to the repository's own site."""

import logging
import posixpath
import re
from pathlib import Path

# A warning fails a strict build.
LOG = logging.getLogger("mkdocs.hooks.links")
LINK = re.compile(r"(?<=]\()(\.\./[^)#\s]*)")


def on_page_markdown(markdown, page, config, files):
    docs = Path(config.docs_dir)
    root = docs.parent
    folder = posixpath.dirname(f"{docs.name}/{page.file.src_uri}")

    def resolved(link):
        path = posixpath.normpath(posixpath.join(folder, link[1]))
        if path.startswith(f"{docs.name}/"):
            return link[1]
        if not (root / path).exists():
            LOG.warning("%s links to %s, which is not in the repository", page.file.src_uri, link[1])
        return f"{config.repo_url}/{'tree' if (root / path).is_dir() else 'blob'}/main/{path}"

    return LINK.sub(resolved, markdown)
