"""`gateway run`, and its parts on their own: `serve`, `work`, `sandbox`."""

from __future__ import annotations

import logging
import threading
from typing import Annotated

import typer

from gateway.cli import demo
from gateway.cli.context import fail, parse_instant, ready, say, settings
from gateway.cli.feed import Feed
from gateway.cli.sample import load_sample
from gateway.kit.clock import Clock, DemoClock, RealClock, bangkok_time
from gateway.settings import CarrierName
from gateway.wiring import House, MovedClockError

LOOK = 0.5  # real seconds between two looks for news
KEEP_EVERY = 10  # looks between two notes of where the clock stands

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
    from gateway.cli.serving import listen

    listener = listen(port, host)
    address = f"http://127.0.0.1:{listener.getsockname()[1]}"
    say(f"Tamnat on {address}")
    house = ready(House(settings(), public_url=address if _on_sandbox() else None))
    if sample:
        load_sample(house)
    _set_clock(house, start, speed)
    if isinstance(house.clock, DemoClock) and start is None and demo.has_sample(house):
        demo.move_to_busy_time(house, house.clock)
    _run(house, listener)


def serve(port: Port = 8000, host: Host = "127.0.0.1") -> None:
    """The web alone: webhooks, audio, health."""
    from gateway.app import create_app
    from gateway.cli.serving import listen, server

    listener = listen(port, host)
    house = ready(House(settings()))
    server(create_app(house, with_network=False)).run(sockets=[listener])


def work() -> None:
    """The ticks alone."""
    from gateway import worker

    house = ready(House(settings()))
    scheduler = worker.start(house)
    say("working; Ctrl-C stops")
    try:
        threading.Event().wait()
    except KeyboardInterrupt:
        scheduler.shutdown()


def sandbox(port: Port = 8001) -> None:
    """The telephone network alone, for GATEWAY_TWILIO_BASE_URL=http://127.0.0.1:8001 in the other processes."""
    from gateway.cli.serving import listen, server
    from gateway.sandbox.loop import NetworkLoop
    from gateway.sandbox.rest import sandbox_app

    listener = listen(port)
    house = ready(House(settings()))
    loop = NetworkLoop(house.network, house.clock)
    loop.start()
    try:
        server(sandbox_app(house.network)).run(sockets=[listener])
    finally:
        loop.stop()


def _on_sandbox() -> bool:
    return settings().carrier is CarrierName.SANDBOX


def _set_clock(house: House, start: str | None, speed: float | None) -> None:
    """Give the house its clock before any room is built on it; a carrier that reaches people refuses a moved one."""
    if _on_sandbox() or start is not None or speed is not None:
        house.clock = _clock(house, start, speed)
        house.simulated = not isinstance(house.clock, RealClock)
    try:
        house.carrier  # noqa: B018  # connecting is what refuses
    except MovedClockError as error:
        fail(f"--from and --speed refused: {error}")
    except ValueError as error:
        fail(str(error))


def _clock(house: House, start: str | None, speed: float | None) -> Clock:
    """The demo's clock goes on from where it was kept; people who were not invented live by the wall clock."""
    begin = parse_instant(start, "--from") if start else demo.stored_time(house)
    if begin is None and speed is None:
        return RealClock()
    return DemoClock(begin or RealClock().now(), speed or demo.DEMO_SPEED)


def _run(house: House, listener: object) -> None:
    from gateway import worker
    from gateway.app import create_app
    from gateway.cli.serving import server
    from gateway.sandbox.loop import NetworkLoop

    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    on_sandbox = house.settings.carrier is CarrierName.SANDBOX
    web = server(create_app(house))
    loop = NetworkLoop(house.network, house.clock) if on_sandbox else None
    stop = threading.Event()
    watcher = threading.Thread(target=_watch, args=(house, stop), name="feed", daemon=True)
    say(f"It is {bangkok_time(house.clock.now()):%A %d %B %Y, %H:%M} in Bangkok. Ctrl-C stops.")
    scheduler = worker.start(house)
    if loop is not None:
        loop.start()
    watcher.start()
    try:
        web.run(sockets=[listener])  # type: ignore[list-item]  # a socket; kept loose so that this module loads fast
    finally:
        stop.set()
        scheduler.shutdown()
        if loop is not None:
            loop.stop()
        watcher.join(5)
        house.close()
        say("stopped; everything is kept")


def _watch(house: House, stop: threading.Event) -> None:
    """Print the news, keep the demo's time, skip its dull hours."""
    feed, looks = Feed(house.database, house.clock.now()), 0
    while not stop.wait(LOOK):
        try:
            for line in feed.lines():
                print(line, flush=True)  # noqa: T201  # the feed is what this command is watched for
            looks += 1
            if isinstance(house.clock, DemoClock) and looks % KEEP_EVERY == 0:
                demo.keep_time(house, house.clock.speed)
                demo.skip_dull_hours(house, house.clock)
        except Exception:
            logging.getLogger(__name__).exception("the feed stumbled; it goes on")
