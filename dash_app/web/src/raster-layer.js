// The water: one field of one or two runs, coloured in the shader.
//
// The cells lie in textures (this frame and the next one), the colours in a table of 256 entries, so
// that palette, opacity and swipe cost no download. The grid of a city (UTM, VN-2000) is no
// rectangle in Mercator, so the texture is drawn on a mesh.

import { mercator, localMatrix } from './geo.js';
import { fillTexture, interleave, makeBuffer, makeProgram, makeTexture } from './gl.js';

const VERTEX = `
layout(location = 0) in vec2 a_position;
layout(location = 1) in vec2 a_cell;
uniform mat4 u_matrix;
out vec2 v_cell;
void main() {
  v_cell = a_cell;
  gl_Position = u_matrix * vec4(a_position, 0.0, 1.0);
}`;

const FRAGMENT = `
in vec2 v_cell;
out vec4 o_colour;
uniform sampler2D u_now, u_next, u_other_now, u_other_next, u_mask, u_table;
uniform float u_blend, u_other_blend, u_opacity, u_swipe, u_gain, u_top;
uniform bool u_wide, u_masked, u_difference;
uniform vec3 u_water;

// Code 0 to 255 of a cell, whether it came in one byte or in two. At a shore the cells are not
// smoothed: the deep water beside it would colour the land.
float code(sampler2D cells, vec2 at, bool shore) {
  vec4 t = shore ? texelFetch(cells, ivec2(at * vec2(textureSize(cells, 0))), 0) : texture(cells, at);
  if (!u_wide) return t.r * 255.0;
  float c = floor(t.g * 255.0 + 0.5) * 256.0 + floor(t.r * 255.0 + 0.5);
  return c < 0.5 ? 0.0 : 1.0 + (c - 1.0) * (254.0 / 65534.0);
}

float depth(float c) {
  float s = max(c - 1.0, 0.0) / 254.0;
  return s * s * u_gain;
}

void main() {
  bool shore = false;
  if (u_masked) {
    // The code of land is 1. Rivers are drawn by the base map; a creek is often narrower there than
    // its cells, which would be left blank.
    float kind = texelFetch(u_mask, ivec2(v_cell * vec2(textureSize(u_mask, 0))), 0).r * 255.0;
    if (kind > 2.5) discard;
    if (kind > 1.5) {
      o_colour = vec4(u_water * 0.8, 0.8);
      return;
    }
    shore = texture(u_mask, v_cell).r > 1.02 / 255.0;
  }
  float one = mix(code(u_now, v_cell, shore), code(u_next, v_cell, shore), u_blend);
  float place;
  if (u_difference) {
    float two = mix(code(u_other_now, v_cell, shore), code(u_other_next, v_cell, shore), u_other_blend);
    place = clamp((depth(two) - depth(one)) / u_top, -1.0, 1.0) * 127.5 + 127.5;
  } else if (u_swipe >= 0.0 && gl_FragCoord.x > u_swipe) {
    place = mix(code(u_other_now, v_cell, shore), code(u_other_next, v_cell, shore), u_other_blend);
  } else {
    place = one;
  }
  vec4 colour = texture(u_table, vec2((floor(place + 0.5) + 0.5) / 256.0, 0.5));
  float alpha = colour.a * u_opacity;
  if (alpha <= 0.0) discard;
  o_colour = vec4(colour.rgb * alpha, alpha);
}`;

const SLOTS = ['now', 'next', 'other_now', 'other_next'];

export class RasterLayer {
  constructor(id) {
    this.id = id;
    this.type = 'custom';
    this.renderingMode = '2d';
    this.slots = {}; // name -> {key, bytes}: what should lie in each texture
    this.loaded = {}; // name -> key: what does
    this.blend = 0;
    this.otherBlend = 0;
    this.opacity = 1;
    this.swipe = -1; // share of the width, -1 for none
    this.masked = false;
    this.water = [0.81, 0.88, 0.92]; // of canals, where they are masked
    this.difference = false;
    this.smooth = true;
    this.bits = 8;
    this.gain = 1;
    this.top = 1;
    this.table = new Uint8Array(1024);
    this.visible = true;
  }

  /** @param mesh {rows, columns, lon[], lat[]}: a lattice over the grid, north-west first */
  setMesh(mesh) {
    const { rows, columns } = mesh;
    const middle = mercator(mesh.lon[(rows * columns) >> 1], mesh.lat[(rows * columns) >> 1]);
    const vertices = new Float32Array(rows * columns * 4);
    for (let i = 0; i < rows * columns; i += 1) {
      const [x, y] = mercator(mesh.lon[i], mesh.lat[i]);
      const column = i % columns;
      const row = (i - column) / columns;
      vertices.set(
        [x - middle[0], y - middle[1], column / (columns - 1), row / (rows - 1)],
        i * 4,
      );
    }
    const triangles = [];
    for (let row = 0; row + 1 < rows; row += 1) {
      for (let column = 0; column + 1 < columns; column += 1) {
        const a = row * columns + column;
        triangles.push(a, a + columns, a + 1, a + 1, a + columns, a + columns + 1);
      }
    }
    this.origin = middle;
    this.vertices = vertices;
    this.triangles = new Uint16Array(triangles);
    this.meshChanged = true;
  }

  /** Lay frames into the textures: {now: {key, bytes, width, height}, next: …}. */
  setCells(slots, blend, otherBlend = 0) {
    this.slots = slots;
    this.blend = blend;
    this.otherBlend = otherBlend;
  }

  setMask(bytes, width, height) {
    this.mask = { bytes, width, height };
    this.maskChanged = true;
  }

