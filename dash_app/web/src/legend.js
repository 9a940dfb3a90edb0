// The legend: what the colours, lines and signs on the map mean, in words and units.

import { cssOf, differenceRamp } from './palettes.js';
import { STATES, stateColour } from './units-layer.js';

const el = (tag, className, ...children) => {
  const made = document.createElement(tag);
  if (className) made.className = className;
  made.append(...children);
  return made;
};

/** Rows of colour and text for a field. */
function steps(spec, theme, words) {
  if (spec.classes) {
    return Array.from({ length: spec.classes }, (_, i) => {
      const value = spec.shown_from + i;
      return [cssOf(value, spec, theme), words.say(`${spec.name}.${value}`)];
    });
  }
  if (spec.unit === 's') {
    return [0, 0.25, 0.5, 0.75, 1].map((share) => {
      const value = Math.max(spec.floor, share * spec.top);
      return [cssOf(value, spec, theme), words.value(value, spec)];
    });
  }
  const stops = spec.unit === 'm' ? [0.05, 0.15, 0.3, 0.5, 1, 1.5] : [0.1, 0.25, 0.5, 1, 2];
  return stops.map((value, i) => {
    const text = words.number(value, value < 0.1 || String(value).length > 3 ? 2 : 1);
    return [cssOf(value, spec, theme), i === stops.length - 1 ? `≥ ${text}` : text];
  });
}

/**
 * Draw the legend.
 *
 * @param element where it goes
 * @param {{spec, theme, words, vehicle, incidents, difference, peak}} shown what is on the map
 */
export function drawLegend(element, { spec, theme, words, vehicle, incidents, difference, peak }) {
  element.replaceChildren();
  if (difference && spec) {
    element.append(el('div', 'legend-title', words.say('difference')));
    const bar = el('div', 'legend-bar');
    bar.style.background = `linear-gradient(90deg, ${differenceRamp.slice(0, 3).join(',')}, transparent 49%, transparent 51%, ${differenceRamp.slice(3).join(',')})`;
    element.append(bar);
    const top = words.number(Math.max(0.1, spec.difference_top ?? 0.5), 1);
    element.append(el('div', 'legend-ends', el('span', '', `−${top} m`), el('span', '', '0'), el('span', '', `+${top} m`)));
    element.append(el('div', 'legend-ends', el('span', '', words.say('less_water')), el('span', '', words.say('more_water'))));
  } else if (spec) {
    const unit = { m: ' (m)', 'm s-1': ' (m/s)' }[spec.unit] ?? '';
    const name = peak && spec.name === 'depth' ? 'max_depth' : spec.name;
    element.append(el('div', 'legend-title', words.say(`field.${name}`) + unit));
    const list = el('div', spec.classes || spec.unit === 's' ? 'legend-list' : 'legend-steps');
    for (const [colour, text] of steps(spec, theme, words)) {
      const swatch = el('i', 'legend-swatch');
      swatch.style.background = colour;
      list.append(el('span', 'legend-step', swatch, el('span', '', text)));
    }
    element.append(list);
  }
  if (vehicle) {
    element.append(el('div', 'legend-title', words.say('roads_for', { vehicle: words.say(`vehicle.${vehicle}`) })));
    const list = el('div', 'legend-list');
    for (const state of ['wet', 'too_deep', 'closed']) {
      list.append(el('span', 'legend-step', el('i', `legend-line ${state}`), el('span', '', words.say(`road.${state}`))));
    }
    element.append(list);
  }
  if (incidents) {
    const list = el('div', 'legend-list two');
    for (const state of ['waiting', 'attended']) {
      list.append(el('span', 'legend-step', el('i', `legend-incident ${state}`), el('span', '', words.say(`incident_${state}`))));
    }
    element.append(list);
  }
}

/** Say what shapes and fills of vehicles mean. */
export function drawUnitsLegend(element, { units, theme, words }) {
  element?.replaceChildren();
  if (!element || !units.length) return;
  const list = el('div', 'legend-list two');
  for (const service of new Set(units.map((unit) => unit.service))) {
    list.append(el('span', 'legend-step', el('i', `legend-shape ${service}`), el('span', '', words.say(`service.${service}`))));
  }
  for (const state of STATES) {
    const dot = el('i', `legend-dot ${state}`);
    dot.style.background = stateColour(state, theme);
    list.append(el('span', 'legend-step', dot, el('span', '', words.say(`state.${state}`))));
  }
  element.append(list);
}
