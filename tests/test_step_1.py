"""Step 1's content: its keys follow from its data, its rubrics hold, every mistake is told why, chance earns little."""

import csv
import json
import random
import re
from collections.abc import Iterator
from datetime import date, timedelta
from itertools import pairwise, product
from math import ceil
from pathlib import Path
from typing import Any

import pytest

from reseau_kit.activities import ATTEMPTS, Activities, Activity, load_activities
from reseau_kit.checks import Result, Status, check, mark
from reseau_kit.journal import Event
from reseau_kit.kinds import Choice, Field, Form, Matching, Number, OpenText, Ordering, Selection, Task
from reseau_kit.notebooks import load

ROOT = Path(__file__).parents[1]
STEP = ROOT / "exercises" / "etape-1"
COURSE = ROOT / "course"
EXERCISE = load_activities(STEP / "activites.toml")
LESSON = load_activities(COURSE / "01-objectifs.activites.toml")
CASES = ("nadia", "marcel", "pousses")
AT = "2026-11-22T08:00:00.000Z"

Asked = tuple[str, Activity]


def asked(activities: Activities) -> Iterator[Asked]:
    """Each question as a learner meets it: one for each case where it depends on the case."""
    for activity in activities:
        for cas in CASES if activity.depends_on else [""]:
            question = activity.under({"cas": cas})
            assert question is not None
            yield f"{activity.id} {cas}".strip(), question


#: The activities that are marked without a person.
MARKED = {activity.id: activity.points for activity in EXERCISE if activity.points and activity.id != "E1-O"}

QUESTIONS = [*asked(EXERCISE), *asked(LESSON)]
EVERY_QUESTION = pytest.mark.parametrize("question", [one for _, one in QUESTIONS], ids=[name for name, _ in QUESTIONS])


def result(id: str, value: object, cas: str = "", at: str = AT) -> Result:
    return check(EXERCISE[id], value, {"cas": cas} if cas else {}, at)


def score(id: str, value: object, cas: str = "", at: str = AT) -> float:
    found = result(id, value, cas, at).score
    assert found is not None
    return found


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


def plain(text: str) -> str:
    return text.replace("\u00a0", " ")


def words(text: str) -> int:
    return len(re.findall(r"\w+(?:[’'-]\w+)*", text))


# --- the keys follow from the data ----------------------------------------------------------------------------------


def test_points_are_those_announced() -> None:
    """70 points for six activities in this order, 30 for a text; the optional one and the lesson's are not graded."""
    assert MARKED == {"E1-A2": 10, "E1-A3": 20, "E1-A4": 10, "E1-A5": 15, "E1-A6": 10, "E1-A7": 5}
    assert EXERCISE["E1-O"].points == 30
    assert list(EXERCISE.own) == [*MARKED, "E1-O", "E1-P1"]
    assert not any(activity.points for activity in LESSON)
    assert "70 points" in prose(STEP / "etape-1.ipynb")


@pytest.mark.parametrize(
    ("activity", "file"),
    [(EXERCISE["E1-A6"], STEP / "journal_temps.csv"), (LESSON["L1-A5"], COURSE / "01-journal-sacha.csv")],
    ids=["E1-A6", "L1-A5"],
)
def test_shares_of_time_are_recomputed(activity: Activity, file: Path) -> None:
    """The key, and the three named mistakes: visits counted, the other share, minutes."""
    journal = rows(file)
    aimless = [int(row["minutes"]) for row in journal if row["but"] == "aucun"]
    total = sum(int(row["minutes"]) for row in journal)
    share, visits = 100 * sum(aimless) / total, 100 * len(aimless) / len(journal)
    task = activity.task
    assert isinstance(task, Number)
    assert task.value == pytest.approx(share, abs=0.05)
    assert [mistake.value for mistake in task.mistakes] == pytest.approx([visits, 100 - share, sum(aimless)], abs=0.05)
    assert f"{sum(aimless)} minutes" in plain(activity.explanation)
    assert f"{total} minutes" in plain(activity.hints[1])


