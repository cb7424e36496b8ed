/**
 * Up to where Redis holds a collection in its compact encoding, for OBJECT ENCODING. They are
 * settings (CONFIG SET), one object for each keyspace, and decide names only: effects, digests and
 * our own structures do not depend on them.
 */

export interface EncodingLimits {
  hashListpackEntries: number;
  hashListpackValueBytes: number;
  /** Entries of a node, or, below 0, Redis's classes of node sizes: -1 4 KiB to -5 64 KiB. */
  listListpackSize: number;
  setIntsetEntries: number;
  setListpackEntries: number;
  setListpackValueBytes: number;
  sortedSetListpackEntries: number;
  sortedSetListpackValueBytes: number;
  streamNodeEntries: number;
  streamNodeBytes: number;
  /** PFADD: a sparse HyperLogLog that outgrows it becomes dense. It decides what is stored. */
  hyperLogLogSparseBytes: number;
}

export function defaultEncodingLimits(): EncodingLimits {
  return {
    hashListpackEntries: 512,
    hashListpackValueBytes: 64,
    listListpackSize: -2,
    setIntsetEntries: 512,
    setListpackEntries: 128,
    setListpackValueBytes: 64,
    sortedSetListpackEntries: 128,
    sortedSetListpackValueBytes: 64,
    streamNodeEntries: 100,
    streamNodeBytes: 4096,
    hyperLogLogSparseBytes: 3000,
  };
}
