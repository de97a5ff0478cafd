"""Compression: what is missing is said at the start, and each topic has its codec."""

import pytest

from agents.hosting import bare_app
from agents.log.codecs import CodecMissingError, require_codecs, written_with
from agents.log.producer import CODECS
from agents.log.topics import ACCOUNTS, GROUPS_TABLE, changelog_topic, wanted_topics
from agents.recordset.consumer import Hooks
from agents.settings import Settings
from schemas import topics
from schemas.groups import GROUPS


def test_all_codecs_can_be_read_here() -> None:
    require_codecs()


def test_a_missing_library_stops_any_app_at_the_start_and_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("aiokafka.codec.cramjam", None)
    with pytest.raises(CodecMissingError, match=r"snappy, lz4, zstd cannot be read here.*install cramjam"):
        bare_app(Settings(_env_file=None), "app", Hooks())


@pytest.mark.parametrize("compression", ["none", "gzip", "snappy", "lz4", "zstd"])
def test_what_is_published_is_compressed_and_the_changelog_is_not(compression: str) -> None:
    chosen = written_with(compression)  # type: ignore[arg-type]
    published = (topics.JOURNAL, GROUPS, topics.FACTS, topics.INTERVENTIONS)
    assert {chosen[name] for name in published} == {compression}
    assert set(chosen) < set(wanted_topics("app")), "a topic that is not ours"
    for table in (ACCOUNTS, GROUPS_TABLE):
        assert changelog_topic("app", table) not in chosen
    assert set(chosen.values()) <= set(CODECS)


def test_dead_letters_are_compressed_whatever_is_chosen() -> None:
    assert written_with("none")[topics.DEAD_LETTERS] == "zstd"
    assert written_with("lz4")[topics.DEAD_LETTERS] == "lz4"
