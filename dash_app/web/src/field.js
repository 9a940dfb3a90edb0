// One field of one run as the raster layer wants it: which frames, how far between them.

import { Frames } from './frames.js';
import { indexAt } from './geo.js';

const MEGABYTE = 1 << 20;

export class Field {
  /**
   * @param base address of the run, such as /api/v1/runs/<id>
   * @param spec an entry of scene.fields: {name, times, width, height, bits, level, …}
   */
  constructor({ base, digest, spec, onReady, onProblem }) {
    this.spec = spec;
    this.times = spec.times ?? [];
    this.id = `${digest}/${spec.name}`;
    const cells = spec.width * spec.height * (spec.bits / 8);
    const capacity = Math.max(4, Math.min(240, Math.floor((200 * MEGABYTE) / cells)));
    const most = spec.shared ? `&maximum=${spec.maximum}` : ''; // two runs coded alike
    const version = encodeURIComponent(digest.slice(0, 16));
    this.frames = new Frames({
      urlOf: (k) => `${base}/fields/${spec.name}/${k}?level=${spec.level}&bits=${spec.bits}${most}&v=${version}`,
      count: Math.max(1, this.times.length),
      capacity,
      onReady,
      onProblem,
    });
  }

  /** Frame k as a slot of the raster layer; the nearest held one until it has come. */
  slot(k) {
    let held = k;
    let bytes = this.frames.get(k);
    if (!bytes) {
      held = this.frames.nearest(k);
      bytes = held < 0 ? undefined : this.frames.get(held);
    }
    const { width, height } = this.spec;
    return bytes && { key: `${this.id}/${held}`, bytes, width, height };
  }

  /** {now, next, blend, exact} at a time; blending between frames is for the eye alone. */
  at(time) {
    const k = this.times.length ? indexAt(this.times, time) : 0;
    if (k !== this.asked) {
      this.asked = k;
      this.frames.want(k);
    }
    const now = this.slot(k);
    const exact = now?.key === `${this.id}/${k}`;
    if (k + 1 >= this.times.length || !exact || this.spec.classes) return { now, blend: 0, exact };
    const next = this.frames.get(k + 1) && this.slot(k + 1);
    const span = this.times[k + 1] - this.times[k];
    return { now, next, blend: next ? Math.min(1, Math.max(0, (time - this.times[k]) / span)) : 0, exact };
  }

  dispose() {
    this.frames.dispose();
  }
}
