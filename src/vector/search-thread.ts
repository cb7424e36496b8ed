/**
 * The entry file of a search thread: carries out batches of commands, answers in batches, and
 * builds graphs in short slices between them.
 *
 * A slice ends after about SLICE_MS, so a search waits for one insert or a little more. Answers
 * leave when the batch is done, or earlier when they have waited for ANSWER_WAIT_MS.
 */
import { must } from "../base/assert.ts";
import { systemClock } from "../runtime/clock.ts";
import { thisWorker } from "../runtime/workers.ts";
import { inverseNorm } from "./distance-kernels.ts";
import { type ScanQuery, scanRows } from "./exact-scan.ts";
import { GraphOwner } from "./graph-owner.ts";
import { ReplyBatch } from "./reply-batch.ts";
import { RowBlocks } from "./row-blocks.ts";
import { TopList } from "./top-list.ts";
import { decodeVector } from "./vector-codec.ts";
import type { VectorParameters } from "./vector-index.ts";
import type { SearchCommand, SearchThreadCommand } from "./vector-protocol.ts";

const SLICE_MS = 1;
const ANSWER_WAIT_MS = 0.5;
/** A busy graph says how far it is this often. */
const REPORT_EVERY_MS = 5;

interface ThreadIndex {
  readonly parameters: VectorParameters;
  readonly blocks: RowBlocks;
  readonly owner: GraphOwner | null;
  reportedAtMs: number;
}

const side = thisWorker();
const indexes = new Map<number, ThreadIndex>();
const replies = new ReplyBatch();
let isBuilding = false;

side.onMessage((message) => {
  let flushedAtMs = systemClock.monotonicMs();
  for (const command of message as SearchThreadCommand[]) {
    execute(command);
    if (replies.requestCount === 0) continue;
    const nowMs = systemClock.monotonicMs();
    if (nowMs - flushedAtMs < ANSWER_WAIT_MS) continue;
    flush();
    flushedAtMs = nowMs;
  }
  flush();
});

function execute(command: SearchThreadCommand): void {
  switch (command.kind) {
    case "create": {
      const blocks = new RowBlocks(command.parameters);
      const owner = command.isOwner ? new GraphOwner(command.parameters, blocks) : null;
      indexes.set(command.index, {
        parameters: command.parameters,
        blocks,
        owner,
        reportedAtMs: 0,
      });
      return;
    }
    case "block":
      find(command.index).blocks.append(command.block);
      return;
    case "changes": {
      const index = find(command.index);
      index.owner?.take(command.changes);
      report(command.index, index);
      build();
      return;
    }
    case "close":
      indexes.get(command.index)?.owner?.free();
      indexes.delete(command.index);
      return;
    case "search":
      search(command);
  }
}

function search(command: SearchCommand): void {
  const index = indexes.get(command.index);
  const isOver = () => systemClock.nowMs() > command.deadlineMs;
  // An index may be closed while a search is on its way; the thread's load counts it all the same.
  if (index === undefined || isOver()) {
    replies.addLate(command.index, command.request);
    return;
  }
  const query = readQuery(index.parameters, command.query);
  const top = new TopList(command.k, command.radius);
  const { owner, blocks } = index;
  if (command.efRuntime > 0 && owner !== null) {
    owner.search(query, command.k, command.efRuntime, command.filter, command.filterCount, top);
  }
  if (command.scan !== null) {
    if (!scanRows(blocks, query, command.scan, command.filter, top, isOver)) {
      replies.addLate(command.index, command.request);
      return;
    }
  }
  replies.addAnswer(command.index, command.request, top.take());
}

function readQuery(parameters: VectorParameters, bytes: Uint8Array): ScanQuery {
  const blob = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  const values = decodeVector(parameters.type, blob);
  return { metric: parameters.metric, values, inverseNorm: inverseNorm(values, 0, values.length) };
}

function build(): void {
  if (isBuilding) return;
  isBuilding = true;
  side.soon(slice);
}

function slice(): void {
  const endMs = systemClock.monotonicMs() + SLICE_MS;
  let hasMore = false;
  for (const [number, index] of indexes) {
    const { owner } = index;
    if (owner === null || !owner.hasWork) continue;
    do owner.step();
    while (owner.hasWork && systemClock.monotonicMs() < endMs);
    hasMore ||= owner.hasWork;
    const isDue = systemClock.monotonicMs() - index.reportedAtMs >= REPORT_EVERY_MS;
    if (isDue || owner.isQueueEmpty) report(number, index);
  }
  flush();
  isBuilding = false;
  if (hasMore) build();
}

function report(number: number, index: ThreadIndex): void {
  const { owner } = index;
  if (owner === null) return;
  index.reportedAtMs = systemClock.monotonicMs();
  replies.addReport({
    index: number,
    receivedCount: owner.receivedCount,
    completedCount: owner.completedCount,
    inserted: Uint32Array.from(owner.inserted),
    tombstoneCount: owner.tombstoneCount,
    graphBytes: owner.usedBytes,
  });
  owner.inserted.length = 0;
}

function flush(): void {
  const reply = replies.take();
  if (reply !== null) side.post(reply);
}

function find(number: number): ThreadIndex {
  return must(indexes.get(number), "commands come after the index was created");
}
