"""Reads the time of a hand-in: nbgrader's `timestamp.txt`, parsed as nbgrader does, or refused."""

import os
import re
import warnings
from datetime import datetime

from reseau_kit.system.files import read_plain_file


class Refused(ValueError):
    """A submission cannot be graded. The message, in French, says why."""


def handed_in_at(folder: str) -> datetime | None:
    """Return the time of the hand-in from `timestamp.txt`, parsed as nbgrader does: UTC without a time zone.

    None if there is no such file, or if it is empty.

    Raises:
        Refused: the file exists and cannot be read.
    """
    try:
        text = read_plain_file(f"{folder}{os.sep}timestamp.txt", _MAX_TIMESTAMP, follow=False)
        return _moment(text.decode("utf-8").strip())
    except FileNotFoundError:
        return None
    except (OSError, ValueError, OverflowError, TypeError, Warning) as error:
        raise Refused(
            "La date de remise (timestamp.txt) ne se lit pas : corrigez-la, puis notez de nouveau."
        ) from error


_MAX_TIMESTAMP = 200

_PLAIN_MOMENT = re.compile(r"(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(?:\.\d{6})?) UTC", re.ASCII)

#: Pattern of a time zone's name: any other name might be a path, and dateutil would open that file.
_ZONE = re.compile(r"[A-Za-z][A-Za-z0-9_+-]*(?:/[A-Za-z][A-Za-z0-9_+-]*){0,2}")


def _moment(text: str) -> datetime | None:
    if not text:
        return None
    if found := _PLAIN_MOMENT.fullmatch(text):
        return datetime.fromisoformat(found[1])
    # As nbgrader.utils.parse_utc does: a third word is a time zone, as hours and minutes or by its name.
    import dateutil.parser
    import dateutil.tz

    moment: datetime
    words = text.split(" ")
    if len(words) == 3:
        if re.fullmatch(r"[+-]?\d{1,6}", words[2]):
            zone = int(words[2])
        elif _ZONE.fullmatch(words[2]):
            zone = dateutil.tz.gettz(words[2])
        else:
            raise ValueError("no name of a time zone")
        moment = dateutil.parser.parse(f"{words[0]} {words[1]} TZ", tzinfos={"TZ": zone})
    else:
        with warnings.catch_warnings():
            # dateutil only warns about an unknown zone, whose hour could be any.
            warnings.simplefilter("error")
            moment = dateutil.parser.parse(text)
    offset = moment.utcoffset()
    return moment.replace(tzinfo=None) - offset if offset is not None else moment.replace(tzinfo=None)
