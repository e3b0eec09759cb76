// The page of a map that one explores: by mouse and touch on the drawing, by keyboard and ear in the table.
//
// All that is drawn is in the model, so that the map goes on without a kernel; names of contacts are not, and are asked
// for by a message.

import { button, element, number, randomName, sectionsOf } from "./elements.js";
import { drawFrame } from "./frame.js";
import { ASIDE, Contacts, OTHERS, plain } from "./map_contacts.js";
import { MapFiles } from "./map_files.js";
import { Stage } from "./map_stage.js";
import { MapTable } from "./map_table.js";
import { MAP_WORDS } from "./map_words.js";

/** @import { PanelModel, PanelModule } from "./host.js" */

const KERNEL_PATIENCE = 6000; // ms before saying that the kernel has not answered
const RESULTS = 6; // contacts named right under the search
const LINKS_AT_FIRST = 8; // of a contact's links, before one asks for all
const ZOOM = 1.6;

// What the kernel told of names, by map: views that come later, of another tab, need not ask again.
const TOLD = new Map();

export class MapView {
  /**
   * @param {PanelModel} model
   * @param {HTMLElement} el
   */
  constructor(model, el) {
    this.model = model;
    this.el = el;
    this.face = model.get("face");
    this.key = model.get("key");
    this.id = `rk-${randomName()}`;
    this.contacts = new Contacts(model);
    this.groups = model.get("state").groups.map((group) => ({ ...group }));
    this.chosen = null;
    this.focus = null;
    this.lit = null;
    this.litCount = 0;
    this.timers = new Set();
    this.waiting = new Map();
  }

  start() {
    const { model, face } = this;
    this.build();
    this.receive = (message, buffers) => this.answer(message, buffers);
    this.refreshGroups = () => {
      this.groups = model.get("state").groups.map((group) => ({ ...group }));
      this.groupsChanged();
    };
    model.on("msg:custom", this.receive);
    model.on("change:state", this.refreshGroups);
    if (face.names) this.askNames();
    this.stageNode.tabIndex = 0;
    if (Stage.canDraw()) this.stage = new Stage(this.stageNode, this.contacts, face, this);
    else this.drawStill();
    return () => {
      model.off("msg:custom", this.receive);
      model.off("change:state", this.refreshGroups);
      this.timers.forEach(clearTimeout);
      this.stage?.end();
      if (this.picture) URL.revokeObjectURL(this.picture);
    };
  }

  // --- what is lit

  isLit(row) {
    return this.lit === null || this.lit.has(row) || row === this.chosen;
  }

  isPartLit(part) {
    if (this.chosen !== null) return this.contacts.part(this.chosen) === part;
    return this.focus === null || this.focus === part;
  }

  light() {
    const { contacts } = this;
    this.lit = null;
    if (this.chosen !== null) this.lit = new Set([this.chosen, ...contacts.neighbours(this.chosen)]);
    else if (this.focus !== null) {
      this.lit = new Set();
      for (let row = 0; row < contacts.count; row += 1) if (contacts.part(row) === this.focus) this.lit.add(row);
    }
    this.litCount = this.lit?.size ?? contacts.count;
    this.stage?.update();
  }

  groupLabel(part) {
    if (part === ASIDE) return MAP_WORDS.apart;
    const group = this.groups.find((one) => one.number === part);
    if (!group) return MAP_WORDS.others;
    return group.name === `Groupe ${part}` ? group.name : `${part} · ${group.name}`;
  }

  // --- the page

  build() {
    const { face } = this;
    this.status = element("p", { className: "rk-unseen", role: "status" });
    this.buildStage();
    this.buildSearch();
    this.groupList = element("ul", { className: "rk-groups" });
    this.groupNote = element("p", { className: "rk-note rk-group-note", role: "status" });
    const groups = element("section", {}, element("h3", { textContent: MAP_WORDS.groups }), this.groupList, this.groupNote);
    this.card = element("section", { className: "rk-contact", hidden: true });
    this.side = element("div", { className: "rk-side" }, this.searchBox, this.card, groups);
    this.namesNote = element("span", {});
    this.namesButton = button("", "rk-more rk-quietly", () => this.toggleNames());
    const names = element("p", { className: "rk-names", role: "status" }, this.namesNote, " ", this.namesButton);
    const bar = element("div", { className: "rk-bar" }, this.tools, names);
    const map = element("div", { className: "rk-explore" }, element("div", {}, this.frame, bar), this.side);
    const honesty = element("p", { className: "rk-note", textContent: face.honesty });
    const notes = face.told.map((text) => element("p", { className: "rk-note", textContent: text }));
    if (face.otherwise) notes.push(element("p", { className: "rk-note", textContent: face.otherwise }));
    this.table = new MapTable(this);
    this.files = new MapFiles(this);
    const body = element("div", { className: "rk-page" }, map, honesty, ...notes, this.table.node);
    body.append(...sectionsOf(face.sections));
    const { title } = face;
    const look = { label: title, title, className: "rk rk-map" };
    drawFrame(this.el, look, body, this.files.node, this.status);
    this.drawGroups();
    this.drawNames();
    this.table.draw();
  }

