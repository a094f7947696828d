# SPDX-License-Identifier: Apache-2.0
"""Campaigns: settings, states, lists, and the live hopper, history and final results."""

from functools import partial

from starlette.routing import Route

from web.pages.campaigns import (
    agents,
    calls,
    deleting,
    explanations,
    forecasts,
    lists,
    logs,
    parking,
    plans,
    reading,
    retry,
    rules,
    settings,
    states,
    structure,
)

POST = ["POST"]
SETTINGS = "campaigns/settings.html"
ONE = "/campaigns/{id}"
LIST = "/campaigns/{id}/lists/{list}"

ROUTES = [
    Route("/campaigns", reading.index),
    Route("/campaigns", settings.create, methods=POST),
    Route("/campaigns/new", settings.new),
    Route("/campaigns/live", reading.rows),
    Route(ONE, reading.overview),
    Route(f"{ONE}/live", reading.live),
    Route(f"{ONE}/settings", partial(settings.show, template=SETTINGS)),
    Route(f"{ONE}/settings", partial(settings.save, template=SETTINGS), methods=POST),
    *retry.ROUTES,
    *rules.ROUTES,
    Route(f"{ONE}/structure", structure.show),
    Route(f"{ONE}/structure", structure.save, methods=POST),
    Route(f"{ONE}/starts", partial(states.become, name="start"), methods=POST),
    Route(f"{ONE}/pauses", partial(states.become, name="pause"), methods=POST),
    Route(f"{ONE}/resumptions", partial(states.become, name="resume"), methods=POST),
    Route(f"{ONE}/stops", partial(states.become, name="stop"), methods=POST),
    Route(f"{ONE}/deletion", deleting.confirm),
    Route(f"{ONE}/deletion", deleting.delete, methods=POST),
    Route(f"{ONE}/lists", lists.show),
    Route(f"{ONE}/lists", lists.attach, methods=POST),
    Route(f"{LIST}/detachment", partial(lists.confirm, name="detach")),
    Route(f"{LIST}/detachment", lists.detach, methods=POST),
    Route(f"{LIST}/reset", partial(lists.confirm, name="reset")),
    Route(f"{LIST}/reset", lists.reset, methods=POST),
    *agents.ROUTES,
    *logs.ROUTES,
    *parking.ROUTES,
    *forecasts.ROUTES,
    *plans.ROUTES,
    *explanations.ROUTES,
    Route("/contacts/{id}/calls", calls.show),
    Route("/contacts/{id}/calls/live", calls.live),
]
