// Colour tables of 256 entries for the shader: light theme YlGnBu, dark theme cividis.

// ColorBrewer YlGnBu (Brewer, 2003) without its lightest steps, which vanish on a pale map.
const YLGNBU = ['#a6dcc0', '#7fcdbb', '#41b6c4', '#1d91c0', '#225ea8', '#253494', '#081d58'];
// cividis (Nuñez, Anderton & Renslow, 2018), from its darker third up: lighter is deeper.
const CIVIDIS = ['#3f5b8f', '#566079', '#666970', '#7d7c78', '#958f78', '#b6a971', '#d9c55c', '#fee838'];
// Hazard: from yellow to dark violet, rising in darkness (light) or in lightness (dark theme).
const HAZARD = {
  light: ['#fde68a', '#f59e0b', '#dc2626', '#6b1d5c', '#4a1148', '#2a0730'],
  dark: ['#7a5a12', '#b8740a', '#e8572f', '#f78fb3', '#fbb8d0', '#ffe3ee'],
};
// Differences: less water towards green-blue, more towards brown-orange (Crameri's "vik" idea).
const DIFFERENCE = ['#0b5d66', '#2d8f96', '#8cc9c7', '#e6a96b', '#c46a25', '#7f3a06'];

const rgb = (hex) => [1, 3, 5].map((i) => parseInt(hex.slice(i, i + 2), 16));

function along(colours, share) {
  const place = Math.min(Math.max(share, 0), 1) * (colours.length - 1);
  const i = Math.min(Math.floor(place), colours.length - 2);
  const [one, other] = [rgb(colours[i]), rgb(colours[i + 1])];
  return one.map((v, c) => v + (other[c] - v) * (place - i));
}

export const rampOf = (theme) => (theme === 'dark' ? CIVIDIS : YLGNBU);

/** The value of code q, 0 to 255, under a quantisation {scale, maximum}; NaN where there is none. */
export function valueOf(q, { scale, maximum, classes }) {
  if (!q) return Number.NaN;
  if (classes) return q - 1;
  const share = (q - 1) / 254;
  return scale === 'sqrt' ? share * share * maximum : share * maximum;
}

/** Where a value lies between the ends of the colours, 0 to 1. */
export function shareOf(value, { floor, top, reverse, scale }) {
  const share = Math.min(1, Math.max(0, (value - floor) / Math.max(top - floor, 1e-9)));
  const along = scale === 'sqrt' ? Math.sqrt(share) : share;
  return reverse ? 1 - along : along;
}

/**
 * RGBA of every code for a field.
 *
 * Values from `floor` on are shown; the colour runs by the square root between `floor` and `top`,
 * as most of what matters to people lies in the first metre.
 */
export function colourTable(field, theme) {
  const table = new Uint8Array(256 * 4);
  const alpha = theme === 'dark' ? 225 : 215;
  for (let q = 1; q < 256; q += 1) {
    const value = valueOf(q, field);
    let colour;
    let opacity = alpha;
    if (field.classes) {
      const rank = value - field.shown_from;
      if (rank < 0 || value > field.shown_from + field.classes - 1) continue;
      colour = rgb(HAZARD[theme][Math.min(rank, HAZARD[theme].length - 1)]);
    } else {
      if (value < field.floor) continue;
      const share = shareOf(value, field);
      colour = along(rampOf(theme), share);
      opacity *= Math.min(1, (theme === 'dark' ? 0.75 : 0.55) + share);
    }
    table.set([...colour.map(Math.round), Math.round(opacity)], q * 4);
  }
  return table;
}

/** RGBA of a difference, -top to +top m, in 256 steps; nothing is drawn within ±floor. */
export function differenceTable(top, floor) {
  const table = new Uint8Array(256 * 4);
  for (let q = 0; q < 256; q += 1) {
    const value = ((q - 127.5) / 127.5) * top;
    if (Math.abs(value) < floor) continue;
    const share = 0.5 + 0.5 * Math.sign(value) * Math.sqrt(Math.abs(value) / top);
    table.set([...along(DIFFERENCE, share).map(Math.round), 225], q * 4);
  }
  return table;
}

/** CSS colour of a value, for legends; empty where it is not drawn. */
export function cssOf(value, field, theme) {
  if (field.classes) {
    const rank = value - field.shown_from;
    return rank < 0 ? '' : HAZARD[theme][Math.min(rank, HAZARD[theme].length - 1)];
  }
  const share = shareOf(value, field);
  return `rgb(${along(rampOf(theme), share).map(Math.round).join(' ')})`;
}

export const differenceRamp = DIFFERENCE;
