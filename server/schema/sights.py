# SPDX-License-Identifier: Apache-2.0
"""What an agent sees at this moment, read before each of their requests (X-17).

Lists and campaigns are assigned, attached and detached at any time, so nothing of it is kept but
the viewer that carries it: the same one as long as it is the same sight, because plans are kept by
viewer.
"""

from collections import OrderedDict
from dataclasses import replace

from server.context import Context
from server.domain.permissions import Role, Sight, Viewer
from server.services.visibility import SIGHT

MOST_KEPT = 1_000


class Sights:
    """One an executor."""

    def __init__(self) -> None:
        self._known: OrderedDict[int, tuple[Viewer, Viewer]] = OrderedDict()

    async def renew(self, context: Context) -> None:
        """Give the context's viewer, if an agent, their present sight."""
        viewer = context.viewer
        if viewer is None or viewer.role is not Role.AGENT:
            return
        [row] = await context.database.read(viewer.tenant_id, SIGHT, viewer.user_id)
        sight = Sight(list_ids=tuple(row[0]), contact_ids=tuple(row[1]))
        if viewer.sight == sight:
            return
        known = self._known.get(id(viewer))
        if known is None or known[0] is not viewer or known[1].sight != sight:
            known = viewer, replace(viewer, sight=sight)
            self._known[id(viewer)] = known
        self._known.move_to_end(id(viewer))
        if len(self._known) > MOST_KEPT:
            self._known.popitem(last=False)
        context.viewer = known[1]
