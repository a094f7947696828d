# SPDX-License-Identifier: Apache-2.0
"""How a number is rung: one port, and the drivers behind it (architecture section 6)."""

from server.telephony.drivers import Drivers, Wanted
from server.telephony.port import Call, CallResult, Line, Taker, TelephonyPort
from server.telephony.simulated import SimulatedTelephony

__all__ = [
    "Call",
    "CallResult",
    "Drivers",
    "Line",
    "SimulatedTelephony",
    "Taker",
    "TelephonyPort",
    "Wanted",
]
