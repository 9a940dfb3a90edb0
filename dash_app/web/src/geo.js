// Web Mercator, as MapLibre counts it: the world is the square from 0 to 1, y to the south.

/** Longitude and latitude, degrees, to Mercator. */
export function mercator(lon, lat) {
  const rad = (lat * Math.PI) / 180;
  return [(lon + 180) / 360, 0.5 - Math.log(Math.tan(Math.PI / 4 + rad / 2)) / (2 * Math.PI)];
}

/** Mercator to longitude and latitude, degrees. */
export function lonLat(x, y) {
  return [x * 360 - 180, (Math.atan(Math.sinh(Math.PI * (1 - 2 * y))) * 180) / Math.PI];
}

/**
 * The matrix that takes positions relative to a local origin to clip space. It is multiplied in
 * float64: absolute Mercator positions are too coarse for float32 (half a metre at Saigon).
 */
export function localMatrix(matrix, origin) {
  const m = Float64Array.from(matrix);
  const [x, y] = origin;
  for (let row = 0; row < 4; row += 1) {
    m[12 + row] += m[row] * x + m[4 + row] * y;
  }
  return Float32Array.from(m);
}

/** The last index i with times[i] <= t, at least 0. */
export function indexAt(times, t) {
  let low = 0;
  let high = times.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (times[middle] <= t) low = middle;
    else high = middle - 1;
  }
  return low;
}

/** Great-circle length of a line of [lon, lat], m. */
export function lengthOf(coordinates) {
  let sum = 0;
  for (let i = 1; i < coordinates.length; i += 1) {
    const [lon0, lat0] = coordinates[i - 1].map((v) => (v * Math.PI) / 180);
    const [lon1, lat1] = coordinates[i].map((v) => (v * Math.PI) / 180);
    const a =
      Math.sin((lat1 - lat0) / 2) ** 2 +
      Math.cos(lat0) * Math.cos(lat1) * Math.sin((lon1 - lon0) / 2) ** 2;
    sum += 2 * 6371008.8 * Math.asin(Math.sqrt(a));
  }
  return sum;
}
