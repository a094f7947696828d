# SPDX-License-Identifier: Apache-2.0
"""The second step of an import: what the file looks like, what its columns mean, and the start."""

import itertools
from pathlib import PurePath

from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import Response

from server.domain.imports import ENCODINGS, ImportField
from server.domain.permissions import Permission
from server.i18n import N_, label, translate
from web.frame import Toast
from web.pages.lists import list_options
from web.site import (
    Data,
    Errors,
    PageError,
    ask,
    change,
    locale_of,
    page,
    redirect,
    viewer_of,
    viewer_who_may,
)

MOST_FIELDS = 5000  # of the form: two for each column of the widest file, and the others
SEPARATORS = {
    "comma": (",", N_("Comma  ,")),
    "semicolon": (";", N_("Semicolon  ;")),
    "tab": ("\t", N_("Tab")),
    "bar": ("|", N_("Bar  |")),
    "colon": (":", N_("Colon  :")),
    "space": (" ", N_("Space")),
}
ENCODED_AS = {
    "utf-8": "UTF-8",
    "utf-16-le": "UTF-16 LE",
    "utf-16-be": "UTF-16 BE",
    "utf-32-le": "UTF-32 LE",
    "utf-32-be": "UTF-32 BE",
    "cp1252": N_("Windows-1252, Western Europe"),
    "cp1250": N_("Windows-1250, Central Europe"),
    "iso-8859-1": N_("ISO 8859-1, Western Europe"),
    "iso-8859-2": N_("ISO 8859-2, Central Europe"),
    "iso-8859-15": N_("ISO 8859-15, Western Europe"),
    "mac-roman": "Mac Roman",
    "gb18030": N_("GB 18030, Chinese"),
}
NAMES = {sign: name for name, (sign, _) in SEPARATORS.items()}
FIELDS = ("list", "newList", "encoding", "separator", "header", "comment")


async def preview(request: Request) -> Response:
    given: Data = {name: request.query_params.get(name, "") for name in FIELDS}
    return await _page(request, given | {"checkDuplicates": False, "fills": None}, [])


async def preview_again(request: Request) -> Response:
    """Read in another way; what the columns mean stays, as long as they are the same columns."""
    return await _page(request, _given(await request.form(max_fields=MOST_FIELDS)), [])


async def start(request: Request) -> Response:
    form = await request.form(max_fields=MOST_FIELDS)
    given = _given(form)
    payload, errors = await change(request, "imports/start", input=_input(form, given))
    if errors:
        return await _page(request, given, errors, file=str(form.get("file", "")))
    text = translate(locale_of(request), N_("The import has begun."))
    return redirect(request, f"/imports/{payload['process']['id']}", Toast(text=text))


def _given(form: FormData) -> Data:
    """What the form says; `fills` are its columns' meanings, None before any was chosen."""
    given: Data = {name: str(form.get(name, "")) for name in FIELDS}
    fills = [str(text) for text in form.getlist("fills")]
    return given | {
        "checkDuplicates": "checkDuplicates" in form,
        "columns": [str(text) for text in form.getlist("column")],
        "fills": fills if any(fills) else None,
    }


def _choices(given: Data) -> Data:
    """Encoding, separator and header as the API takes them; null is guessed."""
    return {
        "encoding": given["encoding"] or None,
        "separator": SEPARATORS.get(given["separator"], (None, ""))[0],
        "hasHeader": {"yes": True, "no": False}.get(given["header"]),
    }


def _input(form: FormData, given: Data) -> Data:
    mapping = [
        {"column": column, **_meaning(fill)}
        for column, fill in zip(given["columns"], given["fills"] or [], strict=False)
    ]
    name = given["newList"].strip()
    target = {"listId": given["list"]} if given["list"] else {"newListName": name}
    return {
        "fileId": str(form.get("file", "")),
        **target,
        **_choices(given),
        "mapping": mapping,
        "checkDuplicates": given["checkDuplicates"],
        "comment": given["comment"],
    }


def _meaning(fill: str) -> Data:
    if fill in set(ImportField):
        return {"field": fill}
    if fill.startswith("field_"):
        return {"masterDataFieldId": fill}
    return {"itemTypeId": fill} if fill else {}


async def _page(request: Request, given: Data, errors: Errors, file: str | None = None) -> Response:
    viewer_who_may(request, Permission.PROCESSES_CREATE)
    file = file or request.path_params.get("file")
    if file is None:
        raise PageError(404)
    types = viewer_of(request).may(Permission.CONTACTS_VIEW)
    data = await ask(request, "imports/preview", file=file, types=types, **_choices(given))
    seen, found = data["importPreview"]["preview"], data["importPreview"]["userErrors"]
    stored = data["node"]
    if not stored or "name" not in stored:
        raise PageError(404)
    lists = await list_options(request)
    if seen is not None:
        given = _filled(given, seen)
        if not (given["list"] or given["newList"] or errors):
            given["newList"] = _free_name(stored["name"], {name for _, name in lists})
    locale = locale_of(request)
    refused = errors or found
    return page(
        request,
        "imports/check.html",
        status=422 if refused else 200,
        file=stored | {"id": file},
        preview=seen,
        given=given,
        types=[edge["node"] for edge in data.get("offeredItemTypes", {"edges": []})["edges"]],
        fields=[(field.value, label(locale, field)) for field in ImportField],
        own_fields=[
            (edge["node"]["id"], edge["node"]["displayName"])
            for edge in data.get("offeredFields", {"edges": []})["edges"]
        ],
        encodings=[(name, translate(locale, ENCODED_AS[name])) for name in ENCODINGS],
        separators=[(name, translate(locale, text)) for name, (_, text) in SEPARATORS.items()],
        lists=lists,
        errors=refused,
    )


def _filled(given: Data, seen: Data) -> Data:
    """The guesses in the places that nobody has filled in."""
    fills = given["fills"]
    if fills is None or len(fills) != len(seen["columns"]):
        names = ("field", "itemTypeId", "masterDataFieldId")
        fills = [
            next((column[name] for name in names if column[name]), "") for column in seen["columns"]
        ]
    return given | {
        "encoding": seen["encoding"],
        "separator": NAMES[seen["separator"]],
        "header": "yes" if seen["hasHeader"] else "no",
        "fills": fills,
    }


def _free_name(file: str, taken: set[str]) -> str:
    """A new list is called as its file, unless somebody says otherwise; 2 and so on if need be."""
    stem = PurePath(file).stem.replace("_", " ").strip()[:90]
    known = {name.casefold() for name in taken}
    names = itertools.chain([stem], (f"{stem} {number}" for number in itertools.count(2)))
    return next(name for name in names if name.casefold() not in known)
