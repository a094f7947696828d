# SPDX-License-Identifier: Apache-2.0
"""The simulator: what it answers for scenarios that can be run (simulator.md; X-33, X-34, X-40)."""

import json

import pytest

from server.domain.simulation import Answer, simulate, simulate_lines
from tests.domain.dialer.vectors import (
    LETTERS,
    NUMBERS,
    START,
    VECTORS,
    Json,
    contact,
    minute,
    notation,
    retry,
    scenario,
)

ONCE = {"retry": retry(NO_ANSWER=(1, 2))}


def by_contact(answer: Answer, name: str) -> str:
    return notation([row for row in answer["history"] if row["contact"] == name])


def starts(answer: Answer) -> list[tuple[object, int]]:
    return [(row["contact"], minute(row["at"])) for row in answer["history"]]


def test_the_answer_is_spelled_as_the_document_says() -> None:
    answer = simulate(
        scenario(
            contact("PHO", ["NO_ANSWER", "BUSY", "ANSWER"]),
            contact("PZ", id="c7"),
            contact("ZA", id="c9", scheduledAt="2028-01-01T00:00:00+01:00"),
        )
    )
    assert answer["history"][1] == {
        "contact": "c1",
        "round": 1,
        "position": 1,
        "phone": NUMBERS["O"],
        "itemType": "Office",
        "status": "BUSY",
        "at": "2027-01-04T09:01:00Z",
    }
    assert answer["final"] == [
        {
            "contact": "c1",
            "phone": NUMBERS["H"],
            "status": "ANSWER",
            "reason": "REACHED",
            "counters": {},
            "attempts": 3,
            "at": "2027-01-04T09:02:00Z",
        }
    ]
    assert answer["open"] == [
        {
            "contact": "c9",
            "phone": NUMBERS["Z"],
            "state": "READY",
            "scheduledAt": "2027-12-31T23:00:00Z",
        }
    ]
    assert answer["skipped"] == [{"contact": "c7", "reason": "DUPLICATE"}]


def test_only_start_and_contacts_are_needed() -> None:
    """The defaults: 3 times, 150 minutes apart, global 4, next number after 1 minute."""
    answer = simulate(
        {"start": START, "contacts": [{"id": "c1", "phone": NUMBERS["P"]}, {"id": "c2"}]}
    )
    assert by_contact(answer, "c1") == "P0 | P150 | P300"
    assert [(f["contact"], f["reason"]) for f in answer["final"]] == [
        ("c2", "NO_DIALABLE_PHONE"),
        ("c1", "RETRY_EXCEEDED"),
    ]
    assert simulate({"start": START, "contacts": []}) == {
        "history": [],
        "final": [],
        "open": [],
        "skipped": [],
    }


def test_the_last_outcome_repeats() -> None:
    answer = simulate(scenario(contact("P", ["BUSY", "NO_ANSWER"])))
    assert notation(answer["history"]) == "P0=BUSY | P2 | P4 | P6"


@pytest.mark.parametrize(
    ("policy", "skipped"), [("ALWAYS", ["c2"]), ("ONLY_IF_OPEN", ["c2"]), ("NEVER", [])]
)
def test_equal_primaries_in_one_load(policy: str, skipped: list[str]) -> None:
    """X-40, section 9 (d): compared without their punctuation."""
    twice = contact("P", id="c2") | {"phone": "0039 06 (1234) 5000"}
    campaign: Json = {**ONCE, "checkDuplicate": policy}
    answer = simulate(scenario(contact("P"), twice, campaign=campaign))
    assert [row["contact"] for row in answer["skipped"]] == skipped
    assert len(answer["final"]) == 2 - len(skipped)


def test_a_number_is_never_in_two_calls_at_once() -> None:
    """Section 6, row 15: under NEVER the second contact waits for the first one's call."""
    campaign: Json = {**ONCE, "checkDuplicate": "NEVER"}
    answer = simulate(
        scenario(contact("P"), contact("P", id="c2"), campaign=campaign, callSeconds=180)
    )
    assert starts(answer) == [("c1", 0), ("c2", 3)]


