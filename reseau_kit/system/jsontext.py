"""JSON that anybody may have written, read and written fast: most of what grading in volume does is this.

orjson does it where it can. What it refuses goes to Python's own `json`, which knows where the fault is, and takes what
orjson does not: NaN, lone halves of surrogate pairs, other encodings than UTF-8.
"""

import json
from collections.abc import Callable
from typing import Any

import orjson

_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode


def decode(data: bytes, *, parse_constant: Callable[[str], Any] | None = None) -> Any:
    """The value that a JSON text holds, as `json.loads` gives it; a whole number beyond 64 bits may come as a float.

    Raises:
        ValueError: it is no JSON, or in no encoding of JSON (`json.JSONDecodeError`, `UnicodeDecodeError`).
        RecursionError: its lists and objects stand too deep in each other.
    """
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
    try:
        return orjson.dumps(value)
    except orjson.JSONEncodeError:
        return _encode(value).encode("utf-8")
