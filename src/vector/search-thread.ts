/**
 * The entry file of a search thread: carries out batches of commands and answers in batches.
 *
 * Answers leave when the batch is done, or earlier when they have waited for ANSWER_WAIT_MS.
 */
import { must } from "../base/assert.ts";
import { systemClock } from "../runtime/clock.ts";
import { thisWorker } from "../runtime/workers.ts";
import { inverseNorm } from "./distance-kernels.ts";
import { RowScanner, type ScanQuery } from "./exact-scan.ts";
import { ReplyBatch } from "./reply-batch.ts";
import { hasFloat32Rows, RowBlocks } from "./row-blocks.ts";
import { TopList } from "./top-list.ts";
import { decodeVector } from "./vector-codec.ts";
import type { VectorParameters } from "./vector-index.ts";
import type { SearchCommand, SearchThreadCommand } from "./vector-protocol.ts";

const ANSWER_WAIT_MS = 0.5;

interface ThreadIndex {
  readonly parameters: VectorParameters;
  readonly scanner: RowScanner;
}

const side = thisWorker();
const indexes = new Map<number, ThreadIndex>();
const replies = new ReplyBatch();

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
      const { parameters } = command;
      const scanner = new RowScanner(new RowBlocks(parameters), hasFloat32Rows(parameters.type));
      indexes.set(command.index, { parameters, scanner });
      return;
    }
    case "block":
      find(command.index).scanner.addBlock(command.memory);
      return;
    case "close":
      indexes.delete(command.index);
      return;
    case "search":
      search(command);
  }
}

function search(command: SearchCommand): void {
  const index = indexes.get(command.index);
  const isOver = () => systemClock.nowMs() > command.deadlineMs;
  const top = new TopList(command.k, command.radius);
  // An index may be closed while a search is on its way; the thread's load counts it all the same.
  if (index === undefined || isOver()) {
    replies.addLate(command.index, command.request);
    return;
  }
  const query = readQuery(index.parameters, command.query);
  const isWhole = index.scanner.scan(query, command.scan, command.filter, top, isOver);
  if (isWhole) replies.addAnswer(command.index, command.request, top.take());
  else replies.addLate(command.index, command.request);
}

function readQuery(parameters: VectorParameters, bytes: Uint8Array): ScanQuery {
  const blob = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  const values = decodeVector(parameters.type, blob);
  return { metric: parameters.metric, values, inverseNorm: inverseNorm(values, 0, values.length) };
}

function flush(): void {
  const reply = replies.take();
  if (reply !== null) side.post(reply);
}

function find(number: number): ThreadIndex {
  return must(indexes.get(number), "commands come after the index was created");
}
