// Incidents, gauges and the places that were clicked.

import { indexAt } from './geo.js';

const EMPTY = { type: 'FeatureCollection', features: [] };
const INK = {
  light: { waiting: '#c1121f', attended: '#e08600', edge: '#ffffff', text: '#1b2733' },
  dark: { waiting: '#ff5d6c', attended: '#ffb92e', edge: '#0b1016', text: '#e6edf3' },
};

export class Marks {
  constructor(owner) {
    this.owner = owner;
    this.incidents = [];
    this.gauges = [];
    this.picked = [];
    this.visible = { incidents: true, gauges: true };
    this.shown = '';
  }

  install() {
    const { map, theme } = this.owner;
    const ink = INK[theme];
    for (const name of ['incidents', 'gauges', 'picked']) {
      map.addSource(`run-${name}`, { type: 'geojson', data: EMPTY });
    }
    const open = ['==', ['get', 'state'], 'waiting'];
    map.addLayer({ id: 'run-incidents', type: 'circle', source: 'run-incidents', paint: {
      'circle-radius': ['interpolate', ['linear'], ['zoom'], 11, 4, 15, 8],
      'circle-color': ['case', open, ink.waiting, 'rgba(0,0,0,0)'],
      'circle-stroke-color': ['case', open, ink.edge, ink.attended],
      'circle-stroke-width': ['case', open, 1.2, 2.4],
    } });
    map.addLayer({ id: 'run-incident-signs', type: 'symbol', source: 'run-incidents', minzoom: 12.5, filter: open,
      layout: { 'text-field': '!', 'text-font': ['Noto Sans'], 'text-size': 12, 'text-allow-overlap': true },
      paint: { 'text-color': ink.edge } });
    map.addLayer({ id: 'run-gauges', type: 'symbol', source: 'run-gauges', layout: {
      'icon-image': 'sign-gauge', 'icon-size': 0.7, 'icon-allow-overlap': true, 'text-optional': true,
      'text-field': ['get', 'name'], 'text-font': ['Noto Sans'], 'text-size': 11, 'text-offset': [0, 1], 'text-anchor': 'top' },
      paint: { 'text-color': ink.text, 'text-halo-color': ink.edge, 'text-halo-width': 1.4 } });
    map.addLayer({ id: 'run-picked-line', type: 'line', source: 'run-picked', filter: ['==', ['geometry-type'], 'LineString'],
      paint: { 'line-color': '#e8590c', 'line-width': 2.5, 'line-dasharray': [2, 1.5] } });
    map.addLayer({ id: 'run-picked', type: 'circle', source: 'run-picked', filter: ['==', ['geometry-type'], 'Point'],
      paint: { 'circle-radius': 7, 'circle-color': 'rgba(0,0,0,0)', 'circle-stroke-color': '#e8590c', 'circle-stroke-width': 3 } });
    this.shown = '';
    this.setGauges(this.gauges);
    this.setPicked(this.picked);
    this.setVisible(this.visible);
  }

  /** @param found {incidents: [{incident, kind, priority, lon, lat, call_s, reached_s, end_s}]} */
  setIncidents(found) {
    this.incidents = found.incidents;
    this.changes = [...new Set(this.incidents.flatMap((i) => [i.call_s, i.reached_s, i.end_s]))]
      .filter(Number.isFinite)
      .sort((a, b) => a - b);
    this.shown = '';
  }

  setGauges(gauges) {
    this.gauges = gauges;
    this.put('gauges', gauges.map((g) => ({ ...g, kind: 'gauge' })));
  }

  /** Mark the places that were clicked: one, or the two ends of a profile. */
  setPicked(points) {
    this.picked = points;
    const features = points.map(feature);
    if (points.length === 2) {
      features.push({ type: 'Feature', properties: {},
        geometry: { type: 'LineString', coordinates: points.map(({ lon, lat }) => [lon, lat]) } });
    }
    this.owner.map?.getSource('run-picked')?.setData({ type: 'FeatureCollection', features });
  }

  setVisible(visible) {
    Object.assign(this.visible, visible);
    const { map } = this.owner;
    const set = (id, on) => map?.getLayer(id) && map.setLayoutProperty(id, 'visibility', on ? 'visible' : 'none');
    set('run-incidents', this.visible.incidents);
    set('run-incident-signs', this.visible.incidents);
    set('run-gauges', this.visible.gauges);
  }

  put(name, rows) {
    const features = rows.filter(({ lon }) => Number.isFinite(lon)).map(feature);
    this.owner.map?.getSource(`run-${name}`)?.setData({ type: 'FeatureCollection', features });
  }

  /** Show the incidents that are open now; the source is touched only when they change. */
  show(clock) {
    if (!this.changes) return;
    const { time } = clock;
    const begun = !clock.peak && this.changes.length && time >= this.changes[0];
    const key = begun ? indexAt(this.changes, time) : -1;
    if (this.shown === key) return;
    this.shown = key;
    const open = key < 0 ? [] : this.incidents.filter((i) => i.call_s <= time && !(i.end_s !== null && i.end_s <= time));
    this.put('incidents', open.map((i) => ({ ...i, state: i.reached_s !== null && i.reached_s <= time ? 'attended' : 'waiting' })));
  }

  /** What stands at a point of the screen: {incident} or {facility} or {gauge}; null for nothing. */
  at(point) {
    const { map } = this.owner;
    const ids = ['run-incidents', 'run-gauges', 'facilities', 'structures'].filter((id) => map.getLayer(id));
    const box = [[point.x - 5, point.y - 5], [point.x + 5, point.y + 5]];
    const [found] = map.queryRenderedFeatures(box, { layers: ids });
    if (!found) return null;
    const name = { 'run-incidents': 'incident', 'run-gauges': 'gauge', facilities: 'facility', structures: 'structure' };
    return { [name[found.layer.id]]: found.properties };
  }
}

function feature({ lon, lat, ...properties }) {
  return { type: 'Feature', properties, geometry: { type: 'Point', coordinates: [lon, lat] } };
}