  say(text) {
    // What is said twice in a row is heard twice only if it was gone in between.
    this.status.textContent = "";
    this.later(() => (this.status.textContent = text), 60);
  }

  later(act, after) {
    const timer = setTimeout(() => {
      this.timers.delete(timer);
      act();
    }, after);
    this.timers.add(timer);
    return timer;
  }

  buildStage() {
    const keys = element("span", { id: `${this.id}-keys`, className: "rk-unseen", textContent: MAP_WORDS.keys });
    this.stageNode = element("div", { className: "rk-stage", role: "application" });
    this.stageNode.setAttribute("aria-label", MAP_WORDS.map(this.face.title));
    this.stageNode.setAttribute("aria-describedby", keys.id);
    this.stageNode.addEventListener("keydown", (event) => this.pressed(event));
    const tool = (text, label, act) => {
      const node = button(text, "rk-tool", act, { title: label });
      node.setAttribute("aria-label", label);
      return node;
    };
    this.tools = element(
      "div",
      { className: "rk-tools" },
      tool("+", MAP_WORDS.zoomIn, () => this.stage?.zoom(ZOOM)),
      tool("−", MAP_WORDS.zoomOut, () => this.stage?.zoom(1 / ZOOM)),
      button(MAP_WORDS.zoomAll, "rk-tool rk-all", () => this.reset()),
    );
    this.hint = element("p", { className: "rk-wheel", textContent: MAP_WORDS.wheel });
    this.hint.setAttribute("aria-hidden", "true");
    this.frame = element("div", { className: "rk-frame" }, this.stageNode, this.hint, keys);
    const active = () => this.stageNode.contains(document.activeElement);
    // The page goes on scrolling until one is at the map.
    this.stageNode.addEventListener(
      "wheel",
      (event) => {
        if (active() || event.ctrlKey || event.metaKey) return;
        event.stopPropagation();
        this.hint.classList.add("rk-on");
        clearTimeout(this.hintTimer);
        this.hintTimer = this.later(() => this.hint.classList.remove("rk-on"), 1800);
      },
      { capture: true, passive: true },
    );
    for (const kind of ["touchstart", "touchmove"]) {
      const leave = (event) => event.touches.length < 2 && !active() && event.stopPropagation();
      this.stageNode.addEventListener(kind, leave, { capture: true, passive: true });
    }
    // Sigma prevents what a press does by itself, to be at the map included.
    this.stageNode.addEventListener("mousedown", () => this.stageNode.focus({ preventScroll: true }));
    // A tap brings one to the map; a finger that passes over it to scroll the page does not.
    let touched = null;
    this.stageNode.addEventListener(
      "touchstart",
      ({ touches }) => (touched = [touches[0].clientX, touches[0].clientY]),
      { capture: true, passive: true },
    );
    this.stageNode.addEventListener(
      "touchend",
      ({ changedTouches: [{ clientX, clientY }] }) => {
        if (Math.hypot(clientX - touched[0], clientY - touched[1]) < 10) this.stageNode.focus({ preventScroll: true });
      },
      { capture: true, passive: true },
    );
  }

  pressed(event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const moves = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
    if (moves[event.key]) this.stage?.pan(...moves[event.key]);
    else if (event.key === "+" || event.key === "=") this.stage?.zoom(ZOOM);
    else if (event.key === "-" || event.key === "−") this.stage?.zoom(1 / ZOOM);
    else if (event.key === "0" || event.key === "Home") this.reset();
    else return;
    event.preventDefault();
  }

  reset() {
    this.stage?.home();
    const changed = this.chosen !== null || this.focus !== null;
    this.chosen = this.focus = null;
    this.card.hidden = true;
    if (!changed) return;
    this.light();
    this.drawGroups();
    this.table.restart();
    this.say(MAP_WORDS.all);
  }

