"""What holds of every step, lesson and exercise: chance earns little, every mistake is told why, texts are plain."""

import random
import re
from collections.abc import Iterator
from itertools import combinations, pairwise, product
from math import ceil
from pathlib import Path
from typing import Any

import pytest

from bench.bots import (
    AT,
    CASES,
    Step,
    asked,
    by_chance,
    earned,
    everything,
    face,
    of_the_step,
    steps,
    taking_everything,
)
from bench.bots import texts as texts_shown
from bench.learners import strong_answers, strong_decisions
from reseau_kit.activities.activity import Activities, Activity, ActivityFaults
from reseau_kit.activities.tasks import (
    DAYS,
    Accounts,
    Card,
    Choice,
    Form,
    Matching,
    Number,
    OpenText,
    Ordering,
    Plan,
    Rule,
    Search,
    Selection,
    Task,
)
from reseau_kit.answers.checks import Result, Status, check, holds, search
from reseau_kit.answers.notebooks import load

ROOT = Path(__file__).parents[1]
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
    welcome, *others = lessons
    assert welcome == "00"
    # A page closes the course, and an annex may follow it.
    assert others[: len(STEPS)] == [f"{step.number:02}" for step in STEPS]
    assert len(others) <= len(STEPS) + 2


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
    assert (check(question, everything(face(question), 0), context(question), AT).score or 0) < 0.25


@every_question(Form)
@pytest.mark.parametrize("text", ["aaaa", "?", "objectif", "0"])
def test_the_same_word_in_every_field_earns_next_to_nothing(question: Activity, text: str) -> None:
    task = question.task
    assert isinstance(task, Form)
    answer = {field.id: text for field in task.fields}
    assert (check(question, answer, context(question), AT).score or 0) <= 0.10


# --- what is right ----------------------------------------------------------------------------------------------------


def right_answer(task: Task) -> Any:
    """What the key says; a form and a search have none, so many answers are good."""
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
            return [selected(task, card) for card in task.cards if task.fit[card.id] == 1][: task.at_most]
        case Accounts():
            return list(task.example)
        case Plan():
            return good_week(task)
    raise TypeError(task)


def selected(task: Selection, card: Card) -> dict[str, str]:
    return {"id": card.id, "critere": card.strengths[0] if task.criteria else ""}


def good_week(task: Plan) -> list[dict[str, Any]]:
    """A line a day for each thing that a week should hold, nine tenths of the budget in all."""
    roles = [role for _, role, _ in task.criteria]
    gestures = [next(gesture.id for gesture in task.gestures if gesture.role == role) for role in roles]
    medium, theme = (min(task.allowed.get(name, {""})) for name in ("medias", "themes"))
    minutes = int(0.9 * task.budget / len(roles))
    return [
        {"jour": day, "minutes": minutes, "geste": gesture, "media": medium, "theme": theme}
        for day, gesture in zip(DAYS, gestures, strict=False)
    ]


def in_order(task: Ordering) -> list[str]:
    """An order in which everything comes after what has to come before it."""
    left, order = [item.id for item in task.items], list[str]()
    while left:
        first = next(id for id in left if not any(after == id and before in left for before, after in task.before))
        left.remove(first)
        order.append(first)
    return order


@every_question(Choice, Number, Matching, Ordering, Selection, Accounts, Plan)
def test_right_answers_earn_everything(question: Activity) -> None:
    assert check(question, right_answer(question.task), context(question), AT) == Result(Status.RIGHT, 1.0)


@every_question(Search)
def test_some_search_finds_most_of_what_is_useful(question: Activity) -> None:
    """At least 85 %, with what the page allows; no word alone is worth three quarters of that."""
    task = question.task
    assert isinstance(task, Search)
    found = {word.id: {post.id for post in search(task, {"avec": [word.id], "sans": []})} for word in task.words}

    def quality(wanted: tuple[str, ...], unwanted: tuple[str, ...]) -> float:
        back = set.intersection(*map(found.__getitem__, wanted)).difference(*map(found.__getitem__, unwanted))
        return 2 * len(back & set(task.relevant)) / (len(back) + len(task.relevant))

    some_words = [(count, some) for count in range(3) for some in combinations(found, count)]
    searches = [(wanted, out) for n, wanted in some_words for _, out in some_words if n and not set(wanted) & set(out)]
    wanted, unwanted = max(searches, key=lambda one: quality(*one))
    best = check(question, {"avec": list(wanted), "sans": list(unwanted)}, {}, AT).score or 0
    assert best >= 0.85, (wanted, unwanted)
    assert all((check(question, {"avec": [word], "sans": []}, {}, AT).score or 0) < 0.75 * best for word in found)


