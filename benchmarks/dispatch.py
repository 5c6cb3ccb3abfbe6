"""Texts that are due, handed to a carrier: the gateway's own part of it, and the whole against the SDK alone.

The carrier is a stub on loopback in a process of its own that answers at once. Every text is of somebody with a mobile
of their own; what families on one telephone cost is a figure in the notes.
"""

from __future__ import annotations

import multiprocessing
import shutil
import socket
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import time as hour
from datetime import timedelta
from pathlib import Path
from typing import Any, Final

import sqlalchemy as sa

from benchmarks import workload
from benchmarks.harness import Figure, Result, against, cpu, engine, fsyncs_a_second
from gateway.carriers.port import CallOrder, SmsOrder, Submission
from gateway.carriers.twilio import TwilioCarrier, TwilioSettings, connect
from gateway.dispatch.allowance import Limits
from gateway.dispatch.sender import Sender
from gateway.kit.clock import SteppedClock, at_bangkok
from gateway.records.contacts import Attempt
from gateway.records.database import Database
from gateway.records.status import AttemptStatus, Channel
from gateway.settings import Settings
from gateway.wiring import House

NOW: Final = at_bangkok(workload.FIRST_DAY - timedelta(days=3), hour(10))
ROOM: Final = Limits(lines=10_000, calls_per_second=1e9, sms_per_second=1e9)
WORKERS: Final = 8


def run(quick: bool) -> Result:
    """The figures of the row."""
    count = 5_000 if quick else 100_000
    notes = [f"{count} texts, {engine()}, each batch committed before it is sent and after."]
    own = max(_own_part(count, notes) for _ in range(2))
    with tempfile.TemporaryDirectory() as folder:
        notes.append(f"fsyncs a second here: {fsyncs_a_second(Path(folder)):.0f}")
    with _stub() as url:
        few = min(count, 10_000)
        alone = max(_client_alone(url, few) for _ in range(2))
        whole = max(_whole(url, few) for _ in range(2))
        alone = max(alone, _client_alone(url, few))
        each = _commit_each(url, min(few, 2_000))
    notes.append(_families(min(count, 2_000)))
    notes.append(_kannel())
    figures = [
        against("whole / SDK client alone", whole, alone, 0.8, "texts/s"),
        against("whole / a commit each", whole, each, 3.0, "texts/s"),
        Figure("own part: claim, render, record", own, 20_000.0, own / 20_000.0, 1.0, "texts/s"),
    ]
    return Result("dispatch", figures, notes)


class AtOnce:
    """A carrier in memory that takes everything at once, and keeps nothing."""

    name, reaches_people = "memory", False

    def __init__(self) -> None:
        self._taken = 0

    def send_all(self, orders: Sequence[SmsOrder], *, within: float) -> list[Submission]:
        """Take them all."""
        return [self.send_sms(order) for order in orders]

    def place_all(self, orders: Sequence[CallOrder], *, within: float) -> list[Submission]:
        """Take them all."""
        return [self.place_call(order) for order in orders]

    def send_sms(self, order: SmsOrder) -> Submission:
        """Take one."""
        self._taken += 1
        return Submission(f"SM{self._taken:032x}")

    def place_call(self, order: CallOrder) -> Submission:
        """Take one."""
        self._taken += 1
        return Submission(f"CA{self._taken:032x}")


def _own_part(count: int, notes: list[str]) -> float:
    with _ready(count) as (database, sender):
        sender.sms = sender.voice = AtOnce()  # type: ignore[assignment]
        with cpu() as taken:
            _until_sent(sender, database, count)
    notes.append(f"own part: {taken['cpu'] / count * 1e6:.0f} us of CPU a text, {taken['real']:.2f} s in all")
    return count / taken["real"]


def _whole(url: str, count: int) -> float:
    with _ready(count) as (database, sender), _carrier(url) as carrier:
        sender.sms, sender.voice = carrier.sms, carrier.voice
        sender.sms.send_sms(_order(0))  # the first opens connections, for both sides of the comparison
        with cpu() as taken:
            _until_sent(sender, database, count)
    return count / taken["real"]


def _client_alone(url: str, count: int) -> float:
    """The same SDK client with the same bodies and as many at once, and no database."""
    orders = [_order(n) for n in range(count)]
    with _carrier(url) as carrier:
        _send(carrier, orders[:200])
        began = time.perf_counter()
        for start in range(0, count, 200):
            _send(carrier, orders[start : start + 200])
        return count / (time.perf_counter() - began)


def _commit_each(url: str, count: int) -> float:
    """The tutorial's shape: a text, a row, a commit."""
    with _ready(count) as (database, _), _carrier(url) as carrier:
        began = time.perf_counter()
        for n in range(count):
            taken = carrier.sms.send_sms(_order(n))
            with database.unit_of_work() as db:
                db.add(Attempt(phone=n + 1, channel=Channel.SMS, status=AttemptStatus.SUBMITTED, body=_order(n).body,
                               carrier_id=taken.carrier_id, created_at=NOW, submitted_at=NOW))  # fmt: skip
        return count / (time.perf_counter() - began)


