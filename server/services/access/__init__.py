# SPDX-License-Identifier: Apache-2.0
"""Who is behind a request, and what they may hand on to others (X-09)."""

from server.services.access.grants import change_rights, require_above, require_held
from server.services.access.viewers import Store, ViewerCache, token_digest

__all__ = [
    "Store",
    "ViewerCache",
    "change_rights",
    "require_above",
    "require_held",
    "token_digest",
]
