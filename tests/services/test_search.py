# SPDX-License-Identifier: Apache-2.0
"""Global search: what a text finds, by which field, how high, and what is marked (X-08)."""

from datetime import date

import pytest

from server.database import Database
from server.domain.permissions import Viewer
from server.domain.search import SearchType
from server.domain.text import sort_key
from server.models import FieldValue
from server.services.contacts import PhoneInput
from server.services.search import Found, search_everything
from tests.factories.campaigns import make_campaign
from tests.factories.contacts import make_contact
from tests.factories.item_types import make_item_type
from tests.factories.lists import make_list
from tests.factories.marks import marked
from tests.factories.people import make_field
from tests.factories.users import make_viewer
from tests.factories.watched import Watched


@pytest.fixture
async def viewer(database: Database, tenant: int) -> Viewer:
    viewer = await make_viewer(database, tenant)
    async with database.transaction(tenant) as session:
        office = await make_item_type(session, viewer, "Office", 1, "#AABBCC")
        plate = await make_field(session, "Plate", is_searchable=True)
        secret = await make_field(session, "Secret")
        number = await make_field(session, "Customer number", is_searchable=True)
        number.type = "NUMBER"
        born = await make_field(session, "Born", is_searchable=True)
        born.type = "DATE"
        people = {}
        for first, last, email, company, phone, additional in PEOPLE:
            phones = [PhoneInput(number=n, item_type_id=office.id) for n in additional]
            row = await make_contact(
                session, viewer, first, last, phone=phone, email=email, additional=phones
            )
            row.company, row.company_key = company, sort_key(company)
            people[first] = row.id
        for field, first, columns in (
            (plate, "Łukasz", {"text_value": "AB-123 CD", "text_key": "ab-123 cd"}),
            (secret, "Łukasz", {"text_value": "hushhush", "text_key": "hushhush"}),
            (number, "Giulia", {"number_value": 480_155.0}),
            (born, "Giulia", {"date_value": date(1988, 2, 29)}),
        ):
            session.add(FieldValue(contact_id=people[first], field_id=field.id, **columns))
        await make_list(session, viewer, "Rossini winter")
        await make_campaign(session, viewer, "Autumn")
    return viewer


PEOPLE = [
    # first, last, e-mail, company, primary, additional
    ("Maria", "Rossi", "m.rossi@example.org", "Officine Lombarde", "+390612345678", ()),
    ("Rossana", "Bianchi", "", "", "+393471112222", ("+390298761234",)),
    ("Anna", "De Rossini", "anna@carossino.example", "", None, ("+441632960111",)),
    ("Giulia", "D’Amico", "", "Fratelli Rossi & C.", "+48601234567", ()),
    ("Łukasz", "Żółć", "lz@example.org", "", "+48221234999", ()),
    ("Иван", "Щёголев", "", "", None, ()),
    ("Zoé", "Straße", "", "", "+390212340000", ()),
]


async def found(database: Database, viewer: Viewer, text: str, most: int = 20) -> list[Found]:
    return await search_everything(database, viewer, text, list(SearchType), most)


