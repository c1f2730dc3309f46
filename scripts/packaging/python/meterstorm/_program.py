"""Where the program of this package is."""

from __future__ import annotations

import importlib.metadata
import pathlib

#: What a prefix such as /usr holds elsewhere: bin, libexec and share.
PREFIX = pathlib.Path(__file__).resolve().parent / "prefix"


def executable() -> str:
    """The path of the program that this package holds."""
    return str(PREFIX / "bin" / "meterstorm")


def scenarios() -> list[str]:
    """The names of the scenarios that come with the program: every function takes them in place of a path."""
    folder = PREFIX / "share" / "meterstorm" / "scenarios"
    return sorted(path.stem for path in folder.glob("*.yaml"))


def version() -> str:
    """The version of the package, which is that of the program; of one that is not installed, `unknown`."""
    try:
        return importlib.metadata.version("meterstorm")
    except importlib.metadata.PackageNotFoundError:
        return "unknown"
