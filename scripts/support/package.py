"""Makes packages of a prefix such as /usr: see scripts/package, which lays it out and calls this. Entries are in order and have the time of
the commit, so that the same prefix gives the same bytes."""

import argparse
import gzip
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile

from wheel.wheelfile import WheelFile

ROOT = pathlib.Path(__file__).resolve().parents[2]
SUMMARY = "Simulates usage-to-cash pipelines under load and faults, and proves or refutes their invariants."
EPOCH = int(os.environ["SOURCE_DATE_EPOCH"])

parser = argparse.ArgumentParser()
parser.add_argument("--prefix", type=pathlib.Path, required=True)
parser.add_argument("--output", type=pathlib.Path, required=True)
parser.add_argument("--version", required=True)
parser.add_argument("--commit", required=True)
parser.add_argument("kinds", nargs="+")
options = parser.parse_args()
PROGRAMS = [options.prefix / "bin/meterstorm", options.prefix / "libexec/meterstorm/meterstorm-live"]
MACHINE = os.uname().machine


def needed_libraries() -> set[str]:
    """The shared libraries that the programs need."""
    found: set[str] = set()
    for program in PROGRAMS:
        text = subprocess.run(["readelf", "-d", program], capture_output=True, text=True, check=True).stdout
        found |= set(re.findall(r"\(NEEDED\).*\[(.+?)\]", text))
    return found


def newest_glibc() -> tuple[int, int]:
    """The newest version of the C library of which the programs need a symbol."""
    found = set()
    for program in PROGRAMS:
        text = subprocess.run(["readelf", "-V", program], capture_output=True, text=True, check=True).stdout
        found |= {tuple(map(int, pair)) for pair in re.findall(r"GLIBC_(\d+)\.(\d+)", text)}
    return max(found)


# What every glibc system has. Anything else would have to be installed first: a build that slipped.
USUAL = {"libc.so.6", "libm.so.6", "libgcc_s.so.1", "libstdc++.so.6", "ld-linux-x86-64.so.2", "libdl.so.2", "libpthread.so.0"}
strange = needed_libraries() - USUAL
if strange:
    sys.exit(f"package: the programs need {', '.join(sorted(strange))}, which should be inside of them")
glibc = newest_glibc()


def files() -> list[pathlib.Path]:
    """Every file of the prefix, in order."""
    return sorted(path for path in options.prefix.rglob("*") if path.is_file())


def done(path: pathlib.Path) -> None:
    print(f"{path}  {path.stat().st_size / 1e6:.1f} MB")


def tarball() -> None:
    """One folder, to unpack anywhere."""
    name = f"meterstorm-{options.version}-linux-{MACHINE}"
    target = options.output / f"{name}.tar.gz"
    with open(target, "wb") as raw, gzip.GzipFile(filename="", fileobj=raw, mode="wb", compresslevel=6, mtime=EPOCH) as zipped:
        with tarfile.open(fileobj=zipped, mode="w", format=tarfile.PAX_FORMAT) as tar:
            for path in files():
                entry = tar.gettarinfo(path, f"{name}/{path.relative_to(options.prefix)}")
                entry.mtime, entry.uid, entry.gid, entry.uname, entry.gname = EPOCH, 0, 0, "root", "root"
                with open(path, "rb") as file:
                    tar.addfile(entry, file)
    done(target)


