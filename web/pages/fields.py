# SPDX-License-Identifier: Apache-2.0
"""Master data fields: list, create, edit, order, delete and restore (C-22 to C-25)."""

from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from server.domain.errors import ErrorCode
from server.domain.fields import LONGEST, TEXTUAL, FieldScope, FieldType
from server.domain.permissions import Permission
from server.i18n import N_, label, refusal_text, translate, translate_plural
from web.forms import version_of
from web.frame import Toast
from web.places import return_to
from web.site import (
    Data,
    Errors,
    PageError,
    ask,
    ask_one,
    change,
    locale_of,
    page,
    paging,
    redirect,
    sorting,
    viewer_who_may,
)

SORTS = {"order": "POSITION", "name": "NAME", "created": "CREATED_AT"}
FLAGS = ("isRequired", "isUnique", "isMultiLine", "isSearchable")
MANY = 1000  # values: from so many on the field's name has to be typed
NO_SIZE = -1  # refused in the field's own words, as is everything that is no whole number
NEW: Data = {
    "id": None,
    "name": "",
    "displayName": "",
    "type": FieldType.TEXT.value,
    "scope": FieldScope.CONTACT.value,
    "size": None,
    "validValues": [],
    "version": None,
    "valueCount": 0,
    **dict.fromkeys(FLAGS, False),
}


async def index(request: Request) -> Response:
    query = dict(request.query_params)
    scope = query.get("scope")
    data = await ask(
        request,
        "fields/index",
        search=query.get("q") or None,
        scope=scope if scope in set(FieldScope) else None,
        **sorting(request.query_params, SORTS, "order"),
        **paging(request.query_params),
    )
    locale = locale_of(request)
    return page(
        request,
        "fields/index.html",
        fields=data["masterDataFields"],
        deleted=[edge["node"] for edge in data["deletedFields"]["edges"]],
        scopes=[(one.value, label(locale, one)) for one in FieldScope],
        query=query,
    )


async def new(request: Request) -> Response:
    viewer_who_may(request, Permission.FIELDS_CREATE)
    scope = request.query_params.get("scope")
    return _form(request, NEW | ({"scope": scope} if scope in set(FieldScope) else {}), [])


async def create(request: Request) -> Response:
    form = await request.form()
    given = given_field(form)
    payload, errors = await change(request, "fields/create", input=given)
    if errors:
        return _form(request, shown_field(NEW, given, form), errors)
    return _done(request, N_("Field “%(name)s” was created."), payload["masterDataField"])


async def edit(request: Request) -> Response:
    viewer_who_may(request, Permission.FIELDS_EDIT)
    return _form(request, await _one(request), [])


async def save(request: Request) -> Response:
    form = await request.form()
    given = given_field(form)
    changed = given | version_of(form) | {"id": request.path_params["id"]}
    payload, errors = await change(request, "fields/edit", input=changed)
    if errors:
        # After a conflict the version of now counts: what is sent again is meant.
        is_conflict = any(error["field"] == "version" for error in errors)
        stored = await _one(request) | ({} if is_conflict else version_of(form))
        return _form(request, shown_field(stored, given, form), errors)
    return _done(request, N_("Field “%(name)s” was saved."), payload["masterDataField"])


async def move(request: Request) -> Response:
    """One place up or down in the order of all fields."""
    viewer_who_may(request, Permission.FIELDS_EDIT)
    step = {"up": -1, "down": 1}.get(str((await request.form()).get("step", "")), 0)
    data = await ask(request, "fields/order")
    ids = [edge["node"]["id"] for edge in data["masterDataFields"]["edges"]]
    key = request.path_params["id"]
    if key not in ids:
        raise PageError(404)
    place = ids.index(key)
    other = min(max(place + step, 0), len(ids) - 1)
    ids[place], ids[other] = ids[other], ids[place]
    await change(request, "fields/reorder", input={"ids": ids})
    return redirect(request, return_to(request, "/fields"))


async def confirm(request: Request) -> Response:
    return await _confirm(request, [])


