// Lists a map's contacts in a table, which says to keyboard and ear what the drawing shows.

import { button, element, number } from "./elements.js";
import { OTHERS, plain } from "./map_contacts.js";
import { MAP_WORDS } from "./map_words.js";

/** @import { MapView } from "./map.js" */

const PER_PAGE = 15;

/** The table of the contacts that are searched for, of the group in focus, a page at a time. */
export class MapTable {
  /** @param {MapView} view */
  constructor(view) {
    this.view = view;
    this.sort = { by: "group", down: false };
    this.page = 0;
    this.order = [];
    const id = `${view.id}-table`;
    this.columns = [
      ["name", MAP_WORDS.contact],
      ["group", MAP_WORDS.group],
      ...(view.face.star ? [] : [["links", MAP_WORDS.links]]),
    ];
    this.heads = this.columns.map(([by, text]) => {
      const head = element("th", { scope: "col" });
      const sorter = button("", "rk-sort", () => this.sortBy(by));
      sorter.append(element("span", { textContent: text }), element("i", { className: "rk-arrow", ariaHidden: "true" }));
      head.append(sorter);
      return head;
    });
    this.caption = element("caption", { id });
    this.body = element("tbody", {});
    const table = element("table", {}, this.caption, element("thead", {}, element("tr", {}, ...this.heads)), this.body);
    const frame = element("div", { className: "rk-table", tabIndex: 0, role: "region" }, table);
    frame.setAttribute("aria-labelledby", id);
    this.before = button("←", "rk-more", () => this.turn(-1), { title: MAP_WORDS.before });
    this.after = button("→", "rk-more", () => this.turn(1), { title: MAP_WORDS.after });
    this.before.setAttribute("aria-label", MAP_WORDS.before);
    this.after.setAttribute("aria-label", MAP_WORDS.after);
    this.where = element("span", { role: "status" });
    this.turns = element("p", { className: "rk-turns" }, this.before, this.where, this.after);
    this.node = element("section", {}, element("h3", { textContent: MAP_WORDS.table }), frame, this.turns);
  }

  sortBy(by) {
    this.sort = { by, down: this.sort.by === by ? !this.sort.down : by === "links" };
    this.restart();
  }

  turn(pages) {
    this.page += pages;
    this.draw();
    // A button at its end can no longer hold the focus.
    const [pressed, other] = pages < 0 ? [this.before, this.after] : [this.after, this.before];
    (pressed.disabled ? other : pressed).focus();
  }

  /** The rows to list, in order: those searched for, of the group in focus. */
  ordered() {
    const { contacts, query, focus } = this.view;
    const label = (part) => this.view.groupLabel(part);
    const rows = [];
    for (let row = 0; row < contacts.count; row += 1) {
      if (focus !== null && contacts.part(row) !== focus) continue;
      if (query && !contacts.key(row, label).includes(query)) continue;
      rows.push(row);
    }
    const collator = new Intl.Collator("fr", { numeric: true });
    // Others and apart come last, whatever the direction.
    const rank = (row) => (contacts.part(row) > 0 ? contacts.part(row) : contacts.part(row) === OTHERS ? 200 : 201);
    const byName = contacts.names ? (a, b) => collator.compare(contacts.names[a], contacts.names[b]) : (a, b) => a - b;
    const byLinks = (a, b) => contacts.degree[a] - contacts.degree[b];
    const sign = this.sort.down ? -1 : 1;
    const compare = {
      name: (a, b) => sign * byName(a, b),
      group: (a, b) => sign * (rank(a) - rank(b)) || byLinks(b, a) || byName(a, b),
      links: (a, b) => sign * byLinks(a, b) || byName(a, b),
    }[this.sort.by];
    rows.sort(compare);
    if (!query) return rows;
    // Who is called so comes before who only has it in the facts.
    const starts = (row) =>
      new RegExp(`(^|[\\s'-])${query.replace(/[.*+?^${}()|[\]\\]/g, "\\$&")}`).test(plain(contacts.label(row)));
    const first = new Set(rows.filter(starts));
    return [...rows.filter((row) => first.has(row)), ...rows.filter((row) => !first.has(row))];
  }

  /** Draw the first page, of what is listed now. */
  restart() {
    this.page = 0;
    this.draw();
  }

  draw() {
    const { view } = this;
    const { contacts } = view;
    this.order = this.ordered();
    const pages = Math.max(1, Math.ceil(this.order.length / PER_PAGE));
    this.page = Math.min(Math.max(this.page, 0), pages - 1);
    const rows = this.order.slice(this.page * PER_PAGE, (this.page + 1) * PER_PAGE).map((row) => {
      const first = element("th", { scope: "row" }, view.contactButton(row, "table"));
      const cells = [element("td", { textContent: view.groupLabel(contacts.part(row)) })];
      if (!view.face.star)
        cells.push(element("td", { className: "rk-number", textContent: number(contacts.degree[row]) }));
      const line = element("tr", {}, first, ...cells);
      line.dataset.row = String(row);
      return line;
    });
    this.body.replaceChildren(...rows);
    const where = view.focus === null ? "" : MAP_WORDS.inGroup(view.groupLabel(view.focus));
    this.caption.textContent = MAP_WORDS.tableCaption(this.order.length, where);
    for (const [at, [by]] of this.columns.entries()) {
      const now = this.sort.by === by;
      this.heads[at].setAttribute("aria-sort", now ? (this.sort.down ? "descending" : "ascending") : "none");
      this.heads[at].querySelector("i").textContent = now ? (this.sort.down ? "▼" : "▲") : "↕";
    }
    this.turns.hidden = pages < 2;
    this.where.textContent = MAP_WORDS.page(this.page + 1, pages);
    this.before.disabled = this.page === 0;
    this.after.disabled = this.page === pages - 1;
    this.mark();
  }

  /** Mark the line of the chosen contact. */
  mark() {
    for (const line of this.body.rows) {
      if (Number(line.dataset.row) === this.view.chosen) line.setAttribute("aria-current", "true");
      else line.removeAttribute("aria-current");
    }
  }

  /**
   * The button of a contact, where this page of the table lists it.
   *
   * @param {number} row
   * @returns {HTMLButtonElement | null}
   */
  buttonOf(row) {
    return this.body.querySelector(`[data-row="${row}"] button`);
  }
}
