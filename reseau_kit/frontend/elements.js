// Small tools that every page of ours is made with. Loaded first, in one module with what uses them.

function element(tag, properties = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (name in node && name !== "list") node[name] = value;
    else node.setAttribute(name, value);
  }
  node.append(...children);
  return node;
}

function number(value) {
  return value.toLocaleString("fr-FR", { maximumFractionDigits: 2 });
}

function randomName() {
  // crypto.randomUUID is absent on a server reached without https.
  return Array.from(crypto.getRandomValues(new Uint8Array(8)), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

function paragraphs(texts) {
  return texts.map((text) => element("p", { textContent: text }));
}

function tableOf({ caption, columns, rows }, id) {
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

/** The sections of a page: a heading, a note, lines and a table, each where there is one. */
function sectionsOf(sections) {
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

/** Keys typed in a control stay there: JupyterLab would move to another cell, or move, merge or delete this one. */
function keepKeys(root) {
  // Shift+Enter runs the cell, as everywhere in a notebook; save, search and print touch no cell.
  const passes = (event) =>
    event.key === "Escape" ||
    (event.key === "Enter" && event.shiftKey) ||
    ((event.ctrlKey || event.metaKey) && !event.shiftKey && "sfgp".includes(event.key.toLowerCase()));
  root.addEventListener("keydown", (event) => {
    if (!passes(event)) event.stopPropagation();
    // Escape goes back to the notebook's own keys, as it does from a cell's text.
    if (event.key === "Escape") root.closest(".jp-Notebook .jp-Cell")?.focus();
  });
}
