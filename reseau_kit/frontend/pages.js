// Draws panels that are only read: notices, and pages of the course made from the answers.

import { element, paragraphs, sectionsOf } from "./elements.js";
import { drawFrame, said } from "./frame.js";

/** @import { PanelModel, PanelModule } from "./host.js" */

/**
 * @param {PanelModel} model
 * @param {HTMLElement} el
 */
function drawNotice(model, el) {
  const face = model.get("face");
  drawFrame(el, { label: face.title }, element("div", { className: "rk-feedback", role: "status" }, said(face)));
}

/**
 * A page of the course made from the answers: sections of lines, and the files that hold the same.
 *
 * @param {PanelModel} model
 * @param {HTMLElement} el
 */
function drawPage(model, el) {
  const { title, paragraphs: texts, sections, files, picture } = model.get("face");
  const urls = new Map();
  const links = files.map(({ name, type, content, text }) => {
    const bytes = Uint8Array.from(atob(content), (char) => char.charCodeAt(0));
    const href = URL.createObjectURL(new Blob([bytes], { type }));
    urls.set(name, href);
    return element("a", { className: "rk-more", href, download: name, textContent: text });
  });
  const body = element("div", { className: "rk-page" });
  for (const look of picture ? ["light", "dark"] : []) {
    const className = `rk-picture rk-on-${look}`;
    body.append(element("img", { className, src: urls.get(picture[look]), alt: picture.alt }));
  }
  body.append(...paragraphs(texts), ...sectionsOf(sections));
  const footer = links.length ? [element("footer", {}, ...links)] : [];
  drawFrame(el, { label: title, title }, body, ...footer);
  return () => urls.forEach((url) => URL.revokeObjectURL(url));
}

/** @type {PanelModule} */
export default {
  render({ model, el }) {
    return model.get("face").kind === "page" ? drawPage(model, el) : drawNotice(model, el);
  },
};