def test_optional_total_is_recomputed() -> None:
    """E1-P1: the medium with most minutes without aim, and each named mistake."""
    aimless = [row for row in rows(STEP / "journal_temps.csv") if row["but"] == "aucun"]
    totals: dict[str, int] = {}
    for row in aimless:
        totals[row["media"]] = totals.get(row["media"], 0) + int(row["minutes"])
    (first, most), (second, next_most), *_ = sorted(totals.items(), key=lambda pair: -pair[1])
    activity = EXERCISE["E1-P1"]
    task = activity.task
    assert isinstance(task, Number)
    assert task.value == most
    assert activity.explanation.startswith(first)
    assert f"{second} ({next_most})" in activity.explanation
    longest = max(int(row["minutes"]) for row in aimless)
    visits = sum(row["media"] == first for row in aimless)
    expected = [sum(totals.values()), longest, totals["YouTube"], next_most, visits]
    assert [mistake.value for mistake in task.mistakes] == expected


#: A card says of each criterion what the course makes of it, in its first word.
STRENGTHS = {
    "public": ("Public", "précis"),
    "effort": ("Effort", "léger"),
    "visibilite": ("Visibilité", "ouverte"),
    "sortie": ("Sortie", "facile"),
}


@pytest.mark.parametrize("card", rows(STEP / "medias.csv"), ids=lambda card: card["id"])
def test_strengths_can_be_read_on_the_card(card: dict[str, str]) -> None:
    told = {id for id, (column, word) in STRENGTHS.items() if card[column].split(".")[0] == word}
    assert set(card["forces"].split("|")) == told


@pytest.mark.parametrize("card", rows(STEP / "medias.csv"), ids=lambda card: card["id"])
def test_cards_have_a_source_and_a_date(card: dict[str, str]) -> None:
    """A card tells no number of people: such figures date within a year."""
    assert all(source.startswith("https://") for source in card["source"].split())
    assert card["source"]
    assert date(2026, 11, 1) <= date.fromisoformat(card["verifie_le"])
    assert not re.search(r"\d|million|milliard", "".join(card[column] for column, _ in STRENGTHS.values()))


def test_eight_cards_are_offered() -> None:
    assert len(rows(STEP / "medias.csv")) == 8


# --- every mistake is told why --------------------------------------------------------------------------------------


def wrong_answers(task: Task) -> Iterator[tuple[object, str]]:
    """Each way to be wrong that the course foresees, with what has to be said of it."""
    match task:
        case Choice():
            yield from ((option.id, option.reason) for option in task.options if option.id not in (task.right or ()))
        case Number():
            yield from ((mistake.value, mistake.message) for mistake in task.mistakes)
        case Matching():
            for item, group in product(task.items, task.groups):
                if not task.credit[item.id].get(group.id):
                    yield {item.id: group.id}, task.why_not(item.id, group.id)
        case Ordering():
            right = in_order(task)
            for place, pair in enumerate(pairwise(right)):
                yield [*right[:place], pair[1], pair[0], *right[place + 2 :]], task.inversions[pair]
        case Selection():
            for card in task.cards:
                if task.fit[card.id] < 1:
                    yield [{"id": card.id, "critere": card.strengths[0]}], task.reasons[card.id]
        case Form():
            for _, rule in task.criteria:
                yield {task.fields[-1].id: "?"}, rule.message


def in_order(task: Ordering) -> list[str]:
    return sorted((item.id for item in task.items), key=lambda id: sum(id == after for _, after in task.before))


def right_answer(task: Task) -> Any:
    match task:
        case Choice():
            return list(task.right or ())
        case Number():
            return task.value
        case Matching():
            return {
                id: next(group for group, share in groups.items() if share == 1) for id, groups in task.credit.items()
            }
        case Ordering():
            return in_order(task)
        case Selection():
            return [{"id": card.id, "critere": card.strengths[0]} for card in task.cards if task.fit[card.id] == 1]
        case Form():
            return OBJECTIVE if task.fields[0].id == "verbe" else MARCEL


