// How each kind of question is answered: one class a kind, native controls with visible labels, nothing to drag.
//
// A control has `node` to show, `empty` (the value before anything is done), `value()`, `show(value)` and `focus()`; one
// that shows more of the state has `update(state)`.
// It tells its view of a change that fires no event of its own by `view.changed()`.

import { element, same } from "./elements.js";
import { WORDS } from "./words.js";
import { Chips, Mirror, Passages, readText } from "./writing.js";

// A word as a person counts it: « aujourd’hui » and « rendez-vous » are one each; a sign alone is none.
const WORD = /[\p{L}\p{N}_]+(?:[’'-][\p{L}\p{N}_]+)*/gu;

class ChoiceControl {
  constructor(view) {
    const { face } = view;
    this.empty = [];
    const type = face.pick === 1 ? "radio" : "checkbox";
    this.inputs = face.options.map(({ id }) => element("input", { type, name: view.name, value: id }));
    const labels = face.options.map(({ text }, index) =>
      element("label", { className: "rk-option" }, this.inputs[index], element("span", { textContent: text })),
    );
    this.node = element("div", { className: "rk-options" }, ...labels);
  }

  value() {
    return this.inputs.filter((input) => input.checked).map((input) => input.value);
  }

  show(value) {
    const ticks = [value ?? []].flat();
    for (const input of this.inputs) input.checked = ticks.includes(input.value);
  }

  focus() {
    this.inputs[0].focus();
  }
}

class NumberControl {
  constructor(view) {
    const { face } = view;
    this.empty = "";
    const id = `${view.name}-number`;
    this.input = element("input", { id, type: "text", inputMode: "decimal", autocomplete: "off", maxLength: 100 });
    const label = element("label", { htmlFor: id, textContent: WORDS.number });
    this.node = element("div", { className: "rk-field" }, label, this.input);
    if (face.unit) {
      this.node.append(element("span", { id: `${id}-unit`, textContent: face.unit }));
      this.input.setAttribute("aria-describedby", `${id}-unit`);
    }
    this.input.addEventListener("keydown", (event) => {
      if (event.key === "Enter" && !event.shiftKey && !event.ctrlKey && !event.metaKey) view.validate();
    });
  }

  value() {
    return this.input.value.trim();
  }

  show(value) {
    // A number given in code is shown as French writes it.
    this.input.value = typeof value === "number" ? String(value).replace(".", ",") : (value ?? "");
  }

  focus() {
    this.input.focus();
  }
}

/** A list to choose from, on « Choisir… » until something is chosen. */
function chooser(id, options) {
  const choices = options.map((option) => element("option", { value: option.id, textContent: option.text }));
  return element("select", { id }, element("option", { value: "", textContent: WORDS.pick }), ...choices);
}

const LONGEST_IN_A_LIST = 40; // characters: a longer choice would be cut short in a closed list

/** Whether rows that have choices of their own need radio buttons: all of them do where one has long words. */
function needsRoom(items) {
  items = items.filter(({ shows }) => !shows);
  const alone = items.filter(({ groups }) => items.filter((other) => same(other.groups, groups)).length === 1);
  const long = alone.some(({ groups }) => groups.some(({ text }) => text.length > LONGEST_IN_A_LIST));
  return (item) => long && alone.includes(item);
}

/** One choice for one thing: a list, or radio buttons. */
function chooserRow(name, { text, groups }, asRadios) {
  if (!asRadios) {
    const list = chooser(name, groups);
    const node = element("div", { className: "rk-row" }, element("label", { htmlFor: name, textContent: text }), list);
    return { node, focus: () => list.focus(), value: () => list.value, show: (value) => (list.value = value) };
  }
  const inputs = groups.map(({ id }) => element("input", { type: "radio", name, value: id }));
  const labels = groups.map((group, index) =>
    element("label", { className: "rk-option" }, inputs[index], element("span", { textContent: group.text })),
  );
  const title = element("legend", { textContent: text });
  const node = element("fieldset", { className: "rk-group" }, title, element("div", {}, ...labels));
  const value = () => inputs.find((input) => input.checked)?.value ?? "";
  const show = (shown) => inputs.forEach((input) => (input.checked = input.value === shown));
  return { node, focus: () => (inputs.find((input) => input.checked) ?? inputs[0]).focus(), value, show };
}

/** One passage of a text for one question about it. */
function passageRow(name, { text, groups }) {
  const chips = new Chips(name, text, groups.map((group) => [group.id, group.text]));
  return { node: chips.node, focus: () => chips.focus(), value: () => chips.value() ?? "", show: (id) => chips.show(id) };
}

class MatchingControl {
  constructor(view) {
    this.empty = {};
    this.rows = new Map();
    this.node = element("div", {});
    const radios = needsRoom(view.face.items);
    let heading = null;
    let rows = null;
    view.face.items.forEach((item, index) => {
      if (!rows || item.heading !== heading) {
        heading = item.heading;
        rows = element("div", { className: "rk-rows" });
        const about = view.face.texts.find(({ id }) => id === item.about);
        if (about) {
          const id = `${view.name}-text-${index}`;
          rows.setAttribute("role", "group");
          rows.setAttribute("aria-labelledby", id);
          rows.append(readText(about, id));
        } else if (heading) {
          const title = element("p", { id: `${view.name}-heading-${index}`, className: "rk-heading", textContent: heading });
          rows.setAttribute("role", "group");
          rows.setAttribute("aria-labelledby", title.id);
          this.node.append(title);
        }
        this.node.append(rows);
      }
      const name = `${view.name}-item-${index}`;
      const row = item.shows ? passageRow(name, item) : chooserRow(name, item, radios(item));
      this.rows.set(item.id, row);
      rows.append(row.node);
    });
  }

  value() {
    const chosen = [...this.rows].map(([id, row]) => [id, row.value()]);
    return Object.fromEntries(chosen.filter(([, value]) => value));
  }

  show(value) {
    for (const [id, row] of this.rows) row.show(value?.[id] ?? "");
  }

  focus() {
    this.rows.values().next().value.focus();
  }
}

class OrderingControl {
  constructor(view) {
    this.view = view;
    this.empty = [];
    this.touched = false; // the order that is shown first is nobody's answer
    this.rows = view.face.items.map((item) => this.row(item));
    this.list = element("ol", { className: "rk-order" });
    this.moved = element("p", { className: "rk-unseen", role: "status" });
    this.node = element("div", {}, this.list, this.moved);
    this.draw();
  }

  row({ id, text }) {
    const place = element("input", { type: "text", inputMode: "numeric", maxLength: 2, autocomplete: "off" });
    place.setAttribute("aria-label", WORDS.placeOf(text));
    const up = element("button", { type: "button", className: "rk-more", textContent: WORDS.up });
    const down = element("button", { type: "button", className: "rk-more", textContent: WORDS.down });
    up.setAttribute("aria-label", WORDS.upOf(text));
    down.setAttribute("aria-label", WORDS.downOf(text));
    const buttons = element("span", { className: "rk-moves" }, up, down);
    const node = element("li", { className: "rk-place" }, place, element("span", { textContent: text }), buttons);
    const row = { id, text, node, place, up, down };
    up.addEventListener("click", () => this.move(row, this.rows.indexOf(row) - 1, up));
    down.addEventListener("click", () => this.move(row, this.rows.indexOf(row) + 1, down));
    place.addEventListener("input", (event) => event.stopPropagation()); // a digit alone is no order yet
    const settle = () => {
      if (this.moving) return; // a field that is taken out of the page says that it changed
      const wanted = Number.parseInt(place.value, 10);
      this.moving = true;
      this.move(row, Number.isNaN(wanted) ? this.rows.indexOf(row) : wanted - 1, place);
      this.moving = false;
    };
    place.addEventListener("change", (event) => (event.stopPropagation(), settle()));
    place.addEventListener("keydown", (event) => event.key === "Enter" && !event.shiftKey && settle());
    return row;
  }

  move(row, to, focused) {
    const last = this.rows.length - 1;
    const target = Math.min(Math.max(to, 0), last);
    this.rows.splice(this.rows.indexOf(row), 1);
    this.rows.splice(target, 0, row);
    this.touched = true;
    this.draw();
    // Its own button may have gone: at an end of the list the other one takes over.
    (focused.disabled ? (target ? row.up : row.down) : focused).focus();
    this.moved.textContent = WORDS.nowAt(row.text, target + 1, last + 1);
    this.view.changed();
  }

  draw() {
    this.list.replaceChildren(...this.rows.map(({ node }) => node));
    this.rows.forEach(({ place, up, down }, index) => {
      place.value = String(index + 1);
      up.disabled = index === 0;
      down.disabled = index === this.rows.length - 1;
    });
  }

  value() {
    return this.touched ? this.rows.map(({ id }) => id) : [];
  }

  show(value) {
    const order = Array.isArray(value) ? value : [];
    this.touched = order.length > 0;
    if (!this.touched) this.rows = this.view.face.items.map((item) => this.rows.find(({ id }) => id === item.id));
    else this.rows.sort((a, b) => order.indexOf(a.id) - order.indexOf(b.id));
    this.draw();
  }

  focus() {
    this.rows[0].place.focus();
  }
}

function dayInWords(date) {
  const words = date.toLocaleDateString("fr-FR", { timeZone: "UTC", weekday: "long", day: "numeric", month: "long", year: "numeric" });
  return words.replace(" 1 ", " 1er ");
}

class FormControl {
  constructor(view) {
    this.empty = {};
    this.inputs = new Map();
    this.recounts = [];
    const lines = view.face.fields.map((field, index) => this.line(field, `${view.name}-field-${index}`));
    this.node = element("div", { className: "rk-rows" }, ...lines);
    if (view.face.shows.length) this.node.append((this.passages = new Passages(view, this.inputs)).node);
    if (view.face.mirror) this.node.append((this.mirror = new Mirror(view)).node);
  }

  update({ preview }) {
    if (!preview) return;
    this.passages?.update(preview);
    this.mirror?.update(preview);
  }

  line(field, id) {
    const input = this.input(field, id);
    this.inputs.set(field.id, input);
    const entry = element("span", { className: "rk-entry" }, input);
    if (field.unit) entry.append(element("span", { id: `${id}-unit`, textContent: field.unit }));
    const line = element("div", { className: "rk-line" }, element("label", { htmlFor: id, textContent: field.text }));
    const counted = field.length.length > 0;
    const dated = field.entry === "date";
    const described = [
      field.unit && `${id}-unit`,
      field.help && `${id}-help`,
      counted && `${id}-count`,
      dated && `${id}-day`,
    ]
      .filter(Boolean)
      .join(" ");
    if (field.help) line.append(element("span", { id: `${id}-help`, className: "rk-note", textContent: field.help }));
    if (described) input.setAttribute("aria-describedby", described);
    line.append(entry);
    if (dated) entry.append(this.day(input, `${id}-day`));
    if (counted) line.append(this.counter(input, field.length, `${id}-count`));
    return line;
  }

  counter(input, [least, most], id) {
    const count = element("span", { id, className: "rk-note" });
    const recount = () => (count.textContent = WORDS.characters([...input.value.trim()].length, least, most));
    this.recounts.push(recount);
    input.addEventListener("input", recount);
    recount();
    return count;
  }

  /** A browser shows a date in the order of its own language, not the page's: words cannot be misread. */
  day(input, id) {
    const day = element("span", { id, className: "rk-note" });
    const inWords = () => (input.valueAsDate ? dayInWords(input.valueAsDate) : "");
    const tell = () => (day.textContent = input.type === "date" ? inWords() : WORDS.dayOrder);
    this.recounts.push(tell);
    input.addEventListener("input", tell);
    tell();
    return day;
  }

  input({ entry, values, length }, id) {
    if (entry === "choix") return chooser(id, values.map((text) => ({ id: text, text })));
    // As many lines as what is advised takes.
    const rows = Math.max(3, Math.ceil((length.at(-1) ?? 0) / 70));
    if (entry === "long") return element("textarea", { id, rows, maxLength: 4000 });
    if (entry === "date") return element("input", { id, type: "date" });
    const inputMode = entry === "nombre" ? "decimal" : "text";
    const className = entry === "nombre" ? "rk-short" : "";
    return element("input", { id, type: "text", inputMode, className, autocomplete: "off", maxLength: 300 });
  }

  value() {
    const filled = [...this.inputs].map(([id, input]) => [id, input.value.trim()]).filter(([, text]) => text);
    const shown = this.passages?.value() ?? {};
    const meant = this.mirror?.value() ?? [];
    return {
      ...Object.fromEntries(filled),
      ...(Object.keys(shown).length ? { montre: { ...shown } } : {}),
      ...(meant.length ? { voulu: [...meant] } : {}),
    };
  }

  show(value) {
    for (const [id, input] of this.inputs) input.value = value?.[id] ?? "";
    this.passages?.show(value?.montre);
    this.mirror?.show(value?.voulu);
    for (const recount of this.recounts) recount();
  }

  focus() {
    this.inputs.values().next().value.focus();
  }
}

/** Cards to tick, each with its criterion where there are some. */
class SelectionControl {
  constructor(view) {
    const { cards, criteria, pick } = view.face;
    this.empty = [];
    this.pick = pick;
    this.cards = cards.map((card, index) => this.card(card, criteria, `${view.name}-card-${index}`));
    this.node = element("div", {}, element("div", { className: "rk-cards" }, ...this.cards.map(({ node }) => node)));
    if (pick) this.node.append((this.count = element("p", { className: "rk-note rk-count", role: "status" })));
    // The same beside the card just ticked, since the end of a long list is out of sight; it is spoken once.
    this.here = element("p", { className: "rk-note", ariaHidden: "true" });
    this.node.addEventListener("change", ({ target }) => {
      this.recount();
      if (pick) this.cards.find(({ tick }) => tick === target)?.node.append(this.here);
    });
    this.recount();
  }

  card({ id, text, details }, criteria, name) {
    const tick = element("input", { type: "checkbox", id: name });
    const title = element("label", { htmlFor: name }, tick, element("b", { textContent: text }));
    const node = element("div", { className: "rk-card" }, title);
    if (details.length) {
      const facts = details.map((fact) => element("li", { textContent: fact }));
      node.append(element("ul", { id: `${name}-facts` }, ...facts));
      tick.setAttribute("aria-describedby", `${name}-facts`);
    }
    if (!criteria.length) return { id, tick, node };
    const why = chooser(`${name}-why`, criteria);
    const question = element("label", { htmlFor: why.id, textContent: WORDS.why });
    why.setAttribute("aria-label", WORDS.whyOf(text));
    const reason = element("p", { className: "rk-why", hidden: true }, question, why);
    tick.addEventListener("change", () => (reason.hidden = !tick.checked));
    node.append(reason);
    return { id, tick, why, reason, node };
  }

  get ticked() {
    return this.cards.filter(({ tick }) => tick.checked);
  }

  recount() {
    if (this.count) this.count.textContent = this.here.textContent = WORDS.picked(this.ticked.length, this.pick);
  }

  value() {
    return this.ticked.map(({ id, why }) => (why ? { id, critere: why.value } : { id }));
  }

  show(value) {
    const rows = (Array.isArray(value) ? value : []).map((row) => (typeof row === "string" ? { id: row } : row));
    const chosen = new Map(rows.map((row) => [row?.id, row?.critere]));
    for (const { id, tick, why, reason } of this.cards) {
      tick.checked = chosen.has(id);
      if (!why) continue;
      reason.hidden = !tick.checked;
      why.value = chosen.get(id) ?? "";
    }
    this.recount();
  }

  focus() {
    this.cards[0].tick.focus();
  }
}

class AccountsControl extends SelectionControl {
  /** @override */
  value() {
    return this.ticked.map(({ id }) => id);
  }
}

/** Words that posts must hold or must not, and what such a search returns. */
class SearchControl {
  constructor(view) {
    const { words, wanted, unwanted, count } = view.face;
    this.empty = {};
    this.total = count;
    this.lists = { avec: this.ticks(words, view, "with"), sans: this.ticks(words, view, "without") };
    this.found = element("p", { className: "rk-found", role: "status", textContent: WORDS.noSearch });
    this.posts = element("ul", {});
    // A long list scrolls by itself, with the keyboard too.
    this.results = element("div", { className: "rk-posts", tabIndex: 0, role: "region", hidden: true }, this.posts);
    this.results.setAttribute("aria-label", WORDS.results);
    this.node = element(
      "div",
      {},
      this.group(WORDS.wanted(...wanted), this.lists.avec),
      this.group(WORDS.unwanted(...unwanted), this.lists.sans),
      element("div", { className: "rk-results" }, this.found, this.results),
    );
    // What comes back is the point: it is asked for at once.
    this.node.addEventListener("change", () => setTimeout(() => view.flushDraft()));
  }

  ticks(words, view, name) {
    return words.map(({ id, text }) => ({ text, tick: element("input", { type: "checkbox", name: `${view.name}-${name}`, value: id }) }));
  }

  group(title, list) {
    const labels = list.map(({ text, tick }) => element("label", { className: "rk-word" }, tick, text));
    const words = element("div", { className: "rk-words" }, ...labels);
    return element("fieldset", { className: "rk-group" }, element("legend", { textContent: title }), words);
  }

  update({ preview }) {
    if (!preview || same(preview, this.shown)) return;
    this.shown = preview;
    this.found.textContent = preview.asked ? WORDS.found(preview.posts.length, this.total) : WORDS.noSearch;
    const items = preview.posts.map(({ author, text }) =>
      element("li", {}, element("b", { textContent: author }), element("span", { textContent: text })),
    );
    this.posts.replaceChildren(...items);
    this.results.hidden = !items.length;
    this.results.scrollTop = 0;
  }

  value() {
    const ticked = Object.entries(this.lists).map(([key, list]) => [
      key,
      list.filter(({ tick }) => tick.checked).map(({ tick }) => tick.value),
    ]);
    return Object.fromEntries(ticked.filter(([, ids]) => ids.length));
  }

  show(value) {
    for (const [key, list] of Object.entries(this.lists)) {
      for (const { tick } of list) tick.checked = value?.[key]?.includes?.(tick.value) ?? false;
    }
  }

  focus() {
    this.lists.avec[0].tick.focus();
  }
}

const SHORTEST_LINE = 5; // minutes: as `checks.py` counts

function minutesOf({ minutes }) {
  const found = minutes.value.match(/^\s*(\d+(?:[.,]\d*)?)\s*\D{0,40}$/);
  return found ? Number.parseFloat(found[1].replace(",", ".")) : 0;
}

function filledIn({ day, minutes, gesture, medium, theme }) {
  return [day, minutes, gesture, medium, theme].some((control) => control.value.trim());
}

/** The lines of a week: as many as are needed, each with its own button to take it away. */
class PlanControl {
  constructor(view) {
    this.view = view;
    this.empty = [];
    this.made = 0;
    this.lines = [];
    this.list = element("div", { className: "rk-plan" });
    this.total = element("p", { className: "rk-note", role: "status" });
    const add = element("button", { type: "button", className: "rk-more", textContent: WORDS.addLine });
    add.addEventListener("click", () => this.add().day.focus());
    this.node = element("div", {}, this.list, add, this.total);
    this.node.addEventListener("input", () => this.retotal());
    this.show([]);
  }

  add(values = {}) {
    const { days, gestures, media, themes } = this.view.face;
    const name = `${this.view.name}-line-${(this.made += 1)}`;
    const list = (key, options) => chooser(`${name}-${key}`, options);
    const minutes = element("input", { id: `${name}-minutes`, type: "text", inputMode: "numeric", autocomplete: "off", maxLength: 5 });
    const theme = themes.length
      ? list("theme", themes)
      : element("input", { id: `${name}-theme`, type: "text", autocomplete: "off", maxLength: 120 });
    const line = {
      day: list("day", days.map((text) => ({ id: text, text }))),
      minutes,
      gesture: list("gesture", gestures),
      medium: list("medium", media),
      theme,
    };
    const cells = Object.entries(line).map(([key, control]) =>
      element("div", { className: `rk-${key}` }, element("label", { htmlFor: control.id, textContent: WORDS.plan[key] }), control),
    );
    const title = element("p", { id: `${name}-title` });
    const remove = element("button", { type: "button", className: "rk-more", textContent: WORDS.removeLine });
    remove.addEventListener("click", () => this.remove(line));
    const node = element("div", { role: "group" }, title, ...cells, remove);
    node.setAttribute("aria-labelledby", title.id);
    Object.assign(line, { node, title, remove });
    const keys = { day: "jour", minutes: "minutes", gesture: "geste", medium: "media", theme: "theme" };
    for (const [key, from] of Object.entries(keys)) line[key].value = values[from] ?? "";
    this.lines.push(line);
    this.list.append(node);
    this.renumber();
    return line;
  }

  remove(line) {
    const place = this.lines.indexOf(line);
    this.lines.splice(place, 1);
    line.node.remove();
    if (!this.lines.length) this.add();
    this.renumber();
    this.lines[Math.min(place, this.lines.length - 1)].day.focus();
    this.view.changed();
  }

  renumber() {
    this.lines.forEach(({ title, remove }, index) => {
      title.textContent = WORDS.line(index + 1);
      remove.setAttribute("aria-label", WORDS.removeLineAt(index + 1));
    });
    this.retotal();
  }

  /** The minutes of the lines that count: those that say when, how long and what. */
  retotal() {
    const counted = this.lines.filter((line) => line.day.value && line.gesture.value && minutesOf(line) >= SHORTEST_LINE);
    const begun = this.lines.filter((line) => filledIn(line) && !counted.includes(line));
    const minutes = counted.reduce((sum, line) => sum + minutesOf(line), 0);
    const places = begun.map((line) => this.lines.indexOf(line) + 1);
    const told = [WORDS.total(minutes, this.view.face.budget), places.length ? WORDS.incomplete(places) : ""];
    const text = told.filter(Boolean).join(" ");
    if (this.total.textContent !== text) this.total.textContent = text;
  }

  value() {
    const rows = this.lines.map(({ day, minutes, gesture, medium, theme }) => ({
      jour: day.value,
      minutes: minutes.value.trim(),
      geste: gesture.value,
      media: medium.value,
      theme: theme.value.trim(),
    }));
    return rows.filter((row) => Object.values(row).some(Boolean));
  }

  show(value) {
    const rows = Array.isArray(value) ? value : [];
    this.lines = [];
    this.list.replaceChildren();
    for (const row of rows) this.add(row ?? {});
    while (this.lines.length < 3) this.add();
    this.retotal();
  }

  focus() {
    this.lines[0].day.focus();
  }
}

class TextControl {
  constructor(view) {
    const { words, levels, selfAssessed } = view.face;
    this.empty = {};
    const id = `${view.name}-text`;
    this.text = element("textarea", { id, rows: 10, maxLength: 12000 });
    this.text.setAttribute("aria-describedby", `${id}-count`);
    this.count = element("p", { id: `${id}-count`, className: "rk-note" });
    this.words = words;
    this.text.addEventListener("input", () => this.recount());
    const label = element("label", { htmlFor: id, textContent: WORDS.text });
    this.node = element("div", {}, this.drawLevels(levels), label, this.text, this.count);
    if (selfAssessed) {
      this.level = chooser(`${id}-level`, levels.map(({ mark, title }) => ({ id: String(mark), text: `${mark}. ${title}` })));
      this.node.append(element("label", { htmlFor: this.level.id, textContent: WORDS.level }), this.level);
    }
    this.recount();
  }

  /** What is expected, before anything is written. */
  drawLevels(levels) {
    const list = element("dl", { className: "rk-levels" });
    for (const { mark, title, text } of levels) {
      list.append(element("dt", { textContent: `${mark}. ${title}` }), element("dd", { textContent: text }));
    }
    return element("details", { open: true }, element("summary", { textContent: WORDS.levels }), list);
  }

  recount() {
    this.count.textContent = WORDS.count((this.text.value.match(WORD) ?? []).length, ...this.words);
  }

  value() {
    const written = this.text.value.trim() ? { texte: this.text.value } : {};
    return this.level?.value ? { ...written, niveau: Number(this.level.value) } : written;
  }

  show(value) {
    this.text.value = typeof value === "string" ? value : (value?.texte ?? "");
    if (this.level) this.level.value = value?.niveau ? String(value.niveau) : "";
    this.recount();
  }

  focus() {
    this.text.focus();
  }
}

export const CONTROLS = {
  choice: ChoiceControl,
  number: NumberControl,
  matching: MatchingControl,
  ordering: OrderingControl,
  form: FormControl,
  selection: SelectionControl,
  accounts: AccountsControl,
  search: SearchControl,
  plan: PlanControl,
  text: TextControl,
};
