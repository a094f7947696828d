# SPDX-License-Identifier: Apache-2.0
"""Imports: the list of processes, one as it goes on, a new one step by step, files in and out."""

from starlette.routing import Route

from web.pages.imports import choosing, files, processes, starting

ROUTES = [
    Route("/files", files.create, methods=["POST"]),
    Route("/imports", processes.index),
    Route("/imports", starting.start, methods=["POST"]),
    Route("/imports/live", processes.live_index),
    Route("/imports/new", choosing.choose),
    Route("/imports/new", choosing.receive, methods=["POST"]),
    Route("/imports/new/{file}", starting.preview),
    Route("/imports/new/{file}", starting.preview_again, methods=["POST"]),
    Route("/imports/{id}", processes.show),
    Route("/imports/{id}/live", processes.live),
    Route("/imports/{id}/cancellations", processes.cancel, methods=["POST"]),
    Route("/imports/{id}/file", files.download),
    Route("/imports/{id}/rejections.csv", files.rejections),
]

__all__ = ["ROUTES"]
