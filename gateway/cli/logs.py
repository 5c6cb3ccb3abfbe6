"""Log lines on stderr: as text or as JSON, and never with a whole number in them, whoever wrote the line."""

from __future__ import annotations

import json
import logging
import re
import sys
import threading
from datetime import UTC, datetime
from types import TracebackType

from gateway.settings import LogFormat

# Telephone numbers and identities are 9 digits or more, perhaps parted; ids of rows are hexadecimal and stay readable.
_NUMBER = re.compile(r"(?<![0-9a-f])\+?\d(?:[ -]?\d){8,14}(?![0-9a-f])")

log = logging.getLogger(__name__)


def configure(form: LogFormat, level: int = logging.WARNING) -> None:
    """Send every log line of this process to stderr in this form; called once by an entry point.

    What ends the program or one of its threads is such a line, too: Python's own would show numbers, over many lines.
    """
    handler = logging.StreamHandler()
    handler.setFormatter(JsonLines() if form is LogFormat.JSON else TextLines())
    logging.basicConfig(level=level, handlers=[handler], force=True)
    sys.excepthook = _say_crash
    if threading.excepthook is threading.__excepthook__:
        threading.excepthook = _say_crash_of_thread


def _say_crash(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    if issubclass(kind, KeyboardInterrupt):
        sys.__excepthook__(kind, error, trace)
        return
    log.critical("the program ended by a fault of its own", exc_info=(kind, error, trace))


def _say_crash_of_thread(crash: threading.ExceptHookArgs) -> None:
    if crash.exc_value is None or issubclass(crash.exc_type, SystemExit):
        return
    log.error("a thread ended by a fault of its own", exc_info=(crash.exc_type, crash.exc_value, crash.exc_traceback))


def without_numbers(text: str) -> str:
    """The text with every long number cut to its last three digits: a last net, not the first care."""
    return _NUMBER.sub(lambda found: "•••" + found.group()[-3:], text)


class TextLines(logging.Formatter):
    """2026-08-03T02:00:00+00:00 WARNING gateway.dispatch.sender: …"""

    def format(self, record: logging.LogRecord) -> str:
        """Return one line, and below it the traceback where there is one."""
        error = "\n" + self.formatException(record.exc_info) if record.exc_info else ""
        line = f"{_at(record)} {record.levelname} {record.name}: {record.getMessage()}{error}"
        return without_numbers(line)


class JsonLines(logging.Formatter):
    """One JSON object a line: at, level, logger, message, error."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the record as one line of JSON."""
        fields = {"at": _at(record), "level": record.levelname, "logger": record.name}
        fields["message"] = without_numbers(record.getMessage())
        if record.exc_info:
            fields["error"] = without_numbers(self.formatException(record.exc_info))
        return json.dumps(fields, ensure_ascii=False)


def _at(record: logging.LogRecord) -> str:
    return datetime.fromtimestamp(record.created, UTC).isoformat(timespec="seconds")
