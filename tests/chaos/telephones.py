"""The people at the other end: who picks up, who presses a key, who texts back; and what the carrier tells us of it."""

from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import requests

from gateway.sandbox.signing import SIGNATURE_HEADER, twilio_signature
from tests.chaos.clock import SharedClock
from tests.chaos.dice import CALLBACK, PHONE, REPLY, TEXT, Dice
from tests.chaos.ledger import Ledger, Taken

OURS = "+6620000000"
RINGS = (0.05, 0.25)  # real seconds
THINKS = (0.02, 0.15)
TURNS = 8  # after so many a person hangs up
RETRIES = 5  # as our status URLs ask for (rc=5&rp=all)


class Telephones:
    """Plays every submission in a thread of its own; nothing of it is needed for the ledger to be true."""

    def __init__(self, ledger: Ledger, clock: SharedClock, seed: str, token: str, calm: Path) -> None:
        self._ledger, self._clock, self._token = ledger, clock, token
        self._dice, self._lock = Dice(f"{seed}:phones", calm), threading.Lock()
        self._people, self._posts = ThreadPoolExecutor(48), ThreadPoolExecutor(48)
        self._ended: set[str] = set()

    def ring(self, taken: Taken) -> None:
        """Begin to play a submission."""
        self._people.submit(self._text if taken.kind == "sms" else self._call, taken)

    def hang_up(self, sid: str) -> None:
        """Its creator ended a call."""
        self._ended.add(sid)

    def _throw(self, name: str, chances: Any) -> str:
        with self._lock:
            return self._dice.throw(name, chances)

    def _between(self, name: str, least: float, most: float) -> float:
        with self._lock:
            return least + (most - least) * self._dice.point(name)

    # texts

    def _text(self, taken: Taken) -> None:
        time.sleep(self._between("send", 0.0, 0.2))
        end = self._throw(f"text {taken.number}", TEXT)
        self._ledger.set(taken.sid, end, reached=end != "undelivered")
        for status in ("sent", "delivered" if end == "delivered" else end):
            failed = {"ErrorCode": "30003"} if status == "undelivered" else {}
            form = {"MessageSid": taken.sid, "MessageStatus": status, "To": taken.number, "From": OURS, **failed}
            self._receipt(taken, form)
        if end == "delivered" and self._throw(f"reply {taken.number}", REPLY) == "one":
            time.sleep(self._between("write", 0.1, 0.5))
            self._reply(taken)

    def _reply(self, taken: Taken) -> None:
        sid = f"SMin{taken.sid[4:]}"
        form = {"MessageSid": sid, "From": taken.number, "To": OURS, "Body": "1", "NumMedia": "0"}
        url = taken.status_url.split("/sms/")[0] + "/sms/inbound"
        for _ in range(2 if self._throw("reply twice", {"yes": 0.2}) == "yes" else 1):
            self._ledger.reply(sid, taken.number, "1", self._post(url, form) is not None, self._clock.now())

    # calls

    def _call(self, taken: Taken) -> None:
        time.sleep(self._between("ring", *RINGS))
        does = self._throw(f"phone {taken.number}", PHONE)
        seq = 0
        for status in ("initiated", "ringing"):
            self._call_receipt(taken, status, seq)
            seq += 1
        time.sleep(self._between("pick up", *RINGS))
        if taken.sid in self._ended:
            self._finish(taken, "canceled", seq)
        elif does in ("busy", "no_answer", "off"):
            self._finish(taken, {"busy": "busy", "no_answer": "no-answer", "off": "failed"}[does], seq)
        else:
            self._ledger.set(taken.sid, "in-progress", reached=True)
            self._call_receipt(taken, "in-progress", seq)
            self._talk(taken, keys=["1"] if does == "one" else [], hangs_up=does == "machine")
            self._finish(taken, "completed", seq + 1)

    def _finish(self, taken: Taken, status: str, seq: int) -> None:
        self._ledger.set(taken.sid, status)
        self._call_receipt(taken, status, seq)

    def _talk(self, taken: Taken, keys: list[str], *, hangs_up: bool) -> None:
        form = self._of_call(taken, "in-progress")
        page = self._post(taken.url, form, tries=2)
        if page is None:
            self._post(taken.fallback, form, tries=1)
            return
        for _ in range(TURNS):
            action = _asked(page)
            if action is None or hangs_up or taken.sid in self._ended:
                return
            time.sleep(self._between("think", *THINKS))
            digits = keys.pop(0) if keys else ""
            page = self._post(action, form | {"Digits": digits}, tries=2)
            self._ledger.press(taken, digits, page is not None, self._clock.now())
            if page is None:
                self._post(taken.fallback, form, tries=1)
                return

    def _of_call(self, taken: Taken, status: str) -> dict[str, str]:
        return {"CallSid": taken.sid, "From": OURS, "To": taken.number, "CallStatus": status,
                "Direction": "outbound-api"}  # fmt: skip

    def _call_receipt(self, taken: Taken, status: str, seq: int) -> None:
        form = self._of_call(taken, status) | {"SequenceNumber": str(seq), "CallbackSource": "call-progress-events"}
        self._receipt(taken, form)

    # what is told

    def _receipt(self, taken: Taken, form: dict[str, str]) -> None:
        """Each by itself: late, twice, before the one before it, or never."""
        with self._lock:
            face = self._dice.fault("callback", CALLBACK)
        if face != "none":
            self._ledger.fault(f"callback {face}", self._clock.now())
        if face == "drop":
            return
        wait = self._between("late", 0.2, 1.5) if face == "delay" else self._between("soon", 0.0, 0.05)
        for _ in range(2 if face == "double" else 1):
            self._posts.submit(self._post_later, wait, taken.status_url, form)

    def _post_later(self, wait: float, url: str, form: dict[str, str]) -> None:
        time.sleep(wait)
        self._post(url, form, tries=RETRIES)

    def _post(self, url: str, form: dict[str, str], tries: int = RETRIES) -> str | None:
        """The answer's body, or None where no try brought a 2xx; a call's pages are waited for as Twilio does."""
        patience = 4 if tries == RETRIES else 15
        signed = {SIGNATURE_HEADER: twilio_signature(self._token, url, form.items())}
        for tried in range(tries):
            try:
                answer = requests.post(url, data=form, headers=signed, timeout=patience, proxies={"http": ""})
                if 200 <= answer.status_code < 300:
                    return answer.text
                self._ledger.fault(f"we answered {answer.status_code}", self._clock.now())
            except requests.RequestException:
                pass
            time.sleep(0.1 + 0.2 * tried)
        return None


def _asked(page: str) -> str | None:
    """Where the key is to be sent, of the first thing that asks for one; None: the call ends here."""
    gather = ElementTree.fromstring(page).find("Gather")
    return gather.get("action") if gather is not None else None
