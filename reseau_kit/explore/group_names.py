"""The learner's names of a map's groups, stored in `mes-groupes.json` under digests that identify no contact."""

import hashlib
import json
from pathlib import Path
from typing import TYPE_CHECKING

from reseau_kit.answers.folder import GROUP_NAMES_FILE
from reseau_kit.system.files import read_plain_file, replace_file

if TYPE_CHECKING:
    from reseau_kit.network.map import Map


_LONGEST_NAME = 60

_LARGEST_NAMES_FILE = 1_000_000


class GroupNames:
    """The learner's names of one map's groups, in a small file that contains no contact's name or address.

    A group is identified by its most linked member, or by the property that its members share; the file has a digest of
    that. The file is beside the notebook, or, for a step's notebook, in the course's folder, which is not handed in.
    """

    def __init__(self, network: str, drawn: "Map") -> None:
        here = Path.cwd()
        is_step = any(here.parent.glob("[0-9][0-9]-*.ipynb"))
        self.path = (here.parent if is_step else here) / GROUP_NAMES_FILE
        self._keys = {
            int(one.number): _digest(network, drawn.by or "", str(one.anchor)) for one in drawn.groups.itertuples()
        }

    def read(self) -> dict[int, str]:
        """Return the stored names, by number of group."""
        known = self._load()
        return {group: known[key] for group, key in self._keys.items() if key in known}

    def keep(self, group: int, name: str) -> None:
        """Store a name; an empty one restores the group's original name.

        Raises:
            ValueError: there is no such group, or the file was not written by this class.
            OSError: the file cannot be written.
        """
        if group not in self._keys:
            raise ValueError("ce groupe n’est pas dans la carte")
        known = self._load(strict=True)
        known.pop(self._keys[group], None)
        if name := " ".join(name.split())[:_LONGEST_NAME]:
            known[self._keys[group]] = name
        told = {"à savoir": _ABOUT, "groupes": dict(sorted(known.items()))}
        replace_file(self.path, (json.dumps(told, ensure_ascii=False, indent=1) + "\n").encode())

    def _load(self, *, strict: bool = False) -> dict[str, str]:
        try:
            data = read_plain_file(self.path, _LARGEST_NAMES_FILE)
            if len(data) > _LARGEST_NAMES_FILE:
                raise ValueError(_NOT_OURS)
            known = json.loads(data)["groupes"]
            return {str(key): str(name)[:_LONGEST_NAME] for key, name in known.items()}
        except FileNotFoundError:
            return {}
        except (OSError, ValueError, LookupError, TypeError, AttributeError, RecursionError):
            if strict:
                raise ValueError(_NOT_OURS) from None
            return {}


_ABOUT = (
    "Les noms que vous avez donnés aux groupes de vos cartes. Ce fichier reste sur cette machine : il n’est remis à "
    "personne. Effacez-le pour retrouver les noms de départ."
)

_NOT_OURS = f"le fichier « {GROUP_NAMES_FILE} » ne se lit pas : déplacez-le, puis recommencez"


def _digest(*parts: str) -> str:
    return hashlib.sha256("\n".join(parts).encode("utf-8", "replace")).hexdigest()[:20]
