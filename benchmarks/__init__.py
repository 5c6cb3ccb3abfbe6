"""What Tamnat costs, row by row: `python -m benchmarks [names] [--quick]`, or `make bench`.

One file a row, with `run(quick: bool) -> Result`. A figure is a ratio against a limit measured in the same run, so that
it means the same on a slow and on a fast machine. docs/benchmarks.md says what each row means and holds a run.
"""

from __future__ import annotations

ROWS = ("plan", "dispatch", "webhook", "status", "figures", "roster", "clips", "day")
"""The modules of this package that are rows, in the order of the table."""
