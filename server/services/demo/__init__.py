# SPDX-License-Identifier: Apache-2.0
"""The demo centre, and synthetic contacts by the million."""

from server.services.demo.centre import Centre, build_centre
from server.services.demo.seeding import ensure_demo
from server.services.demo.synthetic import Synthesized, load_synthetic

__all__ = ["Centre", "Synthesized", "build_centre", "ensure_demo", "load_synthetic"]
