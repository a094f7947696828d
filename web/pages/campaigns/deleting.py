# SPDX-License-Identifier: Apache-2.0
"""Delete a campaign, after saying what goes with it."""

from starlette.requests import Request
from starlette.responses import Response

from server.domain.permissions import Permission
from server.i18n import N_, translate
from web.frame import Toast
from web.pages.campaigns.reading import campaign_of
from web.shared import ask_shared
from web.site import Data, change, locale_of, page, redirect, viewer_who_may

MANY = 1000  # records that go with a campaign: from so many on its name has to be typed


async def confirm(request: Request) -> Response:
    viewer_who_may(request, Permission.CAMPAIGNS_DELETE)
    return await _confirm(request, [])


async def delete(request: Request) -> Response:
    viewer_who_may(request, Permission.CAMPAIGNS_DELETE)
    campaign = await campaign_of(request)
    confirmed = str((await request.form()).get("confirm", ""))
    if await _going(request, campaign) >= MANY and confirmed != campaign["name"]:
        text = translate(locale_of(request), N_("Type the campaign's name as it stands here."))
        return await _confirm(request, [{"field": None, "message": text}])
    payload, errors = await change(request, "campaigns/delete", input={"id": campaign["id"]})
    if errors:
        return await _confirm(request, errors)
    text = translate(
        locale_of(request), N_("Campaign “%(name)s” was deleted."), name=payload["name"]
    )
    return redirect(request, "/campaigns", Toast(text=text))


async def _confirm(request: Request, errors: list[Data]) -> Response:
    campaign = await campaign_of(request)
    found = await ask_shared(request, "campaigns/totals", ids=(campaign["id"],))
    return page(
        request,
        "campaigns/delete.html",
        status=422 if errors else 200,
        campaign=campaign,
        totals=found["nodes"][0],
        must_type=await _going(request, campaign) >= MANY,
        errors=errors,
    )


async def _going(request: Request, campaign: Data) -> int:
    """How many records are deleted with the campaign."""
    found = await ask_shared(request, "campaigns/totals", ids=(campaign["id"],))
    [totals] = found["nodes"]
    kinds = ("entryCounts", "finalCounts")
    return sum(row["count"] for kind in kinds for row in totals[kind]) if totals else 0
