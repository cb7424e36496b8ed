/**
 * Effects that bring a value back as a snapshot had it (`effect.ts` has the rules and the ids),
 * with their bytes: a whole value or its first part, and then more of it, so that nothing needs
 * room for the largest collection in one piece. Unlike RESTORE's they say which encoding the value
 * had: whoever reads them may have other settings, and what has grown and shrunk again cannot tell.
 */
import type { RestoredValue } from "./effect.ts";

export const LoadEffectId = {
  keyLoad: 8,
  keyExtend: 9,
} as const;

/** Puts the value in place of whatever is there. */
export interface KeyLoad {
  readonly id: typeof LoadEffectId.keyLoad;
  readonly database: number;
  readonly key: string;
  readonly value: RestoredValue;
  /** `encoding-mark.ts`. */
  readonly encodingMark: number;
  readonly expiryMs: number;
}

/**
 * More of what is there, of the same type: bytes behind a string's, values behind a list's, fields
 * and members that are new, blocks behind a stream's, with its groups and what is pending there.
 */
export interface KeyExtend {
  readonly id: typeof LoadEffectId.keyExtend;
  readonly database: number;
  readonly key: string;
  readonly value: RestoredValue;
  /** As it is after this. */
  readonly encodingMark: number;
}

export type LoadEffect = KeyLoad | KeyExtend;
