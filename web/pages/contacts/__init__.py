# SPDX-License-Identifier: Apache-2.0
"""Contacts: list with search, record, create, edit, delete, put on lists (X-11 to X-17)."""

from starlette.routing import Route

from web.pages.contacts import bulk, consents, exporting, quick, record
from web.pages.contacts.deleting import confirm, delete
from web.pages.contacts.reading import count, index
from web.pages.contacts.writing import create, edit, new, save

ROUTES = [
    Route("/contacts", index),
    Route("/contacts", create, methods=["POST"]),
    Route("/contacts/new", new),
    Route("/contacts/count", count),
    Route("/contacts/export", exporting.confirm),
    Route("/contacts/export", exporting.export, methods=["POST"]),
    Route("/contacts/graphql", exporting.graphql),
    Route("/contacts/bulk", bulk.ask_first, methods=["POST"]),
    Route("/contacts/bulk/restorations", bulk.restore, methods=["POST"]),
    Route("/contacts/bulk/{action}", bulk.carry_out, methods=["POST"]),
    Route("/contacts/{id}", record.show),
    Route("/contacts/{id}", save, methods=["POST"]),
    Route("/contacts/{id}/numbers", record.numbers),
    Route("/contacts/{id}/content", record.content),
    Route("/contacts/{id}/history", record.history),
    Route("/contacts/{id}/details", record.details),
    Route("/contacts/{id}/calls/{attempt}/notes", record.note, methods=["POST"]),
    Route("/contacts/{id}/edit", edit),
    Route("/contacts/{id}/quick", quick.edit),
    Route("/contacts/{id}/quick", quick.save, methods=["POST"]),
    *consents.ROUTES,
    Route("/contacts/{id}/deletion", confirm),
    Route("/contacts/{id}/deletion", delete, methods=["POST"]),
]
