// The page of one run: the map, its clock, its layers, and what it tells the page in Dash.
//
// Buttons carry `data-act` ("play", "layer:depth", …). Dash hears through set_props: `viewer-pick`
// (what was clicked), `viewer-time` (at most four times a second) and `viewer-course` (counts over
// time, once they are made).

import { cameraText, readAddress, writeAddress } from './address.js';
import { Charts } from './charts.js';
import { fetchJson } from './frames.js';
import { drawLegend, drawUnitsLegend } from './legend.js';
import { Now } from './now.js';
import { Note, actOf, byId } from './page.js';
import { download, snapshot } from './snapshot.js';
import { Timeline } from './timeline.js';
import { Tip } from './tip.js';
import { TwinMap } from './twin-map.js';
import { Words } from './words.js';

const LAYERS = ['depth', 'hazard_class', 'max_speed', 'arrival_time', 'duration', 'none'];
const KEYS = {
  ' ': 'play', ArrowLeft: 'step:-1', ArrowRight: 'step:1', m: 'max', r: 'rivers', f: 'fit',
};
const tell = (id, props) => window.dash_clientside?.set_props?.(id, props);

let shown = null;

/** Show a run in the page; what was shown before is let go. */
export async function mountViewer(config) {
  shown?.remove();
  shown = new Viewer(config);
  window.twinViewer = shown; // for tests and for the curious
  await shown.start();
  return shown.scene ? shown.scene.digest : null;
}

class Viewer {
  constructor(config) {
    this.config = config;
    this.note = new Note({ badMs: 12000 });
    this.base = `/api/v1/runs/${encodeURIComponent(config.run)}`;
    this.address = readAddress();
    this.layer = this.address.layer ?? 'depth';
    this.vehicle = this.address.roads;
    this.picked = [];
    this.root = byId('viewer');
    if (innerWidth <= 760) this.root.querySelector('.viewer-layers')?.removeAttribute('open');
    this.map = new TwinMap(byId('viewer-map'), {
      language: config.language,
      camera: this.address.camera,
      bounds: config.bounds ?? undefined,
      city: config.city_url ?? undefined,
      padding: 30,
    });
    this.onClick = (event) => this.clicked(event);
    this.onKey = (event) => this.key(event);
    document.addEventListener('click', this.onClick);
    document.addEventListener('keydown', this.onKey);
    this.watching = new MutationObserver(() => {
      if (!this.root.isConnected) this.remove();
    });
    this.watching.observe(document.body, { childList: true, subtree: true });
  }

  async start() {
    const { map, config } = this;
    map.on('problem', (error) => this.problem(error));
    await map.ready;
    try {
      this.scene = await map.setScene(this.base);
    } catch (error) {
      this.problem(error);
      return;
    }
    if (!map.map) return;
    this.words = new Words(config.texts, config.language, this.scene.start);
    this.timeline = new Timeline(byId('viewer-timeline'), map.clock, {
      label: this.words.say('time'),
      peak: this.words.say('max'),
      peakTitle: this.words.say('max_title'),
      at: (s) => this.words.clock(s),
      tick: (s) => this.words.clock(s),
      zone: this.words.midnight,
    });
    this.tip = new Tip(byId('viewer-tip'), this.words);
    this.charts = new Charts(this.root, this.words, (s) => map.setTime(s));
    this.now = new Now(this.root, this.words, this.scene);
    this.now.openCalls = (time) => {
      const open = map.marks.incidents.filter((i) => i.call_s <= time && !(i.end_s !== null && i.end_s <= time));
      const waiting = open.filter((i) => i.reached_s === null || i.reached_s > time);
      return { open: open.length, waiting: waiting.length };
    };
    map.on('time', (state) => this.timed(state));
    map.on('frames', (share) => this.timeline.setLoaded(share));
    map.on('hover', (found) => this.tip.show(found));
    map.on('pick', (found) => this.pick(found));
    map.on('camera', (camera) => writeAddress({ at: cameraText(camera) }));
    map.on('theme', () => {
      this.legend();
      this.timeline.draw();
    });
    map.on('units', (units) => {
      this.now.setUnits(units);
      map.refresh();
      this.legend();
      this.refresh();
    });
    tell('header-scenario', { children: config.title });
    tell('header-state', { children: config.state });
    this.restore();
    this.frame = requestAnimationFrame(() => this.draw());
    this.follow();
  }

  /** Take layers and time from the address. */
  restore() {
    const { map, address } = this;
    map.clock.setSpeed(address.speed ?? this.config.speed ?? 600);
    this.setLayer(this.scene.fields[this.layer] || this.layer === 'none' ? this.layer : 'depth');
    this.setRivers(address.rivers);
    this.setRoads(this.scene.vehicles.includes(this.vehicle) ? this.vehicle : null);
    if (address.peak || (address.time === null && !address.wall)) map.clock.setPeak(true);
    if (address.time !== null) map.setTime(address.time);
    if (address.wall) {
      document.body.classList.add('wall');
      map.clock.loop = true;
      map.clock.play();
    }
    this.marks();
  }

