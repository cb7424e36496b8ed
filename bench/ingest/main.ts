/**
 * `npm run bench -- ingest`: documents with vectors into a server of ours, until acknowledged,
 * searchable, and in the graph; in turns with the same documents and no index.
 */

import { writeFileSync } from "node:fs";
import { openDataset } from "../dataset/dataset.ts";
import { syntheticFolder } from "../kernel/main.ts";
import { startOwnServer } from "../recall/target.ts";
import { median } from "../statistics.ts";
import {
  documentCommands,
  type IndexedFigures,
  type LoadFigures,
  loadIndexed,
  loadPlain,
} from "./load.ts";
import { readOptions, usage } from "./options.ts";

export async function runIngest(args: readonly string[]): Promise<void> {
  if (args.includes("--help")) {
    console.log(usage);
    return;
  }
  const options = readOptions(args);
  const folder = options.dataset ?? (await syntheticFolder(options.syntheticArgs));
  const limit = options.limit === undefined ? {} : { limit: options.limit };
  const dataset = await openDataset(folder, limit);
  const { name, vectorCount, dimensions } = dataset;
  console.log(
    `${name}: ${vectorCount} x ${dimensions}, HSET on ${options.connections} connections`,
  );
  const commands = documentCommands(dataset);
  const plain: LoadFigures[] = [];
  const indexed: IndexedFigures[] = [];
  const target = await startOwnServer();
  try {
    for (let round = 0; round < options.repeat; round += 1) {
      plain.push(await loadPlain(target, commands, options));
      indexed.push(await loadIndexed(target, dataset, commands, options));
    }
  } finally {
    await target.stop();
    dataset.close();
  }
  const missed = indexed.reduce((sum, figures) => sum + figures.missed, 0);
  const report = {
    dataset: name,
    plain: mediansOf(plain),
    indexed: { ...mediansOf(indexed), missed },
  };
  console.log(describe(report.plain, report.indexed));
  if (options.json !== undefined) {
    writeFileSync(options.json, `${JSON.stringify(report, null, 2)}\n`);
  }
}

function mediansOf<Figures extends LoadFigures>(rounds: readonly Figures[]): Figures {
  const first: Figures = { ...rounds[0] };
  for (const name of Object.keys(first) as (keyof Figures)[]) {
    const values = rounds.map((figures) => Number(figures[name]));
    Object.assign(first, { [name]: median(values) });
  }
  return first;
}

function describe(plain: LoadFigures, indexed: IndexedFigures): string {
  const rate = (value: number) => `${Math.round(value)} documents/s`;
  const times = (p50: number, p99: number) => `p50 ${p50.toFixed(2)} ms, p99 ${p99.toFixed(2)} ms`;
  return [
    `acknowledged, durable      ${rate(indexed.documentsPerSecond)}`,
    `  the same without index   ${rate(plain.documentsPerSecond)}`,
    `in the graph               ${rate(indexed.graphDocumentsPerSecond)}`,
    `acknowledged after         ${times(indexed.ackP50Ms, indexed.ackP99Ms)}`,
    `  the same without index   ${times(plain.ackP50Ms, plain.ackP99Ms)}`,
    `sent, acknowledged, found  ${times(indexed.searchableP50Ms, indexed.searchableP99Ms)}`,
    `acknowledged and not found ${indexed.missed}`,
    `not in the graph, at most  ${indexed.tailMax} of the documents that were acknowledged`,
  ].join("\n");
}
