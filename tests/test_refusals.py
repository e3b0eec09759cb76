"""What is said where the system refuses: French, whatever the language of the machine."""

import os
from pathlib import Path

import pytest

from reseau_kit.collecting.roster import NotAList, read_roster
from reseau_kit.system.refusals import reason


def test_common_refusals_are_told_in_french(tmp_path: Path) -> None:
    (tmp_path / "fichier").write_text("")
    (tmp_path / "boucle").symlink_to("boucle")
    told = []
    for path in ("absent", "fichier/dedans", ".", "boucle", "n" * 300):
        with pytest.raises(OSError, match="Errno") as refusal:
            (tmp_path / path).read_bytes()
        told.append(reason(refusal.value))
    assert told == [
        "il n’y a rien de ce nom",
        "un fichier est là où il faut un dossier",
        "c’est un dossier",
        "un lien mène à lui-même",
        "le nom est trop long",
    ]


def test_rare_refusals_keep_the_words_of_the_system() -> None:
    assert reason(OSError(71, os.strerror(71))) == os.strerror(71)
    assert reason(OSError("sans numéro")) == "sans numéro"


def test_list_that_is_not_there_is_told_in_french(tmp_path: Path) -> None:
    with pytest.raises(NotAList, match=r"absente\.csv.*: ce fichier ne s’ouvre pas \(il n’y a rien de ce nom\)"):
        read_roster(tmp_path / "absente.csv")
