"""The points that a program gives never depend on which words a person chose."""

import random
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bench.bots import AT, Step, asked, face, random_answer, steps
from reseau_kit.activities.activity import Activities, Activity
from reseau_kit.activities.tasks import Form
from reseau_kit.answers.journal import Event
from reseau_kit.answers.marks import is_writing, mark

WRITTEN = ("texte", "long")


def forms() -> list[tuple[str, Activities, Activity]]:
    """Every form of every step and lesson that has a field to write in, as it is asked now, under each decision."""
    found = []
    for step in steps():
        for activities in (step.activities, step.practice):
            for name, question in asked(activities):
                task = question.task
                if isinstance(task, Form) and any(field.entry in WRITTEN for field in task.fields):
                    found.append((f"{step.name} {name}", activities, question))
    return found


FORMS = forms()

#: One alphabet for each writing system: a letter becomes another letter, so that words, signs and lengths stay.
ALPHABETS = [
    "abcdefghijklmnopqrstuvwxyzéèàçœ",
    "αβγδεζηθικλμνξοπρστυφχψω",
    "абвгдежзийклмнопрстуфхцчшщъыьэюя",
    "ابتثجحخدذرزسشصضطظعغفقكلمنهوي",
    "अआइईउऊकखगघचछजझटठडढणतथदधन",
    "一二三四五六七八九十百千万口日月田目山川",
]


@st.composite
def other_words(draw: st.DrawFn, text: str) -> str:
    """Another text with the same facts: as many words, signs and characters, in any script."""
    alphabet = draw(st.sampled_from(ALPHABETS))
    rng = random.Random(draw(st.integers(0, 2**32)))
    return "".join(rng.choice(alphabet) if char.isalpha() else char for char in text)


def test_every_text_that_the_course_asks_for_is_here() -> None:
    names = {name.split()[1] for name, _, _ in FORMS}
    assert {"E1-A3", "E2-D3", "E3-D2", "E5-D3", "L1-A6", "L2-A5", "L3-A8", "L5-A4"} <= names


@pytest.mark.parametrize(("activities", "question"), [one[1:] for one in FORMS], ids=[one[0] for one in FORMS])
@given(data=st.data(), seed=st.integers(0, 2**32))
@settings(max_examples=60, deadline=None)
def test_other_words_with_the_same_facts_earn_the_same(
    activities: Activities, question: Activity, data: st.DataObject, seed: int
) -> None:
    assert isinstance(question.task, Form)
    rng = random.Random(seed)
    words = (
        "Je raconte, chaque semaine, ce que nous réparons ; venez voir ! Promo, abonnez-vous. Maman de Jules".split()
    )
    value = random_answer(face(question), words, rng)
    assert isinstance(value, dict)
    other = dict(value)
    for field in question.task.fields:
        if field.entry in WRITTEN and field.id in value:
            other[field.id] = data.draw(other_words(value[field.id]))
    shown = {one.id: data.draw(st.sampled_from(["", other.get(one.field, "")])) for one in question.task.shows}
    assert earned(activities, question, {**other, "montre": shown}) == earned(activities, question, value)


def earned(activities: Activities, question: Activity, value: object) -> float | None:
    case = next(
        (case for case in ("nadia", "marcel", "pousses") if activities[question.id].under({"cas": case}) == question),
        "",
    )
    context = dict.fromkeys(question.uses, "reliure, quartier") | ({"cas": case} if case else {})
    event = Event("0" * 16, "a" * 16, 1, question.id, question.version, "attempt", value, AT, context)
    again = replace(event, id="1" * 16, seq=2)
    if not is_writing(question):
        assert mark(activities, question.id, [event, again]).used <= 1
    return mark(activities, question.id, [event]).score


def test_the_readings_have_no_field_to_write_in() -> None:
    """Their marks can depend on no word: they are choices among what the page shows."""
    for number, id in ((2, "E2-A4"), (3, "E3-A4"), (5, "E5-A3")):
        activity = Step(number).activities[id]
        for question in activity.variants.values() or (activity,):
            assert not isinstance(question.task, Form)