  // -- What is shown --------------------------------------------------------------------------

  setLayer(name) {
    this.layer = name;
    this.map.setField(name === 'none' ? null : name);
    writeAddress({ layer: name === 'depth' ? null : name });
    this.legend();
    this.marks();
  }

  setRoads(vehicle) {
    this.vehicle = vehicle;
    this.map.setRoads(vehicle);
    this.now?.setVehicle(vehicle);
    writeAddress({ roads: vehicle });
    this.legend();
    this.marks();
    this.refresh();
  }

  setRivers(on) {
    this.map.overlay.hideWater = !on;
    this.map.overlay.restyle();
    this.map.refresh();
    writeAddress({ rivers: on ? 1 : null });
    this.marks();
  }

  legend() {
    if (!this.words) return;
    drawLegend(byId('viewer-legend'), {
      spec: this.scene.fields[this.layer], theme: this.map.theme, words: this.words, vehicle: this.vehicle,
      incidents: this.map.marks.incidents.length > 0 && this.map.marks.visible.incidents && !this.map.clock.peak,
      peak: this.map.clock.peak,
    });
    const { units } = this.map.overlay.units;
    drawUnitsLegend(byId('viewer-unit-legend'), { units, theme: this.map.theme, words: this.words });
  }

  /** Mark the buttons that are on. */
  marks() {
    const { clock, overlay } = this.map;
    const on = new Set([
      `layer:${this.layer}`, `speed:${clock.speed}`, `roads:${this.vehicle ?? 'none'}`,
      clock.playing ? 'play' : '', clock.peak ? 'max' : '', overlay.hideWater ? '' : 'rivers',
      overlay.units.visible ? 'units' : '', overlay.units.trails ? 'trails' : '',
      this.map.marks.visible.incidents ? 'incidents' : '', overlay.smooth !== false ? 'smooth' : '',
    ]);
    for (const button of this.root.querySelectorAll('[data-act]')) {
      button.setAttribute('aria-pressed', String(on.has(button.dataset.act)));
    }
    this.root.classList.toggle('playing', clock.playing);
    byId('viewer-speed')?.setAttribute('value', String(clock.speed));
  }

  timed({ time, playing, peak, reason }) {
    this.refresh();
    if (reason !== 'tick') {
      this.marks();
      this.legend();
      if (!playing) writeAddress({ t: peak ? 'max' : Math.round(time) });
    }
    tell('viewer-time', { data: { time_s: time, peak, playing } });
  }

  /** Everything beside the map that depends on the time. */
  refresh() {
    if (!this.words) return;
    const { clock } = this.map;
    const moment = clock.peak ? this.words.say('max_title') : this.words.clock(clock.time);
    byId('viewer-clock').textContent = clock.peak ? this.words.say('max') : moment;
    byId('viewer-elapsed').textContent = clock.peak
      ? this.words.say('max_note')
      : `${this.words.date(clock.time)} · ${this.words.elapsed(clock.time)}`;
    const now = clock.peak ? this.words.say('max') : `${this.words.date(clock.time)} ${moment}`;
    if (now !== this.told) {
      this.told = now;
      tell('header-clock', { children: now });
    }
    this.timeline.say();
    this.charts.show(clock.time);
    this.now.show(clock, this.map.overlay.units.units);
  }

  /** The thumb follows in every frame; all else at a quarter of a second. */
  draw() {
    if (!this.map.map) return;
    if (this.drawn !== this.map.clock.time || this.drawnPeak !== this.map.clock.peak) {
      this.drawn = this.map.clock.time;
      this.drawnPeak = this.map.clock.peak;
      this.timeline.place();
    }
    this.frame = requestAnimationFrame(() => this.draw());
  }

  /** Wait for the counts over time, and show them. */
  async follow() {
    for (let turn = 0; turn < 600 && this.map.map; turn += 1) {
      try {
        const found = await fetchJson(`${this.base}/over-time`);
        if (found.ready) {
          this.now.setCourse(found);
          const water = found.water;
          if (water) this.timeline.setCourse({ times: water.times_s, values: water.flooded_area_m2[0] });
          tell('viewer-course', { data: found });
          this.refresh();
          setTimeout(() => this.map.map && this.charts.show(this.map.clock.time), 1200);
          return;
        }
      } catch (error) {
        if (error.status === 404) return;
      }
      await new Promise((resolve) => {
        setTimeout(resolve, 700);
      });
    }
  }

  // -- What people do -------------------------------------------------------------------------

  clicked(event) {
    const button = event.target.closest('[data-act]');
    if (!button || !this.root.contains(button)) return;
    this.act(button.dataset.act);
  }

