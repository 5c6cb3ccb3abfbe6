"""`gateway serve`, `work` and `sandbox`: three processes and one database, as they stand in production."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import httpx
import pytest
import sqlalchemy as sa

from gateway.cli import alone as alone_module
from gateway.cli.alone import alone, is_lost, wait_while_ours
from gateway.records.agreements import Appointment
from gateway.records.database import Database, lock_key
from gateway.records.status import AppointmentStatus, AttemptStatus, Channel, ReminderStatus
from tests.cli.conftest import Gateway
from tests.support.engines import IS_SQLITE, opened, url_of
from tests.support.processes import Command
from tests.support.world import NINE, World

PRESSES_1 = "+66800000886"  # the sample's handsets.csv gives this invented number that habit


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as found:
        return int(found.getsockname()[1])


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    """A small world in the database that the processes share."""
    world = World(tmp_path, file="gateway.db")
    yield world
    world.database.close()


def status_of(world: World, appointment: Appointment) -> AppointmentStatus:
    found = world.fresh(appointment)
    assert isinstance(found, Appointment)
    return found.status


def test_three_processes_call_somebody_and_take_the_answer(world: World, tmp_path: Path) -> None:
    appointment = world.appointment(world.person(phone=PRESSES_1))
    reminder = world.reminder(appointment, Channel.VOICE)
    web, network = free_port(), free_port()
    settings = {"PUBLIC_URL": f"http://127.0.0.1:{web}", "TWILIO_BASE_URL": f"http://127.0.0.1:{network}"}
    clock = {"SHIFTED_TO": NINE.isoformat(), "SHIFTED_AT": str(time.time())}
    with ExitStack() as stack:
        commands = []
        for words in (("sandbox", "--port", str(network)), ("serve", "--port", str(web)), ("work",)):
            commands.append(Command(tmp_path, *words, settings=settings, shifted=clock))
            stack.callback(commands[-1].kill)
            commands[-1].wait_for("Ctrl-C stops", within=60)
        assert httpx.get(f"http://127.0.0.1:{web}/readyz", trust_env=False).status_code == 200
        give_up = time.monotonic() + 30
        while status_of(world, appointment) is not AppointmentStatus.CONFIRMED and time.monotonic() < give_up:
            time.sleep(0.1)
        said = "\n".join(command.text for command in commands)
        assert status_of(world, appointment) is AppointmentStatus.CONFIRMED, said
        while not any(one.status is AttemptStatus.COMPLETED for one in world.attempts_of(reminder)):
            assert time.monotonic() < give_up, said
            time.sleep(0.1)
        ends = [command.stop() for command in reversed(commands)]
    assert world.fresh(reminder).status is ReminderStatus.ANSWERED  # type: ignore[attr-defined]
    assert len(world.attempts_of(reminder)) == 1
    assert [code for code, _ in ends] == [0, 0, 0]
    assert max(took for _, took in ends) < 5
    assert "Traceback" not in said
    assert not commands[0].went_out.exists()


@pytest.mark.parametrize("first", [("run", "--port", "0"), ("work",)])
def test_only_one_process_ticks_and_a_second_or_a_single_pass_is_told_so(
    world: World, gateway: Gateway, tmp_path: Path, first: tuple[str, ...]
) -> None:
    command = Command(tmp_path, *first)
    try:
        command.wait_for("Ctrl-C stops", within=60)
        may_be_beside = [] if IS_SQLITE or first[0] == "run" else [("work",)]
        for second in (("run", "--port", "0"), ("work",)):
            if second in may_be_beside:
                continue
            found = gateway(*second)
            assert (found.exit_code, found.stdout, len(found.stderr.splitlines())) == (1, "", 1)
            assert found.stderr.startswith("another `gateway run` or `gateway work` has ")
        found = gateway("tick", "--at", "2026-08-01T09:00")  # its clock would go back under the feet of the first
        assert (found.exit_code, found.stdout, len(found.stderr.splitlines())) == (1, "", 1)
        assert found.stderr.startswith("another `gateway run` or `gateway work` has ")
    finally:
        command.kill()  # it cannot tidy up: the system gives the lock back
    give_up = time.monotonic() + 10
    while not is_free(world.database):  # a server takes a moment to see that a process is gone
        assert time.monotonic() < give_up
        time.sleep(0.05)


def is_free(database: Database) -> bool:
    try:
        with alone(database):
            return True
    except SystemExit:
        return False


def end_the_locks(database: Database) -> None:
    """As a server that is restarted does."""
    query = sa.text("SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory' AND objid = :key")
    with database.engine.connect() as connection:
        assert connection.execute(query, {"key": lock_key("ticks")}).all()


@pytest.mark.postgres
def test_after_a_restart_of_the_server_a_worker_takes_its_lock_anew_and_nobody_alone_is_let_in(tmp_path: Path) -> None:
    ours, other = opened(tmp_path / "gateway.db"), opened(tmp_path / "gateway.db")
    with alone(ours, is_one_of_many=True) as lock:
        assert not is_free(other)
        end_the_locks(other)
        assert not is_lost(lock)
        assert not is_free(other)
    assert is_free(other)


@pytest.mark.postgres
def test_who_finds_somebody_alone_after_a_restart_of_the_server_ends(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(alone_module, "LOOK", 0.01)
    ours, other = opened(tmp_path / "gateway.db"), opened(tmp_path / "gateway.db")
    with alone(ours, is_one_of_many=True) as lock:
        end_the_locks(other)
        with alone(other):
            assert wait_while_ours(lock, threading.Event()) is False
            assert not lock.leads()


@pytest.mark.postgres
def test_on_a_server_workers_stand_side_by_side_and_another_leads_when_the_leader_is_killed(
    world: World, tmp_path: Path
) -> None:
    settings = {"PUBLIC_URL": "http://127.0.0.1:9", "DATABASE_URL": url_of(tmp_path / "gateway.db")}
    with ExitStack() as stack:
        both = []
        for name in ("first", "second"):
            (tmp_path / name).mkdir()
            both.append(Command(tmp_path / name, "work", settings=settings))
            stack.callback(both[-1].kill)
            both[-1].wait_for("Ctrl-C stops", within=60)
            led_by = leader_of(world.database, other_than=0)
        assert leader_of(world.database, other_than=0) == led_by
        both[0].process.kill()
        assert leader_of(world.database, other_than=led_by)
        assert both[1].stop()[0] == 0
    assert "Traceback" not in both[1].text


def leader_of(database: Database, *, other_than: int) -> int:
    """The server's number of the connection that leads, once it is another one than that."""
    query = sa.text("SELECT pid FROM pg_locks WHERE locktype = 'advisory' AND granted AND objid = :key")
    give_up = time.monotonic() + 30  # it is asked for every five seconds
    while True:
        with database.engine.connect() as connection:
            found = connection.execute(query, {"key": lock_key("leader")}).scalar()
        if found and found != other_than:
            return int(found)
        assert time.monotonic() < give_up
        time.sleep(0.1)


