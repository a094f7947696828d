# SPDX-License-Identifier: Apache-2.0
"""Numbers as people write them become E.164, or are refused by name (X-12, X-20c)."""

import time

import phonenumbers
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from server.domain.errors import DomainError, ErrorCode
from server.services import numbers

REGIONS = ("IT", "GB", "PL", "US", "DE", "FR", "BR", "AR", "MX", "RU", "SM", "CH", "AU", "NZ")


@pytest.mark.parametrize(
    "typed",
    [
        "+390612345000",
        "0612345000",
        "06 12345000",
        "06-1234.5000",
        "(06) 123/45.000",
        "+39 (06) 12345000",
        "0039 06 12345000",
        "  +39 06 12345000\t",
        "＋３９０６１２３４５０００",
        "（０６）１２３４５０００",
        "٠٦١٢٣٤٥٠٠٠",
        "०६१२३४५०००",
        "\u202a+39\u00a006\u201112345000\u202c",
    ],
)
def test_one_number_is_read_in_all_its_spellings(typed: str) -> None:
    assert numbers.normalize(typed, "IT") == "+390612345000"


@pytest.mark.parametrize(
    ("typed", "region", "expected"),
    [
        ("06 12345000", "IT", "+390612345000"),  # fixed lines keep their zero
        ("333 1234567", "IT", "+393331234567"),
        ("393331234567", "IT", "+393331234567"),  # the country code without its plus
        ("020 7946 0958", "GB", "+442079460958"),  # the trunk zero goes
        ("+44 (0)20 7946 0958", "IT", "+442079460958"),
        ("601 234 567", "PL", "+48601234567"),
        ("011 39 06 12345000", "US", "+390612345000"),
    ],
)
def test_the_region_decides_what_a_zero_means(typed: str, region: str, expected: str) -> None:
    assert numbers.normalize(typed, region) == expected


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "   ",
        "+",
        "n/a",
        "0",
        "112",  # shorter than any number of a person
        "06 12345000 ext 5",
        "06 12345000x5",
        "06 12345000;ext=5",
        "06 12345000#5",
        "tel:0612345000",
        "0800 FLOWERS",
        "+39+0612345000",
        "06 1234²5000",
        "06 12345000\n06 12345001",
        "+999 12345678",
        "+1 555 1234",  # local form, not to be dialed from anywhere
        "+49 1234",
        "+49 123456789012345",  # more than E.164's fifteen digits
        "06\x0012345000",
        "06\ud80012345000",
        "1" * 100_000,
    ],
)
def test_what_is_no_number_is_refused(typed: str) -> None:
    with pytest.raises(DomainError) as refused:
        numbers.normalize(typed, "IT", "phone")
    assert (refused.value.code, refused.value.field) == (ErrorCode.INVALID_NUMBER, "phone")
    assert numbers.normalize_many([typed], "IT") == [None]


def test_a_possible_number_outside_the_table_of_valid_ones_is_kept() -> None:
    assert not phonenumbers.is_valid_number(phonenumbers.parse("+48111111111"))
    assert numbers.normalize("111 111 111", "PL") == "+48111111111"


def test_without_a_known_region_only_international_numbers_are_read() -> None:
    assert numbers.normalize_many(["+390612345000", "0612345000"], "ZZ") == ["+390612345000", None]


def test_pasted_lists_become_several_numbers() -> None:
    pasted = "06 1234567, 06/7654321;\r\n+39 333 1234567\n\n , 02 11111111 "
    assert numbers.split_pasted(pasted) == [
        "06 1234567",
        "06/7654321",
        "+39 333 1234567",
        "02 11111111",
    ]
    assert numbers.split_pasted(" ,;\n") == []


@pytest.mark.parametrize(
    ("typed", "region", "expected"),
    [
        ("+39 06", "IT", ("+3906",)),
        ("06 1", "IT", ("+39061", "+061")),
        ("0044 20", "IT", ("+4420",)),
        ("020 7", "GB", ("+44207", "+0207")),
        ("20 7", "GB", ("+44207", "+207")),
        ("3906", "IT", ("+393906", "+3906")),
        ("+49 (0)30 12", "IT", ("+493012",)),  # as it is printed on letters
        ("00020361", "IT", ("+020361",)),  # the end of a number: no country code begins with a zero
        ("0044 020 7", "IT", ("+44207",)),
        ("+39 06 1", "DE", ("+39061",)),
        ("+7 800", "IT", ("+7800",)),
        ("06", "ZZ", ("+06",)),
        ("rossi", "IT", ()),
        ("", "IT", ()),
    ],
)
def test_first_digits_are_searched_in_every_reading(
    typed: str, region: str, expected: tuple[str, ...]
) -> None:
    assert numbers.search_prefixes(typed, region) == expected


_typed_digits = st.builds(
    lambda plus, code, rest: plus + code + rest,
    st.sampled_from(["", "+", "00", "011", "0", "00 0"]),
    st.sampled_from(["", "39", "44", "48", "1", "49", "7", "55", "54", "52", "378", "379", "800"]),
    st.text("0123456789", min_size=0, max_size=17),
)


@example(typed="+0310000", region="IT")  # no country code begins with 0, though 31 is one
@settings(max_examples=2000)
@given(typed=_typed_digits, region=st.sampled_from(REGIONS))
def test_the_quick_reading_never_differs_from_the_library(typed: str, region: str) -> None:
    digits = numbers._only_digits(typed)
    if digits:
        quick = numbers._read_quickly(digits, region)
        assert quick is None or quick == numbers._read(digits, region)


def test_the_quick_reading_agrees_on_an_example_of_every_country() -> None:
    seen = quick_ones = 0
    for region in sorted(phonenumbers.SUPPORTED_REGIONS):
        for kind in (
            phonenumbers.PhoneNumberType.FIXED_LINE,
            phonenumbers.PhoneNumberType.MOBILE,
        ):
            example = phonenumbers.example_number_for_type(region, kind)
            if example is None:
                continue
            for form in (
                phonenumbers.PhoneNumberFormat.E164,
                phonenumbers.PhoneNumberFormat.NATIONAL,
                phonenumbers.PhoneNumberFormat.INTERNATIONAL,
            ):
                typed = phonenumbers.format_number(example, form)
                digits = numbers._only_digits(typed)
                assert digits is not None, typed
                quick = numbers._read_quickly(digits, region)
                expected = numbers._read(digits, region)
                assert quick in (None, expected), (region, typed)
                seen += 1
                quick_ones += quick is not None
    assert seen > 1000
    assert quick_ones > seen / 2


def test_a_chunk_of_numbers_is_read_at_forty_thousand_a_second() -> None:
    values = [f"+39 06 {number:08}" for number in range(20_000)]
    started = time.process_time()
    assert None not in numbers.normalize_many(values, "IT")
    assert len(values) / (time.process_time() - started) > 40_000
