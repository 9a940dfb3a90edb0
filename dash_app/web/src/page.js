// What the pages around a map share: elements by id, the line that tells, keys that are theirs.

export const byId = (id) => document.getElementById(id);

/** The line over the map that tells something for a while. */
export class Note {
  constructor({ badMs }) {
    this.badMs = badMs;
  }

  say(text, bad = false) {
    const note = byId('viewer-note');
    if (!note) return;
    note.textContent = text;
    note.classList.toggle('bad', bad);
    note.hidden = false;
    clearTimeout(this.hiding);
    this.hiding = setTimeout(() => {
      note.hidden = true;
    }, bad ? this.badMs : 3500);
  }
}

/**
 * What a key does, by `acts` or as the layer of its digit; null where it belongs to a field, a
 * button, or, as arrows do, to what matches `arrows`.
 */
export function actOf(event, acts, layers, arrows) {
  const { target } = event;
  if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return null;
  if (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName)) return null;
  if (event.key === ' ' && target.closest('button, a')) return null;
  const act = acts[event.key] ??
    (/^[1-6]$/.test(event.key) ? `layer:${layers[Number(event.key) - 1]}` : null);
  return act && event.key.startsWith('Arrow') && target.closest(arrows) ? null : act;
}
