"""The same seed gives the same rows, whatever the server's time zone, process by process."""

from __future__ import annotations

import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from gateway.reports.exports import What
from gateway.wiring import data_dir
from tests.stories.people import copy_sample
from tests.support.engines import url_of

TICKS = (
    "2026-07-27T10:30:00+07:00",
    "2026-07-31T04:40:00+00:00",
    "2026-08-03T17:40",  # without an offset it is Bangkok's clock, here and in Los Angeles
    "2026-08-04T11:30:00+07:00",
)
EVERY_EXPORT = """
import sys
from gateway.cli import main
for kind in sys.argv[1:]:
    sys.argv = ["gateway", "export", kind, "--personal"]
    try:
        main()
    except SystemExit as end:
        assert not end.code, kind
"""


def told_in(zone: str, folder: Path) -> bytes:
    """Load a twentieth of the sample, tick, and export everything, each command a process of its own."""
    templates = folder / "templates"
    copy_sample(templates, one_in=20)
    (templates / "messages").symlink_to(data_dir("templates") / "messages")
    kept = {name: value for name, value in os.environ.items() if not name.startswith("GATEWAY_")}
    environment = kept | {
        "TZ": zone,
        "GATEWAY_DATABASE_URL": url_of(folder / "told.db"),
        "GATEWAY_AUDIO_DIR": str(folder / "audio"),
        "GATEWAY_TEMPLATES_DIR": str(templates),
        "GATEWAY_SEED": "the same",
        "GATEWAY_CALLS_PER_SECOND": "10",
    }

    def run(*words: str) -> bytes:
        done = subprocess.run([sys.executable, *words], env=environment, capture_output=True, check=False)
        assert done.returncode == 0, done.stderr.decode()
        return done.stdout

    reports = [run("-m", "gateway", "sample", "load", "--json")]
    reports += [run("-m", "gateway", "tick", "--at", at, "--json") for at in TICKS]
    return b"".join([*reports, run("-c", EVERY_EXPORT, *What)])


def test_the_same_seed_tells_the_same_story_in_utc_and_in_los_angeles(tmp_path: Path) -> None:
    folders = {zone: tmp_path / zone.replace("/", "-") for zone in ("UTC", "America/Los_Angeles")}
    with ThreadPoolExecutor() as pool:
        here, there = pool.map(told_in, folders, folders.values())
    assert here == there
    assert here.count(b'"status": "confirmed"') > 2
    assert here.count(b'"channel": "voice"') > 10
