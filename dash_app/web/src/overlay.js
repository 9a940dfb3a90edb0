// What a run lays over the base map: water, passable roads, vehicles.

import { Field } from './field.js';
import { fetchJson, problemOf } from './frames.js';
import { lonLat } from './geo.js';
import { colourTable, differenceTable, valueOf } from './palettes.js';
import { waterColour } from './base-style.js';
import { RasterLayer } from './raster-layer.js';
import { RoadsLayer } from './roads-layer.js';
import { UnitsLayer } from './units-layer.js';

export class Overlay {
  constructor(owner) {
    this.owner = owner;
    this.raster = new RasterLayer('run-water');
    this.roads = new RoadsLayer('run-roads');
    this.units = new UnitsLayer('run-units');
    this.fields = new Map(); // run/name -> Field
    this.name = null;
    this.comparison = null;
    this.hideWater = true;
  }

  async open(run, other) {
    this.close();
    this.base = run;
    this.scene = await fetchJson(`${run}/scene`);
    this.otherBase = other;
    this.otherScene = other ? await fetchJson(`${other}/scene`) : null;
    if (this.otherScene) shareCodes(this.scene.fields, this.otherScene.fields);
    if (this.scene.mesh) this.raster.setMesh(this.scene.mesh);
    if (!this.spec(this.name)) this.name = this.scene.fields.depth ? 'depth' : null;
    this.restyle();
    const load = (what, use) =>
      fetchJson(`${run}/${what}`).then(use).then(() => this.owner.refresh()).catch((e) => this.problem(e));
    load('units', (found) => {
      this.units.setUnits(found.units);
      this.owner.emit('units', found.units);
    });
    load('incidents', (found) => this.owner.marks.setIncidents(found));
    load('gauges', (found) => this.owner.marks.setGauges(found.gauges));
    if (this.scene.fields.water) this.loadMask(run);
    return this.scene;
  }

  close() {
    for (const field of this.fields.values()) field.dispose();
    this.fields.clear();
    this.roadsOf = null;
  }

  dispose() {
    this.close();
  }

  problem(error) {
    this.owner.emit('problem', error);
  }

  async loadMask(run) {
    const { width, height, level, bits } = this.scene.fields.water;
    const answer = await fetch(`${run}/fields/water/0?level=${level}&bits=${bits}&v=${this.scene.digest.slice(0, 16)}`);
    if (!answer.ok) return;
    this.raster.setMask(new Uint8Array(await answer.arrayBuffer()), width, height);
    this.owner.refresh();
  }

  /** Put the layers into the map's style, below its boundary and labels. */
  install() {
    const { map } = this.owner;
    if (!map?.style || !this.scene || !map.getLayer('boundary')) return;
    const { theme } = this.owner;
    this.roads.theme = theme;
    this.units.theme = theme;
    this.restyle();
    if (!map.getLayer(this.raster.id) && this.scene.mesh) map.addLayer(this.raster, this.owner.above);
    if (!map.getLayer(this.roads.id)) map.addLayer(this.roads, this.owner.above);
    if (!map.getLayer(this.units.id)) map.addLayer(this.units);
  }

  spec(name) {
    return name ? this.scene?.fields[name] : undefined;
  }

  setField(name) {
    this.name = this.spec(name) ? name : null;
    this.restyle();
  }

  setComparison(how) {
    this.comparison = how;
    this.restyle();
  }

  /** Colours and modes of the raster, after a change of field, theme or comparison. */
  restyle() {
    const spec = this.spec(this.shown ?? this.name);
    const { raster } = this;
    raster.visible = Boolean(spec);
    if (!spec) return;
    raster.bits = spec.bits;
    raster.gain = spec.maximum;
    raster.difference = this.comparison === 'difference';
    raster.swipe = this.comparison?.swipe ?? -1;
    raster.top = Math.max(0.1, spec.difference_top ?? 0.5);
    raster.masked = this.hideWater && spec.over_land;
    raster.water = waterColour(this.owner.theme);
    raster.smooth = !spec.classes && this.smooth !== false && spec.name !== 'arrival_time';
    raster.setTable(
      raster.difference ? differenceTable(raster.top, 0.02) : colourTable(spec, this.owner.theme),
    );
  }

