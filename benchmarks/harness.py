"""What a row gives back, and the machine it was measured on."""

from __future__ import annotations

import gc
import os
import platform
import resource
import sqlite3
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

ENGINE_VARIABLE = "TAMNAT_BENCH_ENGINE"


@dataclass(frozen=True)
class Figure:
    """One ratio: `ours` against `limit` in `unit`, and what the ratio must be `at_least`.

    `limit` is whatever was measured beside it in the same run, or a fixed bound (then `below` makes the figure).
    """

    what: str
    ours: float
    limit: float
    ratio: float
    at_least: float
    unit: str

    @property
    def is_met(self) -> bool:
        """Whether the ratio is reached."""
        return self.ratio >= self.at_least


@dataclass(frozen=True)
class Result:
    """One row of the table: its figures, and notes in whole sentences (what was extrapolated, a profile …)."""

    name: str
    figures: list[Figure]
    notes: list[str] = field(default_factory=list)


def against(what: str, ours: float, limit: float, at_least: float, unit: str) -> Figure:
    """A figure where more is better, such as rows a second: the ratio is ours ÷ limit."""
    return Figure(what, ours, limit, ours / limit if limit else 0.0, at_least, unit)


def below(what: str, ours: float, bound: float, unit: str) -> Figure:
    """A figure where less is better and a bound is given, such as MB or ms: the ratio is bound ÷ ours, at least 1."""
    return Figure(what, ours, bound, bound / ours if ours else float("inf"), 1.0, unit)


def best_of(times: int, work: Callable[[], object]) -> float:
    """The least real seconds that `work` took of several runs: the machine is shared, and noise only adds."""
    return min(seconds(work) for _ in range(times))


def seconds(work: Callable[[], object]) -> float:
    """The real seconds of one run of `work`, without what the garbage collector owes from before."""
    gc.collect()
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def cpu_seconds(work: Callable[[], object]) -> float:
    """The CPU-seconds of one run of `work`: for what waits for nothing, where others use the machine as well."""
    gc.collect()
    began = time.process_time()
    work()
    return time.process_time() - began


def rate(count: int, work: Callable[[], object], *, times: int = 3) -> float:
    """How many a second, the best of several runs, where one run of `work` does `count`."""
    return count / best_of(times, work)


@contextmanager
def cpu() -> Iterator[dict[str, float]]:
    """Give a mapping that after the block holds its `cpu` and `real` seconds (this process, all its threads)."""
    taken: dict[str, float] = {}
    began, real = time.process_time(), time.perf_counter()
    yield taken
    taken["cpu"], taken["real"] = time.process_time() - began, time.perf_counter() - real


def peak_mb() -> float:
    """The most memory this process ever held, in MB of 10^6 bytes (Linux counts in KiB, macOS in bytes)."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / 1e6 if sys.platform == "darwin" else peak * 1024 / 1e6


def fsyncs_a_second(folder: Path, count: int = 200) -> float:
    """How often a second 512 appended bytes are safe on the disk below `folder`: a durable commit costs one."""
    file = folder / "fsync.probe"
    handle = os.open(file, os.O_CREAT | os.O_WRONLY | os.O_APPEND, 0o600)
    try:
        began = time.perf_counter()
        for _ in range(count):
            os.write(handle, b"x" * 512)
            os.fsync(handle)
        return count / (time.perf_counter() - began)
    finally:
        os.close(handle)
        file.unlink()


def engine() -> str:
    """The engine that was asked for: `sqlite`, or with --engine (or TAMNAT_BENCH_ENGINE) `postgresql`."""
    return os.environ.get(ENGINE_VARIABLE, "sqlite")


def machine() -> dict[str, Any]:
    """What was measured on: cores, versions, load, fsyncs a second on the file system of the benchmarks' databases."""
    from benchmarks import postgres

    with tempfile.TemporaryDirectory(prefix="tamnat-bench-") as folder:
        fsyncs = fsyncs_a_second(Path(folder))
    return {
        "cores": os.cpu_count(),
        "system": f"{platform.system()} {platform.machine()}",
        "python": platform.python_version(),
        "sqlite": sqlite3.sqlite_version,
        "postgres": postgres.version() or "none",
        "engine": engine(),
        "load": round(os.getloadavg()[0], 2),
        "fsyncs_per_second": round(fsyncs),
        "at": time.strftime("%Y-%m-%d %H:%M UTC", time.gmtime()),
    }


def as_json(result: Result) -> dict[str, Any]:
    """A row as plain JSON, each figure with `is_met`."""
    figures = [{**asdict(figure), "is_met": figure.is_met} for figure in result.figures]
    return {"name": result.name, "figures": figures, "notes": result.notes}


def from_json(row: dict[str, Any]) -> Result:
    """The row that `as_json` wrote."""
    figures = [Figure(**{key: value for key, value in one.items() if key != "is_met"}) for one in row["figures"]]
    return Result(row["name"], figures, row["notes"])
