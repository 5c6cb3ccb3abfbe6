"""All commands in one place, as `gateway --help` lists them."""

from __future__ import annotations

import typer

from gateway.cli import export, house_commands, messages, places, prompts, report, roster, run, sample, tick, users
from gateway.cli.database import db_app

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="Tamnat reminds people of vaccination appointments in their own language, and shows who is coming.",
)
app.command("run")(run.run)
app.command("serve")(run.serve)
app.command("work")(run.work)
app.command("sandbox")(run.sandbox)
app.command("tick")(tick.tick)
app.add_typer(roster.app, name="roster", help="Check a roster file, or load it.")
app.add_typer(places.sites_app, name="sites", help="Load the places where people are vaccinated.")
app.add_typer(places.sessions_app, name="sessions", help="Load their mornings and afternoons, with seats.")
app.add_typer(sample.sample_app, name="sample", help="The invented people, places and sessions.")
app.add_typer(report.report_app, name="report", help="Figures.")
app.command("export")(export.export)
app.add_typer(messages.app, name="messages", help="The texts we send.")
app.add_typer(prompts.app, name="prompts", help="The phrases we play.")
app.add_typer(users.users_app, name="users", help="Who may use the console.")
app.add_typer(db_app, name="db", help="The database's shape.")
app.command("doctor")(house_commands.doctor)
app.command("pause")(house_commands.pause)
app.command("resume")(house_commands.resume)
