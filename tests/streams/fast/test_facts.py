"""The facts as the pipeline makes them are the published words, byte for byte (O2)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.facts import CycleFact
from schemas.facts.registry import FACTS as MODELS
from streams.fast.facts import FastFact
from tests.reference.lines import at, credit, out, tick, to
from tests.streams.builders import PROFILE_LINE, SHIPPED, Kept, plain, quick, rules
from tests.streams.journals import live_line, playbook_line

# Whatever an id may hold: no controls, no marks that cannot be seen, no ends of lines.
text = st.text(
    st.characters(codec="utf-8", exclude_categories=["Cc", "Cf", "Zl", "Zp"]), min_size=1, max_size=8
)


OF_THE_JOURNAL = set(MODELS) - {"employer_payday"}
"""The other is the groups log's: see ``tests/streams/groups/test_partition.py``."""


def facts_of(employer: str, bank: str, *more: dict) -> list[FastFact]:
    """The facts of a cycle with a transfer that left, a day without a balance and an end; of a task that does not go
    out; of two playbooks."""
    kept = Kept(rules(accounting={"pending_limit": 2})).read(
        *more,
        live_line(at(50)),
        credit("p", at(0), 1_000_000, employer_id=employer, balance_after=None),
        out("x", at(1, 9, 30), 300_000, **to("t", bank)),
        out("y", at(2, 10).replace("10:00:00", "10:00:00.25"), 1, balance_after=-5),
        tick(at(40)),
        playbook_line(SHIPPED.book.model_dump(mode="json"), at(50)),
        playbook_line({"name": bank, "version": 1}, at(50)),
    )
    return kept.take().facts


@quick
@given(text, text)
def test_a_fact_is_its_published_word(employer: str, bank: str) -> None:
    found = facts_of(employer, bank, PROFILE_LINE)
    assert {fact.fact for fact in found} == OF_THE_JOURNAL
    for fact in found:
        word = MODELS[fact.fact].model_validate_json(fact.to_json())
        assert word.model_dump_json().encode() == fact.to_json()


@pytest.mark.parametrize("kind", [name for name, word in MODELS.items() if issubclass(word, CycleFact)])
def test_without_a_profile_there_is_no_segment(kind: str) -> None:
    (first, *_) = [fact for fact in facts_of("e", "b") if fact.fact == kind]
    assert plain(first)["segment"] is None
    MODELS[kind].model_validate_json(first.to_json())


def test_the_fields_stand_in_the_order_of_the_published_word() -> None:
    for kind in OF_THE_JOURNAL:
        model = MODELS[kind]
        (fact, *_) = [fact for fact in facts_of("e", "b") if fact.fact == kind]
        names = [field.alias or name for name, field in model.model_fields.items()]
        assert list(type(fact).__struct_encode_fields__) == names