OBJECTIVE = {
    "verbe": "rencontrer",
    "public": "médiatrices et médiateurs numériques de ma région",
    "themes": "médiation, inclusion",
    "echeance": "2027-06-30",
    "cible": "3",
    "indicateur": "échanges d’au moins 20 minutes",
    "budget": "60",
}
MARCEL = {
    "public": "les jardiniers amateurs de son canton",
    "cible": "5",
    "indicateur": "questions posées",
    "regle": "Il compte ce que des personnes font",
}


@EVERY_QUESTION
def test_right_answers_earn_everything(question: Activity) -> None:
    if isinstance(question.task, OpenText):
        assert check(question, {"texte": "Parce que…"}, {}, AT) == Result(Status.RECORDED, 0.0)
        return
    assert check(question, right_answer(question.task), {}, AT) == Result(Status.RIGHT, 1.0)


STRONG = json.loads((ROOT / "tests" / "strong" / "etape-1.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize("case", CASES)
def test_strong_answers_are_recognised(case: str) -> None:
    """Written from the lesson and the page, before seeing the keys: at least 85 % of each activity and of the step."""
    for id, answer in STRONG["answers"][case].items():
        assert score(id, answer, case) >= 0.85, id
    assert set(MARKED) <= set(STRONG["answers"][case])


@EVERY_QUESTION
def test_every_mistake_has_its_message(question: Activity) -> None:
    """It is told, it is the mistake's own, it is short, and it gives no answer away."""
    messages: dict[str, object] = {}
    for answer, message in wrong_answers(question.task):
        given = check(question, answer, {}, AT)
        assert given.status is not Status.RIGHT
        assert message, answer
        assert any(message in mistake for mistake in given.mistakes), answer
        assert words(message) <= 35
        messages[message] = answer
    if not isinstance(question.task, Matching):
        assert len(messages) == len(list(wrong_answers(question.task)))
    for told in (*messages, *question.hints):
        assert not any(right in told for right in given_away(question.task)), told


def given_away(task: Task) -> list[str]:
    match task:
        case Choice():
            return [option.text for option in task.options if option.id in (task.right or ())]
        case Selection():
            return [card.text for card in task.cards if task.fit[card.id] == 1]
        case Matching():
            return [group.text for group in task.groups]
    return []


@EVERY_QUESTION
def test_messages_never_blame(question: Activity) -> None:
    for text in (*question.hints, question.explanation, *(message for _, message in wrong_answers(question.task))):
        assert not re.search(r"\b(fau(?:x|sse)|erreur|dommage|bravo|raté|mauvais)", text, re.IGNORECASE), text


def test_no_practice_question_is_a_graded_one() -> None:
    def texts(activities: Activities) -> set[str]:
        found = set()
        for _, activity in asked(activities):
            found.add(activity.question)
            if isinstance(activity.task, Matching):
                found |= {item.text for item in activity.task.items}
        return found

    assert not texts(EXERCISE) & texts(LESSON)


# --- the rubrics ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({}, 1.0),
        ({"verbe": "être visible"}, 0.85 * 0.6),
        ({"verbe": "percer"}, 0.85 * 0.6),
        ({"verbe": ""}, 0.85),
        ({"public": "tout le monde, partout et toujours"}, 0.8),
        ({"public": "apiculteurs débutants"}, 0.8),
        ({"public": "apiculteurs débutants du canton"}, 1.0),
        ({"themes": "médiation"}, 0.7),
        ({"themes": "médiation, inclusion, papiers en ligne"}, 1.0),
        ({"themes": "a, b, c, d"}, 0.7),
        ({"echeance": "2026-12-01"}, 0.9),
        ({"echeance": "2028-06-30"}, 0.9),
        ({"echeance": "30/06/2027"}, 1.0),
        ({"cible": "beaucoup"}, 0.95),
        ({"indicateur": "abonnés"}, 0.8),
        ({"indicateur": "j’aime et abonnés"}, 0.8),
        ({"indicateur": "réponses de mes abonnés"}, 1.0),
        ({"indicateur": "mon ressenti"}, 0.8),
        ({"budget": "10"}, 0.8),
        ({"budget": "600"}, 0.8),
        ({"budget": "1 h"}, 0.8),
        ({"budget": ""}, 0.8),
        ({"verbe": "percer", "indicateur": "abonnés", "budget": "600"}, 0.85 * 0.6 * 0.8 * 0.8),
    ],
    ids=str,
)
def test_objective_form(change: dict[str, str], expected: float) -> None:
    """What is good adds, faults multiply: the examples of the rubric."""
    assert score("E1-A3", OBJECTIVE | change) == pytest.approx(expected)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"verbe": "être visible"}, "ne dit pas quand vous aurez réussi"),
        ({"public": "tout le monde"}, "n’est pas un public"),
        ({"indicateur": "abonnés"}, "Compter les abonnés mesure une taille"),
        ({"budget": "600"}, "Quel temps est réaliste"),
    ],
)
def test_objective_form_tells_the_first_thing_to_mend(change: dict[str, str], said: str) -> None:
    assert said in result("E1-A3", OBJECTIVE | change).mistakes[0]


