// Draws a map of contacts that one can explore: by mouse and touch on the map, by keyboard and ear in its table.
//
// All that is drawn is in the model, so that the map goes on without a kernel; names of contacts are not, and are asked
// for by a message. Loaded after `vendor/sigma.js` and `elements.js`, in one module.

const { Sigma, Graph, EdgeProgram, floatColor, createNodeBorderProgram } = vendoredSigma;

const KERNEL_PATIENCE = 6000; // ms before saying that the kernel has not answered
const DRAWING_PATIENCE = 60_000; // ms that a file may take once the kernel has begun
const PART_PAUSE = 350; // ms between the pieces of a file: the server drops what comes faster
const PER_PAGE = 15;
const RESULTS = 6; // contacts named right under the search
const LINKS_AT_FIRST = 8; // of a contact's links, before one asks for all
const APART = 128; // in the model's bytes, added to the group of who is apart
const ME = "vous";
const OTHERS = 0;
const ASIDE = -1; // what a focus on those apart is called
const SMALL = 400; // below so many contacts, labels stand above their groups
const WITH_NAMES = 60; // up to so many contacts, their names are drawn without zooming in
const ZOOM = 1.6;
const NARROW = 480; // pixels
const MANY_LINKS = 4_000;
const SLOW_FRAME = 70; // ms
const LATE_FRAMES = 2; // in a row
const A_PAUSE = 4000; // ms: nobody moved the map

const WORDS = {
  map: (title) => `Carte. ${title}`,
  keys: "Flèches : se déplacer. + et − : zoomer. 0 : tout voir. Le tableau, plus bas, dit la même chose.",
  zoomIn: "Zoomer",
  zoomOut: "Dézoomer",
  zoomAll: "Tout voir",
  wheel: "Pour zoomer avec la molette, cliquez d’abord sur la carte, ou gardez Ctrl enfoncé.",
  searching: "Recherche",
  search: "Chercher un contact",
  searchHidden: "Chercher (numéro ou groupe)",
  found: (count) => (count ? `${counted(count, "contact trouvé", "contacts trouvés")}.` : "Aucun contact trouvé."),
  groups: "Groupes",
  others: "autres",
  apart: "à part",
  apartBriefly: (count) => `À part : ${counted(count, "contact")}`,
  apartStar: (count) => `À part : ${counted(count, "contact")} (détail non connu)`,
  apartLinked: (count) => `À part : ${counted(count, "contact")} (sans lien connu, ou presque, avec les autres)`,
  everybody: "Tous les groupes",
  rename: (label) => `Renommer « ${label} »`,
  newName: (number) => `Nouveau nom du groupe ${number}`,
  keep: "Garder",
  cancel: "Annuler",
  renamed: (name) => `« ${name} » : nom gardé dans mes-groupes.json, sur cette machine.`,
  notRenamed: (reason) => `Ce nom ne tiendra que sur cette page : ${reason}.`,
  silent: "le noyau ne répond pas. Exécutez la cellule de nouveau",
  showNames: "Montrer les noms",
  hideNames: "Cacher les noms",
  namesHidden: "Les noms de vos contacts sont cachés.",
  namesShown: "Noms montrés sur cette page ; ce document ne les garde pas.",
  noNames: "Les noms ne sont pas venus : le noyau ne répond pas. Exécutez la cellule de nouveau.",
  nobody: (number) => `Contact ${number}`,
  contact: "Contact",
  group: "Groupe",
  links: "Liens connus",
  table: "Tous les contacts",
  tableCaption: (shown, where) => `${counted(shown, "contact")}${where}`,
  inGroup: (label) => ` · ${label}`,
  page: (now, all) => `Page ${number(now)} sur ${number(all)}`,
  before: "Page précédente",
  after: "Page suivante",
  close: "Fermer",
  known: (count, inside) =>
    count
      ? `${counted(count, "lien connu", "liens connus")} avec vos autres contacts${inside ? `, dont ${number(inside)} dans son groupe` : ""}.`
      : "Aucun lien connu avec vos autres contacts.",
  notKnown: "Vos données ne disent pas lesquels de vos contacts cette personne connaît.",
  more: (count) => `Montrer les ${number(count)} autres`,
  chosen: (label, group) => `${label}, ${group}. Ses détails sont à côté de la carte.`,
  focused: (label, count) => `${label} : ${counted(count, "contact")}. Les autres sont pâles.`,
  all: "Tous les groupes sont montrés.",
  files: "Garder une image",
  namesInFiles: "Avec des noms",
  working: "Le fichier se prépare…",
  ready: (name) => `« ${name} » est prêt : il est dans vos téléchargements.`,
  notReady: (reason) => `Le fichier n’a pas pu être fait : ${reason}.`,
  noWebGL:
    "Votre navigateur ne peut pas animer la carte (il lui manque WebGL). La voici en image fixe ; la recherche, les groupes et le tableau marchent comme d’habitude.",
  noPicture: "L’image n’est pas venue : le noyau ne répond pas. Le tableau dit la même chose.",
  lost: "Le navigateur a fermé cette carte pour en dessiner d’autres.",
  again: "La dessiner de nouveau",
};

function counted(count, one, several = `${one}s`) {
  return `${number(count)}\u00a0${count < 2 ? one : several}`;
}

function button(text, className, onclick, more = {}) {
  const node = element("button", { type: "button", className, textContent: text, ...more });
  node.addEventListener("click", onclick);
  return node;
}

