// From longitude and latitude back to the grid, on the lattice that the scene gives.

import { mercator } from './geo.js';

/** Place within the grid, {u, v} from 0 to 1 (west to east, north to south), or null outside. */
export function locate(mesh, lon, lat) {
  if (!mesh.mercator) mesh.mercator = Array.from(mesh.lon, (l, i) => mercator(l, mesh.lat[i]));
  const { rows, columns, mercator: points } = mesh;
  const [x, y] = mercator(lon, lat);
  let u = 0.5;
  let v = 0.5;
  for (let turn = 0; turn < 6; turn += 1) {
    const column = Math.min(columns - 2, Math.max(0, Math.floor(u * (columns - 1))));
    const row = Math.min(rows - 2, Math.max(0, Math.floor(v * (rows - 1))));
    const a = points[row * columns + column];
    const b = points[row * columns + column + 1];
    const c = points[(row + 1) * columns + column];
    const [ex, ey, sx, sy] = [b[0] - a[0], b[1] - a[1], c[0] - a[0], c[1] - a[1]];
    const det = ex * sy - ey * sx;
    const [dx, dy] = [x - a[0], y - a[1]];
    u = (column + (dx * sy - dy * sx) / det) / (columns - 1);
    v = (row + (ex * dy - ey * dx) / det) / (rows - 1);
  }
  return u >= 0 && u < 1 && v >= 0 && v < 1 ? { u, v } : null;
}
