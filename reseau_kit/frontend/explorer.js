// The panels that explore: labelled native controls, one button, and what comes back in words, tables or another panel.
//
// Nothing here is an answer: nothing is kept, and nothing of it goes into the document.

import { element, paragraphs, randomName, sectionsOf } from "./elements.js";
import { drawFrame } from "./frame.js";

/** @import { PanelModel, PanelModule } from "./host.js" */

const EXPLORER_WORDS = {
  opening: "Un instant : les données s’ouvrent…",
  working: "Un instant…",
};

/** A list with its headings, each told once. */
function headedList(id, values) {
  const list = element("select", { id });
  const groups = new Map();
  for (const { id: value, text, heading } of values) {
    const option = element("option", { value, textContent: text });
    if (!heading) {
      list.append(option);
      continue;
    }
    if (!groups.has(heading)) {
      groups.set(heading, element("optgroup", { label: heading }));
      list.append(groups.get(heading));
    }
    groups.get(heading).append(option);
  }
  return list;
}

/** One control as its line of the form, with how to read it and to set it. */
function explorerControl({ id, text, kind, help, value, values }, name) {
  const at = `${name}-${id}`;
  if (kind === "tick") {
    const tick = element("input", { id: at, type: "checkbox", checked: value === "oui" });
    const label = element("label", { className: "rk-tick", htmlFor: at }, tick, element("span", { textContent: text }));
    return { id, node: element("div", { className: "rk-line" }, label), input: tick, read: () => (tick.checked ? "oui" : "") };
  }
  const input =
    kind === "text" ? element("input", { id: at, type: "text", autocomplete: "off", maxLength: 200 }) : headedList(at, values);
  input.value = value;
  const line = element("div", { className: "rk-line" }, element("label", { htmlFor: at, textContent: text }));
  if (help) {
    line.append(element("span", { id: `${at}-help`, className: "rk-note", textContent: help }));
    input.setAttribute("aria-describedby", `${at}-help`);
  }
  line.append(input);
  return { id, node: line, input, read: () => input.value };
}

/**
 * Another panel of the kernel's, drawn below this one.
 *
 * @param {PanelModel} model
 * @param {HTMLElement} place
 */
async function drawChild(model, place) {
  const name = model.get("child");
  if (!name) return place.replaceChildren();
  const manager = model.widget_manager;
  const child = await manager.get_model(name.replace("IPY_MODEL_", ""));
  const view = await manager.create_view(child);
  if (model.get("child") === name) place.replaceChildren(view.el);
}

/** @param {{ model: PanelModel, el: HTMLElement }} shown */
function drawExplorer({ model, el }) {
  const face = model.get("face");
  const name = `rk-${randomName()}`;
  const form = element("fieldset", {}, element("legend", { textContent: face.question }));
  const instructions = element("p", { id: `${name}-instructions`, className: "rk-note", textContent: face.instructions });
  form.setAttribute("aria-describedby", instructions.id);
  const lines = element("div", { className: "rk-rows" });
  form.append(instructions, ...paragraphs(face.notes), lines);
  const go = element("button", { type: "button", className: "rk-go", disabled: true, textContent: face.action });
  const footer = element("footer", {}, go);
  // In the page before there is anything to say, or screen readers would miss the first words.
  const sentence = element("p", { className: "rk-sentence", role: "status", textContent: EXPLORER_WORDS.opening });
  const results = element("div", { className: "rk-page rk-explored" });
  const child = element("div", {});
  let controls = [];
  let shown = 0;

  const ask = () => {
    sentence.textContent = EXPLORER_WORDS.working;
    model.send({ type: "ask", values: Object.fromEntries(controls.map(({ id, read }) => [id, read()])) });
  };
  go.addEventListener("click", ask);
  form.addEventListener("keydown", (event) => {
    const isText = event.target instanceof Element && event.target.matches("input[type=text]");
    if (event.key === "Enter" && isText && !event.shiftKey) ask();
  });
  if (face.again) {
    const again = element("button", { type: "button", className: "rk-more", textContent: face.again });
    again.addEventListener("click", () => model.send({ type: "open" }));
    footer.append(again);
  }

  const update = () => {
    const { controls: given, result, times } = model.get("state");
    if (!given || times === shown) return;
    shown = times;
    go.disabled = false;
    if (JSON.stringify(given) !== lines.dataset.given) {
      const before = new Map(controls.map(({ id, read }) => [id, read()]));
      lines.dataset.given = JSON.stringify(given);
      controls = given.map((one) => explorerControl(one, name));
      for (const { id, input } of controls) {
        if (input.type !== "checkbox" && [...(input.options ?? [])].some(({ value }) => value === before.get(id))) {
          input.value = before.get(id);
        }
      }
      lines.replaceChildren(...controls.map(({ node }) => node));
    }
    sentence.textContent = result?.sentence ?? "";
    results.replaceChildren(...sectionsOf(result?.sections ?? []));
    drawChild(model, child);
  };

  const label = `${face.title} : ${face.question}`;
  const section = drawFrame(el, { label, title: face.title }, form, footer, sentence, results);
  el.append(child);
  model.on("change:state", update);
  update();
  // What it needs is only loaded once somebody has scrolled to it: the lesson's activities come first.
  const seen = new IntersectionObserver((entries) => {
    if (!entries.some(({ isIntersecting }) => isIntersecting)) return;
    seen.disconnect();
    if (!model.get("state").controls) model.send({ type: "open" });
  });
  seen.observe(section);
  return () => {
    seen.disconnect();
    model.off("change:state", update);
  };
}

/** @type {PanelModule} */
export default { render: drawExplorer };
