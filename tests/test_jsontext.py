"""JSON that anybody may have written: the same values, and the same refusals, as Python's own json gives."""

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from reseau_kit.system import jsontext
from reseau_kit.system.jsontext import decode, encode


@pytest.fixture(params=["orjson", "json"], scope="module", autouse=True)
def library(request: pytest.FixtureRequest) -> Iterator[None]:
    """Everything holds with orjson, and where it is not installed."""
    with pytest.MonkeyPatch.context() as patch:
        if request.param == "json":
            patch.setattr(jsontext, "orjson", None)
        yield


TEXTS = st.text(st.characters(codec=None, exclude_categories=()))
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**64 - 1) | st.floats() | TEXTS,
    lambda inner: st.lists(inner) | st.dictionaries(TEXTS, inner),
    max_leaves=20,
)


def as_json(data: bytes) -> Any:
    try:
        return repr(json.loads(data))
    except (ValueError, RecursionError) as error:
        return type(error)


def as_ours(data: bytes) -> Any:
    try:
        return repr(decode(data))
    except (ValueError, RecursionError) as error:
        return type(error)


@given(VALUES, st.booleans(), st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "utf-32"]))
def test_values_are_those_of_json(value: Any, ascii_only: bool, encoding: str) -> None:  # noqa: FBT001
    data = json.dumps(value, ensure_ascii=ascii_only).encode(encoding, "surrogatepass")
    assert as_ours(data) == as_json(data)


@given(st.binary() | st.text('[]{}",:0123456789.eE-+ntfaulsr\\ \x00\t').map(str.encode))
def test_what_is_no_json_is_refused_as_json_refuses_it(data: bytes) -> None:
    # Longer numbers are what the next test is about.
    assume(not re.search(rb"\d{18}", data))
    assert as_ours(data) == as_json(data)


@pytest.mark.parametrize("digits", ["18446744073709551616", "-9223372036854775809", "1" + "0" * 300, "1" + "0" * 400])
def test_a_number_beyond_64_bits_keeps_its_value_and_says_no_more_than_it_can(digits: str) -> None:
    assert decode(digits.encode()) == pytest.approx(int(digits), rel=1e-15)


def test_what_is_too_deep_is_refused() -> None:
    """How deep that is, Python decides: a thousand in 3.11, ten thousand in 3.13."""
    with pytest.raises(RecursionError):
        decode(b"[" * 100_000 + b"]" * 100_000)


@given(VALUES)
def test_what_is_written_reads_back(value: Any) -> None:
    try:
        plain = json.dumps(value, ensure_ascii=False, allow_nan=False).encode()
    except ValueError:  # NaN, or half of a surrogate pair: no file can hold it
        return
    assert repr(decode(encode(value))) == repr(json.loads(plain))


@pytest.mark.parametrize("value", [2**64, -(2**63) - 1, [[2**80]]])
def test_numbers_beyond_64_bits_are_written_in_full(value: Any) -> None:
    assert json.loads(encode(value)) == value


def test_half_of_a_surrogate_pair_is_not_written() -> None:
    with pytest.raises(ValueError, match="surrogates not allowed"):
        encode({"valeur": "\ud800"})


def test_what_is_no_number_is_written_as_null() -> None:
    assert encode({"a": [float("nan"), 2**70, -float("inf")]}) == b'{"a":[null,1180591620717411303424,null]}'
