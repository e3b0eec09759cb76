// Draws the frame that every panel has, and the box in which a panel says something.

import { element, paragraphs } from "./elements.js";

/**
 * Keys typed in a control stay there: JupyterLab would move to another cell, or move, merge or delete this one.
 *
 * @param {HTMLElement} root
 */
function keepKeys(root) {
  // Shift+Enter runs the cell, as everywhere in a notebook; save, search and print touch no cell.
  /** @param {KeyboardEvent} event */
  const passes = (event) =>
    event.key === "Escape" ||
    (event.key === "Enter" && event.shiftKey) ||
    ((event.ctrlKey || event.metaKey) && !event.shiftKey && "sfgp".includes(event.key.toLowerCase()));
  root.addEventListener("keydown", (event) => {
    if (!passes(event)) event.stopPropagation();
    // Escape goes back to the notebook's own keys, as it does from a cell's text.
    if (event.key !== "Escape") return;
    /** @type {HTMLElement | null} */
    const cell = root.closest(".jp-Notebook .jp-Cell");
    cell?.focus();
  });
}

/**
 * Draw a panel into `el`, in place of what was there: a section that screen readers call `label`, with a header where
 * there is a `title`, whose keys stay in it.
 *
 * @param {HTMLElement} el
 * @param {{ label: string, title?: string, beside?: HTMLElement[], className?: string }} about
 * @param {HTMLElement[]} parts
 */
export function drawFrame(el, { label, title = "", beside = [], className = "rk" }, ...parts) {
  const header = title ? [element("header", {}, element("span", { textContent: title }), ...beside)] : [];
  const section = element("section", { className }, ...header, ...parts);
  section.setAttribute("aria-label", label);
  keepKeys(section);
  el.replaceChildren(section);
  return section;
}

/**
 * A headline and what there is to say, with the file to download if there is one.
 *
 * @param {object} what
 * @param {string} what.title
 * @param {string[]} what.paragraphs
 * @param {string} what.tone « good », « part » or « quiet »
 * @param {{ name: string, content: string }} [what.download]
 */
export function said({ title, paragraphs: texts, tone, download }) {
  const opening = element("p", {}, element("b", { textContent: title }));
  const box = element("div", { className: `rk-said rk-${tone}` }, opening, ...paragraphs(texts));
  if (!download) return box;
  const href = URL.createObjectURL(new Blob([download.content], { type: "application/json" }));
  const link = element("a", { className: "rk-go", href, download: download.name, textContent: "Télécharger le fichier" });
  box.append(element("p", { className: "rk-buttons" }, link));
  return box;
}
