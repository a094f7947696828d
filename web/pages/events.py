# SPDX-License-Identifier: Apache-2.0
"""The audit log: who did what, newest first, by person, by kind and by object."""

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from server.domain.permissions import Permission
from server.i18n import N_, translate
from web.site import Data, ask, locale_of, page, paging, viewer_of

Chips = list[tuple[str, list[str]]]


async def index(request: Request) -> Response:
    """`kind` is an event's whole name or only its noun, `about` the id of an object."""
    query = request.query_params
    kind = query.get("kind") or None
    data = await ask(
        request,
        "events/index",
        userId=query.get("user") or None,
        subject=kind if kind and "." not in kind else None,
        name=kind if kind and "." in kind else None,
        about=query.get("about") or None,
        withUsers=viewer_of(request).may(Permission.USERS_VIEW),
        **paging(query),
    )
    for edge in data["events"]["edges"]:
        edge["node"]["details"] = details_of(edge["node"]["data"])
    people = [
        (edge["node"]["id"], edge["node"]["name"]) for edge in data.get("users", _NONE)["edges"]
    ]
    return page(
        request,
        "events/index.html",
        events=data["events"],
        subjects=data["eventSubjects"],
        people=people,
        filters=_filters(request, data["eventSubjects"], dict(people)),
    )


_NONE: Data = {"edges": []}


def details_of(data: Data) -> str:
    """What an event noted, in one line: `name: Office, order_by: 1`; nothings are left out."""
    changed = data.get("changed")
    flat = {**data, **(changed if isinstance(changed, dict) else {})}
    told = {
        key: ", ".join(map(str, value)) if isinstance(value, list) else str(value)
        for key, value in flat.items()
        if value not in (None, [], {}) and not (key == "changed" and value == changed)
    }
    return " · ".join(f"{key}: {value}" for key, value in told.items())


def _filters(request: Request, subjects: list[Data], people: dict[str, str]) -> Chips:
    """The chips of the filters in the address: their words, and what taking one out removes."""
    query, locale = request.query_params, locale_of(request)
    chips: Chips = []
    if user := query.get("user"):
        chips.append((people.get(user, user), ["user"]))
    if kind := query.get("kind"):
        words = {
            one["name"]: one["label"]
            for subject in subjects
            for one in (subject, *subject["kinds"])
        }
        chips.append((words.get(kind, kind), ["kind"]))
    if about := query.get("about"):
        chips.append((f"{translate(locale, N_('About'))}: {about}", ["about"]))
    return chips


ROUTES = [Route("/events", index)]