  // --- search

  buildSearch() {
    const id = `${this.id}-search`;
    this.query = "";
    this.searchLabel = element("label", { htmlFor: id, textContent: MAP_WORDS.search });
    this.input = element("input", { type: "text", id, autocomplete: "off", spellcheck: false, className: "rk-find" });
    this.input.addEventListener("input", () => {
      clearTimeout(this.searchTimer);
      this.searchTimer = this.later(() => this.search(), 120);
    });
    this.input.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" || event.shiftKey) return;
      event.preventDefault();
      this.search();
      if (this.query && this.table.order.length) this.choose(this.table.order[0], "search", this.input);
    });
    this.results = element("ul", { className: "rk-found-list", hidden: true });
    this.foundNote = element("p", { className: "rk-note", role: "status" });
    this.searchBox = element(
      "section",
      { className: "rk-searching" },
      this.searchLabel,
      this.input,
      this.foundNote,
      this.results,
    );
    this.searchBox.setAttribute("aria-label", MAP_WORDS.searching);
  }

  search() {
    const query = plain(this.input.value.trim());
    if (query === this.query) return;
    this.query = query;
    this.table.restart();
    const found = query ? this.table.order.slice(0, RESULTS) : [];
    this.foundNote.textContent = query ? MAP_WORDS.found(this.table.order.length) : "";
    this.results.hidden = !found.length;
    this.results.replaceChildren(
      ...found.map((row) => element("li", {}, this.contactButton(row, "search", { withGroup: true }))),
    );
  }

  contactButton(row, from, { withGroup = false } = {}) {
    const node = button("", "rk-person", (event) => this.choose(row, from, event.currentTarget));
    node.append(this.dot(this.contacts.part(row)), element("span", { textContent: this.contacts.label(row) }));
    if (withGroup) {
      node.append(" ", element("small", { textContent: this.groupLabel(this.contacts.part(row)) }));
    }
    return node;
  }

  dot(part) {
    const node = element("i", { className: "rk-dot" });
    node.setAttribute("aria-hidden", "true");
    node.style.setProperty("--light", this.face.colours.light[Math.max(part, 0)]);
    node.style.setProperty("--dark", this.face.colours.dark[Math.max(part, 0)]);
    return node;
  }

  // --- groups

  /** What the map consists of, each with how many contacts it has: the groups, the others, those apart. */
  parts() {
    const { groups, face } = this;
    const parts = groups.map(({ number: part, size }) => [part, size]);
    if (face.others) parts.push([OTHERS, face.others]);
    if (face.apart) parts.push([ASIDE, face.apart]);
    return parts;
  }

  /**
   * @param {number} part
   * @param {string} [className]
   * @returns {HTMLButtonElement | null}
   */
  groupButton(part, className = "rk-group-button") {
    return this.groupList.querySelector(`[data-part="${part}"] .${className}`);
  }

  drawGroups() {
    const { contacts } = this;
    const rows = this.parts().map(([part, size]) => {
      const toggle = button("", "rk-group-button", () => this.focusOn(part));
      toggle.setAttribute("aria-pressed", String(this.focus === part));
      const share = (100 * size) / contacts.count;
      const told = `${number(size)} · ${share >= 10 || share === 0 ? Math.round(share) : number(Math.round(share * 10) / 10)}\u00a0%`;
      toggle.append(
        this.dot(part),
        element("span", { className: "rk-name", textContent: this.groupLabel(part) }),
        " ",
        element("small", { textContent: told }),
      );
      const row = element("li", {}, toggle);
      if (part > 0) {
        const pen = button("✎", "rk-pen", () => this.editGroup(part, row), {
          title: MAP_WORDS.rename(this.groupLabel(part)),
        });
        pen.setAttribute("aria-label", MAP_WORDS.rename(this.groupLabel(part)));
        row.append(pen);
      }
      row.dataset.part = String(part);
      return row;
    });
    this.groupList.replaceChildren(...rows);
  }

  focusOn(part) {
    this.focus = this.focus === part ? null : part;
    this.chosen = null;
    this.card.hidden = true;
    this.light();
    for (const [part] of this.parts()) this.groupButton(part)?.setAttribute("aria-pressed", String(part === this.focus));
    this.table.restart();
    this.say(this.focus === null ? MAP_WORDS.all : MAP_WORDS.focused(this.groupLabel(part), this.litCount));
  }

  editGroup(part, row) {
    const group = this.groups.find((one) => one.number === part);
    const id = `${this.id}-name-${part}`;
    const input = element("input", { type: "text", id, maxLength: 60, value: group.name });
    const label = element("label", { htmlFor: id, textContent: MAP_WORDS.newName(part) });
    const leave = () => {
      this.drawGroups();
      this.groupButton(part, "rk-pen").focus();
    };
    const keep = () => {
      const name = input.value.trim().replace(/\s+/g, " ");
      this.renameGroup(group, name || group.was);
      this.ask({ type: "rename", group: part, name: name === group.was ? "" : name });
      this.waitFor("rename", () => this.groupSaid(MAP_WORDS.notRenamed(MAP_WORDS.silent), true));
      leave();
    };
    input.addEventListener("keydown", (event) => {
      if (event.key === "Enter" && !event.shiftKey) keep();
      else if (event.key === "Escape") leave();
      else return;
      event.preventDefault();
      event.stopPropagation();
    });
    const buttons = element(
      "span",
      { className: "rk-edit-buttons" },
      button(MAP_WORDS.keep, "rk-go", keep),
      button(MAP_WORDS.cancel, "rk-more", leave),
    );
    row.replaceChildren(element("div", { className: "rk-edit" }, label, input, buttons));
    input.focus();
    input.select();
  }

  renameGroup(group, name) {
    group.name = name;
    this.groupsChanged();
  }

  groupSaid(text, isLate = false) {
    this.groupNote.textContent = text;
    this.groupNote.classList.toggle("rk-late", isLate);
  }

  groupsChanged() {
    this.contacts.forget();
    const editing = this.groupList.querySelector("input");
    if (!editing) {
      const focused = document.activeElement;
      /** @type {HTMLElement | null} */
      const line = this.groupList.contains(focused) ? focused.closest("[data-part]") : null;
      this.drawGroups();
      if (line) this.groupButton(Number(line.dataset.part), focused.className)?.focus();
    }
    this.table.draw();
    if (this.chosen !== null) this.drawCard();
    this.stage?.renamed();
  }

  // --- a contact

  choose(row, from, opener = null) {
    this.chosen = row;
    this.focus = null;
    if (from !== "card") this.opener = opener;
    this.light();
    this.drawGroups();
    this.drawCard();
    if (from !== "map") {
      this.stage?.show(row);
      this.card.querySelector("h3").focus({ preventScroll: true });
      this.frame.scrollIntoView({ block: "nearest" });
      this.card.scrollIntoView({ block: "nearest" });
    } else {
      this.say(MAP_WORDS.chosen(this.contacts.label(row), this.groupLabel(this.contacts.part(row))));
    }
    this.table.mark();
  }

  unchoose() {
    if (this.chosen === null && this.focus === null) return;
    this.chosen = this.focus = null;
    this.card.hidden = true;
    this.light();
    this.drawGroups();
    this.table.draw();
  }

  drawCard() {
    const { contacts, face } = this;
    const row = this.chosen;
    const part = contacts.part(row);
    const id = `${this.id}-contact`;
    const title = element("h3", { id, tabIndex: -1, textContent: contacts.label(row) });
    const group = element(
      "p",
      { className: "rk-of" },
      this.dot(part),
      element("span", { textContent: this.groupLabel(part) }),
    );
    const facts = contacts.names ? contacts.facts.filter(([, values]) => values[row]) : [];
    const list = element("dl", {});
    for (const [label, values] of facts) {
      list.append(element("dt", { textContent: label }), element("dd", { textContent: values[row] }));
    }
    const others = [...contacts.neighbours(row)];
    const isInside = (other) => Number(contacts.part(other) === part);
    others.sort((a, b) => isInside(b) - isInside(a) || contacts.degree[b] - contacts.degree[a]);
    const inside = others.filter(isInside).length;
    const told = element("p", { textContent: face.star ? MAP_WORDS.notKnown : MAP_WORDS.known(others.length, inside) });
    const links = element("ul", { className: "rk-links" });
    const link = (other) => element("li", {}, this.contactButton(other, "card"));
    links.append(...others.slice(0, LINKS_AT_FIRST).map(link));
    /** @type {HTMLElement[]} */
    const parts = [title, group];
    if (facts.length) parts.push(list);
    parts.push(told);
    if (others.length) parts.push(links);
    if (others.length > LINKS_AT_FIRST) {
      const more = button(MAP_WORDS.more(others.length - LINKS_AT_FIRST), "rk-more rk-quietly", () => {
        links.append(...others.slice(LINKS_AT_FIRST).map(link));
        links.children[LINKS_AT_FIRST].querySelector("button").focus();
        more.remove();
      });
      parts.push(more);
    }
    const close = button("×", "rk-close", () => this.close(), { title: MAP_WORDS.close });
    close.setAttribute("aria-label", MAP_WORDS.close);
    this.card.replaceChildren(close, ...parts);
    this.card.setAttribute("aria-labelledby", id);
    this.card.hidden = false;
  }

  close() {
    const { opener, chosen } = this;
    this.unchoose();
    const again = opener?.isConnected ? opener : this.table.buttonOf(chosen);
    (again ?? this.input).focus();
  }

  // --- names

  toggleNames() {
    if (this.contacts.names) this.showNames(null);
    else this.askNames();
  }

  askNames() {
    const told = TOLD.get(this.key);
    if (told) return this.showNames(told);
    this.wantsNames = true;
    this.ask({ type: "names" });
    this.waitFor("names", () => (this.namesNote.textContent = MAP_WORDS.noNames));
  }

  showNames(told) {
    this.wantsNames = false;
    this.contacts.names = told?.names ?? null;
    this.contacts.facts = told?.facts ?? [];
    this.contacts.forget();
    this.drawNames();
    this.query = null; // so that what is typed is searched again
    this.drawTableAgain();
    if (this.chosen !== null) this.drawCard();
    this.stage?.renamed();
  }

  drawTableAgain() {
    this.query = "";
    this.table.draw();
    this.search();
  }

  drawNames() {
    const shown = Boolean(this.contacts.names);
    this.namesNote.textContent = shown ? MAP_WORDS.namesShown : MAP_WORDS.namesHidden;
    this.namesButton.textContent = shown ? MAP_WORDS.hideNames : MAP_WORDS.showNames;
    this.searchLabel.textContent = shown ? MAP_WORDS.search : MAP_WORDS.searchHidden;
  }

  /** Where nothing can be animated: the still picture, which the kernel draws, in its place. */
  drawStill() {
    this.tools.hidden = true;
    this.stageNode.classList.add("rk-still");
    this.stageNode.setAttribute("role", "group");
    this.stageNode.removeAttribute("tabindex");
    const note = element("p", { className: "rk-note", textContent: MAP_WORDS.noWebGL });
    this.stageNode.append(note);
    const dark = document.body.dataset.jpThemeLight === "false";
    const shown = ({ blob }) => {
      this.picture = URL.createObjectURL(blob);
      this.stageNode.append(element("img", { className: "rk-picture", src: this.picture, alt: this.face.title }));
      this.files.note.textContent = "";
    };
    const failed = () => {
      note.textContent = `${MAP_WORDS.noWebGL} ${MAP_WORDS.noPicture}`;
      this.files.note.textContent = "";
    };
    this.files.ask("png", dark ? "dark" : "light", this.face.namesInFiles, shown, failed);
  }

  // --- the kernel's answers

  /** Ask the kernel something; where there is none left, it will be said that it does not answer. */
  ask(message) {
    try {
      this.model.send(message);
    } catch (error) {
      console.warn(error);
    }
  }

  waitFor(what, silent, patience = KERNEL_PATIENCE) {
    clearTimeout(this.waiting.get(what));
    this.waiting.set(what, this.later(silent, patience));
  }

  heard(what) {
    clearTimeout(this.waiting.get(what));
  }

  async answer(message, buffers) {
    if (message.type === "names") {
      this.heard("names");
      if (!this.wantsNames) return;
      try {
        const unpacked = new Blob([buffers[0]]).stream().pipeThrough(new DecompressionStream("gzip"));
        TOLD.set(this.key, await new Response(unpacked).json());
      } catch {
        this.namesNote.textContent = MAP_WORDS.tooOld;
        return;
      }
      this.showNames(TOLD.get(this.key));
    } else if (message.type === "renamed") {
      this.heard("rename");
      const group = this.groups.find((one) => one.number === message.group);
      if (group) this.groupSaid(MAP_WORDS.renamed(group.name));
    } else if (message.type === "failed" && message.what === "rename") {
      this.heard("rename");
      this.groupSaid(MAP_WORDS.notRenamed(message.reason), true);
    } else {
      this.files.hear(message, buffers);
    }
  }
}

/** @type {PanelModule} */
export default {
  render({ model, el }) {
    return new MapView(model, el).start();
  },
};
