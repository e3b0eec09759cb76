"""Facebook's export: friends.

Formats: public parsers and fixtures of 2019 to 2026, seen 2026-11-22: `your_friends.json`, or `friends.json`, is a map
with one list.
"""

from reseau_kit.french.writing import count
from reseau_kit.network.archives import File
from reseau_kit.network.parsing import Beginning, json_items
from reseau_kit.network.readers.meta import friend, without_indents
from reseau_kit.network.tables import Gathered, Namesakes

NAME = "Facebook"

LIMITS = (
    "Facebook ne donne que le nom de vos amis et la date : aucun lien entre eux, aucune réaction reçue.",
    "Deux amis du même nom et du même jour ne se distinguent pas.",
)


def recognise(start: Beginning) -> str | None:
    """« friends » for the list of friends, by its key."""
    return "friends" if without_indents(start).startswith(('{"friends_v2":[', '{"friends":[')) else None


class Reader:
    """Reads the files of one export."""

    def __init__(self, gathered: Gathered) -> None:
        self._into = gathered
        self._namesakes = Namesakes()

    def read(self, _kind: str, file: File) -> str:
        """Read one file; return a French sentence.

        Raises:
            Trouble: it cannot be read, or not to its end; what came before is kept.
        """
        kept = 0
        for item in json_items(file, r'"friends(?:_v2)?"\s*:'):
            contact = friend(item)
            if contact is None:
                continue
            # Two friends may have one name.
            self._into.add_contact(contact._replace(id=self._namesakes.id_of(contact.id, contact.since)))
            kept += 1
        return count(kept, "ami")

    def finish(self) -> None:
        """Nothing more: each file is read on its own."""
