# SPDX-License-Identifier: Apache-2.0
"""A centre's own fields in the list of contacts: as columns, sorts and filters (C-01, C-22)."""

import re
from collections.abc import Mapping, Sequence

from starlette.datastructures import QueryParams
from starlette.requests import Request

from server.domain.exports import FIELD_PREFIX
from web.site import Data, ask, sorting
from web.views import ListColumn

SORTS = {"name": "NAME", "created": "CREATED_AT", "company": "COMPANY", "email": "EMAIL"}
STARTS = ".starts"  # behind a field's id in the address: begins so, instead of being so
_FIELD = re.compile(r"-?field_[1-9][0-9]{0,17}")
MOST_CONDITIONS = 10


async def fields_of(request: Request) -> list[Data]:
    """What a person can have values of, in the centre's order."""
    data = await ask(request, "contacts/fields")
    nodes = [edge["node"] for edge in data["offeredFields"]["edges"]]
    return [node | {"pairs": [(text, text) for text in node["validValues"]]} for node in nodes]


def field_columns(fields: Sequence[Data]) -> list[ListColumn]:
    return [
        ListColumn(
            key=one["id"],
            msgid=one["displayName"],
            label=one["displayName"],
            sort=one["id"],
            css="clip if-wide",
        )
        for one in fields
    ]


def is_field(key: str) -> bool:
    return key.startswith(FIELD_PREFIX)


def order_of(params: QueryParams) -> Data:
    """The list's sort as the API's arguments, by one of its own fields or by a centre's."""
    given = params.get("sort", "")
    if not _FIELD.fullmatch(given):
        return sorting(params, SORTS, "name") | {"fieldSort": None}
    direction = "DESC" if given.startswith("-") else "ASC"
    field = {"fieldId": given.removeprefix("-")}
    return {"sort": None, "fieldSort": field, "direction": direction}


def conditions_of(params: QueryParams) -> list[Data]:
    """`field_12=Rome` and `field_12.starts=Ro` in the address, as the API asks for them."""
    found: list[Data] = []
    for key, value in params.items():
        name = key.removesuffix(STARTS)
        if value and is_field(name) and _FIELD.fullmatch(name):
            found.append({"fieldId": name, "startsWith" if key.endswith(STARTS) else "eq": value})
    return found[:MOST_CONDITIONS]


def asked_of(params: QueryParams, fields: Sequence[Data]) -> list[tuple[str, str]]:
    """Label and value of each field that is filtered by, with the key that takes it out."""
    names = {one["id"]: one["displayName"] for one in fields}
    return [
        (f"{names.get(key.removesuffix(STARTS), '–')}: {value}", key)
        for key, value in params.items()
        if value and _FIELD.fullmatch(key.removesuffix(STARTS))
    ]


def with_texts(contact: Data) -> Data:
    """The contact with what its row says of each field."""
    values: Sequence[Mapping[str, Data]] = contact.get("values", ())
    texts = {one["field"]["id"]: one["display"] for one in values if one["field"]}
    return contact | {"fieldTexts": texts}
