// Which roads a class of vehicle can drive, now: one byte a segment, in a texture.
//
// States: 0 dry, 1 wet but passable, 2 water too deep for the vehicle, 3 closed by order. What is
// drawn differs in width and in dashes too, not in colour alone.

import { indexAt, localMatrix, mercator } from './geo.js';
import { fillTexture, interleave, makeBuffer, makeProgram, makeTexture } from './gl.js';

const WIDTH = 1024; // of the texture, segments a row

const VERTEX = `
layout(location = 0) in vec2 a_position;
layout(location = 1) in vec2 a_normal;
layout(location = 2) in vec3 a_which; // number of the segment, distance along it, m, side
uniform mat4 u_matrix;
uniform float u_pixel;
uniform vec2 u_size;
uniform sampler2D u_states;
uniform float u_scale; // pixels of the screen in a pixel of the style
flat out float v_state;
flat out float v_half;
out float v_along;
out float v_side;
void main() {
  float row = floor((a_which.x + 0.5) / u_size.x);
  float column = a_which.x - row * u_size.x;
  v_state = floor(texelFetch(u_states, ivec2(column + 0.5, row), 0).r * 255.0 + 0.5);
  v_along = a_which.y;
  v_half = (v_state < 1.5 ? 0.8 : 1.5) * u_scale;
  v_side = dot(a_normal, a_normal) > 0.0 ? a_which.z * (v_half + 0.7) : 0.0;
  gl_Position = v_state < 0.5
    ? vec4(2.0, 2.0, 2.0, 1.0)
    : u_matrix * vec4(a_position + a_normal * (v_half + 0.7) * u_pixel, 0.0, 1.0);
}`;

const FRAGMENT = `
flat in float v_state;
flat in float v_half;
in float v_along;
in float v_side;
out vec4 o_colour;
uniform vec4 u_colours[4];
uniform float u_metres; // a pixel, m
void main() {
  float dash = v_along / u_metres;
  if (v_state > 2.5 && mod(dash, 14.0) > 9.0) discard;
  if (v_state < 1.5 && mod(dash, 9.0) > 4.0) discard;
  vec4 colour = u_colours[int(v_state)];
  float alpha = colour.a * clamp(v_half + 0.5 - abs(v_side), 0.0, 1.0); // soft edges
  o_colour = vec4(colour.rgb * alpha, alpha);
}`;

const COLOURS = {
  light: [0, 0, 0, 0, 0.85, 0.55, 0.05, 0.9, 0.78, 0.05, 0.16, 1, 0.35, 0.05, 0.45, 1],
  dark: [0, 0, 0, 0, 1, 0.75, 0.25, 0.85, 1, 0.36, 0.4, 1, 0.85, 0.6, 1, 1],
};

export class RoadsLayer {
  constructor(id) {
    this.id = id;
    this.type = 'custom';
    this.renderingMode = '2d';
    this.visible = true;
    this.theme = 'light';
    this.current = -1;
    this.count = 0;
  }

  /** @param roads {first[], lon[], lat[], length_m[]}: segment i has points first[i]..first[i+1] */
  setRoads(roads) {
    const { first, lon, lat } = roads;
    this.count = first.length - 1;
    this.origin = lon.length ? mercator(lon[0], lat[0]) : [0.5, 0.5];
    const rows = new Float32Array(Math.max(0, lon.length - this.count) * 42);
    let n = 0;
    for (let s = 0; s < this.count; s += 1) {
      let along = 0;
      for (let i = first[s]; i + 1 < first[s + 1]; i += 1) {
        const [x0, y0] = mercator(lon[i], lat[i]);
        const [x1, y1] = mercator(lon[i + 1], lat[i + 1]);
        const length = Math.hypot(x1 - x0, y1 - y0);
        if (!length) continue;
        const metres = length * 40075016.7 * Math.cos((lat[i] * Math.PI) / 180);
        const [nx, ny] = [-(y1 - y0) / length, (x1 - x0) / length];
        const [ox, oy] = this.origin;
        const corner = (x, y, side, d) => [x - ox, y - oy, side * nx, side * ny, s, d, side];
        const a = corner(x0, y0, 1, along);
        const b = corner(x0, y0, -1, along);
        along += metres;
        const c = corner(x1, y1, 1, along);
        const d = corner(x1, y1, -1, along);
        for (const vertex of [a, b, c, c, b, d]) {
          rows.set(vertex, n);
          n += 7;
        }
      }
    }
    this.vertices = rows.subarray(0, n);
    this.changed = true;
  }

