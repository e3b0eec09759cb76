// Draws the panel by which learners take their answers along, bring them back and erase them.

import { button, element } from "./elements.js";
import { drawFrame, said } from "./frame.js";
import { BrowserStore } from "./store.js";
import { DocumentCopy, ERASED } from "./document.js";

/** @import { PanelModel, PanelModule } from "./host.js" */

const OWN_ANSWERS_WORDS = {
  erase: "Oui, tout effacer",
  keep: "Non, tout garder",
  eraseAll: "Effacer mes réponses…",
  takeAlong: "Emporter mes réponses",
  bringBack: "Reprendre un fichier…",
};

const KEPT_ALL = { title: "Rien n’a été effacé.", paragraphs: [], tone: "quiet" };

/**
 * Take one's answers along, bring them back, erase them: each by a button, erasing after a question.
 *
 * @param {{ model: PanelModel, el: HTMLElement }} shown
 */
function drawOwnAnswers({ model, el }) {
  const { title, question, asking, course } = model.get("face");
  const region = element("div", { className: "rk-feedback", role: "status" });
  const file = element("input", { type: "file", accept: ".json", hidden: true });
  file.addEventListener("change", async () => {
    const [chosen] = file.files;
    if (chosen) model.send({ type: "bring-back", name: chosen.name, content: await chosen.text() });
    file.value = ""; // so that the same file can be chosen again
  });
  const ask = () => {
    const no = button(OWN_ANSWERS_WORDS.keep, "rk-more", () => (tell(KEPT_ALL), eraser.focus()));
    const yes = button(OWN_ANSWERS_WORDS.erase, "rk-go", () => model.send({ type: "erase" }));
    const box = said({ ...question, tone: "part" });
    box.append(element("p", { className: "rk-buttons" }, no, yes));
    region.replaceChildren(box);
    footer.hidden = true; // one question at a time
    return no;
  };
  const tell = (what) => {
    const hadFocus = region.contains(document.activeElement);
    region.replaceChildren(said(what));
    footer.hidden = false;
    if (hadFocus) footer.querySelector("button").focus();
  };
  const eraser = button(OWN_ANSWERS_WORDS.eraseAll, "rk-more", () => ask().focus());
  const footer = element(
    "footer",
    {},
    button(OWN_ANSWERS_WORDS.takeAlong, "rk-go", () => model.send({ type: "take-along" })),
    button(OWN_ANSWERS_WORDS.bringBack, "rk-more", () => file.click()),
    eraser,
    file,
  );
  const update = () => {
    const state = model.get("state");
    if (!state.said) return;
    if (state.erased) {
      const copy = DocumentCopy.of(model);
      copy?.drop(() => true);
      copy?.save();
      BrowserStore.ofThisPage.clear(course);
      const elsewhere = new BroadcastChannel(ERASED);
      elsewhere.postMessage("");
      elsewhere.close();
    }
    tell(state.said);
    /** @type {HTMLAnchorElement | null} */
    const link = region.querySelector("a[download]");
    link?.click();
  };
  model.on("change:state", update);
  drawFrame(el, { label: title }, region, footer);
  if (asking) ask();
  return () => model.off("change:state", update);
}

/** @type {PanelModule} */
export default { render: drawOwnAnswers };
