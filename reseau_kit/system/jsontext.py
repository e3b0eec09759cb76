"""JSON that anybody may have written, read and written fast: most of what grading in volume does is this.

orjson does it where it is installed: a trainer's grading is several times as fast with it, and a learner's pages do
without. What it refuses goes to Python's own `json`, which knows where the fault is, and takes what orjson does not:
NaN, lone halves of surrogate pairs, other encodings than UTF-8.
"""

import json
import math
from collections.abc import Callable
from typing import Any

try:
    import orjson
except ImportError:  # as in a browser, where it cannot be had
    orjson = None  # type: ignore[assignment]

_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode


def decode(data: bytes, *, parse_constant: Callable[[str], Any] | None = None) -> Any:
    """The value that a JSON text holds, as `json.loads` gives it; a whole number beyond 64 bits may come as a float.

    Raises:
        ValueError: it is no JSON, or in no encoding of JSON (`json.JSONDecodeError`, `UnicodeDecodeError`).
        RecursionError: its lists and objects stand too deep in each other.
    """
    if orjson is None:
        return json.loads(data, parse_constant=parse_constant)
    try:
        return orjson.loads(data)
    except orjson.JSONDecodeError:
        return json.loads(data, parse_constant=parse_constant)


def encode(value: Any) -> bytes:
    """A value that `decode` gave, or one like it, as compact JSON in UTF-8. NaN and infinity become null.

    Raises:
        ValueError: there is a lone half of a surrogate pair in it, or a number of thousands of digits.
        RecursionError: its lists and dictionaries stand too deep in each other.
    """
    if orjson is None:
        return _encoded(value)
    try:
        return orjson.dumps(value)
    except orjson.JSONEncodeError:
        return _encoded(value)


def _encoded(value: Any) -> bytes:
    try:
        return _encode(value).encode("utf-8")
    except ValueError:
        return _encode(_without_nan(value)).encode("utf-8")


def _without_nan(value: Any) -> Any:
    if isinstance(value, float) and not math.isfinite(value):
        return None
    if isinstance(value, dict):
        return {key: _without_nan(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_without_nan(each) for each in value]
    return value
