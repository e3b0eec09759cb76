// Draws what `ActivityPanel` describes, keeps what the learner does, and says only what is true of it.
//
// An answer goes three ways at once: to the kernel, which writes the journal and confirms, to the notebook's own
// metadata, which holds when the kernel does not answer, and to the browser's store until the kernel has confirmed,
// which holds when the server does not answer either. Nothing here knows what is right.

import { element, paragraphs, randomName, same, tableOf } from "./elements.js";
import { drawFrame } from "./frame.js";
import { BrowserStore } from "./store.js";
import { DocumentCopy, ERASED } from "./document.js";
import { WORDS } from "./words.js";
import { CONTROLS } from "./controls.js";

/** @import { PanelModel, PanelModule } from "./host.js" */
/** @import { AnswerEvent } from "./store.js" */

const TYPING_PAUSE = 700; // ms after the last key before a draft is kept
const RETURN_FOCUS = "data-rk-return-focus"; // on a cell whose activity is about to be drawn anew
const KERNEL_PATIENCE = 3000; // ms before saying that the kernel has not confirmed

function whenSaid(at) {
  const then = new Date(at);
  const hour = `à ${then.getHours()} h ${String(then.getMinutes()).padStart(2, "0")}`;
  if (then.toDateString() === new Date().toDateString()) return hour;
  return `le ${then.toLocaleDateString("fr-FR", { day: "numeric", month: "long" })} ${hour}`;
}

class ActivityView {
  /**
   * @param {PanelModel} model
   * @param {HTMLElement} el
   */
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
    this.newOrigin = null; // the name of this learner's answers, before the kernel has told one
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
    this.fieldset.addEventListener("focusout", ({ relatedTarget }) => {
      const isInside = relatedTarget instanceof Node && this.section.contains(relatedTarget);
      if (!isInside) this.flushDraft();
    });

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
    const hadFocus = this.el.contains(document.activeElement);
    this.section = drawFrame(
      this.el,
      { label: `Activité ${face.id}`, title: face.position, beside: [this.attempt] },
      this.fieldset,
      this.hint,
      this.feedback,
      element("footer", {}, this.submit, this.hintButton, this.restart, this.saved),
    );
    this.section.dataset.activity = face.id;
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

  /**
   * Tell the kernel of an event, and the learner of what holds it where the kernel does not confirm.
   *
   * @param {AnswerEvent} event
   * @param {Promise<boolean> | boolean} keptInBrowser
   */
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

/** @type {PanelModule} */
export default {
  render({ model, el }) {
    return new ActivityView(model, el).start();
  },
};
