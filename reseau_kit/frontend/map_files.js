// Offers a map as files, which the kernel draws and sends in pieces.

import { button, element, randomName } from "./elements.js";
import { MAP_WORDS } from "./map_words.js";

/** @import { MapView } from "./map.js" */

const DRAWING_PATIENCE = 60_000; // ms that a file may take once the kernel has begun
const PART_PAUSE = 350; // ms between the pieces of a file: the server drops what comes faster

/** The files of a map: their buttons, what was asked for and has not come yet, and what is said of it. */
export class MapFiles {
  /** @param {MapView} view */
  constructor(view) {
    const { face } = view;
    this.view = view;
    this.asked = new Map();
    const id = `${view.id}-names`;
    this.withNames = element("input", { type: "checkbox", id, checked: face.namesInFiles });
    const label = element(
      "label",
      { className: "rk-with-names" },
      this.withNames,
      element("span", { textContent: MAP_WORDS.namesInFiles }),
    );
    const buttons = face.files.map(({ kind, theme, text }) =>
      button(text, "rk-more", () => this.ask(kind, theme, this.withNames.checked, (file) => this.download(file))),
    );
    this.note = element("p", { className: "rk-note rk-file-note", role: "status" });
    this.node = element("footer", { className: "rk-files" }, ...buttons, label, this.note);
  }

  /**
   * Ask for a file; `done` gets it, or `failed` the reason why there is none.
   *
   * @param {string} kind
   * @param {string} theme
   * @param {boolean} names whether names stand on it
   * @param {(file: { blob: Blob, name: string, note: string }) => void} done
   * @param {(reason: string) => void} [failed]
   */
  ask(kind, theme, names, done, failed = (reason) => (this.note.textContent = MAP_WORDS.notReady(reason))) {
    const id = randomName();
    this.asked.set(id, { about: { kind, theme, names }, parts: [], done, failed });
    this.note.textContent = MAP_WORDS.working;
    this.view.ask({ type: "file", id, kind, theme, names });
    this.view.waitFor(id, () => this.giveUp(id, MAP_WORDS.silent));
  }

  giveUp(id, reason) {
    this.asked.get(id)?.failed(reason);
    this.asked.delete(id);
  }

  download({ blob, name, note }) {
    const href = URL.createObjectURL(blob);
    const link = element("a", { href, download: name });
    this.node.append(link);
    link.click();
    link.remove();
    this.view.later(() => URL.revokeObjectURL(href), 10_000);
    this.note.textContent = [MAP_WORDS.ready(name), note].filter(Boolean).join(" ");
  }

  /** What the kernel says of a file. */
  hear(message, buffers) {
    const { id, type } = message;
    if (!this.asked.has(id)) return;
    this.view.heard(id);
    if (type === "part") this.gather(message, buffers[0]);
    else if (type === "failed") this.giveUp(id, message.reason);
    else this.view.waitFor(id, () => this.giveUp(id, MAP_WORDS.silent), DRAWING_PATIENCE);
  }

  gather({ id, part, parts, name, mime, note }, bytes) {
    const file = this.asked.get(id);
    file.parts[part] = bytes;
    if (part + 1 < parts) {
      this.view.later(() => {
        this.view.ask({ type: "part", id, part: part + 1, ...file.about });
        this.view.waitFor(id, () => this.giveUp(id, MAP_WORDS.silent));
      }, PART_PAUSE);
      return;
    }
    this.asked.delete(id);
    file.done({ blob: new Blob(file.parts, { type: mime }), name, note });
  }
}
