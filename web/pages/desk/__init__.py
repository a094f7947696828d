# SPDX-License-Identifier: Apache-2.0
"""The agent's desk: state, call in hand, script and result, and whoever else is on the line.

A telephone system opens `/desk?number=…` as a call comes in (X-20b).
"""

from web.pages.desk import showing

ROUTES = showing.ROUTES
