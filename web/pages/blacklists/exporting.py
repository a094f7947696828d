# SPDX-License-Identifier: Apache-2.0
"""The list as it is shown, as a CSV that a spreadsheet opens safely (D7)."""

from collections.abc import AsyncIterator

from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from server.domain.imports.rejections import csv_bytes
from server.domain.permissions import Permission
from server.i18n import N_, translate
from web.formats import instant
from web.pages.blacklists.listing import SORTS, filter_of, may_see
from web.site import Data, ask, locale_of, sorting, viewer_who_may

AT_ONCE = 200
HEADINGS = (
    N_("Number or address"),
    N_("Name"),
    N_("Note"),
    N_("Kind"),
    N_("Person"),
    N_("Campaign"),
    N_("List"),
    N_("Every call"),
    N_("Opt-out"),
    N_("Added"),
)


async def export(request: Request) -> Response:
    viewer_who_may(request, Permission.BLACKLISTS_VIEW)
    first = await _page(request, None)
    return StreamingResponse(
        _pieces(request, first),
        media_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": 'attachment; filename="blacklist.csv"'},
    )


async def _pieces(request: Request, found: Data) -> AsyncIterator[bytes]:
    locale = locale_of(request)
    yield csv_bytes([[translate(locale, text) for text in HEADINGS]], is_first=True)
    while True:
        yield csv_bytes(_row(edge["node"]) for edge in found["edges"])
        if not found["pageInfo"]["hasNextPage"]:
            return
        found = await _page(request, found["pageInfo"]["endCursor"])


async def _page(request: Request, after: str | None) -> Data:
    data = await ask(
        request,
        "blacklists/export",
        filter=filter_of(request),
        first=AT_ONCE,
        after=after,
        **may_see(request),
        **sorting(request.query_params, SORTS, "-created"),
    )
    found: Data = data["blacklistEntries"]
    return found


def _row(entry: Data) -> list[str]:
    person, campaign = entry.get("contact"), entry.get("campaign")
    of_list = entry.get("contactList")
    return [
        entry["uri"] or "",
        entry["name"],
        entry["note"],
        entry["media"],
        person["fullName"] if person else "",
        campaign["name"] if campaign else "",
        of_list["name"] if of_list else "",
        "1" if entry["isEverywhere"] else "0",
        "1" if entry["isOptOut"] else "0",
        instant(entry["createdAt"]).isoformat(timespec="seconds"),
    ]