def test_date_is_judged_at_the_time_of_the_attempt() -> None:
    """Grading in a year's time does not make a good date late."""
    assert score("E1-A3", OBJECTIVE, at="2027-01-01T00:00:00Z") == 1.0
    assert score("E1-A3", OBJECTIVE, at="2028-01-01T00:00:00Z") == pytest.approx(0.9)


def test_every_action_verb_is_offered() -> None:
    """16 action verbs, 8 vague ones, and the list that is shown holds just those."""
    task = EXERCISE["E1-A3"].task
    assert isinstance(task, Form)
    actions = next(rule.among for _, rule in task.criteria if rule.field == "verbe")
    vague = next(rule.among for _, rule in task.penalties if rule.field == "verbe")
    assert (len(actions), len(vague)) == (16, 8)
    assert sorted(actions + vague) == sorted(task.fields[0].values)


@pytest.mark.parametrize("case", CASES)
def test_two_media_fit_each_case(case: str) -> None:
    """A third multiplies by 0.7, and so does a criterion that is no strength of its card."""
    task = EXERCISE["E1-A5"].variants[case].task
    assert isinstance(task, Selection)
    best = right_answer(task)
    assert len(best) == task.at_most == 2
    mean = sum(task.fit.values()) / len(task.fit)
    assert score("E1-A5", best, case) == score("E1-A5", best[:1], case) == 1.0
    wrong = [{**best[0], "critere": "effort" if "effort" not in strengths(task, best[0]["id"]) else "sortie"}, best[1]]
    assert score("E1-A5", wrong, case) == pytest.approx(0.7)
    third = next(card for card in task.cards if task.fit[card.id] == 0.5)
    three = [*best, {"id": third.id, "critere": third.strengths[0]}]
    assert score("E1-A5", three, case) == pytest.approx(0.7 * (2.5 / 3 - mean) / (1 - mean))


def strengths(task: Selection, id: str) -> tuple[str, ...]:
    return next(card.strengths for card in task.cards if card.id == id)


def test_following_before_publishing_keeps_most_of_the_order() -> None:
    order = ["objectif", "identite", "relier", "publier", "partager"]
    given = result("E1-A7", order)
    assert given.score == pytest.approx(0.8)
    assert given.mistakes == ("Avant de suivre, donnez aux autres une raison de vous suivre.",)
    assert score("E1-A7", ["partager", "relier", "publier", "identite", "objectif"]) == 0.0


# --- what is earned without knowing ---------------------------------------------------------------------------------


