"""What holds of every step, lesson and exercise: chance earns little, every mistake is told why, texts are plain."""

import json
import random
import re
from collections.abc import Iterator
from functools import cache
from itertools import pairwise, product
from math import ceil
from pathlib import Path
from typing import Any

import pytest

from bench.bots import AT, CASES, Step, asked, by_chance, face, of_the_step, steps, taking_everything
from bench.bots import texts as texts_shown
from reseau_kit.activities import Activities, Activity, ActivityFaults
from reseau_kit.checks import Result, Status, check
from reseau_kit.kinds import Choice, Form, Matching, Number, OpenText, Ordering, Selection, Task
from reseau_kit.notebooks import load

ROOT = Path(__file__).parents[1]
STRONG = ROOT / "tests" / "strong"
STEPS = steps()
EVERY_STEP = pytest.mark.parametrize("step", STEPS, ids=lambda step: step.name)

Question = tuple[str, Activity]


def questions() -> Iterator[Question]:
    """Each question of each step, practice included. A file with faults has its own test."""
    for step in STEPS:
        for source in ("activities", "practice"):
            try:
                yield from asked(getattr(step, source))
            except (ActivityFaults, ValueError):
                continue


QUESTIONS = list(questions())


def every_question(*kinds: type[Task]) -> pytest.MarkDecorator:
    """Parametrises over the questions of these kinds, decisions left out; over every question without any kind."""
    chosen = [
        (name, one) for name, one in QUESTIONS if not kinds or (isinstance(one.task, kinds) and not one.is_decision)
    ]
    return pytest.mark.parametrize("question", [one for _, one in chosen], ids=[name for name, _ in chosen])


def plain(text: str) -> str:
    return text.replace("\u00a0", " ").replace("\u202f", " ")


def words(text: str) -> int:
    return len(re.findall(r"\w+(?:[’'-]\w+)*", text))


# --- each step is whole -----------------------------------------------------------------------------------------------


def test_steps_follow_one_another() -> None:
    assert [step.number for step in STEPS] == list(range(1, len(STEPS) + 1))
    lessons = sorted(path.name[:2] for path in (ROOT / "course").glob("*.ipynb"))
    assert lessons == ["00", *(f"{step.number:02}" for step in STEPS)]


@EVERY_STEP
def test_activities_have_no_fault(step: Step) -> None:
    assert len(step.activities)
    assert len(step.practice)


@EVERY_STEP
def test_points_are_those_announced(step: Step) -> None:
    """70 points without a person, 30 for a text, said so on the page; the lesson's activities are for practice."""
    assert sum(step.marked.values()) == 70
    assert sum(activity.points for activity in step.activities if isinstance(activity.task, OpenText)) == 30
    assert not any(activity.points for activity in step.practice)
    assert "70 points" in prose(step.notebook)
    assert "30 points" in prose(step.notebook)


@EVERY_STEP
def test_nbgrader_knows_the_points(step: Step) -> None:
    graded = {
        cell["metadata"]["nbgrader"]["grade_id"]: cell["metadata"]["nbgrader"]["points"]
        for cell in load(step.notebook)["cells"]
        if cell["metadata"].get("nbgrader", {}).get("grade")
    }
    assert graded == step.marked


# --- what is earned without knowing -----------------------------------------------------------------------------------

LEARNERS = 700


@EVERY_STEP
@pytest.mark.parametrize("case", CASES)
def test_answering_by_chance_earns_little(step: Step, case: str) -> None:
    """With three attempts and no memory: under 40 % of any activity, under 25 % of the step."""
    shares = by_chance(step, case, LEARNERS, random.Random(20261122))
    assert max(shares.values()) < 0.40, shares
    assert of_the_step(step, shares) < 0.25, shares


@EVERY_STEP
@pytest.mark.parametrize("case", CASES)
def test_taking_everything_earns_little(step: Step, case: str) -> None:
    """Ticking all there is, and pasting what the page says: the same bounds."""
    shares = taking_everything(step, case)
    assert max(shares.values()) < 0.40, shares
    assert of_the_step(step, shares) < 0.25, shares


