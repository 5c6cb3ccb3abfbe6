"""`python -m benchmarks [names] [--quick] [--json] [--strict] [--engine E] [--write docs/benchmarks.md]`.

Every row runs in a process of its own: no row carries the memory, the caches or the crash of the one before it.
"""

from __future__ import annotations

import argparse
import importlib
import importlib.util
import json
import os
import subprocess
import sys
from pathlib import Path

from benchmarks import ROWS
from benchmarks.harness import ENGINE_VARIABLE, Result, as_json, from_json, machine
from benchmarks.table import as_markdown, as_text, write_into

HERE = "TAMNAT_BENCH_HERE"


def main() -> int:
    """Run the rows that are named, or all; 1 where one failed, or with --strict where a figure falls short."""
    asked = _arguments()
    os.environ[ENGINE_VARIABLE] = asked.engine
    if os.environ.get(HERE):
        print(json.dumps(as_json(_row(asked.names[0], asked.quick))))
        return 0
    # Before any row: the load is that of the machine, not ours.
    about = {"workload": "quick" if asked.quick else "whole", **machine()}
    results = [result for name in asked.names or ROWS if (result := _beside(name, asked)) is not None]
    if asked.json:
        print(json.dumps({"machine": about, "rows": [as_json(result) for result in results]}, indent=2))
    else:
        print(as_text(results, about))
    if asked.write:
        write_into(asked.write, as_markdown(results, about))
    has_failed = len(results) < len(asked.names or ROWS)
    is_short = any(not figure.is_met for result in results for figure in result.figures)
    return int(has_failed or (asked.strict and is_short))


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description="Measure Tamnat against its limits.")
    parser.add_argument("names", nargs="*", metavar="ROW", help=f"of {', '.join(ROWS)}; all when none is named")
    parser.add_argument("--quick", action="store_true", help="smaller workloads: minutes become seconds")
    parser.add_argument("--json", action="store_true", help="one JSON document on stdout")
    parser.add_argument("--strict", action="store_true", help="end with 1 where a figure falls short")
    parser.add_argument("--engine", choices=("sqlite", "postgresql"), default=os.environ.get(ENGINE_VARIABLE, "sqlite"))
    parser.add_argument("--write", type=Path, metavar="FILE", help="put the run between the marks of a document")
    asked = parser.parse_args()
    if unknown := set(asked.names) - set(ROWS):
        parser.error(f"no such row: {', '.join(sorted(unknown))}")
    return asked


def _row(name: str, quick: bool) -> Result:
    result = importlib.import_module(f"benchmarks.{name}").run(quick)
    assert isinstance(result, Result)
    return result


def _beside(name: str, asked: argparse.Namespace) -> Result | None:
    """Run a row in a process of its own; None, and its error on stderr, where it failed or is not there."""
    if importlib.util.find_spec(f"benchmarks.{name}") is None:
        print(f"{name}: not there yet", file=sys.stderr)
        return None
    print(f"{name} …", file=sys.stderr, flush=True)
    command = [sys.executable, "-m", "benchmarks", name, "--engine", asked.engine, *(["--quick"] * asked.quick)]
    done = subprocess.run(command, env={**os.environ, HERE: "1"}, stdout=subprocess.PIPE, text=True, check=False)
    if done.returncode:
        print(f"{name}: failed with {done.returncode}", file=sys.stderr)
        return None
    return from_json(json.loads(done.stdout.splitlines()[-1]))


if __name__ == "__main__":
    sys.exit(main())
