"""A call's own requests (signature, durable row, next TwiML) against a bare FastAPI route and the tutorial shape.

Each call is answered and key 1 is pressed: two requests, one after the other. All three servers are asked over 32
connections by the same load generator, turn by turn.
"""

from __future__ import annotations

import tempfile
from pathlib import Path

from benchmarks import workload
from benchmarks.harness import Result, against, below, fsyncs_a_second
from benchmarks.http_load import Seen, in_lanes, load, post
from benchmarks.http_server import HOST, serving, speak
from benchmarks.under_way import UnderWay, submit
from gateway.records.database import Database
from gateway.settings import Settings
from gateway.wiring.house import WEBHOOKS, sandbox_account

SIZE = workload.Size(people=12_000, a_day=1_200, days=10, sites=6)


def run(quick: bool) -> Result:
    """Measure it."""
    count, rounds = (600, 2) if quick else (6000, 5)
    with workload.fresh() as database, tempfile.TemporaryDirectory() as folder:
        workload.fill(database, SIZE)
        speak(database, folder)
        made = submit(database, count, calls=1.0, first=2 * SIZE.a_day)
        seen = _measure(database, folder, made, rounds)
        fsyncs = fsyncs_a_second(Path(folder))
    ours, bare, tutorial = (max(one[n].rate for one in seen) for n in range(3))
    best = min((one[0] for one in seen), key=lambda one: one.p99)
    figures = [
        against("webhook: signature, durable row, next TwiML", ours, bare, 0.8, "requests/s"),
        against("the same against the tutorial shape", ours, tutorial, 10.0, "requests/s"),
        below("p99 of a webhook at 32 connections", best.p99, 20.0, "ms"),
    ]
    notes = [
        f"p50 {best.p50:.1f} ms; {fsyncs:.0f} fsyncs/s beside it.",
        f"Rounds (ours/bare/tutorial, requests/s): "
        f"{', '.join('/'.join(f'{one.rate:.0f}' for one in three) for three in seen)}.",
        "The servers' CPU a request (ours/bare/tutorial, us): "
        f"{'/'.join(f'{min(three[n].cost for three in seen):.0f}' for n in range(3))}.",
    ]
    return Result("webhook", figures, notes)


def _measure(database: Database, folder: str, made: list[UnderWay], rounds: int) -> list[list[Seen]]:
    """All three, turn by turn, with other calls each time; the tutorial has a third of them."""
    url = database.url.render_as_string(hide_password=False)
    share, seen = len(made) // (rounds + 1), []
    with (
        serving("gateway", url, folder) as ours,
        serving("bare", url, folder) as bare,
        serving("tutorial", url.replace("bench.db", "tutorial.db"), folder) as tutorial,
    ):
        for turn in range(rounds + 1):
            of_turn = made[turn * share : (turn + 1) * share]
            less = of_turn[: max(32, share // 8)]
            three = [
                load(port, in_lanes([_requests(one, port) for one in calls]))
                for port, calls in ((ours, of_turn), (bare, of_turn), (tutorial, less))
            ]
            for one in three:
                if one.statuses != {"200": one.requests}:
                    raise RuntimeError(f"not every request was answered: {one.statuses}")
            seen.append(three)
    return seen[1:]  # the first warms all up


def _requests(one: UnderWay, port: int) -> list[bytes]:
    account, token = sandbox_account(Settings())
    base = f"http://{HOST}:{port}{WEBHOOKS}/voice"
    call = {"CallSid": one.carrier_id, "AccountSid": account, "From": "+6620000000", "To": "+66800000001",
            "CallStatus": "in-progress", "ApiVersion": "2010-04-01", "Direction": "outbound-api",
            "Called": "+66800000001", "Caller": "+6620000000"}  # fmt: skip
    pressed = {**call, "Digits": "1", "msg": "Gather End"}
    return [post(f"{base}/answer/{one.id}", call, token), post(f"{base}/turn/{one.id}?turn=1", pressed, token)]
