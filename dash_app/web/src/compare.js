// The page of two runs: swipe, side by side with one camera and one time, or their difference.

import { readAddress, writeAddress } from './address.js';
import { Charts } from './charts.js';
import { fetchJson } from './frames.js';
import { drawLegend } from './legend.js';
import { Note, actOf, byId } from './page.js';
import { Timeline } from './timeline.js';
import { TwinMap } from './twin-map.js';
import { Words } from './words.js';

const LAYERS = ['depth', 'hazard_class', 'max_speed', 'arrival_time', 'duration', 'none'];
const KEYS = { ' ': 'play', ArrowLeft: 'step:-1', ArrowRight: 'step:1', m: 'max' };

let shown = null;

/** Show two runs in the page; what was shown before is let go. */
export async function mountComparison(config) {
  shown?.remove();
  shown = new Comparison(config);
  window.twinComparison = shown;
  await shown.start();
  return `${config.a} ${config.b}`;
}

class Comparison {
  constructor(config) {
    this.config = config;
    this.note = new Note({ badMs: 9000 });
    this.root = byId('compare');
    this.bases = [config.a, config.b].map((run) => `/api/v1/runs/${encodeURIComponent(run)}`);
    const options = {
      language: config.language, bounds: config.bounds, city: config.city_url ?? undefined, camera: readAddress().camera, padding: 30,
    };
    this.map = new TwinMap(byId('compare-map-a'), options);
    this.second = new TwinMap(byId('compare-map-b'), options);
    this.onClick = (event) => {
      const button = event.target.closest('[data-act]');
      if (button && this.root.contains(button)) this.act(button.dataset.act);
    };
    this.onKey = (event) => this.key(event);
    document.addEventListener('click', this.onClick);
    document.addEventListener('keydown', this.onKey);
    this.watching = new MutationObserver(() => {
      if (!this.root.isConnected) this.remove();
    });
    this.watching.observe(document.body, { childList: true, subtree: true });
  }

  async start() {
    const { map, second, config } = this;
    for (const one of [map, second]) one.on('problem', (error) => this.problem(error));
    await Promise.all([map.ready, second.ready]);
    try {
      [this.scene, this.other] = await Promise.all([
        map.setScene(this.bases[0], this.bases[1]),
        second.setScene(this.bases[1]),
      ]);
    } catch (error) {
      this.problem(error);
      return;
    }
    if (!map.map) return;
    // The second map's own codes must be those of the first, or one legend would not fit both.
    second.overlay.close();
    second.overlay.scene = map.overlay.otherScene;
    map.clock.end = Math.max(this.scene.end_s, this.other.end_s);
    this.words = new Words(config.texts, config.language, this.scene.start);
    this.timeline = new Timeline(byId('viewer-timeline'), map.clock, {
      label: this.words.say('time'), peak: this.words.say('max'), peakTitle: this.words.say('max_title'),
      at: (s) => this.words.clock(s), tick: (s) => this.words.clock(s), zone: this.words.midnight,
    });
    this.charts = new Charts(this.root, this.words, (s) => map.setTime(s));
    this.alike = sameExtent(this.scene.mesh, this.other.mesh);
    this.follow();
    map.on('time', () => this.timed());
    map.on('frames', (share) => this.timeline.setLoaded(share));
    map.on('theme', () => {
      this.legend();
      this.timeline.draw();
    });
    this.joinCameras();
    this.handle();
    const address = readAddress();
    this.setLayer(this.scene.fields[address.layer] ? address.layer : 'depth');
    this.setView(this.alike ? (address.swipe ?? 'swipe') : 'side');
    if (!this.alike) this.say(this.words.say('other_grid'), true);
    if (address.time !== null) map.setTime(address.time);
    else map.clock.setPeak(true);
    const draw = () => {
      if (!this.map.map) return;
      this.timeline.place();
      if (map.clock.playing && this.view === 'side') this.mirror();
      requestAnimationFrame(draw);
    };
    requestAnimationFrame(draw);
  }

  /** Whoever moves one map moves the other. */
  joinCameras() {
    const [one, other] = [this.map.map, this.second.map];
    let busy = false;
    for (const [from, to] of [[one, other], [other, one]]) {
      from.on('move', () => {
        if (busy || this.view !== 'side') return;
        busy = true;
        to.jumpTo({ center: from.getCenter(), zoom: from.getZoom() });
        busy = false;
      });
    }
  }

  /** The second map shows the moment of the first. */
  mirror() {
    const { clock } = this.map;
    this.second.clock.time = clock.time;
    this.second.clock.peak = clock.peak;
    this.second.refresh();
  }

  handle() {
    const bar = byId('compare-handle');
    const set = (share) => {
      this.share = Math.min(0.98, Math.max(0.02, share));
      bar.style.left = `${this.share * 100}%`;
      bar.parentElement.style.setProperty('--swipe', `${this.share * 100}%`);
      bar.setAttribute('aria-valuenow', String(Math.round(this.share * 100)));
      if (this.view === 'swipe') {
        this.map.overlay.comparison = { swipe: this.share };
        this.map.overlay.raster.swipe = this.share;
        this.map.map.triggerRepaint();
      }
    };
    bar.addEventListener('pointerdown', (event) => {
      bar.setPointerCapture(event.pointerId);
      const move = ({ clientX }) => {
        const box = bar.parentElement.getBoundingClientRect();
        set((clientX - box.left) / box.width);
      };
      bar.addEventListener('pointermove', move);
      bar.addEventListener('pointerup', () => bar.removeEventListener('pointermove', move), { once: true });
      event.preventDefault();
    });
    bar.addEventListener('keydown', (event) => {
      const step = { ArrowLeft: -0.02, ArrowRight: 0.02 }[event.key];
      if (!step) return;
      event.preventDefault();
      event.stopPropagation();
      set(this.share + step);
    });
    set(0.5);
  }

