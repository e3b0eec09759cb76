// Draws what `widgets.py` describes, keeps what the learner does, and says only what is true of it.
//
// An answer goes three ways at once: to the kernel, which writes the journal and confirms, to the notebook's own
// metadata, which holds when the kernel does not answer, and to the browser's store until the kernel has confirmed,
// which holds when the server does not answer either. Nothing here knows what is right. The controls of each kind of
// question are in `controls.js`, the store is in `store.js`, small tools are in `elements.js`: one module together.

const KEY = "reseau_kit";
const TYPING_PAUSE = 700; // ms after the last key before a draft is kept
const SAVE_PAUSE = 800; // ms before the document is saved, so that a burst of answers is one save
const ERASED = "reseau-kit:erased"; // told to the documents of the course that are open beside this one, in any tab
const RETURN_FOCUS = "data-rk-return-focus"; // on a cell whose activity is about to be drawn anew
const KERNEL_PATIENCE = 3000; // ms before saying that the kernel has not confirmed

const WORDS = {
  saving: "Enregistrement…",
  stored: (when) => `✓ Enregistré ${when}`,
  draftStored: (when) => `✓ Brouillon enregistré ${when}`,
  kept: "⚠ Gardé dans le document, pas encore vérifié",
  arrived: (when) => `✓ Enregistré ${when}. Cette réponse attendait le serveur : elle est arrivée.`,
  inBrowser:
    "⚠ Gardé dans ce navigateur : le serveur ne répond pas. À son retour, votre réponse lui sera envoyée toute seule, " +
    "même si vous rechargez la page, puis effacée d’ici.",
  erasedSince: "⚠ Pas enregistré : vos réponses ont été effacées entre-temps. Validez à nouveau pour garder celle-ci.",
  notKept: "⚠ Pas encore gardé : le serveur ne répond pas. Laissez cette page ouverte.",
  keptHowTo: "Pour la vérifier, menu « Exécution », puis « Exécuter toutes les cellules ».",
  restart: "Relancer la vérification",
  checking: "Vérification…",
  hint: "Un indice",
  number: "Votre réponse",
  pick: "Choisir…",
  text: "Votre texte",
  levels: "Ce qui sera regardé dans votre texte",
  level: "Quel niveau votre texte atteint-il, selon vous ?",
  dayOrder: "jour/mois/année, par exemple 30/06/2027",
  count: (words, least, most) => `${words} mot${words > 1 ? "s" : ""} (de ${least} à ${most} attendus)`,
  characters: (count, least, most) => `${count} caractère${count > 1 ? "s" : ""} (de ${least} à ${most} conseillés)`,
  picked: (count, pick) => `${count} choix sur ${pick}${count > pick ? ` : retirez-en ${count - pick}` : ""}`,
  wanted: (least, most) => `Avec tous ces mots (de ${least} à ${most})`,
  unwanted: (_, most) => `Sans aucun de ces mots (${most} au plus)`,
  results: "Ce que la recherche trouve",
  noSearch: "Cochez un mot : ce que la recherche trouve s’affiche ici.",
  found: (count, total) => `${count || "Aucune"} publication${count > 1 ? "s" : ""} sur ${total}`,
  addLine: "Ajouter une ligne",
  removeLine: "Retirer",
  removeLineAt: (place) => `Retirer la ligne ${place}`,
  line: (place) => `Ligne ${place}`,
  plan: { day: "Jour", minutes: "Minutes", gesture: "Geste", medium: "Média", theme: "Sujet" },
  total: (minutes, budget) => `Total : ${number(minutes)} minute${minutes >= 2 ? "s" : ""} ${budget ? `sur ${budget}` : "par semaine"}.`,
  incomplete: (places) =>
    `${places.length > 1 ? `Les lignes ${places.join(", ")} ne comptent` : `La ligne ${places[0]} ne compte`} pas encore : il faut un jour, cinq minutes ou plus, et un geste.`,
  recalls: "Dans votre carnet :",
  why: "Pourquoi ce choix ? Choisissez un critère",
  whyOf: (text) => `Pourquoi « ${text} » ? Choisissez un critère`,
  up: "Monter",
  down: "Descendre",
  upOf: (text) => `Monter « ${text} »`,
  downOf: (text) => `Descendre « ${text} »`,
  placeOf: (text) => `Place de « ${text} »`,
  nowAt: (text, place, last) => `« ${text} » est maintenant en place ${place} sur ${last}.`,
  choose: "Garder ce choix",
  chooseFirst: "Répondez d’abord, puis gardez ce choix.",
  foreignTitle: "Ce document contient des réponses données ailleurs",
  foreign: (count) =>
    `Il porte ${count > 1 ? `des réponses à ${count} activités` : "une réponse"} qui ne ${count > 1 ? "viennent" : "vient"} ` +
    "pas de ce dossier. Sont-elles à vous ?",
  foreignMine: "Oui, reprendre ces réponses",
  foreignNotMine: "Non, les laisser de côté",
  waitingTitle: "Ce navigateur garde une réponse qui n’a pas été enregistrée",
  waiting: (when) => `Elle a été donnée ici ${when}, pendant que le serveur ne répondait pas. Est-elle à vous ?`,
  waitingMine: "Oui, l’enregistrer",
  waitingNotMine: "Non, l’effacer d’ici",
  erase: "Oui, tout effacer",
  keep: "Non, tout garder",
  eraseAll: "Effacer mes réponses…",
  takeAlong: "Emporter mes réponses",
  bringBack: "Reprendre un fichier…",
  download: "Télécharger le fichier",
};