  field(base, scene, name) {
    const key = `${base}/${name}`;
    if (!this.fields.has(key)) {
      const made = new Field({
        base,
        digest: scene.digest,
        spec: scene.fields[name],
        onReady: (k) => {
          this.owner.emit('frames', made.frames.share);
          const shows = k === made.asked || k === made.asked + 1;
          if (shows && !this.owner.clock.playing) this.owner.refresh();
        },
        onProblem: (error) => this.problem(error),
      });
      this.fields.set(key, made);
    }
    return this.fields.get(key);
  }

  /** Which field is drawn: at the stop "Max", the largest depth stands for the depth. */
  fieldAt(clock) {
    return clock.peak && this.name === 'depth' && this.spec('max_depth') ? 'max_depth' : this.name;
  }

  show(clock) {
    if (!this.scene) return;
    const name = this.fieldAt(clock);
    if (name !== this.shown) {
      this.shown = name;
      this.restyle();
    }
    if (name) {
      const one = this.field(this.base, this.scene, name).at(clock.time);
      const slots = { now: one.now, next: one.next };
      let otherBlend = 0;
      if (this.otherScene?.fields[name] && this.comparison) {
        const two = this.field(this.otherBase, this.otherScene, name).at(clock.time);
        Object.assign(slots, { other_now: two.now, other_next: two.next });
        otherBlend = two.blend;
      }
      this.raster.setCells(slots, one.blend, otherBlend);
      this.exact = one.exact;
    }
    this.roads.show(clock.time, clock.peak);
    this.units.away = clock.peak; // nobody is anywhere at the largest of a whole run
    this.units.place(clock.time);
  }

  async setRoads(vehicle) {
    this.roads.visible = Boolean(vehicle);
    this.vehicle = vehicle;
    if (!vehicle || !this.scene?.vehicles.includes(vehicle)) return;
    try {
      if (this.roadsOf !== this.base) {
        const roads = await fetchJson(`${this.base}/roads`);
        this.roads.setRoads(roads);
        this.roadTimes = roads.times;
        this.roadNames = roads.name;
        this.roadsOf = this.base;
      }
      const answer = await fetch(`${this.base}/roads/${vehicle}?v=${this.scene.digest.slice(0, 16)}`);
      if (!answer.ok) throw await problemOf(answer);
      const bytes = new Uint8Array(await answer.arrayBuffer());
      if (this.vehicle === vehicle) this.roads.setStates({ times: this.roadTimes, bytes });
    } catch (error) {
      this.problem(error);
    }
  }

  /** The shown value at {u, v} of the grid: {value, spec}, as fine as the picture is. */
  valueAt({ u, v }) {
    const spec = this.spec(this.shown);
    const bytes = this.raster.slots.now?.bytes;
    if (!spec || !bytes) return null;
    const cell = Math.floor(v * spec.height) * spec.width + Math.floor(u * spec.width);
    const wide = spec.bits === 16 ? bytes[2 * cell] + 256 * bytes[2 * cell + 1] : bytes[cell];
    const code = spec.bits === 16 && wide ? 1 + ((wide - 1) * 254) / 65534 : wide;
    const { mask } = this.raster;
    const water = Boolean(mask) && mask.width === spec.width && mask.bytes[cell] > 1;
    return { value: valueOf(code, spec), spec, water };
  }

  /** Id of the vehicle within a finger's width of a point of the screen. */
  unitAt(point) {
    const { map } = this.owner;
    let best = null;
    let nearest = 14;
    this.units.units.forEach((unit, i) => {
      const at = map.project(lonLat(...this.units.positionOf(i)));
      const distance = Math.hypot(at.x - point.x, at.y - point.y);
      if (distance < nearest) {
        nearest = distance;
        best = unit.id;
      }
    });
    return this.units.visible && !this.units.away ? best : null;
  }

  choose(unit) {
    this.units.chosen = this.units.units.findIndex(({ id }) => id === unit);
    this.owner.refresh();
  }
}

/** Let two runs code their fields alike, so that one table of colours fits both. */
function shareCodes(one, other) {
  for (const name of Object.keys(one)) {
    if (!other[name] || one[name].classes) continue;
    for (const key of ['maximum', 'top']) {
      const most = Math.max(one[name][key], other[name][key]);
      Object.assign(one[name], { [key]: most, shared: true });
      Object.assign(other[name], { [key]: most, shared: true });
    }
  }
}