@every_question(OpenText)
def test_open_texts_are_kept_for_a_person(question: Activity) -> None:
    assert check(question, {"texte": "Parce que…"}, {}, AT) == Result(Status.RECORDED, 0.0)


@EVERY_STEP
@pytest.mark.parametrize("case", CASES)
def test_strong_answers_are_recognised(step: Step, case: str) -> None:
    """Written from the lesson and the page, before seeing the keys: at least 85 % of each activity and of the step."""
    answers, decided = strong_answers(step)[case], strong_decisions(step, case)
    left = [one.id for one in step.activities if one.is_decision or isinstance(one.task, OpenText)]
    judged = [id for id in answers if id in step.activities.own and id not in left]
    shares = {id: earned(step.activities, id, [answers[id]], decided) for id in judged}
    assert set(step.marked) <= set(shares)
    assert min(shares.values()) >= 0.85, shares
    assert of_the_step(step, shares) >= 0.85, shares


# --- every mistake is told why ----------------------------------------------------------------------------------------


def wrong_answers(task: Task) -> Iterator[tuple[object, str]]:  # noqa: C901  one case a kind
    """Each way to be wrong that the course foresees, with what has to be said of it."""
    match task:
        case Choice():
            yield from ((option.id, option.reason) for option in task.options if option.id not in (task.right or ()))
        case Number():
            yield from ((mistake.value, mistake.message) for mistake in task.mistakes)
        case Matching():
            for item in task.items:
                for group in task.groups_of(item):
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
                    yield [selected(task, card)], task.reasons[card.id]
        case Accounts():
            yield from wrong_accounts(task)
        case Search():
            yield from wrong_searches(task)
        case Plan():
            yield from wrong_weeks(task)
        case Form():
            for _, rule in task.criteria:
                yield {task.fields[-1].id: "¤"}, rule.message
            for penalty in task.penalties:
                yield faulty(task, penalty.rule), penalty.rule.message


def wrong_accounts(task: Accounts) -> Iterator[tuple[object, str]]:
    for id, reason in task.reasons.items():
        yield [id, *(other for other in task.example if other != id)][: task.pick], reason
    for term in task.terms:
        values = {card.id: card.traits.get(term.trait, "") for card in task.cards}
        having = sorted(values, key=lambda id: (values[id] in ("", "0"), values[id]))
        yield (having[-task.pick :] if term.rule == "un" else having[: task.pick]), term.message


def wrong_searches(task: Search) -> Iterator[tuple[object, str]]:
    searches = [{"avec": [word.id], "sans": []} for word in task.words]
    searches += [{"avec": [one.id, other.id], "sans": []} for one, other in combinations(task.words, 2)]
    for message in (task.if_noise, task.if_silence):
        for answer in searches:
            found, useful = {post.id for post in search(task, answer)}, set(task.relevant)
            noisy = len(found - useful) > len(useful - found)
            if found & useful and found != useful and noisy is (message == task.if_noise):
                yield answer, message
                break


def wrong_weeks(task: Plan) -> Iterator[tuple[object, str]]:
    week = good_week(task)
    for place, (_, _, message) in enumerate(task.criteria):
        yield week[:place] + week[place + 1 :], message
    selling = next((gesture.id for gesture in task.gestures if gesture.role == "autopromotion"), "")
    elsewhere = next((medium.id for medium in task.media if medium.id not in task.allowed["medias"]), "")
    posting = next((gesture.id for gesture in task.gestures if gesture.role == "publication"), "")
    off = next((theme.id for theme in task.themes if theme.id not in task.allowed["themes"]), "")
    subject = min(task.allowed["themes"])
    amiss = {
        "un-seul-jour": [line | {"jour": DAYS[0]} for line in week],
        "autopromotion": [*week, week[0] | {"geste": selling, "minutes": task.budget}],
        "depassement": [line | {"minutes": task.budget} for line in week],
        "sous-emploi": [line | {"minutes": 5} for line in week],
        "media": [*week, week[0] | {"media": elsewhere}],
        "desequilibre": [*week, week[0] | {"geste": posting, "minutes": task.budget, "theme": subject}],
        "hors-sujet": [*week, week[0] | {"geste": posting, "minutes": 5, "theme": off}],
    }
    for _, what, message in task.penalties:
        yield amiss[what], message


