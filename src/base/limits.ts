/**
 * Every limit, in one place. Each has a test that reaches it (`test/limits/`), and a word on why
 * it stands where it stands. Rooms import from here and define none of their own.
 */

const KIB = 1024;
const MIB = 1024 * KIB;

export const limits = {
  /** Redis's proto-max-bulk-len, which bounds strings that grow. */
  bulkBytesMax: 512 * MIB,
  /**
   * An argument above it, or above proto-max-bulk-len, closes the connection. It may be a key or a
   * member, which are JavaScript strings, and V8's longest has 24 bytes less than 512 MiB.
   */
  argumentBytesMax: 512 * MIB - 24,
  /** Redis's limit on the declared count of a multibulk. */
  multibulkCountMax: 1024 * 1024,
  /** Before authentication, as Redis has it since CVE-2021-32675. */
  unauthenticatedMultibulkCountMax: 10,
  unauthenticatedBulkBytesMax: 16 * KIB,
  /** One inline command, or one header line of a frame. */
  inlineBytesMax: 64 * KIB,
  /** What one connection may have sent without it forming a whole command. */
  queryBufferBytesMax: 1024 * MIB,
  /** Replies that a client does not read; `normal` clients are unlimited in Redis, not here. */
  outputBufferBytesMax: 256 * MIB,
  unauthenticatedOutputBufferBytesMax: 1 * KIB,
  /**
   * Replies of one connection that wait for the log or for a search; then it is read no further.
   */
  heldRepliesMax: 16_384,
  connectionsMax: 10_000,
  databaseCount: 16,
  /**
   * Slabs of 16 MiB for keys and short strings, as many as 31-bit locations can name: 32 GiB. When
   * only the spare ones are left (2 GiB, more than one unit of effects brings), writes are refused.
   */
  arenaSlabsMax: 2047,
  arenaSpareSlabs: 128,
  /** Keys that all blocked clients wait for together, each counted for each client. */
  blockedKeysMax: 1_000_000,
  /** What is read from a blocked client to see it leave; beyond that it is read no further. */
  blockedInputBytesMax: 64 * KIB,
  /** Commands that one MULTI may queue, and their bytes. */
  transactionCommandsMax: 1024 * 1024,
  transactionBytesMax: 512 * MIB,
  /** A record is closed when its units pass this; a single larger unit still is one record. */
  recordBytesTarget: 512 * KIB,
  /**
   * Above all that one unit can hold: what a query buffer took, and what was copied beside it
   * (restoredBytesMax), so that a unit that was executed can always be written.
   */
  recordBytesMax: 3 * 1024 * MIB,
  /**
   * What one command or one MULTI writes to the log beyond what the client sent: the values of
   * RENAME, COPY, MOVE and the STORE commands, the members that SPOP takes.
   */
  restoredBytesMax: 1024 * MIB,
  /** Elements of one value of RESTORE or of a file: V8's arrays end at 2^27. */
  restoredElementsMax: 2 ** 26,
  segmentBytes: 64 * MIB,
  /** A block of a snapshot is closed when it passes this; a key with an element is never cut. */
  blockBytesTarget: 1 * MIB,
  /** A key, one element of its value (a field and what it holds), and what sealing adds. */
  blockBytesMax: 3 * 512 * MIB + 1 * MIB,
  /** No segment is larger: one record, and what surrounds it. What is larger is not read. */
  segmentFileBytesMax: 3 * 1024 * MIB + 64 * KIB,
  /** What is looked through, behind damage, for records that follow it: a second's work. */
  recordSearchBytesMax: 1024 * MIB,
  /** A key in any of its forms is shorter; a longer file is no key. */
  masterKeyFileBytesMax: 256,
  /** A request to a key service takes seconds at worst, and no write waits for it. */
  masterKeyCommandMs: 30_000,
  /** Services wrap 32 bytes into a few hundred. */
  masterKeyOutputBytesMax: 64 * KIB,
  /** Of one message between the server and its follower; they have some hundred bytes. */
  followerMessageBytesMax: MIB,
  /** Of all data keys of a folder, those that files still need among them. */
  dataKeysMax: 10_000,
  /** What that many take, and half as much again; a longer file is not read. */
  keyRingBytesMax: 4 * MIB,
  slowLogEntriesMax: 128,
  slowLogArgumentsMax: 32,
  slowLogArgumentBytesMax: 128,
  /** Seconds that LATENCY keeps of an event, as Redis. */
  latencySamplesMax: 160,
  globPatternStepsMax: 1_000_000,
  /** Redis's: a pattern that needs more stars than this matches nothing. */
  globStarsMax: 1000,
  /** However large COUNT is, SCAN and its like visit no more: it holds up everybody else. */
  scanCountMax: 100_000,
  /**
   * Fields that have passed their expiry and go with one lookup of their hash. More wait for the
   * expiry cycle or for the next lookup, and are treated as absent meanwhile.
   */
  expiredFieldsMax: 128,
  /** With a negative count HRANDFIELD and SRANDMEMBER repeat: only this bounds their replies. */
  randomFieldsMax: 10_000_000,
  /** The same of ZRANDMEMBER. */
  randomMembersMax: 10_000_000,
  /** Fields and values of one entry of a stream together, as in Redis. */
  streamEntryBytesMax: 1024 * MIB,
  /** Counters of a stream that a client sets: they count on from there, and stay exact. */
  streamCounterMax: 2 ** 52,
  /** A block of a stream takes no more entries then, whatever stream-node-max-bytes says. */
  streamBlockBytesMax: 1 * MIB,
  /** Redis's buffer for the text of a float; longer ones are refused before any arithmetic. */
  floatTextBytesMax: 5 * KIB - 1,
  /** MemoryDB's limits on search, and Redis's where MemoryDB has none. */
  searchIndexesMax: 64,
  searchAttributesMax: 1024,
  searchQueryBytesMax: 1 * MIB,
  searchQueryDepthMax: 64,
  searchQueryNodesMax: 8_192,
  searchParametersMax: 512,
  searchResultsMax: 1_000_000,
  searchKnnMax: 1_000_000,
  /** Hash fields that have passed their expiry and are removed before one search. */
  searchExpiredFieldsMax: 16_384,
  searchTimeoutMsMax: 60_000,
  /**
   * A slice of a backfill is closed when it has so many keys, or entries of so many bytes; a single
   * larger one still is one. The event loop looks at the clock between two slices.
   */
  backfillSliceKeysMax: 32,
  backfillSliceBytesMax: 64 * KIB,
  vectorDimensionsMax: 32_768,
  /** INITIAL_CAP and BLOCK_SIZE: hints, which must not reserve memory that is not there. */
  vectorCapacityMax: 1_000_000_000,
  hnswLinksMax: 512,
  hnswEfConstructionMax: 4_096,
  hnswEfRuntimeMax: 4_096,
  neighborCodeBitsMax: 512,
} as const;
