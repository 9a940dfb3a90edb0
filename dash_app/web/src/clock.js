// The playback clock: it counts simulated seconds while the page draws, and asks no server.

export class Clock {
  /** @param {number} start @param {number} end seconds since the start of the run */
  constructor(start, end) {
    this.start = start;
    this.end = end;
    this.time = start;
    this.speed = 600; // simulated seconds per second
    this.playing = false;
    this.loop = false;
    this.peak = false; // whether the stop "Max" is shown instead of a moment
    this.listeners = [];
  }

  /** Call `listener(reason)` after every change that is not the passing of time. */
  on(listener) {
    this.listeners.push(listener);
  }

  changed(reason) {
    for (const listener of this.listeners) listener(reason);
  }

  play() {
    if (this.end <= this.start) return;
    if (this.time >= this.end || this.peak) this.time = this.time >= this.end ? this.start : this.time;
    this.peak = false;
    this.playing = true;
    this.last = undefined;
    this.changed('play');
  }

  pause() {
    if (!this.playing) return;
    this.playing = false;
    this.changed('pause');
  }

  toggle() {
    if (this.playing) this.pause();
    else this.play();
  }

  seek(time) {
    this.peak = false;
    this.time = Math.min(this.end, Math.max(this.start, time));
    this.last = undefined;
    this.changed('seek');
  }

  /** Go to the next (+1) or the previous (-1) of the given stops, which rise. */
  step(direction, stops) {
    this.pause();
    const later = stops.find((stop) => stop > this.time + 0.5);
    const earlier = stops.filter((stop) => stop < this.time - 0.5).at(-1);
    this.seek((direction > 0 ? later : earlier) ?? this.time);
  }

  setSpeed(speed) {
    this.speed = speed;
    this.changed('speed');
  }

  setPeak(on) {
    if (on) this.pause();
    this.peak = on;
    this.changed('peak');
  }

  /** Advance to the moment `now`, ms, of the browser; returns whether the time moved. */
  tick(now) {
    if (!this.playing) return false;
    const passed = this.last === undefined ? 0 : Math.min(now - this.last, 250) / 1000;
    this.last = now;
    this.time += passed * this.speed;
    if (this.time >= this.end) {
      this.time = this.loop ? this.start : this.end;
      if (!this.loop) this.pause();
    }
    return true;
  }
}
