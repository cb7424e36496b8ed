/**
 * Places and distances in replies.
 */
import { humanText } from "../../base/float-text.ts";
import type { Position } from "../../data/geohash.ts";
import { DoubleText, type Reply } from "../../resp/frame.ts";

const DISTANCE_DIGITS = 4;
const DISTANCE_SCALE = 10 ** DISTANCE_DIGITS;

/** Four digits; what is halfway between two goes to the even one. */
export function distanceText(distance: number): string {
  const scaled = distance * DISTANCE_SCALE;
  const below = Math.floor(scaled);
  const rest = scaled - below;
  const isUp = rest > 0.5 || (rest === 0.5 && below % 2 === 1);
  const digits = String(BigInt(isUp ? below + 1 : below)).padStart(DISTANCE_DIGITS + 1, "0");
  return `${digits.slice(0, -DISTANCE_DIGITS)}.${digits.slice(-DISTANCE_DIGITS)}`;
}

export function positionReply({ longitude, latitude }: Position): Reply {
  return [new DoubleText(humanText(longitude)), new DoubleText(humanText(latitude))];
}

/** A score as the 64-bit integer that WITHHASH shows. */
export function hashReply(score: number): number | bigint {
  const whole = Math.trunc(score);
  if (Number.isSafeInteger(whole)) return whole;
  const isTooLarge = !(Math.abs(whole) < 2 ** 63);
  return isTooLarge ? -(2n ** 63n) : BigInt(whole);
}
