// The drawing of a map: sigma, colours, labels and the camera. It knows nothing of the page around it but what is chosen.

import { button, element } from "./elements.js";
import { ASIDE, OTHERS, SMALL } from "./map_contacts.js";
import { DotProgram, HairProgram, curveProgram } from "./map_programs.js";
import { MAP_WORDS } from "./map_words.js";

/** @import { MapView } from "./map.js" */
/** @import { Contacts } from "./map_contacts.js" */

const { Sigma, Graph } = vendoredSigma;

const ME = "vous";
const WITH_NAMES = 60; // up to so many contacts, their names are drawn without zooming in
const NARROW = 480; // pixels
const MANY_LINKS = 4_000; // drawn of fewer pieces each
const RESTING_LINKS = 1_000; // fewer are never left out while the map moves
const HAIR_LINKS = 12_000; // above so many, links are one pixel wide
const SLOW_FRAME = 70; // ms
const LATE_FRAMES = 2; // in a row
const A_PAUSE = 4000; // ms: nobody moved the map

/**
 * A colour of the page as red, green and blue, however it is written: the browser itself is asked.
 *
 * @param {string} color
 */
function rgb(color) {
  const canvas = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
  canvas.fillStyle = color;
  canvas.fillRect(0, 0, 1, 1);
  return [...canvas.getImageData(0, 0, 1, 1).data].slice(0, 3);
}

/**
 * Opaque: `share` of a colour, the rest of another. A thousand pale links do not make a blot.
 *
 * @param {number[]} color
 * @param {number[]} other
 * @param {number} share
 */
function mixed(color, other, share) {
  return `#${color
    .map((part, at) =>
      Math.round(part * share + other[at] * (1 - share))
        .toString(16)
        .padStart(2, "0"),
    )
    .join("")}`;
}

/**
 * @typedef {object} Label what stands on the map: the name of the learner, of a group, or of those apart
 * @property {HTMLElement} node
 * @property {number} x where it belongs, in the map's own measure
 * @property {number} y
 * @property {number} [part] the group
 * @property {number} [right] to which side of that place it stands, from -1 to 1
 * @property {number} [up]
 * @property {boolean} [below]
 * @property {boolean} [left] whether it begins there, rather than stands in the middle
 * @property {number} [width] in pixels
 * @property {number} [height]
 */

/** The drawing, in an element of the page. */
export class Stage {
  /**
   * @param {HTMLElement} node
   * @param {Contacts} contacts
   * @param {Record<string, any>} face
   * @param {MapView} view what is chosen, and who is told of a click
   */
  constructor(node, contacts, face, view) {
    this.node = node;
    this.contacts = contacts;
    this.face = face;
    this.view = view;
    this.still = matchMedia("(prefers-reduced-motion: reduce)");
    this.labels = element("div", { className: "rk-labels" });
    this.halos = element("canvas", { className: "rk-halos" });
    for (const layer of [this.halos, this.labels]) layer.setAttribute("aria-hidden", "true");
    node.append(this.halos, this.labels);
    // A container without a size, as in a hidden tab, cannot be drawn in: wait until it has one.
    this.sizes = new ResizeObserver(() => this.resized());
    this.sizes.observe(node);
    this.themes = new MutationObserver(() => this.recolour());
    for (let up = node; up; up = up.parentElement) {
      if (up === document.body || up.dataset.jpThemeLight) {
        this.themes.observe(up, { attributes: true, attributeFilter: ["data-jp-theme-light", "data-jp-theme-name"] });
      }
    }
  }

  static canDraw() {
    const canvas = document.createElement("canvas");
    const context = canvas.getContext("webgl2") ?? canvas.getContext("webgl");
    context?.getExtension("WEBGL_lose_context")?.loseContext();
    return Boolean(context);
  }

  resized() {
    const { clientWidth: width, clientHeight: height } = this.node;
    if (!width || !height) return;
    if (!this.sigma) {
      if (!this.ended) this.start();
      return;
    }
    this.scale = this.scaleFor(width, height);
    this.sigma.resize(true);
    this.setBox();
    this.namelabels();
    this.sigma.refresh({ skipIndexation: true });
  }

  /** What is to be seen of the network's plane: labels stand around a small map, and need room. */
  setBox() {
    const [left, right, low, high] = this.bounds;
    const isSmall = this.contacts.count < SMALL;
    const wide = isSmall ? (right - left) * Math.min(0.13, 75 / this.node.clientWidth) : 0;
    const tall = isSmall ? (high - low) * Math.min(0.2, 26 / this.node.clientHeight) : 0;
    const below = this.face.apart ? 0 : tall;
    this.sigma.setCustomBBox({ x: [left - wide, right + wide], y: [low - below, high + tall] });
  }

