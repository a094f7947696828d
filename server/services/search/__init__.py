# SPDX-License-Identifier: Apache-2.0
"""Global search over contacts, item types, lists, campaigns and users (X-08, C-01, C-02)."""

from server.services.search.everything import search_everything
from server.services.search.found import Found, Match
from server.services.search.phones import PhoneMatch, find_phones

__all__ = ["Found", "Match", "PhoneMatch", "find_phones", "search_everything"]