const KEPT_ALL = { title: "Rien n’a été effacé.", paragraphs: [], tone: "quiet" };

// --- small tools ------------------------------------------------------------------------------------------------------

function same(a, b) {
  return JSON.stringify(a) === JSON.stringify(b);
}

function whenSaid(at) {
  const then = new Date(at);
  const hour = `à ${then.getHours()} h ${String(then.getMinutes()).padStart(2, "0")}`;
  if (then.toDateString() === new Date().toDateString()) return hour;
  return `le ${then.toLocaleDateString("fr-FR", { day: "numeric", month: "long" })} ${hour}`;
}

function sources(model) {
  return JSON.stringify(model.sharedModel.cells.map((cell) => cell.getSource()));
}

// --- the notebook's own copy ------------------------------------------------------------------------------------------

// A front end evaluates this module again for each panel: what the panels of a page share cannot be in it.
const DOCUMENTS = (globalThis[Symbol.for("reseau-kit:documents")] ??= {
  lastSave: new WeakMap(), // the promise of each document's latest save, done or not
  saving: new WeakMap(), // the documents about to be saved, each with the promise of it
  lastSaved: new WeakMap(), // what the cells of each document held when it was last saved
});

/** The copy of the answers in the metadata of the notebook that shows this panel. Absent outside JupyterLab (Voilà). */
class DocumentCopy {
  static of(model) {
    const context = model.widget_manager?.context;
    return context?.model?.sharedModel ? new DocumentCopy(context) : null;
  }

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
    return new Date(disk.last_modified) - new Date(known) > 500;
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

// --- one activity -----------------------------------------------------------------------------------------------------

class ActivityView {
  constructor(model, el) {
    this.model = model;
    this.el = el;
    this.copy = DocumentCopy.of(model);
    this.store = BrowserStore.ofThisPage;
    this.pending = new Map(); // events that the kernel has not confirmed, by id
    this.late = new Set(); // the ids of those of which that was said, confirmed since or not
    this.name = `rk-${randomName()}`; // one per view: radio buttons of two views must not share a name
    this.unheard = []; // events of the document's copy that the kernel is being told of
    this.cleanups = [];
    this.shownEvent = null;
  }

