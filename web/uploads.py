# SPDX-License-Identifier: Apache-2.0
"""Files between browsers and the storage: received as a body or a form, handed out as downloads."""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from urllib.parse import quote

from starlette.datastructures import FormData, UploadFile
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import StreamingResponse

from server.domain.errors import DomainError, ErrorCode
from server.domain.permissions import Permission
from server.downloads import Download
from server.uploads import StoredUpload, store_upload
from web.site import PageError, context_of

PIECE = 1024 * 1024
AROUND = 64 * 1024  # bytes that a form may have besides its file
MIB = 1024 * 1024


def limit_of(request: Request) -> int:
    """The largest file in bytes (X-24)."""
    return context_of(request).settings.max_upload_bytes


def in_words(limit: int) -> str:
    """As the refusal of a file says it."""
    return f"{limit / MIB:g} MB"


def refuse_too_large(request: Request) -> None:
    """Raises FILE_TOO_LARGE by what the request says of its length, before it is read."""
    declared, limit = request.headers.get("content-length", ""), limit_of(request)
    if declared.isdigit() and int(declared) > limit + AROUND:
        raise DomainError(ErrorCode.FILE_TOO_LARGE, "file", max=in_words(limit))


@asynccontextmanager
async def form_of(request: Request) -> AsyncIterator[FormData]:
    """The fields of a form with a file, which is there as long as this lasts.

    Raises FILE_TOO_LARGE, and REQUIRED for what is no such form.
    """
    refuse_too_large(request)
    try:
        form = await request.form(max_files=1, max_fields=20, max_part_size=AROUND)
    except (HTTPException, ClientDisconnect, KeyError):
        raise DomainError(ErrorCode.REQUIRED, "file") from None
    try:
        yield form
    finally:
        await form.close()


async def store_chosen(request: Request, form: FormData) -> StoredUpload:
    """Store the form's `file`. Raises FORBIDDEN, REQUIRED and FILE_TOO_LARGE."""
    file = form.get("file")
    if not isinstance(file, UploadFile) or not file.filename:
        raise DomainError(ErrorCode.REQUIRED, "file")

    async def pieces() -> AsyncIterator[bytes]:
        while piece := await file.read(PIECE):
            yield piece

    return await _store(request, file.filename, pieces(), file.content_type)


async def store_body(request: Request) -> StoredUpload:
    """Store the request's body under `?name=`; nothing waits for the whole of it in memory."""
    refuse_too_large(request)
    name = request.query_params.get("name", "")
    content_type = request.headers.get("content-type")
    try:
        return await _store(request, name, request.stream(), content_type)
    except ClientDisconnect:
        raise DomainError(ErrorCode.REQUIRED, "file") from None


async def _store(
    request: Request, name: str, pieces: AsyncIterator[bytes], content_type: str | None
) -> StoredUpload:
    context = context_of(request)
    return await store_upload(
        context.database,
        context.require(Permission.PROCESSES_CREATE),
        name,
        pieces,
        content_type=content_type or "text/csv",
        limit=limit_of(request),
    )


async def drain(request: Request) -> None:
    """Read the rest of a refused body: a browser that is still sending would not see the page."""
    try:
        async for _ in request.stream():
            pass
    except (ClientDisconnect, HTTPException, RuntimeError):
        return


def attachment(download: Download) -> StreamingResponse:
    """To be saved, never shown: whatever the file holds, it runs nowhere."""
    plain = re.sub(r"[^A-Za-z0-9._ -]", "_", download.name)
    headers = {
        "Content-Disposition": f"attachment; filename=\"{plain}\"; filename*=UTF-8''"
        + quote(download.name, safe="")
    }
    if download.size is not None:
        headers["Content-Length"] = str(download.size)
    return StreamingResponse(
        download.content, media_type="application/octet-stream", headers=headers
    )


def key_of(value: str, prefix: str) -> int:
    """The key in a global id of an address; what is no such id is not found."""
    found = re.fullmatch(rf"{prefix}_([1-9][0-9]{{0,17}})", value, re.ASCII)
    if found is None:
        raise PageError(404)
    return int(found[1])