def test_ticking_everything_earns_little() -> None:
    for name, question in asked(EXERCISE):
        match question.task:
            case Choice() as task:
                everything: object = [option.id for option in task.options]
            case Selection() as task:
                everything = [{"id": card.id, "critere": "public"} for card in task.cards]
            case Matching() as task:
                everything = {item.id: task.groups[0].id for item in task.items}
            case _:
                continue
        assert (check(question, everything, {}, AT).score or 0) < 0.25, name


@pytest.mark.parametrize("text", ["aaaa", "?", "objectif", "0"])
def test_the_same_word_in_every_field_earns_next_to_nothing(text: str) -> None:
    assert score("E1-A3", dict.fromkeys(OBJECTIVE, text)) <= 0.05


LEARNERS = 2_000


def random_answer(task: Task, page: list[str], rng: random.Random) -> object:
    """An answer by somebody who reads nothing: random clicks, random words of the page, plausible numbers and dates."""
    match task:
        case Choice():
            return rng.sample([option.id for option in task.options], task.pick)
        case Number():
            return rng.randint(0, 100)
        case Matching():
            return {item.id: rng.choice(task.groups).id for item in task.items}
        case Ordering():
            return rng.sample([item.id for item in task.items], len(task.items))
        case Selection():
            cards = rng.sample(task.cards, rng.randint(1, task.at_most))
            return [{"id": card.id, "critere": rng.choice(task.criteria).id} for card in cards]
        case Form():
            return {field.id: random_entry(field, page, rng) for field in task.fields}
    raise TypeError(task)


def random_entry(field: Field, page: list[str], rng: random.Random) -> str:
    match field.entry:
        case "choix":
            return rng.choice(field.values)
        case "date":
            return (date(2026, 11, 22) + timedelta(rng.randint(0, 730))).isoformat()
        case "nombre":
            return str(rng.randint(1, 300))
    return " ".join(rng.choices(page, k=rng.randint(1, 8)))


def shown_words(activities: Activities) -> list[str]:
    """What the exercise's page shows before anything is answered."""
    texts = [prose(STEP / "etape-1.ipynb")]
    for _, activity in asked(activities):
        texts += [activity.question, activity.instructions]
        for name in ("options", "items", "groups", "fields", "cards", "criteria"):
            for part in getattr(activity.task, name, ()):
                if not isinstance(part, tuple):
                    texts += [part.text, getattr(part, "help", ""), *getattr(part, "details", ())]
    return " ".join(texts).split()


def test_a_memoryless_bot_earns_little() -> None:
    """With its three attempts: under 40 % of any activity, under 25 % of the step."""
    rng = random.Random(20261122)
    page = shown_words(EXERCISE)
    earned = dict.fromkeys(MARKED, 0.0)
    for learner in range(LEARNERS):
        context = {"cas": CASES[learner % 3]}
        for id in earned:
            question = EXERCISE[id].under(context)
            assert question is not None
            given = EXERCISE[id].depends_on
            events = [
                Event(f"{n:016x}", "a" * 16, n, id, 1, "attempt", random_answer(question.task, page, rng), AT,
                      context if given else {})
                for n in range(1, ATTEMPTS + 1)
            ]  # fmt: skip
            earned[id] += (mark(EXERCISE, id, events).score or 0.0) / LEARNERS
    assert max(earned.values()) < 0.40, earned
    total = sum(EXERCISE[id].points * share for id, share in earned.items())
    assert total / 70 < 0.25, earned


# --- the texts ------------------------------------------------------------------------------------------------------


def texts(path: Path) -> list[str]:
    return ["".join(cell["source"]) for cell in load(path)["cells"] if cell["cell_type"] == "markdown"]


def prose(path: Path) -> str:
    return plain("\n\n".join(texts(path)))