def faulty(task: Form, rule: Rule) -> dict[str, str]:
    """An answer of which the rule of a fault holds: some text, or two of them one after the other."""
    context = dict.fromkeys(task.decisions, DECIDED)
    texts = ["", "¤", *rule.among, *rule.contains[:3], *rule.starts, rule.like, "0", "1000000", "2020-01-01", DECIDED]
    texts += [
        "Je partage ici ce que je fais. ",
        "atelier atelier atelier",
        "06 12 34 56 78",
        "#un #deux #trois #quatre",
    ]
    texts.append(" ".join(f"mot{place}" for place in range(100)))
    for text in (*texts, *map(" ".join, product(texts, texts))):
        entries = {field.id: "médiatrice" for field in task.fields} | {rule.field: text}
        if holds(rule, entries, AT, context):
            return entries
    pytest.fail(f"nothing was found of which this would be said: {rule.message}")


#: What a learner decided, wherever an answer is judged against a decision.
DECIDED = "médiation, inclusion"


def context(question: Activity) -> dict[str, str]:
    return dict.fromkeys(question.needs, DECIDED)


def literal(message: str) -> str:
    """The longest part of a message that says the same whatever the numbers in it."""
    return max(re.split(r"\{\w+\}", message), key=len)


@every_question(Choice, Number, Matching, Ordering, Selection, Accounts, Search, Plan, Form)
def test_every_mistake_has_its_message(question: Activity) -> None:
    """It is told, it is the mistake's own, it is short, and it gives no answer away."""
    messages: dict[str, object] = {}
    for answer, message in wrong_answers(question.task):
        given = check(question, answer, context(question), AT)
        assert given.status is not Status.RIGHT
        assert message, answer
        assert any(literal(message) in mistake for mistake in given.mistakes), (answer, message)
        messages[message] = answer
    if not isinstance(question.task, Matching):
        assert len(messages) == len(list(wrong_answers(question.task)))
    for said in (*messages, *question.hints):
        assert not any(right in said for right in given_away(question.task)), said


def given_away(task: Task) -> list[str]:
    """What no message may say before the last attempt. « Oui » and the like are no answer by themselves."""
    match task:
        case Choice():
            return [option.text for option in task.options if option.id in (task.right or ())]
        case Selection():
            return [card.text for card in task.cards if task.fit[card.id] == 1]
        case Accounts():
            return [card.text for card in task.cards if card.id in task.example]
        case Matching() if task.groups:
            return [group.text for group in task.groups if words(group.text) > 1]
        case Matching():
            right = [(item, group) for item in task.items for group in task.groups_of(item)]
            return [g.text for item, g in right if task.credit[item.id].get(g.id) == 1 and words(g.text) > 2]
    return []


def told(question: Activity) -> list[str]:
    """All that can be said of an answer before the last attempt."""
    messages = [message for _, message in wrong_answers(question.task)] if not question.is_decision else []
    if isinstance(question.task, Selection):
        messages += [question.task.wrong_criterion, question.task.too_many]
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
        shown = [text for _, one in asked(activities) for text in texts_shown(face(one), *shared)]
        return {text for text in shown if words(text) > 5}

    assert asks(step.activities)
    assert not asks(step.activities) & asks(step.practice), asks(step.activities) & asks(step.practice)


# --- the texts --------------------------------------------------------------------------------------------------------


def cell_texts(path: Path) -> list[str]:
    return ["".join(cell["source"]) for cell in load(path)["cells"] if cell["cell_type"] == "markdown"]


def prose(path: Path) -> str:
    return plain("\n\n".join(cell_texts(path)))


def sentences(text: str) -> Iterator[str]:
    text = re.sub(r"\]\([^)]*\)|\*\*|^#+ ", "", text, flags=re.MULTILINE)
    text = re.sub(r"^\s*(?:-|\d+\.) |\||\n\s*\n", "\n\n", text, flags=re.MULTILINE)
    for paragraph in text.split("\n\n"):
        yield from re.split(r"(?:(?<=[.!?…])|(?<=[.!?…] »))\s+(?=[A-ZÉÀÊ«\d])", " ".join(paragraph.split()))


NOTEBOOKS = [*sorted((ROOT / "course").glob("*.ipynb")), *(step.notebook for step in STEPS)]
EVERY_NOTEBOOK = pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)


@EVERY_NOTEBOOK
def test_sentences_are_short(path: Path) -> None:
    """At most 20 words; paragraphs and items of a list at most 60."""
    for text in cell_texts(path):
        for sentence in sentences(text):
            assert words(sentence) <= 20, sentence
        for paragraph in re.split(r"\n\n|\n(?=- |\d+\. )", text):
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
    assert not re.search(r"\b(?:tu|toi|tes)\b", own, re.IGNORECASE)
    # « Ton » is also what one hears in a text: an article says so.
    assert not re.search(r"\bton\b", re.sub(r"\b(?:au|bon|ce|de|du|le|même|quel|un|votre) ton\b", "", own.lower()))
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
