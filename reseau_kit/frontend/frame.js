// Draws the frame that every panel has, and the box in which a panel says something.

import { element, paragraphs } from "./elements.js";

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

/**
 * Draw a panel into `el`, in place of what was there: a section that screen readers call `label`, with a header where
 * there is a `title`, whose keys stay in it.
 */
export function drawFrame(el, { label, title = "", beside = [], className = "rk" }, ...parts) {
  const header = title ? [element("header", {}, element("span", { textContent: title }), ...beside)] : [];
  const section = element("section", { className }, ...header, ...parts);
  section.setAttribute("aria-label", label);
  keepKeys(section);
  el.replaceChildren(section);
  return section;
}

/** A headline and what there is to say, with the file to download if there is one. */
export function said({ title, paragraphs: texts, tone, download }) {
  const opening = element("p", {}, element("b", { textContent: title }));
  const box = element("div", { className: `rk-said rk-${tone}` }, opening, ...paragraphs(texts));
  if (!download) return box;
  const href = URL.createObjectURL(new Blob([download.content], { type: "application/json" }));
  const link = element("a", { className: "rk-go", href, download: download.name, textContent: "Télécharger le fichier" });
  box.append(element("p", { className: "rk-buttons" }, link));
  return box;
}
