# SPDX-License-Identifier: Apache-2.0
"""A campaign's retry settings, with the calls that they lead to drawn while they change (X-37)."""

from collections.abc import Sequence

from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from server.domain.campaigns import FAILURES, AfterStatus, CallStatus
from server.domain.permissions import Permission
from server.i18n import label
from web.formats import Reader
from web.forms_campaign import Settings, given_settings, shown_settings, typed_settings
from web.pages.campaigns import settings
from web.pages.campaigns.reading import campaign_of
from web.pages.campaigns.rules import HOURS, is_of_rules
from web.plans import axis, by_round
from web.site import Data, ask, is_htmx, locale_of, page, viewer_of

TEMPLATE = "campaigns/retry.html"
PLACES = range(5)
LEFT_OUT, UNTYPED = "", "none"
BLOCKED = "BLACKLIST"
SETTINGS = ("endsAt", *HOURS, "originateTimeout", "agentIds", "simultaneousLines")
OUTCOMES = (*FAILURES, CallStatus.ANSWER)


async def show(request: Request) -> Response:
    return await _shown(request, await campaign_of(request))


async def save(request: Request) -> Response:
    """Refusals come with the preview that was there."""
    return await settings.save(request, shown=_shown)


async def preview(request: Request) -> Response:
    """What the settings as they are typed would do; nothing is stored, and no script is needed."""
    campaign = await campaign_of(request)
    form = await request.form()
    if not is_htmx(request):
        return await _shown(request, campaign, form)
    return page(request, "campaigns/_preview.html", **await _foretold(request, campaign, form))


async def _shown(
    request: Request,
    campaign: Data,
    form: FormData | None = None,
    errors: Sequence[Data] = (),
) -> Response:
    stored = shown_settings(campaign)
    locale = locale_of(request)
    return page(
        request,
        TEMPLATE,
        status=422 if errors else 200,
        campaign=campaign,
        typed=stored if form is None else typed_settings(stored, form),
        errors=errors,
        afters=[(after.value, label(locale, after)) for after in AfterStatus],
        outcomes=[
            *((one.value, label(locale, one)) for one in OUTCOMES),
            (BLOCKED, label(locale, CallStatus.BLACKLIST)),
        ],
        **await _foretold(request, campaign, form or FormData()),
    )


async def _foretold(request: Request, campaign: Data, form: FormData) -> Data:
    """The findings and the plan, and the contact that they are thought of for."""
    viewer, locale = viewer_of(request), locale_of(request)
    types: list[Data] = []
    if viewer.may(Permission.ITEM_TYPES_VIEW):
        found = await ask(request, "campaigns/types")
        types = [edge["node"] for edge in found["contactItemTypes"]["edges"]]
    sample = _sample(form, types)
    read = given_settings(form, locale, campaign["timezone"])
    asked = read if read.is_speakable else Settings()
    asked.given.pop("version", None)
    data = await ask(
        request,
        "campaigns/check",
        input=asked.given | {"id": campaign["id"]},
        sample=[_number(one) for one in sample if one["type"] != LEFT_OUT],
    )
    payload = data["checkCampaignSettings"]
    plan = payload["plan"]
    reader = Reader(locale=locale, region=viewer.region, timezone=viewer.timezone)
    # A number of the sample is told by its place among those that are asked for.
    shown = [one for one in sample if one["type"] != LEFT_OUT]
    return {
        "findings": payload["findings"],
        "under_settings": [one for one in payload["findings"] if one["field"] in SETTINGS],
        "under_rules": [one for one in payload["findings"] if is_of_rules(one["field"])],
        "refused": [
            error | {"of": _row_of(locale, error["field"])}
            for error in read.errors(payload["userErrors"])
        ],
        "plan": plan,
        "axis": plan and axis(plan, campaign["timezone"], reader),
        "rounds": by_round(plan, campaign["timezone"], reader) if plan else [],
        "sample": sample,
        "shown": shown,
        "types": types,
        "colors": {one["name"]: one["color"] for one in types},
        "zone": campaign["timezone"],
    }


def _row_of(locale: str, field: str) -> str | None:
    """The status whose row a refused `retry.2.max` stands in."""
    parts = field.split(".")
    if parts[0] != "retry" or not parts[1].isdecimal() or int(parts[1]) >= len(FAILURES):
        return None
    return label(locale, FAILURES[int(parts[1])])


def _sample(form: FormData, types: Sequence[Data]) -> list[Data]:
    """Five places: the primary number, and additional ones of types; at first, of the first two."""
    known = {one["id"] for one in types} | {UNTYPED}
    usual = [UNTYPED, *(one["id"] for one in types[:2])]
    outcomes = {*OUTCOMES, BLOCKED}
    sample = []
    for place in PLACES:
        chosen = str(form.get(f"sample.{place}.type", "") or LEFT_OUT)
        if "has.sample" not in form:
            chosen = usual[place] if place < len(usual) else LEFT_OUT
        outcome = str(form.get(f"sample.{place}.outcome", CallStatus.NO_ANSWER))
        sample.append(
            {
                "type": UNTYPED if place == 0 else chosen if chosen in known else LEFT_OUT,
                "outcome": outcome if outcome in outcomes else CallStatus.NO_ANSWER.value,
                "name": next((one["name"] for one in types if one["id"] == chosen), None),
            }
        )
    return sample


def _number(one: Data) -> Data:
    is_blocked = one["outcome"] == BLOCKED
    return {
        "itemTypeId": None if one["type"] == UNTYPED else one["type"],
        "outcome": CallStatus.NO_ANSWER.value if is_blocked else one["outcome"],
        "isBlocked": is_blocked,
    }


ROUTES = [
    Route("/campaigns/{id}/retry-settings", show),
    Route("/campaigns/{id}/retry-settings", save, methods=["POST"]),
    Route("/campaigns/{id}/retry-settings/preview", preview, methods=["POST"]),
]
