/**
 * A digest of keys and values, 160 bits: equal keyspaces have equal digests whatever the order of
 * their keys. Not cryptographic; it compares nodes, and a state before and after recovery.
 */
import { must } from "../../base/assert.ts";
import { type Bytes, toBuffer } from "../../base/bytes.ts";
import { doubleText } from "../../base/float-text.ts";
import { ID_MAX, ID_MIN } from "../../data/stream-id.ts";
import type { Entry } from "../../keyspace/entry.ts";
import type { Keyspace } from "../../keyspace/keyspace.ts";
import type { StreamValue } from "../../keyspace/stream-value.ts";

const LANES = 5;
const EMPTY = "0".repeat(LANES * 8);

/** Multiply-and-xor over bytes in five lanes with different seeds. */
class Mixer {
  readonly lanes = new Uint32Array(LANES);

  constructor(seed: number) {
    for (let lane = 0; lane < LANES; lane += 1) {
      this.lanes[lane] = (0x811c9dc5 ^ Math.imul(seed + lane + 1, 0x9e3779b1)) >>> 0;
    }
  }

  add(bytes: Bytes): this {
    const buffer = toBuffer(bytes);
    this.#mix(buffer.length);
    for (const byte of buffer) this.#mix(byte);
    return this;
  }

  /** Adds another digest, so that the order of what is added does not matter. */
  sum(other: Mixer): void {
    for (let lane = 0; lane < LANES; lane += 1) this.lanes[lane] += other.lanes[lane];
  }

  text(): string {
    return Array.from(this.lanes, (lane) => lane.toString(16).padStart(8, "0")).join("");
  }

  #mix(value: number): void {
    for (let lane = 0; lane < LANES; lane += 1) {
      const mixed = Math.imul(this.lanes[lane] ^ value, 0x01000193 + lane * 2);
      this.lanes[lane] = mixed ^ (mixed >>> 15);
    }
  }
}

export function keyspaceDigest(keyspace: Keyspace): string {
  const whole = new Mixer(0);
  whole.lanes.fill(0);
  for (const [index, database] of keyspace.databases.entries()) {
    for (const key of database.keys()) {
      const entry = must(database.get(key), "a key that was just met");
      whole.sum(mixEntry(new Mixer(index + 1).add(key), entry).add(String(entry.expiryMs)));
    }
  }
  return whole.text();
}

/** Of the value alone, or of the key too; zeros for a key that is not there. */
export function keyDigest(key: string, entry: Entry | undefined, withKey: boolean): string {
  if (entry === undefined) return EMPTY;
  const mixer = new Mixer(0);
  if (withKey) mixer.add(key);
  return mixEntry(mixer, entry).text();
}

function mixEntry(mixer: Mixer, entry: Entry): Mixer {
  const value = entry.value;
  mixer.add(value.type);
  switch (value.type) {
    case "string":
      return mixer.add(value.borrowed);
    case "list":
      for (const item of value) mixer.add(item);
      return mixer;
    case "set":
      for (const member of value) mixer.sum(new Mixer(11).add(member));
      return mixer;
    case "zset":
      value.visit(0, value.size, false, (member, score) => {
        mixer.sum(new Mixer(13).add(member).add(doubleText(score)));
      });
      return mixer;
    case "stream":
      mixStream(mixer, value);
      return mixer;
    case "hash":
      for (const [field, bytes] of value) {
        const expiryMs = value.expiryMsOf(field);
        const part = new Mixer(7).add(field).add(bytes);
        mixer.sum(expiryMs === 0 ? part : part.add(String(expiryMs)));
      }
      return mixer;
  }
}

/** What commands can see of it; not which entries share a block. */
function mixStream(mixer: Mixer, stream: StreamValue): void {
  mixer.add(stream.lastId).add(stream.maxDeletedId).add(String(stream.entriesAdded));
  stream.entries.visit(ID_MIN, ID_MAX, (reader) => {
    mixer.add(reader.id());
    for (const part of reader.pairs()) mixer.add(part);
    return true;
  });
  for (const group of stream.groups) {
    const mixed = new Mixer(17).add(group.name).add(group.lastId).add(String(group.entriesRead));
    for (const { name, seenMs, activeMs } of group.consumers.values()) {
      mixed.sum(new Mixer(19).add(name).add(String(seenMs)).add(String(activeMs)));
    }
    for (const { id, consumer, deliveredMs, deliveryCount } of group.pending) {
      mixed.add(id).add(consumer.name).add(String(deliveredMs)).add(String(deliveryCount));
    }
    mixer.sum(mixed);
  }
}
