/**
 * IEEE 754 half precision, two bytes a number, to and from float32.
 */
const bits = new Uint32Array(1);
const asFloat = new Float32Array(bits.buffer);

export function floatsOfHalves(halves: Uint16Array): Float32Array<ArrayBuffer> {
  const floats = new Float32Array(halves.length);
  for (let index = 0; index < halves.length; index += 1) floats[index] = floatOf(halves[index]);
  return floats;
}

/** Rounds to nearest, halves to even. */
export function halvesOfFloats(floats: ArrayLike<number>): Uint16Array<ArrayBuffer> {
  const halves = new Uint16Array(floats.length);
  for (let index = 0; index < floats.length; index += 1) halves[index] = halfOf(floats[index]);
  return halves;
}

function floatOf(half: number): number {
  const sign = (half & 0x8000) === 0 ? 1 : -1;
  const exponent = (half >> 10) & 0x1f;
  const fraction = half & 0x3ff;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 31) return fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}

function halfOf(value: number): number {
  asFloat[0] = value;
  const sign = (bits[0] >>> 16) & 0x8000;
  const magnitude = Math.abs(asFloat[0]);
  if (Number.isNaN(magnitude)) return sign | 0x7e00;
  if (magnitude >= 65520) return sign | 0x7c00;
  if (magnitude < 2 ** -14) return sign | roundToEven(magnitude * 2 ** 24);
  const exponent = Math.floor(Math.log2(magnitude));
  const fraction = roundToEven((magnitude / 2 ** exponent) * 1024);
  // A fraction that rounds up to 2048 carries into the exponent by itself.
  return sign | (((exponent + 15) << 10) + fraction - 1024);
}

function roundToEven(value: number): number {
  const floor = Math.floor(value);
  const rest = value - floor;
  if (rest > 0.5 || (rest === 0.5 && floor % 2 === 1)) return floor + 1;
  return floor;
}
