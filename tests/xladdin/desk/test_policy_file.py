from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.decide.policy.learned.judgement import judge
from core.errors import BookError
from tests.trained_policy import trained_tilt
from xladdin.desk import policy_text
from xladdin.desk.policy_file import keep_policy, kept_policy
from xladdin.desk.policy_text import policy_of, written_policy

TRAINED = trained_tilt()
CONTENT = written_policy(TRAINED)


def changed(**parts: Any) -> bytes:
    """The file with parts changed by somebody who knows how to sum it up."""
    content = {**json.loads(CONTENT), **parts}
    content.pop("checksum")
    return json.dumps({**content, "checksum": policy_text._checksum(content)}).encode()


def test_a_policy_comes_back_as_it_was_written_bit_for_bit() -> None:
    back = policy_of(CONTENT, "p.json")
    assert (back.rule.theta == TRAINED.rule.theta).all()
    assert (back.rule.scales.spread == TRAINED.rule.scales.spread).all()
    assert (back.cap, back.judgement, back.provenance) == (TRAINED.cap, TRAINED.judgement, TRAINED.provenance)
    assert written_policy(back) == CONTENT


def test_a_policy_without_a_figure_comes_back_without_it() -> None:
    back = policy_of(written_policy(trained_tilt(judgement=judge(np.zeros(100)))), "p.json")
    assert np.isnan([back.judgement.t, back.judgement.lower]).all()


def test_a_person_can_read_what_it_is_worth_and_where_it_comes_from() -> None:
    told = json.loads(CONTENT)
    assert told["verdict"].startswith("kept: on 100 days that it had not learned from")
    assert (told["first"], told["last"], told["symbols"]) == (
        "2024-01-01T00:00:00",
        "2024-06-30T00:00:00",
        ["BTCUSDT", "ETHUSDT"],
    )
    assert len(CONTENT) < 5000


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(place=st.integers(0, len(CONTENT) - 1), byte=st.integers(0, 255))
def test_a_byte_that_was_changed_is_seen(place: int, byte: int) -> None:
    """Whatever it was: another policy is never followed. White space is no part of what the file says."""
    other = CONTENT[:place] + bytes([byte]) + CONTENT[place + 1 :]
    try:
        back = policy_of(other, "p.json")
    except BookError:
        return
    assert written_policy(back) == CONTENT


@pytest.mark.parametrize("length", [0, 1, 100, len(CONTENT) - 3])
def test_a_file_that_was_cut_is_refused(length: int) -> None:
    with pytest.raises(
        BookError, match=r"^p\.json is no trained policy, or is damaged; restore it, or train it again$"
    ):
        policy_of(CONTENT[:length], "p.json")


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"[1, 2]", "is no trained policy of PerpDesk"),
        (b'{"format": "another"}', "is no trained policy of PerpDesk"),
        (b"PK\x03\x04" + bytes(50), "is no trained policy, or is damaged"),
        (b"[" * 100_000, "is no trained policy, or is damaged"),
        (b'{"a": NaN}', "is no trained policy, or is damaged"),
        (b" " * 1_000_001, "is too large to be a trained policy"),
        (changed(format_version=2), "was written by another version of PerpDesk .format 2, kind tilt."),
        (changed(kind="forest"), "was written by another version of PerpDesk .format 1, kind forest."),
        (CONTENT.replace(b'"cap": 0.2', b'"cap": 0.9'), "is damaged or was changed after training"),
        (changed(weights=[[1.0]]), "is no sound policy .theta has shape"),
        (changed(weights=[["a"] * 3] * 6), "is no sound policy"),
        (changed(weights=[[1e400] * 3] * 6), "is no trained policy|is no sound policy"),
        (changed(spread=[0.0] * 5), "is no sound policy .the spread of a figure is not above 0"),
        (changed(figures=["weight"]), "is no sound policy .its weights are of other figures"),
        (changed(first="yesterday"), "is no sound policy"),
        (changed(last="NaT"), "is no sound policy .last is no time"),
        (changed(seed=1.5), "is no sound policy .seed is of another kind"),
        (changed(symbols=[1, 2]), "is no sound policy .symbols are no words"),
        (changed(cap=True), "is no sound policy .cap is no number"),
        (changed(judgement={}), "is no sound policy"),
    ],
)
def test_what_is_no_policy_is_refused_in_one_sentence_with_the_way_out(content: bytes, words: str) -> None:
    with pytest.raises(BookError, match=rf"^p\.json ({words})") as refused:
        policy_of(content, "p.json")
    assert "\n" not in str(refused.value)


def test_the_desk_is_told_why_there_is_none(book) -> None:
    assert kept_policy(book).policy == "PolicyFile on Settings is blank; train a policy, or name the file of one"
    for name in ("none.json", "../up.json", "/etc/passwd"):
        book.write_value("PolicyFile", name)
        why = kept_policy(book).policy
        assert isinstance(why, str)
        assert why.startswith(f"PolicyFile on Settings names '{name}', which is no file beside")
    book.write_beside("p.json", CONTENT[:50])
    book.write_value("PolicyFile", " p.json ")
    assert str(kept_policy(book).policy).startswith("p.json is no trained policy")


def test_a_policy_is_kept_beside_the_book_under_a_name_of_its_content(book) -> None:
    name = keep_policy(book, TRAINED)
    assert name.startswith("memory.policy-")
    assert keep_policy(book, TRAINED) == name != keep_policy(book, trained_tilt(cap=0.1))
    book.write_value("PolicyFile", name)
    kept = kept_policy(book)
    assert kept.name == name
    assert not isinstance(kept.policy, str)
    assert written_policy(kept.policy) == CONTENT


def test_the_desk_reads_one_beside_its_file(desk_file) -> None:
    from xladdin.books.file_book import FileBook

    with FileBook.open(desk_file) as book:
        name = keep_policy(book, TRAINED)
        book.commit()
    assert (desk_file.parent / name).read_bytes() == CONTENT
    with FileBook.open(desk_file) as book:
        assert not isinstance(kept_policy(book).policy, str)