  start() {
    this.listen("change:face", () => this.build());
    this.listen("change:state", () => {
      this.update();
      this.sendLate(); // whoever tells us something can be told
    });
    this.listen("msg:custom", (message) => this.receive(message));
    const leaving = () => document.visibilityState === "hidden" && this.flushDraft();
    document.addEventListener("visibilitychange", leaving);
    this.cleanups.push(() => document.removeEventListener("visibilitychange", leaving), () => this.flushDraft());
    this.reconcile();
    this.build();
    this.takeFocusBack();
    this.takeUpWaiting();
    const elsewhere = new BroadcastChannel(ERASED);
    elsewhere.onmessage = () => {
      this.copy?.drop(({ id }) => this.pending.has(id));
      this.pending.clear();
      this.send({ type: "refresh" });
    };
    this.cleanups.push(() => elsewhere.close(), () => (this.isOver = true));
    return () => this.cleanups.forEach((cleanup) => cleanup());
  }

  listen(event, handler) {
    this.model.on(event, handler);
    this.cleanups.push(() => this.model.off(event, handler));
  }

  get cell() {
    return this.el.closest(".jp-Cell");
  }

  /** The button that started the kernel again is gone with the view that held it. */
  takeFocusBack() {
    // JupyterLab attaches and shows this view only later: a size tells when.
    const shown = new ResizeObserver(() => {
      if (!this.el.clientWidth) return;
      shown.disconnect();
      if (!this.cell?.hasAttribute(RETURN_FOCUS)) return;
      this.cell.removeAttribute(RETURN_FOCUS);
      this.control.focus();
    });
    shown.observe(this.el);
    this.cleanups.push(() => shown.disconnect());
  }

  get face() {
    return this.model.get("face");
  }

  get state() {
    return this.model.get("state");
  }

  // --- drawing

  build() {
    const { face } = this;
    this.builtFor = face;
    const questionId = `${this.name}-question`;
    this.attempt = element("span", { className: "rk-attempt" });
    this.fieldset = element("fieldset", {}, element("legend", { id: questionId, textContent: face.question }));
    if (face.recalls.length) this.fieldset.append(this.drawRecalls(face.recalls));
    if (face.excerpt) this.fieldset.append(this.drawExcerpt(face.excerpt));
    if (face.table) this.fieldset.append(tableOf(face.table, `${this.name}-caption`));
    if (face.instructions) {
      const id = `${this.name}-instructions`;
      this.fieldset.append(element("p", { className: "rk-note", id, textContent: face.instructions }));
      this.fieldset.setAttribute("aria-describedby", id);
    }
    this.control = new CONTROLS[face.task](this);
    this.fieldset.append(this.control.node);
    this.fieldset.addEventListener("input", () => this.changed());
    this.fieldset.addEventListener("change", () => this.changed());
    this.fieldset.addEventListener("focusout", (event) => this.section.contains(event.relatedTarget) || this.flushDraft());

    this.hint = element("div", { id: `${this.name}-hint` });
    this.hintButton = element("button", { type: "button", className: "rk-more", textContent: WORDS.hint });
    this.hintButton.setAttribute("aria-controls", this.hint.id);
    this.hintButton.addEventListener("click", () => this.openHint(!this.hint.childNodes.length));
    this.openHint(false);
    this.submit = element("button", { type: "button", className: "rk-go" });
    this.submit.addEventListener("click", () => this.validate());
    // Live regions stand in the page before there is anything to say, or screen readers would miss the first words.
    this.hint.setAttribute("aria-live", "polite");
    this.feedback = element("div", { className: "rk-feedback", role: "status" });
    this.saved = element("span", { className: "rk-saved", role: "status" });
    this.restart = element("button", { type: "button", className: "rk-more", hidden: true, textContent: WORDS.restart });
    this.restart.addEventListener("click", () => {
      this.cell?.setAttribute(RETURN_FOCUS, "");
      this.el.dispatchEvent(new CustomEvent("reseau-kit:relancer", { bubbles: true }));
    });
    this.section = element(
      "section",
      { className: "rk" },
      element("header", {}, element("span", { textContent: face.position }), this.attempt),
      this.fieldset,
      this.hint,
      this.feedback,
      element("footer", {}, this.submit, this.hintButton, this.restart, this.saved),
    );
    this.section.setAttribute("aria-label", `Activité ${face.id}`);
    this.section.dataset.activity = face.id;
    keepKeys(this.section);
    const hadFocus = this.el.contains(document.activeElement);
    this.el.replaceChildren(this.section);
    this.shownEvent = null;
    this.update();
    if (hadFocus) this.control.focus();
  }

