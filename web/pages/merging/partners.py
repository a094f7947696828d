# SPDX-License-Identifier: Apache-2.0
"""“Merge with…” on a contact's record: the search finds who else it is, as many as they are."""

import asyncio

from starlette.requests import Request
from starlette.responses import Response

from server.domain.permissions import Permission
from web.site import Data, PageError, ask, page, viewer_who_may

MOST_FOUND = 20
MOST_NUMBERS = 4


async def partners(request: Request) -> Response:
    """Before a text is given: who has one of its numbers, its address or its name."""
    viewer_who_may(request, Permission.CONTACTS_MERGE)
    contact_id = request.path_params["id"]
    contact = (await ask(request, "merging/person", id=contact_id))["contact"]
    if contact is None:
        raise PageError(404)
    text = request.query_params.get("q", "").strip()
    found = await (_matching(request, text) if text else _suggested(request, contact))
    others = {one["node"]["id"]: one for one in reversed(found)}
    others.pop(contact["id"], None)
    return page(
        request,
        "merging/partners.html",
        contact=contact,
        found=list(reversed(others.values()))[:MOST_FOUND],
        query={"q": text},
    )


async def _matching(request: Request, text: str) -> list[Data]:
    data = await ask(request, "merging/partners", text=text, first=MOST_FOUND + 1)
    found: list[Data] = data["search"]
    return found


async def _suggested(request: Request, contact: Data) -> list[Data]:
    """By its first numbers, its address, and its name, also where that ends in another way."""
    numbers = [contact["phone"], *(phone["number"] for phone in contact["additionalPhones"])]
    texts = [
        *numbers[:MOST_NUMBERS],
        contact["email"],
        contact["fullName"],
        f"{contact['firstName']} {contact['lastName'][:3]}",
    ]
    wanted = dict.fromkeys(text for text in texts if text and text.strip())
    found = await asyncio.gather(*(_matching(request, text) for text in wanted))
    return [one for matches in found for one in matches]
