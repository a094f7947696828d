# SPDX-License-Identifier: Apache-2.0
"""Two who edit the same contact: what each wants, field by field, and what comes of a choice.

Contacts are compared as inputs (`forms.as_input`), and two values are equal where they read alike:
"055 123456" as typed and "+39055123456" as stored are no difference.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from server.domain.contacts import PhoneState
from server.domain.permissions import Viewer
from server.i18n import N_, label, translate
from web.formats import Reader, moment, phone_in
from web.languages import language_name
from web.pages.contacts.value_conflicts import VALUES, chosen_values, differing_values
from web.site import Data, Errors

PHONES = "additionalPhones"
PRIORITIES = {1: N_("High"), 2: N_("Normal"), 3: N_("Low")}


@dataclass(frozen=True, kw_only=True)
class Words:
    """What values are shown with: the reader, and the names of lists."""

    viewer: Viewer
    lists: Mapping[str, str] = field(default_factory=dict)


def _text(value: Any, _: Words) -> str:
    return "" if value is None else str(value).strip()


def _number(value: Any, words: Words) -> str:
    return phone_in(str(value).strip(), words.viewer.region) if value else ""


def _state(value: Any, words: Words) -> str:
    known = {state.value: state for state in PhoneState}
    return label(words.viewer.locale, known[value]) if value in known else ""


def _tags(value: Any, _: Words) -> str:
    names = value if isinstance(value, list) else []
    return ", ".join(sorted((str(name) for name in names), key=str.casefold))


def _language(value: Any, words: Words) -> str:
    return language_name(str(value or ""), words.viewer.locale)


def _priority(value: Any, words: Words) -> str:
    return translate(words.viewer.locale, PRIORITIES[value]) if value in (1, 2, 3) else ""


def _instant(value: Any, words: Words) -> str:
    viewer = words.viewer
    reader = Reader(locale=viewer.locale, timezone=viewer.timezone, region=viewer.region)
    try:
        return moment(reader, str(value)) if value else ""
    except (ValueError, OverflowError):
        return ""


def _lists(value: Any, words: Words) -> str:
    ids = value if isinstance(value, list) else []
    return ", ".join(sorted(words.lists.get(str(one), str(one)) for one in ids))


# What the forms send, in the order of the form; a test compares it with what they do send.
FIELDS: dict[str, tuple[str, Callable[[Any, Words], str]]] = {
    "firstName": (N_("First name"), _text),
    "lastName": (N_("Last name"), _text),
    "company": (N_("Company"), _text),
    "email": (N_("E-mail"), _text),
    "tags": (N_("Tags"), _tags),
    "priority": (N_("Priority"), _priority),
    "scheduledAt": (N_("Not before"), _instant),
    "timeZone": (N_("Time zone"), _text),
    "language": (N_("Language"), _language),
    "photoUrl": (N_("Photo link"), _text),
    "listIds": (N_("Lists"), _lists),
    "phone": (N_("Primary phone"), _number),
    "phoneState": (N_("State of the primary phone"), _state),
}


@dataclass(frozen=True, kw_only=True)
class Difference:
    """A field, or one phone, in which the two contacts differ; None: the phone is not there.

    `chosen` is "yours" or "theirs" where only one of the two has changed it, else "".
    """

    name: str
    field: str
    label: str
    yours: Any
    theirs: Any
    started: Any
    knows_start: bool
    chosen: str

    @property
    def is_phone(self) -> bool:
        return self.field == PHONES


@dataclass(frozen=True, kw_only=True)
class Pair:
    """The same phone in both contacts; `key` is its id where it is stored."""

    key: str
    yours: Data | None
    theirs: Data | None


def clashes(errors: Errors) -> bool:
    """Whether somebody else has saved the contact since the form was opened."""
    return any((error["code"], error["field"]) == ("CONFLICT", "version") for error in errors)


def compare(yours: Data, theirs: Data, started: Data, words: Words) -> list[Difference]:
    """Where the two differ, what both have changed first; `started` may lack what is not known."""
    yours = with_states(yours, theirs, started, words)
    found = [
        _difference(name, name, label, (yours[name], theirs[name]), started, show, words)
        for name, (label, show) in FIELDS.items()
        if name in yours and name in theirs
    ]
    first = {phone["id"]: phone for phone in phones_of(started)}
    for pair in paired(yours, theirs, words) if PHONES in yours else ():
        known = {PHONES: first.get(pair.key)} if PHONES in started else {}
        both = (pair.yours, pair.theirs)
        found.append(
            _difference(f"phone.{pair.key}", PHONES, N_("Number"), both, known, _phone, words)
        )
    for name, said, texts, began in differing_values(yours, theirs, started, words.viewer):
        found.append(_difference(name, VALUES, said, texts, began, _text, words))
    differing = [one for one in found if one is not None]
    return sorted(differing, key=lambda one: bool(one.chosen))


def merge(
    yours: Data, theirs: Data, started: Data, choices: Mapping[str, str], words: Words
) -> Data:
    """The input that the choices make; what stays theirs is left out, so that it stays as it is."""
    yours = with_states(yours, theirs, started, words)
    merged = {
        name: value
        for name, value in yours.items()
        if name != PHONES and choices.get(name) != "theirs"
    }
    if VALUES in yours:
        merged[VALUES] = chosen_values(yours, choices)
    if PHONES in yours:
        kept = []
        for pair in _ordered(paired(yours, theirs, words), yours, theirs, started):
            phone = pair.theirs if choices.get(f"phone.{pair.key}") == "theirs" else pair.yours
            if phone is not None:
                # A phone that they have removed is a new one, if it is to be kept.
                kept.append(phone | {"id": pair.theirs["id"] if pair.theirs else None})
        merged[PHONES] = kept
    return merged


def with_states(yours: Data, theirs: Data, started: Data, words: Words) -> Data:
    """Mine with the states that the form has shown, where it sent none: those of the same digits
    as they were, and of other digits that they are available (C-06)."""
    known = started if PHONES in started else theirs
    states = {_digits(phone, words): phone.get("state") for phone in phones_of(known)}
    states[_number(known.get("phone"), words)] = known.get("phoneState")

    def state_of(given: Any, number: Any) -> Any:
        return given or states.get(_number(number, words)) or PhoneState.AVAILABLE.value

    full = dict(yours)
    if "phoneState" in yours:
        full["phoneState"] = state_of(yours["phoneState"], yours.get("phone"))
    if PHONES in yours:
        full[PHONES] = [
            phone | {"state": state_of(phone.get("state"), phone["number"])}
            for phone in phones_of(yours)
        ]
    return full


def paired(yours: Data, theirs: Data, words: Words) -> list[Pair]:
    """Every phone of either, mine in my order and then theirs: by id, else by number."""
    wanted, stored = phones_of(yours), phones_of(theirs)
    by_id = {phone["id"]: phone for phone in stored}
    claimed = {phone["id"] for phone in wanted if phone["id"]}
    by_number = {_digits(phone, words): phone for phone in stored if phone["id"] not in claimed}
    pairs, met = [], set()
    for place, phone in enumerate(wanted):
        found = by_id.get(phone["id"]) or by_number.pop(_digits(phone, words), None)
        if found is not None:
            met.add(found["id"])
        key = (found or phone)["id"] or f"new-{place}"
        pairs.append(Pair(key=key, yours=phone, theirs=found))
    rest = [phone for phone in stored if phone["id"] not in met]
    return pairs + [Pair(key=phone["id"], yours=None, theirs=phone) for phone in rest]


def phones_of(given: Data) -> list[Data]:
    """The phones of an input that a browser has held: what is no phone is not there."""
    phones = given.get(PHONES)
    return [
        phone
        for phone in (phones if isinstance(phones, list) else ())
        if isinstance(phone, dict)
        and isinstance(phone.get("number"), str)
        and isinstance(phone.get("id"), str | None)
    ]


def _difference(
    name: str,
    field: str,
    label: str,
    both: tuple[Any, Any],
    started: Data,
    show: Callable[[Any, Words], Any],
    words: Words,
) -> Difference | None:
    yours, theirs = (show(value, words) for value in both)
    if yours == theirs:
        return None
    knows_start = field in started
    first = show(started[field], words) if knows_start else None
    is_one_sided = knows_start and first in (yours, theirs)
    return Difference(
        name=name,
        field=field,
        label=translate(words.viewer.locale, label),
        yours=yours,
        theirs=theirs,
        started=first,
        knows_start=knows_start,
        chosen=("theirs" if first == yours else "yours") if is_one_sided else "",
    )


def _phone(phone: Any, words: Words) -> Data | None:
    """A phone as it reads; which one it is does not tell them apart."""
    if phone is None:
        return None
    rest = {key: _text(value, words) for key, value in phone.items() if key != "id"}
    is_usual = rest.get("state", "") in ("", PhoneState.AVAILABLE)
    state = "" if is_usual else _state(rest["state"], words)
    return rest | {"number": _number(phone["number"], words), "state": state}


def _digits(phone: Data, words: Words) -> str:
    return _number(phone["number"], words)


def _ordered(pairs: list[Pair], yours: Data, theirs: Data, started: Data) -> Iterable[Pair]:
    """My order where I have changed it, else theirs; what is new to the one stands last."""
    mine, first = _places(yours), _places(started)
    common = [key for key in first if key in set(mine)]
    if common != [key for key in mine if key in set(first)]:
        return pairs
    places = {key: place for place, key in enumerate(_places(theirs))}
    return sorted(pairs, key=lambda pair: places.get(pair.key, len(places)))


def _places(given: Data) -> list[str]:
    return [phone["id"] for phone in phones_of(given) if phone["id"]]
