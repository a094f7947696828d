# SPDX-License-Identifier: Apache-2.0
"""A small application that shows every piece of the pages under the strict policy, to look at.

By hand: `python -m tests.browser.styleguide` and open http://127.0.0.1:8099/styleguide?theme=dark&locale=it
"""

import asyncio
import secrets
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

from jinja2 import FileSystemLoader
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response, StreamingResponse
from starlette.routing import Mount, Route

from server.domain.permissions import ALL_PERMISSIONS, Role, Viewer
from web.assets import assets
from web.forms import blank_rows, phone_rows
from web.frame import Frame, Toast, frame_for
from web.navigation import GROUPS
from web.templating import environment, render

NOW = datetime(2026, 3, 27, 14, 5, 9, tzinfo=UTC)
loader = environment.loader
assert isinstance(loader, FileSystemLoader)
loader.searchpath.append(str(Path(__file__).parent / "templates"))
PATHS = {item.url for group in GROUPS for item in group.items}
TYPES = [
    {"id": "1", "name": "Office", "color": "#AABBCC"},
    {"id": "2", "name": "Mobile", "color": "#0B5394"},
    {"id": "3", "name": "Holiday Home", "color": "#FFD166"},
]
NAMES = ["Giulia Bianchi", "Łukasz Żółć", "王小明", "Marie-Thérèse de la Fontaine-Dubois", "Bruno"]
STATES = [
    ("Reached", "ok"),
    ("Waiting", "wait"),
    ("Retry", "warn"),
    ("Closed", "stop"),
    ("New", ""),
]
PHONES = [
    {"id": "7", "number": "+390212345678", "itemTypeId": "1", "description": "reception"},
    {"id": "8", "number": "+393331234567", "itemTypeId": "2", "description": None},
    {"id": "9", "number": "12", "itemTypeId": None, "description": None},
]
ERRORS = [
    {"field": None, "code": "CONFLICT", "message": "Somebody else changed this."},
    {"field": "name", "code": "REQUIRED", "message": "This cannot be blank. Fill it in."},
    {"field": "additionalPhones.2.number", "code": "INVALID_NUMBER", "message": "Not a number."},
]


def guide(**changes: object) -> dict[str, object]:
    rows = [
        {
            "name": NAMES[place % 5],
            "number": f"+39333123450{place}",
            "type": TYPES[place % 3]["name"],
            "color": TYPES[place % 3]["color"],
            "state": STATES[place % 5][0],
            "tone": STATES[place % 5][1] or "neutral",
            "at": NOW - timedelta(hours=5 * place, minutes=7),
            "count": 10 ** (place % 7),
        }
        for place in range(9)
    ]
    times = [int(NOW.timestamp()) + 60 * step for step in range(30)]
    return {
        "query": {"sort": "name", "list": "1", "q": ""},
        "rows": rows,
        "page": {
            "hasNextPage": True,
            "hasPreviousPage": True,
            "startCursor": "a",
            "endCursor": "b",
        },
        "number": "+393331234567",
        "abroad": "+48221234567",
        "at": NOW,
        "times": times,
        "series": [
            {
                "label": "Calls",
                "values": [30 + (7 * step) % 19 for step in range(30)],
                "tone": "accent",
            },
            {
                "label": "Lines",
                "values": [20 + (5 * step) % 11 for step in range(30)],
                "tone": "warn",
            },
        ],
        "bars": [("Reached", 420, "ok"), ("No answer", 260, "warn"), ("Busy", 55, "stop")],
        "calls": calls(),
        "types": TYPES,
        "phones": PHONES,
        "errors": ERRORS,
        "blanks": 2,
        **changes,
    }


