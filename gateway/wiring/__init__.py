"""Builds everything from Settings: the only room that names an implementation."""

from __future__ import annotations

from gateway.wiring.house import SANDBOX, WEBHOOKS, House, MovedClockError, data_dir

__all__ = ["SANDBOX", "WEBHOOKS", "House", "MovedClockError", "data_dir"]
