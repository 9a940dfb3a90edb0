// Frames of a field: fetched once each, kept in a ring, the next ones ahead of time.

const AT_ONCE = 4;

export class Frames {
  /**
   * @param {(k: number) => string} urlOf address of frame k
   * @param {number} count number of frames
   * @param {number} capacity frames that are kept
   * @param {(k: number) => void} onReady called when a frame has come
   * @param {(problem: Error) => void} onProblem called when one cannot be had
   */
  constructor({ urlOf, count, capacity, onReady, onProblem }) {
    Object.assign(this, { urlOf, count, capacity, onReady, onProblem });
    this.held = new Map(); // k -> bytes, the least recently used first
    this.coming = new Map(); // k -> AbortController
    this.failed = new Map(); // k -> time of the last try, ms
    this.wanted = [];
  }

  /** The frame, or undefined while it is not here. */
  get(k) {
    const bytes = this.held.get(k);
    if (bytes) {
      this.held.delete(k);
      this.held.set(k, bytes);
    }
    return bytes;
  }

  /** The held frame nearest to k, or -1. */
  nearest(k) {
    let best = -1;
    for (const other of this.held.keys()) {
      if (best < 0 || Math.abs(other - k) < Math.abs(best - k)) best = other;
    }
    return best;
  }

  /** Ask for frame k and those after it, as many as the ring holds. */
  want(k) {
    const ahead = Math.min(this.count, Math.max(2, this.capacity - 8));
    this.wanted = [];
    for (let i = 0; i < ahead; i += 1) {
      const other = (k + i) % this.count;
      if (!this.held.has(other) && !this.coming.has(other)) this.wanted.push(other);
    }
    for (const [other, stop] of this.coming) {
      if ((other - k + this.count) % this.count >= ahead) stop.abort();
    }
    this.pump();
  }

  /** How many of all frames are here, 0 to 1. */
  get share() {
    return this.count ? this.held.size / Math.min(this.count, this.capacity) : 1;
  }

  pump() {
    while (this.coming.size < AT_ONCE && this.wanted.length) {
      const k = this.wanted.shift();
      const tried = this.failed.get(k);
      if (tried !== undefined && performance.now() - tried < 3000) continue;
      this.fetch(k);
    }
  }

  async fetch(k) {
    const stop = new AbortController();
    this.coming.set(k, stop);
    try {
      const answer = await fetch(this.urlOf(k), { signal: stop.signal });
      if (!answer.ok) throw await problemOf(answer);
      const bytes = new Uint8Array(await answer.arrayBuffer());
      this.failed.delete(k);
      this.held.set(k, bytes);
      while (this.held.size > this.capacity) this.held.delete(this.held.keys().next().value);
      this.coming.delete(k);
      this.onReady(k);
    } catch (error) {
      this.coming.delete(k);
      if (error.name !== 'AbortError') {
        this.failed.set(k, performance.now());
        this.onProblem(error);
      }
    }
    this.pump();
  }

  dispose() {
    this.wanted = [];
    for (const stop of this.coming.values()) stop.abort();
    this.held.clear();
  }
}

/** An error from an answer of the API, which says {what, where, value, remedy}. */
export async function problemOf(answer) {
  let said = {};
  try {
    said = await answer.json();
  } catch {
    // Not JSON: a proxy or a lost server; the status has to do.
  }
  const told = said.detail && typeof said.detail === 'object' ? said.detail : said;
  const error = new Error(told.what || `${answer.status} ${answer.statusText}`);
  Object.assign(error, { status: answer.status, remedy: told.remedy || '' });
  return error;
}

/** Fetch a JSON document of the API. */
export async function fetchJson(url, options) {
  const answer = await fetch(url, options);
  if (!answer.ok) throw await problemOf(answer);
  return answer.json();
}
