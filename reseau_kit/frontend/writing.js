// What goes with texts: other people's, with passages to point at; one's own, with the passages that show each thing;
// and the mirror, which remarks without a score. Chips are radio buttons: keyboards and screen readers know them.

import { element, paragraphs, same } from "./elements.js";
import { WORDS } from "./words.js";

/** One passage to choose among those of a text: radio buttons that look like the pieces of a sentence. */
export class Chips {
  /** `options` are pairs of id and text; the chosen id is "" for nothing. */
  constructor(name, title, options) {
    this.name = name;
    this.row = element("div", { className: "rk-words" });
    this.note = element("p", { className: "rk-note", id: `${name}-note`, hidden: true });
    this.node = element("fieldset", { className: "rk-group rk-chips" }, element("legend", { textContent: title }), this.row, this.note);
    this.node.setAttribute("aria-describedby", this.note.id);
    this.offer(options);
  }

  /** Offer other passages; the chosen one stays chosen, and the keyboard stays where it was. */
  offer(options) {
    const key = JSON.stringify(options);
    if (key === this.offered) return;
    this.offered = key;
    const chosen = this.value();
    const focused = this.inputs?.find((input) => input === document.activeElement)?.value;
    this.inputs = options.map(([id]) => element("input", { type: "radio", name: this.name, value: id, checked: id === chosen }));
    const labels = options.map(([, text], index) => element("label", { className: "rk-word" }, this.inputs[index], element("span", { textContent: text })));
    this.row.replaceChildren(...labels);
    if (focused !== undefined) (this.inputs.find((input) => input.value === focused) ?? this.inputs[0])?.focus();
  }

  /** Say something under the passages, or nothing. */
  tell(text) {
    if (this.note.textContent !== text) this.note.textContent = text;
    this.note.hidden = !text;
  }

  value() {
    return this.inputs?.find((input) => input.checked)?.value;
  }

  show(id) {
    for (const input of this.inputs) input.checked = input.value === id;
  }

  focus() {
    (this.inputs.find((input) => input.checked) ?? this.inputs[0])?.focus();
  }
}

/** A text by somebody else, as a quotation under its author's name. */
export function readText({ author, pieces }, id) {
  const caption = element("figcaption", { id, textContent: author });
  return element("figure", { className: "rk-excerpt rk-read" }, caption, element("blockquote", {}, ...paragraphs([pieces.join(" ")])));
}

const NOWHERE = ""; // what an answer holds for « nulle part encore »

/** The passages of one's own text that show each thing that it should do. */
export class Passages {
  constructor(view, inputs) {
    this.inputs = inputs;
    this.shown = {};
    this.groups = new Map(
      view.face.shows.map(({ id, field, text }, index) => [id, { field, chips: new Chips(`${view.name}-show-${index}`, text, []) }]),
    );
    this.first = element("p", { className: "rk-note", textContent: WORDS.writeFirst });
    const chips = [...this.groups.values()].map(({ chips }) => chips.node);
    this.node = element("div", { className: "rk-shows" }, element("p", { className: "rk-heading", textContent: WORDS.shows }), this.first, ...chips);
    this.node.addEventListener("change", () => this.read());
    this.update({});
  }

  /** Take over what was clicked. */
  read() {
    for (const [id, { chips }] of this.groups) {
      const chosen = chips.value();
      if (chosen !== undefined) this.shown[id] = chosen;
    }
  }

  /** Offer the pieces of the text as it is now; a passage that is still in it stays, one that is gone is named. */
  update({ pieces = {}, lost = {} }) {
    for (const [id, { field, chips }] of this.groups) {
      const cut = pieces[field] ?? [];
      const chosen = this.shown[id];
      const own = chosen && !(id in lost) && !cut.includes(chosen) && cut.length ? [chosen] : [];
      const passages = [...new Set([...cut, ...own])];
      chips.offer(passages.length ? [...passages.map((text) => [text, text]), [NOWHERE, WORDS.nowhere]] : []);
      if (chosen !== undefined) chips.show(chosen);
      chips.tell(id in lost ? WORDS.lost(lost[id]) : "");
      chips.node.hidden = !passages.length;
    }
    this.first.hidden = [...this.groups.values()].some(({ chips }) => !chips.node.hidden);
  }

  value() {
    this.read();
    return this.shown;
  }

  show(shown) {
    this.shown = { ...shown };
    for (const [id, { chips }] of this.groups) chips.show(this.shown[id]);
  }
}

/** What the program remarks in a text, without a score: each remark can be dismissed. */
export class Mirror {
  constructor(view) {
    this.view = view;
    this.dismissed = [];
    this.title = element("p", { className: "rk-mirror-title", textContent: WORDS.mirror, tabIndex: -1 });
    this.list = element("ul", {});
    this.box = element("div", { className: "rk-mirror", hidden: true }, this.title, this.list, element("p", { className: "rk-note", textContent: WORDS.mirrorLimits }));
    // The region stands in the page before it has anything to say, or screen readers would miss the first words.
    this.node = element("div", {}, this.box);
    this.node.setAttribute("aria-live", "polite");
  }

  update({ remarks = [] }) {
    const open = remarks.filter(({ key }) => !this.dismissed.includes(key));
    if (same(open, this.told)) return;
    this.told = open;
    this.list.replaceChildren(...open.map((remark) => this.line(remark)));
    this.box.hidden = !open.length;
  }

  line({ key, text }) {
    const button = element("button", { type: "button", className: "rk-more", textContent: WORDS.meant });
    button.setAttribute("aria-label", WORDS.meantOf(text));
    button.addEventListener("click", () => this.dismiss(key));
    return element("li", {}, element("span", { textContent: text }), " ", button);
  }

  dismiss(key) {
    this.dismissed.push(key);
    this.update({ remarks: this.told });
    // The button that was pressed is gone: the keyboard goes on from the next one, or from the text.
    (this.list.querySelector("button") ?? this.view.control).focus();
    this.view.changed();
    this.view.flushDraft();
  }

  value() {
    return this.dismissed;
  }

  show(dismissed) {
    this.dismissed = [...(Array.isArray(dismissed) ? dismissed : [])];
  }
}
