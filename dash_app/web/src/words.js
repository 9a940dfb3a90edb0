// Numbers and times as each language writes them.

/** Numbers, local times and spans in the words of one language. */
export class Words {
  /** @param texts by key @param language vi or en @param start ISO time of second 0, with zone */
  constructor(texts, language, start = null) {
    this.texts = texts;
    this.language = language;
    if (start) {
      // Local time of the city, whatever the zone of the browser: keep the digits, drop the zone.
      this.zero = Date.parse(`${start.slice(0, 19)}Z`);
      this.midnight = ((this.zero / 1000) % 86400 + 86400) % 86400;
    }
  }

  say(key, values = {}) {
    const text = this.texts[key] ?? key;
    return text.replace(/\{(\w+)\}/g, (all, name) => values[name] ?? all);
  }

  number(value, decimals = 0) {
    if (!Number.isFinite(value)) return '–';
    this.formats ??= {};
    this.formats[decimals] ??= new Intl.NumberFormat(this.language === 'vi' ? 'vi-VN' : 'en-GB', {
      minimumFractionDigits: decimals, maximumFractionDigits: decimals,
    });
    return this.formats[decimals].format(value);
  }

  /** Local time of the city, HH:MM. */
  clock(seconds) {
    return new Date(this.zero + Math.round(seconds) * 1000).toISOString().slice(11, 16);
  }

  date(seconds) {
    const [year, month, day] = new Date(this.zero + seconds * 1000).toISOString().slice(0, 10).split('-');
    return `${day}/${month}/${year}`;
  }

  /** Local ISO time without a zone, as the charts have it. */
  iso(seconds) {
    return new Date(this.zero + seconds * 1000).toISOString().slice(0, 19);
  }

  secondsOf(iso) {
    return (Date.parse(`${iso.replace(' ', 'T').slice(0, 19)}Z`) - this.zero) / 1000;
  }

  /** Time since the start, T+H:MM. */
  elapsed(seconds) {
    const minutes = Math.round(seconds / 60);
    return `T+${Math.floor(minutes / 60)}:${String(minutes % 60).padStart(2, '0')}`;
  }

  /** A value of a field with its unit; times as hours and minutes. */
  value(value, spec) {
    if (!Number.isFinite(value)) return this.say('no_water');
    if (spec.classes) return this.say(`${spec.name}.${Math.round(value)}`);
    if (spec.unit === 's') {
      return spec.name === 'arrival_time' ? this.clock(value) : this.say('hours', { value: this.number(value / 3600, 1) });
    }
    const unit = spec.unit === 'm s-1' ? 'm/s' : spec.unit;
    return `${this.number(value, 2)} ${unit}`;
  }
}
