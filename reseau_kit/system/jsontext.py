"""Fast reading and writing of untrusted JSON, on which grading in volume spends most of its time.

Uses orjson if it is installed: it makes a trainer's grading several times as fast, and learners' pages do without it.
Data that orjson rejects goes to Python's `json`, which locates errors and also accepts NaN, lone surrogates and
encodings other than UTF-8.
"""

import json
import math
from collections.abc import Callable
from typing import Any

try:
    import orjson
except ImportError:  # not available in a browser, for one
    orjson = None  # type: ignore[assignment]

_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode


def decode(data: bytes, *, parse_constant: Callable[[str], Any] | None = None) -> Any:
    """Decode a JSON text like `json.loads`; an integer beyond 64 bits may become a float.

    Raises:
        ValueError: it is not JSON, or in no encoding of JSON (`json.JSONDecodeError`, `UnicodeDecodeError`).
        RecursionError: its lists and objects are nested too deep.
    """
    if orjson is None:
        return json.loads(data, parse_constant=parse_constant)
    try:
        return orjson.loads(data)
    except orjson.JSONDecodeError:
        return json.loads(data, parse_constant=parse_constant)


def encode(value: Any) -> bytes:
    """Encode a decoded value, or one like it, as compact JSON in UTF-8. NaN and infinity become null.

    Raises:
        ValueError: it contains a lone surrogate, or a number of thousands of digits.
        RecursionError: its lists and dictionaries are nested too deep.
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
