# SPDX-License-Identifier: Apache-2.0
"""The gate's facts from the database, and its verdicts on the calls that a dialer would make."""

from server.services.gate.asking import check_at, check_calls
from server.services.gate.facts import Candidate, read_facts
from server.services.gate.settings import Dialed, GateSettings, read_settings

__all__ = [
    "Candidate",
    "Dialed",
    "GateSettings",
    "check_at",
    "check_calls",
    "read_facts",
    "read_settings",
]
