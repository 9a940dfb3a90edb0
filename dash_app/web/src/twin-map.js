// TwinMap: the map of a city, with the water, the roads and the vehicles of a run on it.
//
//   import { TwinMap } from '/web/twin-map.js';
//   const map = new TwinMap(element, {
//     city: '/api/v1/cities/<digest>',   // base of the city's GeoJSON layers; may be left out
//     theme: 'light' | 'dark',           // by default that of the page
//     language: 'vi' | 'en',
//     bounds: [west, south, east, north], camera: {center: [lon, lat], zoom, bearing},
//   });
//   await map.ready;
//   await map.setScene('/api/v1/runs/<id>');  // shows a run: fetches its scene, units, incidents
//   map.setField('depth');                    // any name of scene.fields
//   map.setRoads('ambulance');                // a class of vehicle, or null
//   map.setTime(3600);                        // seconds since the start; map.clock plays
//   map.on('pick', ({lon, lat, unit, incident, facility}) => …);   // also: hover, time, frames,
//   map.off('pick', listener);                                      // problem, camera, draw, drawn
//   const feature = await map.draw({mode: 'point'|'line'|'polygon'});   // GeoJSON, null = given up
//   const road = await map.draw({mode: 'select', layers: ['streets'], where: (p) => p.is_bridge});
//   map.setSketch(featureCollection);         // what an editor has placed; properties: colour, label
//   map.setCity(base); map.fit(bounds); map.setTheme(theme); map.remove();
//
// `map.map` is the MapLibre map, should more be needed. The layers that may be selected are
// `streets`, `buildings`, `facilities`, `structures`, `water`, `waterways`.

import * as maplibre from './vendor/maplibre/maplibre-gl.mjs';
import { baseStyle, CITY_LAYERS, FIRST_ABOVE, placeLayers, placeSign, SIGNS } from './base-style.js';
import { Clock } from './clock.js';
import { Draw } from './draw.js';
import { locate } from './locate.js';
import { Marks } from './marks.js';
import { Overlay } from './overlay.js';

const EMPTY = { type: 'FeatureCollection', features: [] };
const REPORT_MS = 250; // how often the passing time is told

export const pageTheme = () =>
  document.documentElement.getAttribute('data-mantine-color-scheme') === 'dark' ? 'dark' : 'light';

export class TwinMap {
  constructor(element, options = {}) {
    this.element = element;
    this.options = options;
    this.language = options.language ?? 'en';
    this.theme = options.theme ?? pageTheme();
    this.listeners = new Map();
    this.clock = new Clock(0, 0);
    this.sketch = EMPTY;
    this.overlay = new Overlay(this);
    this.marks = new Marks(this);
    const bounds = options.bounds ?? [106.6, 10.6, 106.9, 10.9];
    this.map = new maplibre.Map({
      container: element,
      style: baseStyle(this.theme, this.cityData(options.city)),
      ...(options.camera ?? { bounds, fitBoundsOptions: { padding: 24 } }),
      attributionControl: false,
      maxPitch: 0,
      dragRotate: false,
      pitchWithRotate: false,
      touchPitch: false,
      fadeDuration: 0,
      maxZoom: 20,
      minZoom: 3,
      renderWorldCopies: false,
      locale: locale(this.language),
      canvasContextAttributes: { antialias: false, powerPreference: 'high-performance' },
      localIdeographFontFamily: '"Noto Sans", sans-serif',
    });
    this.map.touchZoomRotate.disableRotation();
    this.map.addControl(new maplibre.NavigationControl({ showCompass: false }), 'top-right');
    this.map.addControl(new maplibre.ScaleControl({ maxWidth: 110 }), 'bottom-right');
    this.drawing = new Draw(this.map, (event, payload) => this.emit(event, payload));
    this.map.on('style.load', () => this.furnish());
    this.map.on('error', ({ error }) => this.emit('problem', error));
    this.map.on('click', (event) => this.clicked(event));
    this.map.on('mousemove', (event) => this.hovered(event));
    this.map.on('mouseout', () => this.emit('hover', null));
    this.map.on('moveend', () => this.emit('camera', this.camera));
    this.clock.on((reason) => this.clockChanged(reason));
    this.ready = Promise.all([
      new Promise((resolve) => this.map.once('style.load', resolve)),
      document.fonts.load('400 12px "Noto Sans"', 'ộ').catch(() => {}),
    ]);
    this.theming = new MutationObserver(() => this.setTheme(options.theme ?? pageTheme()));
    this.theming.observe(document.documentElement, { attributeFilter: ['data-mantine-color-scheme'] });
    this.sizing = new ResizeObserver(() => this.map.resize());
    this.sizing.observe(element);
  }

