# SPDX-License-Identifier: Apache-2.0
"""Whatever is given a name must be given one that can be seen (X-01, D8)."""

from graphql import is_required_input_field

from tests.schema.asking import Ask, executor

# What the inputs need beside the name.
ALSO = {
    "createContactItemType": 'orderBy: 1, color: "#112233"',
    "createMasterDataField": "scope: CONTACT, type: TEXT",
    "createTelephonyExchange": 'url: "http://pbx.example", username: "rubrica", secret: "hush"',
    "createUser": "role: ADMIN",
}
UNSEEN = "\u202e\u200f"


async def test_names_of_which_nothing_can_be_seen_are_refused_everywhere(ask: Ask) -> None:
    schema = executor()[0].schema
    assert schema.mutation_type
    creates = {
        name: key
        for name, mutation in schema.mutation_type.fields.items()
        if name.startswith("create")
        for key, field in mutation.args["input"].type.of_type.fields.items()
        if key in ("name", "firstName") and is_required_input_field(field)
    }
    assert len(creates) == 10
    for name, field in creates.items():
        also = f", {ALSO[name]}" if name in ALSO else ""
        document = (
            f"mutation ($name: String!) {{ {name}(input: {{{field}: $name{also}}}) "
            "{ userErrors { code field } } }"
        )
        answer = await ask(document, name=UNSEEN)
        assert answer["data"][name]["userErrors"] == [{"code": "REQUIRED", "field": field}], name


async def test_a_field_whose_shown_name_cannot_be_seen_is_shown_by_its_name(ask: Ask) -> None:
    document = (
        "mutation ($name: String!) { createMasterDataField(input: {name: "
        '"Segment", displayName: $name, type: TEXT}) { masterDataField { displayName } } }'
    )
    answer = await ask(document, name=UNSEEN)
    assert answer["data"]["createMasterDataField"]["masterDataField"]["displayName"] == "Segment"
