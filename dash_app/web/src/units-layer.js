// Vehicles: points and their trails, moved in every frame without a download.
//
// A unit is a trajectory of (time, lon, lat), straight and even between its points, and a list of
// states. Its shape says the service, its fill the state, and a cross marks one that is stranded:
// never the colour alone.

import { indexAt, localMatrix, mercator } from './geo.js';
import { interleave, makeBuffer, makeProgram } from './gl.js';

const POINT_VERTEX = `
layout(location = 0) in vec2 a_position;
layout(location = 1) in vec3 a_look; // shape, state, chosen
uniform mat4 u_matrix;
uniform float u_size;
flat out vec3 v_look;
out float v_size;
void main() {
  v_look = a_look;
  v_size = u_size * (a_look.z > 0.5 ? 1.5 : 1.0);
  gl_Position = u_matrix * vec4(a_position, 0.0, 1.0);
  gl_PointSize = v_size;
}`;

const POINT_FRAGMENT = `
flat in vec3 v_look;
in float v_size;
out vec4 o_colour;
uniform vec3 u_fill[6];
uniform vec3 u_edge;
float shape(vec2 p) {
  if (v_look.x < 0.5) return length(p) - 0.66;                       // ambulance: a disc
  if (v_look.x < 1.5) return (abs(p.x) + abs(p.y)) - 0.86;           // fire: a diamond
  return max(abs(p.x), abs(p.y)) - 0.62;                             // others: a square
}
void main() {
  vec2 p = gl_PointCoord * 2.0 - 1.0;
  float d = shape(p);
  float pixel = 2.0 / v_size;
  float inside = 1.0 - smoothstep(-pixel, pixel, d);
  float rim = smoothstep(-0.20 - pixel, -0.20 + pixel, d);
  vec3 fill = u_fill[int(v_look.y + 0.5)];
  vec3 colour = mix(fill, u_edge, rim);
  if (v_look.x < 0.5 && (min(abs(p.x), abs(p.y)) < 0.10) && max(abs(p.x), abs(p.y)) < 0.34) {
    colour = u_edge;
  }
  if (v_look.y > 4.5 && min(abs(p.x - p.y), abs(p.x + p.y)) < 0.24 && length(p) < 0.95) {
    colour = vec3(0.0);
    inside = 1.0;
  }
  float ring = v_look.z > 0.5 ? 1.0 - smoothstep(0.0, pixel * 2.0, abs(length(p) - 0.9)) : 0.0;
  float alpha = max(inside, ring);
  if (alpha <= 0.01) discard;
  o_colour = vec4(mix(colour, u_edge, ring) * alpha, alpha);
}`;

const TRAIL_VERTEX = `
layout(location = 0) in vec2 a_position;
layout(location = 1) in vec2 a_normal;
layout(location = 2) in vec3 a_when; // time, number of the unit, side
uniform mat4 u_matrix;
uniform float u_pixel, u_time, u_length, u_chosen;
out float v_age;
out float v_side;
flat out float v_chosen;
void main() {
  v_chosen = abs(a_when.y - u_chosen) < 0.5 ? 1.0 : 0.0;
  v_age = (u_time - a_when.x) / u_length;
  float half_width = v_chosen > 0.5 ? 2.8 : 1.9;
  v_side = a_when.z * half_width;
  gl_Position = u_matrix * vec4(a_position + a_normal * half_width * u_pixel, 0.0, 1.0);
}`;

const TRAIL_FRAGMENT = `
in float v_age;
in float v_side;
flat in float v_chosen;
out vec4 o_colour;
uniform vec3 u_line;
void main() {
  if (v_age < 0.0 || v_age > 1.0) discard;
  float alpha = (1.0 - v_age) * (v_chosen > 0.5 ? 0.95 : 0.5);
  alpha *= clamp((v_chosen > 0.5 ? 2.3 : 1.4) - abs(v_side), 0.0, 1.0);
  o_colour = vec4(u_line * alpha, alpha);
}`;

