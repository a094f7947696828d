# SPDX-License-Identifier: Apache-2.0
"""A merge's preview as its page shows it: who is who, what to choose, what is the same (X-26)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from server.domain.contacts import PhoneState
from server.domain.permissions import Viewer
from server.i18n import N_, label, translate
from web.formats import Reader, day, moment, phone_in
from web.site import Data

PRIMARY = "phone"
PRIORITIES = {"1": N_("High"), "2": N_("Normal"), "3": N_("Low")}
YES_OR_NO = {"true": N_("Yes"), "false": N_("No")}


@dataclass(frozen=True, kw_only=True)
class Person:
    """One of the contacts; `mark` is the number that tells those of one name apart."""

    mark: int
    contact: Data

    @property
    def id(self) -> str:
        return str(self.contact["id"])

    @property
    def name(self) -> str:
        return str(self.contact["fullName"])


@dataclass(frozen=True, kw_only=True)
class Option:
    """A value of a field, and who has it."""

    value: str
    text: str
    owners: Sequence[Person]
    is_chosen: bool

    @property
    def contact_id(self) -> str:
        return self.owners[0].id


@dataclass(frozen=True, kw_only=True)
class Choice:
    """A field in which the contacts differ, or (with one option) in which they do not."""

    field: str
    label: str
    campaign: str | None
    options: Sequence[Option]

    @property
    def chosen(self) -> Option:
        return next(option for option in self.options if option.is_chosen)


@dataclass(frozen=True, kw_only=True)
class Number:
    """A number of the contact that there will be, with what there is to note about it."""

    phone: Data
    state: str | None  # in words; none where it is dialed
    owners: Sequence[Person]
    notes: Sequence[str]
    was_primary: bool  # of one of them: which one stays is a choice


@dataclass(frozen=True, kw_only=True)
class Shown:
    """All of a preview."""

    people: Sequence[Person]
    master: Person
    differing: Sequence[Choice]
    same: Sequence[Choice]
    numbers: Sequence[Number]
    warnings: Sequence[str]
    obstacles: Sequence[str]
    by_id: Mapping[str, Person]

    def owners(self, ids: Sequence[str]) -> list[Person]:
        return sorted((self.by_id[key] for key in ids), key=lambda person: person.mark)


def shown(preview: Data, ids: Sequence[str], chosen: Mapping[str, str], viewer: Viewer) -> Shown:
    """`ids` in the order of the address; `chosen` is whose value the reader took, by field."""
    contacts = {contact["id"]: contact for contact in preview["contacts"]}
    order = [*dict.fromkeys(key for key in ids if key in contacts)]
    order += [key for key in contacts if key not in order]
    by_id = {key: Person(mark=mark, contact=contacts[key]) for mark, key in enumerate(order, 1)}
    choices = [_choice(field, by_id, chosen, viewer) for field in preview["fields"]]
    primaries = {
        value["value"]
        for field in preview["fields"]
        if field["field"] == PRIMARY
        for value in field["values"]
    }
    general = [one for one in preview["conflicts"] if one["number"] is None]
    return Shown(
        people=list(by_id.values()),
        master=by_id[preview["masterId"]],
        differing=[one for one in choices if len(one.options) > 1],
        same=[one for one in choices if len(one.options) == 1],
        numbers=[
            _number(phone, preview["conflicts"], primaries, by_id, viewer)
            for phone in preview["phones"]
        ],
        warnings=[one["message"] for one in general if not one["isBlocking"]],
        obstacles=[
            _with_names(one, by_id, viewer) for one in preview["conflicts"] if one["isBlocking"]
        ],
        by_id=by_id,
    )


def text_of(field: Data, value: str, viewer: Viewer) -> str:
    """A value as the reader writes it."""
    reader = Reader(locale=viewer.locale, timezone=viewer.timezone, region=viewer.region)
    try:
        if field["field"] == "priority":
            return translate(viewer.locale, PRIORITIES[value])
        if field["type"] == "PHONE":
            return phone_in(value, viewer.region)
        if field["type"] == "DATETIME":
            return moment(reader, value)
        if field["type"] == "DATE":
            return day(reader, value)
        if field["type"] == "BOOLEAN":
            return translate(viewer.locale, YES_OR_NO[value.lower()])
    except (KeyError, ValueError, OverflowError):
        return value
    return value


def _choice(
    field: Data, by_id: Mapping[str, Person], chosen: Mapping[str, str], viewer: Viewer
) -> Choice:
    owners: dict[str, list[Person]] = {}
    for one in field["values"]:
        if one["value"] is not None:
            owners.setdefault(one["value"], []).append(by_id[one["contactId"]])
    taken = chosen.get(field["field"], field["chosenId"])
    ordered = sorted(
        ((value, sorted(people, key=_mark)) for value, people in owners.items()),
        key=lambda pair: pair[1][0].mark,
    )
    held = [value for value, people in ordered if taken in (person.id for person in people)]
    default = held or [value for value, people in ordered if _holds(people, field["chosenId"])]
    first = (default or [ordered[0][0]])[0]
    return Choice(
        field=field["field"],
        label=field["label"],
        campaign=field["campaignName"],
        options=[
            Option(
                value=value,
                text=text_of(field, value, viewer),
                owners=people,
                is_chosen=value == first,
            )
            for value, people in ordered
        ],
    )


def _holds(people: Sequence[Person], contact_id: str) -> bool:
    return any(person.id == contact_id for person in people)


def _mark(person: Person) -> int:
    return person.mark


def _number(
    phone: Data,
    conflicts: Sequence[Data],
    primaries: set[Any],
    by_id: Mapping[str, Person],
    viewer: Viewer,
) -> Number:
    """That a primary number moves is not among the notes: it follows from what is chosen (X-27)."""
    own = [one for one in conflicts if one["number"] == phone["number"]]
    state = PhoneState(phone["state"])
    return Number(
        phone=phone,
        state=None if state is PhoneState.AVAILABLE else label(viewer.locale, state),
        owners=sorted((by_id[key] for key in phone["ownerIds"]), key=_mark),
        notes=[
            one["message"].replace(phone["number"], phone_in(phone["number"], viewer.region))
            for one in own
            if one["kind"] != "PRIMARY_MOVES"
        ],
        was_primary=phone["number"] in primaries,
    )


def _with_names(conflict: Data, by_id: Mapping[str, Person], viewer: Viewer) -> str:
    if conflict["kind"] != "ON_CALL":
        return str(conflict["message"])
    names = ", ".join(by_id[key].name for key in conflict["contactIds"] if key in by_id)
    text = N_("%(names)s: a call is up. Wait until it has ended, then merge.")
    return translate(viewer.locale, text, names=names)