  drawRecalls(texts) {
    const list = element("ul", {}, ...texts.map((text) => element("li", { textContent: text })));
    return element("div", { className: "rk-recalls" }, element("p", { textContent: WORDS.recalls }), list);
  }

  drawExcerpt({ source, paragraphs: texts }) {
    const quote = element("blockquote", {}, ...paragraphs(texts));
    return element("figure", { className: "rk-excerpt" }, element("figcaption", { textContent: source }), quote);
  }

  openHint(open) {
    const words = element("p", { className: "rk-hint", textContent: this.face.hint });
    this.hint.replaceChildren(...(open ? [words] : []));
    this.hintButton.setAttribute("aria-expanded", String(open));
  }

  update() {
    const { face, state } = this;
    if (this.builtFor !== face) return; // the new question is about to be drawn, with this state
    this.attempt.textContent = face.decides ? "" : state.attempt;
    this.submit.textContent = face.decides ? WORDS.choose : state.action;
    this.hintButton.hidden = !face.hint || !state.hintOpen || Boolean(face.decides);
    if (this.hintButton.hidden) this.openHint(false);
    if (state.valueEvent !== this.shownEvent && !this.draftTimer && !this.pending.size && !face.decides) {
      // Never take from under the learner's hands what they are typing.
      if (!this.fieldset.contains(document.activeElement) || this.shownEvent === null) this.control.show(state.value);
      this.shownEvent = state.valueEvent;
    }
    this.control.update?.(state);
    this.showFeedback(state.feedback);
    if (!this.pending.size) this.showStored();
    this.dropRefused();
    this.mirror();
  }

  showFeedback(said) {
    const key = JSON.stringify([said, this.state.attemptId]);
    if (key === this.feedbackKey && this.feedback.childNodes.length) return;
    this.feedbackKey = key;
    this.section.removeAttribute("aria-busy");
    if (!said || this.face.decides) return this.feedback.replaceChildren();
    const [first = "", ...rest] = said.paragraphs;
    const sign = element("span", { textContent: `${said.sign} ` });
    sign.setAttribute("aria-hidden", "true");
    const opening = element("p", {}, element("b", {}, sign, said.headline), ` ${first}`);
    this.feedback.replaceChildren(element("div", { className: `rk-said rk-${said.tone}` }, opening, ...paragraphs(rest)));
  }

  // --- what the learner does

  changed() {
    this.say(WORDS.saving, "");
    clearTimeout(this.draftTimer);
    this.draftTimer = setTimeout(() => this.flushDraft(), TYPING_PAUSE);
  }

  flushDraft() {
    if (!this.draftTimer) return;
    clearTimeout(this.draftTimer);
    this.draftTimer = null;
    if (this.face.decides) return this.showStored(); // a case is chosen by its button only
    const value = this.control.value();
    const latest = this.latestEvent();
    if (same(value, latest ? latest.value : this.control.empty)) return this.showStored();
    this.keep("draft", value);
  }

  validate() {
    clearTimeout(this.draftTimer);
    this.draftTimer = null;
    const value = this.control.value();
    if (this.face.decides && same(value, this.control.empty)) {
      return this.feedback.replaceChildren(element("p", { className: "rk-said rk-quiet", textContent: WORDS.chooseFirst }));
    }
    this.section.setAttribute("aria-busy", "true");
    this.feedbackKey = null; // the same words again are news again
    this.feedback.replaceChildren(element("p", { className: "rk-checking", textContent: WORDS.checking }));
    if (this.face.decides?.known) this.keep(this.face.decides.kind, { ...this.face.decides.known, ...value });
    else this.keep("attempt", value);
  }

