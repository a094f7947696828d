# SPDX-License-Identifier: Apache-2.0
"""Calls by an Asterisk: REST to act, events to know (architecture section 6)."""

from server.telephony.asterisk.dispositions import Ending, disposition
from server.telephony.asterisk.driver import AsteriskTelephony
from server.telephony.asterisk.rest import ExchangeError

__all__ = ["AsteriskTelephony", "Ending", "ExchangeError", "disposition"]
