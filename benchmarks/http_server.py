"""What the load is sent to, each in a process of its own, served as `gateway serve` serves.

    with serving("gateway", url) as port: ...

`gateway` is the house itself on its sandbox, `bare` a FastAPI route that reads a form and answers with TwiML, and
`tutorial` what one finds in tutorials: a session, the SDK's validator, a row, a commit and the SDK's TwiML a request.
"""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from fastapi import FastAPI, Request, Response

from gateway.records.database import Database

HOST = "127.0.0.1"
TOKEN = "sandbox-of-benchmarks"
NOW = datetime(2026, 8, 3, 3, 0, tzinfo=UTC)  # a Monday, 10:00 in Bangkok
_SERVES: dict[int, int] = {}


def cpu_seconds(port: int) -> float:
    """CPU-seconds the server on this port has used so far: unlike its rate, what others do here changes them little."""
    after_name = Path(f"/proc/{_SERVES[port]}/stat").read_text().rpartition(")")[2].split()
    return (int(after_name[11]) + int(after_name[12])) / os.sysconf("SC_CLK_TCK")


@contextmanager
def serving(kind: str, url: str, folder: str) -> Iterator[int]:
    """Serve one of the three beside the block, and give its port."""
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "benchmarks.http_server", kind, str(port), url, folder]
    process = subprocess.Popen(command)
    _SERVES[port] = process.pid
    try:
        _wait_for(port, process)
        yield port
    finally:
        process.terminate()
        process.wait(20)


def _wait_for(port: int, process: subprocess.Popen[bytes]) -> None:
    for _ in range(600):
        if process.poll() is not None:
            raise RuntimeError(f"the server ended with {process.returncode}")
        try:
            socket.create_connection((HOST, port), 1).close()
        except OSError:
            time.sleep(0.05)
        else:
            return
    raise RuntimeError("the server did not start")


def gateway(url: str, folder: str, port: int) -> FastAPI:
    """The house, its clock standing at NOW."""
    from gateway.app import create_app

    return create_app(house(url, folder, port))


def house(url: str, folder: str, port: int):  # type: ignore[no-untyped-def]
    """The house on its sandbox."""
    from gateway.kit.clock import SteppedClock
    from gateway.settings import Settings
    from gateway.wiring import House

    settings = Settings(database_url=url, audio_dir=Path(folder) / "audio", secret_key="a key of benchmarks")
    return House(settings, clock=SteppedClock(NOW), public_url=f"http://{HOST}:{port}")


def speak(database: Database, folder: str) -> None:
    """Let one voice have spoken every Thai phrase, as in any clinic that calls people."""
    from gateway.voice.assets import ClipSource
    from gateway.voice.speaker import placeholder_of

    built = house(database.url.render_as_string(hide_password=False), folder, 0)
    script = built.speech.scripts["th"]
    for prompt in script.prompts.values():
        built.clips.keep("th", prompt, placeholder_of(prompt, script), ClipSource.RECORDING, "somchai")
    built.close()


def bare() -> FastAPI:
    """A route that reads a form."""
    app = FastAPI()

    @app.post("/{path:path}")
    async def read(request: Request) -> Response:
        form = await request.form()
        said = f"<Response><Say>{form.get('CallSid', '')}</Say></Response>"
        return Response(said, media_type="text/xml")

    return app


def tutorial(url: str, token: str, port: int) -> FastAPI:
    """A session, the SDK's validator, a row, a commit and the SDK's TwiML, a request."""
    from fastapi import Depends, HTTPException
    from sqlalchemy import Column, Integer, String, create_engine, event
    from sqlalchemy.orm import Session, declarative_base, sessionmaker
    from twilio.request_validator import RequestValidator
    from twilio.twiml.voice_response import Gather, VoiceResponse

    base = declarative_base()

    class Hook(base):  # type: ignore[misc,valid-type]
        __tablename__ = "tutorial_hook"
        id = Column(Integer, primary_key=True)
        sid = Column(String)
        status = Column(String)
        digits = Column(String)

    engine = create_engine(url.replace("postgresql://", "postgresql+psycopg://"))
    if engine.dialect.name == "sqlite":

        @event.listens_for(engine, "connect")
        def as_durable(connection, _):  # type: ignore[no-untyped-def]
            connection.execute("PRAGMA journal_mode=WAL")
            connection.execute("PRAGMA synchronous=FULL")

    base.metadata.create_all(engine)
    sessions = sessionmaker(engine)
    app = FastAPI()

    def session():  # type: ignore[no-untyped-def]
        with sessions() as db:
            yield db

    @app.post("/{path:path}")
    async def hook(request: Request, db: Session = Depends(session)) -> Response:  # noqa: B008
        form = await request.form()
        validator = RequestValidator(token)
        if not validator.validate(str(request.url), form, request.headers.get("X-Twilio-Signature", "")):
            raise HTTPException(403)
        db.add(Hook(sid=form.get("CallSid"), status=form.get("CallStatus"), digits=form.get("Digits")))
        db.commit()
        response = VoiceResponse()
        gather = Gather(num_digits=1, action=f"http://{HOST}:{port}/next", method="POST")
        gather.say("Press 1 if you are coming.")
        response.append(gather)
        return Response(str(response), media_type="text/xml")

    return app


def main(kind: str, port: str, url: str, folder: str) -> None:
    """Serve until told to stop."""
    from gateway.cli.serving import listen, server
    from gateway.settings import Settings
    from gateway.wiring.house import sandbox_account

    token = sandbox_account(Settings(database_url=url))[1]
    made = {"bare": bare, "gateway": lambda: gateway(url, folder, int(port)),
            "tutorial": lambda: tutorial(url, token, int(port))}[kind]()  # fmt: skip
    server(made).run([listen(int(port))])


if __name__ == "__main__":
    main(*sys.argv[1:])
