// Draws contacts and links on the graphics card: the programs that sigma runs for each of them.

const { EdgeProgram, NodeProgram, floatColor } = vendoredSigma;

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

const HAIR = `
attribute vec4 a_id;
attribute vec4 a_color;
attribute vec2 a_position;
uniform mat3 u_matrix;
varying vec4 v_color;
void main() {
  gl_Position = vec4((u_matrix * vec3(a_position, 1)).xy, 0, 1);
  #ifdef PICKING_MODE
  v_color = a_id;
  #else
  v_color = a_color;
  #endif
}`;

const PAINT = `
precision mediump float;
varying vec4 v_color;
void main(void) {
  gl_FragColor = v_color;
}`;

const DOT = `
attribute vec4 a_id;
attribute vec4 a_color;
attribute vec4 a_edge;
attribute vec2 a_position;
attribute float a_size;
uniform mat3 u_matrix;
uniform float u_sizeRatio;
uniform float u_pixelRatio;
varying vec4 v_color;
varying vec4 v_edge;
varying float v_pixel;
void main() {
  gl_Position = vec4((u_matrix * vec3(a_position, 1)).xy, 0, 1);
  float radius = a_size / u_sizeRatio * u_pixelRatio;
  gl_PointSize = 2.0 * radius + 1.0;
  v_pixel = 1.0 / (radius + 0.5);
  v_edge = a_edge;
  #ifdef PICKING_MODE
  v_color = a_id;
  #else
  v_color = a_color;
  #endif
}`;

const DISC = `
precision mediump float;
varying vec4 v_color;
varying vec4 v_edge;
varying float v_pixel;
void main(void) {
  float far = 2.0 * length(gl_PointCoord - 0.5);
  #ifdef PICKING_MODE
  gl_FragColor = far > 1.0 ? vec4(0.0) : v_color;
  #else
  vec4 color = mix(v_color, v_edge, smoothstep(0.8 - v_pixel, 0.8, far));
  gl_FragColor = color * (1.0 - smoothstep(1.0 - v_pixel, 1.0, far));
  #endif
}`;

/** Contacts as points: one vertex each, where a quad each is slow without a graphics card. */
export class DotProgram extends NodeProgram {
  getDefinition() {
    const { FLOAT, UNSIGNED_BYTE, POINTS } = WebGLRenderingContext;
    const bytes = (name) => ({ name, size: 4, type: UNSIGNED_BYTE, normalized: true });
    return {
      VERTICES: 1,
      VERTEX_SHADER_SOURCE: DOT,
      FRAGMENT_SHADER_SOURCE: DISC,
      METHOD: POINTS,
      UNIFORMS: ["u_matrix", "u_sizeRatio", "u_pixelRatio"],
      ATTRIBUTES: [
        { name: "a_position", size: 2, type: FLOAT },
        { name: "a_size", size: 1, type: FLOAT },
        ...["a_color", "a_edge", "a_id"].map(bytes),
      ],
    };
  }

  processVisibleItem(id, start, { x, y, size, color, borderColor }) {
    this.array.set([x, y, size, floatColor(color), floatColor(borderColor), id], start);
  }

  setUniforms(params, { gl, uniformLocations: at }) {
    gl.uniformMatrix3fv(at.u_matrix, false, params.matrix);
    gl.uniform1f(at.u_sizeRatio, params.sizeRatio);
    gl.uniform1f(at.u_pixelRatio, params.pixelRatio);
  }
}

const HAIR_PIECES = 6;

/** Tens of thousands of links: the same curves, one pixel wide, and no instances, which are slow without a card. */
export class HairProgram extends EdgeProgram {
  getDefinition() {
    const { FLOAT, UNSIGNED_BYTE, LINES } = WebGLRenderingContext;
    const bytes = (name) => ({ name, size: 4, type: UNSIGNED_BYTE, normalized: true });
    return {
      VERTICES: 2 * HAIR_PIECES,
      VERTEX_SHADER_SOURCE: HAIR,
      FRAGMENT_SHADER_SOURCE: PAINT,
      METHOD: LINES,
      UNIFORMS: ["u_matrix"],
      ATTRIBUTES: [{ name: "a_position", size: 2, type: FLOAT }, bytes("a_color"), bytes("a_id")],
    };
  }

  processVisibleItem(id, start, source, target, { along, aside, color }) {
    const { array } = this;
    const [x, y] = [target.x - source.x, target.y - source.y];
    const [u, v] = [along * x - aside * y, along * y + aside * x];
    const shade = floatColor(color);
    let at = start;
    for (let vertex = 0; vertex < 2 * HAIR_PIECES; vertex += 1) {
      const t = ((vertex + 1) >> 1) / HAIR_PIECES;
      const bend = 2 * t * (1 - t);
      array[at++] = source.x + bend * u + t * t * x;
      array[at++] = source.y + bend * v + t * t * y;
      array[at++] = shade;
      array[at++] = id;
    }
  }

  setUniforms(params, { gl, uniformLocations: at }) {
    gl.uniformMatrix3fv(at.u_matrix, false, params.matrix);
  }
}

/** Links as curves of so many straight pieces, which any machine draws at once: only thin strips are painted. */
export function curveProgram(pieces) {
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