@every_question(Choice, Matching, Selection)
def test_ticking_everything_once_earns_little(question: Activity) -> None:
    match question.task:
        case Choice() as task:
            everything: object = [option.id for option in task.options]
        case Selection() as task:
            everything = [{"id": card.id, "critere": task.criteria[0].id} for card in task.cards]
        case Matching() as task:
            everything = {item.id: task.groups[0].id for item in task.items}
    assert (check(question, everything, {}, AT).score or 0) < 0.25


@every_question(Form)
@pytest.mark.parametrize("text", ["aaaa", "?", "objectif", "0"])
def test_the_same_word_in_every_field_earns_next_to_nothing(question: Activity, text: str) -> None:
    task = question.task
    assert isinstance(task, Form)
    assert (check(question, {field.id: text for field in task.fields}, {}, AT).score or 0) <= 0.10


# --- what is right ----------------------------------------------------------------------------------------------------


def right_answer(task: Task) -> Any:
    """What the key says; a form has none, so many answers are good."""
    match task:
        case Choice():
            return list(task.right or ())
        case Number():
            return task.value
        case Matching():
            return {id: max(groups, key=lambda group: groups[group]) for id, groups in task.credit.items()}
        case Ordering():
            return in_order(task)
        case Selection():
            return [{"id": card.id, "critere": card.strengths[0]} for card in task.cards if task.fit[card.id] == 1]
    raise TypeError(task)


def in_order(task: Ordering) -> list[str]:
    """An order in which everything comes after what has to come before it."""
    left, order = [item.id for item in task.items], list[str]()
    while left:
        first = next(id for id in left if not any(after == id and before in left for before, after in task.before))
        left.remove(first)
        order.append(first)
    return order


@every_question(Choice, Number, Matching, Ordering, Selection)
def test_right_answers_earn_everything(question: Activity) -> None:
    assert check(question, right_answer(question.task), {}, AT) == Result(Status.RIGHT, 1.0)


@every_question(OpenText)
def test_open_texts_are_kept_for_a_person(question: Activity) -> None:
    assert check(question, {"texte": "Parce que…"}, {}, AT) == Result(Status.RECORDED, 0.0)


@cache
def strong(step: Step) -> dict[str, dict[str, Any]]:
    answers: dict[str, dict[str, Any]] = json.loads((STRONG / f"{step.name}.json").read_text(encoding="utf-8"))[
        "answers"
    ]
    return answers


@EVERY_STEP
@pytest.mark.parametrize("case", CASES)
def test_strong_answers_are_recognised(step: Step, case: str) -> None:
    """Written from the lesson and the page, before seeing the keys: at least 85 % of each activity and of the step."""
    answers = strong(step)[case]
    shares = {id: check(step.activities[id], answer, {"cas": case}, AT).score or 0.0 for id, answer in answers.items()}
    assert set(step.marked) <= set(shares)
    assert min(shares.values()) >= 0.85, shares
    assert of_the_step(step, shares) >= 0.85, shares


# --- every mistake is told why ----------------------------------------------------------------------------------------


def wrong_answers(task: Task) -> Iterator[tuple[object, str]]:
    """Each way to be wrong that the course foresees, with what has to be said of it."""
    match task:
        case Choice():
            yield from ((option.id, option.reason) for option in task.options if option.id not in (task.right or ()))
        case Number():
            yield from ((mistake.value, mistake.message) for mistake in task.mistakes)
        case Matching():
            for item, group in product(task.items, task.groups):
                if task.credit[item.id].get(group.id, 0) < 1:
                    yield {item.id: group.id}, task.why_not(item.id, group.id)
        case Ordering():
            right = in_order(task)
            for place, pair in enumerate(pairwise(right)):
                if pair in task.before:
                    yield [*right[:place], pair[1], pair[0], *right[place + 2 :]], task.inversions[pair]
        case Selection():
            for card in task.cards:
                if task.fit[card.id] < 1:
                    yield [{"id": card.id, "critere": card.strengths[0]}], task.reasons[card.id]
        case Form():
            for _, rule in task.criteria:
                yield {task.fields[-1].id: "?"}, rule.message