def deb() -> None:
    """A Debian package, of dpkg-deb."""
    architecture = subprocess.run(["dpkg", "--print-architecture"], capture_output=True, text=True, check=True).stdout.strip()
    with tempfile.TemporaryDirectory() as scratch:
        tree = pathlib.Path(scratch)
        tree.chmod(0o755)
        shutil.copytree(options.prefix, tree / "usr")
        doc = tree / "usr/share/doc/meterstorm"
        (doc / "LICENSE").unlink()
        (doc / "copyright").write_text(
            "Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/\nUpstream-Name: meterstorm\n\nFiles: *\nCopyright: "
            "the Meterstorm authors\nLicense: see-below\n" + "".join(f" {line}\n" if line.strip() else " .\n" for line in (ROOT / "LICENSE").read_text().splitlines()))
        changes = (doc / "CHANGELOG.md").read_bytes()
        (doc / "CHANGELOG.md").unlink()
        (doc / "changelog.gz").write_bytes(gzip.compress(changes, 9, mtime=EPOCH))
        for page in sorted((tree / "usr/share/man").rglob("*.1")):
            page.with_name(page.name + ".gz").write_bytes(gzip.compress(page.read_bytes(), 9, mtime=EPOCH))
            page.unlink()
        size = sum(path.stat().st_size for path in tree.rglob("*") if path.is_file()) // 1024
        control = tree / "DEBIAN/control"
        control.parent.mkdir()
        control.write_text(
            f"Package: meterstorm\nVersion: {options.version}\nArchitecture: {architecture}\nMaintainer: Meterstorm <meterstorm@localhost>\n"
            f"Installed-Size: {size}\nDepends: libc6 (>= {glibc[0]}.{glibc[1]}), libgcc-s1, libstdc++6\nSection: utils\nPriority: optional\n"
            f"Description: simulator and load tester for usage-to-cash pipelines\n {SUMMARY}\n .\n Built of commit {options.commit}.\n")
        target = options.output / f"meterstorm_{options.version}_{architecture}.deb"
        subprocess.run(
            ["dpkg-deb", "--root-owner-group", "-Zxz", "-z3", "--build", tree, target], check=True, stdout=subprocess.DEVNULL,
            env={**os.environ, "SOURCE_DATE_EPOCH": str(EPOCH)})
    done(target)


def wheel() -> None:
    """A wheel, which holds the prefix beside its modules."""
    tag = f"py3-none-manylinux_{glibc[0]}_{glibc[1]}_{MACHINE}"
    target = options.output / f"meterstorm-{options.version}-{tag}.whl"
    target.unlink(missing_ok=True)
    info = f"meterstorm-{options.version}.dist-info"
    readme = (ROOT / "README.md").read_text()
    with WheelFile(target, "w") as archive:
        for path in sorted((ROOT / "scripts/packaging/python/meterstorm").iterdir()):
            if path.is_file():
                archive.write(path, f"meterstorm/{path.name}")
        for path in files():
            place = path.relative_to(options.prefix)
            archive.write(path, f"meterstorm/prefix/{place}")
            # Where shells and man look for them in an environment's prefix.
            if place.parts[:2] in (("share", "man"), ("share", "bash-completion"), ("share", "zsh"), ("share", "fish")):
                archive.write(path, f"meterstorm-{options.version}.data/data/{place}")
        archive.writestr(
            f"{info}/METADATA",
            f"Metadata-Version: 2.1\nName: meterstorm\nVersion: {options.version}\nSummary: {SUMMARY}\nRequires-Python: >=3.9\n"
            "Provides-Extra: pandas\nRequires-Dist: pandas; extra == 'pandas'\nProvides-Extra: polars\nRequires-Dist: polars; extra == 'polars'\n"
            f"License-File: LICENSE\nClassifier: Operating System :: POSIX :: Linux\nDescription-Content-Type: text/markdown\n\n{readme}")
        archive.writestr(f"{info}/entry_points.txt", "[console_scripts]\nmeterstorm = meterstorm.__main__:main\n")
        archive.writestr(f"{info}/licenses/LICENSE", (ROOT / "LICENSE").read_text())
        archive.writestr(f"{info}/WHEEL", f"Wheel-Version: 1.0\nGenerator: scripts/package\nRoot-Is-Purelib: false\nTag: {tag}\n")
    done(target)


def container() -> None:
    """A folder to build an image of: `docker build`, `podman build` or `buildah bud` in it."""
    folder = options.output / "container"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    shutil.copytree(options.prefix, folder / "prefix")
    text = (ROOT / "scripts/packaging/Containerfile").read_text()
    (folder / "Containerfile").write_text(text.replace("@VERSION@", options.version).replace("@COMMIT@", options.commit))
    print(f"{folder}/Containerfile")


MAKERS = {"tarball": tarball, "deb": deb, "wheel": wheel, "container": container}
for kind in options.kinds:
    MAKERS[kind]()
