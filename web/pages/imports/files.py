# SPDX-License-Identifier: Apache-2.0
"""`POST /files` for scripts and programs, and what a process offers to download (C-14, C-53)."""

from collections.abc import Mapping

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from server.domain.errors import DomainError, ErrorCode
from server.domain.permissions import Permission
from server.downloads import open_file, open_rejections
from server.i18n import N_, refusal_message, refusal_text, translate
from web.site import PageError, ask, context_of, locale_of, viewer_of, viewer_who_may
from web.uploads import attachment, form_of, key_of, store_body, store_chosen

HEADINGS = (N_("Line"), N_("Column"), N_("Reason"))
STATUS = {
    ErrorCode.UNAUTHENTICATED: 401,
    ErrorCode.FORBIDDEN: 403,
    ErrorCode.FILE_TOO_LARGE: 413,
}


async def create(request: Request) -> Response:
    """Store the body (named by `?name=`) or the form's `file`: 201 with id, name and size."""
    try:
        context_of(request).require(Permission.PROCESSES_CREATE)
        if request.headers.get("content-type", "").startswith("multipart/form-data"):
            async with form_of(request) as form:
                stored = await store_chosen(request, form)
        else:
            stored = await store_body(request)
    except DomainError as refusal:
        message = refusal_message(locale_of(request), refusal)
        error = {"code": refusal.code, "field": refusal.field, "message": message}
        return JSONResponse({"errors": [error]}, STATUS.get(refusal.code, 400))
    found = {"id": f"file_{stored.id}", "name": stored.name, "size": stored.size}
    return JSONResponse(found, 201)


async def download(request: Request) -> Response:
    """The file of a process, the same bytes as processed (C-14)."""
    data = await ask(request, "imports/file", id=request.path_params["id"])
    if data["process"] is None or data["process"]["file"] is None:
        raise PageError(404)
    key = key_of(data["process"]["file"]["id"], "file")
    return attachment(await open_file(context_of(request).database, viewer_of(request), key))


async def rejections(request: Request) -> Response:
    """The refused rows with line, column and reason, as a CSV to mend and import again (C-53)."""
    viewer = viewer_who_may(request, Permission.PROCESSES_VIEW)
    locale = viewer.locale

    def message(code: ErrorCode, params: Mapping[str, object]) -> str:
        return refusal_text(locale, code, params)

    line, column, reason = (translate(locale, heading) for heading in HEADINGS)
    try:
        found = await open_rejections(
            context_of(request).database,
            viewer,
            key_of(request.path_params["id"], "process"),
            message,
            (line, column, reason),
        )
    except DomainError:
        raise PageError(404) from None
    return attachment(found)