@every_question(Choice, Number, Matching, Ordering, Selection, Form)
def test_every_mistake_has_its_message(question: Activity) -> None:
    """It is told, it is the mistake's own, it is short, and it gives no answer away."""
    messages: dict[str, object] = {}
    for answer, message in wrong_answers(question.task):
        given = check(question, answer, {}, AT)
        assert given.status is not Status.RIGHT
        assert message, answer
        assert any(message in mistake for mistake in given.mistakes), answer
        messages[message] = answer
    if not isinstance(question.task, Matching):
        assert len(messages) == len(list(wrong_answers(question.task)))
    for told in (*messages, *question.hints):
        assert not any(right in told for right in given_away(question.task)), told


def given_away(task: Task) -> list[str]:
    """What no message may say before the last attempt."""
    match task:
        case Choice():
            return [option.text for option in task.options if option.id in (task.right or ())]
        case Selection():
            return [card.text for card in task.cards if task.fit[card.id] == 1]
        case Matching():
            return [group.text for group in task.groups]
    return []


def told(question: Activity) -> list[str]:
    """All that can be said of an answer before the last attempt."""
    messages = [message for _, message in wrong_answers(question.task)]
    match question.task:
        case Form() as task:
            messages += [penalty.rule.message for penalty in task.penalties]
        case Selection() as task:
            messages += [task.wrong_criterion, task.too_many]
    return [*question.hints, *messages]


@every_question()
def test_feedback_is_short_and_never_blames(question: Activity) -> None:
    """At most 35 words, an explanation 60; neither praise nor blame. A thing may be called false, not an answer."""
    for text in told(question):
        assert words(text) <= 35, text
    assert words(question.explanation) <= 60
    for text in (*told(question), question.explanation):
        said = re.sub(r"\bfau(?:x|sses?) (?:abonn|ami|avis|compte|information|nouvelle|profil)", "", text)
        assert not re.search(r"\b(fau(?:x|sse)|erreur|dommage|bravo|raté|mauvais)", said, re.IGNORECASE), text


# --- practice and grading ---------------------------------------------------------------------------------------------


@EVERY_STEP
def test_no_practice_question_is_a_graded_one(step: Step) -> None:
    """No question, situation or text of the lesson stands in the exercise, and neither does its data."""

    def asks(activities: Activities) -> set[str]:
        shared = ("instructions", "groups", "criteria", "fields")
        faces = [face(one) | dict.fromkeys(shared) for _, one in asked(activities)]
        return {text for shown in faces for text in texts_shown(shown) if words(text) > 5}

    assert asks(step.activities)
    assert not asks(step.activities) & asks(step.practice), asks(step.activities) & asks(step.practice)


# --- the texts --------------------------------------------------------------------------------------------------------


def cell_texts(path: Path) -> list[str]:
    return ["".join(cell["source"]) for cell in load(path)["cells"] if cell["cell_type"] == "markdown"]


def prose(path: Path) -> str:
    return plain("\n\n".join(cell_texts(path)))


def sentences(text: str) -> Iterator[str]:
    text = re.sub(r"\*\*|^#+ ", "", text, flags=re.MULTILINE)
    text = re.sub(r"^\s*(?:-|\d+\.) |\||\n\s*\n", "\n\n", text, flags=re.MULTILINE)
    for paragraph in text.split("\n\n"):
        yield from re.split(r"(?<=[.!?…])\s+(?=[A-ZÉÀÊ«\d])", " ".join(paragraph.split()))


NOTEBOOKS = [*sorted((ROOT / "course").glob("*.ipynb")), *(step.notebook for step in STEPS)]
EVERY_NOTEBOOK = pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)


@EVERY_NOTEBOOK
def test_sentences_are_short(path: Path) -> None:
    """At most 20 words; paragraphs at most 60."""
    for text in cell_texts(path):
        for sentence in sentences(text):
            assert words(sentence) <= 20, sentence
        for paragraph in text.split("\n\n"):
            assert "|" in paragraph or words(paragraph) <= 60, paragraph


@every_question()
def test_sentences_of_questions_are_short(question: Activity) -> None:
    for text in (question.question, question.instructions, question.explanation, *told(question)):
        for sentence in sentences(text):
            assert words(sentence) <= 20, sentence


