"""Two people for every text and clip that reaches somebody: one who made it, one who read or heard it (law 7).

Everything here goes by the hash of the content. Another word is another asset, which nobody has approved yet.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, col, select

from gateway.records.status import AssetStatus, may_move
from gateway.records.wordings import Approval, Asset, AssetEvent, AssetKind, AssetSource, Origin, Part


class ApprovalError(Exception):
    """It cannot be approved like this; the class says why."""


class SamePerson(ApprovalError):
    """Who made it cannot be who approves it."""


class ProvinceNeeded(ApprovalError):
    """A dialect is approved by somebody who says where they know it from."""


class NotOpen(ApprovalError):
    """It is not a draft any more, or there is no such asset."""


@dataclass(frozen=True, slots=True)
class Content:
    """What is submitted. For a text `sha256` and `text_sha256` are the same; `voice` is who speaks a clip."""

    kind: AssetKind
    language: str
    key: str
    sha256: str
    text: str
    text_sha256: str
    source: AssetSource
    origin: Origin
    voice: str = ""
    seconds: float = 0.0


def submit(db: Session, content: Content, *, author: str | None, now: datetime, province: str = "") -> Asset:
    """Keep a content as a draft that waits for its second person; the same content again is the same row.

    `author` is the account that made it; None: the command line, and then two people have to vouch for it. Drafts of
    the same key it takes the place of are retired. `now` is business time.
    """
    asset = _known(db, content)
    if asset is None:
        asset = Asset.model_validate({**_columns(content), "submitted_at": now})
    else:
        _reopen(db, asset)
    asset.submitted_at = now
    db.add(asset)
    db.flush()
    _note(db, asset, "submitted", author, now, province=province)
    if author is not None and asset.status is AssetStatus.DRAFT and _part(db, asset.id, Part.AUTHOR) is None:
        _vouch(db, asset, Part.AUTHOR, author, province, now)
    _retire_older(db, asset, (AssetStatus.DRAFT,), author, now)
    db.flush()
    return asset


def approve(
    db: Session, asset_id: str, *, staff: str, now: datetime, province: str = "", needs_province: bool
) -> Asset:
    """Take one person's word for it. The first, of an asset without an author, answers for it; the second approves.

    Raises NotOpen, SamePerson, and ProvinceNeeded where `needs_province` (a dialect) and none is named.
    """
    asset = _open(db, asset_id)
    if needs_province and not province.strip():
        raise ProvinceNeeded(asset_id)
    author = _part(db, asset.id, Part.AUTHOR)
    if author is None:
        _vouch(db, asset, Part.AUTHOR, staff, province, now)
        _note(db, asset, "vouched", staff, now, province=province)
        return asset
    if author.staff == staff:
        raise SamePerson(asset_id)
    _vouch(db, asset, Part.APPROVER, staff, province, now)
    asset.status = AssetStatus.APPROVED
    db.add(asset)
    _note(db, asset, "approved", staff, now, province=province)
    _retire_older(db, asset, (AssetStatus.DRAFT, AssetStatus.APPROVED), staff, now)
    return asset


def send_back(db: Session, asset_id: str, *, staff: str, note: str, now: datetime) -> Asset:
    """Say what is wrong with a draft; it is out until somebody submits it again. Raises NotOpen."""
    return _leave(db, _open(db, asset_id), AssetStatus.RETURNED, "returned", staff, note, now)


def withdraw(db: Session, asset_id: str, *, staff: str, note: str, now: datetime) -> Asset:
    """Take an approval back: from now on it reaches nobody. Raises NotOpen when it is not approved."""
    asset = db.get(Asset, asset_id)
    if asset is None or asset.status is not AssetStatus.APPROVED:
        raise NotOpen(asset_id)
    return _leave(db, asset, AssetStatus.DRAFT, "withdrawn", staff, note, now)


def retire(db: Session, asset_id: str, *, staff: str | None, note: str, now: datetime) -> Asset:
    """Put an asset aside for good by somebody's decision; the same content again needs two people anew.

    Raises NotOpen.
    """
    asset = db.get(Asset, asset_id)
    if asset is None or not may_move(asset.status, AssetStatus.RETIRED):
        raise NotOpen(asset_id)
    return _leave(db, asset, AssetStatus.RETIRED, "retired", staff, note, now)


def waiting(db: Session, language: str | None = None) -> Sequence[Asset]:
    """Every draft, of one language or all, the oldest first."""
    statement = select(Asset).where(col(Asset.status) == AssetStatus.DRAFT)
    if language is not None:
        statement = statement.where(col(Asset.language) == language)
    return db.exec(statement.order_by(col(Asset.submitted_at), col(Asset.key), col(Asset.id))).all()


def versions(db: Session, kind: AssetKind, language: str, key: str) -> Sequence[Asset]:
    """Every content this key ever had, the newest first."""
    mine = (col(Asset.kind) == kind, col(Asset.language) == language, col(Asset.key) == key)
    return db.exec(select(Asset).where(*mine).order_by(col(Asset.submitted_at).desc(), col(Asset.id))).all()


def history(db: Session, assets: Sequence[str]) -> Sequence[AssetEvent]:
    """What happened to these assets, the newest first."""
    return db.exec(
        select(AssetEvent).where(col(AssetEvent.asset).in_(assets)).order_by(col(AssetEvent.id).desc())
    ).all()


def vouchers(db: Session, asset_id: str) -> dict[Part, Approval]:
    """Who vouches for an asset, by part."""
    return {one.part: one for one in db.exec(select(Approval).where(col(Approval.asset) == asset_id)).all()}


def _known(db: Session, content: Content) -> Asset | None:
    columns = (Asset.kind, Asset.language, Asset.key, Asset.sha256)
    values = (content.kind, content.language, content.key, content.sha256)
    return db.exec(select(Asset).where(*(col(c) == v for c, v in zip(columns, values, strict=True)))).first()


def _columns(content: Content) -> dict[str, object]:
    return {name: getattr(content, name) for name in Content.__slots__}


def _reopen(db: Session, asset: Asset) -> None:
    """The same content again: what two people still vouch for is approved as it was, everything else a draft.

    They do for what a newer one took the place of. What somebody put aside or sent back has lost their word.
    """
    if asset.status in (AssetStatus.RETURNED, AssetStatus.RETIRED):
        is_vouched = len(vouchers(db, asset.id)) == len(Part)
        asset.status = AssetStatus.APPROVED if is_vouched else AssetStatus.DRAFT


def _open(db: Session, asset_id: str) -> Asset:
    asset = db.get(Asset, asset_id)
    if asset is None or asset.status is not AssetStatus.DRAFT:
        raise NotOpen(asset_id)
    return asset


def _leave(
    db: Session, asset: Asset, status: AssetStatus, verb: str, staff: str | None, note: str, now: datetime
) -> Asset:
    """Away from approval, and without the words of those who vouched: they vouched for what turned out wrong.

    Of what stays a draft the author stays. With an author left behind, whoever typed words again that were put aside
    could also approve them: one person where there have to be two.
    """
    for one in vouchers(db, asset.id).values():
        if status is not AssetStatus.DRAFT or one.part is Part.APPROVER:
            db.delete(one)
    asset.status = status
    db.add(asset)
    _note(db, asset, verb, staff, now, note=note)
    return asset


def _retire_older(
    db: Session, asset: Asset, statuses: tuple[AssetStatus, ...], staff: str | None, now: datetime
) -> None:
    """Put aside what `asset` takes the place of: the same key in the same voice. Approved texts stay approved."""
    if asset.kind is AssetKind.TEXT:
        statuses = (AssetStatus.DRAFT,)
    for older in versions(db, asset.kind, asset.language, asset.key):
        is_older = older.id != asset.id and older.voice == asset.voice and older.submitted_at <= asset.submitted_at
        if is_older and older.status in statuses and older.origin is not Origin.SHIPPED:
            older.status = AssetStatus.RETIRED
            db.add(older)
            _note(db, older, "retired", staff, now)


def _part(db: Session, asset_id: str, part: Part) -> Approval | None:
    return db.get(Approval, (asset_id, part))


def _vouch(db: Session, asset: Asset, part: Part, staff: str, province: str, now: datetime) -> None:
    db.add(Approval(asset=asset.id, part=part, staff=staff, province=province.strip(), at=now))
    db.flush()


def _note(
    db: Session, asset: Asset, verb: str, staff: str | None, now: datetime, *, province: str = "", note: str = ""
) -> None:
    db.add(AssetEvent(asset=asset.id, verb=verb, staff=staff, province=province.strip(), note=note[:500], at=now))
    db.flush()
