"""One business clock for several processes: a small file says where it stands and how fast it goes."""

from __future__ import annotations

import os
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path


class SharedClock:
    """Reads the file each time it is asked, so that one process can move all of them on. Fits `kit.clock.Clock`."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def now(self) -> datetime:
        """Return the present instant, aware, in UTC."""
        start, since, speed = self.path.read_text().split()
        moved = (time.time() - float(since)) * float(speed)
        return datetime.fromtimestamp(float(start), UTC) + timedelta(seconds=moved)

    def set(self, start: datetime, speed: float) -> None:
        """Go on from `start` (aware), `speed` business seconds a real second; never half of it is read."""
        fresh = self.path.with_suffix(".new")
        fresh.write_text(f"{start.timestamp()!r} {time.time()!r} {speed!r}")
        os.replace(fresh, self.path)