def _families(count: int) -> str:
    """What the telephones of the workload cost, one in five of which two people share."""
    with _ready(count, families=True) as (database, sender):
        sender.sms = sender.voice = AtOnce()  # type: ignore[assignment]
        with cpu() as taken:
            _until_sent(sender, database, 0)
        with database.reading() as db:
            sent = db.exec(sa.select(sa.func.count()).select_from(Attempt)).scalar_one()  # type: ignore[call-overload]
    return f"with families: {sent} texts to {count} people at {count / taken['real']:.0f} people/s"


def _kannel() -> str:
    found = [name for name in ("bearerbox", "smsbox") if shutil.which(name) or Path("/usr/sbin", name).exists()]
    return "Kannel is installed, and not measured" if len(found) == 2 else "Kannel is not installed: not measured"


def _until_sent(sender: Sender, database: Database, count: int) -> None:
    sent = sender.pass_once().sent
    while (part := sender.pass_once().sent) > 0:
        sent += part
    if count and sent != count:
        raise RuntimeError(f"{sent} of {count} texts were sent")


@contextmanager
def _ready(count: int, *, families: bool = False) -> Iterator[tuple[Database, Sender]]:
    """A database with so many texts due, and the house's own sender without limits."""
    people = -(-max(count, 600) // 60) * 60
    size = workload.Size(people=people, a_day=people // 5, days=10, sites=60)
    with workload.fresh() as database, tempfile.TemporaryDirectory() as folder:
        workload.fill(database, size)
        workload.due(database, size, count, NOW, channel="sms")
        if not families:
            _one_mobile_each(database)
        workload.analyse(database)
        settings = Settings(database_url=database.url.render_as_string(False), audio_dir=Path(folder, "audio"))
        house = House(settings, clock=SteppedClock(NOW), public_url="http://127.0.0.1:9")
        sender = house.sender
        sender.limits, sender.workers = ROOM, WORKERS
        yield database, sender
        house.close()


def _one_mobile_each(database: Database) -> None:
    with database.unit_of_work() as db:
        db.execute(sa.text("UPDATE phone SET line_type = 'mobile', e164 = '+66810' || substr(e164, -6) "
                           "WHERE line_type <> 'mobile'" if database.is_sqlite else
                           "UPDATE phone SET line_type = 'mobile', e164 = '+66810' || right(e164, 6) "
                           "WHERE line_type <> 'mobile'"))  # fmt: skip
        db.execute(sa.text("UPDATE person_phone SET phone = phone + 1, role = 'own' WHERE role = 'household'"))


def _order(n: int) -> SmsOrder:
    body = "รพ.ตัวอย่าง S01: นัดคุณบัวคำ ฉีดวัคซีนเข็ม 1 จ. 3 ส.ค. 69 เวลา 09.00 น. คิว 17 ที่หอประชุม โทร 054000901"
    url = f"http://127.0.0.1:9/webhooks/twilio/sms/status/{n:032x}"
    return SmsOrder(f"{n:032x}", f"+66800{n % 10**6:06d}", body, url, timedelta(hours=2))


def _send(carrier: TwilioCarrier, orders: Sequence[SmsOrder]) -> None:
    carrier.sms.send_all(orders, within=600.0)


@contextmanager
def _carrier(url: str) -> Iterator[TwilioCarrier]:
    carrier = connect(
        TwilioSettings("AC" + "0" * 32, "token", base_url=url, sms_from="TAMNAT", voice_from="+6620000000")
    )
    try:
        yield carrier
    finally:
        carrier.close()


@contextmanager
def _stub() -> Iterator[str]:
    """A carrier's REST on loopback that takes everything at once, in a process of its own."""
    server = socket.create_server(("127.0.0.1", 0), backlog=256)
    port = server.getsockname()[1]
    process = multiprocessing.get_context("fork").Process(target=_serve, args=(server,), daemon=True)
    process.start()
    server.close()
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.join(5)


def _serve(server: socket.socket) -> None:
    import asyncio

    taken = iter(range(10**9))

    class Stub(asyncio.Protocol):
        """Reads a POST, answers as Twilio does."""

        def __init__(self) -> None:
            self.waiting = b""

        def connection_made(self, transport: Any) -> None:
            self.transport = transport

        def data_received(self, data: bytes) -> None:
            self.waiting += data
            while (head := self.waiting.find(b"\r\n\r\n")) >= 0:
                lower = self.waiting[:head].lower()
                at = lower.find(b"content-length:")
                length = int(lower[at + 15 : (lower.find(b"\r", at) if lower.find(b"\r", at) > 0 else None)])
                if len(self.waiting) < head + 4 + length:
                    return
                self.waiting = self.waiting[head + 4 + length :]
                body = b'{"sid":"SM%032x","status":"queued","to":"","error_code":null}' % next(taken)
                self.transport.write(
                    b"HTTP/1.1 201 Created\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n" % len(body)
                    + body
                )

    async def serve() -> None:
        listening = await asyncio.get_running_loop().create_server(Stub, sock=server)
        await listening.serve_forever()

    asyncio.run(serve())
