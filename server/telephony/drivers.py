# SPDX-License-Identifier: Apache-2.0
"""Which driver carries a campaign's calls; a driver of ours registers what makes it."""

import json
from collections.abc import Callable
from dataclasses import dataclass

from server.domain.campaigns.drivers import Driver
from server.domain.campaigns.modes import DialMode
from server.domain.errors import DomainError, ErrorCode
from server.telephony.port import TelephonyPort
from server.telephony.simulated import SimulatedTelephony, read_model


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What a campaign says of its telephony; `simulation` is its JSON as text."""

    tenant_id: int
    driver: Driver
    mode: DialMode = DialMode.DIRECT
    simulation: str = "{}"
    exchange_id: int | None = None


MakeDriver = Callable[[Wanted], TelephonyPort]
"""Raises a DomainError on what cannot be: the campaign is not dialed until it is changed."""


class Drivers:
    """The drivers of one worker. SIMULATED needs nothing; the others are added by who runs it."""

    def __init__(self) -> None:
        self._makers: dict[Driver, MakeDriver] = {Driver.SIMULATED: _simulated}

    def add(self, driver: Driver, make: MakeDriver) -> None:
        """`make` is called once a campaign, and again when its settings change."""
        self._makers[driver] = make

    @property
    def names(self) -> list[str]:
        """Of the campaigns that this worker can dial."""
        return sorted(self._makers)

    def make(self, wanted: Wanted) -> TelephonyPort:
        if wanted.driver not in self._makers:
            raise DomainError(ErrorCode.INVALID, "driver", value=wanted.driver.value)
        return self._makers[wanted.driver](wanted)


def _simulated(wanted: Wanted) -> TelephonyPort:
    given: dict[str, object] = json.loads(wanted.simulation)
    return SimulatedTelephony(read_model(given), has_agents=wanted.mode is not DialMode.DIRECT)
