# SPDX-License-Identifier: Apache-2.0
"""The permission tree as a form shows it: which boxes are ticked, and which cannot be (X-09)."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from server.domain.permissions import Viewer

Tree = list[dict[str, Any]]  # permissionTree of the schema


@dataclass(frozen=True, kw_only=True)
class Box:
    """One permission; locked where the viewer may neither give nor take it."""

    permission: str
    label: str
    is_ticked: bool
    is_locked: bool
    is_for_agents: bool


@dataclass(frozen=True, kw_only=True)
class Subject:
    name: str
    label: str
    boxes: tuple[Box, ...]

    @property
    def is_full(self) -> bool:
        return all(box.is_ticked for box in self.boxes)


@dataclass(frozen=True, kw_only=True)
class Group:
    name: str
    label: str
    subjects: tuple[Subject, ...]

    @property
    def is_full(self) -> bool:
        return all(subject.is_full for subject in self.subjects)


def groups_of(
    tree: Tree, ticked: Collection[str], free: Collection[str], *, only_free: bool = False
) -> tuple[Group, ...]:
    """The tree with its boxes; those not in `free` are locked or, with `only_free`, left out."""
    groups = []
    for group in tree:
        subjects = []
        for subject in group["subjects"]:
            verbs = [v for v in subject["verbs"] if not only_free or v["permission"] in free]
            if verbs:
                boxes = tuple(_box(verb, ticked, free) for verb in verbs)
                subjects.append(Subject(name=subject["name"], label=subject["label"], boxes=boxes))
        if subjects:
            groups.append(Group(name=group["name"], label=group["label"], subjects=tuple(subjects)))
    return tuple(groups)


def free_for(viewer: Viewer, granted: Collection[str]) -> frozenset[str]:
    """What the viewer may tick or clear: what they have, and what the profile has already."""
    return frozenset(viewer.permissions) | frozenset(granted)


def switched(tree: Tree, ticked: Collection[str], free: Collection[str], branch: str) -> list[str]:
    """The ticks after an “all” button: a full branch is cleared, any other is filled."""
    reached = {name for name in _permissions_of(tree, branch) if name in free}
    before = set(ticked)
    return sorted(before - reached if reached <= before else before | reached)


def _box(verb: Mapping[str, Any], ticked: Collection[str], free: Collection[str]) -> Box:
    name = verb["permission"]
    return Box(
        permission=name,
        label=verb["label"],
        is_ticked=name in ticked,
        is_locked=name not in free,
        is_for_agents=verb["isForAgents"],
    )


def _permissions_of(tree: Tree, branch: str) -> Iterator[str]:
    """Of a subject (`item_types`), of a group (`group.tools`), or of all (`everything`)."""
    for group in tree:
        for subject in group["subjects"]:
            if branch in ("everything", f"group.{group['name']}", subject["name"]):
                yield from (verb["permission"] for verb in subject["verbs"])
