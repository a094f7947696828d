# SPDX-License-Identifier: Apache-2.0
"""Processes and imports: inputs onto services, and stored JSON as the API shows it (C-10, X-21)."""

from collections.abc import AsyncGenerator
from datetime import datetime
from typing import Any

import orjson
from strawberry import ID

from server.context import Context
from server.domain.errors import DomainError, ErrorCode
from server.domain.processes import ProcessKind, ProcessState
from server.i18n import label, refusal_text
from server.models import Process
from server.planner import global_id, key_of, reference
from server.resolvers.import_mapping import Mapped, at_their_columns
from server.resolvers.inputs import NO_ROW, Given, take_key
from server.services import imports, processes

NAME = "Process"
PACE = (Process.state, Process.done, Process.started_at, Process.heartbeat_at)
EXAMPLES = 3
MEANT = ("field", "fieldLabel", "itemTypeId", "masterDataFieldId")


def kind_label(locale: str, kind: str) -> str:
    return label(locale, ProcessKind(kind))


def state_label(locale: str, state: str) -> str:
    return label(locale, ProcessState(state))


def text_or_none(text: str) -> str | None:
    return text or None


def rejection_message(locale: str, code: str, params: str) -> str:
    """JSON columns come as text on the read path."""
    return refusal_text(locale, ErrorCode(code), orjson.loads(params))


def error(
    locale: str, code: str | None, field: str | None, params: str
) -> dict[str, object] | None:
    if code is None:
        return None
    return {"code": code, "field": field, "message": rejection_message(locale, code, params)}


def repeated(_: str, checkpoint: str) -> int:
    return int(orjson.loads(checkpoint).get("work", {}).get("repeated", 0))


def repeated_lines(_: str, checkpoint: str) -> list[int]:
    return list(orjson.loads(checkpoint).get("work", {}).get("repeated_lines", []))


def percent(_: str, done: int, total: int | None) -> float | None:
    return None if total is None else 100.0 if not total else round(100 * done / total, 1)


def rate(
    _: str, state: str, done: int, started_at: datetime | None, heartbeat_at: datetime | None
) -> float | None:
    """Between the start and the last chunk, so that it does not fall while one is at work."""
    if not done or started_at is None or heartbeat_at is None or heartbeat_at <= started_at:
        return None
    return round(done / (heartbeat_at - started_at).total_seconds(), 1)


def seconds_left(
    locale: str,
    total: int | None,
    state: str,
    done: int,
    started_at: datetime | None,
    heartbeat_at: datetime | None,
) -> float | None:
    pace = rate(locale, state, done, started_at, heartbeat_at)
    if state != ProcessState.RUNNING or total is None or not pace:
        return None
    return round((total - done) / pace, 1)


def file_path(_: str, key: int, file_id: int | None) -> str | None:
    return None if file_id is None else f"/imports/{global_id('process', key)}/file"


def rejections_path(_: str, key: int, failed: int) -> str | None:
    return f"/imports/{global_id('process', key)}/rejections.csv" if failed else None


def import_details(locale: str, kind: str, options: str) -> dict[str, object] | None:
    if kind != ProcessKind.IMPORT:
        return None
    stored = imports.ImportOptions.from_json(orjson.loads(options))
    mapping, nothing = stored.mapping, dict.fromkeys(MEANT)
    columns: list[dict[str, object]] = [
        nothing | {"column": name, "field": field, "fieldLabel": label(locale, field)}
        for field, name in mapping.fields.items()
    ]
    columns += [
        nothing | {"column": name, "itemTypeId": global_id("type", key)}
        for key, name in mapping.item_types.items()
    ]
    columns += [
        nothing | {"column": name, "masterDataFieldId": global_id("field", key)}
        for key, name in mapping.own_fields.items()
    ]
    places = {name: place for place, name in enumerate(stored.columns)}
    return {
        "encoding": stored.encoding,
        "separator": stored.separator,
        "hasHeader": stored.has_header,
        "checkDuplicates": stored.check_duplicates,
        "columns": list(stored.columns),
        "mapping": sorted(columns, key=lambda one: places.get(str(one["column"]), 0)),
    }


async def preview(
    context: Context,
    file_id: ID,
    encoding: str | None = None,
    separator: str | None = None,
    has_header: bool | None = None,
) -> dict[str, Any]:
    async with context.writing() as session:
        found = await imports.preview_import(
            session,
            context.require(None),
            key_of(file_id, "StoredFile") or NO_ROW,
            encoding=encoding,
            separator=separator,
            has_header=has_header,
        )
    seen = found.preview
    fields = {name: field for field, name in seen.mapping.fields.items()}
    types = {name: global_id("type", key) for key, name in seen.mapping.item_types.items()}
    own = {name: global_id("field", key) for key, name in seen.mapping.own_fields.items()}
    columns = [
        {
            "name": name,
            "examples": _examples(seen.rows, place),
            "field": fields.get(name),
            "itemTypeId": types.get(name),
            "masterDataFieldId": own.get(name),
        }
        for place, name in enumerate(seen.columns)
    ]
    return {
        "preview": {
            "file": reference("StoredFile", found.file.id),
            "encoding": seen.encoding,
            "separator": seen.separator,
            "hasHeader": seen.has_header,
            "columns": columns,
            "rows": seen.rows,
            "warnings": [
                {"code": code, "message": label(context.locale, code)} for code in seen.warnings
            ],
            "alreadyImported": [reference(NAME, one.id) for one in found.already_imported],
        }
    }


def _examples(rows: tuple[tuple[str, ...], ...], place: int) -> list[str]:
    """The column's first values that differ and are not blank."""
    values = (row[place].strip() for row in rows if place < len(row))
    return list(dict.fromkeys(filter(None, values)))[:EXAMPLES]


async def start(context: Context, given: Given) -> dict[str, Any]:
    columns = given.pop("mapping", None)
    mapped = None if columns is None else Mapped.of(columns)
    file_id = key_of(given.pop("file_id"), "StoredFile") or NO_ROW
    list_id, list_name = given.pop("list_id", None), given.pop("new_list_name", None)
    if list_id is not None and list_name is not None:
        raise DomainError(ErrorCode.INVALID, "newListName")
    asked = imports.ImportInput(
        file_id=file_id,
        list_id=None if list_id is None else key_of(list_id, "ContactList") or NO_ROW,
        list_name=list_name,
        mapping=None if mapped is None else mapped.mapping,
        **given,
    )
    with at_their_columns(mapped):
        async with context.writing() as session:
            process = await imports.start_import(session, context.require(None), asked)
    return {"process": reference(NAME, process.id)}


async def cancel(context: Context, given: Given) -> dict[str, Any]:
    key = take_key(given, "id", NAME)
    async with context.writing() as session:
        await processes.cancel_process(session, context.require(None), key)
    return {"process": reference(NAME, key)}


async def changed(context: Context, id: ID) -> AsyncGenerator[Any]:
    key = key_of(id, NAME) or NO_ROW
    watched = processes.watch_process(context.database, context.require(None), key)
    async for process in watched:
        yield None if process is None else reference(NAME, key)
