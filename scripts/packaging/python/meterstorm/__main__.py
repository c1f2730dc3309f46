"""The command: `meterstorm`, or `python -m meterstorm`."""

import os
import sys

from ._program import executable


def main() -> None:
    """Becomes the program, so that signals and exit codes are its own."""
    program = executable()
    os.execv(program, [program, *sys.argv[1:]])


if __name__ == "__main__":
    main()
