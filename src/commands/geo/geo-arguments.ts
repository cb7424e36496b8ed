/**
 * What the arguments of geo commands have in common: places, units of length and distances.
 */
import type { Bytes } from "../../base/bytes.ts";
import { ErrorReply, errors } from "../../base/errors.ts";
import {
  LATITUDE_MAX,
  LATITUDE_MIN,
  LONGITUDE_MAX,
  LONGITUDE_MIN,
  type Position,
} from "../../data/geohash.ts";
import { oneOf, token } from "../argument.ts";
import { optionName } from "../context.ts";
import { parseDouble } from "../double-argument.ts";

const badUnit = new ErrorReply("ERR unsupported unit provided. please use M, KM, FT, MI");

/** Meters of each. */
const UNITS = new Map([
  ["M", 1],
  ["KM", 1000],
  ["FT", 0.3048],
  ["MI", 1609.34],
]);

export const unitArgument = oneOf("unit", token("M"), token("KM"), token("FT"), token("MI"));

/** Longitude, latitude. */
export function parsePosition(
  longitudeArgument: Bytes,
  latitudeArgument: Bytes,
): Position | ErrorReply {
  const longitude = parseDouble(longitudeArgument);
  const latitude = longitude === undefined ? undefined : parseDouble(latitudeArgument);
  if (longitude === undefined || latitude === undefined) return errors.notAFloat;
  const isInside =
    longitude >= LONGITUDE_MIN &&
    longitude <= LONGITUDE_MAX &&
    latitude >= LATITUDE_MIN &&
    latitude <= LATITUDE_MAX;
  if (isInside) return { longitude, latitude };
  const pair = `${fixedText(longitude)},${fixedText(latitude)}`;
  return new ErrorReply(`ERR invalid longitude,latitude pair ${pair}`);
}

/** Meters of the unit. */
export function parseUnit(argument: Bytes): number | ErrorReply {
  return UNITS.get(optionName(argument)) ?? badUnit;
}

/** In meters, with the unit's own. */
export interface Lengths {
  readonly meters: readonly number[];
  readonly unitMeters: number;
}

/** One number for each name, then a unit. */
export function parseLengths(
  args: readonly Bytes[],
  firstAt: number,
  names: readonly string[],
  negative: string,
): Lengths | ErrorReply {
  const lengths: number[] = [];
  for (let index = 0; index < names.length; index += 1) {
    const length = parseDouble(args[firstAt + index]);
    if (length === undefined) return new ErrorReply(`ERR need numeric ${names[index]}`);
    lengths.push(length);
  }
  if (lengths.some((length) => length < 0)) return new ErrorReply(`ERR ${negative}`);
  const unitMeters = parseUnit(args[firstAt + names.length]);
  if (unitMeters instanceof ErrorReply) return unitMeters;
  return { meters: lengths.map((length) => length * unitMeters), unitMeters };
}

/** C's `%f`. */
function fixedText(value: number): string {
  if (!Number.isFinite(value)) return value < 0 ? "-inf" : "inf";
  return Math.abs(value) < 1e21 ? value.toFixed(6) : `${BigInt(value)}.000000`;
}
