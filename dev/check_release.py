#!/usr/bin/env python3
"""Checks that what a build made is a whole release: check_release.py VERSION ARTIFACTS PYTHON SOURCE

ARTIFACTS is the folder of the version as a Maven repository has it, PYTHON has the wheel and the source distribution, and SOURCE is the copy
of the commit that they were built from. Prints what is wrong, one line each, and exits with 1 if anything is.
"""

import json
import re
import struct
import sys
import tarfile
import zipfile
from pathlib import Path
from xml.etree import ElementTree

GROUP = "io.github.gptoss"
NAME = "gptoss-spark_2.13"
POM = "{http://maven.apache.org/POM/4.0.0}"
ENGINE = "io/github/gptoss/engine/"
CUDA = ENGINE + "backend/cuda/"
# A fatbin begins with it. Where nvcc is missing, the build leaves a line of text instead.
FATBIN_MAGIC = struct.pack("<I", 0xBA55ED50)
JAVA_17 = 61
# Maven Central asks for these.
REQUIRED_OF_POM = ["name", "description", "url", "licenses/license/name", "licenses/license/url", "developers/developer/name",
                   "scm/connection", "scm/developerConnection", "scm/url"]

problems = []


def check(condition, problem):
    if not condition:
        problems.append(problem)


def check_jar(path, version, source):
    with zipfile.ZipFile(path) as jar:
        entries = {entry.filename: jar.read(entry) for entry in jar.infolist() if not entry.is_dir()}
        check(len(entries) == sum(not entry.is_dir() for entry in jar.infolist()), "the jar has an entry twice")
    for name, data in entries.items():
        if name.endswith(".class"):
            check(struct.unpack(">H", data[6:8])[0] <= JAVA_17, f"{name} in the jar is for a newer Java than 17")
    fatbin = entries.get(CUDA + "kernels.fatbin", b"")
    check(fatbin.startswith(FATBIN_MAGIC), f"the jar has no CUDA kernels: {fatbin[:100]!r}")
    check(re.fullmatch(rb"\d+\.\d+\s*", entries.get(CUDA + "kernels.toolkit", b"")), "the jar does not say which CUDA its kernels are of")
    natives = [name for name in entries if re.fullmatch(r"lib/libJCudaDriver-.*-linux-x86_64\.so", name)]
    check(len(natives) == 1 and entries[natives[0]].startswith(b"\x7fELF"), f"the jar's native libraries of JCuda are {natives}")
    for name in ["LICENSE", "NOTICE"]:
        check(entries.get(f"META-INF/{name}") == (source / name).read_bytes(), f"the jar's {name} is not the project's")
    properties = entries.get("META-INF/gptoss.properties", b"").decode()
    check(properties.strip() == f"version={version}", f"the jar's gptoss.properties has '{properties.strip()}'")
    return set(entries)


def check_pom(path, version):
    text = path.read_text(encoding="utf-8")
    pom = ElementTree.fromstring(text)

    def value(tags):
        return pom.findtext("/".join(POM + tag for tag in tags.split("/")))

    check("SNAPSHOT" not in text, "the POM names a SNAPSHOT")
    check("${" not in text, "the POM has a property that nothing defines")
    check(pom.find(POM + "parent") is None, "the POM has a parent, which is not published")
    found = [value("groupId"), value("artifactId"), value("version"), value("packaging") or "jar"]
    check(found == [GROUP, NAME, version, "jar"], f"the POM's coordinates are {found}")
    for tags in REQUIRED_OF_POM:
        check((value(tags) or "").strip(), f"the POM has no {tags}")
    for dependency in pom.findall(f"{POM}dependencies/{POM}dependency"):
        scope = dependency.findtext(POM + "scope", "compile")
        check(scope == "provided", f"the POM has {dependency.findtext(POM + 'artifactId')} with scope {scope}: it is not bundled")


def shaded(source):
    """What the shade plugin is told to bundle, but for the engine: {"com.knuddels:jtokkit", ...}."""
    pom = ElementTree.parse(source / "connector/pom.xml")
    return {include.text for include in pom.iterfind(f".//{POM}artifactSet/{POM}includes/{POM}include")} - {f"{GROUP}:gptoss-spark-engine"}


