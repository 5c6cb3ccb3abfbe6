"""The browser that the tests drive: find it, or install it where this machine may.

`python -m tests.support.chromium` is what `make browser` runs. TAMNAT_BROWSER names another Chromium.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Mapping

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
PACKAGES = ("chromium", "fonts-noto-core")
SCRIPTS = ("th", "my", "km", "lo")  # whose letters Debian's chromium does not bring along
MISSING = (
    "The browser tests need Chromium and fonts for Thai, Burmese, Khmer and Lao. "
    "On Debian: apt install chromium fonts-noto-core. Elsewhere install them your way; TAMNAT_BROWSER=/path names a "
    "browser that is not on the path. "
    "To leave these tests out knowingly: TAMNAT_NO_BROWSER=1 make test."
)
LEFT_OUT = "THE BROWSER TESTS WERE LEFT OUT (TAMNAT_NO_BROWSER=1): nobody clicked through the pages."
FLAGS = (
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--disable-quic",
    "--autoplay-policy=user-gesture-required",  # what a visitor's own browser does
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost",
)


def find() -> str | None:
    """Return the path of a Chromium, or None."""
    named = os.environ.get("TAMNAT_BROWSER")
    if named:
        return shutil.which(named)
    return next((path for name in NAMES if (path := shutil.which(name))), None)


def flags() -> list[str]:
    """How to start it: silent, on this machine only; root has no sandbox of its own to give it."""
    return [*FLAGS, *(["--no-sandbox"] if os.geteuid() == 0 else [])]


def scripts_without_font() -> list[str]:
    """Languages whose letters would be boxes; without fontconfig nobody can say, and the tests will see."""
    if not shutil.which("fc-list"):
        return []
    return [code for code in SCRIPTS if not _said(["fc-list", f":lang={code}", "family"])]


def may_be_left_out(environment: Mapping[str, str]) -> bool:
    """Whether somebody chose to do without; a build machine never does."""
    return environment.get("TAMNAT_NO_BROWSER") == "1" and environment.get("CI") != "true"


def install() -> bool:
    """Install what is missing with apt where that needs no password; returns whether all is there then."""
    if find() and not scripts_without_font():
        return True
    if os.environ.get("TAMNAT_BROWSER") and not find():
        return False  # somebody has a browser of their own; they will want to know that its name is wrong
    root = [] if os.geteuid() == 0 else ["sudo", "-n"]
    if not shutil.which("apt-get") or (root and not _works([*root, "true"])):
        return False
    print("installing", *PACKAGES, flush=True)
    apt = [*root, "env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "-qq"]
    wanted = ["install", "--yes", "--no-install-recommends", *PACKAGES]
    done = _works([*apt, *wanted]) or (_works([*apt, "update"]) and _works([*apt, *wanted]))
    return done and find() is not None


def _works(command: list[str]) -> bool:
    try:
        return subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, timeout=900).returncode == 0
    except (OSError, subprocess.TimeoutExpired):
        return False


def _said(command: list[str]) -> str:
    return subprocess.run(command, capture_output=True, text=True, timeout=60).stdout.strip()


if __name__ == "__main__":
    if not may_be_left_out(os.environ) and not install():
        print(MISSING, file=sys.stderr)  # and go on: the tests that need it fail with the same sentence
