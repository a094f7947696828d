# SPDX-License-Identifier: Apache-2.0
"""What a contact may hold: texts, numbers and ids, each fault noted on its own field."""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypedDict

from server.domain.contacts import PhoneState
from server.domain.errors import ErrorCode
from server.domain.refusals import Refusals
from server.domain.text import UNSET, Unset
from server.services.contacts import persons
from server.services.contacts.inputs import ContactEdit, PhoneInput
from server.services.numbers import LONGEST as LONGEST_NUMBER
from server.services.numbers import normalized

LONGEST_EMAIL = 254
LONGEST_DESCRIPTION = 255
MOST_PHONES = 100
# Plain on purpose: whether an address exists is known only by writing to it.
_EMAIL = re.compile(r"[^@\s]+@[^@\s.]+(\.[^@\s.]+)+")


class Person(TypedDict, total=False):
    """The columns of a contact that an input sets."""

    first_name: str
    last_name: str
    email: str
    company: str
    phone: str | None
    phone_state: str
    time_zone: str
    language: str
    photo_url: str
    priority: int
    scheduled_at: datetime | None


@dataclass(frozen=True, kw_only=True)
class Phone:
    """An additional phone as it is to be stored, at its place of the input."""

    id: int | None
    number: str
    item_type_id: int | None
    description: str
    state: str


def check_person(
    edit: ContactEdit, region: str, states: Mapping[str | None, str], refusals: Refusals
) -> Person:
    """The columns that the input sets, cleaned; addresses in lower case, numbers in E.164.

    `states` are those of the numbers that the contact has so far (C-06).
    """
    person = Person()
    if not isinstance(edit.first_name, Unset):
        person["first_name"] = refusals.text(edit.first_name, "firstName", required=True)
    if not isinstance(edit.last_name, Unset):
        person["last_name"] = refusals.text(edit.last_name, "lastName")
    if not isinstance(edit.company, Unset):
        person["company"] = refusals.text(edit.company, "company")
    if not isinstance(edit.email, Unset):
        person["email"] = _email(edit.email, refusals)
    if not isinstance(edit.phone, Unset):
        typed = refusals.text(edit.phone or "", "phone", longest=LONGEST_NUMBER)
        person["phone"] = _number(typed, "phone", region, refusals) if typed else None
        person["phone_state"] = state_of(person["phone"], UNSET, states)
    if not isinstance(edit.phone_state, Unset):
        person["phone_state"] = edit.phone_state.value
    if not isinstance(edit.time_zone, Unset):
        person["time_zone"] = _read(edit.time_zone, "timeZone", persons.time_zone, refusals)
    if not isinstance(edit.language, Unset):
        person["language"] = _read(edit.language, "language", persons.language, refusals)
    if not isinstance(edit.photo_url, Unset):
        person["photo_url"] = _read(edit.photo_url, "photoUrl", persons.photo_url, refusals)
    if not isinstance(edit.priority, Unset):
        person["priority"] = refusals.within(edit.priority, "priority", 1, 3)
    if not isinstance(edit.scheduled_at, Unset):
        person["scheduled_at"] = _instant(edit.scheduled_at, refusals)
    return person


def check_phones(
    given: Sequence[PhoneInput],
    region: str,
    states: Mapping[str | None, str],
    refusals: Refusals,
) -> list[Phone]:
    """The additional phones in the order given; a refused number stands as ""."""
    if len(given) > MOST_PHONES:
        refusals.add(ErrorCode.OUT_OF_RANGE, "additionalPhones", max=MOST_PHONES)
        return []
    phones = []
    for index, phone in enumerate(given):
        path = f"additionalPhones.{index}"
        typed = refusals.text(phone.number, f"{path}.number", longest=LONGEST_NUMBER, required=True)
        description = refusals.text(
            phone.description, f"{path}.description", longest=LONGEST_DESCRIPTION
        )
        number = _number(typed, f"{path}.number", region, refusals) or ""
        phones.append(
            Phone(
                id=phone.id,
                number=number,
                item_type_id=phone.item_type_id,
                description=description,
                state=state_of(number, phone.state, states),
            )
        )
    return phones


def state_of(
    number: str | None, given: PhoneState | Unset, states: Mapping[str | None, str]
) -> str:
    """The state that is asked for wins; else a number keeps its own, and a new one is AVAILABLE.

    A state belongs to the digits: a blocked number stays blocked as it moves to another place.
    """
    if isinstance(given, Unset):
        return states.get(number, PhoneState.AVAILABLE.value)
    return given.value


def check_repeated(primary: str | None, phones: Iterable[Phone], refusals: Refusals) -> None:
    """The same number twice, the primary among them: the later place is marked (X-20c)."""
    seen = {primary}
    for index, phone in enumerate(phones):
        if phone.number in seen and phone.number:
            path = f"additionalPhones.{index}.number"
            refusals.add(ErrorCode.DUPLICATE_NUMBER, path, number=phone.number)
        seen.add(phone.number)


def check_known(
    ids: Sequence[int | None], name: str, known: Iterable[int], refusals: Refusals
) -> None:
    """Ids of the additional phones' field `name`: missing and another tenant's look alike."""
    found = set(known)
    for index, value in enumerate(ids):
        if value is not None and value not in found:
            refusals.add(ErrorCode.NOT_FOUND, f"additionalPhones.{index}.{name}")


def check_given_once(phones: Sequence[Phone], refusals: Refusals) -> None:
    """Two chips cannot be the same stored phone."""
    seen = set()
    for index, phone in enumerate(phones):
        if phone.id is not None and phone.id in seen:
            refusals.add(ErrorCode.INVALID, f"additionalPhones.{index}.id", value=phone.id)
        seen.add(phone.id)


def spelled(column: str) -> str:
    """A column's name as the API spells it."""
    head, *rest = column.split("_")
    return head + "".join(part.capitalize() for part in rest)


def _read(text: str, field: str, read: Callable[[str], str], refusals: Refusals) -> str:
    cleaned = refusals.text(text, field, longest=persons.LONGEST)
    with refusals.noting():
        return read(cleaned)
    return ""


def _email(text: str, refusals: Refusals) -> str:
    email = refusals.text(text, "email", longest=LONGEST_EMAIL).lower()
    if email and not _EMAIL.fullmatch(email):
        refusals.add(ErrorCode.INVALID, "email", value=email, expected="name@example.com")
    return email


def _instant(value: datetime | None, refusals: Refusals) -> datetime | None:
    if value is not None and value.tzinfo is None:
        refusals.add(ErrorCode.INVALID, "scheduledAt", expected="2027-01-31T09:00:00Z")
        return None
    if value is not None:
        refusals.within_time(value, "scheduledAt")
    return value


def _number(typed: str, field: str, region: str, refusals: Refusals) -> str | None:
    number = normalized(typed, region)
    if number is None and typed:
        refusals.add(ErrorCode.INVALID_NUMBER, field, number=typed)
    return number