  setTable(table) {
    this.table = table;
    this.tableChanged = true;
  }

  onAdd(map, gl) {
    this.map = map;
    Object.assign(this, makeProgram(gl, VERTEX, FRAGMENT));
    this.array = gl.createVertexArray();
    this.textures = {};
    for (const name of SLOTS) this.textures[name] = makeTexture(gl, gl.NEAREST);
    this.textures.mask = makeTexture(gl, gl.LINEAR);
    fillTexture(gl, new Uint8Array(1), 1, 1, 8);
    this.textures.table = makeTexture(gl, gl.NEAREST);
    this.loaded = {};
    this.meshChanged = Boolean(this.vertices);
    this.maskChanged = Boolean(this.mask);
    this.tableChanged = true;
  }

  onRemove(map, gl) {
    for (const texture of Object.values(this.textures)) gl.deleteTexture(texture);
    gl.deleteProgram(this.program);
    gl.deleteVertexArray(this.array);
    gl.deleteBuffer(this.buffer);
    gl.deleteBuffer(this.indices);
  }

  upload(gl) {
    if (this.meshChanged) {
      gl.bindVertexArray(this.array);
      gl.deleteBuffer(this.buffer);
      gl.deleteBuffer(this.indices);
      this.buffer = makeBuffer(gl, this.vertices);
      interleave(gl, this.buffer, [2, 2]);
      this.indices = gl.createBuffer();
      gl.bindBuffer(gl.ELEMENT_ARRAY_BUFFER, this.indices);
      gl.bufferData(gl.ELEMENT_ARRAY_BUFFER, this.triangles, gl.STATIC_DRAW);
      gl.bindVertexArray(null);
      this.meshChanged = false;
    }
    gl.activeTexture(gl.TEXTURE0);
    if (this.tableChanged) {
      gl.bindTexture(gl.TEXTURE_2D, this.textures.table);
      gl.pixelStorei(gl.UNPACK_PREMULTIPLY_ALPHA_WEBGL, false);
      gl.texImage2D(gl.TEXTURE_2D, 0, gl.RGBA8, 256, 1, 0, gl.RGBA, gl.UNSIGNED_BYTE, this.table);
      this.tableChanged = false;
    }
    if (this.maskChanged) {
      gl.bindTexture(gl.TEXTURE_2D, this.textures.mask);
      fillTexture(gl, this.mask.bytes, this.mask.width, this.mask.height, 8);
      this.maskChanged = false;
    }
    this.exchange();
    for (const name of SLOTS) {
      const slot = this.slots[name];
      if (!slot || this.loaded[name] === slot.key) continue;
      gl.bindTexture(gl.TEXTURE_2D, this.textures[name]);
      fillTexture(gl, slot.bytes, slot.width, slot.height, this.bits);
      this.loaded[name] = slot.key;
    }
  }

  /** As the next frame becomes this one, swap the textures instead of filling one anew. */
  exchange() {
    for (const [now, next] of [
      ['now', 'next'],
      ['other_now', 'other_next'],
    ]) {
      const key = this.slots[now]?.key;
      if (key !== undefined && this.loaded[now] !== key && this.loaded[next] === key) {
        [this.textures[now], this.textures[next]] = [this.textures[next], this.textures[now]];
        [this.loaded[now], this.loaded[next]] = [this.loaded[next], this.loaded[now]];
      }
    }
  }

  render(gl, { defaultProjectionData }) {
    if (!this.visible || !this.vertices || !this.slots.now) return;
    this.upload(gl);
    const { at } = this;
    gl.useProgram(this.program);
    gl.uniformMatrix4fv(at.u_matrix, false, localMatrix(defaultProjectionData.mainMatrix, this.origin));
    const filter = this.smooth && this.bits === 8 ? gl.LINEAR : gl.NEAREST;
    [...SLOTS, 'mask', 'table'].forEach((name, unit) => {
      const missing = SLOTS.includes(name) && this.loaded[name] === undefined;
      gl.activeTexture(gl.TEXTURE0 + unit);
      gl.bindTexture(gl.TEXTURE_2D, this.textures[missing ? 'now' : name]);
      if (SLOTS.includes(name)) {
        gl.texParameteri(gl.TEXTURE_2D, gl.TEXTURE_MIN_FILTER, filter);
        gl.texParameteri(gl.TEXTURE_2D, gl.TEXTURE_MAG_FILTER, filter);
      }
      gl.uniform1i(at[`u_${name}`], unit);
    });
    gl.uniform1f(at.u_blend, this.loaded.next === undefined ? 0 : this.blend);
    gl.uniform1f(at.u_other_blend, this.loaded.other_next === undefined ? 0 : this.otherBlend);
    gl.uniform1f(at.u_opacity, this.opacity);
    gl.uniform1f(at.u_swipe, this.swipe < 0 ? -1 : this.swipe * gl.drawingBufferWidth);
    gl.uniform1f(at.u_gain, this.gain);
    gl.uniform1f(at.u_top, this.top);
    gl.uniform3fv(at.u_water, this.water);
    gl.uniform1i(at.u_wide, this.bits === 16 ? 1 : 0);
    gl.uniform1i(at.u_masked, this.masked && this.mask ? 1 : 0);
    gl.uniform1i(at.u_difference, this.difference ? 1 : 0);
    gl.bindVertexArray(this.array);
    gl.drawElements(gl.TRIANGLES, this.triangles.length, gl.UNSIGNED_SHORT, 0);
    gl.bindVertexArray(null);
    gl.activeTexture(gl.TEXTURE0);
  }
}