def check_sbom(path, version, source):
    sbom = json.loads(path.read_text(encoding="utf-8"))
    check(sbom.get("bomFormat") == "CycloneDX", "the SBOM is not CycloneDX's")
    subject = sbom["metadata"]["component"]
    check((subject["name"], subject["version"]) == (NAME, version), f"the SBOM is of {subject['name']} {subject['version']}")
    notice = (source / "NOTICE").read_text(encoding="utf-8")
    listed = set()
    for component in sbom["components"]:
        name = f"{component['group']}:{component['name']}"
        if component["group"] == GROUP:
            continue
        listed.add(name)
        check(component.get("licenses"), f"the SBOM has no licence of {name}")
        check(component.get("hashes"), f"the SBOM has no hashes of {name}")
        check(f" {component['version']} (" in notice, f"NOTICE does not name version {component['version']} of {name}")
    check(listed == shaded(source), f"the SBOM lists {sorted(listed)}, and the jar bundles {sorted(shaded(source))}")


def check_sources(path, classes):
    with zipfile.ZipFile(path) as jar:
        names = set(jar.namelist())
    for name in classes:
        if name.startswith(("io/github/gptoss/spark/", ENGINE)) and name.endswith(".class") and "$" not in name:
            source = name.removesuffix(".class") + ".java"
            # A file may have further classes at its top.
            folder = name.rpartition("/")[0]
            check(source in names or any(other.startswith(folder + "/") for other in names), f"the sources have no {source}")
    check(any(name.startswith(CUDA) and name.endswith(".cu") for name in names), "the sources have no CUDA kernels")


def check_javadoc(path):
    with zipfile.ZipFile(path) as jar:
        names = set(jar.namelist())
    for page in ["index.html", "io/github/gptoss/spark/GptOss.html", ENGINE + "GptOssEngine.html"]:
        check(page in names, f"the javadoc has no {page}")
    check(not any("/internal/" in name for name in names), "the javadoc shows packages that are not public")


def check_python(folder, version, jar):
    version = version.replace("-rc", "rc")
    files = {path.name: path for path in folder.iterdir()}
    wheel, sdist = f"gptoss_spark-{version}-py3-none-any.whl", f"gptoss_spark-{version}.tar.gz"
    check(set(files) == {wheel, sdist}, f"the Python package's files are {sorted(files)}")
    if set(files) != {wheel, sdist}:
        return
    with zipfile.ZipFile(files[wheel]) as archive:
        contents = {name: archive.read(name) for name in archive.namelist()}
    with tarfile.open(files[sdist]) as archive:
        packed = {member.name: archive.extractfile(member).read() for member in archive if member.isfile()}
    for where, entries in [("wheel", contents), ("source distribution", packed)]:
        jars = [name for name in entries if name.endswith(".jar")]
        check(len(jars) == 1 and entries[jars[0]] == jar, f"the {where}'s jars are {jars} and not the released one")
        check(any(name.endswith("/NOTICE") for name in entries), f"the {where} has no NOTICE")
    metadata = next(data for name, data in contents.items() if name.endswith(".dist-info/METADATA")).decode()
    check(f"\nVersion: {version}\n" in metadata, f"the wheel's metadata has another version than {version}")


def main():
    version, artifacts, python, source = sys.argv[1], *map(Path, sys.argv[2:5])
    stem = artifacts / f"{NAME}-{version}"
    kinds = {kind: Path(f"{stem}{kind}") for kind in [".jar", ".pom", "-sources.jar", "-javadoc.jar", "-cyclonedx.json"]}
    missing = [path.name for path in kinds.values() if not path.exists()]
    if missing:
        sys.exit(f"check_release.py: {artifacts} has no {', '.join(missing)}")
    classes = check_jar(kinds[".jar"], version, source)
    check_pom(kinds[".pom"], version)
    check_sbom(kinds["-cyclonedx.json"], version, source)
    check_sources(kinds["-sources.jar"], classes)
    check_javadoc(kinds["-javadoc.jar"])
    check_python(python, version, kinds[".jar"].read_bytes())
    for problem in problems:
        print(f"check_release.py: {problem}", file=sys.stderr)
    sys.exit(1 if problems else 0)


if __name__ == "__main__":
    main()