def sentences(text: str) -> Iterator[str]:
    text = re.sub(r"\*\*|^#+ ", "", text, flags=re.MULTILINE)
    text = re.sub(r"^\s*(?:-|\d+\.) |\||\n\s*\n", "\n\n", text, flags=re.MULTILINE)
    for paragraph in text.split("\n\n"):
        yield from re.split(r"(?<=[.!?…])\s+(?=[A-ZÉÀÊ«\d])", " ".join(paragraph.split()))


NOTEBOOKS = [COURSE / "01-objectifs.ipynb", STEP / "etape-1.ipynb"]


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_sentences_are_short(path: Path) -> None:
    """At most 20 words; paragraphs at most 60."""
    for text in texts(path):
        for sentence in sentences(text):
            assert words(sentence) <= 20, sentence
        for paragraph in text.split("\n\n"):
            assert "|" in paragraph or words(paragraph) <= 60, paragraph


@EVERY_QUESTION
def test_sentences_of_questions_are_short(question: Activity) -> None:
    messages = [message for _, message in wrong_answers(question.task)]
    for text in (question.question, question.instructions, question.explanation, *question.hints, *messages):
        for sentence in sentences(text):
            assert words(sentence) <= 20, sentence


def test_lesson_is_short() -> None:
    """At most 1,200 words in all, 300 between two activities; the time printed is what it takes at 180 a minute."""
    lesson = prose(COURSE / "01-objectifs.ipynb")
    assert words(lesson) <= 1_200
    since = 0
    for cell in load(COURSE / "01-objectifs.ipynb")["cells"]:
        since = 0 if "activite(" in "".join(cell["source"]) else since + words("".join(cell["source"]))
        assert since <= 300
    printed = re.search(r"Lecture : environ (\d+) minutes", lesson)
    assert printed
    assert int(printed[1]) == ceil(words(lesson) / 180)


def test_sections_print_where_one_is_and_how_long_they_take() -> None:
    lesson = prose(COURSE / "01-objectifs.ipynb")
    sections = re.split(r"^## ", lesson, flags=re.MULTILINE)
    numbered = [section for section in sections if re.match(r"\d\. ", section)]
    assert len(numbered) == 4
    for place, section in enumerate(numbered, 1):
        printed = re.search(rf"Section {place} sur 4 · lecture : (\d+) minute", section)
        assert printed, section
        assert int(printed[1]) == ceil(words(section) / 180)


def test_each_section_is_followed_by_doing() -> None:
    """An activity stands between the heading of a section and the next one."""
    order = [
        found[0]
        for cell in load(COURSE / "01-objectifs.ipynb")["cells"]
        for found in re.findall(r"^(## \d)|^(activite)", "".join(cell["source"]), re.MULTILINE)
        for found in [tuple(filter(None, found))]
    ]
    numbered = [place for place, what in enumerate(order) if what.startswith("##")]
    assert all(order[place + 1] == "activite" for place in numbered)


PLATFORMS = r"Twitter|Facebook|LinkedIn|Mastodon|Bluesky|Instagram|YouTube|TikTok|Threads|WhatsApp|Viadeo|Klout"


def test_lesson_names_no_platform() -> None:
    """Names date: they stand on the dated cards only."""
    shown = prose(COURSE / "01-objectifs.ipynb")
    for _, question in asked(LESSON):
        shown += question.question + question.instructions + question.explanation
    assert not re.search(PLATFORMS, shown)


def test_learners_are_addressed_politely() -> None:
    """« Vous » only, no middle dot, and what is invented is said to be."""
    everything = "".join(map(prose, NOTEBOOKS)) + (STEP / "activites.toml").read_text(encoding="utf-8")
    everything += (COURSE / "01-objectifs.activites.toml").read_text(encoding="utf-8")
    assert not re.search(r"\b(?:tu|toi|tes|ton)\b", everything, re.IGNORECASE)
    assert not re.search(r"\w·\w", everything)
    assert "inventé" in prose(NOTEBOOKS[0])
    assert "inventé" in prose(NOTEBOOKS[1])