def calls() -> list[dict[str, object]]:
    first = {"number": "+390212345678", "type": "Office", "color": "#AABBCC"}
    second = {"number": "+393331234567", "type": "Mobile", "color": "#0B5394"}
    return [
        {
            "at": NOW,
            **first,
            "outcome": "No answer",
            "tone": "warn",
            "seconds": 30,
            "why": "Primary",
        },
        {"at": NOW, **second, "outcome": "Busy", "tone": "stop", "why": "Order by 2"},
        {
            "at": NOW,
            **first,
            "outcome": "Retry",
            "coming": True,
            "why": "30 minutes after no answer",
        },
    ]


def frame_of(request: Request) -> Frame:
    asked = request.query_params
    viewer = Viewer(
        user_id=1,
        tenant_id=1,
        name="admin",
        full_name="Anna Verdi",
        role=Role.ADMIN,
        permissions=ALL_PERMISSIONS,
        timezone="Europe/Rome",
        theme=asked.get("theme", "auto"),
        density=asked.get("density", "comfortable"),
    )
    return frame_for(
        viewer,
        path=request.url.path,
        locale=asked.get("locale", "en"),
        nonce=secrets.token_urlsafe(16),
        csrf="token",
        paths=PATHS,
        cookies=request.cookies,
        toasts=(Toast(text="Saved.", undo="/undo"),) if "toast" in asked else (),
        search_url="/search",
        is_htmx="hx-request" in request.headers,
    )


def answer(request: Request, name: str, status: int = 200, **values: object) -> HTMLResponse:
    frame = frame_of(request)
    text = render(name, frame.locale, frame=frame, now=NOW, **values)
    policy = (
        f"default-src 'none'; script-src 'self' 'nonce-{frame.nonce}'; style-src 'self' "
        f"'nonce-{frame.nonce}'; img-src 'self' data:; connect-src 'self'; form-action 'self'; "
        "base-uri 'none'; frame-ancestors 'none'"
    )
    return HTMLResponse(text, status, {"Content-Security-Policy": policy})


async def styleguide(request: Request) -> Response:
    asked = request.query_params
    query = {"sort": asked.get("sort", "name"), "list": "1", "q": asked.get("q", "")}
    errors = [] if "q" in asked else ERRORS  # a wrong field would take the focus from the search
    return answer(request, "styleguide.html", guide=guide(query=query, errors=errors))


async def form(request: Request) -> Response:
    """Shows what was sent, as a refused form would; so “Add another” works without a script."""
    if request.method == "GET":
        return answer(request, "styleguide_form.html", guide=guide(errors=[]))
    sent = await request.form()
    request.app.state.sent = phone_rows(sent)
    shown = guide(phones=request.app.state.sent, blanks=blank_rows(sent))
    partial = "styleguide_form.html" if "hx-request" in request.headers else "styleguide.html"
    return answer(request, partial, 422, guide=shown)


async def confirmation(request: Request) -> Response:
    return answer(request, "styleguide_confirmation.html")


async def login(request: Request) -> Response:
    return answer(request, "styleguide_login.html")


async def events(request: Request) -> Response:
    async def stream() -> AsyncIterator[str]:
        for step in range(3):
            yield f'data: <p class="notice ok" id="step">{step}</p>\n\n'
            await asyncio.sleep(0.05)
        await asyncio.sleep(30)

    return StreamingResponse(stream(), media_type="text/event-stream")


async def done(request: Request) -> Response:
    return Response(status_code=204)


async def nothing(request: Request) -> Response:
    """What a search finds here."""
    return HTMLResponse("")


app = Starlette(
    routes=[
        Route("/styleguide", styleguide),
        Route("/contacts", styleguide),
        Route("/form", form, methods=["GET", "POST"]),
        Route("/confirmation", confirmation),
        Route("/events", events),
        Route("/login", login),
        Route("/account/preferences", done, methods=["POST"]),
        Route("/undo", done, methods=["POST"]),
        Route("/search/suggestions", nothing),
        Mount("/static", assets),
    ]
)

if __name__ == "__main__":
    import uvicorn

    uvicorn.run(app, host="127.0.0.1", port=8099)
