# SPDX-License-Identifier: Apache-2.0
"""Live figures: read in a look, and watched from any node by the same notifications."""

from server.services.live.reading import read_campaign_live, read_centre_live
from server.services.live.watching import live_topics, watch

__all__ = ["live_topics", "read_campaign_live", "read_centre_live", "watch"]