  scaleFor(width, height) {
    return Math.min(1.25, Math.max(0.75, Math.min(width / 640, height / 440)));
  }

  start() {
    const { contacts, face } = this;
    this.scale = this.scaleFor(this.node.clientWidth, this.node.clientHeight);
    this.font = getComputedStyle(this.node).fontFamily;
    this.taken = []; // places on the stage where no name is written
    this.readColours();
    this.measure();
    const many = face.star ? contacts.count : contacts.links.length / 2;
    const settings = {
      allowInvalidContainer: true,
      defaultNodeType: "dot",
      nodeProgramClasses: { dot: DotProgram },
      nodeHoverProgramClasses: { dot: DotProgram },
      defaultEdgeType: many > HAIR_LINKS ? "hair" : "curve",
      edgeProgramClasses: { curve: curveProgram(many > MANY_LINKS ? 8 : 14), hair: HairProgram },
      minEdgeThickness: 0.8,
      enableCameraRotation: false,
      minCameraRatio: 0.02,
      maxCameraRatio: 1.5,
      stagePadding: this.node.clientWidth < NARROW ? 10 : 22,
      zIndex: true,
      labelFont: this.font,
      labelSize: 12,
      labelDensity: 0.8,
      labelGridCellSize: 90,
      defaultDrawNodeLabel: (context, data) => this.drawName(context, data),
      defaultDrawNodeHover: (context, data) => this.drawHover(context, data),
      nodeReducer: (id, data) => this.dressNode(id, data),
      edgeReducer: (id, data) => this.dressLink(id, data),
      ...this.nameSettings(),
    };
    this.sigma = new Sigma(this.graph(), this.node, settings);
    this.node.append(this.labels); // above the layers that sigma has just added
    this.setBox();
    // To know what is under the mouse the drawing must be waited for: while the map is dragged, nobody asks.
    const found = this.sigma.getNodeAtPosition.bind(this.sigma);
    const mouse = this.sigma.getMouseCaptor();
    this.sigma.getNodeAtPosition = (place) => (mouse.isMouseDown && mouse.draggedEvents > 2 ? null : found(place));
    // Before names are drawn, which leave the labels' places free.
    this.sigma.on("beforeRender", () => {
      this.drawHalos();
      this.placeLabels();
    });
    this.sigma.on("afterRender", () => this.keepUp());
    this.sigma.on("clickNode", ({ node }) => node !== ME && this.view.choose(Number(node), "map"));
    this.sigma.on("clickStage", () => this.view.unchoose());
    this.sigma.on("enterNode", () => (this.node.style.cursor = "pointer"));
    this.sigma.on("leaveNode", () => (this.node.style.cursor = ""));
    for (const canvas of this.node.querySelectorAll("canvas")) {
      canvas.addEventListener("webglcontextlost", () => this.lose());
    }
    this.namelabels();
    this.sigma.refresh();
    this.node.dataset.drawn = "";
  }

  /** Where links cannot be drawn as fast as the map moves (no graphics card), they come back when it rests. */
  keepUp() {
    this.node.dataset.zoom = String(Math.round(100 / this.sigma.getCamera().ratio));
    const now = performance.now();
    const took = now - this.drawnAt;
    const moved = this.moving;
    this.drawnAt = now;
    const mouse = this.sigma.getMouseCaptor();
    this.moving = this.sigma.getCamera().isAnimated() || mouse.isMoving || mouse.draggedEvents > 0;
    if (!moved || this.sigma.getSetting("hideEdgesOnMove") || this.contacts.links.length < 2 * RESTING_LINKS) return;
    this.late = took > SLOW_FRAME && took < A_PAUSE ? (this.late ?? 0) + 1 : 0;
    if (this.late >= LATE_FRAMES) this.sigma.setSetting("hideEdgesOnMove", true);
  }

  /** A browser keeps only so many drawings: when it gives this one up, say so, and draw again when asked. */
  lose() {
    if (!this.sigma) return;
    this.sigma.kill();
    this.sigma = null;
    this.ended = true;
    delete this.node.dataset.drawn;
    const again = button(MAP_WORDS.again, "rk-go", () => {
      box.remove();
      this.ended = false;
      this.start();
      this.node.focus();
    });
    const box = element("div", { className: "rk-lost" }, element("p", { textContent: MAP_WORDS.lost }), again);
    this.node.append(box);
  }