  // -- Events ---------------------------------------------------------------------------------

  on(event, listener) {
    this.listeners.set(event, [...(this.listeners.get(event) ?? []), listener]);
    return this;
  }

  off(event, listener) {
    this.listeners.set(event, (this.listeners.get(event) ?? []).filter((l) => l !== listener));
    return this;
  }

  emit(event, payload) {
    for (const listener of this.listeners.get(event) ?? []) listener(payload);
  }

  // -- What is shown --------------------------------------------------------------------------

  cityData(base) {
    return base ? Object.fromEntries(CITY_LAYERS.map((name) => [name, `${base}/layers/${name}`])) : {};
  }

  /** Show the layers of another city. */
  setCity(base) {
    this.options.city = base;
    for (const [name, url] of Object.entries(this.cityData(base))) {
      this.map.getSource(`city-${name}`)?.setData(url);
    }
  }

  /** Show a run, by its address in the API; a second one beside it for comparison. */
  async setScene(run, other = null) {
    const scene = await this.overlay.open(run, other);
    if (!this.map) return scene;
    this.clock.start = scene.start_s;
    this.clock.end = scene.end_s;
    this.clock.time = Math.min(Math.max(this.clock.time, scene.start_s), scene.end_s);
    if (scene.city_url && scene.city_url !== this.options.city) this.setCity(scene.city_url);
    if (!this.options.camera) this.fit(scene.bounds);
    this.overlay.install();
    this.refresh();
    return scene;
  }

  setField(name) {
    this.overlay.setField(name);
    this.refresh();
  }

  setRoads(vehicle) {
    return this.overlay.setRoads(vehicle).then(() => this.refresh());
  }

  setTime(seconds) {
    this.clock.seek(seconds);
  }

  /** How the two runs stand together: null, {swipe: 0…1}, or 'difference'. */
  setComparison(how) {
    this.overlay.setComparison(how);
    this.refresh();
  }

  setSketch(collection) {
    this.sketch = collection;
    this.map.getSource('sketch')?.setData(collection);
  }

  draw(options) {
    return this.drawing.start(options);
  }

  get camera() {
    const { lng, lat } = this.map.getCenter();
    return { center: [lng, lat], zoom: this.map.getZoom() };
  }

  setCamera({ center, zoom }) {
    this.map.jumpTo({ center, zoom });
  }

  fit(bounds) {
    const [west, south, east, north] = bounds;
    const padding = this.options.padding ?? 24;
    this.map.fitBounds([[west, south], [east, north]], { padding, duration: 0 });
  }

  setTheme(theme) {
    if (theme === this.theme) return;
    this.theme = theme;
    this.map.setStyle(baseStyle(theme, this.cityData(this.options.city)), { diff: false });
    this.emit('theme', theme);
  }

  // -- Drawing it -----------------------------------------------------------------------------

