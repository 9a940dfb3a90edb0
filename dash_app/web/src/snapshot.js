// A picture of what is on the screen, with title, time, legend and what it rests on.

/** @returns {Promise<Blob>} a PNG of the map with a strip above and one below it */
export async function snapshot(map, { title, subtitle, notes, legend }) {
  const canvas = await new Promise((resolve) => {
    map.once('render', () => {
      const source = map.getCanvas();
      const copy = document.createElement('canvas');
      copy.width = source.width;
      copy.height = source.height;
      copy.getContext('2d').drawImage(source, 0, 0);
      resolve(copy);
    });
    map.triggerRepaint();
  });
  const ratio = devicePixelRatio;
  const head = 62 * ratio;
  const lines = notes.length;
  const foot = (16 + 18 * Math.max(1, lines)) * ratio;
  const sheet = document.createElement('canvas');
  sheet.width = canvas.width;
  sheet.height = canvas.height + head + foot;
  const pen = sheet.getContext('2d');
  const style = getComputedStyle(document.body);
  const paper = style.getPropertyValue('--panel') ? style.backgroundColor : '#fff';
  const ink = style.color;
  pen.fillStyle = paper;
  pen.fillRect(0, 0, sheet.width, sheet.height);
  pen.drawImage(canvas, 0, head);
  pen.fillStyle = ink;
  pen.font = `600 ${19 * ratio}px "Noto Sans", sans-serif`;
  pen.fillText(title, 14 * ratio, 27 * ratio, sheet.width - 28 * ratio);
  pen.font = `${14 * ratio}px "Noto Sans", sans-serif`;
  pen.fillText(subtitle, 14 * ratio, 49 * ratio, sheet.width - 28 * ratio);
  pen.font = `${12 * ratio}px "Noto Sans", sans-serif`;
  notes.forEach((note, i) => {
    pen.fillText(note, 14 * ratio, head + canvas.height + (18 + 18 * i) * ratio, sheet.width - 28 * ratio);
  });
  drawSteps(pen, legend, sheet.width, head + canvas.height, ratio, ink, paper);
  return new Promise((resolve) => {
    sheet.toBlob(resolve, 'image/png');
  });
}

function drawSteps(pen, legend, width, bottom, ratio, ink, paper) {
  const steps = [...legend.querySelectorAll('.legend-steps .legend-step, .legend-list .legend-step')].slice(0, 8);
  if (!steps.length) return;
  const [rowHeight, wide] = [18 * ratio, 190 * ratio];
  const top = bottom - (steps.length + 1) * rowHeight - 18 * ratio;
  pen.globalAlpha = 0.88;
  pen.fillStyle = paper;
  pen.fillRect(12 * ratio, top - 8 * ratio, wide, (steps.length + 1) * rowHeight + 16 * ratio);
  pen.globalAlpha = 1;
  pen.fillStyle = ink;
  pen.font = `600 ${12 * ratio}px "Noto Sans", sans-serif`;
  pen.fillText(legend.querySelector('.legend-title')?.textContent ?? '', 20 * ratio, top + 10 * ratio, wide - 16 * ratio);
  pen.font = `${12 * ratio}px "Noto Sans", sans-serif`;
  steps.forEach((step, i) => {
    const swatch = step.querySelector('i');
    const y = top + (i + 1) * rowHeight;
    pen.fillStyle = getComputedStyle(swatch).backgroundColor;
    pen.fillRect(20 * ratio, y, 16 * ratio, 12 * ratio);
    pen.fillStyle = ink;
    pen.fillText(step.textContent, 42 * ratio, y + 10.5 * ratio, wide - 40 * ratio);
  });
}

/** Offer a blob as a download. */
export function download(blob, name) {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 1000);
}