  end() {
    this.ended = true;
    this.sizes.disconnect();
    this.themes.disconnect();
    this.sigma?.kill();
    this.sigma = null;
  }

  /** How large dots and links are, as in the still picture: many contacts are small. */
  measure() {
    const { count, degree, apart } = this.contacts;
    const area = Math.min(64, Math.max(7, 26_000 / count));
    const middle = [...degree].sort((a, b) => a - b)[count >> 1] + 1;
    this.radius = Float32Array.from(
      degree,
      (links, row) =>
        Math.sqrt(apart[row] ? area * 0.8 : Math.min(2.5, 0.55 + 0.45 * Math.sqrt((links + 1) / middle)) * area) * 0.58,
    );
    this.usual = Math.sqrt(area) * 0.58;
  }

  /** The network as sigma wants it, links between groups first, under those within. */
  graph() {
    const { contacts, face } = this;
    const { places, group, apart, links, count } = contacts;
    const graph = new Graph({ type: "undirected", multi: false });
    graph.addNode(ME, { x: 0, y: 0 });
    let [left, right, low, high] = [-0.2, 0.2, -0.2, 0.2];
    for (let row = 0; row < count; row += 1) {
      const [x, y] = [places[2 * row], places[2 * row + 1]];
      [left, right, low, high] = [Math.min(left, x), Math.max(right, x), Math.min(low, y), Math.max(high, y)];
      graph.addNode(String(row), { x, y });
    }
    this.bounds = [left, right, low, high];
    const bend = (from, to, control) => {
      const [x, y] = [to[0] - from[0], to[1] - from[1]];
      const [u, v] = [control[0] - from[0], control[1] - from[1]];
      const far = x * x + y * y || 1e-9;
      return { along: (u * x + v * y) / far, aside: (v * x - u * y) / far };
    };
    const at = (row) => [places[2 * row], places[2 * row + 1]];
    if (face.star) {
      const middles = new Map();
      for (let row = 0; row < count; row += 1) {
        if (apart[row]) continue;
        const sum = middles.get(group[row]) ?? middles.set(group[row], [0, 0, 0]).get(group[row]);
        sum[0] += places[2 * row];
        sum[1] += places[2 * row + 1];
        sum[2] += 1;
      }
      for (let row = 0; row < count; row += 1) {
        if (apart[row]) continue;
        const [x, y, all] = middles.get(group[row]);
        const control = [(x / all) * 0.75, (y / all) * 0.75];
        graph.addEdgeWithKey(String(row), ME, String(row), { ...bend([0, 0], at(row), control), inside: group[row] });
      }
      return graph;
    }
    for (const inside of [false, true]) {
      for (let place = 0; place < links.length; place += 2) {
        const [one, other] = [links[place], links[place + 1]];
        if ((group[one] === group[other]) !== inside) continue;
        const [from, to] = [at(one), at(other)];
        // Links between groups pass nearer the middle, where they can be told from those within.
        const near = inside ? 1 : 0.82;
        const control = [
          near * ((from[0] + to[0]) / 2 - 0.16 * (to[1] - from[1])),
          near * ((from[1] + to[1]) / 2 + 0.16 * (to[0] - from[0])),
        ];
        const attributes = { ...bend(from, to, control), inside: inside ? group[one] : OTHERS, one, other };
        graph.addEdgeWithKey(String(place / 2), String(one), String(other), attributes);
      }
    }
    return graph;
  }

  // --- colours

  readColours() {
    const style = getComputedStyle(this.node);
    this.paper = rgb(style.backgroundColor);
    this.ink = rgb(style.color);
    const dark = this.paper[0] + this.paper[1] + this.paper[2] < 384;
    const palette = this.face.colours[dark ? "dark" : "light"].map(rgb);
    const many = this.face.star ? this.contacts.count : this.contacts.links.length / 2;
    const faint = Math.min(1, Math.max(many > HAIR_LINKS ? 0.4 : 0.55, 30 / Math.sqrt(many + 1)));
    this.thin = Math.min(1.5, Math.max(0.8, 30 / Math.sqrt(many + 1)));
    const black = [0, 0, 0];
    this.tone = {
      dot: palette.map((color) => mixed(color, color, 1)),
      // Darker than the dot on white, where yellow would vanish; the dark page's own shade in the dark.
      edge: palette.map((color) => mixed(color, dark ? this.paper : black, dark ? 0.35 : 0.6)),
      pale: palette.map((color) => mixed(color, this.paper, dark ? 0.26 : 0.22)),
      paleEdge: palette.map((color) => mixed(color, this.paper, dark ? 0.32 : 0.34)),
      link: palette.map((color, group) => mixed(color, this.paper, (group === OTHERS ? 0.52 : 0.48) * faint)),
      paleLink: palette.map((color) => mixed(color, this.paper, 0.08)),
      strong: palette.map((color) => mixed(color, this.paper, 0.85)),
      ink: mixed(this.ink, this.ink, 1),
      paper: mixed(this.paper, this.paper, 1),
    };
  }

