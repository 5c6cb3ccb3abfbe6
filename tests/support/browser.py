"""What a visitor's browser sees: pages watched for everything that must never happen on any of them."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import lru_cache
from importlib.resources import files
from urllib.parse import urlsplit

from playwright.sync_api import CDPSession, ConsoleMessage, Dialog, Locator, Page, Request

LOOPBACK = ("127.0.0.1", "localhost")
PAGE_WEIGHT = 300_000  # bytes as they travel


@dataclass
class Trouble:
    """What went wrong on a page: errors, refusals of the content security policy, hosts that are not this machine.

    `expected` are status codes that the test asked for: a browser tells of each as an error.
    """

    seen: list[str] = field(default_factory=list)
    expected: set[int] = field(default_factory=set)

    def watch(self, page: Page) -> None:
        """Collect from now on."""
        page.on("console", self._console)
        page.on("pageerror", lambda error: self.seen.append(f"error on the page: {error}"))
        page.on("requestfailed", self._failed)
        page.on("request", self._request)
        page.on("dialog", self._dialog)

    @contextmanager
    def expecting(self, *statuses: int) -> Iterator[None]:
        """Within, these status codes are what the test is about."""
        self.expected |= set(statuses)
        yield
        self.expected -= set(statuses)

    def none(self) -> None:
        """Assert that nothing was seen."""
        assert self.seen == []

    def _console(self, message: ConsoleMessage) -> None:
        if message.type not in ("error", "warning"):
            return
        if any(f"the server responded with a status of {status}" in message.text for status in self.expected):
            return
        self.seen.append(f"console {message.type}: {message.text} ({message.location.get('url', '')})")

    def _failed(self, request: Request) -> None:
        if "ERR_ABORTED" not in (request.failure or ""):  # what was under way when the visitor went on
            self.seen.append(f"request failed: {request.method} {request.url}: {request.failure}")

    def _request(self, request: Request) -> None:
        address = urlsplit(request.url)
        if address.scheme in ("http", "https", "ws", "wss") and address.hostname not in LOOPBACK:
            self.seen.append(f"asked another machine: {request.url}")

    def _dialog(self, dialog: Dialog) -> None:
        self.seen.append(f"dialog: {dialog.type} {dialog.message}")
        dialog.dismiss()


@lru_cache(maxsize=1)
def _axe() -> str:
    return files("axe_playwright_python").joinpath("axe.min.js").read_text(encoding="utf-8")


def accessibility(page: Page) -> list[str]:
    """Return the serious and critical findings of axe-core (contrast among them), one line each."""
    page.evaluate(_axe())
    found = page.evaluate("async () => (await axe.run(document, {resultTypes: ['violations']})).violations")
    return [
        f"{one['id']} ({one['impact']}): {node['html'][:160]}: {_why(node)}"
        for one in found
        if one["impact"] in ("serious", "critical")
        for node in one["nodes"]
    ]


def _why(node: dict[str, list[dict[str, str]]]) -> str:
    return "; ".join(check["message"] for kind in ("any", "all", "none") for check in node[kind])


def scrolls_sideways(page: Page) -> list[str]:
    """Return what is wider than the window, outermost first; empty when the page fits."""
    return page.evaluate(
        """() => {
          const wide = document.documentElement.clientWidth;
          if (document.documentElement.scrollWidth <= wide) return [];
          const clipped = (node) => node.parentElement?.closest('.scroll') ||
            (node.parentElement && getComputedStyle(node.parentElement).overflowX !== 'visible'
              && node.parentElement !== document.body);
          return [...document.body.querySelectorAll('*')]
            .filter((node) => node.getBoundingClientRect().right > wide + 1 && !clipped(node))
            .slice(0, 5).map((node) => node.outerHTML.slice(0, 160));
        }"""
    ) or ([] if _fits(page) else ["the page"])


def _fits(page: Page) -> bool:
    root = "document.documentElement"
    return bool(page.evaluate(f"() => {root}.scrollWidth <= {root}.clientWidth"))


def weight(page: Page) -> int:
    """Load the page that is shown anew and return the bytes that travelled for it."""
    sizes: list[int] = []
    devtools = page.context.new_cdp_session(page)
    devtools.send("Network.enable")
    devtools.send("Network.setCacheDisabled", {"cacheDisabled": True})
    devtools.on("Network.loadingFinished", lambda event: sizes.append(int(event["encodedDataLength"])))
    page.reload()
    page.wait_for_load_state("load")
    devtools.detach()
    return sum(sizes)


def fonts_of(page: Page, place: Locator) -> list[str]:
    """Return the families that the browser drew a place's letters with."""
    devtools = page.context.new_cdp_session(page)
    try:
        return _fonts(devtools, place)
    finally:
        devtools.detach()


