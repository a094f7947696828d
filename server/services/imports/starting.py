# SPDX-License-Identifier: Apache-2.0
"""Starts an import: everything that can be refused is refused here, before the first row."""

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from server.domain.errors import DomainError, ErrorCode, RefusalsError
from server.domain.fields import FieldScope
from server.domain.imports import ColumnMapping, Preview, find_columns
from server.domain.permissions import Permission, Viewer
from server.domain.processes import OPEN_STATES, ProcessKind
from server.domain.text import clean
from server.models import (
    ContactItemType,
    ContactList,
    MasterDataField,
    Process,
    StoredFile,
)
from server.services.events import record
from server.services.fields import visible_fields
from server.services.files import find_file
from server.services.imports.options import ImportInput, ImportOptions, import_key
from server.services.imports.previews import look_at
from server.services.item_types import visible_item_types
from server.services.lists import ListInput, create_list, visible_lists
from server.services.processes import add_process, visible_processes


async def start_import(session: AsyncSession, viewer: Viewer, given: ImportInput) -> Process:
    """A pending process that a worker takes up at once (X-21).

    Raises what `preview_import` raises, and: FORBIDDEN without `contacts.create` (and
    `lists.create` for a new list); NOT_FOUND (listId, mapping.itemTypes.0.itemTypeId,
    mapping.ownFields.0.fieldId; a field of records is none here, as a list may have campaigns at
    will); REQUIRED and TAKEN (listName); REQUIRED (mapping.firstName) and COLUMN_MISSING
    (mapping.phone, …) for the mapping (X-22); FILE_EMPTY where there is a header only; CONFLICT
    with `process` while the same file goes into the same list by the same mapping (D5).
    """
    _require(viewer, Permission.CONTACTS_CREATE)
    file = await find_file(session, viewer, given.file_id)
    preview = await look_at(
        session,
        viewer,
        file,
        encoding=given.encoding,
        separator=given.separator,
        has_header=given.has_header,
    )
    if not preview.rows and preview.is_whole:
        raise DomainError(ErrorCode.FILE_EMPTY, "fileId")
    options = ImportOptions(
        encoding=preview.encoding,
        separator=preview.separator,
        has_header=preview.has_header,
        mapping=await _mapping(session, viewer, given, preview),
        columns=preview.columns,
        check_duplicates=given.check_duplicates,
    )
    comment = clean(given.comment, "comment", longest=500)
    contact_list = await _list(session, viewer, given)
    return await _start(session, viewer, file, contact_list, options, comment)


async def _mapping(
    session: AsyncSession, viewer: Viewer, given: ImportInput, preview: Preview
) -> ColumnMapping:
    mapping = preview.mapping if given.mapping is None else given.mapping.to_mapping()
    errors: list[DomainError] = []
    try:
        find_columns(mapping, preview.columns, has_header=preview.has_header)
    except RefusalsError as refusals:
        errors.extend(refusals.errors)
    known = await session.scalars(
        visible_item_types(viewer)
        .with_only_columns(ContactItemType.id)
        .where(ContactItemType.id.in_(mapping.item_types))
    )
    found = set(known)
    errors.extend(
        DomainError(ErrorCode.NOT_FOUND, f"mapping.itemTypes.{index}.itemTypeId")
        for index, key in enumerate(mapping.item_types)
        if key not in found
    )
    own = await session.scalars(
        visible_fields(viewer)
        .with_only_columns(MasterDataField.id)
        .where(
            MasterDataField.id.in_(mapping.own_fields),
            MasterDataField.scope == FieldScope.CONTACT,
        )
    )
    there = set(own)
    errors.extend(
        DomainError(ErrorCode.NOT_FOUND, f"mapping.ownFields.{index}.fieldId")
        for index, key in enumerate(mapping.own_fields)
        if key not in there
    )
    if errors:
        raise RefusalsError(errors)
    return mapping


async def _list(session: AsyncSession, viewer: Viewer, given: ImportInput) -> ContactList:
    if given.list_id is not None:
        found = await session.scalar(visible_lists(viewer).where(ContactList.id == given.list_id))
        if found is None:
            raise DomainError(ErrorCode.NOT_FOUND, "listId")
        return found
    _require(viewer, Permission.LISTS_CREATE)
    try:
        return await create_list(session, viewer, ListInput(name=given.list_name or ""))
    except RefusalsError as refusals:
        raise RefusalsError(
            [DomainError(error.code, "listName", **error.params) for error in refusals.errors]
        ) from None
    except DomainError as refusal:
        raise DomainError(refusal.code, "listName", **refusal.params) from None


async def _start(
    session: AsyncSession,
    viewer: Viewer,
    file: StoredFile,
    contact_list: ContactList,
    options: ImportOptions,
    comment: str,
) -> Process:
    key = import_key(file.sha256, contact_list.id, options)
    # Two people may press the same button: the second waits here and then finds the first's.
    await session.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(key, 0))))
    running = await session.scalar(
        visible_processes(viewer)
        .with_only_columns(Process.id)
        .where(Process.state.in_(OPEN_STATES), Process.options["key"].astext == key)
    )
    if running is not None:
        raise DomainError(ErrorCode.CONFLICT, "fileId", process=running)
    process = await add_process(
        session,
        Process(
            kind=ProcessKind.IMPORT,
            user_id=viewer.user_id,
            list_id=contact_list.id,
            file_id=file.id,
            options=options.to_json() | {"key": key},
            comment=comment,
        ),
    )
    record(session, viewer, "process.started", process.id, kind=ProcessKind.IMPORT, file=file.name)
    return process


def _require(viewer: Viewer, permission: Permission) -> None:
    if not viewer.may(permission):
        raise DomainError(ErrorCode.FORBIDDEN, permission=permission.value)
