// Reads a map's contacts from the model: where each is, its group, its links, its name once it is known.

import { MAP_WORDS } from "./map_words.js";

/** @import { PanelModel } from "./host.js" */

const APART = 128; // in the model's bytes, added to the group of who is apart
export const OTHERS = 0;
export const ASIDE = -1; // what a focus on those apart is called
export const SMALL = 400; // below so many contacts, labels stand above their groups

/**
 * A text as one searches it: without accents, capitals and the ways to write an apostrophe.
 *
 * @param {string} text
 */
export function plain(text) {
  const bare = text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();
  return bare.replace(/œ/g, "oe").replace(/æ/g, "ae").replace(/[’‘ʼ]/g, "'").replace(/\s+/g, " ");
}

/**
 * @template Numbers
 * @param {DataView} view
 * @param {new (buffer: ArrayBufferLike) => Numbers} Type
 */
function numbers(view, Type) {
  return new Type(view.buffer.slice(view.byteOffset, view.byteOffset + view.byteLength));
}

/** What the model holds, as the page uses it: contacts by their rows, links both ways. */
export class Contacts {
  /** @param {PanelModel} model */
  constructor(model) {
    this.places = numbers(model.get("places"), Float32Array);
    const codes = numbers(model.get("groups"), Uint8Array);
    this.links = numbers(model.get("links"), Uint32Array);
    this.count = codes.length;
    this.apart = codes.map((code) => (code & APART ? 1 : 0));
    this.group = codes.map((code) => code & (APART - 1));
    this.degree = new Uint32Array(this.count);
    for (const row of this.links) this.degree[row] += 1;
    this.starts = new Uint32Array(this.count + 1);
    for (let row = 0; row < this.count; row += 1) this.starts[row + 1] = this.starts[row] + this.degree[row];
    const next = this.starts.slice();
    this.others = new Uint32Array(this.links.length);
    for (let at = 0; at < this.links.length; at += 2) {
      const [one, other] = [this.links[at], this.links[at + 1]];
      this.others[next[one]++] = other;
      this.others[next[other]++] = one;
    }
    /** @type {string[] | null} */
    this.names = null;
    /** @type {[label: string, values: string[]][]} */
    this.facts = [];
    this.forget();
    if (this.count < SMALL) this.lower();
  }

  /** Room for the labels of a small map between it and those apart, who are below. */
  lower() {
    const high = this.places.filter((_, at) => at % 2);
    const room = 0.13 * (Math.max(...high) - Math.min(...high));
    for (let row = 0; row < this.count; row += 1) if (this.apart[row]) this.places[2 * row + 1] -= room;
  }

  /** @param {number} row */
  neighbours(row) {
    return this.others.subarray(this.starts[row], this.starts[row + 1]);
  }

  /** @param {number} row */
  label(row) {
    return this.names?.[row] ?? MAP_WORDS.nobody(row + 1);
  }

  /**
   * What of the map a contact is in: a group's number, or apart.
   *
   * @param {number} row
   */
  part(row) {
    return this.apart[row] ? ASIDE : this.group[row];
  }

  forget() {
    /** @type {string[] | null} */
    this.keys = null;
  }

  /**
   * What is searched of a contact: the name, the facts, the group.
   *
   * @param {number} row
   * @param {(part: number) => string} groupLabel
   */
  key(row, groupLabel) {
    this.keys ??= new Array(this.count);
    return (this.keys[row] ??= plain(
      [this.label(row), ...this.facts.map(([, values]) => values[row]), groupLabel(this.part(row))].join(" · "),
    ));
  }
}
