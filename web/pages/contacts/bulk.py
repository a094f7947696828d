# SPDX-License-Identifier: Apache-2.0
"""What is done with the selected rows, or with all that match: counted, then confirmed (D4)."""

from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import parse_qsl, urlencode

from starlette.datastructures import FormData, QueryParams
from starlette.requests import Request
from starlette.responses import Response

from server.domain.permissions import Permission, Role, Viewer
from server.i18n import N_, translate
from web.frame import Toast
from web.pages.contacts.filters import choices_of, filter_of
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

MOST_SELECTED = 1000
MOST_UNDONE = 50  # contacts whose ids an address can hold
TYPED_FROM = 1000
MERGE = "merge"


@dataclass(frozen=True, kw_only=True)
class Action:
    """A button of the bar: who has it, its mutation, and what it takes besides the contacts."""

    key: str
    permission: Permission
    title: str
    verb: str
    done: str
    reads: Callable[[FormData], Data]
    icon: str
    is_danger: bool = False


@dataclass(frozen=True, kw_only=True)
class Target:
    """Those whose ids were sent or, with `state`, all that the list of this address shows."""

    ids: list[str]
    state: str
    is_all: bool

    @classmethod
    def of(cls, form: FormData) -> "Target":
        state = str(form.get("matching", ""))
        ids = [part for value in form.getlist("ids") for part in str(value).split(",") if part]
        return cls(
            ids=list(dict.fromkeys(ids))[:MOST_SELECTED],
            state=state if state.startswith("?") else "",
            is_all="all" in form,
        )

    @property
    def params(self) -> QueryParams:
        return QueryParams(parse_qsl(self.state.removeprefix("?"), max_num_fields=100))

    @property
    def url(self) -> str:
        return f"/contacts{self.state}"


def _tags(form: FormData) -> Data:
    return {"tags": [tag for part in str(form.get("tags", "")).split(",") if (tag := part.strip())]}


def _list(form: FormData) -> Data:
    return {"listId": str(form.get("list", ""))}


def _priority(form: FormData) -> Data:
    text = str(form.get("priority", ""))
    return {"priority": int(text) if text in ("1", "2", "3") else 0}


ACTIONS = (
    Action(
        key="join",
        permission=Permission.LISTS_EDIT,
        title=N_("Put on a list"),
        verb=N_("Put on list"),
        done=N_("Put on the list: %(done)s. On it already: %(unchanged)s."),
        reads=_list,
        icon="lists",
    ),
    Action(
        key="leave",
        permission=Permission.LISTS_EDIT,
        title=N_("Take off a list"),
        verb=N_("Take off list"),
        done=N_("Taken off the list: %(done)s. Not on it: %(unchanged)s."),
        reads=_list,
        icon="lists",
    ),
    Action(
        key="tag",
        permission=Permission.CONTACTS_EDIT,
        title=N_("Give tags"),
        verb=N_("Tag"),
        done=N_("Tagged: %(done)s. Tagged so already: %(unchanged)s."),
        reads=_tags,
        icon="tag",
    ),
    Action(
        key="untag",
        permission=Permission.CONTACTS_EDIT,
        title=N_("Take tags off"),
        verb=N_("Untag"),
        done=N_("Untagged: %(done)s. Without these tags: %(unchanged)s."),
        reads=_tags,
        icon="tag",
    ),
    Action(
        key="priority",
        permission=Permission.CONTACTS_EDIT,
        title=N_("Set the priority"),
        verb=N_("Set priority"),
        done=N_("Changed: %(done)s. Of that priority already: %(unchanged)s."),
        reads=_priority,
        icon="up",
    ),
    Action(
        key="trash",
        permission=Permission.CONTACTS_DELETE,
        title=N_("Move to the trash"),
        verb=N_("Move to the trash"),
        done=N_("Moved to the trash: %(done)s."),
        reads=lambda form: {},
        icon="trash",
        is_danger=True,
    ),
)
BY_KEY = {action.key: action for action in ACTIONS}


def actions_for(viewer: Viewer) -> list[Action]:
    """The buttons of the bar; agents edit one contact at a time (X-17)."""
    if viewer.role is Role.AGENT:
        return []
    return [action for action in ACTIONS if viewer.may(action.permission)]


