"""What is told of a mark once the work was handed in, and how an answer is shown again."""

from pathlib import Path
from typing import Any

import pytest

from reseau_kit.activities.activity import Activities
from reseau_kit.answers.feedback import LONGEST_ENTRY, answer_lines, of_mark
from reseau_kit.answers.marks import mark
from reseau_kit.french.comparing import quoted
from small_questions import FORM, MATCHING, ORDERING, SELECTION, attempts, load

MISTAKEN = {"carte": "lien", "diner": "lien", "abonnes": "audience"}
LESS = {"carte": "audience", "diner": "contact", "abonnes": "audience"}


@pytest.fixture
def activities(tmp_path: Path) -> Activities:
    return load(tmp_path, MATCHING + ORDERING + FORM + SELECTION)


def told(activities: Activities, id: str, *values: Any) -> str:
    return "\n".join(of_mark(activities[id], mark(activities, id, attempts(id, *values))).paragraphs)


def test_an_answer_of_several_parts_has_a_line_for_each(activities: Activities) -> None:
    assert answer_lines(activities["M"], MISTAKEN) == (
        "Une carte échangée → Un lien",
        "Un repas partagé → Un lien",
        "Deux cents abonnés → Une audience",
    )
    assert answer_lines(activities["S"], [{"id": "a", "critere": "public"}, {"id": "b", "critere": "sortie"}]) == (
        "Média a (Public)",
        "Média b (Sortie)",
    )


def test_what_somebody_wrote_is_shown_in_full(activities: Activities) -> None:
    """A page lets write 4000 characters in a field; what is longer was not written there, and is said to be cut."""
    text = "Une phrase. " * 300
    (line,) = answer_lines(activities["F"], {"public": text})
    assert line.endswith(text)
    (line,) = answer_lines(activities["F"], {"public": "a" * 30_000})
    assert line.endswith("a…")
    assert len(line) < LONGEST_ENTRY + 20


def test_the_reasons_are_those_of_the_attempt_that_earned_the_score(activities: Activities) -> None:
    """Not of a later one that was worth less, nor of one for practice."""
    assert "Une carte échangée n’est pas encore un lien." in told(activities, "M", MISTAKEN)
    assert told(activities, "M", MISTAKEN, LESS).count("Une carte échangée n’est pas encore un lien.") == 1
    assert "Vous êtes-vous parlé ?" not in told(activities, "M", MISTAKEN, LESS)
    assert "C’est votre premier essai qui compte le plus." in told(activities, "M", MISTAKEN, LESS)


def test_once_right_nothing_is_wrong_any_more(activities: Activities) -> None:
    """A wrong answer given for practice after the right one is not told as a mistake."""
    right = {"carte": "contact", "diner": "lien", "abonnes": "audience"}
    said = told(activities, "M", right, MISTAKEN)
    assert "Relisez" not in said
    assert "La réponse" not in said


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Une carte", "«\u00a0Une carte\u00a0»"),
        ("Elle écrit.", "«\u00a0Elle écrit\u00a0»"),
        ("Qui vient\u00a0?", "«\u00a0Qui vient\u00a0?\u00a0»"),
        ("«\u00a0Bravo\u00a0!\u00a0»", "«\u00a0Bravo\u00a0!\u00a0»"),
        ("«\u00a0Oui\u00a0» ou «\u00a0non\u00a0»", "«\u00a0«\u00a0Oui\u00a0» ou «\u00a0non\u00a0»\u00a0»"),
    ],
)
def test_a_text_is_put_in_guillemets_once(text: str, expected: str) -> None:
    assert quoted(text) == expected
