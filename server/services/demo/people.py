# SPDX-License-Identifier: Apache-2.0
"""Synthetic people: made of invented words, the same for the same seed, and nobody real.

Their numbers have the form of Italian, Polish and British ones and no two are equal; only the
simulated telephony ever dials them.
"""

import random
from collections.abc import Sequence
from dataclasses import dataclass

CHUNK = 20_000  # contacts that are made, and stored, at a time


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


_FIRST = _words("""
Aldira Benvolo Corinda Dalmo Elvisa Fiorenzo Gelinda Ilaro Jovanka Kasmir Livena Mirtano Norella
Orlindo Palmira Quirino Rosalba Silvano Tessina Ubaldo Violana Wandor Zelinda Ardeno Brigida
Cesaro Dorisa Ermino Fulvana Grazian Idamara Janosik Klementa Lodovan Malwinda Nazaro Ottavia
Pelagon Radmila Savino Tomasza Urbano Velmira Wislav Zdenek Amberly Brendolf Cedrica Darwyn
Elspetha Fenwick Gwenola Harlow Isolda Kenrick Lorna Merrion Nerissa Osric Perrin
""")
_STEMS = _words("""
Bral Cor Dam Fel Gav Lor Mar Nav Ol Pez Quar Ros Sal Tor Val Zan Brest Cast Drag Ferr Grand Kov Lub
Mal Nov Pol Rad Stan Trev Wol Ash Brack Cold Dun East Farn Glen Hart Kirk Lang
""")
_ENDINGS = _words("""
etti ini ardo elli one ucci ano ieri esco ola ovski ewicz ak czyk owa ek ura in or anski ton ley
worth ham field bury by more well combe
""")
_COMPANIES = _words("""
Officine Molino Cantiere Vetreria Tipografia Farmacia Zakład Hurtownia Piekarnia Foundry Bindery
Orchard Nursery Chandlery Brewery
""")
_DOMAINS = ("example.com", "example.org", "example.net")

# Ten beginnings a country, each followed by seven digits of the person's own.
_ITALIAN = _words("+39340 +39347 +39333 +39328 +39389 +39061 +39023 +39011 +39055 +39081")
_POLISH = _words("+4850 +4851 +4860 +4866 +4869 +4872 +4879 +4822 +4812 +4871")
_BRITISH = _words("+44740 +44744 +44751 +44754 +44758 +44773 +44779 +44203 +44207 +44208")
_COUNTRIES = (_ITALIAN, _ITALIAN, _ITALIAN, _POLISH, _BRITISH)

# Additional phones a contact, 1.5 on average; four numbers a contact are set aside for all.
_PHONES = (0, 0, 1, 1, 1, 2, 2, 2, 3, 3)
_PLACES = 4
_NUMBERS = 10**8
_STRIDE = 61_803_399  # shares no factor with 10: neighbours get numbers far apart, none twice
_UNTYPED = 0.1


@dataclass(frozen=True, slots=True)
class Columns:
    """A chunk of people, a column each; `phones` hold the place of their contact in the chunk."""

    first_names: list[str]
    last_names: list[str]
    emails: list[str]
    companies: list[str]
    numbers: list[str]
    priorities: list[int]
    phone_owners: list[int]
    phone_numbers: list[str]
    phone_types: list[int | None]
    phone_positions: list[int]


def make_people(seed: int, chunk: int, item_type_ids: list[int]) -> Columns:
    """The chunk of that number of the seed's endless row of people."""
    rng = random.Random(f"{seed}/{chunk}")  # noqa: S311 # the same people for the same seed
    shift = random.Random(seed).randrange(_NUMBERS)  # noqa: S311
    made = Columns([], [], [], [], [], [], [], [], [], [])
    choice, chance, types = rng.choice, rng.random, len(item_type_ids)
    for place in range(CHUNK):
        first, last = choice(_FIRST), choice(_STEMS) + choice(_ENDINGS)
        index = (chunk * CHUNK + place) * _PLACES
        beginnings = choice(_COUNTRIES)
        kind = int(chance() * 100)
        made.first_names.append(first)
        made.last_names.append(last)
        email = f"{first}.{last}.{index // _PLACES}@{_DOMAINS[kind % 3]}".lower()
        made.emails.append(email if kind < 70 else "")
        made.companies.append(f"{choice(_COMPANIES)} {last}" if kind % 5 < 2 else "")
        made.numbers.append(_number(index, shift, beginnings))
        made.priorities.append(1 if kind < 5 else 3 if kind >= 90 else 2)
        for position in range(choice(_PHONES)):
            made.phone_owners.append(place)
            made.phone_numbers.append(_number(index + 1 + position, shift, beginnings))
            # Drawn whether there are types or not: they must not change who the people are.
            lot = (chance() - _UNTYPED) / (1 - _UNTYPED)
            typed = lot >= 0 and item_type_ids
            made.phone_types.append(item_type_ids[int(lot * types)] if typed else None)
            made.phone_positions.append(position)
    return made


def _number(index: int, shift: int, beginnings: Sequence[str]) -> str:
    value = (index * _STRIDE + shift) % _NUMBERS
    return f"{beginnings[value // 10_000_000]}{value % 10_000_000:07d}"
