// The value under the pointer.

export class Tip {
  constructor(element, words) {
    Object.assign(this, { element, words });
  }

  show(found) {
    const { element, words } = this;
    const lines = found ? this.lines(found) : [];
    element.hidden = !lines.length;
    if (!lines.length) return;
    element.replaceChildren(
      ...lines.map((text, i) => {
        const row = document.createElement('div');
        row.textContent = text;
        if (i === 0) row.className = 'tip-main';
        return row;
      }),
    );
    const { clientWidth, clientHeight } = element.parentElement;
    const left = found.point.x + 16 + element.offsetWidth > clientWidth ? found.point.x - 12 - element.offsetWidth : found.point.x + 16;
    const top = Math.min(found.point.y + 14, clientHeight - element.offsetHeight - 4);
    element.style.transform = `translate(${Math.round(left)}px, ${Math.round(top)}px)`;
  }

  lines({ unit, incident, facility, gauge, structure, value }) {
    const { words } = this;
    const lines = [];
    if (unit) lines.push(unit, words.say('click_unit'));
    else if (incident) {
      lines.push(words.say(`incident.${incident.kind}`), words.say('called_at', { time: words.clock(incident.call_s) }));
    } else if (facility) lines.push(facility.name || words.say(`facility.${facility.kind}`), words.say(`facility.${facility.kind}`));
    else if (gauge || structure) lines.push((gauge ?? structure).name);
    if (value && Number.isFinite(value.value)) {
      // The picture holds rounded values: this is said, and a click gives the stored one.
      const about = value.spec.classes ? '' : '≈ ';
      lines.push(about + words.value(value.value, value.spec));
      if (value.water) lines.push(words.say('in_water'));
    }
    return lines;
  }
}
