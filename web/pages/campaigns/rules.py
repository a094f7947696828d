# SPDX-License-Identifier: Apache-2.0
"""The rules that a campaign is dialed by: policies with their sources, and rules of its own."""

from collections.abc import Sequence

from babel import Locale
from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from server.domain.errors import ErrorCode
from server.domain.gate import Counted, Reach, RuleKind
from server.domain.permissions import Permission
from server.i18n import N_, label, refusal_text, translate
from web.forms import instant_of, version_of, written_instant
from web.forms_campaign import UNREADABLE
from web.forms_rules import given_rule, rule_input, shown_rule, typed_rule
from web.frame import Toast
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

ONE = "/campaigns/{id}/rules"
COUNTRIES = ("IT", "FR", "GB", "PL", "US", "DE", "ES", "CH", "AT")
BOXES = ("matter", "startsAt", "maxAttemptsPerNumber24h")
HOURS = ("windowFrom", "windowDays")
"""Fields of other pages that contradict rules of this one."""


async def show(request: Request) -> Response:
    data = await _read(request)
    return _page(request, data, _typed(data["campaign"]), [])


async def save(request: Request) -> Response:
    """The policies that are ticked, and what the other boxes hold."""
    viewer_who_may(request, Permission.CAMPAIGNS_EDIT)
    data, form = await _read(request), await request.form()
    timezone = data["campaign"]["timezone"]
    most = str(form.get("maxAttemptsPerNumber24h", "")).strip()
    is_number = most.isascii() and most.isdigit() and len(most) < 10
    given: Data = {
        "policies": [str(name) for name in form.getlist("policies") if name],
        "matter": str(form.get("matter", "")),
        "startsAt": instant_of(str(form.get("startsAt", "")), timezone),
        "maxAttemptsPerNumber24h": int(most) if is_number else (-1 if most else None),
    }
    known = {policy["name"] for policy in data["dialPolicies"]}
    if not set(given["policies"]) <= known:
        raise PageError(400)
    errors = await _edit(request, form, given)
    if errors and str(given["startsAt"]).startswith(UNREADABLE):
        errors = [_unreadable(request), *(e for e in errors if e["field"] != "startsAt")]
    if errors:
        typed = {name: str(form.get(name, "")) for name in BOXES}
        return _page(request, data, typed | {"policies": given["policies"]}, errors)
    return _saved(request, N_("The rules were saved. They hold from the next call on."))


async def new(request: Request) -> Response:
    """`?kind=` says what the rule is about; without one, all kinds are offered."""
    viewer_who_may(request, Permission.CAMPAIGNS_EDIT)
    data = await _read(request)
    kind = _kind(request.query_params.get("kind"))
    if kind is None:
        return _kinds(request, data["campaign"])
    return _form(request, data["campaign"], None, shown_rule(kind, None), [])


async def add(request: Request) -> Response:
    return await _save_rule(request, None)


async def edit(request: Request) -> Response:
    viewer_who_may(request, Permission.CAMPAIGNS_EDIT)
    campaign = (await _read(request))["campaign"]
    place = _place(request, campaign)
    rule = campaign["rules"][place]
    return _form(request, campaign, place, shown_rule(RuleKind(rule["kind"]), rule), [])


async def change_rule(request: Request) -> Response:
    campaign = (await _read(request))["campaign"]
    return await _save_rule(request, _place(request, campaign))


async def remove(request: Request) -> Response:
    viewer_who_may(request, Permission.CAMPAIGNS_EDIT)
    data, form = await _read(request), await request.form()
    rules = [rule_input(rule) for rule in data["campaign"]["rules"]]
    del rules[_place(request, data["campaign"])]
    errors = await _edit(request, form, {"rules": rules})
    if errors:
        return _page(request, data, _typed(data["campaign"]), errors)
    return _saved(request, N_("The rule was removed."))