  act(action) {
    const [verb, what] = action.split(':');
    const { map } = this;
    const { clock, overlay } = map;
    const acts = {
      play: () => clock.toggle(),
      step: () => clock.step(Number(what), this.scene.frames.length ? this.scene.frames : [0, clock.end]),
      speed: () => {
        clock.setSpeed(Number(what));
        writeAddress({ speed: what });
      },
      max: () => clock.setPeak(!clock.peak),
      layer: () => this.setLayer(what),
      roads: () => this.setRoads(what === 'none' ? null : what),
      rivers: () => this.setRivers(overlay.hideWater),
      units: () => {
        overlay.units.visible = !overlay.units.visible;
      },
      trails: () => {
        overlay.units.trails = !overlay.units.trails;
      },
      incidents: () => map.marks.setVisible({ incidents: !map.marks.visible.incidents }),
      smooth: () => {
        overlay.smooth = overlay.smooth === false;
        overlay.restyle();
      },
      layers: () => this.root.classList.toggle('layers-open'),
      panel: () => this.root.classList.toggle('panel-closed'),
      fit: () => map.fit(this.scene.bounds),
      picture: () => this.picture(),
      share: () => this.share(),
      unit: () => this.pick({ unit: what }),
      place: () => this.goTo(what),
      time: () => map.setTime(Number(what)),
    };
    acts[verb]?.();
    this.marks();
    this.legend();
    map.refresh();
  }

  key(event) {
    const act = actOf(event, KEYS, LAYERS, '#viewer-map, [role=tab]');
    if (!act) return;
    const name = act.startsWith('layer:') ? act.slice(6) : null;
    if (name && name !== 'none' && !this.scene?.fields[name]) return;
    event.preventDefault();
    this.act(act);
  }

  /** One click asks about a place, a second one with Shift (or on another place) makes a profile. */
  pick(found) {
    const { map } = this;
    if (found.unit) {
      map.overlay.choose(found.unit);
      tell('viewer-pick', { data: { kind: 'unit', unit: found.unit } });
    } else if (found.incident) {
      tell('viewer-pick', { data: { kind: 'incident', incident: found.incident.incident } });
    } else if (found.lon !== undefined) {
      map.overlay.choose(null);
      const place = { lon: found.lon, lat: found.lat };
      this.picked = this.picked.length === 1 ? [...this.picked, place] : [place];
      map.marks.setPicked(this.picked);
      tell('viewer-pick', { data: {
        kind: 'place', points: this.picked, time_s: map.clock.peak ? null : map.clock.time,
        facility: found.facility?.name ?? found.structure?.name ?? found.gauge?.name ?? null,
        facility_id: found.facility?.kind === 'hospital' ? found.facility.facility_id : null,
      } });
    }
    this.root.classList.remove('panel-closed');
    const tab = byId('viewer-tab-selected');
    tab?.click();
    setTimeout(() => this.map.map && this.charts.show(map.clock.time), 700);
  }

  goTo(text) {
    const [lon, lat] = text.split(',').map(Number);
    this.map.map.easeTo({ center: [lon, lat], zoom: Math.max(15, this.map.map.getZoom()) });
  }

  async picture() {
    const { clock } = this.map;
    const time = clock.peak ? this.words.say('max_title') : `${this.words.date(clock.time)} ${this.words.clock(clock.time)}`;
    const layer = this.layer === 'none' ? '' : `${this.words.say(`field.${this.layer}`)} · `;
    const blob = await snapshot(this.map.map, {
      title: this.config.title, subtitle: `${layer}${time}`, notes: this.config.credits, legend: byId('viewer-legend'),
    });
    download(blob, `${this.config.run}-${clock.peak ? 'max' : Math.round(clock.time)}s.png`);
  }

  async share() {
    const { clock } = this.map;
    writeAddress({ t: clock.peak ? 'max' : Math.round(clock.time), at: cameraText(this.map.camera) });
    let copied = true;
    try {
      await navigator.clipboard.writeText(location.href);
    } catch {
      copied = false; // the address bar holds it all the same
    }
    this.say(this.words.say(copied ? 'copied' : 'in_address'));
  }

  say(text, bad = false) {
    this.note.say(text, bad);
  }

  problem(error) {
    if (!error || error.name === 'AbortError') return;
    const say = (key) => this.config.texts[key] ?? key;
    const text = error.status === 404 ? say('gone') : error.status ? error.message : say('lost');
    this.say([text, error.remedy].filter(Boolean).join(' '), true);
  }

  remove() {
    if (shown === this) shown = null;
    this.watching.disconnect();
    cancelAnimationFrame(this.frame);
    document.removeEventListener('click', this.onClick);
    document.removeEventListener('keydown', this.onKey);
    document.body.classList.remove('wall');
    for (const id of ['header-clock', 'header-scenario', 'header-state']) {
      if (byId(id)) tell(id, { children: null });
    }
    this.map.remove();
  }
}