def test_with_a_real_carrier_there_is_no_telephone_network_to_start(gateway: Gateway) -> None:
    found = gateway(
        "sandbox", "--port", "0", CARRIER="twilio", TWILIO_ACCOUNT_SID="AC1", TWILIO_AUTH_TOKEN="secret",
        TWILIO_VOICE_FROM="+6620000001", TWILIO_SMS_FROM="Clinic",
    )  # fmt: skip
    assert (found.exit_code, found.stdout) == (1, "")
    assert found.stderr.startswith("GATEWAY_CARRIER: expected sandbox")


@pytest.mark.parametrize("word", ["serve", "sandbox"])
def test_a_taken_port_is_one_clear_line(gateway: Gateway, word: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        found = gateway(word, "--port", str(taken.getsockname()[1]))
    assert (found.exit_code, found.stdout, len(found.stderr.splitlines())) == (1, "", 1)
    assert "is taken" in found.stderr


@pytest.mark.parametrize(("trusted", "from_elsewhere"), [("", 429), ("127.0.0.1", 401)])
def test_the_web_believes_the_proxies_it_was_told_of(
    world: World, tmp_path: Path, trusted: str, from_elsewhere: int
) -> None:
    port = free_port()
    web = Command(tmp_path, "serve", "--port", str(port), settings={"TRUSTED_PROXIES": trusted})
    try:
        web.wait_for("Ctrl-C stops", within=60)

        def guess(address: str) -> int:
            wrong = {"email": "nurse@hospital.example", "password": "not this one"}
            sent = {"X-Forwarded-For": address}
            at = f"http://127.0.0.1:{port}/console/sign-in"
            return httpx.post(at, data=wrong, headers=sent, trust_env=False, timeout=20).status_code

        assert [guess("203.0.113.9") for _ in range(6)] == [401] * 5 + [429]
        assert guess("203.0.113.10") == from_elsewhere
    finally:
        web.kill()