//: States in the order of the fills: parked, on the way, at work, to hospital, back, stranded.
export const STATES = ['idle', 'responding', 'on_scene', 'transporting', 'returning', 'stranded'];
const FILLS = {
  light: ['#8a94a0', '#d7263d', '#f29f05', '#7b2cbf', '#1f77b4', '#ffffff'],
  dark: ['#7d8794', '#ff5d6c', '#ffb92e', '#c08bff', '#63b3ed', '#ffffff'],
};
export const stateColour = (state, theme) => FILLS[theme][Math.max(0, STATES.indexOf(state))];

const rgb = (hex) => [1, 3, 5].map((i) => parseInt(hex.slice(i, i + 2), 16) / 255);

export class UnitsLayer {
  constructor(id) {
    this.id = id;
    this.type = 'custom';
    this.renderingMode = '2d';
    this.units = [];
    this.theme = 'light';
    this.visible = true;
    this.trails = true;
    this.trailSeconds = 1200;
    this.chosen = -1;
    this.time = 0;
  }

  /** @param units [{id, service, t[], lon[], lat[], states: [[t, state, incident]]}] */
  setUnits(units) {
    const first = units.find((unit) => unit.lon.length);
    this.origin = first ? mercator(first.lon[0], first.lat[0]) : [0.5, 0.5];
    this.units = units.map((unit) => {
      const x = new Float64Array(unit.lon.length);
      const y = new Float64Array(unit.lon.length);
      for (let i = 0; i < x.length; i += 1) {
        const [mx, my] = mercator(unit.lon[i], unit.lat[i]);
        x[i] = mx - this.origin[0];
        y[i] = my - this.origin[1];
      }
      const shape = { ambulance: 0, fire: 1 }[unit.service] ?? 2;
      return {
        ...unit,
        x,
        y,
        shape,
        stateTimes: unit.states.map((s) => s[0]),
        stateCodes: unit.states.map((s) => Math.max(0, STATES.indexOf(s[1]))),
        place: 0,
        here: [0, 0],
      };
    });
    this.points = new Float32Array(this.units.length * 5);
    this.trailData = trailsOf(this.units);
    this.changed = true;
  }

  onAdd(map, gl) {
    this.map = map;
    this.point = makeProgram(gl, POINT_VERTEX, POINT_FRAGMENT);
    this.trail = makeProgram(gl, TRAIL_VERTEX, TRAIL_FRAGMENT);
    this.pointArray = gl.createVertexArray();
    this.trailArray = gl.createVertexArray();
    this.changed = true;
  }

  onRemove(map, gl) {
    gl.deleteProgram(this.point.program);
    gl.deleteProgram(this.trail.program);
    gl.deleteVertexArray(this.pointArray);
    gl.deleteVertexArray(this.trailArray);
    gl.deleteBuffer(this.pointBuffer);
    gl.deleteBuffer(this.trailBuffer);
  }

  /** Move every unit to where it is at `time`. */
  place(time) {
    this.time = time;
    this.units.forEach((unit, i) => {
      const { t, x, y } = unit;
      let k = unit.place;
      if (t[k] > time || k + 64 < t.length) {
        if (t[k] > time || (t[k + 64] ?? Infinity) < time) k = indexAt(t, time);
      }
      while (k + 1 < t.length && t[k + 1] <= time) k += 1;
      unit.place = k;
      const share =
        k + 1 < t.length && t[k + 1] > t[k] ? Math.max(0, (time - t[k]) / (t[k + 1] - t[k])) : 0;
      const next = Math.min(k + 1, t.length - 1);
      unit.here[0] = x[k] + (x[next] - x[k]) * share;
      unit.here[1] = y[k] + (y[next] - y[k]) * share;
      const state = unit.stateTimes.length ? unit.stateCodes[indexAt(unit.stateTimes, time)] : 0;
      unit.state = unit.stateTimes.length && unit.stateTimes[0] > time ? 0 : state;
      this.points.set(
        [unit.here[0], unit.here[1], unit.shape, unit.state, i === this.chosen ? 1 : 0],
        i * 5,
      );
    });
  }