  recolour() {
    if (!this.sigma) return;
    this.readColours();
    this.sigma.refresh({ skipIndexation: true });
  }

  dressNode(id, { x, y }) {
    const { tone, scale, contacts, view } = this;
    if (id === ME) return { x, y, size: 10 * scale, color: tone.ink, borderColor: tone.paper, label: null, zIndex: 3 };
    const row = Number(id);
    const color = contacts.group[row];
    const lit = view.isLit(row);
    const size = this.radius[row] * scale * (row === view.chosen ? 1.5 : 1);
    return {
      x,
      y,
      size,
      color: (lit ? tone.dot : tone.pale)[color],
      borderColor: row === view.chosen ? tone.ink : (lit ? tone.edge : tone.paleEdge)[color],
      label: (contacts.names && lit) || row === view.chosen ? contacts.label(row) : "",
      forceLabel: view.chosen !== null && lit && (row === view.chosen || (contacts.names && view.litCount <= 25)),
      zIndex: row === view.chosen ? 2 : lit ? 1 : 0,
    };
  }

  dressLink(id, { along, aside, inside, one, other }) {
    const { tone, view } = this;
    const [color, size] = [inside, this.thin * this.scale];
    if (view.chosen !== null) {
      const mine = this.face.star ? Number(id) === view.chosen : one === view.chosen || other === view.chosen;
      if (!mine) return { along, aside, size, color: tone.paleLink[color], zIndex: 0 };
      const far = one === view.chosen ? other : one;
      const shade = tone.strong[this.face.star ? color : this.contacts.group[far]];
      return { type: "curve", along, aside, size: Math.max(1, 2.2 * size), color: shade, zIndex: 1 };
    }
    if (view.focus === null) return { along, aside, size, color: tone.link[color], zIndex: 0 };
    const lit = this.face.star ? view.isLit(Number(id)) : view.isLit(one) && view.isLit(other);
    return { along, aside, size, color: (lit ? tone.link : tone.paleLink)[color], zIndex: lit ? 1 : 0 };
  }

  // --- names and labels

  nameSettings() {
    const { names, count } = this.contacts;
    const threshold = count <= WITH_NAMES ? 0 : this.usual * 1.75;
    // Without names, a contact's number is told where it is pointed at or chosen, and nowhere else.
    return { labelRenderedSizeThreshold: names ? threshold : 1e9 };
  }

  renamed() {
    if (!this.sigma) return;
    this.sigma.setSettings(this.nameSettings());
    this.namelabels();
    this.sigma.refresh({ skipIndexation: true });
  }

  drawName(context, { key, label, x, y, size }) {
    const { clientWidth: wide, clientHeight: high } = this.node;
    if (!label || x < 0 || y < 0 || x > wide || y > high) return;
    context.font = `500 12px ${this.font}`;
    const half = context.measureText(label).width / 2 + 2;
    const middle = Math.max(half, Math.min(x, wide - half)); // whole, where its dot is at the edge
    const box = [middle - half, y - size - 17, middle + half, y - size - 1];
    if (!this.isFree(box) && Number(key) !== this.view.chosen) return;
    this.taken.push(box);
    context.textAlign = "center";
    context.lineJoin = "round";
    context.lineWidth = 3.5;
    context.strokeStyle = this.tone.paper;
    context.fillStyle = this.tone.ink;
    context.strokeText(label, middle, y - size - 4);
    context.fillText(label, middle, y - size - 4);
    context.textAlign = "left";
  }

