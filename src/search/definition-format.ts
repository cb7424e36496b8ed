/**
 * The bytes of an index's definition, as the IndexCreate effect and later the snapshot carry them.
 *
 * Little-endian. Codes are the places in the lists below: append-only, never reordered. A reader
 * refuses a version that it does not know.
 */

/*
 * definition  u8 version | u8 key type | number score | number createdAtMs | text language
 *             | list of options | list of prefixes | u8 has own stop words | list of stop words
 *             | u16 count of attributes | attributes
 * attribute   u8 type | text identifier | text alias | u16 flags | what its type adds:
 *   TAG       text separator
 *   TEXT      number weight
 *   VECTOR    u8 algorithm | u8 type | u8 metric | u32 dimensions | u32 initial capacity | u32 M
 *             | u32 EF_CONSTRUCTION | u32 EF_RUNTIME | number epsilon | u32 block size
 *             | u32 bits of neighbor codes (from version 2; 512 before)
 * text        u32 byte count | bytes        list    u32 count | texts        number  f64
 */
export const DEFINITION_VERSION = 2;
export const NEIGHBOR_CODE_BITS_BEFORE = 512;

export const keyTypeCodes = ["HASH"] as const;
export const attributeTypeCodes = ["TAG", "NUMERIC", "TEXT", "VECTOR"] as const;
export const algorithmCodes = ["HNSW", "FLAT"] as const;
export const vectorTypeCodes = [
  "FLOAT32",
  "FLOAT64",
  "FLOAT16",
  "BFLOAT16",
  "INT8",
  "UINT8",
] as const;
export const metricCodes = ["L2", "IP", "COSINE"] as const;

export const attributeFlags = {
  isSortable: 1,
  isUnnormalized: 2,
  isNotIndexed: 4,
  isMissingIndexed: 8,
  isCaseSensitive: 16,
  isSuffixTrie: 32,
  isEmptyIndexed: 64,
  isStemmed: 128,
} as const;
