/**
 * Numbers of the format: versions, types of values, and what stands between keys in a file.
 */

/** The newest that is read: Redis 7.4's. 7.0 writes 10, 7.2 writes 11. */
export const RDB_VERSION_MAX = 12;

export const ValueType = {
  string: 0,
  list: 1,
  set: 2,
  sortedSetText: 3,
  hash: 4,
  sortedSet: 5,
  moduleOld: 6,
  module: 7,
  hashZipmap: 9,
  listZiplist: 10,
  setIntset: 11,
  sortedSetZiplist: 12,
  hashZiplist: 13,
  listQuicklist: 14,
  stream: 15,
  hashListpack: 16,
  sortedSetListpack: 17,
  listQuicklist2: 18,
  stream2: 19,
  setListpack: 20,
  stream3: 21,
  hashFieldsAbsolute: 22,
  hashListpackFieldsAbsolute: 23,
  hashFields: 24,
  hashListpackFields: 25,
} as const;

export const Opcode = {
  slotInfo: 244,
  functionLibrary: 245,
  functionOld: 246,
  moduleAuxiliary: 247,
  idle: 248,
  frequency: 249,
  auxiliary: 250,
  resize: 251,
  expiryMs: 252,
  expirySeconds: 253,
  database: 254,
  end: 255,
} as const;

/** The two high bits of a length say how it goes on. */
export const LengthForm = { six: 0, fourteen: 1, wide: 2, encoded: 3 } as const;
export const LENGTH_32 = 0x80;
export const LENGTH_64 = 0x81;
/** What an encoded length says of its string. */
export const StringForm = { int8: 0, int16: 1, int32: 2, lzf: 3 } as const;

/** How a node of a list holds what it holds. */
export const NodeForm = { plain: 1, packed: 2 } as const;

/** Redis's own bounds for its small forms, whatever either side is configured to. */
export const SMALL_HASH_FIELDS_MAX = 512;
export const SMALL_SORTED_SET_MAX = 128;
const SMALL_VALUE_BYTES_MAX = 64;

/** Whether no more than so many values, all of them short, are there. */
export function areSmall(
  values: readonly { readonly length: number }[],
  countMax: number,
): boolean {
  if (values.length > countMax) return false;
  for (let index = 0; index < values.length; index += 1) {
    if (values[index].length > SMALL_VALUE_BYTES_MAX) return false;
  }
  return true;
}
