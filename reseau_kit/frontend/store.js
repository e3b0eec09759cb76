// The browser's own store (IndexedDB): what was answered and is not in the journal yet stays here until it is, whatever
// becomes of the page. It knows no Jupyter and no panel: a place is a lasting name of the folder whose answers these
// are, a course one of the course around it, a card what was answered in, an event what the journal holds. These are
// somebody's words, maybe on a shared computer: once confirmed or erased they go, and to nobody else's journal ever.

const PATIENCE = 4000; // ms: a store that is locked, or broken, may never answer

/**
 * @typedef {object} AnswerEvent what the journal holds of something done
 * @property {number} v the form that events have
 * @property {string} id
 * @property {string} origin whose answers these are
 * @property {number} seq one above all that came before
 * @property {string} activity
 * @property {number} version
 * @property {string} kind « draft » or « attempt »
 * @property {any} value
 * @property {string} at
 * @property {Record<string, any>} context the decisions that the answer is judged against
 */

/**
 * @typedef {object} Waiting an event in the store, with where it is from
 * @property {string} id
 * @property {string} place
 * @property {string} course
 * @property {string} card
 * @property {AnswerEvent} event
 */

export class BrowserStore {
  /** The store of this page, the same for all panels: a front end evaluates this module again for each of them. */
  static get ofThisPage() {
    return (globalThis[Symbol.for("reseau-kit:store")] ??= new BrowserStore("reseau-kit"));
  }

  constructor(name) {
    this.name = name;
  }

  /**
   * Keep an event until it is dropped, in place of earlier drafts of the same activity. Whether it is surely there: it
   * has been read back.
   *
   * @param {{ place: string, course: string, card: string }} where
   * @param {AnswerEvent} event
   */
  async keep({ place, course, card }, event) {
    try {
      await this.run("readwrite", (kept) => {
        const others = kept.index("place").getAll(place);
        others.onsuccess = () => {
          others.result.filter((other) => outdates(event, other.event)).forEach(({ id }) => kept.delete(id));
        };
        kept.put({ id: event.id, place, course, card, event });
      });
      const back = await this.run("readonly", (kept) => kept.get(event.id));
      return JSON.stringify(back?.event) === JSON.stringify(event);
    } catch {
      return false;
    }
  }

  /**
   * What waits for the journal of `origin` in that place, in order: `mine` is surely its learner's, `unsure` may be.
   * What the journal refuses was erased: it is dropped. Whatever belongs to others stays, and is not told.
   *
   * @param {{ place: string, origin: string, refused: string[] }} whose
   */
  async waiting({ place, origin, refused }) {
    /** @type {{ mine: Waiting[], unsure: Waiting[] }} */
    const found = { mine: [], unsure: [] };
    try {
      const records = (await this.run("readonly", (kept) => kept.getAll())).sort(inOrder);
      const gone = records.filter(({ event }) => refused.includes(event.origin));
      if (gone.length) await this.drop(gone.map(({ id }) => id));
      for (const record of records.filter((one) => !gone.includes(one))) {
        if (origin && record.event.origin === origin) found.mine.push(record);
        // Answered here before there was a journal, or before it was lost. Where one was erased since, who knows.
        else if (record.place === place) (refused.length ? found.unsure : found.mine).push(record);
      }
    } catch {
      // No store: nothing waits.
    }
    return found;
  }

  /** @param {string[]} ids */
  async drop(ids) {
    await this.run("readwrite", (kept) => ids.forEach((id) => kept.delete(id))).catch(() => {});
  }

  /**
   * Drop all that was answered in a course.
   *
   * @param {string} course
   */
  async clear(course) {
    const forget = (kept) => {
      const all = kept.getAll();
      all.onsuccess = () => {
        all.result.filter((record) => record.course === course).forEach(({ id }) => kept.delete(id));
      };
    };
    await this.run("readwrite", forget).catch(() => {});
  }

  // --- IndexedDB

  /**
   * One transaction, which is on the disk when the promise holds; it gives what `act` asked for, if anything.
   *
   * @param {IDBTransactionMode} mode
   * @param {(kept: IDBObjectStore) => any} act
   * @returns {Promise<any>}
   */
  async run(mode, act) {
    const database = await this.open();
    const done = new Promise((resolve, reject) => {
      const transaction = database.transaction("kept", mode, { durability: "strict" });
      const asked = act(transaction.objectStore("kept"));
      transaction.oncomplete = () => resolve(asked?.result);
      transaction.onabort = transaction.onerror = () => reject(transaction.error);
    });
    return soon(done);
  }

  open() {
    this.opening ??= soon(
      new Promise((resolve, reject) => {
        const request = indexedDB.open(this.name, 1);
        request.onupgradeneeded = () => {
          request.result.createObjectStore("kept", { keyPath: "id" }).createIndex("place", "place");
        };
        request.onsuccess = () => resolve(request.result);
        request.onerror = request.onblocked = () => reject(request.error);
      }).then((database) => {
        const forget = () => (this.opening = null);
        // Another tab has a later version of this file, or the browser has cleared the store.
        database.onversionchange = () => (database.close(), forget());
        database.onclose = forget;
        return database;
      }),
    ).catch((error) => {
      this.opening = null;
      throw error;
    });
    return this.opening;
  }
}

/**
 * A promise that fails where another one neither holds nor fails.
 *
 * @template Held
 * @param {Promise<Held>} promise
 * @returns {Promise<Held>}
 */
function soon(promise) {
  const late = new Promise((_, reject) => {
    setTimeout(() => reject(new Error("the browser's store is silent")), PATIENCE);
  });
  return Promise.race([promise, late]);
}

/**
 * @param {AnswerEvent} event
 * @param {AnswerEvent} other
 */
function outdates(event, other) {
  const isOfTheSame = other.activity === event.activity && other.origin === event.origin;
  return isOfTheSame && other.kind === "draft" && other.seq < event.seq;
}

/**
 * The order of the journal: the sequence, then the moment, then the name.
 *
 * @param {{ event: AnswerEvent }} one
 * @param {{ event: AnswerEvent }} other
 */
function inOrder({ event: a }, { event: b }) {
  const [first, second] = [a, b].map(({ at, id }) => `${at} ${id}`);
  return a.seq - b.seq || (first < second ? -1 : Number(first > second));
}
