# SPDX-License-Identifier: Apache-2.0
"""Telephone exchanges: create, edit, delete, test. The secret is written, and never shown."""

from collections.abc import Callable
from dataclasses import dataclass, fields
from urllib.parse import urlsplit

from sqlalchemy import ColumnElement, FromClause, Select, false, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from server.domain.errors import DomainError, ErrorCode
from server.domain.permissions import Viewer
from server.domain.refusals import Refusals
from server.domain.telephony import (
    Exchange,
    is_agent_template,
    is_dial_template,
    is_exchange_url,
    is_plain_name,
    origin,
)
from server.domain.text import UNSET, Unset, clean, name_key
from server.models import Campaign, TelephonyExchange
from server.services.constraints import refusing
from server.services.events import record
from server.services.telephony.dialing import exchange_of
from server.services.versions import locked_row

LONGEST_NAME, LONGEST_URL, LONGEST_WORD = 100, 300, 100


@dataclass(frozen=True, kw_only=True)
class ExchangeInput:
    """`url` is that of the REST interface; `{number}` in the dial template is E.164."""

    name: str
    url: str
    username: str
    secret: str
    application: str = "rubrica"
    dial_template: str = "PJSIP/{number}@trunk"
    agent_template: str = "PJSIP/{endpoint}"
    answered_context: str = ""
    detects_machines: bool = False


@dataclass(frozen=True, kw_only=True)
class ExchangeEdit:
    """What stays UNSET is left as it is, the secret too; `version` is the one the editor saw."""

    name: str | Unset = UNSET
    url: str | Unset = UNSET
    username: str | Unset = UNSET
    secret: str | Unset = UNSET
    application: str | Unset = UNSET
    dial_template: str | Unset = UNSET
    agent_template: str | Unset = UNSET
    answered_context: str | Unset = UNSET
    detects_machines: bool | Unset = UNSET
    version: int | None = None


@dataclass(frozen=True, kw_only=True)
class DeletedExchange:
    id: int
    name: str


def visible_exchanges(viewer: Viewer) -> Select[TelephonyExchange]:
    """Everybody in the tenant who may see any."""
    return select(TelephonyExchange)


def campaign_count(exchanges: FromClause) -> ColumnElement[int]:
    """How many campaigns call by the exchange."""
    campaigns = Campaign.__table__.alias()
    return (
        select(func.count())
        .where(campaigns.c.exchange_id == exchanges.c.id)
        .correlate(exchanges)
        .scalar_subquery()
    )


def matching(text: str, viewer: Viewer) -> Callable[[FromClause], ColumnElement[bool]]:
    """Part of the name or of the address, in any case; blank finds all."""
    try:
        key = name_key(clean(text, "search"))
    except DomainError:
        return lambda exchanges: false()
    return lambda exchanges: or_(
        exchanges.c.name_key.contains(key, autoescape=True),
        func.lower(exchanges.c.url).contains(key, autoescape=True),
    )


async def create_exchange(
    session: AsyncSession, viewer: Viewer, given: ExchangeInput
) -> TelephonyExchange:
    row = TelephonyExchange()
    _fill(row, ExchangeEdit(**{field.name: getattr(given, field.name) for field in fields(given)}))
    async with refusing(session, _name_taken(row.name)):
        session.add(row)
    record(session, viewer, "exchange.created", row.id, name=row.name, url=row.url)
    await session.refresh(row)
    return row


async def edit_exchange(
    session: AsyncSession, viewer: Viewer, exchange_id: int, edit: ExchangeEdit
) -> TelephonyExchange:
    """Calls that are up stay as they were made; the next ones go by what stands here.

    Another address asks for the secret again: who may edit must not learn it by sending it to a
    server of their own.
    """
    row = await _locked(session, viewer, exchange_id, edit.version)
    shown = [field.name for field in fields(edit) if field.name not in ("secret", "version")]
    before = {name: getattr(row, name) for name in shown} | {"secret": row.secret}
    async with refusing(session, _name_taken(edit.name)):
        _fill(row, edit)
        row.version += 1
    changed = {name: getattr(row, name) for name in shown if getattr(row, name) != before[name]}
    if row.secret != before["secret"]:
        changed["secret"] = True
    record(session, viewer, "exchange.edited", row.id, changed=changed)
    return row