  drawHover(context, { key, x, y, size, color }) {
    context.beginPath();
    context.arc(x, y, size + 3, 0, 2 * Math.PI);
    context.lineWidth = 2;
    context.strokeStyle = this.tone.ink;
    context.stroke();
    if (key === ME) return;
    const label = this.contacts.label(Number(key));
    context.font = `600 13px ${this.font}`;
    const width = context.measureText(label).width + 34;
    const stage = this.node.clientWidth;
    const left = Math.min(Math.max(6, x - width / 2), Math.max(6, stage - width - 6));
    const top = y - size - 38 < 4 ? y + size + 10 : y - size - 38;
    context.beginPath();
    context.roundRect(left, top, width, 28, 14);
    context.fillStyle = this.tone.ink;
    context.fill();
    context.beginPath();
    context.arc(left + 15, top + 14, 5, 0, 2 * Math.PI);
    context.fillStyle = color;
    context.fill();
    context.lineWidth = 1.5;
    context.strokeStyle = this.tone.paper;
    context.stroke();
    context.fillStyle = this.tone.paper;
    context.fillText(label, left + 25, top + 18.5);
  }

  /** The learner, each group and those apart have their names on the map, made once and then moved. */
  namelabels() {
    const { contacts, face, view } = this;
    const { places, count } = contacts;
    const rows = new Map();
    for (let row = 0; row < count; row += 1) {
      const part = contacts.part(row);
      (rows.get(part) ?? rows.set(part, []).get(part)).push(row);
    }
    this.halo = [];
    const median = (list, axis) => list.map((row) => places[2 * row + axis]).sort((a, b) => a - b)[list.length >> 1];
    const label = (className, text, x, y) => ({ x, y, node: element("span", { className, textContent: text }) });
    /** @type {Label[]} */
    this.placed = [{ ...label("rk-me", face.learner, 0, 0), below: true }];
    const largest = Math.max(...view.groups.map((group) => group.size), 1);
    for (const group of view.groups) {
      const members = rows.get(group.number) ?? [];
      if (!members.length) continue;
      const middle = [median(members, 0), median(members, 1)];
      const away = members.map((row) => Math.hypot(places[2 * row] - middle[0], places[2 * row + 1] - middle[1]));
      const reach = away.sort((a, b) => a - b)[Math.floor(0.9 * (away.length - 1))];
      this.halo.push({ part: group.number, x: middle[0], y: middle[1], reach: reach * 1.5 });
      /** @type {Label} */
      const one = label("rk-group-label", view.groupLabel(group.number), ...middle);
      if (count < SMALL) {
        // On the group's outer side, where only the page is.
        const far = Math.hypot(...middle) || 1;
        const [right, up] = [middle[0] / far, middle[1] / far];
        const edge = Math.max(...members.map((row) => places[2 * row] * right + places[2 * row + 1] * up));
        Object.assign(one, { x: right * edge, y: up * edge, right, up });
      }
      one.node.style.fontSize = `${(12 + 4 * Math.sqrt(group.size / largest)) * Math.max(0.75, Math.min(1.1, this.scale))}px`;
      one.node.style.maxWidth = `${Math.max(90, 0.34 * this.node.clientWidth)}px`;
      this.placed.push({ ...one, part: group.number });
    }
    const aside = rows.get(ASIDE);
    if (aside) {
      const low = Math.min(-0.5, ...places.filter((_, at) => at % 2 === 0 && !contacts.apart[at >> 1]));
      const top = aside.reduce((found, row) => Math.max(found, places[2 * row + 1]), -Infinity);
      const why = face.star ? MAP_WORDS.apartStar : MAP_WORDS.apartLinked;
      const text = (this.node.clientWidth < NARROW ? MAP_WORDS.apartBriefly : why)(aside.length);
      this.placed.push({ ...label("rk-apart-label", text, Math.min(low, places[2 * aside[0]]), top), left: true });
    }
    this.labels.replaceChildren(...this.placed.map(({ node }) => node));
    for (const one of this.placed) [one.width, one.height] = [one.node.offsetWidth, one.node.offsetHeight];
  }

  /** Where on the stage a place of the map is about to be drawn: sigma itself knows only where it was last. */
  seen({ x, y }) {
    return this.sigma.graphToViewport({ x, y }, { cameraState: this.sigma.getCamera().getState() });
  }

