/**
 * Places on earth as numbers of 52 bits: latitude and longitude as 26 bits each, a bit of one and a
 * bit of the other in turn, so that places of one cell are a run of numbers. Bit 0 is latitude's.
 *
 * Latitude ends at 85.05°, where the square map of the web ends. The greatest latitude and
 * longitude begin a 27th bit, so that their numbers are above those of all cells (`rimOf`).
 */

export const LONGITUDE_MIN = -180;
export const LONGITUDE_MAX = 180;
export const LATITUDE_MIN = -85.05112878;
export const LATITUDE_MAX = 85.05112878;
export const STEPS_MAX = 26;

const HALF_STEPS = 13;
const HALF_MASK = 2 ** HALF_STEPS - 1;
const HALF = 2 ** STEPS_MAX;
const TEXT_ALPHABET = "0123456789bcdefghjkmnpqrstuvwxyz";
const TEXT_LETTERS = 10;

export interface Position {
  readonly longitude: number;
  readonly latitude: number;
}

/** One of the cells that `steps` halvings of both axes make. */
export interface Cell {
  readonly steps: number;
  readonly longitude: number;
  readonly latitude: number;
}

/** The edges of a cell, in degrees. */
export interface CellBounds {
  readonly west: number;
  readonly east: number;
  readonly south: number;
  readonly north: number;
}

/** The number of a place inside the limits. */
export function encodePosition({ longitude, latitude }: Position): number {
  return interleaved(
    stepsOf(latitude, LATITUDE_MIN, LATITUDE_MAX, STEPS_MAX),
    stepsOf(longitude, LONGITUDE_MIN, LONGITUDE_MAX, STEPS_MAX),
  );
}

/** The middle of the finest cell; any number stands for one. */
export function decodePosition(number: number): Position {
  const cell = number >= 0 && number < 2 ** 53 ? finestCell(number) : wildCell(number);
  const { west, east, south, north } = boundsOf(cell);
  return {
    longitude: clamped((west + east) / 2, LONGITUDE_MIN, LONGITUDE_MAX),
    latitude: clamped((south + north) / 2, LATITUDE_MIN, LATITUDE_MAX),
  };
}

export function cellAt({ longitude, latitude }: Position, steps: number): Cell {
  const last = 2 ** steps - 1;
  return {
    steps,
    longitude: Math.min(last, stepsOf(longitude, LONGITUDE_MIN, LONGITUDE_MAX, steps)),
    latitude: Math.min(last, stepsOf(latitude, LATITUDE_MIN, LATITUDE_MAX, steps)),
  };
}

/** Of a cell at the eastern or northern end of the map: the places on its very edge. */
export function rimOf(cell: Cell): Cell[] {
  const end = 2 ** cell.steps;
  const isEast = cell.longitude === end - 1;
  const isNorth = cell.latitude === end - 1;
  const rim: Cell[] = [];
  if (isEast) rim.push({ ...cell, longitude: end });
  if (isNorth) rim.push({ ...cell, latitude: end });
  if (isEast && isNorth) rim.push({ ...cell, longitude: end, latitude: end });
  return rim;
}

/** Around the earth in both directions. */
export function neighborOf(cell: Cell, toEast: number, toNorth: number): Cell {
  const mask = 2 ** cell.steps - 1;
  return {
    steps: cell.steps,
    longitude: toEast === 0 ? cell.longitude : (cell.longitude + toEast) & mask,
    latitude: toNorth === 0 ? cell.latitude : (cell.latitude + toNorth) & mask,
  };
}

export function isSameCell(left: Cell, right: Cell): boolean {
  return left.longitude === right.longitude && left.latitude === right.latitude;
}

export function boundsOf({ steps, longitude, latitude }: Cell): CellBounds {
  const count = 2 ** steps;
  const width = LONGITUDE_MAX - LONGITUDE_MIN;
  const height = LATITUDE_MAX - LATITUDE_MIN;
  return {
    west: LONGITUDE_MIN + (longitude / count) * width,
    east: LONGITUDE_MIN + (((longitude + 1) >>> 0) / count) * width,
    south: LATITUDE_MIN + (latitude / count) * height,
    north: LATITUDE_MIN + (((latitude + 1) >>> 0) / count) * height,
  };
}

/** The numbers of a cell's places: from `min` to before `max`. */
export function numbersOf(cell: Cell): { readonly min: number; readonly max: number } {
  const number = interleaved(cell.latitude, cell.longitude);
  const scale = 4 ** (STEPS_MAX - cell.steps);
  return { min: number * scale, max: (number + 1) * scale };
}

/** As others write it, on latitudes up to the poles; the last letter is always 0. */
export function geohashText({ longitude, latitude }: Position): string {
  const number = interleaved(
    stepsOf(latitude, -90, 90, STEPS_MAX),
    stepsOf(longitude, LONGITUDE_MIN, LONGITUDE_MAX, STEPS_MAX),
  );
  let text = "";
  for (let index = 1; index <= TEXT_LETTERS; index += 1) {
    text += TEXT_ALPHABET[Math.floor(number / 2 ** (2 * STEPS_MAX - 5 * index)) % 32];
  }
  return `${text}0`;
}

function stepsOf(degrees: number, min: number, max: number, steps: number): number {
  return Math.floor(((degrees - min) / (max - min)) * 2 ** steps);
}

function finestCell(number: number): Cell {
  const low = (number % HALF) | 0;
  const high = (number / HALF) | 0;
  return {
    steps: STEPS_MAX,
    longitude: gathered(low >>> 1) | (gathered(high >>> 1) << HALF_STEPS),
    latitude: gathered(low) | (gathered(high) << HALF_STEPS),
  };
}

/** Of a score that was never a place: what is left of it in 64 bits. */
function wildCell(number: number): Cell {
  let bits = 0n;
  if (number < -(2 ** 63)) bits = 2n ** 63n;
  else if (number < 2 ** 64) bits = BigInt.asUintN(64, BigInt(Math.trunc(number)));
  let longitude = 0;
  let latitude = 0;
  for (let index = 0n; index < 32n; index += 1n) {
    latitude += Number((bits >> (2n * index)) & 1n) * 2 ** Number(index);
    longitude += Number((bits >> (2n * index + 1n)) & 1n) * 2 ** Number(index);
  }
  return { steps: STEPS_MAX, longitude, latitude };
}

function clamped(value: number, min: number, max: number): number {
  return Math.min(max, Math.max(min, value));
}

function interleaved(even: number, odd: number): number {
  const low = spread(even & HALF_MASK) | (spread(odd & HALF_MASK) << 1);
  const high = spread(even >>> HALF_STEPS) | (spread(odd >>> HALF_STEPS) << 1);
  return high * HALF + low;
}

/** A zero before each of 16 bits. */
function spread(bits: number): number {
  let word = (bits | (bits << 8)) & 0x00ff00ff;
  word = (word | (word << 4)) & 0x0f0f0f0f;
  word = (word | (word << 2)) & 0x33333333;
  return (word | (word << 1)) & 0x55555555;
}

/** The even bits of a word. */
function gathered(bits: number): number {
  let word = bits & 0x55555555;
  word = (word | (word >>> 1)) & 0x33333333;
  word = (word | (word >>> 2)) & 0x0f0f0f0f;
  word = (word | (word >>> 4)) & 0x00ff00ff;
  return (word | (word >>> 8)) & 0xffff;
}
