// Makes what every page of ours consists of: elements, tables, numbers in French.

/**
 * An element with its properties, or attributes where it has no such property, and what it holds.
 *
 * @template {keyof HTMLElementTagNameMap} Tag
 * @param {Tag} tag
 * @param {Record<string, any>} [properties]
 * @param {(Node | string)[]} children
 * @returns {HTMLElementTagNameMap[Tag]}
 */
export function element(tag, properties = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (name in node && name !== "list") node[name] = value;
    else node.setAttribute(name, value);
  }
  node.append(...children);
  return node;
}

/**
 * A button that does `onclick`; `more` holds its other properties.
 *
 * @param {string} text
 * @param {string} className
 * @param {(event: MouseEvent) => void} onclick
 * @param {Record<string, any>} [more]
 */
export function button(text, className, onclick, more = {}) {
  const node = element("button", { type: "button", className, textContent: text, ...more });
  node.addEventListener("click", onclick);
  return node;
}

/** @param {number} value */
export function number(value) {
  return value.toLocaleString("fr-FR", { maximumFractionDigits: 2 });
}

export function randomName() {
  // crypto.randomUUID is absent on a server reached without https.
  return Array.from(crypto.getRandomValues(new Uint8Array(8)), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** @param {string[]} texts */
export function paragraphs(texts) {
  return texts.map((text) => element("p", { textContent: text }));
}

/**
 * @typedef {object} Table what a table of a page says
 * @property {string} caption
 * @property {string[]} columns
 * @property {string[][]} rows
 */

/**
 * @param {Table} table
 * @param {string} id of its caption
 */
export function tableOf({ caption, columns, rows }, id) {
  const head = element("tr", {}, ...columns.map((text) => element("th", { scope: "col", textContent: text })));
  const cell = (text) => element("td", { className: text.length > 40 ? "rk-long" : "", textContent: text });
  const body = rows.map((cells) => element("tr", {}, ...cells.map(cell)));
  const title = element("caption", { id, textContent: caption });
  const table = element("table", {}, title, element("thead", {}, head), element("tbody", {}, ...body));
  // A table wider than a phone scrolls by itself, with the keyboard too.
  const frame = element("div", { className: "rk-table", tabIndex: 0, role: "region" }, table);
  frame.setAttribute("aria-labelledby", id);
  return frame;
}

/**
 * The sections of a page: a heading, a note, lines and a table, each where there is one.
 *
 * @param {{ title: string, note: string, lines: string[], table: Table | null }[]} sections
 */
export function sectionsOf(sections) {
  return sections.map(({ title, lines, note, table }) => {
    const place = element("section", {});
    if (title) place.append(element("h3", { textContent: title }));
    if (note) place.append(element("p", { className: "rk-note", textContent: note }));
    const list = lines.map((line) => element("li", { textContent: line }));
    if (list.length) place.append(element("ul", {}, ...list));
    if (table) place.append(tableOf(table, `rk-${randomName()}`));
    return place;
  });
}

/** Whether two values that JSON can hold are the same. */
export function same(a, b) {
  return JSON.stringify(a) === JSON.stringify(b);
}