  /** Mercator position of unit i as it is drawn. */
  positionOf(i) {
    const [x, y] = this.units[i].here;
    return [x + this.origin[0], y + this.origin[1]];
  }

  render(gl, { defaultProjectionData }) {
    if (!this.visible || this.away || !this.units.length) return;
    const matrix = localMatrix(defaultProjectionData.mainMatrix, this.origin);
    if (this.changed) {
      gl.deleteBuffer(this.pointBuffer);
      gl.deleteBuffer(this.trailBuffer);
      gl.bindVertexArray(this.pointArray);
      this.pointBuffer = makeBuffer(gl, this.points, gl.DYNAMIC_DRAW);
      interleave(gl, this.pointBuffer, [2, 3]);
      gl.bindVertexArray(this.trailArray);
      this.trailBuffer = makeBuffer(gl, this.trailData);
      interleave(gl, this.trailBuffer, [2, 2, 3]);
      this.changed = false;
    }
    const zoom = this.map.getZoom();
    if (this.trails) {
      const { program, at } = this.trail;
      gl.useProgram(program);
      gl.uniformMatrix4fv(at.u_matrix, false, matrix);
      gl.uniform1f(at.u_pixel, 1 / (512 * 2 ** zoom));
      gl.uniform1f(at.u_time, this.time);
      gl.uniform1f(at.u_length, this.trailSeconds);
      gl.uniform1f(at.u_chosen, this.chosen);
      gl.uniform3fv(at.u_line, this.theme === 'dark' ? [1, 1, 1] : [0.1, 0.12, 0.16]);
      gl.bindVertexArray(this.trailArray);
      gl.drawArrays(gl.TRIANGLES, 0, this.trailData.length / 7);
    }
    const { program, at } = this.point;
    gl.useProgram(program);
    gl.uniformMatrix4fv(at.u_matrix, false, matrix);
    gl.uniform1f(at.u_size, Math.min(30, Math.max(11, 3.2 * (zoom - 8.5))) * devicePixelRatio);
    gl.uniform3fv(at['u_fill[0]'], FILLS[this.theme].flatMap(rgb));
    gl.uniform3fv(at.u_edge, this.theme === 'dark' ? [0.04, 0.06, 0.1] : [1, 1, 1]);
    gl.bindVertexArray(this.pointArray);
    gl.bindBuffer(gl.ARRAY_BUFFER, this.pointBuffer);
    gl.bufferSubData(gl.ARRAY_BUFFER, 0, this.points);
    gl.drawArrays(gl.POINTS, 0, this.units.length);
    gl.bindVertexArray(null);
  }
}

/** Two triangles for every stretch that a unit drives: position, normal, time, number. */
function trailsOf(units) {
  const rows = [];
  units.forEach(({ t, x, y }, unit) => {
    for (let i = 0; i + 1 < t.length; i += 1) {
      const dx = x[i + 1] - x[i];
      const dy = y[i + 1] - y[i];
      const length = Math.hypot(dx, dy);
      if (!length) continue;
      const [nx, ny] = [-dy / length, dx / length];
      const a = [x[i], y[i], nx, ny, t[i], unit, 1];
      const b = [x[i], y[i], -nx, -ny, t[i], unit, -1];
      const c = [x[i + 1], y[i + 1], nx, ny, t[i + 1], unit, 1];
      const d = [x[i + 1], y[i + 1], -nx, -ny, t[i + 1], unit, -1];
      rows.push(...a, ...b, ...c, ...c, ...b, ...d);
    }
  });
  return new Float32Array(rows);
}
