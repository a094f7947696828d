# SPDX-License-Identifier: Apache-2.0
"""Blacklists: who is not to be called; listed, kept, imported and exported (C-26 to C-29)."""

from starlette.routing import Route

from web.pages.blacklists import deleting, exporting, importing, keeping, listing

ROUTES = [
    Route("/blacklists", listing.index),
    Route("/blacklists", keeping.create, methods=["POST"]),
    Route("/blacklists/new", keeping.new),
    Route("/blacklists/export.csv", exporting.export),
    Route("/blacklists/imports/new", importing.new),
    Route("/blacklists/imports", importing.start, methods=["POST"]),
    Route("/blacklists/deletions/new", deleting.confirm),
    Route("/blacklists/deletions/new", deleting.confirm_selected, methods=["POST"]),
    Route("/blacklists/deletions", deleting.delete, methods=["POST"]),
    Route("/blacklists/deletions/{id}/restorations", deleting.restore, methods=["POST"]),
    Route("/blacklists/{id}", keeping.edit),
    Route("/blacklists/{id}", keeping.save, methods=["POST"]),
]
