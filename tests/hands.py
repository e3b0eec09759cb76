"""Two ways to answer any activity at the browser: by mouse, and by keyboard alone without seeing the page."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from playwright.sync_api import Locator

from learner import Person
from reseau_kit.activities.activity import Activity
from reseau_kit.activities.tasks import (
    Accounts,
    Choice,
    Form,
    Item,
    Matching,
    Number,
    OpenText,
    Ordering,
    Plan,
    Search,
    Selection,
    Show,
)


def plain(text: str) -> str:
    """The text with plain spaces for the non-breaking ones of French."""
    return re.sub(r"\s", " ", text)


def typed(value: object) -> str:
    """A number or a text as somebody types it in French."""
    return str(value).replace(".", ",") if isinstance(value, float) else str(value)


def named(options: Any, id: str) -> str:
    """The words of an option, by its id."""
    return next(str(option.text) for option in options if option.id == id)


def as_chosen(value: Any) -> dict[str, str]:
    """The cards of a selection, each with its criterion, empty where none is asked."""
    return (
        dict.fromkeys(value, "")
        if value and isinstance(value[0], str)
        else {r["id"]: r.get("critere", "") for r in value}
    )


def shown(task: Form, value: dict[str, Any]) -> list[tuple[Show, str]]:
    """What a text should do, each with the words on the page of the passage that shows it."""
    passages = value.get("montre", {})
    return [(one, passages[one.id] or "nulle part encore") for one in task.shows if one.id in passages]


def week(task: Plan, value: list[dict[str, str]]) -> list[dict[str, str]]:
    """Each line of a week with the words on the page, by the label of its control; what is left empty is left out."""
    lines = []
    for line in value:
        said = {
            "Jour": line["jour"],
            "Minutes": str(line["minutes"]),
            "Geste": named(task.gestures, line["geste"]),
            "Média": named(task.media, line["media"]) if line["media"] else "",
            "Sujet": named(task.themes, line["theme"]) if task.themes and line["theme"] else line["theme"],
        }
        lines.append({label: text for label, text in said.items() if text})
    return lines


def sides(task: Search) -> dict[str, str]:
    """What the two groups of words of a search are called."""
    (least, most), (_, none) = task.wanted, task.unwanted
    return {
        "avec": f"Avec tous ces mots (de {least:g} à {most:g})",
        "sans": f"Sans aucun de ces mots ({none:g} au plus)",
    }


@dataclass(frozen=True)
class Mouse:
    """Clicks what it sees; types only where there is something to write."""

    learner: Person

    def answer(self, activity: Activity, value: Any) -> Locator:
        """Give an answer and validate it, without waiting for what comes of it; the activity's card."""
        card = self.learner.activity(activity.id)
        match activity.task:
            case Choice():
                self.learner.tick(activity.id, value)
            case Number():
                self._type(card.get_by_label("Votre réponse"), typed(value))
            case OpenText():
                self._type(card.get_by_label("Votre texte"), value["texte"])
            case Matching() as task:
                for item in task.items:
                    self._match(card, task, item, value.get(item.id, ""))
            case Form() as task:
                for line in task.fields:
                    self._fill(card.get_by_label(line.text, exact=True), value.get(line.id, ""))
                for one, passage in shown(task, value):
                    card.get_by_role("group", name=one.text, exact=True).get_by_label(passage, exact=True).check()
            case Selection() | Accounts() as task:
                self._select(card, task, as_chosen(value))
            case Ordering() as task:
                self._order(card, [named(task.items, id) for id in value])
            case Search() as task:
                self._search(card, task, value)
            case Plan() as task:
                self._plan(card, week(task, value))
        card.locator("button.rk-go").click()
        return card

    @staticmethod
    def _type(field: Locator, text: str) -> None:
        field.click()
        field.fill(text)

    def _fill(self, control: Locator, text: str) -> None:
        if control.evaluate("node => node.tagName") == "SELECT":
            control.select_option(text)
        else:
            self._type(control, text)

    @staticmethod
    def _match(card: Locator, task: Matching, item: Item, group: str) -> None:
        around = card.get_by_role("group", name=item.heading, exact=True) if item.heading else card
        text = named(task.groups_of(item), group) if group else ""
        listed = around.get_by_role("combobox", name=item.text, exact=True)
        spread = around.get_by_role("group", name=item.text, exact=True)
        listed.or_(spread).wait_for()  # a decision that was just taken may have to bring the question first
        if listed.count():
            listed.select_option(label=text or "Choisir…")
        elif text:
            spread.get_by_label(text, exact=True).check()

    @staticmethod
    def _search(card: Locator, task: Search, value: dict[str, list[str]]) -> None:
        for side, name in sides(task).items():
            for word in task.words:
                tick = card.get_by_role("group", name=name, exact=True).get_by_label(word.text, exact=True)
                if tick.is_checked() != (word.id in value.get(side, [])):
                    tick.click()

    def _plan(self, card: Locator, lines: list[dict[str, str]]) -> None:
        for place, line in enumerate(lines, 1):
            row = card.get_by_role("group", name=f"Ligne {place}", exact=True)
            if not row.count():
                card.get_by_role("button", name="Ajouter une ligne").click()
            for label, text in line.items():
                control = row.get_by_label(label, exact=True)
                if control.evaluate("node => node.tagName") == "SELECT":
                    control.select_option(label=text)
                else:
                    self._type(control, text)

    @staticmethod
    def _select(card: Locator, task: Selection | Accounts, chosen: dict[str, str]) -> None:
        for one in task.cards:
            tick = card.get_by_role("checkbox", name=one.text, exact=True)
            if tick.is_checked() != (one.id in chosen):
                tick.click()
            if chosen.get(one.id) and isinstance(task, Selection):
                why = card.get_by_label(f"Pourquoi « {one.text} »")
                why.select_option(label=named(task.criteria, chosen[one.id]))

    @staticmethod
    def _order(card: Locator, wanted: list[str]) -> None:
        for place, text in enumerate(wanted):
            shown = [row.inner_text() for row in card.get_by_role("listitem").all()]
            for _ in range(next(index for index, row in enumerate(shown) if text in row) - place):
                card.get_by_role("button", name=f"Monter « {text} »").click()


