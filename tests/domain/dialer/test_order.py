# SPDX-License-Identifier: Apache-2.0
"""The order of a contact's numbers and of due entries (dial-machine sections 2 and 7)."""

import pytest

from server.domain.campaigns import DialOrder
from server.domain.dialer import AdditionalNumber, DialState, Entry, dial_order, due_rank
from tests.domain.dialer.dialing import at, phones


def numbers(primary: str | None, *additional: AdditionalNumber) -> list[str]:
    return [phone.number for phone in dial_order(primary, additional)]


def test_primary_then_types_by_order_and_folded_name_then_the_untyped() -> None:
    """X-29, X-36: V7's order, whatever order the numbers were typed in."""
    assert numbers(
        "P",
        AdditionalNumber("untyped1"),
        AdditionalNumber("b", "beta", 5),
        AdditionalNumber("untyped2"),
        AdditionalNumber("a", "Alpha", 5),
        AdditionalNumber("z", "zeta", 1),
    ) == ["P", "z", "a", "b", "untyped1", "untyped2"]


def test_equal_orders_and_folded_names_keep_entry_order() -> None:
    twins = [AdditionalNumber("1", "OFFICE", 1), AdditionalNumber("2", "office", 1)]
    assert numbers("P", *twins) == ["P", "1", "2"]
    assert numbers("P", *reversed(twins)) == ["P", "2", "1"]


def test_type_names_are_folded_and_not_only_lowered() -> None:
    """ß folds to ss, so it sorts there and not behind z."""
    typed = [AdditionalNumber("2", "STRASSE", 1), AdditionalNumber("1", "Straßa", 1)]
    assert numbers("P", *typed) == ["P", "1", "2"]


def test_a_repeated_number_is_dialed_once_at_its_first_place_in_dial_order() -> None:
    order = dial_order(
        "P",
        [
            AdditionalNumber("P", "Office", 1),
            AdditionalNumber("1"),
            AdditionalNumber("1", "Holiday", 2, phone_id=7),
        ],
    )
    assert [(p.number, p.item_type, p.phone_id, p.position) for p in order] == [
        ("P", None, None, 0),
        ("1", "Holiday", 7, 1),
    ]


def test_without_a_primary_the_first_additional_number_acts_as_the_first() -> None:
    """Section 6, row 14."""
    assert numbers(None, AdditionalNumber("2"), AdditionalNumber("1", "Office", 1)) == ["1", "2"]
    assert dial_order(None, []) == []


def waiting(key: int, state: DialState, minutes: int = 0, priority: int = 2) -> Entry:
    return Entry(
        key=key, phones=phones("P"), scheduled_at=at(minutes), state=state, priority=priority
    )


def ranked(order: DialOrder, *entries: Entry) -> list[int | str]:
    return [entry.key for entry in sorted(entries, key=lambda entry: due_rank(entry, order))]


def test_retries_are_dialed_before_a_freshly_loaded_list() -> None:
    """Section 7: a list that came at once must not hide the retries that come due later."""
    assert ranked(
        DialOrder.ASC,
        waiting(1, DialState.READY, 0, priority=1),
        waiting(2, DialState.WAIT_RETRY, 9),
        waiting(3, DialState.WAIT_NEXT_PHONE, 9),
        waiting(4, DialState.WAIT_CALLBACK, 9, priority=3),
    ) == [4, 3, 2, 1]


@pytest.mark.parametrize(
    ("order", "keys"), [(DialOrder.ASC, [5, 2, 3, 4, 1]), (DialOrder.DESC, [5, 1, 2, 3, 4])]
)
def test_inside_a_bucket_priority_then_time_then_key(order: DialOrder, keys: list[int]) -> None:
    assert (
        ranked(
            order,
            waiting(1, DialState.READY, 8),
            waiting(4, DialState.READY, 7),
            waiting(3, DialState.READY, 7),
            waiting(2, DialState.READY, 7),
            waiting(5, DialState.READY, 9, priority=1),
        )
        == keys
    )
