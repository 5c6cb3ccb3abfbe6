"""`gateway run`, and its parts on their own: `serve`, `work`, `sandbox`."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

import typer

from gateway.cli import demo
from gateway.cli.alone import TAKEN, alone, wait_while_ours
from gateway.cli.context import fail, parse_instant, ready, say, settings
from gateway.cli.first_account import tell_console
from gateway.cli.running import Running
from gateway.cli.sample import load_sample
from gateway.cli.serving import asked_to_stop, listen, serving
from gateway.kit.clock import Clock, DemoClock, RealClock
from gateway.settings import CarrierName
from gateway.wiring import House, MovedClockError

Port = Annotated[int, typer.Option(help="The port on this machine.", min=0, max=65535)]
Host = Annotated[str, typer.Option(help="The address to listen on; 0.0.0.0 inside a container, whose own is nobody's.")]


def run(
    port: Port = 8000,
    start: Annotated[str | None, typer.Option("--from", help="Where the demo clock begins (sandbox only).")] = None,
    speed: Annotated[float | None, typer.Option(help="Demo seconds a real second (sandbox only).", min=0.01)] = None,
    sample: Annotated[bool, typer.Option(help="Load the invented sample when nobody is on record.")] = False,
    host: Host = "127.0.0.1",
) -> None:
    """Everything in one process: web, ticks and, with the sandbox, the telephone network."""
    begin = parse_instant(start, "--from") if start else None
    settings()
    with listen(port, host) as listener:
        address = f"http://127.0.0.1:{listener.getsockname()[1]}"
        house = ready(House(settings(), public_url=address if _on_sandbox() else None))
        with alone(house.database, is_one_of_many=not _on_sandbox()) as lock:
            say(f"Tamnat on {address}")
            if sample:
                load_sample(house)
            _set_clock(house, begin, speed)
            if isinstance(house.clock, DemoClock) and begin is None and demo.has_sample(house):
                demo.move_to_busy_time(house, house.clock)
            tell_console(house, address, with_handsets=True)
            if not Running(house, lock).until_stopped(listener):
                fail(TAKEN.format(house.database.url.database))


def serve(port: Port = 8000, host: Host = "127.0.0.1") -> None:
    """The web alone: webhooks, audio, health."""
    from gateway.app import create_app

    with listen(port, host) as listener:
        house = _of_its_own()
        stop = asked_to_stop()
        app = create_app(house, with_network=False)
        with serving(app, listener, trusted_proxies=house.settings.trusted_proxies):
            port = listener.getsockname()[1]
            tell_console(house, f"http://127.0.0.1:{port}")
            say(f"the web on port {port}; Ctrl-C stops")
            stop.wait()
    house.close()


def work() -> None:
    """The ticks alone."""
    from gateway import worker

    house = _of_its_own()
    with alone(house.database, is_one_of_many=True) as lock:
        stop = asked_to_stop()
        scheduler = worker.start(house, may_tick=lock.leads)
        say("working; Ctrl-C stops")
        is_ours = wait_while_ours(lock, stop)
        scheduler.shutdown()
    house.close()
    if not is_ours:
        fail(TAKEN.format(house.database.url.database))


def sandbox(port: Port = 8001, host: Host = "127.0.0.1") -> None:
    """The telephone network alone, for GATEWAY_TWILIO_BASE_URL=http://127.0.0.1:8001 in the other processes."""
    from gateway.sandbox.loop import NetworkLoop
    from gateway.sandbox.rest import sandbox_app
    from gateway.web.console.guard import guard
    from gateway.wiring.handsets_page import page_parts

    if not _on_sandbox():
        fail("GATEWAY_CARRIER: expected sandbox; with another carrier there is no telephone network here")
    with listen(port, host) as listener:
        house = _of_its_own()
        stop = asked_to_stop()
        loop = NetworkLoop(house.network, house.clock)
        loop.start()
        door = guard(house.console, console=house.public_url)
        parts = page_parts(house, guard=door, plays_own_audio=False)
        with serving(sandbox_app(house.network, page=parts), listener):
            say(f"the telephone network on port {listener.getsockname()[1]}, its phones at /; Ctrl-C stops")
            stop.wait()
            loop.stop()
    house.close()


def _of_its_own() -> House:
    """The house of a process that does one thing; its carrier is tried at once, not at the first reminder."""
    house = ready(House(settings()))
    _connect(house)
    return house


def _on_sandbox() -> bool:
    return settings().carrier is CarrierName.SANDBOX


def _set_clock(house: House, begin: datetime | None, speed: float | None) -> None:
    """Give the house its clock before any room is built on it; a carrier that reaches people refuses a moved one."""
    if _on_sandbox() or begin is not None or speed is not None:
        house.clock = _clock(house, begin, speed)
        house.simulated = not isinstance(house.clock, RealClock)
    _connect(house)


def _connect(house: House) -> None:
    try:
        house.carrier  # noqa: B018  # connecting is what refuses
    except MovedClockError as error:
        fail(f"--from and --speed refused: {error}")
    except ValueError as error:
        fail(str(error))


def _clock(house: House, begin: datetime | None, speed: float | None) -> Clock:
    """The demo's clock goes on from where it was kept; people who were not invented live by the wall clock."""
    begin = begin or demo.stored_time(house)
    if begin is None and speed is None:
        return RealClock()
    return DemoClock(begin or RealClock().now(), speed or demo.DEMO_SPEED)