/** A text as one searches it: without accents, capitals and the ways to write an apostrophe. */
function plain(text) {
  const bare = text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();
  return bare.replace(/œ/g, "oe").replace(/æ/g, "ae").replace(/[’‘ʼ]/g, "'").replace(/\s+/g, " ");
}

function numbers(view, Type) {
  return new Type(view.buffer.slice(view.byteOffset, view.byteOffset + view.byteLength));
}

/** A colour of the page as red, green and blue, however it is written: the browser itself is asked. */
function rgb(color) {
  const canvas = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
  canvas.fillStyle = color;
  canvas.fillRect(0, 0, 1, 1);
  return [...canvas.getImageData(0, 0, 1, 1).data].slice(0, 3);
}

/** Opaque: `share` of a colour, the rest of another. A thousand pale links do not make a blot. */
function mixed(color, other, share) {
  return `#${color.map((part, at) => Math.round(part * share + other[at] * (1 - share)).toString(16).padStart(2, "0")).join("")}`;
}

const CURVE = `
attribute vec4 a_id;
attribute vec4 a_color;
attribute vec2 a_start;
attribute vec2 a_end;
attribute vec2 a_control;
attribute float a_thickness;
attribute float a_along;
attribute float a_side;
uniform mat3 u_matrix;
uniform float u_sizeRatio;
uniform float u_zoomRatio;
uniform float u_pixelRatio;
uniform float u_correctionRatio;
uniform float u_minEdgeThickness;
uniform float u_feather;
varying vec4 v_color;
varying float v_side;
varying float v_thickness;
varying float v_feather;
void main() {
  float rest = 1.0 - a_along;
  vec2 place = rest * rest * a_start + 2.0 * rest * a_along * a_control + a_along * a_along * a_end;
  vec2 way = rest * (a_control - a_start) + a_along * (a_end - a_control);
  vec2 normal = vec2(-way.y, way.x) / max(length(way), 1e-9);
  float thickness = max(a_thickness, u_minEdgeThickness * u_sizeRatio) * u_correctionRatio / u_sizeRatio;
  gl_Position = vec4((u_matrix * vec3(place + normal * a_side * thickness, 1)).xy, 0, 1);
  v_thickness = thickness / u_zoomRatio;
  v_feather = u_feather * u_correctionRatio / u_zoomRatio / u_pixelRatio * 2.0;
  v_side = a_side;
  #ifdef PICKING_MODE
  v_color = a_id;
  #else
  v_color = a_color;
  #endif
}`;

const LINE = `
precision mediump float;
varying vec4 v_color;
varying float v_side;
varying float v_thickness;
varying float v_feather;
void main(void) {
  #ifdef PICKING_MODE
  gl_FragColor = v_color;
  #else
  float edge = smoothstep(v_thickness - v_feather, v_thickness, abs(v_side) * v_thickness);
  gl_FragColor = v_color * (1.0 - edge);
  #endif
}`;

/** Links as curves of so many straight pieces, which any machine draws at once: only thin strips are painted. */
function curveProgram(pieces) {
  const strip = [];
  for (let piece = 0; piece < pieces; piece += 1) {
    const [from, to] = [piece / pieces, (piece + 1) / pieces];
    strip.push([from, 1], [from, -1], [to, 1], [to, 1], [from, -1], [to, -1]);
  }
  const { FLOAT, UNSIGNED_BYTE, TRIANGLES } = WebGLRenderingContext;
  return class extends EdgeProgram {
    getDefinition() {
      const float = (name, size) => ({ name, size, type: FLOAT });
      const bytes = (name) => ({ name, size: 4, type: UNSIGNED_BYTE, normalized: true });
      const attributes = [float("a_start", 2), float("a_end", 2), float("a_control", 2), float("a_thickness", 1)];
      return {
        VERTICES: strip.length,
        VERTEX_SHADER_SOURCE: CURVE,
        FRAGMENT_SHADER_SOURCE: LINE,
        METHOD: TRIANGLES,
        UNIFORMS: "matrix sizeRatio zoomRatio pixelRatio correctionRatio minEdgeThickness feather"
          .split(" ")
          .map((name) => `u_${name}`),
        ATTRIBUTES: [...attributes, bytes("a_color"), bytes("a_id")],
        CONSTANT_ATTRIBUTES: [float("a_along", 1), float("a_side", 1)],
        CONSTANT_DATA: strip,
      };
    }

    processVisibleItem(id, start, source, target, { along, aside, size, color }) {
      const [x, y] = [target.x - source.x, target.y - source.y];
      const control = [source.x + along * x - aside * y, source.y + along * y + aside * x];
      this.array.set([source.x, source.y, target.x, target.y, ...control, size, floatColor(color), id], start);
    }

    setUniforms(params, { gl, uniformLocations: at }) {
      gl.uniformMatrix3fv(at.u_matrix, false, params.matrix);
      gl.uniform1f(at.u_sizeRatio, params.sizeRatio);
      gl.uniform1f(at.u_zoomRatio, params.zoomRatio);
      gl.uniform1f(at.u_pixelRatio, params.pixelRatio);
      gl.uniform1f(at.u_correctionRatio, params.correctionRatio);
      gl.uniform1f(at.u_minEdgeThickness, params.minEdgeThickness);
      gl.uniform1f(at.u_feather, params.antiAliasingFeather);
    }
  };
}

