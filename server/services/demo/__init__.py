# SPDX-License-Identifier: Apache-2.0
"""The demo centre, and synthetic contacts by the million."""

from server.services.demo.synthetic import Synthesized, load_synthetic

__all__ = ["Synthesized", "load_synthetic"]