def _fonts(devtools: CDPSession, place: Locator) -> list[str]:
    mark = f"fonts-{id(place)}"
    place.first.evaluate("(node, mark) => node.setAttribute('data-fonts', mark)", mark)
    devtools.send("DOM.enable")
    devtools.send("CSS.enable")
    root = devtools.send("DOM.getDocument")["root"]["nodeId"]
    node = devtools.send("DOM.querySelector", {"nodeId": root, "selector": f"[data-fonts='{mark}']"})["nodeId"]
    used = devtools.send("CSS.getPlatformFontsForNode", {"nodeId": node})["fonts"]
    return [font["familyName"] for font in used]


def boxes(page: Page, text: str) -> list[str]:
    """Return the letters of `text` that this page would draw as the box of a missing glyph.

    Each letter is drawn in the page's own font stack and compared with a code point that no font has.
    """
    return page.evaluate(
        """(text) => {
          const draw = (letter) => {
            const canvas = document.createElement('canvas');
            canvas.width = canvas.height = 64;
            const pen = canvas.getContext('2d', {willReadFrequently: true});
            const probe = document.querySelector('.native') || document.body;
            pen.font = `32px ${getComputedStyle(probe).fontFamily}`;
            pen.fillText(letter, 8, 44);
            return pen.getImageData(0, 0, 64, 64).data.join();
          };
          const box = draw('\\u{10FFFD}');
          return [...new Set([...text])].filter((letter) => letter.trim() && draw(letter) === box);
        }""",
        text,
    )


def until(page: Page, expression: str, *, within: float) -> None:
    """Wait until an expression is true on the page, milliseconds; Playwright's own way needs a looser policy."""
    give_up = time.monotonic() + within / 1000
    while not page.evaluate(f"() => Boolean({expression})"):
        assert time.monotonic() < give_up, f"not within {within} ms: {expression}"
        page.wait_for_timeout(50)


def has_focus_ring(page: Page) -> bool:
    """Whether the focused element, or the card it is the link of, shows that it is: an outline or a shadow.

    Inside a field for a day the browser itself marks the part that has the focus.
    """
    return bool(
        page.evaluate(
            """() => {
              if (document.activeElement.matches("input[type=date]:not(:focus-visible)")) return true;
              const isMarked = (node) => {
                const style = node && getComputedStyle(node);
                if (!style) return false;
                const isOutlined = style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 1;
                return isOutlined || style.boxShadow !== 'none';
              };
              const focused = document.activeElement;
              return isMarked(focused) || isMarked(focused.closest('li:focus-within, label:focus-within'));
            }"""
        )
    )


def tab_to(page: Page, name: str, *, most: int = 80) -> bool:
    """Press Tab until the element of this accessible name has the focus; returns whether it ever had."""
    for _ in range(most):
        page.keyboard.press("Tab")
        focused = page.evaluate(
            """() => {
              const node = document.activeElement;
              return [node.getAttribute('aria-label'), node.innerText, node.value, node.labels?.[0]?.innerText];
            }"""
        )
        if any(name in (said or "") for said in focused):
            return True
    return False


def as_lines(found: Sequence[str]) -> str:
    """Findings as a test shows them."""
    return "\n".join(found)