RANKED = [
    # the whole name, its beginning, a word of it, inside; a company's word stands with the words
    (
        "rossi",
        [
            ("Maria Rossi", 1, "NAME", "Maria [Rossi]"),
            ("Rossini winter", 2, "NAME", "[Rossi]ni winter"),
            ("Anna De Rossini", 3, "NAME", "Anna De [Rossi]ni"),
            ("Giulia D’Amico", 3, "COMPANY", "Fratelli [Rossi] & C."),
        ],
    ),
    (
        "rossa",  # and by a typing error, at the end
        [
            ("Rossana Bianchi", 2, "NAME", "[Rossa]na Bianchi"),
            ("Giulia D’Amico", 5, "COMPANY", "Fratelli [Rossi] & C."),
            ("Maria Rossi", 5, "NAME", "Maria [Rossi]"),
        ],
    ),
    ("ombar", [("Maria Rossi", 4, "COMPANY", "Officine L[ombar]de")]),
    ("rossi maria", [("Maria Rossi", 1, "NAME", "[Maria] [Rossi]")]),
    ("mar ros", [("Maria Rossi", 3, "NAME", "[Mar]ia [Ros]si")]),
    ("rossi officine", [("Maria Rossi", 3, "NAME", "Maria [Rossi]")]),  # over two fields
    ("M.ROSSI@", [("Maria Rossi", 2, "EMAIL", "[m].[rossi]@example.org")]),
    ("carossino", [("Anna De Rossini", 3, "EMAIL", "anna@[carossino].example")]),
    ("amico", [("Giulia D’Amico", 3, "NAME", "Giulia D’[Amico]")]),
    ("d'amico", [("Giulia D’Amico", 1, "NAME", "Giulia [D]’[Amico]")]),
    ("lukasz", [("Łukasz Żółć", 1, "NAME", "[Łukasz] Żółć")]),
    ("ZOLC", [("Łukasz Żółć", 1, "NAME", "Łukasz [Żółć]")]),
    ("łukasz żół", [("Łukasz Żółć", 2, "NAME", "[Łukasz] [Żół]ć")]),
    ("иван", [("Иван Щёголев", 1, "NAME", "[Иван] Щёголев")]),
    ("ivan", [("Иван Щёголев", 1, "NAME", "[Иван] Щёголев")]),
    ("голев", [("Иван Щёголев", 4, "NAME", "Иван Щё[голев]")]),
    ("strasse", [("Zoé Straße", 1, "NAME", "Zoé [Straße]")]),
    ("amicco", [("Giulia D’Amico", 5, "NAME", "Giulia D’[Amico]")]),  # a part of it, mistyped
    ("zoe", [("Zoé Straße", 1, "NAME", "[Zoé] Straße")]),
    # as they are copied from a message, with marks of direction or a break that nobody sees
    ("\u202aZoé\u202c Stra\u00adße\u200e", [("Zoé Straße", 1, "NAME", "[Zoé] [Straße]")]),
    ("\u2067иван\u2069\ufeff", [("Иван Щёголев", 1, "NAME", "[Иван] Щёголев")]),
    # numbers
    ("06 1234 5678", [("Maria Rossi", 1, "PHONE", "+39[0612345678]")]),
    ("(06)1234", [("Maria Rossi", 2, "PHONE", "+39[061234]5678")]),
    ("0039 06", [("Maria Rossi", 2, "PHONE", "[+3906]12345678")]),
    ("+39 347", [("Rossana Bianchi", 2, "PHONE", "[+39347]1112222")]),
    ("347111", [("Rossana Bianchi", 2, "PHONE", "+39[347111]2222")]),
    ("2222", [("Rossana Bianchi", 2, "PHONE", "+39347111[2222]")]),
    ("٢٢٢٢", [("Rossana Bianchi", 2, "PHONE", "+39347111[2222]")]),
    ("98761", [("Rossana Bianchi", 4, "ADDITIONAL_PHONE", "+3902[98761]234")]),
    (
        "1234",  # the last digits before those anywhere
        [
            ("Rossana Bianchi", 2, "ADDITIONAL_PHONE", "+39029876[1234]"),
            ("Giulia D’Amico", 4, "PHONE", "+4860[1234]567"),
            ("Maria Rossi", 4, "PHONE", "+3906[1234]5678"),
            ("Zoé Straße", 4, "PHONE", "+3902[1234]0000"),
            ("Łukasz Żółć", 4, "PHONE", "+4822[1234]999"),
        ],
    ),
    ("bianchi 1234", [("Rossana Bianchi", 3, "ADDITIONAL_PHONE", "+39029876[1234]")]),
    # fields of the centre's own
    ("ab-123", [("Łukasz Żółć", 2, "CUSTOM", "[AB]-[123] CD")]),
    ("123 cd", [("Łukasz Żółć", 3, "CUSTOM", "AB-[123] [CD]")]),
    ("480155", [("Giulia D’Amico", 1, "CUSTOM", "[480155]")]),
    ("1988-02-29", [("Giulia D’Amico", 1, "CUSTOM", "[1988]-[02]-[29]")]),
    ("hushhush", []),
    # other types
    (
        "offi",
        [("Maria Rossi", 2, "COMPANY", "[Offi]cine Lombarde"), ("Office", 2, "NAME", "[Offi]ce")],
    ),
    ("#aabb", [("Office", 2, "COLOR", "[#AABB]CC")]),
    ("tumn", [("Autumn", 4, "NAME", "Au[tumn]")]),
    ("winter rossini", [("Rossini winter", 3, "NAME", "[Rossini] [winter]")]),
    # what finds nothing
    *(
        (text, [])
        for text in (
            "",
            "   ",
            "%",
            "_",
            "%%%%",
            "\x00",
            "a\x00b",
            "\ud800",
            "x" * 10_000,
            "😀😀😀",
            "\u202e\u200f",
            "'; DROP TABLE contacts; --",
            "\\",
            "+",
            "@",
            ".",
            "́",
            "?" * 200,
        )
    ),
]


async def test_what_is_found_stands_by_its_rank_and_is_marked(
    database: Database, viewer: Viewer
) -> None:
    shown = {}
    for text, _ in RANKED:
        results = await found(database, viewer, text)
        shown[text] = [
            (each.title, each.rank.value, each.match.field.value, marked(each)) for each in results
        ]
    assert shown == dict(RANKED)


async def test_a_number_as_dialed_in_another_country_stands_below_those_of_this_one(
    database: Database, viewer: Viewer
) -> None:
    """In Italy the zero is a part of the number; in Germany it is dialed, and no part of it."""
    async with database.transaction(viewer.tenant_id) as session:
        for name, number in (
            ("Berlin", "+49301234567"),
            ("Brescia", "+390301234567"),
            ("Cologne", "+4922130123456"),
        ):
            await make_contact(session, viewer, name, phone=number)
    for text, titles in (
        ("030 1234567", [("Brescia", 1, "+39[0301234567]"), ("Berlin", 3, "+49[301234567]")]),
        ("030-123456", [("Brescia", 2), ("Cologne", 3), ("Berlin", 4)]),
        ("+49 (0)30 1234567", [("Berlin", 1, "[+49301234567]")]),
        ("0049 030 123", [("Berlin", 2, "[+4930123]4567")]),
    ):
        results = await found(database, viewer, text)
        told = [(each.title, each.rank.value, marked(each)) for each in results]
        assert [one[: len(titles[0])] for one in told] == titles, text


@pytest.mark.parametrize(
    ("text", "reads"),
    [
        ("030 12345", 2),  # one more step for one more fragment, which few numbers have
        ("06 1234", 1),  # too few digits to tell a country by
        ("347 1112222", 1),
        ("+39 06 12345678", 1),
        ("0039 06 12345678", 1),
    ],
)
async def test_only_a_long_number_with_a_zero_is_looked_for_again(
    database: Database, viewer: Viewer, text: str, reads: int
) -> None:
    watched = Watched(database)
    await search_everything(watched, viewer, text, [SearchType.CONTACT], 20)
    assert watched.opened == reads
