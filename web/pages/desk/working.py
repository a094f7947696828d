# SPDX-License-Identifier: Apache-2.0
"""An agent at work: the bar and the call in hand, live, and every step by a form (X-38, X-39)."""

from collections.abc import Awaitable, Callable
from time import monotonic

from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from server.domain.agents import BEAT, desk_topic
from server.domain.permissions import Permission
from server.i18n import N_, translate, translate_plural
from web.frame import Toast
from web.live import stream
from web.site import (
    Data,
    ask,
    change,
    is_htmx,
    locale_of,
    page,
    redirect,
    viewer_of,
    viewer_who_may,
)

DESK = "/desk"
PAUSES = (N_("Break"), N_("Lunch"), N_("Meeting"), N_("Training"), N_("Back office"))
SKIPS = (N_("Called by somebody else"), N_("Wrong moment"), N_("I know this person"))
NOBODY_DUE = N_("Nobody is due in your preview campaigns just now.")
NONE_LEFT = N_("There is nobody left to obtain, or you own as many as you may (%(most)s).")

Step = Callable[[Request], Awaitable[Response]]


async def work_of(request: Request) -> Data | None:
    """The desk of whoever may work as an agent; None for everybody else."""
    if not viewer_of(request).may(Permission.CALLS_MAKE):
        return None
    desk: Data = (await ask(request, "desk/work"))["myDesk"]
    return desk


async def live(request: Request) -> Response:
    """The bar and the call, at each change. While it is open, the agent's page is there (F17)."""
    viewer = viewer_who_may(request, Permission.CALLS_MAKE)
    beaten = 0.0

    async def part() -> Response:
        nonlocal beaten
        if monotonic() - beaten > BEAT / 2:
            await change(request, "desk/steps/beat")
            beaten = monotonic()
        return page(request, "desk/_work.html", **shown(request, await work_of(request)))

    return await stream(request, [desk_topic(viewer.user_id)], part, least_gap=0.3)


def shown(request: Request, work: Data | None) -> Data:
    """What the templates of the bar and the call need besides the desk."""
    locale = locale_of(request)
    return {
        "work": work,
        "pauses": [translate(locale, reason) for reason in PAUSES],
        "skips": [translate(locale, reason) for reason in SKIPS],
    }


async def upcoming(request: Request) -> Response:
    """Who comes next, as it is now: other agents take customers too."""
    viewer_who_may(request, Permission.CALLS_MAKE)
    work = await work_of(request)
    return page(request, "desk/_next.html", work=work, **await coming(request, work))


async def coming(request: Request, work: Data | None) -> Data:
    """Who comes next, and which callbacks of their own are next (C-36)."""
    callbacks: list[Data] = []
    viewer = viewer_of(request)
    if work is not None and viewer.may(Permission.TASKS_VIEW):
        data = await ask(request, "tasks/mine", me=f"agent_{viewer.user_id}")
        callbacks = [edge["node"] for edge in data["scheduledTasks"]["edges"]]
    return {"upcoming": await _next_customers(request, work), "callbacks": callbacks}


async def _next_customers(request: Request, work: Data | None) -> list[Data]:
    """Who comes next in the campaigns where the agent asks for each call, or owns customers."""
    viewer = viewer_of(request)
    if work is None or not viewer.may(Permission.CAMPAIGNS_VIEW):
        return []
    found = []
    for place in work["campaigns"]:
        if not place["isRunning"] or not (place["mayPreview"] or place["mayAutoDial"]):
            continue
        data = await ask(
            request,
            "desk/next",
            campaign=place["campaign"]["id"],
            me=f"agent_{viewer.user_id}",
            withFree=place["mayPreview"],
        )
        rows = [
            edge["node"] for name in ("mine", "free") for edge in data.get(name, _NONE)["edges"]
        ]
        waiting = [one | _numbers(one) for one in rows if one["state"] not in ("DIALING",)]
        found.append(place | {"customers": waiting})
    return found


_NONE: Data = {"edges": []}


def _numbers(entry: Data) -> Data:
    """The number that is next, and how many there are for the strategy to choose from (X-38)."""
    dialed = [phone for phone in entry["phones"] if phone["isAvailable"]]
    current = next(
        (phone for phone in dialed if phone["position"] == entry["currentPosition"]), None
    )
    return {
        "number_count": len(dialed),
        "place": 1 + sum(phone["position"] < entry["currentPosition"] for phone in dialed),
        "type": current["itemTypeName"] if current else None,
    }


def step(name: str, given: Callable[[FormData], Data] | None = None) -> Step:
    """The handler of a step: the bar changes in place, so that what is typed beside it stays.

    Where there is a word to say, or without scripts, the whole desk is shown anew.
    """

    async def take(request: Request) -> Response:
        viewer_who_may(request, Permission.CALLS_MAKE)
        form = await request.form()
        values = {} if given is None else {"input": given(form)}
        payload, errors = await change(request, f"desk/steps/{name}", **values)
        toast = None
        if errors:
            toast = Toast(text=errors[0]["message"], tone="stop")
        elif payload.get("found") is False:
            toast = Toast(text=translate(locale_of(request), NOBODY_DUE), tone="wait")
        elif "taken" in payload:
            toast = _obtained(request, payload)
        if is_htmx(request) and toast is None:
            return page(request, "desk/_work.html", **shown(request, await work_of(request)))
        return redirect(request, DESK, toast)

    return take


def _obtained(request: Request, payload: Data) -> Toast:
    locale = locale_of(request)
    if not payload["taken"]:
        return Toast(text=translate(locale, NONE_LEFT, most=payload["mostOwned"]), tone="wait")
    return Toast(
        text=translate_plural(
            locale,
            "%(num)s customer is yours now.",
            "%(num)s customers are yours now.",
            payload["taken"],
        )
    )


def _text(form: FormData, name: str) -> str:
    return str(form.get(name, "")).strip()


def _started(form: FormData) -> Data:
    return {"endpoint": _text(form, "endpoint")}


def _reason(form: FormData) -> Data:
    return {"reason": _text(form, "reason")}


def _campaign(form: FormData) -> Data:
    return {"campaignId": _text(form, "campaign")}


def _preview(form: FormData) -> Data:
    return _campaign(form) if _text(form, "campaign") else {}


POST = ["POST"]
ROUTES = [
    Route(f"{DESK}/work", live),
    Route(f"{DESK}/next", upcoming),
    Route(f"{DESK}/starts", step("start", _started), methods=POST),
    Route(f"{DESK}/pauses", step("pause", _reason), methods=POST),
    Route(f"{DESK}/resumptions", step("resume"), methods=POST),
    Route(f"{DESK}/leaves", step("leave"), methods=POST),
    Route(f"{DESK}/previews", step("preview", _preview), methods=POST),
    Route(f"{DESK}/dials", step("dial"), methods=POST),
    Route(f"{DESK}/skips", step("skip", _reason), methods=POST),
    Route(f"{DESK}/rejections", step("reject"), methods=POST),
    Route(f"{DESK}/hang-ups", step("hang_up"), methods=POST),
    Route(f"{DESK}/dialing-starts", step("start_dialing"), methods=POST),
    Route(f"{DESK}/dialing-stops", step("stop_dialing"), methods=POST),
    Route(f"{DESK}/obtained", step("obtain", _campaign), methods=POST),
]
