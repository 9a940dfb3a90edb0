// Drawing on the map: a point, a line, a polygon, or a feature that is there already.

import { STREET_LAYERS } from './base-style.js';
import { lengthOf } from './geo.js';

const SOURCE = 'draw';
const EMPTY = { type: 'FeatureCollection', features: [] };
const INK = '#e8590c';

export class Draw {
  /** @param map a MapLibre map @param emit called with (event, payload) */
  constructor(map, emit) {
    this.map = map;
    this.emit = emit;
    this.points = [];
    this.mode = null;
    this.onClick = (event) => this.clicked(event);
    this.onMove = (event) => this.moved(event);
    this.onDouble = (event) => {
      event.preventDefault();
      this.finish();
    };
    this.onKey = (event) => {
      if (event.key === 'Escape') this.cancel();
      else if (event.key === 'Enter') this.finish();
      else if (event.key === 'Backspace' && this.points.length) {
        this.points.pop();
        this.show();
      } else return;
      event.preventDefault();
      event.stopPropagation();
    };
  }

  /** Add source and layers; the map calls it again after a change of theme. */
  install() {
    const { map } = this;
    if (map.getSource(SOURCE)) return;
    map.addSource(SOURCE, { type: 'geojson', data: EMPTY });
    map.addLayer({ id: 'draw-fill', type: 'fill', source: SOURCE, filter: ['==', ['geometry-type'], 'Polygon'],
      paint: { 'fill-color': INK, 'fill-opacity': 0.15 } });
    map.addLayer({ id: 'draw-line', type: 'line', source: SOURCE, filter: ['!=', ['geometry-type'], 'Point'],
      paint: { 'line-color': INK, 'line-width': 3, 'line-dasharray': [2, 1] } });
    map.addLayer({ id: 'draw-point', type: 'circle', source: SOURCE, filter: ['==', ['geometry-type'], 'Point'],
      paint: { 'circle-color': INK, 'circle-radius': 5, 'circle-stroke-color': '#fff', 'circle-stroke-width': 2 } });
    if (this.mode) this.show();
  }

  /**
   * Let somebody draw; resolves to a GeoJSON Feature, or to null where they gave up.
   *
   * @param {{mode: 'point'|'line'|'polygon'|'select', layers?: string[], where?: Function}} options
   *   `layers` of the map and `where(properties)` say what may be selected
   */
  start({ mode, layers = [], where = () => true }) {
    this.cancel();
    const named = layers.flatMap((name) => (name === 'streets' ? STREET_LAYERS : [name]));
    Object.assign(this, { mode, layers: named, where, points: [], hover: null });
    this.map.getCanvas().style.cursor = 'crosshair';
    this.map.doubleClickZoom.disable();
    this.map.on('click', this.onClick);
    this.map.on('mousemove', this.onMove);
    this.map.on('dblclick', this.onDouble);
    document.addEventListener('keydown', this.onKey, true);
    return new Promise((resolve) => {
      this.resolve = resolve;
    });
  }

  get active() {
    return this.mode !== null;
  }

  clicked(event) {
    const at = [event.lngLat.lng, event.lngLat.lat];
    if (this.mode === 'point') {
      this.points = [at];
      this.finish();
    } else if (this.mode === 'select') {
      const found = this.featureAt(event.point);
      if (found) this.end(found);
    } else {
      const last = this.points.at(-1);
      if (!last || lengthOf([last, at]) > 0.2) this.points.push(at);
      this.show();
      this.emit('draw', { mode: this.mode, points: this.points.length, length_m: lengthOf(this.points) });
    }
  }

  moved(event) {
    if (this.mode === 'select') {
      const found = this.featureAt(event.point);
      this.map.getCanvas().style.cursor = found ? 'pointer' : 'crosshair';
      this.map.getSource(SOURCE)?.setData(found ?? EMPTY);
      return;
    }
    this.hover = [event.lngLat.lng, event.lngLat.lat];
    if (this.points.length) this.show();
  }

  featureAt(point) {
    const box = [[point.x - 6, point.y - 6], [point.x + 6, point.y + 6]];
    const layers = this.layers.filter((id) => this.map.getLayer(id));
    const found = this.map.queryRenderedFeatures(box, { layers }).find((f) => this.where(f.properties));
    return found && { type: 'Feature', geometry: found.geometry, properties: { ...found.properties, layer: STREET_LAYERS.includes(found.layer.id) ? 'streets' : found.layer.id } };
  }

  geometry(points) {
    if (this.mode === 'point') return { type: 'Point', coordinates: points[0] };
    if (this.mode === 'polygon' && points.length > 2) {
      return { type: 'Polygon', coordinates: [[...points, points[0]]] };
    }
    return { type: 'LineString', coordinates: points };
  }

  show() {
    const points = this.hover ? [...this.points, this.hover] : this.points;
    const dots = this.points.map((at) => ({ type: 'Feature', properties: {}, geometry: { type: 'Point', coordinates: at } }));
    const shape = points.length > 1 ? [{ type: 'Feature', properties: {}, geometry: this.geometry(points) }] : [];
    this.map.getSource(SOURCE)?.setData({ type: 'FeatureCollection', features: [...shape, ...dots] });
  }

  finish() {
    const needed = { point: 1, line: 2, polygon: 3 }[this.mode];
    if (!needed || this.points.length < needed) return;
    this.end({ type: 'Feature', properties: {}, geometry: this.geometry(this.points) });
  }

  cancel() {
    if (this.mode) this.end(null);
  }

  end(feature) {
    this.map.off('click', this.onClick);
    this.map.off('mousemove', this.onMove);
    this.map.off('dblclick', this.onDouble);
    document.removeEventListener('keydown', this.onKey, true);
    this.map.getCanvas().style.cursor = '';
    this.map.getSource(SOURCE)?.setData(EMPTY);
    setTimeout(() => this.map.doubleClickZoom.enable(), 300);
    this.mode = null;
    const { resolve } = this;
    this.resolve = null;
    resolve?.(feature);
    this.emit('drawn', feature);
  }
}