async def _save_rule(request: Request, place: int | None) -> Response:
    """Among the others that the campaign has; refusals come back to the form's own boxes."""
    viewer_who_may(request, Permission.CAMPAIGNS_EDIT)
    campaign, form = (await _read(request))["campaign"], await request.form()
    kind = _kind(str(form.get("kind", "")))
    if kind is None:
        raise PageError(400)
    read = given_rule(kind, form, locale_of(request))
    rules = [rule_input(rule) for rule in campaign["rules"]]
    at = len(rules) if place is None else place
    rules[at : at + 1] = [read.given]
    errors = [] if read.refusals else await _edit(request, form, {"rules": rules})
    prefix = f"rules.{at}."
    errors = [
        {**error, "field": str(error["field"] or "").removeprefix(prefix) or None}
        for error in errors
    ]
    errors += [
        {"field": name, "message": text, "code": ErrorCode.INVALID.value}
        for name, text in read.refusals.items()
    ]
    if errors:
        return _form(request, campaign, place, typed_rule(kind, form), errors)
    return _saved(request, N_("The rule was saved. It holds from the next call on."))


async def _read(request: Request) -> Data:
    data = await ask(
        request,
        "campaigns/rules",
        id=request.path_params["id"],
        withLists=viewer_of(request).may(Permission.LISTS_VIEW),
    )
    if data["campaign"] is None:
        raise PageError(404)
    return data


async def _edit(request: Request, form: FormData, given: Data) -> Errors:
    whole = given | version_of(form) | {"id": request.path_params["id"]}
    _, errors = await change(request, "campaigns/edit", input=whole)
    return errors


def _typed(campaign: Data) -> Data:
    return {
        "policies": [policy["name"] for policy in campaign["policies"]],
        "matter": campaign["matter"],
        "startsAt": written_instant(campaign["startsAt"], campaign["timezone"]),
        "maxAttemptsPerNumber24h": campaign["maxAttemptsPerNumber24h"] or "",
    }


def is_of_rules(field: str) -> bool:
    """Whether the field that a finding names stands on this page."""
    return field in ("policies", "maxAttemptsPerNumber24h") or field.startswith("rules.")


def _page(request: Request, data: Data, typed: Data, errors: Errors) -> Response:
    findings = data["campaign"]["findings"]
    return page(
        request,
        "campaigns/rules.html",
        status=422 if errors else 200,
        campaign=data["campaign"],
        policies=data["dialPolicies"],
        findings=[one for one in findings if is_of_rules(one["field"]) or one["field"] in HOURS],
        typed=typed,
        errors=errors,
    )


def _kinds(request: Request, campaign: Data) -> Response:
    locale = locale_of(request)
    kinds = [(kind.value, label(locale, kind)) for kind in RuleKind]
    return page(request, "campaigns/rule_kinds.html", campaign=campaign, kinds=kinds)


def _form(
    request: Request, campaign: Data, place: int | None, rule: Data, errors: Sequence[Data]
) -> Response:
    locale = locale_of(request)
    territories = Locale.parse(locale).territories
    return page(
        request,
        "campaigns/rule.html",
        status=422 if errors else 200,
        campaign=campaign,
        place=place,
        rule=rule,
        kind_label=label(locale, RuleKind(rule["kind"])),
        days=Locale.parse(locale).days["format"]["wide"],
        countries=[(code, territories[code]) for code in COUNTRIES],
        counted=[(one.value, label(locale, one)) for one in Counted],
        reaches=[(one.value, label(locale, one)) for one in Reach],
        errors=errors,
    )


def _kind(text: str | None) -> RuleKind | None:
    return next((kind for kind in RuleKind if kind == text), None)


def _place(request: Request, campaign: Data) -> int:
    text = str(request.path_params["place"])
    if not (text.isascii() and text.isdigit() and int(text) < len(campaign["rules"])):
        raise PageError(404)
    return int(text)


def _unreadable(request: Request) -> Data:
    locale = locale_of(request)
    expected = translate(locale, N_("a date and time such as 2027-01-31 18:00"))
    words = refusal_text(locale, ErrorCode.INVALID, {"expected": expected})
    return {"field": "startsAt", "message": words, "code": ErrorCode.INVALID.value}


def _saved(request: Request, message: str) -> Response:
    told = Toast(text=translate(locale_of(request), message))
    return redirect(request, f"/campaigns/{request.path_params['id']}/rules", told)


ROUTES = [
    Route(ONE, show),
    Route(ONE, save, methods=["POST"]),
    Route(f"{ONE}/new", new),
    Route(f"{ONE}/new", add, methods=["POST"]),
    Route(f"{ONE}/{{place}}", edit),
    Route(f"{ONE}/{{place}}", change_rule, methods=["POST"]),
    Route(f"{ONE}/{{place}}/removal", remove, methods=["POST"]),
]