async def delete_exchange(
    session: AsyncSession, viewer: Viewer, exchange_id: int, version: int | None = None
) -> DeletedExchange:
    """Refused while a campaign calls by it, which the refusal names (IN_USE)."""
    row = await _locked(session, viewer, exchange_id, version)
    used_by = await session.scalar(
        select(Campaign.name).where(Campaign.exchange_id == row.id).order_by(Campaign.id).limit(1)
    )
    if used_by is not None:
        raise DomainError(ErrorCode.IN_USE, "id", used_by=used_by)
    record(session, viewer, "exchange.deleted", row.id, name=row.name)
    # Somebody may choose it for a campaign at this moment.
    constraint = "fk_campaigns_exchange_id_telephony_exchanges"
    async with refusing(session, {constraint: DomainError(ErrorCode.IN_USE, "id")}):
        await session.delete(row)
    return DeletedExchange(id=exchange_id, name=row.name)


async def exchange_to_test(session: AsyncSession, viewer: Viewer, exchange_id: int) -> Exchange:
    """With its secret, for whoever tests the connection; it stands in the audit."""
    row = await session.scalar(visible_exchanges(viewer).where(TelephonyExchange.id == exchange_id))
    if row is None:
        raise DomainError(ErrorCode.NOT_FOUND, "id")
    record(session, viewer, "exchange.tested", row.id, name=row.name)
    return exchange_of(row)


async def _locked(
    session: AsyncSession, viewer: Viewer, exchange_id: int, version: int | None
) -> TelephonyExchange:
    found = visible_exchanges(viewer).where(TelephonyExchange.id == exchange_id).with_for_update()
    return await locked_row(session, found, version)


def _fill(row: TelephonyExchange, edit: ExchangeEdit) -> None:
    refusals, values = Refusals(), {}
    for name, path, longest, needed, fits, expected in _TEXTS:
        given = getattr(edit, name)
        if isinstance(given, Unset):
            continue
        text = refusals.text(given, path, longest=longest, required=needed)
        if name == "url":
            text = _with_path(text)
        if text and not fits(text):
            shown = {} if name == "secret" else {"value": text}
            refusals.add(ErrorCode.INVALID, path, **shown, expected=expected)
        values[name] = text
    moves = row.url and "url" in values and not refusals.errors and _moves(row.url, values["url"])
    if moves and "secret" not in values:
        refusals.add(ErrorCode.REQUIRED, "secret")
    refusals.check()
    # Only now: a refused edit must leave the row in the session as it was.
    for name, text in values.items():
        setattr(row, name, text)
    if "name" in values:
        row.name_key = name_key(values["name"])
    if not isinstance(edit.detects_machines, Unset):
        row.detects_machines = edit.detects_machines


def _with_path(url: str) -> str:
    """Asterisk's REST interface lies below /ari where nothing else is said."""
    url = url.rstrip("/")
    return f"{url}/ari" if is_exchange_url(url) and not urlsplit(url).path else url


def _moves(old: str, new: str) -> bool:
    return origin(old) != origin(new)


def _any(text: str) -> bool:
    return text.isprintable()


def _no_colon(text: str) -> bool:
    return text.isprintable() and ":" not in text  # it parts user and secret in a request


# Column, path in the API, longest, whether it must stand, what it must be, and such a one.
_TEXTS: tuple[tuple[str, str, int, bool, Callable[[str], bool], str], ...] = (
    ("name", "name", LONGEST_NAME, True, _any, ""),
    ("url", "url", LONGEST_URL, True, is_exchange_url, "http://pbx.example:8088/ari"),
    ("username", "username", LONGEST_WORD, True, _no_colon, "rubrica"),
    ("secret", "secret", LONGEST_WORD, True, _any, "…"),
    ("application", "application", 40, True, is_plain_name, "rubrica"),
    ("dial_template", "dialTemplate", 200, True, is_dial_template, "PJSIP/{number}@trunk"),
    ("agent_template", "agentTemplate", 200, True, is_agent_template, "PJSIP/{endpoint}"),
    ("answered_context", "answeredContext", 64, False, is_plain_name, "answered"),
)


def _name_taken(name: str | Unset) -> dict[str, DomainError]:
    refusal = DomainError(ErrorCode.TAKEN, "name", value=name)
    return {"uq_telephony_exchanges_tenant_id_name_key": refusal}
