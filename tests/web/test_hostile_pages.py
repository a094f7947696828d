# SPDX-License-Identifier: Apache-2.0
"""No page falls over what an address or a form may hold: each route meets what no one should send.

Generic on purpose: a route that is added tomorrow is attacked tomorrow (reliability S5, ASVS 16.5).
"""

import inspect
import random
import re
from dataclasses import dataclass
from urllib.parse import quote, urlencode

import pytest
from starlette.routing import Route

from tests.web.visiting import SignIn, Visitor
from web.pages import ROUTES
from web.site import UNREADABLE

TEXTS = (
    *("", " ", "x", "-1", "0", "2147483648", "1e999", "NaN", "null", "true", "[]", "{}"),
    *("a\x00b", "\ud800", "\u202e", "é" * 300, "x" * 3000, "%", "..", "../../etc/passwd"),
    *("'; DROP TABLE contacts; --", "<script>alert(1)</script>", "{{7*7}}", "=1+1", "a\r\nb: c"),
    *("contact_0", "contact_99999999999999999999", "campaign_1'--", "nothing_1"),
)
QUERY = (
    *(
        "q",
        "first",
        "last",
        "after",
        "before",
        "sort",
        "direction",
        "search",
        "filter",
        "state",
        "page",
    ),
    *("locale", "next", "list", "campaign", "type", "reason", "status", "tab", "subject", "user"),
)
FIELDS = (
    *("id", "name", "version", "next", "confirm", "count", "description", "orderBy", "color"),
    *("firstName", "lastName", "email", "company", "phone", "priority", "scheduledAt", "numbers"),
    *("number", "itemType", "list", "listIds", "contactIds", "has.listIds", "agentIds", "role"),
    *("fullName", "profileId", "permissions", "password", "newPassword", "currentPassword"),
    *("locale", "timezone", "theme", "density", "scopes", "days", "simultaneousLines", "clockRate"),
    *("globalMaxRetry", "additionalPhonesAfter", "maxAttemptsPerContact", "originateTimeout"),
    *("max.BUSY", "minutes.BUSY", "after.BUSY", "windowFrom", "windowTo", "windowDays", "endsAt"),
    *("has.windowDays", "checkDuplicate", "dialOrder", "exhaustionPolicy", "timezone", "file"),
    *("yours", "base", "started", "choice.company", "add_phone", "all_fields"),
    *("newList", "encoding", "separator", "header", "column", "fills", "checkDuplicates"),
)
MAKE = """mutation {
  contact: createContact(input: {firstName: "A", phone: "+390612345000"}) { contact { id } }
  list: createContactList(input: {name: "Hostile"}) { contactList { id } }
  type: createContactItemType(input: {name: "Office", orderBy: 1, color: "#112233"}) {
    contactItemType { id } }
  campaign: createCampaign(input: {name: "Hostile"}) { campaign { id } }
  profile: createProfile(input: {name: "Hostile", permissions: []}) { profile { id } }
}"""
OURSELVES = ("/logout", "/account/sessions/{id}/end")  # the session that the test asks with


@dataclass(frozen=True)
class Place:
    """A route's address and method."""

    path: str
    method: str


def streams(route: Route) -> bool:
    """Whether its answer has no end: the part of a page that goes on changing by itself."""
    endpoint = getattr(route.endpoint, "func", route.endpoint)
    return "stream(" in inspect.getsource(endpoint)


PLACES = [
    Place(route.path, method)
    for route in ROUTES
    if isinstance(route, Route) and route.path not in OURSELVES and not streams(route)
    for method in sorted((route.methods or set()) - {"HEAD"})
]


@pytest.fixture
async def browser(signed_in: SignIn) -> Visitor:
    return (await signed_in()).browser


async def ids(browser: Visitor) -> tuple[str, ...]:
    """Real ones, as most pages look at nothing else before they know the row."""
    made = (await browser.graphql(MAKE))["data"]
    return tuple(row["id"] for payload in made.values() for row in payload.values())


@pytest.mark.parametrize("place", PLACES, ids=[f"{p.method} {p.path}" for p in PLACES])
async def test_whatever_is_sent_is_refused_or_shown(browser: Visitor, place: Place) -> None:
    chance = random.Random(f"{place.method} {place.path}")  # the same each time
    real = await ids(browser)
    words = [*TEXTS, *real]

    def encoded(text: str) -> str:
        return quote(text.encode("utf-8", "surrogatepass"), safe="")

    addresses = [
        re.sub(r"\{[^}]+\}", lambda _, step=step: encoded(step), place.path)
        for step in ((*real, *chance.sample(TEXTS, 4)) if "{" in place.path else ("", "", ""))
    ]
    for address in addresses:
        headers = chance.choice(({}, {}, {"hx-request": "true", "hx-target": "drawer-body"}))
        names = chance.sample(QUERY, 4)
        query = "&".join(f"{name}={encoded(chance.choice(words))}" for name in names)
        bodies: list[dict[str, str]] = [{}]
        if place.method == "POST":
            bodies += [
                {name: chance.choice(words) for name in chance.sample(FIELDS, count)}
                for count in (8, len(FIELDS))
            ]
        for body in bodies:
            answer = await browser.request(
                place.method,
                f"{address}?{query}" if place.method == "GET" else address,
                content=urlencode(body, errors="surrogatepass").encode() or None,
                headers=headers | {"content-type": "application/x-www-form-urlencoded"},
            )
            assert answer.status_code < 500, (address, body)
            assert "<script>alert" not in answer.text, (address, body)


async def test_a_form_without_its_fields_is_refused_and_says_so(browser: Visitor) -> None:
    users = "{ users { edges { node { id } } } }"
    before = await browser.graphql(users)
    for path in ("/users", "/campaigns"):
        answer = await browser.post(path, data={})
        assert (answer.status_code, UNREADABLE in answer.text) == (400, True), path
    assert await browser.graphql(users) == before
