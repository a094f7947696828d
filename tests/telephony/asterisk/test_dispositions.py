# SPDX-License-Identifier: Apache-2.0
"""The disposition table of architecture section 6, row by row."""

import itertools
import json
import random

import pytest

from server.domain.campaigns import CallStatus
from server.telephony.asterisk import Ending, disposition
from server.telephony.asterisk.dispositions import HANGUP_CAUSES, SIP_CAUSES
from server.telephony.asterisk.events import Notice, read_notice
from server.telephony.asterisk.legs import Leg
from tests.telephony.asterisk.replay import recording, recordings

# dial status, Q.850, SIP, rang → ours. The first block was seen on a real exchange.
TABLE = [
    ("BUSY", 17, 486, False, "BUSY"),
    ("BUSY", 17, 486, True, "BUSY"),
    ("BUSY", 17, 600, False, "BUSY"),
    ("CONGESTION", 34, 503, False, "CONGESTION"),
    ("NOANSWER", 1, 404, False, "NO_SUCH_NUMBER"),
    ("NOANSWER", 1, 404, True, "NO_SUCH_NUMBER"),
    ("NOANSWER", 1, 604, False, "NO_SUCH_NUMBER"),
    ("NOANSWER", 22, 410, False, "NO_SUCH_NUMBER"),
    ("NOANSWER", 28, 484, False, "NO_SUCH_NUMBER"),
    ("NOANSWER", 21, 603, False, "BUSY"),
    ("NOANSWER", 21, 603, True, "BUSY"),
    ("NOANSWER", 21, 403, False, "CONGESTION"),
    ("NOANSWER", 38, 500, False, "CONGESTION"),
    ("NOANSWER", 58, 488, False, "CONGESTION"),
    ("NOANSWER", 19, 480, False, "NO_ANSWER"),
    ("RINGING", 19, 480, True, "NO_ANSWER"),  # the ring time-out, its 480 made up
    ("", 19, 480, False, "CONGESTION"),  # the same at a trunk that never rings
    ("NOANSWER", 18, 408, False, "CONGESTION"),  # a trunk that nobody answers from
    ("BUSY", 0, None, False, "BUSY"),  # Local channels
    ("CONGESTION", 0, None, False, "CONGESTION"),
    ("NOANSWER", 21, None, False, "BUSY"),
    ("NOANSWER", 1, None, False, "NO_SUCH_NUMBER"),
    ("", 0, None, False, "CONGESTION"),
    # and the rest of the table
    ("NOANSWER", 18, 408, True, "NO_ANSWER"),
    ("NOANSWER", 19, None, True, "NO_ANSWER"),
    ("", 19, None, True, "NO_ANSWER"),
    ("", 19, None, False, "CONGESTION"),
    ("NOANSWER", 20, None, False, "NO_ANSWER"),
    ("NOANSWER", 102, 504, False, "CONGESTION"),
    ("NOANSWER", 127, 487, True, "NO_ANSWER"),
    ("NOANSWER", 127, 487, False, "CONGESTION"),
    ("CHANUNAVAIL", 0, None, False, "CONGESTION"),
    ("CHANUNAVAIL", 20, None, False, "NO_ANSWER"),
    ("NOANSWER", 41, None, True, "CONGESTION"),
    ("NOANSWER", 42, None, False, "CONGESTION"),
    ("NOANSWER", 16, None, True, "NO_ANSWER"),
    ("CANCEL", 16, None, False, "CONGESTION"),
    ("NOANSWER", 38, 599, True, "CONGESTION"),
    ("NOANSWER", 127, 699, True, "CONGESTION"),
    ("NOANSWER", 17, 999, False, "BUSY"),  # 999 is no SIP: another technology's own number
]


@pytest.mark.parametrize(("dial_status", "cause", "sip", "rang", "status"), TABLE)
def test_a_call_ends_as_all_its_causes_together_say(
    dial_status: str, cause: int, sip: int | None, rang: bool, status: str
) -> None:
    ending = Ending(dial_status=dial_status, hangup_cause=cause, sip_cause=sip, rang=rang)
    assert disposition(ending) is CallStatus(status)


def test_an_answer_stays_one_however_it_ends() -> None:
    for cause, sip, rang in itertools.product((0, 16, 17, 34), (None, 404, 503), (False, True)):
        ending = Ending(hangup_cause=cause, sip_cause=sip, rang=rang, answered=True)
        assert disposition(ending) is CallStatus.ANSWER


def test_what_was_missed_counts_as_congestion_whatever_was_seen_before() -> None:
    """Dial-machine section 11: nobody can say what became of it."""
    assert disposition(Ending(rang=True, vanished=True)) is CallStatus.CONGESTION


def test_404_and_603_differ_though_their_dial_status_is_one() -> None:
    found = {
        sip: disposition(Ending(dial_status="NOANSWER", hangup_cause=cause, sip_cause=sip))
        for cause, sip in ((1, 404), (21, 603))
    }
    assert found == {404: CallStatus.NO_SUCH_NUMBER, 603: CallStatus.BUSY}


def test_every_cause_leads_to_a_failure_of_the_machine() -> None:
    failures = {
        CallStatus.NO_ANSWER,
        CallStatus.BUSY,
        CallStatus.CONGESTION,
        CallStatus.NO_SUCH_NUMBER,
    }
    for cause, sip, rang in itertools.product(
        (*range(130), *HANGUP_CAUSES), (None, *SIP_CAUSES, 300, 499, 699), (False, True)
    ):
        assert disposition(Ending(hangup_cause=cause, sip_cause=sip, rang=rang)) in failures


@pytest.mark.parametrize("name", recordings())
def test_the_facts_of_a_channel_are_the_same_in_any_order(name: str) -> None:
    """F18: each notice one to three times, a hundred orders."""
    events = [step["event"] for step in recording(name)["steps"] if "event" in step]
    told = [read_notice(json.dumps(event)) for event in events]
    notices = [one for one in told if one is not None and one.channel_id == "rubrica-1-c0ffee-n"]
    expected = _facts(Leg("rubrica-1-c0ffee-n", lambda: None), notices)
    chance = random.Random(name)
    for _ in range(100):
        several = [notice for notice in notices for _ in range(chance.randint(1, 3))]
        chance.shuffle(several)
        assert _facts(Leg("rubrica-1-c0ffee-n", lambda: None), several) == expected


def _facts(leg: Leg, notices: list[Notice]) -> tuple[object, ...]:
    for notice in notices:
        leg.fold(notice)
    return (leg.ending, leg.cause, leg.rang_at, leg.answered_at, leg.detected, leg.is_gone)
