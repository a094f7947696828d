# SPDX-License-Identifier: Apache-2.0
"""Many numbers or addresses at once, pasted or from a CSV; rows that fail are told one by one."""

import io
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import asyncpg
from sqlalchemy.ext.asyncio import AsyncSession

from server.domain.blacklists import Media
from server.domain.errors import DomainError, ErrorCode
from server.domain.imports.cells import is_rounded
from server.domain.imports.records import Record, read_records
from server.domain.permissions import Viewer
from server.domain.refusals import Refusals
from server.domain.text import name_key
from server.services.blacklists.inputs import check_scope, check_texts, read_uri
from server.services.dialer import connection_of
from server.services.events import record
from server.services.numbers import normalized

MOST_ROWS = 50_000
MOST_CHARACTERS = 5_000_000
MOST_TOLD = 1_000  # failed rows that the answer names; all are counted
_SHOWN = 100  # characters of a failed row
_SEPARATORS = ("\t", ";", ",")
_USUAL = {"uri": 0, "name": 1, "note": 2}  # the columns where no header says others

# What a header may call its columns, folded.
_COLUMNS = {
    "number": "uri",
    "phone": "uri",
    "telephone": "uri",
    "numero": "uri",
    "telefono": "uri",
    "email": "uri",
    "e-mail": "uri",
    "uri": "uri",
    "name": "name",
    "nome": "name",
    "note": "note",
    "notes": "note",
    "reason": "note",
}
_ADD = """
INSERT INTO blacklist_entries (media, number, email, name, name_key, note, campaign_id, list_id,
  is_everywhere, created_by_id)
SELECT media, number, email, name, name_key, note, $7, $8, $9, $10
FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[])
  AS u(media, number, email, name, name_key, note)
ON CONFLICT DO NOTHING RETURNING coalesce(number, email)
"""


@dataclass(frozen=True, kw_only=True)
class ImportInput:
    """A number or address a line, or a table with or without a header: uri, name, note."""

    text: str
    name: str = ""  # of the rows that have none
    note: str = ""
    campaign_id: int | None = None
    list_id: int | None = None
    is_everywhere: bool = False


@dataclass(frozen=True, kw_only=True)
class FailedRow:
    """A row that was not taken: its line in the text, from 1, and why."""

    line: int
    value: str
    refusal: DomainError


@dataclass(kw_only=True)
class Imported:
    """`failed` counts all, `failures` are the first thousand."""

    added: int = 0
    failed: int = 0
    failures: list[FailedRow] = field(default_factory=list)

    def refuse(self, line: int, value: str, refusal: DomainError) -> None:
        self.failed += 1
        if len(self.failures) < MOST_TOLD:
            shown = value[:_SHOWN].encode("utf-8", "replace").decode()
            self.failures.append(FailedRow(line=line, value=shown, refusal=refusal))


@dataclass(frozen=True, kw_only=True)
class _Row:
    line: int
    media: Media
    uri: str
    name: str
    note: str


async def import_entries(session: AsyncSession, viewer: Viewer, given: ImportInput) -> Imported:
    """Every row that can be taken is; one that stands there already is told as TAKEN.

    Raises REQUIRED, TOO_LONG and OUT_OF_RANGE for the text as a whole.
    """
    refusals = Refusals()
    name, note = check_texts(given.name, given.note, refusals)
    await check_scope(session, viewer, given.campaign_id, given.list_id, refusals)
    if not given.text.strip():
        refusals.add(ErrorCode.REQUIRED, "text")
    elif len(given.text) > MOST_CHARACTERS:
        refusals.add(ErrorCode.TOO_LONG, "text", max=MOST_CHARACTERS)
    refusals.check()
    done = Imported()
    rows = _read(given.text, viewer.region, name, note, done)
    await _add(await connection_of(session), viewer, given, rows, done)
    record(
        session,
        viewer,
        "blacklist.imported",
        None,
        name=name,
        count=done.added,
        failed=done.failed,
        campaign=given.campaign_id,
        list=given.list_id,
        everywhere=given.is_everywhere,
    )
    await session.flush()
    return done