  /** Make an event of what was done, put it in the document's copy, and send it to the kernel. */
  keep(kind, value) {
    const { face, state } = this;
    const event = {
      v: 1,
      id: randomName(),
      origin: state.origin || (this.newOrigin ??= this.copy?.read().origin || randomName()),
      seq: this.nextSeq(),
      activity: face.decides?.activity ?? face.id,
      version: face.decides?.version ?? face.version,
      kind,
      value,
      at: new Date().toISOString(),
      context: face.decides?.context ?? face.context,
    };
    this.pending.set(event.id, event);
    this.shownEvent = face.decides ? this.shownEvent : event.id;
    this.sendLate(); // first, so that the journal has them in this order
    const kept = this.store.keep({ place: state.place, course: state.course, card: face.id }, event);
    this.deliver(event, kept);
  }

  /** Tell the kernel of an event, and the learner of what holds it where the kernel does not confirm. */
  deliver(event, keptInBrowser) {
    this.say(WORDS.saving, "");
    this.mirror();
    const saved = this.copy?.save() ?? Promise.resolve(false);
    this.send({ type: "event", event });
    const tell = async (inDocument) => {
      const held = [await inDocument, await keptInBrowser];
      if (this.pending.has(event.id)) this.sayUnconfirmed(event, ...held);
    };
    setTimeout(() => {
      // A server that has stopped in the middle of a word does not even refuse to save.
      tell(Promise.race([saved, false]));
      saved.then(tell);
    }, KERNEL_PATIENCE);
  }

  /** Tell the kernel again what it has not confirmed in time: it may never have heard of it, and keeps it once. */
  sendLate() {
    for (const event of this.pending.values()) if (this.late.has(event.id)) this.send({ type: "event", event });
  }

  send(message) {
    try {
      this.model.send(message);
    } catch {
      // No kernel: the copies hold what it is to know.
    }
  }

  nextSeq() {
    const copied = (this.copy?.read().events ?? []).map((event) => event.seq || 0);
    const pending = [...this.pending.values()].map((event) => event.seq);
    return Math.max(0, this.state.lastSeq || 0, ...copied, ...pending) + 1;
  }

  latestEvent() {
    const events = [...this.state.events, ...this.pending.values()];
    return events.reduce((latest, event) => (!latest || event.seq >= latest.seq ? event : latest), null);
  }

  // --- both copies

  /** Make the document's copy hold what the journal holds of this activity, and what it does not hold yet. */
  mirror() {
    if (!this.copy || this.asking) return;
    const pending = [...this.pending.values()];
    const mine = [...this.state.events, ...pending.filter((event) => !this.state.events.some(({ id }) => id === event.id))];
    const origin = this.state.origin || this.newOrigin || "";
    const decided = pending.filter((event) => event.activity !== this.face.id);
    const own = mine.filter((event) => event.activity === this.face.id);
    const unheard = this.unheard.filter((event) => !mine.some(({ id }) => id === event.id));
    const changed = own.length > 0 && this.copy.write(origin, this.face.id, [...unheard, ...own]);
    if (decided.length) this.copy.write(origin, decided[0].activity, decided);
    if (changed) this.copy.catchUp();
  }

  dropRefused() {
    const refused = new Set(this.state.refused);
    if (refused.size) this.copy?.drop((event) => refused.has(event.origin));
  }

  /** Tell the kernel what the document's copy holds: an answer given while it was away, or somebody else's. */
  reconcile() {
    if (!this.copy) return;
    this.dropRefused();
    const answers = this.copy.read();
    if (!answers.events.length) return;
    const known = new Set(this.state.events.map((event) => event.id));
    const mine = answers.events.filter((event) => event.activity === this.face.id && !known.has(event.id));
    const foreign = answers.events.some((event) => this.state.origin && event.origin !== this.state.origin);
    if (!mine.length && !foreign) return;
    this.unheard = mine;
    this.model.send({ type: "copy", answers });
  }

  /** What the browser kept of this card while the server was gone: sent by itself where it is surely the learner's. */
  async takeUpWaiting() {
    const { mine, unsure } = await this.store.waiting(this.state);
    if (this.isOver) return;
    const ofThisCard = ({ card }) => card === this.face.id;
    this.sendWaiting(mine.filter(ofThisCard));
    const asked = unsure.filter(ofThisCard);
    if (asked.length && !this.asking) this.askWaiting(asked);
  }

