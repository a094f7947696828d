# SPDX-License-Identifier: Apache-2.0
"""User profiles: inputs onto services, and the permission tree in the reader's words (X-09)."""

from typing import Any

from server.context import Context
from server.domain.permissions import AGENT_CEILING
from server.i18n import group_label, subject_label, verb_label
from server.planner import reference
from server.resolvers.inputs import Given, take_key
from server.services import profiles

NAME = "Profile"


async def permission_tree(context: Context) -> list[dict[str, Any]]:
    return [
        {
            "name": group.name,
            "label": group_label(context.locale, group.name),
            "subjects": [_subject(context.locale, subject) for subject in group.subjects],
        }
        for group in profiles.permission_tree()
    ]


def _subject(locale: str, subject: profiles.SubjectBranch) -> dict[str, Any]:
    verbs = [
        {
            "permission": permission.value,
            "verb": permission.verb,
            "label": verb_label(locale, permission.verb),
            "isForAgents": permission in AGENT_CEILING,
        }
        for permission in subject.permissions
    ]
    return {"name": subject.name, "label": subject_label(locale, subject.name), "verbs": verbs}


async def create(context: Context, given: Given) -> dict[str, Any]:
    async with context.writing() as session:
        row = await profiles.create_profile(
            session, context.require(None), profiles.ProfileInput(**given)
        )
    return {"profile": reference(NAME, row.id)}


async def edit(context: Context, given: Given) -> dict[str, Any]:
    key = take_key(given, "id", NAME)
    async with context.writing() as session:
        row = await profiles.edit_profile(
            session, context.require(None), key, profiles.ProfileEdit(**given)
        )
    return {"profile": reference(NAME, row.id)}


async def delete(context: Context, given: Given) -> dict[str, Any]:
    key = take_key(given, "id", NAME)
    async with context.writing() as session:
        deleted = await profiles.delete_profile(session, context.require(None), key, **given)
    return {"deleted": True, "name": deleted.name}
