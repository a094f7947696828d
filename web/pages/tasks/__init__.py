# SPDX-License-Identifier: Apache-2.0
"""Scheduled tasks: callbacks listed, agreed, changed, given to others and closed (C-30 to C-38)."""

from starlette.routing import Route

from web.pages.tasks import closing, keeping, listing

ROUTES = [
    Route("/tasks", listing.index),
    Route("/tasks", keeping.schedule, methods=["POST"]),
    Route("/tasks/new", keeping.new),
    Route("/tasks/assignments", closing.assign, methods=["POST"]),
    Route("/tasks/closed", closing.close, methods=["POST"]),
    Route("/tasks/closings/new", closing.confirm),
    Route("/tasks/closings", closing.close_sessions, methods=["POST"]),
    Route("/tasks/closings/{campaign}/{moment}/reopenings", closing.reopen, methods=["POST"]),
    Route("/tasks/{id}", keeping.edit),
    Route("/tasks/{id}", keeping.save, methods=["POST"]),
]
