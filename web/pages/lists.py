# SPDX-License-Identifier: Apache-2.0
"""Contact lists: list with search, create, edit with the agents who see it, delete (X-17)."""

from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from server.domain.permissions import Permission
from server.domain.views import ViewSubject
from server.i18n import N_, translate
from web.forms import instant_of, version_of, written_instant
from web.frame import Toast
from web.places import return_to
from web.site import (
    Data,
    Errors,
    ask,
    ask_one,
    change,
    locale_of,
    page,
    paging,
    redirect,
    site_of,
    sorting,
    viewer_of,
    viewer_who_may,
)
from web.views import views_of

SORTS = {"name": "NAME", "created": "CREATED_AT"}
NEW: Data = {
    "id": None,
    "name": "",
    "description": "",
    "screenedAt": None,
    "agents": [],
    "version": None,
}
IMPORT_URL = "/imports/new"
MOST_OPTIONS = 1000
Pairs = list[tuple[str, str]]


async def index(request: Request) -> Response:
    query = dict(request.query_params)
    is_exact = query.pop("counts", "") == "exact"
    data = await ask(
        request,
        "lists/index",
        search=query.get("q") or None,
        exact=is_exact,
        **sorting(request.query_params, SORTS, "name"),
        **paging(request.query_params),
    )
    return page(
        request,
        "lists/index.html",
        lists=data["contactLists"],
        import_url=import_url(request),
        views=await views_of(request, ViewSubject.LISTS),
        query=query,
    )


async def new(request: Request) -> Response:
    viewer_who_may(request, Permission.LISTS_CREATE)
    return await _form(request, NEW | {"agentIds": []}, [])


async def create(request: Request) -> Response:
    given = await _given(request)
    payload, errors = await change(request, "lists/create", input=given)
    if errors:
        return await _form(request, NEW | given, errors)
    return _done(request, N_("List “%(name)s” was created."), payload["contactList"]["name"])


async def edit(request: Request) -> Response:
    viewer_who_may(request, Permission.LISTS_EDIT)
    found = await _one(request)
    return await _form(request, found | {"agentIds": [one["id"] for one in found["agents"]]}, [])


async def save(request: Request) -> Response:
    given = await _given(request)
    list_id = {"id": request.path_params["id"]}
    version = version_of(await request.form())
    payload, errors = await change(request, "lists/edit", input=given | version | list_id)
    if errors:
        # After a conflict the version of now counts: what is sent again is meant.
        is_conflict = any(error["field"] == "version" for error in errors)
        shown = await _one(request) | given | ({} if is_conflict else version)
        return await _form(request, shown, errors)
    return _done(request, N_("List “%(name)s” was saved."), payload["contactList"]["name"])


async def confirm(request: Request) -> Response:
    return await _confirm(request, [])


async def delete(request: Request) -> Response:
    given = {"id": request.path_params["id"]} | version_of(await request.form())
    payload, errors = await change(request, "lists/delete", input=given)
    if errors:
        return await _confirm(request, errors)
    return _done(request, N_("List “%(name)s” was deleted. Its contacts stay."), payload["name"])


async def list_options(request: Request) -> Pairs:
    """The lists that the viewer sees, to choose from: pairs of id and name; the first thousand."""
    if not viewer_of(request).may(Permission.LISTS_VIEW):
        return []
    nodes = await _everything(request, "lists/options", "contactLists")
    return [(one["id"], one["name"]) for one in nodes]


def import_url(request: Request) -> str | None:
    """Where an import starts, for who may start one."""
    may = viewer_of(request).may(Permission.PROCESSES_CREATE)
    return IMPORT_URL if may and IMPORT_URL in site_of(request).paths else None


async def _everything(request: Request, document: str, root: str) -> list[Data]:
    nodes: list[Data] = []
    after: str | None = None
    while len(nodes) < MOST_OPTIONS:
        found = (await ask(request, document, after=after))[root]
        nodes += [edge["node"] for edge in found["edges"]]
        if not found["pageInfo"]["hasNextPage"]:
            break
        after = found["pageInfo"]["endCursor"]
    return nodes


async def _one(request: Request, *, exact: bool = False) -> Data:
    return await ask_one(request, "lists/one", id=request.path_params["id"], exact=exact)


async def _given(request: Request) -> Data:
    form = await request.form()
    return _screening(request, form) | {
        "name": str(form.get("name", "")),
        "description": str(form.get("description", "")),
        "agentIds": [str(value) for value in form.getlist("agentIds")],
    }


def _screening(request: Request, form: FormData) -> Data:
    """Sent only if it was touched: a box holds minutes, and what it does not show is kept."""
    text = str(form.get("screenedAt", ""))
    if text == form.get("screenedBefore", ""):
        return {}
    return {"screenedAt": instant_of(text, viewer_of(request).timezone)}


async def _form(request: Request, found: Data, errors: Errors) -> Response:
    agents = await _everything(request, "lists/agents", "agents")
    known = {agent["id"]: agent["fullName"] or agent["name"] for agent in agents}
    # Those who cannot sign in any more stay assigned until somebody takes them off.
    known |= {one["id"]: one["fullName"] or one["name"] for one in found["agents"]}
    return page(
        request,
        "lists/form.html",
        status=422 if errors else 200,
        list=found | await _screened_texts(request, found),
        agents=list(known.items()),
        errors=errors,
    )


async def _screened_texts(request: Request, found: Data) -> Data:
    """What the box holds, as it was typed where a form was sent, and what it held before."""
    before = written_instant(found["screenedAt"], viewer_of(request).timezone)
    form = await request.form() if request.method == "POST" else FormData()
    before = str(form.get("screenedBefore", before))
    return {"screenedText": str(form.get("screenedAt", before)), "screenedBefore": before}


async def _confirm(request: Request, errors: Errors) -> Response:
    viewer_who_may(request, Permission.LISTS_DELETE)
    return page(
        request,
        "lists/delete.html",
        status=422 if errors else 200,
        list=await _one(request, exact=True),
        errors=errors,
    )


def _done(request: Request, message: str, name: str) -> Response:
    text = translate(locale_of(request), message, name=name)
    return redirect(request, return_to(request, "/lists"), Toast(text=text))


ROUTES = [
    Route("/lists", index),
    Route("/lists", create, methods=["POST"]),
    Route("/lists/new", new),
    Route("/lists/{id}", edit),
    Route("/lists/{id}", save, methods=["POST"]),
    Route("/lists/{id}/deletion", confirm),
    Route("/lists/{id}/deletion", delete, methods=["POST"]),
]
