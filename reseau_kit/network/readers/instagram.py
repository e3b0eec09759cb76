"""Instagram's export: followers, and accounts followed.

Formats: public parsers and fixtures of 2021 to 2026, seen 2026-11-22: `followers_1.json` is a bare list,
`following.json` a map with one.
"""

from reseau_kit.french.writing import count
from reseau_kit.network.archives import File
from reseau_kit.network.parsing import Beginning, json_items
from reseau_kit.network.readers.meta import account, without_indents
from reseau_kit.network.tables import Gathered

NAME = "Instagram"

LIMITS = (
    "Instagram ne donne que vos abonnés et les comptes que vous suivez : aucun lien entre eux, aucune réaction reçue.",
)

_STARTS = {
    "following": r'"relationships_following"\s*:',
    "followers": r'"relationships_followers"\s*:',
    "bare_followers": r"^\s*",
    "bare_following": r"^\s*",
}


def recognise(start: Beginning) -> str | None:
    """Which of Instagram's lists this is, by its key; a bare list by its elements, and its name."""
    head = without_indents(start)
    for kind in ("following", "followers"):
        if head.startswith(f'{{"relationships_{kind}":['):
            return kind
    bare = head == "[]" or (head.startswith("[{") and '"string_list_data":' in head)
    if bare and start.name.startswith("follow"):
        return "bare_following" if start.name.startswith("following") else "bare_followers"
    return None


class Reader:
    """Reads the files of one export."""

    def __init__(self, gathered: Gathered) -> None:
        self._into = gathered

    def read(self, kind: str, file: File) -> str:
        """Read one file; return a French sentence.

        Raises:
            Trouble: it cannot be read, or not to its end; what came before is kept.
        """
        follows = kind.endswith("following")
        relation = "following" if follows else "follower"
        kept = 0
        for item in json_items(file, _STARTS[kind]):
            if contact := account(item, relation):
                self._into.add_contact(contact)
                kept += 1
        return count(kept, "compte suivi", "comptes suivis") if follows else count(kept, "abonné")

    def finish(self) -> None:
        """Nothing more: each file is read on its own."""