  sendWaiting(records) {
    const events = records.map(({ event }) => event).filter(({ id }) => !this.pending.has(id));
    for (const event of events) {
      this.pending.set(event.id, event);
      this.late.add(event.id);
    }
    const own = events.filter(({ activity }) => activity === this.face.id);
    if (own.length) {
      const latest = this.latestEvent();
      this.shownEvent = latest.id;
      this.control.show(latest.value);
    }
    for (const event of events) this.deliver(event, true);
  }

  askWaiting(records) {
    const title = WORDS.waitingTitle;
    const when = whenSaid(records.at(-1).event.at);
    const words = { title, text: WORDS.waiting(when), yes: WORDS.waitingMine, no: WORDS.waitingNotMine };
    const close = this.drawQuestion(words, (mine) => {
      close();
      if (mine) this.sendWaiting(records);
      else this.store.drop(records.map(({ id }) => id));
      this.control.focus();
    });
  }

  receive(message) {
    if (message.type === "stored") {
      this.pending.delete(message.id);
      this.store.drop([message.id]);
      if (this.late.has(message.id)) this.copy?.catchUp(); // it could not be saved while nobody answered
      this.restart.hidden = true;
      if (!this.pending.size) this.showStored();
    } else if (message.type === "erased-since") {
      this.store.drop([message.id]);
      if (!this.pending.delete(message.id)) return;
      this.section.removeAttribute("aria-busy");
      this.feedback.replaceChildren();
      this.shownEvent = this.state.valueEvent; // what was typed stays in front of the learner
      this.say(WORDS.erasedSince, "rk-late");
    } else if (message.type === "not-stored") {
      this.pending.delete(message.id);
      this.store.drop([message.id]);
      this.section.removeAttribute("aria-busy");
      this.feedback.replaceChildren();
      this.say(`⚠ ${message.reason}`, "rk-late");
    } else if (message.type === "foreign") {
      this.ask(message);
    } else if (message.type === "decided") {
      if (this.asking === message.origin) this.decided(message.accept); // in the card of another activity, or another tab
    } else if (message.type === "reconciled") {
      this.unheard = [];
      this.mirror();
    } else if (message.type === "erased") {
      this.pending.clear();
      this.store.clear(this.state.course);
      this.unheard = [];
      this.copy?.drop(() => true);
      this.copy?.save();
      this.control.show(null);
    }
  }

  /** Before anything else is answered here: are the other answers the learner's? */
  ask({ origin, count }) {
    if (this.asking) return;
    this.asking = origin;
    const { foreignTitle: title, foreignMine: yes, foreignNotMine: no } = WORDS;
    const close = this.drawQuestion({ title, text: WORDS.foreign(count), yes, no }, (accept) => {
      this.decided(accept);
      this.model.send({ type: "foreign", origin, accept });
      this.control.focus();
    });
    this.decided = (accept) => {
      this.asking = "";
      close();
      if (!accept) this.copy.drop((event) => event.origin === origin);
      this.mirror();
      this.copy.save();
    };
  }

  /** A question in the card, which holds everything else up; what takes it away again. */
  drawQuestion({ title, text, yes, no }, answer) {
    this.fieldset.disabled = this.submit.disabled = true;
    const box = element("div", { className: "rk-question", role: "group" });
    const heading = element("p", { id: `${this.name}-asked-${randomName()}` }, element("b", { textContent: title }));
    box.setAttribute("aria-labelledby", heading.id);
    const button = (className, textContent, accept) => {
      const node = element("button", { type: "button", className, textContent });
      node.addEventListener("click", () => answer(accept));
      return node;
    };
    const buttons = element("p", { className: "rk-buttons" }, button("rk-go", yes, true), button("rk-more", no, false));
    box.append(heading, ...paragraphs([text]), buttons);
    this.section.querySelector("header").after(box);
    return () => {
      box.remove();
      const isAsked = Boolean(this.section.querySelector(".rk-question"));
      this.fieldset.disabled = this.submit.disabled = isAsked;
    };
  }

  // --- what is said of saving