@dataclass(frozen=True)
class Focused:
    """What assistive technology is told of the control that has the focus, with plain spaces."""

    role: str
    name: str
    description: str
    value: str
    checked: bool
    around: tuple[str, ...]
    """The names of the groups and regions that it is in, from the inside out."""


class Keyboard:
    """Somebody who presses keys and hears names, roles and values: knows no place on the page, no class, no colour."""

    def __init__(self, learner: Person) -> None:
        self.learner, self.page = learner, learner.page
        self._browser = learner.profile.new_cdp_session(learner.page)

    # --- what is heard

    def focused(self) -> Focused:
        """The control that has the focus, as the browser describes it to a screen reader."""
        found = self._browser.send("Runtime.evaluate", {"expression": "document.activeElement"})["result"]
        node, *others = self._told({"objectId": found["objectId"]}, relatives=True)
        by_id = {other["nodeId"]: other for other in others}
        around, parent = [], by_id.get(node.get("parentId", ""))
        while parent is not None:
            if parent["role"]["value"] in ("group", "region"):
                around.append(_said(parent, "name"))
            parent = by_id.get(parent.get("parentId", ""))
        if node["role"]["value"] == "Date" and (part := self._part_of(found["objectId"])):
            around.insert(0, _said(node, "name"))  # its day, month and year are controls of the browser's own
            node = part
        properties = node.get("properties", [])
        checked = any(one["name"] == "checked" and one["value"]["value"] == "true" for one in properties)
        role, name, description, value = (_said(node, key) for key in ("role", "name", "description", "value"))
        return Focused(role, name, description, value, checked, tuple(around))

    def _told(self, which: dict[str, Any], *, relatives: bool = False) -> list[dict[str, Any]]:
        asked = {**which, "fetchRelatives": relatives}
        nodes: list[dict[str, Any]] = self._browser.send("Accessibility.getPartialAXTree", asked)["nodes"]
        return nodes

    def _part_of(self, object_id: str) -> dict[str, Any] | None:
        described = self._browser.send("DOM.describeNode", {"objectId": object_id, "depth": -1, "pierce": True})
        waiting = [described["node"]]
        while waiting:
            dom = waiting.pop()
            waiting += [*dom.get("children", []), *dom.get("shadowRoots", [])]
            if dom is described["node"] or dom["nodeType"] != 1:
                continue
            (node,) = self._told({"backendNodeId": dom["backendNodeId"]})
            if any(one["name"] == "focused" and one["value"]["value"] for one in node.get("properties", [])):
                return node
        return None

    def statuses(self, activity: Activity) -> list[str]:
        """What the live regions of an activity say now: the feedback, then the saving."""
        region = self.page.get_by_role("region", name=f"Activité {activity.id}", exact=True)
        return [plain(text) for text in region.get_by_role("status").all_inner_texts()]

    # --- what is done

    def press(self, key: str) -> Focused:
        """Press one key; what has the focus then."""
        self.page.keyboard.press(key)
        return self.focused()

    def reach(self, role: str, name: str, *within: str, key: str = "Tab") -> Focused:
        """Press Tab until one hears that control; what is heard on the way must lead there within a screenful."""
        wanted, groups = plain(name), {plain(group) for group in within if group}
        heard = [self.focused()]
        for _ in range(60):
            one = heard[-1]
            if one.role == role and one.name == wanted and groups <= set(one.around):
                return one
            heard.append(self.press(key))
        raise AssertionError(f"« {name} » ({role}) is not reached: {[(one.role, one.name[:40]) for one in heard]}")

    def answer(self, activity: Activity, value: Any) -> None:
        """Give an answer and validate it, without waiting for what comes of it."""
        card = f"Activité {activity.id}"
        steps: dict[type, Callable[[Any, Any, str], None]] = {
            Choice: self._choose,
            Number: lambda _, given, card: self._type("Votre réponse", typed(given), card),
            OpenText: lambda _, given, card: self._type("Votre texte", given["texte"], card),
            Matching: self._match,
            Form: self._fill,
            Selection: self._select,
            Accounts: self._select,
            Ordering: self._order,
            Search: self._search,
            Plan: self._plan,
        }
        steps[type(activity.task)](activity.task, value, card)
        while self.focused().role != "button" or self.focused().name not in SUBMITS:
            assert card in self.press("Tab").around, f"{card} is left without a button to validate"
        self.page.keyboard.press("Enter")

    def _type(self, name: str, text: str, *within: str) -> None:
        self.reach("textbox", name, *within)
        self.page.keyboard.press("Control+a")
        # Each character is a key pressed at least once; a browser that describes itself takes 20 ms for each of a
        # thousand, so what only repeats them comes in one piece, as from the clipboard.
        keys = 1 + max(map(text.index, text), default=-1)
        self.page.keyboard.type(text[:keys])
        if rest := text[keys:]:
            self.page.keyboard.insert_text(rest)

    def _pick(self, name: str, text: str, *within: str) -> None:
        """In a closed list, the arrows go from one value to the next, and each is heard."""
        heard = [self.reach("combobox", name, *within).value]
        while heard[-1] != plain(text):
            heard.append(self.press("ArrowDown").value)
            assert heard[-1] != heard[-2], f"« {text} » is not in the list: {heard}"

    def _choose(self, task: Choice, value: list[str], card: str) -> None:
        wanted = [plain(named(task.options, id)) for id in value]
        if task.pick == 1:
            self._choose_one(wanted[0], task.options[0].text, len(task.options), card)
            return
        for option in task.options:
            one = self.reach("checkbox", option.text, card)
            if one.checked != (one.name in wanted):
                assert self.press("Space").checked != one.checked

    def _choose_one(self, wanted: str, first: str, count: int, *within: str) -> None:
        """Of radio buttons, the first one is reached and the arrows go on; each one is heard, and whether it is on."""
        one = self.reach("radio", first, *within)
        if one.name == wanted:
            one = self.press("Space")
        for _ in range(count):
            if one.name == wanted and one.checked:
                return
            one = self.press("ArrowDown")
        raise AssertionError(f"« {wanted} » is not among the choices")

    def _match(self, task: Matching, value: dict[str, str], card: str) -> None:
        for item in task.items:
            groups = task.groups_of(item)
            text = named(groups, value[item.id])
            if self._reach_row(item, card).role == "combobox":
                self._pick(item.text, text, card, item.heading)
            else:
                self._choose_one(plain(text), groups[0].text, len(groups), card, item.heading, item.text)

    def _reach_row(self, item: Item, card: str) -> Focused:
        """A row is a list of that name, or radio buttons in a group of that name."""
        groups = {card, *([plain(item.heading)] if item.heading else [])}
        heard = [self.focused()]
        for _ in range(60):
            one = heard[-1]
            named_so = one.name if one.role == "combobox" else one.around[0] if one.role == "radio" else ""
            if named_so == plain(item.text) and groups <= set(one.around):
                return one
            heard.append(self.press("Tab"))
        raise AssertionError(f"« {item.name} » is not reached: {[(one.role, one.name[:40]) for one in heard]}")

    def _fill(self, task: Form, value: dict[str, Any], card: str) -> None:
        for line in task.fields:
            if line.entry == "choix":
                self._pick(line.text, value[line.id], card)
            elif line.entry == "date":
                self._date(line.text, value[line.id])
            else:
                self._type(line.text, value[line.id], card)
        for one, passage in shown(task, value):
            # The pieces come a moment after the last key: one waits for them to be read out.
            group = self.page.get_by_role("group", name=one.text, exact=True)
            group.get_by_label(passage, exact=True).wait_for()
            offered = [plain(text) for text in group.locator("label").all_inner_texts()]
            self._choose_one(plain(passage), offered[0], len(offered), card, one.text)

    def _date(self, name: str, day: str) -> None:
        """Day, month and year in whichever order the browser asks for them: each says its name."""
        year, month, date = day.split("-")
        parts = {"Jour": date, "Day": date, "Mois": month, "Month": month, "Année": year, "Year": year}
        for _ in range(3):
            one = self.focused()
            # Two digits lead to the next part by themselves.
            while one.role != "spinbutton" or one.name.split()[0] not in parts:
                one = self.press("Tab")
                assert plain(name) in one.around, f"« {name} » does not follow, or asks for something else: {one}"
            self.page.keyboard.type(parts.pop(one.name.split()[0]))

    def _select(self, task: Selection | Accounts, value: Any, card: str) -> None:
        chosen = as_chosen(value)
        for one in task.cards:
            tick = self.reach("checkbox", one.text, card)
            assert tick.description == plain(" ".join(one.details)), "a card's facts are heard with its name"
            if tick.checked != (one.id in chosen):
                assert self.press("Space").checked != tick.checked
            if chosen.get(one.id) and isinstance(task, Selection):
                name = f"Pourquoi « {one.text} » ? Choisissez un critère"
                self._pick(name, named(task.criteria, chosen[one.id]), card)

    def _search(self, task: Search, value: dict[str, list[str]], card: str) -> None:
        for side, name in sides(task).items():
            for word in task.words:
                tick = self.reach("checkbox", word.text, name, card)
                if tick.checked != (word.id in value.get(side, [])):
                    assert self.press("Space").checked != tick.checked

    def _plan(self, task: Plan, value: list[dict[str, str]], card: str) -> None:
        for place, line in enumerate(week(task, value), 1):
            row = f"Ligne {place}"
            if place > LINES:
                self.reach("button", "Ajouter une ligne", card)
                self.page.keyboard.press("Enter")
            for label, text in line.items():
                if label == "Minutes" or (label == "Sujet" and not task.themes):
                    self._type(label, text, card, row)
                else:
                    self._pick(label, text, card, row)

    def _order(self, task: Ordering, value: list[str], card: str) -> None:
        for place, id in enumerate(value, 1):
            text = f"Place de « {named(task.items, id)} »"
            self.reach("textbox", text, card)
            self.page.keyboard.type(str(place))
            moved = self.press("Enter")
            assert (moved.name, moved.value) == (plain(text), str(place)), f"the focus did not go with it: {moved}"


LINES = 3
"""How many lines a week has before any is added."""

SUBMITS = (
    "Valider",
    "Réessayer",
    "S’entraîner encore",
    "Enregistrer ma réponse",
    "Garder mon texte",
    "Garder ce choix",
    "Changer mon choix",
)
"""What the button that validates is called, from one attempt to the next."""


def _said(node: dict[str, Any], key: str) -> str:
    return plain(str(node.get(key, {}).get("value", "") or ""))