  /** A soft light under each group, so that it reads as one even from afar. */
  drawHalos() {
    const { halos, node, sigma, tone } = this;
    if (!sigma || !this.halo) return;
    const isPlain = this.view.chosen === null; // a contact's links are not to be looked for in a light
    const sharp = Math.min(devicePixelRatio || 1, 2);
    const [width, height] = [Math.round(node.clientWidth * sharp), Math.round(node.clientHeight * sharp)];
    if (halos.width !== width || halos.height !== height) Object.assign(halos, { width, height });
    const context = halos.getContext("2d");
    context.setTransform(sharp, 0, 0, sharp, 0, 0);
    context.clearRect(0, 0, node.clientWidth, node.clientHeight);
    for (const { part, x, y, reach } of isPlain ? this.halo : []) {
      if (!this.view.isPartLit(part)) continue;
      const at = this.seen({ x, y });
      const edge = this.seen({ x: x + reach, y });
      const radius = Math.max(30, Math.hypot(edge.x - at.x, edge.y - at.y));
      if (
        at.x + radius < 0 ||
        at.y + radius < 0 ||
        at.x - radius > node.clientWidth ||
        at.y - radius > node.clientHeight
      )
        continue;
      const light = context.createRadialGradient(at.x, at.y, 0, at.x, at.y, radius);
      light.addColorStop(0, `${tone.dot[part]}2e`);
      light.addColorStop(0.55, `${tone.dot[part]}20`);
      light.addColorStop(1, `${tone.dot[part]}00`);
      context.fillStyle = light;
      context.fillRect(at.x - radius, at.y - radius, 2 * radius, 2 * radius);
    }
  }

  isFree(box) {
    return this.taken.every((one) => box[0] > one[2] || box[2] < one[0] || box[1] > one[3] || box[3] < one[1]);
  }

  placeLabels() {
    if (!this.sigma || !this.placed) return;
    const { ratio } = this.sigma.getCamera();
    const { clientWidth: wide, clientHeight: high } = this.node;
    this.taken = [];
    const me = this.seen({ x: 0, y: 0 });
    this.taken.push([me.x - 10, me.y - 10, me.x + 10, me.y + 10]);
    for (const one of this.placed) {
      const { x, y } = this.seen(one);
      one.node.hidden = x < 0 || x > wide || y < 0 || y > high;
      if (one.node.hidden) continue;
      const half = one.width / 2;
      let left = one.left ? x - 6 : one.right === undefined ? x - half : x - half + one.right * (half + 12);
      left = Math.max(4, Math.min(left, wide - one.width - 4));
      let base = y - one.height / 2;
      if (one.below) base = y + 13 * this.scale;
      if (one.left) base = y - one.height - 9;
      if (one.up !== undefined) base -= one.up * (one.height / 2 + 12);
      base = Math.max(3, Math.min(base, high - one.height - 3));
      let top = base;
      for (const move of one.part ? [0, 14, -14, 26, -26, 38, -38, 50, -50] : [0]) {
        top = base - move;
        if (this.isFree([left, top, left + one.width, top + one.height])) break;
      }
      this.taken.push([left, top, left + one.width, top + one.height]);
      const pale = one.part !== undefined && !this.view.isPartLit(one.part);
      one.node.style.transform = `translate(${Math.round(left)}px, ${Math.round(top)}px)`;
      one.node.style.opacity = String(pale ? 0.3 : ratio < 0.3 && this.contacts.names && one.part ? 0.25 : 1);
    }
  }

  // --- the camera

  go(state, duration = 350) {
    if (!this.sigma) return;
    const camera = this.sigma.getCamera();
    if (this.still.matches) camera.setState(state);
    else camera.animate(state, { duration, easing: "quadraticInOut" });
  }

  zoom(times) {
    if (!this.sigma) return;
    const camera = this.sigma.getCamera();
    this.go({ ratio: camera.getBoundedRatio(camera.ratio / times) }, 220);
  }

  pan(right, down) {
    if (!this.sigma) return;
    const { x, y, ratio } = this.sigma.getCamera().getState();
    this.go({ x: x + 0.15 * ratio * right, y: y - 0.15 * ratio * down }, 140);
  }

  home() {
    this.go({ x: 0.5, y: 0.5, ratio: 1, angle: 0 });
  }

  /** Bring a contact to the middle, near enough to see who is around. */
  show(row) {
    const place = this.sigma?.getNodeDisplayData(String(row));
    if (!place) return;
    const near = Math.min(0.75, Math.max(0.12, 6 / Math.sqrt(this.contacts.count)));
    const { ratio } = this.sigma.getCamera().getState();
    this.go({ x: place.x, y: place.y, ratio: Math.min(ratio, near) });
  }

  update() {
    this.sigma?.refresh({ skipIndexation: true });
  }
}
