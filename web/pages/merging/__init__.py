# SPDX-License-Identifier: Apache-2.0
"""Merging contacts: preview with choices, the merges that were made, undo (X-25 to X-28, D2)."""

from starlette.routing import Route

from web.pages.merging.partners import partners
from web.pages.merging.preview import merge, preview
from web.pages.merging.undoing import confirm, index, undo

ROUTES = [
    Route("/merge", preview),
    Route("/merge", merge, methods=["POST"]),
    Route("/contacts/{id}/merge", partners),
    Route("/merges", index),
    Route("/merges/{id}/undo", confirm),
    Route("/merges/{id}/undo", undo, methods=["POST"]),
]