def _read(text: str, region: str, name: str, note: str, done: Imported) -> dict[str, _Row]:
    """By number or address; the first of two that are the same counts."""
    records = read_records(io.StringIO(text, newline=""), _separator(text))
    order, rows, count = _USUAL, dict[str, _Row](), 0
    for place, found in enumerate(records):
        if place == 0 and (named := _header(found)) is not None:
            order = named
            continue
        for one in _apart(found, region) if order is _USUAL else (found,):
            count += 1
            if count > MOST_ROWS:
                raise DomainError(ErrorCode.OUT_OF_RANGE, "text", max=MOST_ROWS)
            value = _cell(one, order.get("uri"))
            try:
                row = _row(one, value, order, region, (name, note))
                if row.uri in rows:
                    raise DomainError(ErrorCode.TAKEN, "text", listed=row.uri)
            except DomainError as refusal:
                done.refuse(one.line, value, refusal)
            else:
                rows[row.uri] = row
    return rows


def _separator(text: str) -> str:
    """That most of the first lines hold most often; blanks stand inside of numbers."""
    lines = [line for line in text[:65_536].splitlines() if line.strip()][:50]
    counts = {sign: sum(line.count(sign) for line in lines) for sign in _SEPARATORS}
    return max(_SEPARATORS, key=lambda sign: counts[sign])


def _apart(found: Record, region: str) -> Sequence[Record]:
    """A line of nothing but numbers and addresses holds so many entries, not names and notes."""
    cells = [cell.strip() for cell in found.cells if cell.strip()]
    if len(cells) < 2 or not all("@" in cell or normalized(cell, region) for cell in cells):
        return (found,)
    return [replace(found, cells=[cell]) for cell in cells]


def _header(found: Record) -> dict[str, int] | None:
    """The columns by their names, where the first row says them."""
    columns: dict[str, int] = {}
    for place, cell in enumerate(found.cells):
        meant = _COLUMNS.get(" ".join(cell.casefold().split()))
        if meant is not None:
            columns.setdefault(meant, place)
    return columns if "uri" in columns else None


def _row(
    found: Record, value: str, order: dict[str, int], region: str, usual: tuple[str, str]
) -> _Row:
    if found.fault is not None:
        raise DomainError(found.fault, "text")
    if is_rounded(value) and not normalized(value, region):
        raise DomainError(ErrorCode.NUMBER_ROUNDED, "text", number=value[:_SHOWN])
    media = Media.EMAIL if "@" in value else Media.PHONE
    uri = read_uri(value, media, region, "text")
    refusals = Refusals()
    texts = check_texts(_cell(found, order.get("name")), _cell(found, order.get("note")), refusals)
    if refusals.errors:
        raise refusals.errors[0]
    name, note = (own or common for own, common in zip(texts, usual, strict=True))
    return _Row(line=found.line, media=media, uri=uri, name=name, note=note)


def _cell(found: Record, place: int | None) -> str:
    return found.cells[place].strip() if place is not None and place < len(found.cells) else ""


async def _add(
    connection: asyncpg.Connection,
    viewer: Viewer,
    given: ImportInput,
    rows: dict[str, _Row],
    done: Imported,
) -> None:
    # In one order everywhere: two who bring the same new numbers never wait crosswise.
    placed = [rows[uri] for uri in sorted(rows)]
    added = await connection.fetch(
        _ADD,
        *map(list, zip(*map(_columns, placed), strict=True)) if placed else [[]] * 6,
        given.campaign_id,
        given.list_id,
        given.is_everywhere,
        viewer.user_id,
    )
    new = {row[0] for row in added}
    done.added = len(new)
    for row in sorted((row for row in placed if row.uri not in new), key=lambda row: row.line):
        done.refuse(row.line, row.uri, DomainError(ErrorCode.TAKEN, "text", listed=row.uri))
    done.failures.sort(key=lambda one: one.line)


def _columns(row: _Row) -> Sequence[str | None]:
    is_phone = row.media is Media.PHONE
    return (
        row.media.value,
        row.uri if is_phone else None,
        None if is_phone else row.uri,
        row.name,
        name_key(row.name),
        row.note,
    )