  showStored() {
    const { savedAt, savedKind, valueEvent } = this.state;
    if (!savedAt) return this.say("", "");
    if (this.late.has(valueEvent)) return this.say(WORDS.arrived(whenSaid(savedAt)), "");
    this.say((savedKind === "draft" ? WORDS.draftStored : WORDS.stored)(whenSaid(savedAt)), "");
  }

  sayUnconfirmed(event, inDocument, inBrowser) {
    this.late.add(event.id);
    this.section.removeAttribute("aria-busy");
    this.feedback.replaceChildren();
    this.feedbackKey = null;
    const canRestart = Boolean(this.el.closest("[data-reseau-kit]"));
    this.restart.hidden = !canRestart;
    const kept = canRestart ? WORDS.kept : `${WORDS.kept}. ${WORDS.keptHowTo}`;
    this.say(inDocument ? kept : inBrowser ? WORDS.inBrowser : WORDS.notKept, "rk-late");
  }

  say(text, tone) {
    const className = `rk-saved ${tone}`.trim();
    if (this.saved.textContent !== text) this.saved.textContent = text;
    if (this.saved.className !== className) this.saved.className = className;
  }
}

// --- notices ----------------------------------------------------------------------------------------------------------

/** A headline and what there is to say, with the file to download if there is one. */
function said({ title, paragraphs: texts, tone, download }) {
  const opening = element("p", {}, element("b", { textContent: title }));
  const box = element("div", { className: `rk-said rk-${tone}` }, opening, ...paragraphs(texts));
  if (!download) return box;
  const href = URL.createObjectURL(new Blob([download.content], { type: "application/json" }));
  const link = element("a", { className: "rk-go", href, download: download.name, textContent: WORDS.download });
  box.append(element("p", { className: "rk-buttons" }, link));
  return box;
}

function drawPanel(el, label, ...parts) {
  const section = element("section", { className: "rk" }, ...parts);
  section.setAttribute("aria-label", label);
  keepKeys(section);
  el.replaceChildren(section);
}

function drawNotice(model, el) {
  const face = model.get("face");
  drawPanel(el, face.title, element("div", { className: "rk-feedback", role: "status" }, said(face)));
}

/** Take one's answers along, bring them back, erase them: each by a button, erasing after a question. */
function drawAnswers(model, el) {
  const { title, question, asking, course } = model.get("face");
  const region = element("div", { className: "rk-feedback", role: "status" });
  const button = (text, className, onclick) => {
    const node = element("button", { type: "button", className, textContent: text });
    node.addEventListener("click", onclick);
    return node;
  };
  const file = element("input", { type: "file", accept: ".json", hidden: true });
  file.addEventListener("change", async () => {
    const [chosen] = file.files;
    if (chosen) model.send({ type: "bring-back", name: chosen.name, content: await chosen.text() });
    file.value = ""; // so that the same file can be chosen again
  });
  const ask = () => {
    const no = button(WORDS.keep, "rk-more", () => (tell(KEPT_ALL), eraser.focus()));
    const yes = button(WORDS.erase, "rk-go", () => model.send({ type: "erase" }));
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
  const eraser = button(WORDS.eraseAll, "rk-more", () => ask().focus());
  const footer = element(
    "footer",
    {},
    button(WORDS.takeAlong, "rk-go", () => model.send({ type: "take-along" })),
    button(WORDS.bringBack, "rk-more", () => file.click()),
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
    region.querySelector("a[download]")?.click();
  };
  model.on("change:state", update);
  drawPanel(el, title, region, footer);
  if (asking) ask();
  return () => model.off("change:state", update);
}

/** A page of the course made from the answers: sections of lines, and the files that hold the same. */
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
  const header = element("header", {}, element("span", { textContent: title }));
  const page = element("section", { className: "rk" }, header, body, ...footer);
  page.setAttribute("aria-label", title);
  keepKeys(page);
  el.replaceChildren(page);
  return () => urls.forEach((url) => URL.revokeObjectURL(url));
}

export default {
  render({ model, el }) {
    const { kind } = model.get("face");
    if (kind === "activity") return new ActivityView(model, el).start();
    if (kind === "page") return drawPage(model, el);
    return kind === "answers" ? drawAnswers(model, el) : drawNotice(model, el);
  },
};
