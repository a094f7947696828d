# SPDX-License-Identifier: Apache-2.0
"""The filters of the list of contacts: from the address to the API's `ContactFilter`, and chips."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from starlette.datastructures import QueryParams
from starlette.requests import Request

from server.domain.dialer.records import RecordState
from server.domain.permissions import Permission
from server.i18n import N_, label, translate
from web.formats import zone_of
from web.pages.contacts.fields import STARTS, asked_of, conditions_of, fields_of
from web.pages.lists import list_options
from web.site import Data, ask, viewer_of

TEXTS = {"q": "search", "company": "company", "email": "email", "phone": "phone"}
WORDS = {"language": "language", "zone": "timeZone"}
STATES = frozenset(RecordState)
PRIORITIES = {"1": N_("High"), "2": N_("Normal"), "3": N_("Low")}
CALLABLE = {"yes": N_("With a number"), "no": N_("Without a number")}
NAMES = {
    "list": N_("List: %(name)s"),
    "campaign": N_("Campaign: %(name)s"),
    "state": N_("State: %(name)s"),
    "tag": N_("Tag: %(name)s"),
    "company": N_("Company: %(name)s"),
    "email": N_("E-mail: %(name)s"),
    "phone": N_("Number: %(name)s"),
    "priority": N_("Priority: %(name)s"),
    "language": N_("Language: %(name)s"),
    "zone": N_("Time zone: %(name)s"),
    "from": N_("Added from %(name)s"),
    "until": N_("Added until %(name)s"),
}
KEYS = (*NAMES, "callable")
Pairs = list[tuple[str, str]]


@dataclass(frozen=True, kw_only=True)
class Chip:
    """A filter that is set, and the address without it as changes of the query."""

    text: str
    without: Mapping[str, str | None]


@dataclass(frozen=True, kw_only=True)
class Choices:
    """What the menu of filters offers by name."""

    lists: Pairs
    campaigns: Pairs
    tags: Pairs
    states: Pairs
    fields: list[Data]


def keys_of(choices: Choices) -> list[str]:
    """The names of the boxes in the menu of filters."""
    own = [f"{one['id']}{end}" for one in choices.fields for end in ("", STARTS)]
    return [*KEYS, *own]


def query_of(params: QueryParams) -> dict[str, str]:
    """The list's state, each key once: several tags stand in one value."""
    query = {key: value for key, value in params.items() if value}
    tags = tags_of(params)
    return query | {"tag": ",".join(tags)} if tags else query


def tags_of(params: QueryParams) -> list[str]:
    given = (part for value in params.getlist("tag") for part in value.split(","))
    return list(dict.fromkeys(filter(None, given)))[:20]


def filter_of(request: Request, params: QueryParams | None = None) -> Data:
    """The API's filter; what cannot be read, or not be asked by this viewer, does not narrow."""
    query, viewer = params or request.query_params, viewer_of(request)
    given: Data = {name: query[key] for key, name in (TEXTS | WORDS).items() if query.get(key)}
    if query.get("list") and viewer.may(Permission.LISTS_VIEW):
        given["listId"] = query["list"]
    if viewer.may(Permission.CAMPAIGNS_VIEW):
        if query.get("campaign"):
            given["campaignId"] = query["campaign"]
        if query.get("state") in STATES:
            given["recordState"] = query["state"]
    if tags := tags_of(query):
        given["tagIds"] = tags
    if query.get("priority") in PRIORITIES:
        given["priority"] = int(query["priority"])
    if query.get("callable") in CALLABLE:
        given["hasPhone"] = query["callable"] == "yes"
    for key, name, days in (("from", "createdAfter", 0), ("until", "createdBefore", 1)):
        moment = _midnight(query.get(key, ""), viewer.timezone, days)
        if moment is not None:
            given[name] = moment
    if conditions := conditions_of(query):
        given["fields"] = conditions
    return given


async def choices_of(request: Request) -> Choices:
    viewer = viewer_of(request)
    may_see = viewer.may(Permission.CAMPAIGNS_VIEW)
    data = await ask(request, "contacts/choices", campaigns=may_see)

    def pairs(root: str) -> Pairs:
        edges = data.get(root, {"edges": []})["edges"]
        return [(edge["node"]["id"], edge["node"]["name"]) for edge in edges]

    lists = await list_options(request)
    return Choices(
        lists=lists,
        campaigns=pairs("campaigns"),
        tags=pairs("tags"),
        fields=await fields_of(request),
        states=[(state.value, label(viewer.locale, state)) for state in RecordState],
    )


def chips_of(request: Request, choices: Choices) -> list[Chip]:
    """The filters that are set, in the order of the menu; each is taken out by itself."""
    query, locale = request.query_params, viewer_of(request).locale
    given = filter_of(request)
    words = {
        "list": _named(choices.lists, given.get("listId")),
        "campaign": _named(choices.campaigns, given.get("campaignId")),
        "state": label(locale, RecordState(given["recordState"])) if "recordState" in given else "",
        "company": given.get("company", ""),
        "email": given.get("email", ""),
        "phone": given.get("phone", ""),
        "priority": _word(locale, PRIORITIES, query.get("priority")),
        "language": given.get("language", ""),
        "zone": given.get("timeZone", ""),
        "from": query["from"] if "createdAfter" in given else "",
        "until": query["until"] if "createdBefore" in given else "",
    }
    chips = [
        Chip(text=translate(locale, NAMES[key], name=text), without={key: None})
        for key, text in words.items()
        if text
    ]
    tags, tagged = tags_of(query), NAMES["tag"]
    for tag in tags:
        rest = ",".join(one for one in tags if one != tag)
        text = translate(locale, tagged, name=_named(choices.tags, tag))
        chips.append(Chip(text=text, without={"tag": rest or None}))
    if text := _word(locale, CALLABLE, query.get("callable")):
        chips.append(Chip(text=text, without={"callable": None}))
    own = asked_of(query, choices.fields)
    return chips + [Chip(text=text, without={key: None}) for text, key in own]


def _word(locale: str, words: Mapping[str, str], key: str | None) -> str:
    return translate(locale, words[key]) if key is not None and key in words else ""


def _named(pairs: Pairs, key: str | None) -> str:
    return "" if key is None else dict(pairs).get(key, "–")


def _midnight(text: str, timezone: str, days: int) -> str | None:
    """When that day begins where the reader is, or so many days later."""
    try:
        day = date.fromisoformat(text) + timedelta(days=days)
        local = datetime.combine(day, time(), tzinfo=zone_of(timezone))
        return local.astimezone(UTC).isoformat()
    except (ValueError, OverflowError):
        return None
