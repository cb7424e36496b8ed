/**
 * The registers of a dense sketch: six bits each, which may lie in two bytes.
 */
import { REGISTER_COUNT } from "./element-hash.ts";
import { HEADER_BYTES, VALUE_BITS, VALUE_MAX } from "./sketch-format.ts";

/** The first of the two bytes that a register may lie in. */
export function denseByte(register: number): number {
  return HEADER_BYTES + ((register * VALUE_BITS) >>> 3);
}

export function denseValue(bytes: Uint8Array, register: number): number {
  const at = denseByte(register);
  const shift = (register * VALUE_BITS) & 7;
  return ((bytes[at] >> shift) | (bytes[at + 1] << (8 - shift))) & VALUE_MAX;
}

/** Whether it was below. */
export function raiseDense(bytes: Uint8Array, register: number, value: number): boolean {
  if (value <= denseValue(bytes, register)) return false;
  const at = denseByte(register);
  const shift = (register * VALUE_BITS) & 7;
  bytes[at] = (bytes[at] & ~(VALUE_MAX << shift)) | (value << shift);
  if (shift > 8 - VALUE_BITS) {
    const rest = 8 - shift;
    bytes[at + 1] = (bytes[at + 1] & ~(VALUE_MAX >> rest)) | (value >> rest);
  }
  return true;
}

/** Adds to `counts` how many registers have each value: four of them lie in three bytes. */
export function countDense(bytes: Uint8Array, counts: Uint32Array): void {
  let at = HEADER_BYTES;
  for (let register = 0; register < REGISTER_COUNT; register += 4) {
    const four = bytes[at] | (bytes[at + 1] << 8) | (bytes[at + 2] << 16);
    counts[four & VALUE_MAX] += 1;
    counts[(four >> 6) & VALUE_MAX] += 1;
    counts[(four >> 12) & VALUE_MAX] += 1;
    counts[four >> 18] += 1;
    at += 3;
  }
}

/** Each register of `into` becomes the higher of both. */
export function mergeDense(into: Uint8Array, bytes: Uint8Array): void {
  let at = HEADER_BYTES;
  for (let register = 0; register < REGISTER_COUNT; register += 4) {
    const four = bytes[at] | (bytes[at + 1] << 8) | (bytes[at + 2] << 16);
    at += 3;
    if (four === 0) continue;
    for (let index = 0; index < 4; index += 1) {
      const value = (four >> (index * VALUE_BITS)) & VALUE_MAX;
      if (value > into[register + index]) into[register + index] = value;
    }
  }
}

/** All of them at once, whatever they were. */
export function writeDense(bytes: Uint8Array, registers: Uint8Array): void {
  let at = HEADER_BYTES;
  for (let register = 0; register < REGISTER_COUNT; register += 4) {
    const low = registers[register] | (registers[register + 1] << 6);
    const four = low | (registers[register + 2] << 12) | (registers[register + 3] << 18);
    bytes[at] = four;
    bytes[at + 1] = four >> 8;
    bytes[at + 2] = four >> 16;
    at += 3;
  }
}
