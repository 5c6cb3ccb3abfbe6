"""Status callbacks, each durable before its 200, against a bare FastAPI route that reads a form.

Both are served as `gateway serve` serves, one after the other on the same machine, and asked over 32 connections by the
same load generator. A text tells "sent" and "delivered", a call "initiated", "ringing", "in-progress" and "completed".
"""

from __future__ import annotations

import tempfile
from pathlib import Path

from benchmarks import workload
from benchmarks.harness import Result, against, below, fsyncs_a_second
from benchmarks.http_load import Seen, in_lanes, load, post
from benchmarks.http_server import HOST, serving
from benchmarks.under_way import UnderWay, submit
from gateway.records.database import Database
from gateway.settings import Settings
from gateway.wiring.house import WEBHOOKS, sandbox_account

PHONE = {"From": "+6620000000", "To": "+66800000001", "ApiVersion": "2010-04-01"}
SIZE = workload.Size(people=12_000, a_day=1_200, days=10, sites=6)
TEXT = ("sent", "delivered")
CALL = ("initiated", "ringing", "in-progress", "completed")


def run(quick: bool) -> Result:
    """Measure it."""
    count, rounds = (1200, 2) if quick else (6000, 5)
    with workload.fresh() as database, tempfile.TemporaryDirectory() as folder:
        workload.fill(database, SIZE)
        made = submit(database, count, calls=0.5, first=2 * SIZE.a_day, answered=True)
        seen = _measure(database, folder, made, rounds)
        fsyncs = fsyncs_a_second(Path(folder))
    ours, bare = max(pair[0].rate for pair in seen), max(pair[1].rate for pair in seen)
    best = min((pair[0] for pair in seen), key=lambda one: one.p99)
    ratio = max(pair[0].rate / pair[1].rate for pair in seen)
    figures = [
        against("status callbacks, durable before 200", ours, bare, 0.8, "requests/s"),
        below("p99 of a status callback at 32 connections", best.p99, 20.0, "ms"),
    ]
    notes = [
        f"p50 {best.p50:.1f} ms; {fsyncs:.0f} fsyncs/s beside it; the best pair of neighbours gave {ratio:.2f}.",
        f"Rounds (ours/bare, requests/s): {', '.join(f'{a.rate:.0f}/{b.rate:.0f}' for a, b in seen)}.",
        "The servers' CPU a request (ours/bare, us): "
        f"{min(a.cost for a, _ in seen):.0f}/{min(b.cost for _, b in seen):.0f}.",
        f"The generator itself used {best.own_cpu / best.seconds:.0%} of a core.",
    ]
    return Result("status", figures, notes)


def _measure(database: Database, folder: str, made: list[UnderWay], rounds: int) -> list[tuple[Seen, Seen]]:
    """Both, turn by turn, with other attempts each time."""
    url = database.url.render_as_string(hide_password=False)
    share, pairs = len(made) // (rounds + 1), []
    with serving("gateway", url, folder) as ours, serving("bare", url, folder) as bare:
        for turn in range(rounds + 1):
            of_turn = made[turn * share : (turn + 1) * share]
            pair = [load(port, in_lanes([_receipts(one, port) for one in of_turn])) for port in (ours, bare)]
            if pair[0].statuses != {"200": pair[0].requests}:
                raise RuntimeError(f"not every callback was taken: {pair[0].statuses}")
            pairs.append((pair[0], pair[1]))
    return pairs[1:]  # the first warms both up


def _receipts(one: UnderWay, port: int) -> list[bytes]:
    account, token = sandbox_account(Settings())
    kind, words = ("voice", CALL) if one.is_call else ("sms", TEXT)
    name, status = ("CallSid", "CallStatus") if one.is_call else ("MessageSid", "MessageStatus")
    url = f"http://{HOST}:{port}{WEBHOOKS}/{kind}/status/{one.id}"
    return [
        post(url, {name: one.carrier_id, status: word, "AccountSid": account, **PHONE, **_of_call(number, one)}, token)
        for number, word in enumerate(words)
    ]


def _of_call(number: int, one: UnderWay) -> dict[str, str]:
    if not one.is_call:
        return {"SmsSid": one.carrier_id, "SmsStatus": TEXT[number]}
    return {"SequenceNumber": str(number), "Direction": "outbound-api", "CallbackSource": "call-progress-events",
            "Timestamp": "Mon, 03 Aug 2026 03:00:00 +0000", "Called": PHONE["To"], "Caller": PHONE["From"]}  # fmt: skip
