"""Every table, imported once, so that metadata is complete wherever it is used."""

from __future__ import annotations

from sqlmodel import SQLModel

from gateway.records import (
    agreements,
    contacts,
    conversations,
    figures,
    house,
    people,
    places,
    rosters,
    staffing,
    wordings,
    work,
)

metadata = SQLModel.metadata

__all__ = [
    "agreements",
    "contacts",
    "conversations",
    "figures",
    "house",
    "metadata",
    "people",
    "places",
    "rosters",
    "staffing",
    "wordings",
    "work",
]