def test_a_number_released_by_a_blacklisted_claim_is_not_waited_for_for_ever() -> None:
    campaign: Json = {**ONCE, "checkDuplicate": "NEVER"}
    twins = [contact("PO", id="c1"), contact("PH", id="c2"), contact("PO", id="c3")]
    answer = simulate(scenario(*twins, campaign=campaign, blacklist="P", callSeconds=60))
    assert [by_contact(answer, f"c{n}") for n in (1, 2, 3)] == [
        "P0=BLACKLIST O0",
        "P0=BLACKLIST H0",
        "P0=BLACKLIST O1",
    ]
    assert answer["open"] == []


def test_lines_bound_the_calls_that_are_up() -> None:
    contacts = [contact(letter, id=letter) for letter in "POHZA"]
    answer = simulate(scenario(*contacts, campaign=ONCE, lines=2, callSeconds=60))
    assert starts(answer) == [("P", 0), ("O", 0), ("H", 1), ("Z", 1), ("A", 2)]


def test_one_line_serves_any_number_of_calls_without_length() -> None:
    contacts = [contact(letter, id=letter) for letter in "POHZA"]
    answer = simulate(scenario(*contacts, campaign=ONCE, lines=1))
    assert starts(answer) == [(letter, 0) for letter in "POHZA"]


def test_retries_and_urgent_contacts_go_first_when_lines_are_short() -> None:
    """Section 7."""
    contacts = [
        contact("PO", id="a", priority=3),
        contact("H", id="b", priority=2),
        contact("Z", id="c", priority=1),
        contact("A", id="d", priority=3),
    ]
    campaign: Json = {**ONCE, "additionalPhonesAfter": 0}
    answer = simulate(scenario(*contacts, campaign=campaign, lines=1, callSeconds=60))
    assert starts(answer) == [("c", 0), ("b", 1), ("a", 2), ("a", 3), ("d", 4)]


def test_waits_count_from_the_end_of_a_call() -> None:
    answer = simulate(scenario(contact("PO"), callSeconds=600, horizonDays=0))
    assert notation(answer["history"]) == ""
    assert answer["open"][0]["state"] == "DIALING"
    answer = simulate(scenario(contact("PO"), callSeconds=600))
    assert notation(answer["history"]) == "P0 O11 | P23 O34 | P46 O57"
    assert minute(answer["final"][0]["at"]) == 67


def test_history_is_in_the_order_in_which_calls_started() -> None:
    """A blocked number is known at once, the result of the call before it only later."""
    answer = simulate(
        scenario(contact("P"), contact("HO", id="c2"), campaign=ONCE, blacklist="H", callSeconds=60)
    )
    assert [(LETTERS[str(row["phone"])], row["status"]) for row in answer["history"]] == [
        ("P", "NO_ANSWER"),
        ("H", "BLACKLIST"),
        ("O", "NO_ANSWER"),
    ]


def test_calls_wait_for_the_window_and_the_next_wait_counts_from_the_call() -> None:
    """Section 6, row 6; section 11. 09:00Z is 10:00 in Rome."""
    window = {"from": "10:00", "to": "10:02", "timezone": "Europe/Rome"}
    answer = simulate(scenario(contact("POH"), campaign={"window": window, "retry": retry()}))
    day = 24 * 60
    assert (
        notation(answer["history"])
        == f"P0 O1 H{day} | P{2 * day} O{2 * day + 1} H{3 * day} | P{4 * day} O{4 * day + 1} "
        f"H{5 * day}"
    )
    answer = simulate(
        scenario(contact("POH"), campaign={"window": window, "retry": retry()}, horizonDays=1)
    )
    assert answer["open"] == [
        {
            "contact": "c1",
            "phone": NUMBERS["P"],
            "state": "WAIT_RETRY",
            "scheduledAt": "2027-01-05T09:02:00Z",
        }
    ]


