"""The shipped sample, or a part of it, laid where a house finds its own templates."""

from __future__ import annotations

import shutil
from pathlib import Path

from gateway.wiring import data_dir

_BLOCK = 10  # neighbours in the file: households stay together


def copy_sample(folder: Path, one_in: int) -> None:
    """Copy sites, sessions, handsets and every `one_in`th block of the roster to `folder`/sample."""
    shipped, copied = data_dir("templates") / "sample", folder / "sample"
    copied.mkdir(parents=True, exist_ok=True)
    for name in ("sites.csv", "sessions.csv", "handsets.csv"):
        shutil.copy(shipped / name, copied / name)
    header, *rows = (shipped / "roster.csv").read_text(encoding="utf-8").splitlines(keepends=True)
    chosen = [row for place, row in enumerate(rows) if place // _BLOCK % one_in == 0]
    (copied / "roster.csv").write_text("".join([header, *chosen]), encoding="utf-8")
