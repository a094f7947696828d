# SPDX-License-Identifier: Apache-2.0
"""A campaign's settings and retry settings, for a new one and for one that runs (X-37)."""

from collections.abc import Awaitable, Callable, Sequence
from functools import partial

from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import Response

from server.domain.campaigns import AfterStatus, CheckDuplicate, DialOrder
from server.domain.permissions import Permission
from server.i18n import N_, label, translate
from web.forms_calling import carrier_options, dialway_options, mode_options
from web.forms_campaign import given_settings, new_settings, shown_settings, typed_settings
from web.frame import Toast
from web.pages.campaigns.lists import loaded_text
from web.pages.campaigns.reading import campaign_of
from web.site import (
    Data,
    ask,
    change,
    locale_of,
    page,
    redirect,
    viewer_of,
    viewer_who_may,
)
from web.zones import zones

Shown = Callable[..., Awaitable[Response]]


async def new(request: Request) -> Response:
    """`?list=` ticks a list: an import, for one, leads here with the list that it filled."""
    viewer = viewer_who_may(request, Permission.CAMPAIGNS_CREATE)
    fresh = new_settings(viewer.locale, viewer.timezone)
    return await _new(request, fresh | {"listIds": request.query_params.getlist("list")}, [])


async def create(request: Request) -> Response:
    viewer = viewer_who_may(request, Permission.CAMPAIGNS_CREATE)
    form = await request.form()
    settings = given_settings(form, viewer.locale, viewer.timezone)
    errors: list[Data] = []
    if settings.is_speakable:
        payload, errors = await change(request, "campaigns/create", input=settings.given)
    if errors := settings.errors(errors):
        fresh = new_settings(viewer.locale, viewer.timezone)
        return await _new(request, typed_settings(fresh, form), errors)
    text = loaded_text(request, payload) if settings.given.get("listIds") else ""
    return redirect(
        request, f"/campaigns/{payload['campaign']['id']}", Toast(text=text or _made(request))
    )


def _made(request: Request) -> str:
    return translate(
        locale_of(request), N_("The campaign was created. It calls once it is started.")
    )


async def _new(request: Request, campaign: Data, errors: list[Data]) -> Response:
    return page(
        request,
        "campaigns/new.html",
        status=422 if errors else 200,
        campaign=campaign,
        errors=errors,
        **await _options(request),
    )


async def _options(request: Request) -> Data:
    """What the fields of a campaign offer."""
    locale = locale_of(request)
    may = viewer_of(request).may(Permission.LISTS_VIEW)
    found = (
        await ask(request, "campaigns/options")
        if may
        else {"contactLists": {"edges": []}, "agents": {"edges": []}}
    )
    return {
        "lists": [edge["node"] for edge in found["contactLists"]["edges"]],
        "agents": [edge["node"] for edge in found["agents"]["edges"]],
        "zones": zones(),
        "modes": mode_options(locale),
        "dialways": dialway_options(locale),
        "carriers": carrier_options(locale, await _exchanges(request)),
        "orders": [(order.value, label(locale, order)) for order in DialOrder],
        "checks": [(check.value, label(locale, check)) for check in CheckDuplicate],
        "afters": [(after.value, label(locale, after)) for after in AfterStatus],
    }


async def _exchanges(request: Request) -> list[Data]:
    if not viewer_of(request).may(Permission.CAMPAIGNS_EDIT):
        return []
    found = await ask(request, "campaigns/exchanges")
    return [edge["node"] for edge in found["offeredExchanges"]["edges"]]


async def show(request: Request, *, template: str) -> Response:
    return await _shown(request, template=template, campaign=await campaign_of(request))


async def _shown(
    request: Request,
    *,
    template: str,
    campaign: Data,
    form: FormData | None = None,
    errors: Sequence[Data] = (),
) -> Response:
    """What stands above the form is what is stored, whatever was typed into it."""
    stored = shown_settings(campaign)
    return page(
        request,
        template,
        status=422 if errors else 200,
        campaign=campaign,
        typed=stored if form is None else typed_settings(stored, form),
        errors=errors,
        **await _options(request),
    )


async def save(request: Request, *, template: str = "", shown: Shown | None = None) -> Response:
    """`shown` is how a refused form comes back, where its page shows more than the form."""
    campaign = await campaign_of(request)
    form = await request.form()
    read = given_settings(form, locale_of(request), campaign["timezone"])
    errors: list[Data] = []
    if read.is_speakable:
        given = read.given | {"id": campaign["id"]}
        _, errors = await change(request, "campaigns/edit", input=given)
    if errors := read.errors(errors):
        again = shown or partial(_shown, template=template)
        return await again(request, campaign=campaign, form=form, errors=errors)
    text = translate(
        locale_of(request), N_("The settings were saved. They hold from the next step on.")
    )
    return redirect(request, request.url.path, Toast(text=text))
