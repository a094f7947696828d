# SPDX-License-Identifier: Apache-2.0
"""Start, pause, resume and stop a campaign."""

from starlette.requests import Request
from starlette.responses import Response

from server.i18n import N_, translate
from web.frame import Toast
from web.site import change, locale_of, redirect

DONE = {
    "start": N_("Campaign “%(name)s” is running."),
    "pause": N_("Campaign “%(name)s” is paused."),
    "resume": N_("Campaign “%(name)s” is running again."),
    "stop": N_("Campaign “%(name)s” is stopped. Its open entries stay for another start."),
}


async def become(request: Request, *, name: str) -> Response:
    key = request.path_params["id"]
    payload, errors = await change(request, f"campaigns/{name}", input={"id": key})
    if errors:
        if errors[0]["field"] == "endsAt":
            text = N_("Its end has passed. Set another one first.")
            toast = Toast(text=translate(locale_of(request), text), tone="stop")
            return redirect(request, f"/campaigns/{key}/settings", toast)
        # Agents are chosen among the settings.
        tab = "/settings" if errors[0]["field"] == "agentIds" else ""
        toast = Toast(text=errors[0]["message"], tone="stop")
        return redirect(request, f"/campaigns/{key}{tab}", toast)
    text = translate(locale_of(request), DONE[name], name=payload["campaign"]["name"])
    return redirect(request, f"/campaigns/{key}", Toast(text=text))
