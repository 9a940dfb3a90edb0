// The time slider: when it is, what is loaded, how much ground is flooded, and the stop "Max".

export class Timeline {
  /**
   * @param element where it is drawn
   * @param clock a Clock
   * @param {{label: string, peak: string, at: (s: number) => string}} said
   */
  constructor(element, clock, said) {
    Object.assign(this, { element, clock, said });
    element.classList.add('timeline');
    element.replaceChildren();
    this.canvas = document.createElement('canvas');
    this.track = document.createElement('div');
    this.track.className = 'timeline-track';
    this.track.append(this.canvas);
    this.thumb = document.createElement('div');
    this.thumb.className = 'timeline-thumb';
    this.track.append(this.thumb);
    this.peak = document.createElement('button');
    this.peak.type = 'button';
    this.peak.className = 'timeline-peak';
    this.peak.textContent = said.peak;
    this.peak.title = said.peakTitle;
    this.peak.addEventListener('click', () => clock.setPeak(!clock.peak));
    element.append(this.track, this.peak);
    Object.assign(this.track, { tabIndex: 0 });
    this.track.setAttribute('role', 'slider');
    this.track.setAttribute('aria-label', said.label);
    this.track.addEventListener('pointerdown', (event) => this.grab(event));
    this.track.addEventListener('keydown', (event) => this.key(event));
    this.sizing = new ResizeObserver(() => this.draw());
    this.sizing.observe(this.track);
    this.course = null;
    this.share = 0;
  }

  get span() {
    return Math.max(1, this.clock.end - this.clock.start);
  }

  grab(event) {
    const move = ({ clientX }) => {
      const box = this.track.getBoundingClientRect();
      this.clock.seek(this.clock.start + ((clientX - box.left) / box.width) * this.span);
    };
    const playing = this.clock.playing;
    if (playing) this.clock.pause();
    this.track.setPointerCapture(event.pointerId);
    move(event);
    this.track.addEventListener('pointermove', move);
    this.track.addEventListener(
      'pointerup',
      () => {
        this.track.removeEventListener('pointermove', move);
        if (playing) this.clock.play();
      },
      { once: true },
    );
  }

  key(event) {
    const steps = { Home: -Infinity, End: Infinity, PageUp: this.span / 12, PageDown: -this.span / 12 };
    const step = steps[event.key];
    if (step === undefined) return;
    event.preventDefault();
    this.clock.seek(Math.min(this.clock.end, Math.max(this.clock.start, this.clock.time + step)));
  }

  /** @param course {times[], values[]}: what is drawn behind, such as flooded ground */
  setCourse(course) {
    this.course = course;
    this.draw();
  }

  setLoaded(share) {
    this.share = Math.min(1, share);
    this.draw();
  }

  /** Move the thumb; cheap, as it happens in every frame. */
  place() {
    const share = (this.clock.time - this.clock.start) / this.span;
    this.thumb.style.left = `${share * 100}%`;
    this.element.classList.toggle('at-peak', this.clock.peak);
    this.peak.setAttribute('aria-pressed', String(this.clock.peak));
  }

  /** Say where it is to those who do not see it; not in every frame. */
  say() {
    const { track, clock } = this;
    track.setAttribute('aria-valuemin', String(Math.round(clock.start)));
    track.setAttribute('aria-valuemax', String(Math.round(clock.end)));
    track.setAttribute('aria-valuenow', String(Math.round(clock.time)));
    track.setAttribute('aria-valuetext', clock.peak ? this.said.peakTitle : this.said.at(clock.time));
  }

  draw() {
    const { canvas, track } = this;
    const [width, height] = [track.clientWidth, track.clientHeight];
    if (!width) return;
    const ratio = devicePixelRatio;
    canvas.width = width * ratio;
    canvas.height = height * ratio;
    const pen = canvas.getContext('2d');
    const style = getComputedStyle(track);
    const colour = (name) => style.getPropertyValue(name).trim() || '#888';
    pen.scale(ratio, ratio);
    const base = height - 16;
    const at = (t) => ((t - this.clock.start) / this.span) * width;
    if (this.course?.values.length) {
      const top = Math.max(...this.course.values, 1e-9);
      pen.beginPath();
      pen.moveTo(at(this.course.times[0]), base);
      this.course.times.forEach((t, i) => pen.lineTo(at(t), base - (this.course.values[i] / top) * (base - 4)));
      pen.lineTo(at(this.course.times.at(-1)), base);
      pen.closePath();
      pen.fillStyle = colour('--timeline-course');
      pen.fill();
    }
    pen.fillStyle = colour('--timeline-rail');
    pen.fillRect(0, base - 1, width, 3);
    pen.fillStyle = colour('--timeline-loaded');
    pen.fillRect(0, base - 1, width * this.share, 3);
    this.ticks(pen, colour('--timeline-ink'), at, base, width);
    this.place();
  }

  ticks(pen, ink, at, base, width) {
    const steps = [300, 600, 900, 1800, 3600, 7200, 10800, 21600, 43200, 86400];
    const most = Math.max(2, Math.floor(width / 64));
    const step = steps.find((s) => this.span / s <= most) ?? 86400 * Math.ceil(this.span / 86400 / most);
    const zero = this.said.zone ?? 0; // so that ticks fall on whole local hours
    pen.fillStyle = ink;
    pen.font = '11px "Noto Sans", sans-serif';
    for (let t = Math.ceil((this.clock.start + zero) / step) * step - zero; t <= this.clock.end; t += step) {
      const x = at(t);
      pen.fillRect(Math.round(x), base + 2, 1, 4);
      const text = this.said.tick(t);
      const wide = pen.measureText(text).width;
      pen.fillText(text, Math.min(width - wide, Math.max(0, x - wide / 2)), base + 15);
    }
  }
}