  /** Add to a fresh style what is not the base map; also after every change of theme. */
  furnish() {
    const { map, theme } = this;
    for (const kind of SIGNS) {
      if (!map.hasImage(`sign-${kind}`)) map.addImage(`sign-${kind}`, placeSign(kind, theme), { pixelRatio: 2 });
    }
    for (const layer of placeLayers(theme)) map.addLayer(layer);
    map.addSource('sketch', { type: 'geojson', data: this.sketch });
    const colour = ['coalesce', ['get', 'colour'], '#e8590c'];
    map.addLayer({ id: 'sketch-fill', type: 'fill', source: 'sketch', filter: ['==', ['geometry-type'], 'Polygon'],
      paint: { 'fill-color': colour, 'fill-opacity': 0.18 } });
    map.addLayer({ id: 'sketch-line', type: 'line', source: 'sketch', filter: ['!=', ['geometry-type'], 'Point'],
      paint: { 'line-color': colour, 'line-width': 4 } });
    map.addLayer({ id: 'sketch-point', type: 'circle', source: 'sketch', filter: ['==', ['geometry-type'], 'Point'],
      paint: { 'circle-color': colour, 'circle-radius': 7, 'circle-stroke-color': '#fff', 'circle-stroke-width': 2 } });
    map.addLayer({ id: 'sketch-label', type: 'symbol', source: 'sketch', filter: ['has', 'label'],
      layout: { 'text-field': ['get', 'label'], 'text-font': ['Noto Sans'], 'text-size': 12, 'text-offset': [0, 1.2], 'text-anchor': 'top' },
      paint: { 'text-color': theme === 'dark' ? '#fff' : '#111', 'text-halo-color': theme === 'dark' ? '#000' : '#fff', 'text-halo-width': 1.5 } });
    this.marks.install();
    this.drawing.install();
    this.overlay.install();
    this.refresh();
  }

  /** The id of the layer below which the water lies. */
  get above() {
    return this.map.getLayer(FIRST_ABOVE) ? FIRST_ABOVE : undefined;
  }

  clockChanged(reason) {
    if (reason === 'play') this.run();
    this.refresh();
    this.emit('time', { time: this.clock.time, playing: this.clock.playing, peak: this.clock.peak, reason });
  }

  /** Play: once a frame of the browser, until the clock stops. */
  run() {
    if (this.running) return;
    let told = 0;
    const step = (now) => {
      this.running = null;
      if (!this.map) return;
      const moved = this.clock.tick(now);
      if (moved) {
        this.overlay.show(this.clock);
        this.map.triggerRepaint();
        if (now - told >= REPORT_MS) {
          told = now;
          this.marks.show(this.clock);
          this.emit('time', { time: this.clock.time, playing: true, peak: false, reason: 'tick' });
        }
      }
      if (this.clock.playing) this.running = requestAnimationFrame(step);
    };
    this.running = requestAnimationFrame(step);
  }

  refresh() {
    if (!this.map) return;
    this.overlay.show(this.clock);
    this.marks.show(this.clock);
    this.map.triggerRepaint();
  }

  // -- Asking it ------------------------------------------------------------------------------

  clicked(event) {
    if (this.drawing.active) return;
    const { lng, lat } = event.lngLat;
    const unit = this.overlay.unitAt(event.point);
    const mark = unit ? null : this.marks.at(event.point);
    this.emit('pick', { lon: lng, lat, unit, ...mark });
  }

  hovered(event) {
    if (this.drawing.active || !this.overlay.scene?.mesh) return;
    const at = locate(this.overlay.scene.mesh, event.lngLat.lng, event.lngLat.lat);
    const unit = this.overlay.unitAt(event.point);
    const mark = unit ? null : this.marks.at(event.point);
    this.map.getCanvas().style.cursor = unit || mark ? 'pointer' : '';
    this.emit('hover', {
      point: event.point, lon: event.lngLat.lng, lat: event.lngLat.lat, unit, ...mark,
      value: at && this.overlay.valueAt(at),
    });
  }

  /** Let go of everything. */
  remove() {
    if (!this.map) return;
    cancelAnimationFrame(this.running);
    this.clock.pause();
    this.theming.disconnect();
    this.sizing.disconnect();
    this.overlay.dispose();
    const { map } = this;
    this.map = null;
    map.remove();
  }
}

function locale(language) {
  if (language !== 'vi') return {};
  return {
    'NavigationControl.ZoomIn': 'Phóng to',
    'NavigationControl.ZoomOut': 'Thu nhỏ',
    'ScaleControl.Meters': 'm',
    'ScaleControl.Kilometers': 'km',
    'Map.Title': 'Bản đồ',
  };
}
