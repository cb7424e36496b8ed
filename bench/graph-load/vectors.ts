/** Vectors around centers, so that neighbors mean something; the same numbers each time. */
const CLUSTERS = 1000;

export function clusteredVectors(count: number, dimensions: number): Buffer {
  let state = 1;
  const random = (): number => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 31 - 1;
  };
  const centers = Float32Array.from({ length: CLUSTERS * dimensions }, () => random() * 2);
  const values = new Float32Array(count * dimensions);
  for (let row = 0; row < count; row += 1) {
    const center = (row % CLUSTERS) * dimensions;
    for (let at = 0; at < dimensions; at += 1) {
      values[row * dimensions + at] = centers[center + at] + random() + random();
    }
  }
  return Buffer.from(values.buffer);
}
