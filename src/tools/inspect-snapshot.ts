/**
 * `inspect snapshot`: header, footer, keys by type and database, slots, indexes; with `--effects`
 * each entry; and whether its digest is what was written.
 */
import { ByteReader } from "../base/byte-reader.ts";
import { fromUtf8, toBinaryString } from "../base/bytes.ts";
import { slotOf } from "../base/slot.ts";
import { type Effect, EffectId } from "../keyspace/effect.ts";
import { decodeEffect } from "../keyspace/effect-codec.ts";
import { defaultEncodingLimits } from "../keyspace/encoding-limits.ts";
import { timeText } from "../node/restore-target.ts";
import type { Disk } from "../runtime/disk.ts";
import type { Block } from "../snapshot/block-file-reader.ts";
import { digestText } from "../snapshot/entry-digest.ts";
import { ALL_SLOTS, SnapshotReader } from "../snapshot/snapshot-reader.ts";
import { verifySnapshot } from "../snapshot/verification.ts";
import { told } from "./check-snapshots.ts";
import { effectLine, effectText, quoteBytes } from "./effect-text.ts";
import { type BlockFileSettings, humanLine, type Line, openHeader } from "./inspect-block-file.ts";
import type { Output } from "./output.ts";
import { keyOf } from "./record-effects.ts";

export interface InspectSnapshotSettings extends BlockFileSettings {
  readonly showsEffects: boolean;
  readonly key: string | undefined;
}

/** Whether the file is sound. */
export async function inspectSnapshot(
  disk: Disk,
  settings: InspectSnapshotSettings,
  output: Output,
): Promise<boolean> {
  const { file, keys, isJson } = settings;
  const print = (line: Line) => output.print(isJson ? JSON.stringify(line) : human(line));
  const header = await openHeader(disk, settings);
  await print({ type: "snapshot", ...header });
  if (header.problem !== undefined || header.sequence === undefined) return false;
  const slash = file.lastIndexOf("/");
  const folder = slash < 0 ? "." : file.slice(0, slash + 1);
  const { sequence } = header;
  const problem = await told(async () => {
    const reader = await SnapshotReader.open(disk, folder, sequence, keys, file.slice(slash + 1));
    try {
      await printSnapshot(reader, settings, print);
    } finally {
      await reader.close();
    }
    return undefined;
  });
  if (problem !== undefined) await print({ type: "damaged", problem });
  return problem === undefined;
}

async function printSnapshot(
  reader: SnapshotReader,
  settings: InspectSnapshotSettings,
  print: (line: Line) => Promise<void>,
): Promise<void> {
  const { epoch, timeMs, chain, keyCounts, digest, blocks } = reader.footer;
  await print({
    type: "footer",
    epoch,
    time: timeMs > 0 ? timeText(timeMs) : undefined,
    chain: chain.toString("hex"),
    keyCounts: Object.fromEntries(
      keyCounts
        .map((count, database) => [database, count] as const)
        .filter(([, count]) => count > 0),
    ),
    digest: digestText(digest),
    blockCount: blocks.length,
  });
  const contents = new Contents(settings);
  await reader.visit(
    ALL_SLOTS,
    async () => {
      for (const line of contents.lines.splice(0)) await print(line);
    },
    (block) => contents.take(block),
  );
  await print({
    type: "contents",
    keysByType: Object.fromEntries(contents.keysByType),
    slotCount: contents.slots.size,
    indexes: contents.indexes,
  });
  const databaseCount = Math.max(1, keyCounts.length);
  await verifySnapshot(reader, databaseCount, defaultEncodingLimits(), () => undefined);
  await print({
    type: "checked",
    state: "every block is what was written, and the digest is right",
  });
}

class Contents {
  readonly keysByType = new Map<string, number>();
  readonly slots = new Set<number>();
  readonly indexes: string[] = [];
  /** To be printed behind the block. */
  readonly lines: Line[] = [];
  readonly #showsEffects: boolean;
  readonly #wanted: string | undefined;

  constructor({ showsEffects, key }: InspectSnapshotSettings) {
    this.#wanted = key === undefined ? undefined : toBinaryString(fromUtf8(key));
    this.#showsEffects = showsEffects || key !== undefined;
  }

  take({ payload, offset }: Block): void {
    const reader = new ByteReader(payload);
    while (reader.remaining > 0) {
      const effect = decodeEffect(reader);
      this.#count(effect);
      if (!this.#showsEffects) continue;
      if (this.#wanted !== undefined && keyOf(effect) !== this.#wanted) continue;
      this.lines.push({ type: "entry", offset, ...effectText(effect) });
    }
  }

  #count(effect: Effect): void {
    if (effect.id === EffectId.indexCreate) this.indexes.push(quoteBytes(effect.name));
    const key = keyOf(effect);
    if (key === undefined || effect.id === EffectId.keyExtend) return;
    this.slots.add(slotOf(key));
    const type = typeOf(effect);
    this.keysByType.set(type, (this.keysByType.get(type) ?? 0) + 1);
  }
}

function typeOf(effect: Effect): string {
  if (effect.id !== EffectId.keyLoad && effect.id !== EffectId.keyRestore) return "string";
  return effect.value.type === "fields" ? "hash" : effect.value.type;
}

function human(line: Line): string {
  if (line.type === "entry") {
    const { type: _type, offset, ...text } = line;
    return `${String(offset).padStart(10)}  ${effectLine({ effect: "", ...text })}`;
  }
  return humanLine(line);
}
