// The address holds the moment: time, camera and layers, so that a link shows what is seen.

/** What the address says: {t, peak, camera, layer, roads, …}; unknown parts are left alone. */
export function readAddress(search = location.search) {
  const query = new URLSearchParams(search);
  const numbers = (query.get('at') ?? '').split(',').map(Number);
  const camera = numbers.length === 3 && numbers.every(Number.isFinite)
    ? { center: [numbers[1], numbers[0]], zoom: numbers[2] }
    : null;
  const t = query.get('t');
  return {
    peak: t === 'max',
    time: t !== null && t !== 'max' && Number.isFinite(Number(t)) ? Number(t) : null,
    camera,
    layer: query.get('layer'),
    roads: query.get('roads'),
    speed: Number(query.get('speed')) || null,
    wall: query.get('wall') === '1',
    rivers: query.get('rivers') === '1',
    swipe: query.get('view'),
  };
}

/** Write it without a new entry in the history, and without asking the server. */
export function writeAddress(parts) {
  const query = new URLSearchParams(location.search);
  for (const [name, value] of Object.entries(parts)) {
    if (value === null || value === undefined || value === '') query.delete(name);
    else query.set(name, value);
  }
  const text = query.toString().replaceAll('%2C', ',');
  history.replaceState(history.state, '', `${location.pathname}${text ? `?${text}` : ''}${location.hash}`);
}

export const cameraText = ({ center, zoom }) =>
  `${center[1].toFixed(5)},${center[0].toFixed(5)},${zoom.toFixed(2)}`;
