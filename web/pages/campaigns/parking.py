# SPDX-License-Identifier: Apache-2.0
"""An entry that was parked after failing several times, let go on from the hopper (F21)."""

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from server.i18n import N_, translate
from web.frame import Toast
from web.site import change, locale_of, redirect


async def release(request: Request) -> Response:
    campaign, entry = request.path_params["id"], request.path_params["entry"]
    _, errors = await change(request, "campaigns/release", input={"entryId": entry})
    text = translate(locale_of(request), N_("It is called again when its turn comes."))
    toast = Toast(text=errors[0]["message"], tone="stop") if errors else Toast(text=text)
    return redirect(request, f"/campaigns/{campaign}/hopper", toast)


ROUTES = [Route("/campaigns/{id}/entries/{entry}/releases", release, methods=["POST"])]
