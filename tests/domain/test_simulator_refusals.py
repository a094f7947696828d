# SPDX-License-Identifier: Apache-2.0
"""The simulator: scenarios that cannot be run are refused by place, whatever they hold."""

import copy
import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from server.domain.simulation import ScenarioRefused, read_scenario, simulate, simulate_lines
from tests.domain.dialer.vectors import NUMBERS, Json, contact, scenario


def changed(path: str, value: object) -> Json:
    """A good scenario with one value set, or taken out where it is Ellipsis."""
    window = {"from": "08:00", "to": "21:00", "days": ["MON"], "timezone": "Europe/Rome"}
    whole = scenario(
        contact("POH"), contact("ZA", id="c2"), blacklist="B", campaign={"window": window}
    )
    node: object = copy.deepcopy(whole)
    root = node
    *steps, last = path.split(".")
    for step in steps:
        node = node[int(step)] if isinstance(node, list) else node[step]  # type: ignore[index]
    if value is ...:
        del node[last]  # type: ignore[attr-defined]
    else:
        node[int(last) if isinstance(node, list) else last] = value  # type: ignore[index]
    assert isinstance(root, dict)
    return root


NAN, HUGE = float("nan"), 10**400
REFUSED = [
    ("start", ..., "REQUIRED"),
    ("start", None, "REQUIRED"),
    ("start", 5, "INVALID"),
    ("start", "yesterday", "INVALID"),
    ("start", "2027-01-04T09:00:00", "INVALID"),
    ("start", "2027-02-30T09:00:00Z", "INVALID"),
    ("start", "0001-01-01T00:00:00+23:00", "OUT_OF_RANGE"),
    ("start", "9999-12-31T23:59:59-23:00", "OUT_OF_RANGE"),
    ("contacts", ..., "REQUIRED"),
    ("contacts", {}, "INVALID"),
    ("contacts.0", [], "INVALID"),
    ("contacts.0.id", ..., "REQUIRED"),
    ("contacts.0.id", " ", "REQUIRED"),
    ("contacts.0.id", 7, "INVALID"),
    ("contacts.0.id", "a\0", "INVALID_CHARACTER"),
    ("contacts.0.id", "a\ud800", "INVALID_CHARACTER"),
    ("contacts.0.id", "x" * 100_000, "TOO_LONG"),
    ("contacts.1.id", "c1", "TAKEN"),
    ("contacts.0.priority", 0, "OUT_OF_RANGE"),
    ("contacts.0.priority", 4, "OUT_OF_RANGE"),
    ("contacts.0.priority", True, "INVALID"),
    ("contacts.0.phone", "abc", "INVALID_NUMBER"),
    ("contacts.0.phone", "+", "INVALID_NUMBER"),
    ("contacts.0.phone", "٣٩٠٦١٢٣٤٥", "INVALID_NUMBER"),
    ("contacts.0.phone", "+39" + "0" * 14, "INVALID_NUMBER"),
    ("contacts.0.phone", 390612345000, "INVALID"),
    ("contacts.0.additionalPhones", None, "INVALID"),
    ("contacts.0.additionalPhones.1.phone", "", "REQUIRED"),
    ("contacts.0.additionalPhones.1.phone", ..., "REQUIRED"),
    ("contacts.0.additionalPhones.1.phone", "12", "INVALID_NUMBER"),
    ("contacts.0.additionalPhones.1.itemType", "Cottage", "NOT_FOUND"),
    ("contacts.0.additionalPhones.1.itemtype", "Office", "INVALID"),
    ("contacts.0.outcomes", [], "REQUIRED"),
    ("contacts.0.outcomes", "ANSWER", "INVALID"),
    ("contacts.0.outcomes.0", "BLACKLIST", "INVALID"),
    ("contacts.0.outcomes.0", "LOST", "INVALID"),
    ("contacts.0.outcomes.0", ["ANSWER"], "INVALID"),
    ("contacts.0.scheduledAt", "soon", "INVALID"),
    ("contact", [], "INVALID"),
    ("itemTypes", {}, "INVALID"),
    ("itemTypes.0.name", "", "REQUIRED"),
    ("itemTypes.1.name", "Office", "TAKEN"),
    ("itemTypes.0.orderBy", NAN, "INVALID"),
    ("itemTypes.0.orderBy", HUGE, "OUT_OF_RANGE"),
    ("itemTypes.0.color", "red", "INVALID"),
    ("blacklist", "+39", "INVALID"),
    ("blacklist.0", None, "REQUIRED"),
    ("campaign", [], "INVALID"),
    ("campaign", None, "INVALID"),
    ("campaign.globalMaxRetry", -1, "OUT_OF_RANGE"),
    ("campaign.globalMaxRetry", 2.5, "INVALID"),
    ("campaign.globalMaxRetry", "4", "INVALID"),
    ("campaign.globalMaxRetry", HUGE, "OUT_OF_RANGE"),
    ("campaign.globalMaxretry", 4, "INVALID"),
    ("campaign.additionalPhonesAfter", -1, "OUT_OF_RANGE"),
    ("campaign.additionalPhonesAfter", float("inf"), "INVALID"),
    ("campaign.originateTimeout", -1, "OUT_OF_RANGE"),
    ("campaign.queueTimeout", [], "INVALID"),
    ("campaign.maxAttemptsPerContact", 0, "OUT_OF_RANGE"),
    ("campaign.exhaustionPolicy", "SOME_PHONE", "INVALID"),
    ("campaign.checkDuplicate", "always", "INVALID"),
    ("campaign.dialOrderByScheduledAt", 1, "INVALID"),
    ("campaign.endsAt", "2027-01-04", "INVALID"),
    ("campaign.retry.ANSWER", {"max": 1}, "INVALID"),
    ("campaign.retry.BUSY", 3, "INVALID"),
    ("campaign.retry.BUSY.max", -1, "OUT_OF_RANGE"),
    ("campaign.retry.BUSY.minutes", 10**9, "OUT_OF_RANGE"),
    ("campaign.retry.BUSY.after", 1, "INVALID"),
    ("campaign.afterStatus", {"BUSY": "STOP"}, "INVALID"),
    ("campaign.window.from", ..., "REQUIRED"),
    ("campaign.window.from", "8:00", "INVALID"),
    ("campaign.window.from", "24:00", "INVALID"),
    ("campaign.window.from", "08:00+01:00", "INVALID"),
    ("campaign.window.to", "08:00", "INVALID"),
    ("campaign.window.to", "24:01", "INVALID"),
    ("campaign.window.days", [], "REQUIRED"),
    ("campaign.window.days.0", "Monday", "INVALID"),
    ("campaign.window.timezone", "Europe/Roma", "UNKNOWN_TIMEZONE"),
    ("campaign.window.timezone", "Europe", "UNKNOWN_TIMEZONE"),
    ("campaign.window.timezone", "../../etc/passwd", "UNKNOWN_TIMEZONE"),
    ("campaign.window.timezone", 1, "INVALID"),
    ("callSeconds", -1, "OUT_OF_RANGE"),
    ("callSeconds", HUGE, "OUT_OF_RANGE"),
    ("lines", 0, "OUT_OF_RANGE"),
    ("lines", None, "REQUIRED"),
    ("horizonDays", -1, "OUT_OF_RANGE"),
    ("horizonDays", 10**6, "OUT_OF_RANGE"),
]