@EVERY_STEP
def test_lesson_is_short(step: Step) -> None:
    """At most 1,200 words in all, 300 between two activities; the time printed is what it takes at 180 a minute."""
    lesson = prose(step.lesson)
    assert words(lesson) <= 1_200
    since = 0
    for cell in load(step.lesson)["cells"]:
        since = 0 if "activite(" in "".join(cell["source"]) else since + words("".join(cell["source"]))
        assert since <= 300
    printed = re.search(r"Lecture : environ (\d+) minutes", lesson)
    assert printed
    assert int(printed[1]) == ceil(words(lesson) / 180)


@EVERY_STEP
def test_sections_print_where_one_is_and_how_long_they_take(step: Step) -> None:
    sections = re.split(r"^## ", prose(step.lesson), flags=re.MULTILINE)
    numbered = [section for section in sections if re.match(r"\d\. ", section)]
    assert len(numbered) in (3, 4)
    for place, section in enumerate(numbered, 1):
        printed = re.search(rf"Section {place} sur {len(numbered)} · lecture : (\d+) minute", section)
        assert printed, section
        assert int(printed[1]) == ceil(words(section) / 180)


@EVERY_STEP
def test_each_section_is_followed_by_doing(step: Step) -> None:
    """An activity stands between the heading of a section and the next one."""
    order = [
        found[0]
        for cell in load(step.lesson)["cells"]
        for found in re.findall(r"^(## \d)|^(activite)", "".join(cell["source"]), re.MULTILINE)
        for found in [tuple(filter(None, found))]
    ]
    numbered = [place for place, what in enumerate(order) if what.startswith("##")]
    assert numbered
    assert all(order[place + 1 : place + 2] == ["activite"] for place in numbered)


PLATFORMS = re.compile(
    r"\b(?:Twitter|Facebook|LinkedIn|Mastodon|Bluesky|Instagram|YouTube|TikTok|Threads|WhatsApp|Viadeo|Klout|Discord"
    r"|Snapchat|Pinterest|Hootsuite|Scoop\.it|WordPress)\b|Google\+"
)


@EVERY_STEP
def test_lesson_names_no_platform(step: Step) -> None:
    """Names date: they stand in dated tables, in worked examples and among the sources only."""
    sections = re.split(r"^(?=#+ )", prose(step.lesson), flags=re.MULTILINE)
    own = [section for section in sections if not re.match(r"#+ (?:Sources|.*\bexemple\b)", section, re.IGNORECASE)]
    shown = "".join(line for section in own for line in section.splitlines(keepends=True) if "|" not in line)
    for _, question in asked(step.practice):
        shown += question.question + question.instructions + question.explanation
    assert not PLATFORMS.search(shown)


@EVERY_STEP
def test_learners_are_addressed_politely(step: Step) -> None:
    """« Vous » only, and what is invented is said to be."""
    own = prose(step.lesson) + prose(step.notebook)
    for activities in (step.activities, step.practice):
        for _, question in asked(activities):
            own += "\n".join([question.question, question.instructions, question.explanation, *told(question), ""])
    assert not re.search(r"\b(?:tu|toi|tes)\b|(?<!le )(?<!un )(?<!du )(?<!ce )\bton\b", own, re.IGNORECASE)
    for path in (step.lesson, step.notebook):
        assert re.search(r"inventé|fictive?s?\b", prose(path)), path


@EVERY_STEP
def test_no_middle_dot_in_a_word(step: Step) -> None:
    """Some screen readers and readers stumble on it; nor do slashes stand for both genders."""
    written = prose(step.lesson) + prose(step.notebook)
    for folder in (step.folder, step.lesson.parent):
        for path in (*folder.glob("*.toml"), *folder.glob("*.csv")):
            written += path.read_text(encoding="utf-8")
    assert not re.search(r"\w[·•]\w|\w\(e\)|\w/(?:e|se|ne|trice|euse)s?\b", written)


@EVERY_NOTEBOOK
def test_images_have_a_text(path: Path) -> None:
    """An alternative of 20 to 125 characters, that does not begin with « image de »."""
    found = re.findall(r"!\[([^\]]*)\]\(", prose(path))
    assert "<img" not in prose(path)
    for alternative in found:
        assert 20 <= len(alternative) <= 125, alternative
        assert not re.match(r"(?:image|photo|figure)\b", alternative, re.IGNORECASE), alternative