/** What the model holds, as the page uses it: contacts by their rows, links both ways. */
class Contacts {
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
    this.names = null;
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

  neighbours(row) {
    return this.others.subarray(this.starts[row], this.starts[row + 1]);
  }

  label(row) {
    return this.names?.[row] ?? WORDS.nobody(row + 1);
  }

  /** What of the map a contact is in: a group's number, or apart. */
  part(row) {
    return this.apart[row] ? ASIDE : this.group[row];
  }

  forget() {
    this.keys = null;
  }

  /** What is searched of a contact: the name, the facts, the group. */
  key(row, groupLabel) {
    this.keys ??= new Array(this.count);
    return (this.keys[row] ??= plain(
      [this.label(row), ...this.facts.map(([, values]) => values[row]), groupLabel(this.part(row))].join(" · "),
    ));
  }
}

/** The drawing: it knows sigma, colours and the camera, and nothing of the page around it. */
class Stage {
  constructor(node, contacts, face, view) {
    Object.assign(this, { node, contacts, face, view });
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
      nodeProgramClasses: { dot: Stage.dots() },
      defaultEdgeType: "curve",
      edgeProgramClasses: { curve: curveProgram(many > 20_000 ? 5 : many > 4_000 ? 8 : 14) },
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
    this.node.dataset.zoom = Math.round(100 / this.sigma.getCamera().ratio);
    const now = performance.now();
    const took = now - this.drawnAt;
    const moved = this.moving;
    this.drawnAt = now;
    const mouse = this.sigma.getMouseCaptor();
    this.moving = this.sigma.getCamera().isAnimated() || mouse.isMoving || mouse.draggedEvents > 0;
    if (!moved || this.sigma.getSetting("hideEdgesOnMove") || this.contacts.links.length < 2 * MANY_LINKS) return;
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
    const again = button(WORDS.again, "rk-go", () => {
      box.remove();
      this.ended = false;
      this.start();
      this.node.focus();
    });
    const box = element("div", { className: "rk-lost" }, element("p", { textContent: WORDS.lost }), again);
    this.node.append(box);
  }

  end() {
    this.ended = true;
    this.sizes.disconnect();
    this.themes.disconnect();
    this.sigma?.kill();
    this.sigma = null;
  }

  static dots() {
    return createNodeBorderProgram({
      borders: [
        { size: { value: 0.16 }, color: { attribute: "borderColor" } },
        { size: { fill: true }, color: { attribute: "color" } },
      ],
    });
  }

