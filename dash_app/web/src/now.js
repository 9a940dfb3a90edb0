// The figures of this moment: flooded ground, people in the water, closed streets, open calls.

import { indexAt } from './geo.js';

export class Now {
  constructor(root, words, scene) {
    Object.assign(this, { root, words, scene, vehicle: null, course: null, units: [] });
  }

  setCourse(course) {
    this.course = course;
  }

  setVehicle(vehicle) {
    this.vehicle = vehicle;
  }

  setUnits(units) {
    this.units = units;
    this.list();
  }

  put(name, value, detail) {
    const card = this.root.querySelector(`[data-now="${name}"]`);
    if (!card) return;
    const [number, note] = [card.querySelector('.now-value'), card.querySelector('.now-detail')];
    if (number.textContent !== value) number.textContent = value;
    if (note && detail !== undefined && note.textContent !== detail) note.textContent = detail;
  }

  show(clock, units) {
    const { words, course } = this;
    const water = course?.water;
    if (water) {
      const k = clock.peak ? indexOfLargest(water.flooded_area_m2[1]) : indexAt(water.times_s, clock.time);
      const hectares = water.flooded_area_m2[1][k] / 1e4;
      this.put('flooded', words.number(hectares, hectares > 0 && hectares < 10 ? 1 : 0));
      if (water.people) this.put('people', words.number(water.people[1][k], 0));
    }
    const roads = course?.roads;
    if (roads?.time_s?.length) {
      const name = this.vehicle ?? (roads.closed_km_ambulance ? 'ambulance' : this.scene.vehicles[0]);
      const column = roads[`closed_km_${name}`];
      if (column) {
        const k = clock.peak ? indexOfLargest(column) : indexAt(roads.time_s, clock.time);
        this.put('closed', words.number(column[k], 1), words.say('closed_for', { vehicle: words.say(`vehicle.${name}`) }));
      }
    }
    const calls = clock.peak ? undefined : this.openCalls?.(clock.time);
    if (clock.peak) this.put('calls', '–', words.say('no_moment'));
    if (calls !== undefined) this.put('calls', words.number(calls.waiting, 0), words.say('calls_detail', { open: calls.open }));
    this.states(units);
  }

  /** One row a unit; their states follow the clock. */
  list() {
    const holder = this.root.querySelector('#viewer-units');
    if (!holder) return;
    holder.replaceChildren(
      ...this.units.map((unit) => {
        const row = document.createElement('button');
        row.type = 'button';
        row.className = 'unit-row';
        row.dataset.act = `unit:${unit.id}`;
        row.innerHTML = '<i></i><b></b><span></span>';
        row.querySelector('i').className = `legend-shape ${unit.service}`;
        row.querySelector('b').textContent = unit.id;
        return row;
      }),
    );
    this.rows = [...holder.children];
    holder.closest('[hidden]');
  }

  states(units) {
    if (!this.rows?.length || this.rows.length !== units.length) return;
    units.forEach((unit, i) => {
      const state = ['idle', 'responding', 'on_scene', 'transporting', 'returning', 'stranded'][unit.state ?? 0];
      const row = this.rows[i];
      if (row.dataset.state === state) return;
      row.dataset.state = state;
      row.querySelector('span').textContent = this.words.say(`state.${state}`);
    });
  }
}

function indexOfLargest(values) {
  let best = 0;
  for (let i = 1; i < values.length; i += 1) if (values[i] > values[best]) best = i;
  return best;
}
