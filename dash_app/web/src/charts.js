// Charts share the map's time: a line at now in each of them, and a click on one sets the time.
//
// The line is an element of its own above the chart, so that moving it redraws no chart.

export class Charts {
  /** @param root element in which charts may appear @param words a Words @param seek (s) => void */
  constructor(root, words, seek) {
    Object.assign(this, { root, words, seek });
    this.known = new WeakSet();
    this.sizing = new ResizeObserver(() => requestAnimationFrame(() => this.show(this.seconds)));
  }

  show(seconds) {
    if (seconds === undefined) return;
    this.seconds = seconds;
    for (const holder of this.root.querySelectorAll('.time-chart')) {
      const chart = holder.classList.contains('js-plotly-plot') ? holder : holder.querySelector('.js-plotly-plot');
      const axis = chart?._fullLayout?.xaxis;
      if (!axis?.d2p || !chart._fullLayout._size) continue;
      if (!this.known.has(chart)) this.adopt(chart);
      const size = chart._fullLayout._size;
      const x = axis.d2p(this.words.iso(seconds)) + size.l;
      const line = this.lineOf(chart);
      const outside = !Number.isFinite(x) || x < size.l - 1 || x > size.l + size.w + 1;
      line.hidden = outside;
      if (outside) continue;
      line.style.transform = `translateX(${x}px)`;
      line.style.top = `${size.t}px`;
      line.style.height = `${size.h}px`;
    }
  }

  lineOf(chart) {
    const holder = chart.querySelector('.svg-container') ?? chart;
    let line = holder.querySelector(':scope > .time-cursor');
    if (!line) {
      line = document.createElement('div');
      line.className = 'time-cursor';
      holder.append(line);
    }
    return line;
  }

  adopt(chart) {
    this.known.add(chart);
    this.sizing.observe(chart);
    chart.on?.('plotly_afterplot', () => this.show(this.seconds));
    chart.addEventListener('click', (event) => {
      const axis = chart._fullLayout?.xaxis;
      const size = chart._fullLayout?._size;
      if (!axis?.p2d || event.target.closest('.legend, .modebar')) return;
      const x = event.clientX - chart.getBoundingClientRect().left - size.l;
      if (x < 0 || x > size.w) return;
      const at = axis.p2d(x);
      this.seek(this.words.secondsOf(typeof at === 'number' ? new Date(at).toISOString() : String(at)));
    }, true);
  }
}
