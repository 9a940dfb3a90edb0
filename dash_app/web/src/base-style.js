// The city itself as the base map: its water, streets, bridges and buildings, with no tile server.

const INK = {
  light: {
    paper: '#f3f1ec', inside: '#fbfaf7', water: '#cfe0ea', shore: '#a9c4d4', building: '#e4dfd6',
    casing: '#d8d2c7', street: '#e9e5dc', main: '#fff3cf', mainCasing: '#d9bf7a', boundary: '#5b6673',
    label: '#2c3640', halo: '#fbfaf7', waterLabel: '#33678a', bridge: '#77706a',
  },
  dark: {
    paper: '#0d1319', inside: '#131b23', water: '#18303f', shore: '#27485b', building: '#1d2731',
    casing: '#0d1319', street: '#33404c', main: '#4a5560', mainCasing: '#0d1319', boundary: '#8896a5',
    label: '#d5dee7', halo: '#0d1319', waterLabel: '#7fb3d1', bridge: '#6f7d8a',
  },
};

/** The colour of the city's own water, as three shares of one. */
export function waterColour(theme) {
  const code = Number.parseInt(INK[theme].water.slice(1), 16);
  return [code >> 16, (code >> 8) & 255, code & 255].map((share) => share / 255);
}

const EMPTY = { type: 'FeatureCollection', features: [] };
const MAIN = ['motorway', 'trunk', 'primary', 'secondary', 'motorway_link', 'trunk_link', 'primary_link'];
const SMALL = ['service', 'alley', 'footway', 'pedestrian', 'path', 'track', 'living_street'];
const FONT = ['Noto Sans'];

const roadClass = ['get', 'road_class'];
const isMain = ['in', roadClass, ['literal', MAIN]];
const isSmall = ['in', roadClass, ['literal', SMALL]];
// Three layers, each with one width by zoom, draw much faster than one whose width hangs on the class.
const KINDS = [
  { id: 'small', filter: isSmall, from: 13.6, widths: [13, 0.5, 15, 1.6, 18, 8] },
  { id: 'other', filter: ['all', ['!', isMain], ['!', isSmall]], from: 11.5, widths: [11.5, 0.4, 13, 0.9, 15, 3.4, 18, 15] },
  { id: 'main', filter: isMain, from: 0, widths: [10, 0.8, 12, 1.5, 13, 2.4, 15, 6, 18, 22] },
];

/** Width by zoom; `more` px for what lies below or around. */
function width(widths, more = 0) {
  return ['interpolate', ['exponential', 1.5], ['zoom'], ...widths.map((v, i) => (i % 2 ? v + more : v))];
}

/** Layers of the streets, the casings below all of them. */
function streets(ink) {
  const round = { 'line-cap': 'round', 'line-join': 'round' };
  const line = (kind, id, more, colour, from) => ({
    id, type: 'line', source: 'city-roads', filter: kind.filter, minzoom: from, layout: round,
    paint: { 'line-color': colour, 'line-width': width(kind.widths, more) },
  });
  return [
    ...KINDS.map((kind) => line(kind, `casing-${kind.id}`, 1.3, kind.id === 'main' ? ink.mainCasing : ink.casing,
      kind.id === 'main' ? 12.4 : 14)),
    ...KINDS.map((kind) => line(kind, `streets-${kind.id}`, 0, kind.id === 'main' ? ink.main : ink.street, kind.from)),
    { id: 'bridges', type: 'line', source: 'city-roads', minzoom: 13.6, filter: ['==', ['get', 'is_bridge'], true],
      paint: { 'line-color': ink.bridge, 'line-width': 1, 'line-gap-width': width(KINDS[1].widths, 1.5) } },
  ];
}

export const CITY_LAYERS = [
  'boundary', 'water', 'waterways', 'buildings', 'roads', 'bridges', 'facilities', 'structures',
];

/** The style of a theme over GeoJSON sources `city-<layer>`, which are filled as they come. */
export function baseStyle(theme, data = {}) {
  const ink = INK[theme];
  const sources = {};
  for (const layer of CITY_LAYERS) {
    sources[`city-${layer}`] = {
      type: 'geojson', data: data[layer] ?? EMPTY, tolerance: 0.25, buffer: 32,
      ...(layer === 'roads' ? { maxzoom: 16 } : {}),
    };
  }
  return {
    version: 8,
    sources,
    layers: [
      { id: 'paper', type: 'background', paint: { 'background-color': ink.paper } },
      { id: 'inside', type: 'fill', source: 'city-boundary', paint: { 'fill-color': ink.inside } },
      { id: 'water', type: 'fill', source: 'city-water', paint: { 'fill-color': ink.water } },
      { id: 'shore', type: 'line', source: 'city-water', minzoom: 13,
        paint: { 'line-color': ink.shore, 'line-width': 0.8 } },
      { id: 'waterways', type: 'line', source: 'city-waterways',
        paint: { 'line-color': ink.water, 'line-width': ['interpolate', ['linear'], ['zoom'], 11, 0.6, 16, 3] } },
      { id: 'buildings', type: 'fill', source: 'city-buildings', minzoom: 13.5,
        paint: { 'fill-color': ink.building, 'fill-outline-color': ink.casing } },
      ...streets(ink),
      // -- the water of the run goes here --
      { id: 'boundary', type: 'line', source: 'city-boundary',
        paint: { 'line-color': ink.boundary, 'line-width': 1.4, 'line-dasharray': [5, 2, 1, 2] } },
      { id: 'street-names', type: 'symbol', source: 'city-roads', minzoom: 13.2,
        filter: ['all', ['!=', ['coalesce', ['get', 'name'], ''], ''], ['any', isMain, ['>=', ['zoom'], 15]]],
        layout: {
          'symbol-placement': 'line', 'text-field': ['get', 'name'], 'text-font': FONT,
          'text-size': ['interpolate', ['linear'], ['zoom'], 13, 10.5, 17, 13], 'symbol-spacing': 420,
          'text-max-angle': 30,
        },
        paint: { 'text-color': ink.label, 'text-halo-color': ink.halo, 'text-halo-width': 1.6 } },
      { id: 'water-names', type: 'symbol', source: 'city-waterways', minzoom: 12,
        filter: ['!=', ['coalesce', ['get', 'name'], ''], ''],
        layout: {
          'symbol-placement': 'line', 'text-field': ['get', 'name'], 'text-font': FONT, 'text-size': 11.5,
          'text-letter-spacing': 0.06, 'symbol-spacing': 500,
        },
        paint: { 'text-color': ink.waterLabel, 'text-halo-color': ink.halo, 'text-halo-width': 1.4 } },
    ],
  };
}