  /** How large dots and links are, as in the still picture: many contacts are small. */
  measure() {
    const { count, degree, apart } = this.contacts;
    const area = Math.min(64, Math.max(10, 26_000 / count));
    const middle = [...degree].sort((a, b) => a - b)[count >> 1] + 1;
    this.radius = Float32Array.from(degree, (links, row) =>
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
    const faint = Math.min(1, Math.max(0.55, 30 / Math.sqrt(many + 1)));
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
      return { along, aside, size: Math.max(1, 2.2 * size), color: shade, zIndex: 1 };
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
    this.placed = [{ ...label("rk-me", face.learner, 0, 0), below: true }];
    const largest = Math.max(...view.groups.map((group) => group.size), 1);
    for (const group of view.groups) {
      const members = rows.get(group.number) ?? [];
      if (!members.length) continue;
      const middle = [median(members, 0), median(members, 1)];
      const away = members.map((row) => Math.hypot(places[2 * row] - middle[0], places[2 * row + 1] - middle[1]));
      const reach = away.sort((a, b) => a - b)[Math.floor(0.9 * (away.length - 1))];
      this.halo.push({ part: group.number, x: middle[0], y: middle[1], reach: reach * 1.5 });
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
      const why = face.star ? WORDS.apartStar : WORDS.apartLinked;
      const text = (this.node.clientWidth < NARROW ? WORDS.apartBriefly : why)(aside.length);
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
    const sharp = Math.min(window.devicePixelRatio || 1, 2);
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
      if (at.x + radius < 0 || at.y + radius < 0 || at.x - radius > node.clientWidth || at.y - radius > node.clientHeight) continue;
      const light = context.createRadialGradient(at.x, at.y, 0, at.x, at.y, radius);
      for (const [stop, share] of [[0, "2e"], [0.55, "20"], [1, "00"]]) light.addColorStop(stop, `${tone.dot[part]}${share}`);
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
      one.node.style.opacity = pale ? 0.3 : ratio < 0.3 && this.contacts.names && one.part ? 0.25 : 1;
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

// What the kernel told of names, by map: views that come later, of another tab, need not ask again.
const TOLD = new Map();

class MapView {
  constructor(model, el) {
    this.model = model;
    this.el = el;
    this.face = model.get("face");
    this.key = model.get("key");
    this.id = `rk-${randomName()}`;
    this.contacts = new Contacts(model);
    this.groups = model.get("state").groups.map((group) => ({ ...group }));
    this.chosen = null;
    this.focus = null;
    this.lit = null;
    this.litCount = 0;
    this.sort = { by: "group", down: false };
    this.page = 0;
    this.files = new Map();
    this.timers = new Set();
  }

  start() {
    const { model, face } = this;
    this.build();
    this.receive = (message, buffers) => this.answer(message, buffers);
    this.refreshGroups = () => {
      this.groups = model.get("state").groups.map((group) => ({ ...group }));
      this.groupsChanged();
    };
    model.on("msg:custom", this.receive);
    model.on("change:state", this.refreshGroups);
    if (face.names) this.askNames();
    this.stageNode.tabIndex = 0;
    if (Stage.canDraw()) this.stage = new Stage(this.stageNode, this.contacts, face, this);
    else this.drawStill();
    return () => {
      model.off("msg:custom", this.receive);
      model.off("change:state", this.refreshGroups);
      this.timers.forEach(clearTimeout);
      this.stage?.end();
      if (this.picture) URL.revokeObjectURL(this.picture);
    };
  }

  // --- what is lit

  isLit(row) {
    return this.lit === null || this.lit.has(row) || row === this.chosen;
  }

  isPartLit(part) {
    if (this.chosen !== null) return this.contacts.part(this.chosen) === part;
    return this.focus === null || this.focus === part;
  }

  light() {
    const { contacts } = this;
    this.lit = null;
    if (this.chosen !== null) this.lit = new Set([this.chosen, ...contacts.neighbours(this.chosen)]);
    else if (this.focus !== null) {
      this.lit = new Set();
      for (let row = 0; row < contacts.count; row += 1) if (contacts.part(row) === this.focus) this.lit.add(row);
    }
    this.litCount = this.lit?.size ?? contacts.count;
    this.stage?.update();
  }

  groupLabel(part) {
    if (part === ASIDE) return WORDS.apart;
    const group = this.groups.find((one) => one.number === part);
    if (!group) return WORDS.others;
    return group.name === `Groupe ${part}` ? group.name : `${part} · ${group.name}`;
  }

  // --- the page

  build() {
    const { face } = this;
    const header = element("header", {}, element("span", { textContent: face.title }));
    this.status = element("p", { className: "rk-unseen", role: "status" });
    this.buildStage();
    this.buildSearch();
    this.groupList = element("ul", { className: "rk-groups" });
    this.groupNote = element("p", { className: "rk-note rk-group-note", role: "status" });
    const groups = element("section", {}, element("h3", { textContent: WORDS.groups }), this.groupList, this.groupNote);
    this.card = element("section", { className: "rk-contact", hidden: true });
    this.side = element("div", { className: "rk-side" }, this.searchBox, this.card, groups);
    this.namesNote = element("span", {});
    this.namesButton = button("", "rk-more rk-quietly", () => this.toggleNames());
    const names = element("p", { className: "rk-names", role: "status" }, this.namesNote, " ", this.namesButton);
    const bar = element("div", { className: "rk-bar" }, this.tools, names);
    const map = element("div", { className: "rk-explore" }, element("div", {}, this.frame, bar), this.side);
    const honesty = element("p", { className: "rk-note", textContent: face.honesty });
    const notes = face.told.map((text) => element("p", { className: "rk-note", textContent: text }));
    if (face.otherwise) notes.push(element("p", { className: "rk-note", textContent: face.otherwise }));
    this.buildTable();
    const body = element("div", { className: "rk-page" }, map, honesty, ...notes, this.tableBox);
    for (const section of face.sections) body.append(this.section(section));
    this.section_ = element("section", { className: "rk rk-map" }, header, body, this.buildFiles(), this.status);
    this.section_.setAttribute("aria-label", face.title);
    keepKeys(this.section_);
    this.drawGroups();
    this.drawNames();
    this.drawTable();
    this.el.replaceChildren(this.section_);
  }

  section({ title, note, lines, table }) {
    const box = element("section", {}, element("h3", { textContent: title }));
    if (note) box.append(element("p", { className: "rk-note", textContent: note }));
    if (lines.length) box.append(element("ul", {}, ...lines.map((line) => element("li", { textContent: line }))));
    if (table) box.append(tableOf(table, `${this.id}-${randomName()}`));
    return box;
  }

  say(text) {
    // What is said twice in a row is heard twice only if it was gone in between.
    this.status.textContent = "";
    this.later(() => (this.status.textContent = text), 60);
  }

  later(act, after) {
    const timer = setTimeout(() => {
      this.timers.delete(timer);
      act();
    }, after);
    this.timers.add(timer);
    return timer;
  }

  buildStage() {
    const keys = element("span", { id: `${this.id}-keys`, className: "rk-unseen", textContent: WORDS.keys });
    this.stageNode = element("div", { className: "rk-stage", role: "application" });
    this.stageNode.setAttribute("aria-label", WORDS.map(this.face.title));
    this.stageNode.setAttribute("aria-describedby", keys.id);
    this.stageNode.addEventListener("keydown", (event) => this.pressed(event));
    const tool = (text, label, act) => {
      const node = button(text, "rk-tool", act, { title: label });
      node.setAttribute("aria-label", label);
      return node;
    };
    this.tools = element(
      "div",
      { className: "rk-tools" },
      tool("+", WORDS.zoomIn, () => this.stage?.zoom(ZOOM)),
      tool("−", WORDS.zoomOut, () => this.stage?.zoom(1 / ZOOM)),
      button(WORDS.zoomAll, "rk-tool rk-all", () => this.reset()),
    );
    this.hint = element("p", { className: "rk-wheel", textContent: WORDS.wheel });
    this.hint.setAttribute("aria-hidden", "true");
    this.frame = element("div", { className: "rk-frame" }, this.stageNode, this.hint, keys);
    const active = () => this.stageNode.contains(document.activeElement);
    // The page goes on scrolling until one is at the map.
    this.stageNode.addEventListener(
      "wheel",
      (event) => {
        if (active() || event.ctrlKey || event.metaKey) return;
        event.stopPropagation();
        this.hint.classList.add("rk-on");
        clearTimeout(this.hintTimer);
        this.hintTimer = this.later(() => this.hint.classList.remove("rk-on"), 1800);
      },
      { capture: true, passive: true },
    );
    for (const kind of ["touchstart", "touchmove"]) {
      const leave = (event) => event.touches.length < 2 && !active() && event.stopPropagation();
      this.stageNode.addEventListener(kind, leave, { capture: true, passive: true });
    }
    // Sigma prevents what a press does by itself, to be at the map included.
    this.stageNode.addEventListener("mousedown", () => this.stageNode.focus({ preventScroll: true }));
    this.stageNode.addEventListener("touchend", () => this.stageNode.focus({ preventScroll: true }), { passive: true });
  }

  pressed(event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const moves = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
    if (moves[event.key]) this.stage?.pan(...moves[event.key]);
    else if (event.key === "+" || event.key === "=") this.stage?.zoom(ZOOM);
    else if (event.key === "-" || event.key === "−") this.stage?.zoom(1 / ZOOM);
    else if (event.key === "0" || event.key === "Home") this.reset();
    else return;
    event.preventDefault();
  }

  reset() {
    this.stage?.home();
    const changed = this.chosen !== null || this.focus !== null;
    this.chosen = this.focus = null;
    this.card.hidden = true;
    if (!changed) return;
    this.light();
    this.drawGroups();
    this.page = 0;
    this.drawTable();
    this.say(WORDS.all);
  }

  // --- search

  buildSearch() {
    const id = `${this.id}-search`;
    this.query = "";
    this.searchLabel = element("label", { htmlFor: id, textContent: WORDS.search });
    this.input = element("input", { type: "text", id, autocomplete: "off", spellcheck: false, className: "rk-find" });
    this.input.addEventListener("input", () => {
      clearTimeout(this.searchTimer);
      this.searchTimer = this.later(() => this.search(), 120);
    });
    this.input.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" || event.shiftKey) return;
      event.preventDefault();
      this.search();
      if (this.query && this.order.length) this.choose(this.order[0], "search", this.input);
    });
    this.results = element("ul", { className: "rk-found-list", hidden: true });
    this.foundNote = element("p", { className: "rk-note", role: "status" });
    this.searchBox = element(
      "section",
      { className: "rk-searching" },
      this.searchLabel,
      this.input,
      this.foundNote,
      this.results,
    );
    this.searchBox.setAttribute("aria-label", WORDS.searching);
  }

  search() {
    const query = plain(this.input.value.trim());
    if (query === this.query) return;
    this.query = query;
    this.page = 0;
    this.drawTable();
    const found = query ? this.order.slice(0, RESULTS) : [];
    this.foundNote.textContent = query ? WORDS.found(this.order.length) : "";
    this.results.hidden = !found.length;
    this.results.replaceChildren(
      ...found.map((row) => element("li", {}, this.contactButton(row, "search", { withGroup: true }))),
    );
  }

  contactButton(row, from, { withGroup = false } = {}) {
    const node = button("", "rk-person", (event) => this.choose(row, from, event.currentTarget));
    node.append(this.dot(this.contacts.part(row)), element("span", { textContent: this.contacts.label(row) }));
    if (withGroup) {
      node.append(" ", element("small", { textContent: this.groupLabel(this.contacts.part(row)) }));
    }
    return node;
  }

  dot(part) {
    const node = element("i", { className: "rk-dot" });
    node.setAttribute("aria-hidden", "true");
    node.style.setProperty("--light", this.face.colours.light[Math.max(part, 0)]);
    node.style.setProperty("--dark", this.face.colours.dark[Math.max(part, 0)]);
    return node;
  }

  // --- groups

  drawGroups() {
    const { contacts, face } = this;
    const parts = this.groups.map(({ number: part, size }) => [part, size]);
    if (face.others) parts.push([OTHERS, face.others]);
    if (face.apart) parts.push([ASIDE, face.apart]);
    const rows = parts.map(([part, size]) => {
      const toggle = button("", "rk-group-button", () => this.focusOn(part));
      toggle.setAttribute("aria-pressed", String(this.focus === part));
      const share = (100 * size) / contacts.count;
      const told = `${number(size)} · ${share >= 10 || share === 0 ? Math.round(share) : number(Math.round(share * 10) / 10)}\u00a0%`;
      toggle.append(
        this.dot(part),
        element("span", { className: "rk-name", textContent: this.groupLabel(part) }),
        " ",
        element("small", { textContent: told }),
      );
      const row = element("li", {}, toggle);
      if (part > 0) {
        const pen = button("✎", "rk-pen", () => this.editGroup(part, row), { title: WORDS.rename(this.groupLabel(part)) });
        pen.setAttribute("aria-label", WORDS.rename(this.groupLabel(part)));
        row.append(pen);
      }
      row.dataset.part = part;
      return row;
    });
    this.groupList.replaceChildren(...rows);
  }

  focusOn(part) {
    this.focus = this.focus === part ? null : part;
    this.chosen = null;
    this.card.hidden = true;
    this.light();
    for (const row of this.groupList.children) {
      row.firstChild.setAttribute("aria-pressed", String(Number(row.dataset.part) === this.focus));
    }
    this.page = 0;
    this.drawTable();
    this.say(this.focus === null ? WORDS.all : WORDS.focused(this.groupLabel(part), this.litCount));
  }

  editGroup(part, row) {
    const group = this.groups.find((one) => one.number === part);
    const id = `${this.id}-name-${part}`;
    const input = element("input", { type: "text", id, maxLength: 60, value: group.name });
    const label = element("label", { htmlFor: id, textContent: WORDS.newName(part) });
    const leave = () => {
      this.drawGroups();
      this.groupList.querySelector(`[data-part="${part}"] .rk-pen`).focus();
    };
    const keep = () => {
      const name = input.value.trim().replace(/\s+/g, " ");
      this.renameGroup(group, name || group.was);
      this.ask({ type: "rename", group: part, name: name === group.was ? "" : name });
      this.waitFor("rename", () => this.groupSaid(WORDS.notRenamed(WORDS.silent), true));
      leave();
    };
    input.addEventListener("keydown", (event) => {
      if (event.key === "Enter" && !event.shiftKey) keep();
      else if (event.key === "Escape") leave();
      else return;
      event.preventDefault();
      event.stopPropagation();
    });
    const buttons = element(
      "span",
      { className: "rk-edit-buttons" },
      button(WORDS.keep, "rk-go", keep),
      button(WORDS.cancel, "rk-more", leave),
    );
    row.replaceChildren(element("div", { className: "rk-edit" }, label, input, buttons));
    input.focus();
    input.select();
  }

  renameGroup(group, name) {
    group.name = name;
    this.groupsChanged();
  }

  groupSaid(text, isLate = false) {
    this.groupNote.textContent = text;
    this.groupNote.classList.toggle("rk-late", isLate);
  }

  groupsChanged() {
    this.contacts.forget();
    const editing = this.groupList.querySelector("input");
    if (!editing) {
      const focused = document.activeElement?.closest?.("[data-part]");
      const inside = focused && this.groupList.contains(focused) ? [focused.dataset.part, document.activeElement.className] : null;
      this.drawGroups();
      if (inside) this.groupList.querySelector(`[data-part="${inside[0]}"] .${inside[1]}`)?.focus();
    }
    this.drawTable();
    if (this.chosen !== null) this.drawCard();
    this.stage?.renamed();
  }

  // --- a contact

  choose(row, from, opener = null) {
    this.chosen = row;
    this.focus = null;
    if (from !== "card") this.opener = opener;
    this.light();
    this.drawGroups();
    this.drawCard();
    if (from !== "map") {
      this.stage?.show(row);
      this.card.querySelector("h3").focus({ preventScroll: true });
      this.frame.scrollIntoView({ block: "nearest" });
      this.card.scrollIntoView({ block: "nearest" });
    } else {
      this.say(WORDS.chosen(this.contacts.label(row), this.groupLabel(this.contacts.part(row))));
    }
    this.markTable();
  }

  unchoose() {
    if (this.chosen === null && this.focus === null) return;
    this.chosen = this.focus = null;
    this.card.hidden = true;
    this.light();
    this.drawGroups();
    this.drawTable();
  }

  drawCard() {
    const { contacts, face } = this;
    const row = this.chosen;
    const part = contacts.part(row);
    const id = `${this.id}-contact`;
    const title = element("h3", { id, tabIndex: -1, textContent: contacts.label(row) });
    const group = element("p", { className: "rk-of" }, this.dot(part), element("span", { textContent: this.groupLabel(part) }));
    const facts = contacts.names ? contacts.facts.filter(([, values]) => values[row]) : [];
    const list = element("dl", {});
    for (const [label, values] of facts) {
      list.append(element("dt", { textContent: label }), element("dd", { textContent: values[row] }));
    }
    const others = [...contacts.neighbours(row)];
    others.sort((a, b) => (contacts.part(b) === part) - (contacts.part(a) === part) || contacts.degree[b] - contacts.degree[a]);
    const inside = others.filter((other) => contacts.part(other) === part).length;
    const told = element("p", { textContent: face.star ? WORDS.notKnown : WORDS.known(others.length, inside) });
    const links = element("ul", { className: "rk-links" });
    const link = (other) => element("li", {}, this.contactButton(other, "card"));
    links.append(...others.slice(0, LINKS_AT_FIRST).map(link));
    const parts = [title, group];
    if (facts.length) parts.push(list);
    parts.push(told);
    if (others.length) parts.push(links);
    if (others.length > LINKS_AT_FIRST) {
      const more = button(WORDS.more(others.length - LINKS_AT_FIRST), "rk-more rk-quietly", () => {
        links.append(...others.slice(LINKS_AT_FIRST).map(link));
        links.children[LINKS_AT_FIRST].firstChild.focus();
        more.remove();
      });
      parts.push(more);
    }
    const close = button("×", "rk-close", () => this.close(), { title: WORDS.close });
    close.setAttribute("aria-label", WORDS.close);
    this.card.replaceChildren(close, ...parts);
    this.card.setAttribute("aria-labelledby", id);
    this.card.hidden = false;
  }

  close() {
    const { opener, chosen } = this;
    this.unchoose();
    const again = opener?.isConnected ? opener : this.body.querySelector(`[data-row="${chosen}"] button`);
    (again ?? this.input).focus();
  }

  // --- the table

  buildTable() {
    const id = `${this.id}-table`;
    this.columns = [
      ["name", WORDS.contact],
      ["group", WORDS.group],
      ...(this.face.star ? [] : [["links", WORDS.links]]),
    ];
    this.heads = this.columns.map(([by, text]) => {
      const head = element("th", { scope: "col" });
      const sorter = button("", "rk-sort", () => this.sortBy(by));
      sorter.append(element("span", { textContent: text }), element("i", { className: "rk-arrow" }));
      sorter.lastChild.setAttribute("aria-hidden", "true");
      head.append(sorter);
      return head;
    });
    this.caption = element("caption", { id });
    this.body = element("tbody", {});
    const table = element("table", {}, this.caption, element("thead", {}, element("tr", {}, ...this.heads)), this.body);
    const frame = element("div", { className: "rk-table", tabIndex: 0, role: "region" }, table);
    frame.setAttribute("aria-labelledby", id);
    this.before = button("←", "rk-more", () => this.turn(-1), { title: WORDS.before });
    this.after = button("→", "rk-more", () => this.turn(1), { title: WORDS.after });
    this.before.setAttribute("aria-label", WORDS.before);
    this.after.setAttribute("aria-label", WORDS.after);
    this.where = element("span", { role: "status" });
    this.turns = element("p", { className: "rk-turns" }, this.before, this.where, this.after);
    this.tableBox = element("section", {}, element("h3", { textContent: WORDS.table }), frame, this.turns);
  }

  sortBy(by) {
    this.sort = { by, down: this.sort.by === by ? !this.sort.down : by === "links" };
    this.page = 0;
    this.drawTable();
  }

  turn(pages) {
    this.page += pages;
    this.drawTable();
    // A button at its end can no longer hold the focus.
    const [pressed, other] = pages < 0 ? [this.before, this.after] : [this.after, this.before];
    (pressed.disabled ? other : pressed).focus();
  }

  /** The rows to list, in order: those searched for, of the group in focus. */
  ordered() {
    const { contacts, query, focus } = this;
    const label = (part) => this.groupLabel(part);
    const rows = [];
    for (let row = 0; row < contacts.count; row += 1) {
      if (focus !== null && contacts.part(row) !== focus) continue;
      if (query && !contacts.key(row, label).includes(query)) continue;
      rows.push(row);
    }
    const collator = new Intl.Collator("fr", { numeric: true });
    // Others and apart come last, whatever the direction.
    const rank = (row) => (contacts.part(row) > 0 ? contacts.part(row) : contacts.part(row) === OTHERS ? 200 : 201);
    const byName = contacts.names ? (a, b) => collator.compare(contacts.names[a], contacts.names[b]) : (a, b) => a - b;
    const byLinks = (a, b) => contacts.degree[a] - contacts.degree[b];
    const sign = this.sort.down ? -1 : 1;
    const compare = {
      name: (a, b) => sign * byName(a, b),
      group: (a, b) => sign * (rank(a) - rank(b)) || byLinks(b, a) || byName(a, b),
      links: (a, b) => sign * byLinks(a, b) || byName(a, b),
    }[this.sort.by];
    rows.sort(compare);
    if (!query) return rows;
    // Who is called so comes before who only has it in the facts.
    const starts = (row) => new RegExp(`(^|[\\s'-])${query.replace(/[.*+?^${}()|[\]\\]/g, "\\$&")}`).test(plain(contacts.label(row)));
    const first = new Set(rows.filter(starts));
    return [...rows.filter((row) => first.has(row)), ...rows.filter((row) => !first.has(row))];
  }

  drawTable() {
    const { contacts } = this;
    this.order = this.ordered();
    const pages = Math.max(1, Math.ceil(this.order.length / PER_PAGE));
    this.page = Math.min(Math.max(this.page, 0), pages - 1);
    const rows = this.order.slice(this.page * PER_PAGE, (this.page + 1) * PER_PAGE).map((row) => {
      const first = element("th", { scope: "row" }, this.contactButton(row, "table"));
      const cells = [element("td", { textContent: this.groupLabel(contacts.part(row)) })];
      if (!this.face.star) cells.push(element("td", { className: "rk-number", textContent: number(contacts.degree[row]) }));
      const line = element("tr", {}, first, ...cells);
      line.dataset.row = row;
      return line;
    });
    this.body.replaceChildren(...rows);
    const where = this.focus === null ? "" : WORDS.inGroup(this.groupLabel(this.focus));
    this.caption.textContent = WORDS.tableCaption(this.order.length, where);
    for (const [at, [by]] of this.columns.entries()) {
      const now = this.sort.by === by;
      this.heads[at].setAttribute("aria-sort", now ? (this.sort.down ? "descending" : "ascending") : "none");
      this.heads[at].querySelector("i").textContent = now ? (this.sort.down ? "▼" : "▲") : "↕";
    }
    this.turns.hidden = pages < 2;
    this.where.textContent = WORDS.page(this.page + 1, pages);
    this.before.disabled = this.page === 0;
    this.after.disabled = this.page === pages - 1;
    this.markTable();
  }

  markTable() {
    for (const line of this.body.children) {
      if (Number(line.dataset.row) === this.chosen) line.setAttribute("aria-current", "true");
      else line.removeAttribute("aria-current");
    }
  }

  // --- names

  toggleNames() {
    if (this.contacts.names) this.showNames(null);
    else this.askNames();
  }

  askNames() {
    const told = TOLD.get(this.key);
    if (told) return this.showNames(told);
    this.wantsNames = true;
    this.ask({ type: "names" });
    this.waitFor("names", () => (this.namesNote.textContent = WORDS.noNames));
  }

  showNames(told) {
    this.wantsNames = false;
    this.contacts.names = told?.names ?? null;
    this.contacts.facts = told?.facts ?? [];
    this.contacts.forget();
    this.drawNames();
    this.query = null; // so that what is typed is searched again
    this.drawTableAgain();
    if (this.chosen !== null) this.drawCard();
    this.stage?.renamed();
  }

  drawTableAgain() {
    this.query = "";
    this.drawTable();
    this.search();
  }

  drawNames() {
    const shown = Boolean(this.contacts.names);
    this.namesNote.textContent = shown ? WORDS.namesShown : WORDS.namesHidden;
    this.namesButton.textContent = shown ? WORDS.hideNames : WORDS.showNames;
    this.searchLabel.textContent = shown ? WORDS.search : WORDS.searchHidden;
  }

  // --- files

  buildFiles() {
    const id = `${this.id}-names`;
    this.withNames = element("input", { type: "checkbox", id, checked: this.face.namesInFiles });
    const label = element("label", { className: "rk-with-names" }, this.withNames, element("span", { textContent: WORDS.namesInFiles }));
    const buttons = this.face.files.map(({ kind, theme, text }) =>
      button(text, "rk-more", () => this.askFile(kind, theme, this.withNames.checked, (file) => this.download(file))),
    );
    this.fileNote = element("p", { className: "rk-note rk-file-note", role: "status" });
    const footer = element("footer", { className: "rk-files" }, ...buttons, label, this.fileNote);
    return footer;
  }

  askFile(kind, theme, names, done, failed = (reason) => (this.fileNote.textContent = WORDS.notReady(reason))) {
    const id = randomName();
    this.files.set(id, { asked: { kind, theme, names }, parts: [], done, failed });
    this.fileNote.textContent = WORDS.working;
    this.ask({ type: "file", id, kind, theme, names });
    this.waitFor(id, () => this.giveUp(id));
  }

  giveUp(id) {
    this.files.get(id)?.failed(WORDS.silent);
    this.files.delete(id);
  }

  download({ blob, name }) {
    const href = URL.createObjectURL(blob);
    const link = element("a", { href, download: name });
    this.section_.append(link);
    link.click();
    link.remove();
    this.later(() => URL.revokeObjectURL(href), 10_000);
    this.fileNote.textContent = WORDS.ready(name);
  }

  /** Where nothing can be animated: the still picture, which the kernel draws, in its place. */
  drawStill() {
    this.tools.hidden = true;
    this.stageNode.classList.add("rk-still");
    this.stageNode.setAttribute("role", "group");
    this.stageNode.removeAttribute("tabindex");
    const note = element("p", { className: "rk-note", textContent: WORDS.noWebGL });
    this.stageNode.append(note);
    const dark = document.body.dataset.jpThemeLight === "false";
    const shown = ({ blob }) => {
      this.picture = URL.createObjectURL(blob);
      this.stageNode.append(element("img", { className: "rk-picture", src: this.picture, alt: this.face.title }));
      this.fileNote.textContent = "";
    };
    const failed = () => {
      note.textContent = `${WORDS.noWebGL} ${WORDS.noPicture}`;
      this.fileNote.textContent = "";
    };
    this.askFile("png", dark ? "dark" : "light", this.face.namesInFiles, shown, failed);
  }

  // --- the kernel's answers

  /** Ask the kernel something; where there is none left, it will be said that it does not answer. */
  ask(message) {
    try {
      this.model.send(message);
    } catch (error) {
      console.warn(error);
    }
  }

  waitFor(what, silent, patience = KERNEL_PATIENCE) {
    this.waiting ??= new Map();
    clearTimeout(this.waiting.get(what));
    this.waiting.set(what, this.later(silent, patience));
  }

  heard(what) {
    clearTimeout(this.waiting?.get(what));
  }

  async answer(message, buffers) {
    if (message.type === "names") {
      this.heard("names");
      if (!this.wantsNames) return;
      const unpacked = new Blob([buffers[0]]).stream().pipeThrough(new DecompressionStream("gzip"));
      const told = await new Response(unpacked).json();
      TOLD.set(this.key, told);
      this.showNames(told);
    } else if (message.type === "renamed") {
      this.heard("rename");
      const group = this.groups.find((one) => one.number === message.group);
      if (group) this.groupSaid(WORDS.renamed(group.name));
    } else if (message.type === "failed") {
      this.heard(message.what === "rename" ? "rename" : message.id);
      if (message.what === "rename") this.groupSaid(WORDS.notRenamed(message.reason), true);
      this.files.get(message.id)?.failed(message.reason);
      this.files.delete(message.id);
    } else if (this.files.has(message.id)) {
      this.heard(message.id);
      if (message.type === "part") this.gather(message, buffers[0]);
      else this.waitFor(message.id, () => this.giveUp(message.id), DRAWING_PATIENCE);
    }
  }

  gather({ id, part, parts, name, mime }, bytes) {
    const file = this.files.get(id);
    file.parts[part] = bytes;
    if (part + 1 < parts) {
      this.later(() => {
        this.ask({ type: "part", id, part: part + 1, ...file.asked });
        this.waitFor(id, () => this.giveUp(id));
      }, PART_PAUSE);
      return;
    }
    this.files.delete(id);
    file.done({ blob: new Blob(file.parts, { type: mime }), name });
  }
}

export default {
  render({ model, el }) {
    return new MapView(model, el).start();
  },
};