  /** @param states {times[], bytes}: one row of segment states for every time */
  setStates(states) {
    this.states = states;
    this.current = -1;
  }

  /** The worst state of every segment over the run, for the stop "Max". */
  worst() {
    const { bytes } = this.states;
    if (!this.states.worst) {
      const worst = new Uint8Array(this.count);
      for (let i = 0; i < bytes.length; i += 1) {
        const s = i % this.count;
        if (bytes[i] > worst[s]) worst[s] = bytes[i];
      }
      this.states.worst = worst;
    }
    return this.states.worst;
  }

  show(time, peak) {
    if (!this.states?.times.length) return;
    const k = peak ? Infinity : indexAt(this.states.times, time);
    if (k !== this.current) {
      this.current = k;
      this.dirty = true;
    }
  }

  onAdd(map, gl) {
    this.map = map;
    Object.assign(this, makeProgram(gl, VERTEX, FRAGMENT));
    this.array = gl.createVertexArray();
    this.texture = makeTexture(gl, gl.NEAREST);
    this.changed = Boolean(this.vertices);
    this.dirty = true;
  }

  onRemove(map, gl) {
    gl.deleteProgram(this.program);
    gl.deleteVertexArray(this.array);
    gl.deleteBuffer(this.buffer);
    gl.deleteTexture(this.texture);
  }

  render(gl, { defaultProjectionData }) {
    if (!this.visible || !this.count || this.current < 0 || !this.states) return;
    if (this.changed) {
      gl.bindVertexArray(this.array);
      gl.deleteBuffer(this.buffer);
      this.buffer = makeBuffer(gl, this.vertices);
      interleave(gl, this.buffer, [2, 2, 3]);
      this.changed = false;
    }
    const height = Math.ceil(this.count / WIDTH);
    gl.activeTexture(gl.TEXTURE0);
    gl.bindTexture(gl.TEXTURE_2D, this.texture);
    if (this.dirty) {
      const cells = new Uint8Array(WIDTH * height);
      const start = this.current * this.count;
      cells.set(
        this.current === Infinity ? this.worst() : this.states.bytes.subarray(start, start + this.count),
      );
      fillTexture(gl, cells, WIDTH, height, 8);
      this.dirty = false;
    }
    const { at } = this;
    const zoom = this.map.getZoom();
    const pixel = 1 / (512 * 2 ** zoom);
    gl.useProgram(this.program);
    gl.uniformMatrix4fv(at.u_matrix, false, localMatrix(defaultProjectionData.mainMatrix, this.origin));
    gl.uniform1i(at.u_states, 0);
    gl.uniform2f(at.u_size, WIDTH, height);
    gl.uniform1f(at.u_pixel, pixel);
    gl.uniform1f(at.u_scale, Math.min(2, Math.max(0.8, (zoom - 9) / 4)));
    gl.uniform1f(at.u_metres, pixel * 40075016.7 * Math.cos((this.map.getCenter().lat * Math.PI) / 180));
    const colours = [...COLOURS[this.theme]];
    colours[7] *= Math.min(1, Math.max(0.22, (zoom - 12.2) / 2.2)); // wet streets: faint from afar
    gl.uniform4fv(at['u_colours[0]'], colours);
    gl.bindVertexArray(this.array);
    gl.drawArrays(gl.TRIANGLES, 0, this.vertices.length / 7);
    gl.bindVertexArray(null);
  }
}