@pytest.mark.parametrize(
    ("path", "value", "code"), REFUSED, ids=[f"{p}={str(v)[:20]!a}" for p, v, _ in REFUSED]
)
def test_a_bad_value_is_refused_by_its_place(path: str, value: object, code: str) -> None:
    with pytest.raises(ScenarioRefused) as refusal:
        read_scenario(changed(path, value))
    field = refusal.value.field
    # A dictionary that is wrong inside is named by its inside.
    assert field is not None
    assert field == path or field.startswith(f"{path}.")
    assert refusal.value.code == code
    assert refusal.value.message


def test_the_scenario_that_they_vary_is_good() -> None:
    assert len(read_scenario(changed("lines", 7)).contacts) == 2


def test_an_unknown_key_is_named_in_a_form_that_can_be_printed() -> None:
    line = '{"start": "2027-01-04T09:00:00Z", "\\ud800' + "x" * 500 + '": 1, "contacts": []}'
    ((shown, valid),) = simulate_lines([line])
    assert not valid
    field = json.loads(shown)["error"]["field"]
    assert field.startswith("\\ud800xxx")
    assert len(field) < 100
    shown.encode()


@pytest.mark.parametrize(
    "line",
    [
        "",
        "null",
        "[]",
        "NaN",
        "[" * 100_000,
        '{"a":' * 100_000,
        "1" * 5_000,
        '{"start": ' + "9" * 5_000 + "}",
        '"\\ud800"',
        "\ud800",
        "{}",
        '{"contacts": []}',
    ],
    ids=lambda line: ascii(line[:12]),
)
def test_a_line_that_is_no_scenario_answers_an_error(line: str) -> None:
    ((shown, valid),) = simulate_lines([line])
    assert not valid
    assert set(json.loads(shown)["error"]) == {"code", "field", "message"}


def test_retries_without_distance_and_end_are_cut_off() -> None:
    rules = {"BUSY": {"max": 32_767, "minutes": 0}}
    campaign: Json = {"retry": rules, "globalMaxRetry": 32_767, "additionalPhonesAfter": 0}
    with pytest.raises(ScenarioRefused) as refusal:
        simulate(scenario(contact("PO", ["BUSY"])) | {"campaign": campaign}, max_calls=500)
    assert (refusal.value.code, refusal.value.field) == ("OUT_OF_RANGE", "contacts")


SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.text(),
    st.sampled_from(
        [NUMBERS["P"], "2027-01-04T09:00:00Z", "ANSWER", "BUSY", "c1", "\ud800", "Europe"]
    ),
)
KEYS = st.one_of(
    st.text(max_size=5),
    st.sampled_from(["start", "campaign", "contacts", "id", "phone", "outcomes", "retry", "max"]),
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(KEYS, inner, max_size=5),
    max_leaves=20,
)
PATHS = sorted({path for path, value, _ in REFUSED if value is not ...})


@settings(max_examples=300)
@given(path=st.sampled_from(PATHS), value=VALUES)
def test_any_value_anywhere_gives_a_scenario_or_a_refusal(path: str, value: object) -> None:
    line = json.dumps(changed(path, value))
    ((shown, valid),) = simulate_lines([line])
    assert ("error" in json.loads(shown)) is not valid
    shown.encode()


@settings(max_examples=200)
@given(value=VALUES)
def test_any_json_gives_a_scenario_or_a_refusal(value: object) -> None:
    ((shown, valid),) = simulate_lines([json.dumps(value)])
    assert ("error" in json.loads(shown)) is not valid


def test_an_empty_window_is_told_what_it_misses() -> None:
    with pytest.raises(ScenarioRefused) as refused:
        read_scenario(changed("campaign.window", {}))
    assert (refused.value.code, refused.value.field) == ("REQUIRED", "campaign.window.from")