/** Layers that belong above the water. */
export const FIRST_ABOVE = 'boundary';

const PLACE_INK = {
  light: { hospital: '#c1121f', fire_station: '#b45309', ambulance_station: '#1d4ed8', other: '#475569', edge: '#ffffff' },
  dark: { hospital: '#ff6b78', fire_station: '#fbbf24', ambulance_station: '#7db4ff', other: '#a8b3bf', edge: '#0b1016' },
};

/** A sign for a place: letter on a shape, drawn here as no picture may be downloaded. */
export function placeSign(kind, theme, ratio = 2) {
  const size = 26 * ratio;
  const canvas = document.createElement('canvas');
  canvas.width = size;
  canvas.height = size;
  const pen = canvas.getContext('2d');
  const ink = PLACE_INK[theme];
  pen.fillStyle = ink[kind] ?? ink.other;
  pen.strokeStyle = ink.edge;
  pen.lineWidth = 2 * ratio;
  const inset = 3 * ratio;
  pen.beginPath();
  if (kind === 'gauge') {
    pen.moveTo(inset, inset);
    pen.lineTo(size - inset, inset);
    pen.lineTo(size / 2, size - inset);
    pen.closePath();
  } else if (kind === 'structure') {
    pen.rect(inset, inset, size - 2 * inset, size - 2 * inset);
  } else {
    pen.roundRect(inset, inset, size - 2 * inset, size - 2 * inset, 6 * ratio);
  }
  pen.fill();
  pen.stroke();
  pen.fillStyle = ink.edge;
  if (kind === 'hospital') {
    pen.fillRect(size / 2 - 2 * ratio, 7 * ratio, 4 * ratio, 12 * ratio);
    pen.fillRect(7 * ratio, size / 2 - 2 * ratio, 12 * ratio, 4 * ratio);
  } else {
    const letter = { fire_station: '114', ambulance_station: '115', structure: '⇅', gauge: '' }[kind] ?? '•';
    pen.font = `600 ${(letter.length > 1 ? 8.5 : 13) * ratio}px "Noto Sans", sans-serif`;
    pen.textAlign = 'center';
    pen.textBaseline = 'middle';
    pen.fillText(letter, size / 2, size / 2 + 0.5 * ratio);
  }
  return pen.getImageData(0, 0, size, size);
}

/** Layers of places: hospitals, stations, gauges, structures; the images are added by the map. */
export function placeLayers(theme) {
  const ink = INK[theme];
  const label = (field, minzoom) => ({
    layout: {
      'icon-allow-overlap': true, 'text-field': field, 'text-font': FONT, 'text-size': 11.5,
      'text-offset': [0, 1.15], 'text-anchor': 'top', 'text-optional': true, 'text-max-width': 9,
    },
    paint: {
      'text-color': ink.label, 'text-halo-color': ink.halo, 'text-halo-width': 1.5,
      'text-opacity': ['step', ['zoom'], 0, minzoom, 1],
    },
  });
  const places = label(['coalesce', ['get', 'name'], ''], 14);
  places.layout['icon-image'] = ['concat', 'sign-', ['get', 'kind']];
  places.layout['icon-size'] = ['interpolate', ['linear'], ['zoom'], 11, 0.55, 15, 0.9];
  const structures = label(['coalesce', ['get', 'name'], ['get', 'structure_id'], ''], 14);
  structures.layout['icon-image'] = 'sign-structure';
  structures.layout['icon-size'] = 0.75;
  return [
    { id: 'facilities', type: 'symbol', source: 'city-facilities',
      filter: ['in', ['get', 'kind'], ['literal', ['hospital', 'fire_station', 'ambulance_station']]], ...places },
    { id: 'structures', type: 'symbol', source: 'city-structures', ...structures },
  ];
}
export const SIGNS = ['hospital', 'fire_station', 'ambulance_station', 'structure', 'gauge'];

/** Layers of streets, for selecting one. */
export const STREET_LAYERS = KINDS.map(({ id }) => `streets-${id}`);
