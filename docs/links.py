"""A hook of mkdocs: Java's API pages join the site, and links from a page to files of the repository outside docs/ lead to the
repository's own site, or where they are to Java of the public API, to its page."""

import logging
import posixpath
import re
from pathlib import Path

from mkdocs.structure.files import File, InclusionLevel

# A warning fails a strict build.
LOG = logging.getLogger("mkdocs.hooks.links")
LINK = re.compile(r"(?<=]\()(\.\./[^)#\s]*)")
JAVA = re.compile(r"[\w/-]+/src/main/java/(.*)\.java")
# Where docs/build.sh has them made.
JAVADOC = Path("target/javadoc")


def on_files(files, config):
    for page in sorted(JAVADOC.rglob("*")):
        if page.is_file():
            name = page.relative_to(JAVADOC).as_posix()
            path = str(page.resolve())
            # Licences of the pages' scripts are Markdown.
            files.append(File.generated(config, f"javadoc/{name}", abs_src_path=path, inclusion=InclusionLevel.NOT_IN_NAV))
    return files


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
        java = JAVA.fullmatch(path)
        if java:
            name = f"javadoc/{java[1].replace('package-info', 'package-summary')}.html"
            if files.get_file_from_path(name):
                return posixpath.relpath(f"{docs.name}/{name}", folder)
        return f"{config.repo_url}/{'tree' if (root / path).is_dir() else 'blob'}/main/{path}"

    return LINK.sub(resolved, markdown)
