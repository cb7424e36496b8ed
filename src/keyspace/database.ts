/**
 * One numbered database: its entries, and which of them have an expiry.
 *
 * `apply.ts` keeps both in step: a key is in `keysWithExpiry` exactly if its entry has an
 * `expiryMs`. The active expiry cycle walks that set; its insertion order is the order of expiry
 * commands, so a walk meets every key in turn.
 */
import { DenseOrder } from "../data/dense-order.ts";
import type { Entry } from "./entry.ts";

export class Database {
  readonly entries: Map<string, Entry>;
  readonly keysWithExpiry: Set<string>;
  /** Every key, for SCAN and RANDOMKEY. */
  readonly order: DenseOrder;

  constructor() {
    this.entries = new Map();
    this.keysWithExpiry = new Set();
    this.order = new DenseOrder([]);
  }
}