def may_select(viewer: Viewer) -> bool:
    return bool(actions_for(viewer)) or viewer.may(Permission.CONTACTS_MERGE)


async def ask_first(request: Request) -> Response:
    """The confirmation: how many they are, and what the action still has to be told."""
    form = await request.form()
    target, key = Target.of(form), str(form.get("do", ""))
    if key == MERGE:
        return _to_merge(request, target)
    return await _confirm(request, _action(request, key), target, form, [])


async def carry_out(request: Request) -> Response:
    form = await request.form()
    target, action = Target.of(form), _action(request, request.path_params["action"])
    count = _number(str(form.get("count", "")))
    if action.is_danger and count >= TYPED_FROM and form.get("confirm") != str(count):
        text = translate(locale_of(request), N_("Type the number to confirm."))
        return await _confirm(
            request, action, target, form, [{"field": "confirm", "message": text}]
        )
    given: Data = action.reads(form) | {"count": count}
    if target.is_all:
        given["filter"] = filter_of(request, target.params)
    else:
        given["ids"] = target.ids
    payload, errors = await change(request, f"contacts/bulk_{action.key}", input=given)
    if errors:
        return await _confirm(request, action, target, form, errors)
    return _done(request, action, target, payload)


async def restore(request: Request) -> Response:
    """Back from the trash: what a deletion of a few rows has just moved there."""
    ids = request.query_params.get("ids", "").split(",")[:MOST_UNDONE]
    payload, errors = await change(request, "trash/restore", input={"ids": ids})
    if errors:
        return redirect(request, "/trash", Toast(text=errors[0]["message"], tone="stop"))
    text = translate(locale_of(request), N_("Back: %(num)s."), num=payload["restored"])
    return redirect(request, "/contacts", Toast(text=text))


def _action(request: Request, key: str) -> Action:
    if key not in BY_KEY:
        raise PageError(404)
    action = BY_KEY[key]
    viewer = viewer_who_may(request, action.permission)
    if viewer.role is Role.AGENT:
        raise PageError(403)
    return action


def _to_merge(request: Request, target: Target) -> Response:
    viewer_who_may(request, Permission.CONTACTS_MERGE)
    if target.is_all or len(target.ids) < 2:
        text = translate(locale_of(request), N_("Select the rows to merge: two or more."))
        return redirect(request, target.url, Toast(text=text, tone="warn"))
    return redirect(request, "/merge?" + urlencode({"ids": ",".join(target.ids)}))


async def _confirm(
    request: Request, action: Action, target: Target, form: FormData, errors: Errors
) -> Response:
    total = len(target.ids)
    if target.is_all:
        given = filter_of(request, target.params)
        total = (await ask(request, "contacts/count", filter=given))["contacts"]["totalCount"]
    if not total:
        text = translate(locale_of(request), N_("Nothing is selected."))
        return redirect(request, target.url, Toast(text=text, tone="warn"))
    return page(
        request,
        "contacts/bulk.html",
        status=422 if errors else 200,
        action=action,
        target=target,
        total=total,
        typed=str(total) if action.is_danger and total >= TYPED_FROM else None,
        choices=await choices_of(request),
        given=form,
        errors=errors,
    )


def _done(request: Request, action: Action, target: Target, payload: Data) -> Response:
    locale = locale_of(request)
    if payload["process"] is not None:
        text = translate(locale, N_("A process does it in the background."))
        may_look = viewer_of(request).may(Permission.PROCESSES_VIEW)
        url = f"/imports/{payload['process']['id']}" if may_look else target.url
        return redirect(request, url, Toast(text=text, tone="wait"))
    skipped = payload["skipped"]
    text = translate(locale, action.done, done=payload["done"], unchanged=payload["unchanged"])
    if skipped:
        passed = N_("Passed over: %(num)s (%(name)s: %(reason)s)")
        first = skipped[0]
        told = {"num": len(skipped), "name": first["name"], "reason": first["message"]}
        text += " " + translate(locale, passed, **told)
    undo = None
    if action.key == "trash" and 0 < len(target.ids) <= MOST_UNDONE and not target.is_all:
        undo = "/contacts/bulk/restorations?" + urlencode({"ids": ",".join(target.ids)})
    tone = "warn" if skipped else "ok"
    return redirect(request, target.url, Toast(text=text, tone=tone, undo=undo))


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 0
