// Keeps a copy of the answers in the metadata of the notebook that shows the panels.

import { same } from "./elements.js";

/** @import { DocumentModel, OpenDocument, PanelModel } from "./host.js" */

const KEY = "reseau_kit";
export const ERASED = "reseau-kit:erased"; // told to the documents of the course that are open beside this one, in any tab
const SAVE_PAUSE = 800; // ms before the document is saved, so that a burst of answers is one save

/** @param {DocumentModel} model */
function sources(model) {
  return JSON.stringify(model.sharedModel.cells.map((cell) => cell.getSource()));
}

// A front end evaluates this module again for each panel: what the panels of a page share cannot be in it.
const DOCUMENTS = (globalThis[Symbol.for("reseau-kit:documents")] ??= {
  lastSave: new WeakMap(), // the promise of each document's latest save, done or not
  saving: new WeakMap(), // the documents about to be saved, each with the promise of it
  lastSaved: new WeakMap(), // what the cells of each document held when it was last saved
});

/** The copy of the answers in the metadata of the notebook that shows this panel. Absent outside JupyterLab (Voilà). */
export class DocumentCopy {
  /** @param {PanelModel} model */
  static of(model) {
    const context = model.widget_manager?.context;
    return context?.model?.sharedModel ? new DocumentCopy(context) : null;
  }

  /** @param {OpenDocument} context */
  constructor(context) {
    this.context = context;
  }

  read() {
    return this.context.model.sharedModel.getMetadata()[KEY]?.answers ?? { origin: "", events: [] };
  }

  /** Put the events of one activity in place of those that the copy held. Says whether anything changed. */
  write(origin, activity, events) {
    const ours = this.context.model.sharedModel.getMetadata()[KEY] ?? {};
    const before = ours.answers?.events ?? [];
    const others = before.filter((event) => event.activity !== activity);
    const answers = { origin, events: [...others, ...events] };
    if (same(before.filter((event) => event.activity === activity), events) && ours.answers?.origin === origin) return false;
    this.set({ ...ours, answers });
    return true;
  }

  set(ours) {
    const { model } = this.context;
    if (!model.dirty) DOCUMENTS.lastSaved.set(model, sources(model));
    model.sharedModel.setMetadata(KEY, ours);
  }

  drop(unwanted) {
    const { answers, ...ours } = this.context.model.sharedModel.getMetadata()[KEY] ?? {};
    if (!answers) return;
    const events = (answers.events ?? []).filter((event) => !unwanted(event));
    if (events.length === answers.events?.length) return;
    const kept = events.length ? { ...ours, answers: { origin: events.at(-1).origin, events } } : ours;
    this.set(kept);
    this.catchUp();
  }

  /** Save what another tab, or code, has brought: later than the tab of the click, which saves it too. */
  catchUp() {
    setTimeout(() => this.context.isDisposed || !this.context.model.dirty || this.save(), 3 * SAVE_PAUSE);
  }

  /** Save the document soon; the promise says whether the server has it. Asked for by several panels, done once. */
  save() {
    const { saving, lastSave } = DOCUMENTS;
    if (!saving.has(this.context)) {
      const pause = new Promise((resolve) => setTimeout(resolve, SAVE_PAUSE));
      // One at a time: JupyterLab would take the first of two saves for somebody else's, and ask which one to lose.
      const turn = Promise.all([pause, lastSave.get(this.context)]);
      const done = turn.then(() => (saving.delete(this.context), this.saveNow()));
      saving.set(this.context, done);
      lastSave.set(this.context, done);
    }
    return saving.get(this.context);
  }

  async saveNow() {
    if (this.context.isDisposed) return false; // closed meanwhile: JupyterLab would say that it cannot be saved
    try {
      if (await this.changedOnDisk()) return await this.saveInto();
      await this.context.save();
      return !this.context.model.dirty || !(await this.changedOnDisk());
    } catch {
      return false;
    }
  }

  get contents() {
    return this.context._manager?.contents;
  }

  /** Whether another tab has saved this document since: saving too would ask the learner which version to lose. */
  async changedOnDisk() {
    const known = this.context.contentsModel?.last_modified;
    if (!known || !this.contents) return false;
    const disk = await this.contents.get(this.context.path, { content: false });
    // JupyterLab's own tolerance before it asks.
    return Date.parse(disk.last_modified) - Date.parse(known) > 500;
  }

  /** Put the answers, and nothing else, into the version that the other tab has saved. */
  async saveInto() {
    const { model, path } = this.context;
    const { content } = await this.contents.get(path, { type: "notebook", content: true });
    const erased = content.metadata[KEY]?.erased ?? [];
    this.drop((event) => erased.includes(event.origin));
    const ours = model.sharedModel.getMetadata()[KEY]?.answers;
    const theirs = content.metadata[KEY]?.answers;
    const known = new Set(ours?.events.map(({ id }) => id));
    const outdated = ({ kind, activity, seq }) =>
      kind === "draft" && ours.events.some((event) => event.activity === activity && event.seq > seq);
    const others =
      ours && theirs?.origin === ours.origin
        ? theirs.events.filter((event) => !known.has(event.id) && !outdated(event))
        : [];
    const answers = ours && { ...ours, events: [...others, ...ours.events] };
    content.metadata[KEY] = { ...content.metadata[KEY], answers };
    await this.contents.save(path, { type: "notebook", format: "json", content });
    // Where only answers have changed, nothing of this tab is left to save: leaving must not ask.
    if (DOCUMENTS.lastSaved.get(model) === sources(model)) model.dirty = false;
    return true;
  }
}