async def delete(request: Request) -> Response:
    form = await request.form()
    field = await _one(request)
    lost = str(form.get("valuesLost", ""))
    if field["valueCount"] >= MANY and str(form.get("confirm", "")) != field["displayName"]:
        text = translate(locale_of(request), N_("Type the field's name as it stands here."))
        return await _confirm(request, [{"field": None, "message": text}])
    given = {
        "id": field["id"],
        "valuesLost": int(lost) if lost.isascii() and lost.isdigit() and len(lost) < 10 else -1,
    }
    payload, errors = await change(request, "fields/delete", input=given | version_of(form))
    if errors:
        return await _confirm(request, [error | {"field": None} for error in errors])
    text = translate_plural(
        locale_of(request),
        "Field “%(name)s” was deleted with %(num)s value.",
        "Field “%(name)s” was deleted with %(num)s values.",
        payload["valuesLost"],
        name=payload["name"],
    )
    undo = f"/fields/restorations/{payload['deletedField']['id']}"
    return redirect(request, return_to(request, "/fields"), Toast(text=text, undo=undo))


async def restore(request: Request) -> Response:
    given = {"id": request.path_params["id"]}
    payload, errors = await change(request, "fields/restore", input=given)
    if errors:
        return redirect(request, "/fields", Toast(text=errors[0]["message"], tone="stop"))
    text = translate_plural(
        locale_of(request),
        "Field “%(name)s” is back with %(num)s value.",
        "Field “%(name)s” is back with %(num)s values.",
        payload["valuesRestored"],
        name=payload["masterDataField"]["displayName"],
    )
    return redirect(request, "/fields", Toast(text=text))


def given_field(form: FormData) -> Data:
    """What the form sent, without the boxes that its type has no use for."""
    kind = str(form.get("type", ""))
    given: Data = {
        "name": str(form.get("name", "")),
        "displayName": str(form.get("displayName", "")),
        "type": kind,
        "scope": str(form.get("scope", "")),
        **{name: name in form for name in FLAGS},
    }
    if kind != FieldType.TEXT:
        given["isMultiLine"] = False
    if kind not in TEXTUAL:
        given["isSearchable"] = False
    if kind == FieldType.BOOLEAN:
        given["isUnique"] = False
    size = str(form.get("size", "")).strip()
    is_size = size.isascii() and size.isdigit() and len(size) < 10
    given["size"] = (int(size) if is_size else NO_SIZE) if size and kind in LONGEST else None
    is_choice = kind == FieldType.CHOICE
    given["validValues"] = [str(form.get("validValues", ""))] if is_choice else []
    return given


def shown_field(field: Data, given: Data, form: FormData) -> Data:
    """What was typed stands in its box again, also where it is no size."""
    values = str(form.get("validValues", ""))
    return field | given | {"size": str(form.get("size", "")), "validValues": [values]}


async def _one(request: Request) -> Data:
    return await ask_one(request, "fields/one", id=request.path_params["id"])


def _form(request: Request, field: Data, errors: Errors) -> Response:
    locale = locale_of(request)
    if any(error["field"] == "size" for error in errors) and field["size"]:
        most = LONGEST.get(FieldType(field["type"]), 0)
        text = refusal_text(locale, ErrorCode.OUT_OF_RANGE, {"min": 1, "max": most})
        errors = [e | ({"message": text} if e["field"] == "size" else {}) for e in errors]
    return page(
        request,
        "fields/form.html",
        status=422 if errors else 200,
        field=field,
        types=[(one.value, label(locale, one)) for one in FieldType],
        scopes=[(one.value, label(locale, one)) for one in FieldScope],
        errors=errors,
    )


async def _confirm(request: Request, errors: Errors) -> Response:
    viewer_who_may(request, Permission.FIELDS_DELETE)
    field = await _one(request)
    return page(
        request,
        "fields/delete.html",
        status=422 if errors else 200,
        field=field,
        must_type=field["valueCount"] >= MANY,
        errors=errors,
    )


def _done(request: Request, message: str, field: Data) -> Response:
    text = translate(locale_of(request), message, name=field["displayName"])
    return redirect(request, return_to(request, "/fields"), Toast(text=text))


POST = ["POST"]
ROUTES = [
    Route("/fields", index),
    Route("/fields", create, methods=POST),
    Route("/fields/new", new),
    Route("/fields/restorations/{id}", restore, methods=POST),
    Route("/fields/{id}", edit),
    Route("/fields/{id}", save, methods=POST),
    Route("/fields/{id}/moves", move, methods=POST),
    Route("/fields/{id}/deletion", confirm),
    Route("/fields/{id}/deletion", delete, methods=POST),
]