  setView(view) {
    if (view !== 'side' && !this.alike) return;
    this.view = view;
    this.root.dataset.view = view;
    const side = view === 'side';
    for (const one of [this.map, this.second]) {
      one.overlay.units.visible = side;
      one.marks.setVisible({ incidents: side });
    }
    if (view === 'difference' && !['depth', 'max_depth'].includes(this.layer)) this.setLayer('depth');
    this.map.setComparison(view === 'swipe' ? { swipe: this.share } : view === 'difference' ? 'difference' : null);
    writeAddress({ view: view === 'swipe' ? null : view });
    requestAnimationFrame(() => {
      this.map.map?.resize();
      this.second.map?.resize();
      if (side) this.second.setCamera(this.map.camera);
      this.mirror();
    });
    this.marks();
  }

  setLayer(name) {
    this.layer = name;
    for (const one of [this.map, this.second]) one.setField(name === 'none' ? null : name);
    writeAddress({ layer: name === 'depth' ? null : name });
    this.marks();
  }

  marks() {
    const { clock } = this.map;
    const on = new Set([`layer:${this.layer}`, `view:${this.view}`, `speed:${clock.speed}`, clock.playing ? 'play' : '']);
    for (const button of this.root.querySelectorAll('[data-act]')) {
      button.setAttribute('aria-pressed', String(on.has(button.dataset.act)));
      const [verb, what] = button.dataset.act.split(':');
      if (verb === 'view') button.disabled = what !== 'side' && !this.alike;
      if (verb === 'layer') button.disabled = this.view === 'difference' && what !== 'depth';
    }
    this.root.classList.toggle('playing', clock.playing);
    this.legend();
  }

  legend() {
    if (!this.words) return;
    drawLegend(byId('viewer-legend'), {
      spec: this.scene.fields[this.layer], theme: this.map.theme, words: this.words, vehicle: null,
      incidents: this.view === 'side' && this.map.marks.incidents.length > 0 && !this.map.clock.peak,
      difference: this.view === 'difference', peak: this.map.clock.peak,
    });
  }

  timed() {
    const { clock } = this.map;
    byId('viewer-clock').textContent = clock.peak ? this.words.say('max') : this.words.clock(clock.time);
    byId('viewer-elapsed').textContent = clock.peak
      ? this.words.say('max_note')
      : `${this.words.date(clock.time)} · ${this.words.elapsed(clock.time)}`;
    this.timeline.say();
    this.charts.show(clock.time);
    if (this.view === 'side') this.mirror();
    if (!clock.playing) {
      this.marks();
      writeAddress({ t: clock.peak ? 'max' : Math.round(clock.time) });
    }
  }

  async follow() {
    for (let turn = 0; turn < 300 && this.map.map; turn += 1) {
      try {
        const found = await fetchJson(`${this.bases[1]}/over-time`);
        if (found.ready) {
          if (found.water) this.timeline.setCourse({ times: found.water.times_s, values: found.water.flooded_area_m2[0] });
          return;
        }
      } catch (error) {
        if (error.status === 404) return;
      }
      await new Promise((resolve) => {
        setTimeout(resolve, 800);
      });
    }
  }

  act(action) {
    const [verb, what] = action.split(':');
    const { clock } = this.map;
    const acts = {
      play: () => clock.toggle(),
      step: () => clock.step(Number(what), this.scene.frames),
      speed: () => clock.setSpeed(Number(what)),
      max: () => clock.setPeak(!clock.peak),
      layer: () => this.setLayer(what),
      view: () => this.setView(what),
      time: () => this.map.setTime(Number(what)),
    };
    acts[verb]?.();
    this.marks();
  }

  key(event) {
    if (!this.words) return;
    const act = actOf(event, KEYS, LAYERS, '.viewer-map, [role=tab]');
    if (!act) return;
    event.preventDefault();
    this.act(act);
  }

  say(text, bad = false) {
    this.note.say(text, bad);
  }

  problem(error) {
    if (!error || error.name === 'AbortError') return;
    const { texts } = this.config;
    this.say(error.status === 404 ? texts.gone : error.status ? error.message : texts.lost, true);
  }

  remove() {
    if (shown === this) shown = null;
    this.watching.disconnect();
    document.removeEventListener('click', this.onClick);
    document.removeEventListener('keydown', this.onKey);
    this.map.remove();
    this.second.remove();
  }
}

/** Whether two lattices lie on one another, within a few centimetres. */
function sameExtent(one, other) {
  if (!one || !other || one.lon.length !== other.lon.length) return false;
  return one.lon.every((lon, i) => Math.abs(lon - other.lon[i]) < 1e-6 && Math.abs(one.lat[i] - other.lat[i]) < 1e-6);
}
