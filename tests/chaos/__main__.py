"""`python -m tests.chaos --engine sqlite|postgresql --rounds N --seed S [--keep]`: exit 1 where a law did not hold."""

from __future__ import annotations

import argparse
import shutil
import sys
import time
from pathlib import Path
from tempfile import mkdtemp

from tests.chaos.run import play


def main() -> int:
    """Run, and say what was wrong."""
    words = argparse.ArgumentParser(prog="python -m tests.chaos", description=__doc__)
    words.add_argument("--engine", choices=("sqlite", "postgresql"), default="sqlite")
    words.add_argument("--rounds", type=int, default=50, help="how often something is killed")
    words.add_argument("--seed", type=int, default=1)
    words.add_argument("--keep", action="store_true", help="leave the folder with both books and the logs")
    chosen = words.parse_args()
    folder, began = Path(mkdtemp(prefix="chaos-")), time.monotonic()
    wrong = play(folder, chosen.engine, chosen.rounds, chosen.seed, lambda line: print(line, flush=True))
    print("\n".join(wrong) or "every law held", f"({time.monotonic() - began:.0f} s, seed {chosen.seed})")
    if chosen.keep:
        print(folder)
    else:
        shutil.rmtree(folder, ignore_errors=True)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
