/**
 * What XCLAIM and XAUTOCLAIM do to a group, gathered while they look at entries and applied at the
 * end: entries that change hands, and pending ones whose entry is gone, which nobody waits for.
 */

import type { Bytes } from "../../base/bytes.ts";
import { toBinaryString } from "../../base/bytes.ts";
import { idText, type StreamId } from "../../data/stream-id.ts";
import { EffectId } from "../../keyspace/effect.ts";
import { NEVER_ACTIVE } from "../../keyspace/stream-group.ts";
import type { Reply } from "../../resp/frame.ts";
import type { CommandContext } from "../context.ts";
import { oneEntryReply } from "./entry-reply.ts";
import type { FoundGroup } from "./group-lookup.ts";

/** What an id and its count take in an effect, at most. */
const CLAIM_BYTES_MAX = 25;

export class Claims {
  readonly replies: Reply[];
  readonly #gone: Set<StreamId>;
  readonly #found: FoundGroup;
  readonly #deliveredMs: number;
  readonly #isJustId: boolean;
  /** By id, since XCLAIM may name one twice. */
  readonly #counts: Map<StreamId, number>;

  constructor(found: FoundGroup, deliveredMs: number, isJustId: boolean) {
    this.replies = [];
    this.#gone = new Set();
    this.#found = found;
    this.#deliveredMs = deliveredMs;
    this.#isJustId = isJustId;
    this.#counts = new Map();
  }

  /** Pending ones whose entry is not there any more, in the order in which they were met. */
  get goneIds(): StreamId[] {
    return [...this.#gone];
  }

  /** False, and what was pending of it is let go, if the entry is not there any more. */
  has(id: StreamId): boolean {
    if (this.#found.stream.entries.has(id)) return true;
    if (this.#found.group.pending.get(id) !== undefined) this.#gone.add(id);
    return false;
  }

  /** When the entry was delivered, and how often so far; undefined if it is not pending. */
  pending(id: StreamId): { readonly deliveredMs: number; readonly count: number } | undefined {
    const count = this.#counts.get(id);
    if (count !== undefined) return { deliveredMs: this.#deliveredMs, count };
    const entry = this.#found.group.pending.get(id);
    return entry && { deliveredMs: entry.deliveredMs, count: entry.deliveryCount };
  }

  /** Of an entry that is there. */
  claim(id: StreamId, deliveryCount: number): void {
    this.#counts.set(id, deliveryCount);
    const reply = this.#isJustId ? idText(id) : oneEntryReply(this.#found.stream, id);
    this.replies.push(reply ?? null);
  }

  /** False, and nothing done, if the unit has no room for it. */
  apply(context: CommandContext, keyArgument: Bytes, consumerArgument: Bytes): boolean {
    const { group } = this.#found;
    const ids = [...this.#counts.keys()];
    const { goneIds } = this;
    if (!context.takeRoom((ids.length + goneIds.length) * CLAIM_BYTES_MAX)) return false;
    const { database, nowMs } = context;
    const key = toBinaryString(keyArgument);
    const name = toBinaryString(consumerArgument);
    const target = { database, key, group: group.name };
    const activeMs = group.consumers.get(name)?.activeMs ?? NEVER_ACTIVE;
    if (ids.length === 0) {
      const id = EffectId.streamConsumerSet;
      context.apply({ id, ...target, consumer: name, seenMs: nowMs, activeMs });
    } else {
      context.apply({
        id: EffectId.streamClaim,
        ...target,
        consumer: name,
        seenMs: nowMs,
        activeMs: nowMs,
        deliveredMs: this.#deliveredMs,
        ids,
        deliveryCounts: [...this.#counts.values()],
      });
    }
    if (goneIds.length > 0) {
      context.apply({ id: EffectId.streamAcknowledge, ...target, ids: goneIds });
    }
    return true;
  }
}