def test_a_retry_over_the_change_of_the_clock_is_dialed_once() -> None:
    """F16: due at 02:30 on 2027-03-28 in Rome, which does not exist; and 02:30 twice in October."""
    for start, dialed in (
        ("2027-03-28T00:30:00Z", ["00:30:00Z", "01:30:00Z"]),
        ("2027-10-31T00:30:00Z", ["00:30:00Z", "01:30:00Z"]),
    ):
        window = {"from": "00:00", "to": "24:00", "timezone": "Europe/Rome"}
        campaign: Json = {"retry": retry(NO_ANSWER=(2, 60)), "window": window}
        answer = simulate(scenario(contact("P"), campaign=campaign) | {"start": start})
        assert [str(row["at"])[11:] for row in answer["history"]] == dialed


def test_a_call_held_back_by_lines_does_not_slip_out_of_the_window() -> None:
    window = {"from": "09:00", "to": "09:02", "timezone": "UTC"}
    campaign: Json = {**ONCE, "window": window}
    contacts = [contact(letter, id=letter) for letter in "POH"]
    answer = simulate(scenario(*contacts, campaign=campaign, lines=1, callSeconds=100))
    assert [str(row["at"]) for row in answer["history"]] == [
        "2027-01-04T09:00:00Z",
        "2027-01-04T09:01:40Z",
        "2027-01-05T09:00:00Z",
    ]


def test_the_end_closes_what_would_be_dialed_later() -> None:
    """Section 11: as it is computed, or when the end passes while the window is closed."""
    campaign: Json = {"retry": retry(), "endsAt": "2027-01-04T09:01:00Z"}
    answer = simulate(scenario(contact("PO"), campaign=campaign))
    assert notation(answer["history"]) == "P0"
    assert (answer["final"][0]["reason"], answer["final"][0]["at"]) == ("CAMPAIGN_ENDED", START)
    window = {"from": "12:00", "to": "13:00", "timezone": "UTC"}
    answer = simulate(scenario(contact("PO"), campaign={**campaign, "window": window}))
    assert answer["final"] == [
        {
            "contact": "c1",
            "phone": None,
            "status": None,
            "reason": "CAMPAIGN_ENDED",
            "counters": {},
            "attempts": 0,
            "at": "2027-01-04T09:01:00Z",
        }
    ]


def test_all_numbers_blacklisted_is_final_with_a_row_each() -> None:
    answer = simulate(scenario(contact("PO"), blacklist="PO"))
    assert notation(answer["history"]) == "P0=BLACKLIST O0=BLACKLIST"
    assert answer["final"][0]["reason"] == "ALL_PHONES_BLOCKED"
    assert answer["final"][0]["phone"] is None


def test_a_call_at_the_horizon_is_made_and_none_after_it() -> None:
    campaign: Json = {"retry": retry(NO_ANSWER=(3, 24 * 60))}
    answer = simulate(scenario(contact("P"), campaign=campaign, horizonDays=1))
    assert notation(answer["history"]) == "P0 | P1440"
    assert answer["open"][0]["scheduledAt"] == "2027-01-06T09:00:00Z"


def test_fractions_of_a_second_and_other_zones_are_kept_as_utc() -> None:
    answer = simulate(scenario(contact("P")) | {"start": "2027-01-04T10:00:00.25+01:00"})
    assert answer["history"][0]["at"] == "2027-01-04T09:00:00.250000Z"


def test_lines_of_json_are_answered_in_order_and_a_bad_one_stops_nothing() -> None:
    good = json.dumps(VECTORS[0].scenario)
    answers = list(simulate_lines([good, "nonsense", "", "\ufeff" + good + "\n"]))
    assert [valid for _, valid in answers] == [True, False, False, True]
    assert json.loads(answers[0][0]) == json.loads(answers[3][0]) == simulate(VECTORS[0].scenario)
    assert json.loads(answers[1][0]) == {
        "error": {
            "code": "INVALID",
            "field": None,
            "message": "the line is not a JSON object, or too deep to read",
        }
    }
