# SPDX-License-Identifier: Apache-2.0
"""A look at a file before it is imported: guesses, samples, and whether it came in before."""

from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncSession

from server.domain.errors import DomainError, ErrorCode
from server.domain.fields import FieldScope
from server.domain.imports import SEPARATORS, Preview, decode_head, preview_text
from server.domain.permissions import Viewer
from server.domain.processes import ProcessKind, ProcessState
from server.models import ContactItemType, MasterDataField, Process, StoredFile
from server.services.fields import visible_fields
from server.services.files import find_file
from server.services.imports.encodings import check_encoding, guess_encoding
from server.services.imports.files import read_head
from server.services.item_types import visible_item_types
from server.services.processes import visible_processes

_SHOWN_EARLIER = 5


@dataclass(frozen=True, kw_only=True)
class ImportPreview:
    """`already_imported`: processes that brought the very same bytes in, the latest first (D5)."""

    file: StoredFile
    preview: Preview
    already_imported: tuple[Process, ...]


async def preview_import(
    session: AsyncSession,
    viewer: Viewer,
    file_id: int,
    *,
    encoding: str | None = None,
    separator: str | None = None,
    has_header: bool | None = None,
) -> ImportPreview:
    """Nothing is changed. What is None is guessed.

    Raises NOT_FOUND (fileId), FILE_EMPTY, FILE_NOT_TEXT, TOO_MANY_COLUMNS, ENCODING_UNKNOWN
    (encoding) and INVALID (separator).
    """
    file = await find_file(session, viewer, file_id)
    preview = await look_at(
        session, viewer, file, encoding=encoding, separator=separator, has_header=has_header
    )
    earlier = await session.scalars(
        visible_processes(viewer)
        .join(StoredFile, StoredFile.id == Process.file_id)
        .where(
            StoredFile.sha256 == file.sha256,
            Process.kind == ProcessKind.IMPORT,
            Process.state != ProcessState.FAILED,
        )
        .order_by(Process.id.desc())
        .limit(_SHOWN_EARLIER)
    )
    return ImportPreview(file=file, preview=preview, already_imported=tuple(earlier))


async def look_at(
    session: AsyncSession,
    viewer: Viewer,
    file: StoredFile,
    *,
    encoding: str | None,
    separator: str | None,
    has_header: bool | None,
) -> Preview:
    """The file's head as the choices and guesses read it."""
    if separator is not None and separator not in SEPARATORS:
        raise DomainError(ErrorCode.INVALID, "separator", value=separator, expected=", ; : | tab")
    head = await read_head(session, file)
    guessed, is_guessed = guess_encoding(head.content, is_whole=head.is_whole)
    if encoding:
        guessed = check_encoding(encoding, head.content, is_whole=head.is_whole)
    types = await session.execute(
        visible_item_types(viewer).with_only_columns(ContactItemType.id, ContactItemType.name)
    )
    fields = await session.execute(
        visible_fields(viewer)
        .with_only_columns(MasterDataField.id, MasterDataField.name, MasterDataField.display_name)
        .where(MasterDataField.scope == FieldScope.CONTACT)
        .order_by(MasterDataField.position, MasterDataField.id)
    )
    named = list(fields)
    return preview_text(
        decode_head(head.content, guessed, is_whole=head.is_whole),
        encoding=guessed,
        is_guessed=is_guessed and not encoding,
        is_whole=head.is_whole,
        separator=separator,
        has_header=has_header,
        item_types={row.id: row.name for row in types},
        # What people read counts where it is no other field's name.
        own_fields=[
            *((row.id, row.display_name) for row in named),
            *((row.id, row.name) for row in named),
        ],
    )
