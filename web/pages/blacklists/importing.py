# SPDX-License-Identifier: Apache-2.0
"""Many numbers onto the blacklist: pasted, or from a file; what failed is shown row by row."""

from starlette.datastructures import FormData, UploadFile
from starlette.requests import Request
from starlette.responses import Response

from server.domain.errors import DomainError
from server.domain.imports.alphabets import likely_encoding
from server.domain.imports.encodings import decode_head, sure_encoding
from server.domain.permissions import Permission
from server.i18n import refusal_message
from web.pages.blacklists.listing import scopes_of
from web.site import Data, Errors, change, locale_of, page, viewer_who_may

NEW: Data = {
    "text": "",
    "name": "",
    "note": "",
    "campaignId": "",
    "listId": "",
    "isEverywhere": False,
}


async def new(request: Request) -> Response:
    viewer_who_may(request, Permission.BLACKLISTS_CREATE)
    return await _form(request, NEW, [])


async def start(request: Request) -> Response:
    """What was taken and what failed, on a page of its own; the failed rows can be sent again."""
    viewer_who_may(request, Permission.BLACKLISTS_CREATE)
    async with request.form(max_files=1, max_fields=20) as form:
        given = _given(form)
        try:
            text = await _from_file(form) or given["text"]
        except DomainError as refusal:
            message = refusal_message(locale_of(request), refusal)
            return await _form(request, given, [{"field": "file", "message": message}])
    sent = {key: value for key, value in given.items() if value != ""} | {"text": text}
    payload, errors = await change(request, "blacklists/import", input=sent)
    if errors:
        return await _form(request, given, errors)
    return page(request, "blacklists/imported.html", done=payload, given=given)


async def _from_file(form: FormData) -> str:
    """The text of the file; "" without one. Raises FILE_NOT_TEXT, FILE_EMPTY."""
    file = form.get("file")
    if not isinstance(file, UploadFile) or not file.filename:
        return ""
    content = await file.read()
    encoding = sure_encoding(content, is_whole=True) or likely_encoding(content, is_whole=True)
    return decode_head(content, encoding or "cp1252", is_whole=True)


def _given(form: FormData) -> Data:
    names = ("text", "name", "note", "campaignId", "listId")
    return {name: str(form.get(name, "")) for name in names} | {
        "isEverywhere": "isEverywhere" in form
    }


async def _form(request: Request, given: Data, errors: Errors) -> Response:
    campaigns, lists = await scopes_of(request)
    return page(
        request,
        "blacklists/import.html",
        status=422 if errors else 200,
        given=given,
        campaigns=campaigns,
        lists=lists,
        errors=errors,
    )
