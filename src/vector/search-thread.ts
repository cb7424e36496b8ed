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
import { RowScanner, type ScanQuery } from "./exact-scan.ts";
import { GraphOwner } from "./graph-owner.ts";
import { ReplyBatch } from "./reply-batch.ts";
import { hasFloat32Rows, RowBlocks } from "./row-blocks.ts";
import { mergeNeighbors, type SortedNeighbors, TopList } from "./top-list.ts";
import { decodeVector } from "./vector-codec.ts";
import type { VectorParameters } from "./vector-index.ts";
import type { SearchCommand, SearchThreadCommand } from "./vector-protocol.ts";

const SLICE_MS = 1;
/**
 * A graph's thread builds for as long as it searches, however many searches come: without that,
 * searches would scan a long tail for ever, each so slowly that no time is left to shorten it.
 */
const BUILD_SHARE = 1;
const ANSWER_WAIT_MS = 0.5;
/** A busy graph says how far it is this often. */
const REPORT_EVERY_MS = 5;

interface ThreadIndex {
  readonly parameters: VectorParameters;
  readonly scanner: RowScanner;
  readonly owner: GraphOwner | null;
  reportedAtMs: number;
}

const side = thisWorker();
const indexes = new Map<number, ThreadIndex>();
const replies = new ReplyBatch();
let isBuilding = false;
let buildDebtMs = 0;

side.onMessage((message) => {
  let flushedAtMs = systemClock.monotonicMs();
  for (const command of message as SearchThreadCommand[]) {
    const startMs = systemClock.monotonicMs();
    execute(command);
    const endMs = systemClock.monotonicMs();
    if (command.kind === "search") buildFor((endMs - startMs) * BUILD_SHARE);
    if (replies.requestCount === 0 || endMs - flushedAtMs < ANSWER_WAIT_MS) continue;
    flush();
    flushedAtMs = endMs;
  }
  flush();
});

function execute(command: SearchThreadCommand): void {
  switch (command.kind) {
    case "create": {
      const blocks = new RowBlocks(command.parameters);
      const owner = command.isOwner ? new GraphOwner(command.parameters, blocks) : null;
      const { parameters } = command;
      const scanner = new RowScanner(blocks, hasFloat32Rows(parameters.type));
      indexes.set(command.index, { parameters, scanner, owner, reportedAtMs: 0 });
      return;
    }
    case "block":
      find(command.index).scanner.addBlock(command.memory);
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
  const { owner, scanner } = index;
  const found: SortedNeighbors[] = [];
  if (command.efRuntime > 0 && owner !== null) {
    const top = new TopList(command.k, command.radius);
    owner.search(query, command.k, command.efRuntime, command.filter, command.filterCount, top);
    found.push(top.take());
  }
  if (command.scan !== null) {
    // A list of its own: a row of the tail may have gone into the graph meanwhile.
    const top = new TopList(command.k, command.radius);
    if (!scanner.scan(query, command.scan, command.filter, top, isOver)) {
      replies.addLate(command.index, command.request);
      return;
    }
    found.push(top.take());
  }
  replies.addAnswer(command.index, command.request, mergeNeighbors(found, command.k));
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
  isBuilding = false;
  for (const [number, index] of indexes) work(number, index, SLICE_MS);
  flush();
  if (hasWork()) build();
}

/** Work that searches have earned for the graphs; what is not used up is kept for the next time. */
function buildFor(budgetMs: number): void {
  if (!hasWork()) return;
  buildDebtMs += budgetMs;
  if (buildDebtMs < SLICE_MS) return;
  const startMs = systemClock.monotonicMs();
  for (const [number, index] of indexes) work(number, index, buildDebtMs);
  buildDebtMs = Math.max(0, buildDebtMs - (systemClock.monotonicMs() - startMs));
}

function work(number: number, index: ThreadIndex, budgetMs: number): void {
  const { owner } = index;
  if (owner === null || !owner.hasWork) return;
  const endMs = systemClock.monotonicMs() + budgetMs;
  do owner.step();
  while (owner.hasWork && systemClock.monotonicMs() < endMs);
  const isDue = systemClock.monotonicMs() - index.reportedAtMs >= REPORT_EVERY_MS;
  if (isDue || owner.isQueueEmpty) report(number, index);
}

function hasWork(): boolean {
  for (const index of indexes.values()) if (index.owner?.hasWork) return true;
  return false;
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
