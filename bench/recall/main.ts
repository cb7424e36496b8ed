/**
 * `npm run bench -- recall`: how near the answers are, and how quickly they come, over the wire.
 *
 * This process is the load generator; the servers are others. With a peer both do each piece of
 * work in turns, so that a noisy minute of the machine hits both.
 */
import { writeFileSync } from "node:fs";
import { openDataset } from "../dataset/dataset.ts";
import { type LoadFigures, load, measureQueries, type QueryFigures } from "./measure.ts";
import { type RecallOptions, readOptions, usage } from "./options.ts";
import { loadLine, plotSvg, type RecallReport, tableHead, tableLine } from "./report.ts";
import { listeningTarget, startOwnServer, type Target } from "./target.ts";
import { makeWorkload, type Workload } from "./workload.ts";

export async function runRecall(args: readonly string[]): Promise<void> {
  if (args.includes("--help")) {
    console.log(usage);
    return;
  }
  const options = readOptions(args);
  const limit = options.limit === undefined ? {} : { limit: options.limit };
  const dataset = await openDataset(options.dataset, limit);
  const { name, vectorCount, dimensions, metric } = dataset;
  console.log(`${name}: ${vectorCount} x ${dimensions}, ${metric}; exact answers ...`);
  const workload = makeWorkload(dataset, options.queries);
  const targets: Target[] = [];
  try {
    targets.push(
      options.server === undefined
        ? await startOwnServer()
        : listeningTarget("lodestone", options.server),
    );
    if (options.peer !== undefined) targets.push(listeningTarget("peer", options.peer));
    const report = await runAll(targets, workload, options);
    if (options.json !== undefined) {
      writeFileSync(options.json, `${JSON.stringify(report, null, 2)}\n`);
    }
    if (options.svg !== undefined) writeFileSync(options.svg, plotSvg(report));
  } finally {
    for (const target of targets) await target.stop();
    dataset.close();
  }
}

async function runAll(
  targets: readonly Target[],
  workload: Workload,
  options: RecallOptions,
): Promise<RecallReport> {
  const loads: Record<string, LoadFigures> = {};
  for (const target of targets) {
    loads[target.name] = await load(target, workload, options);
    console.log(loadLine(target.name, loads[target.name]));
  }
  console.log(tableHead());
  const queries: QueryFigures[] = [];
  for (const scenario of workload.scenarios) {
    for (const ef of options.ef) {
      for (const target of targets) {
        const figures = await measureQueries(target, workload, scenario, ef, options);
        queries.push(figures);
        console.log(tableLine(figures));
      }
    }
  }
  const { name, vectorCount, dimensions, metric } = workload.dataset;
  return {
    dataset: name,
    documents: vectorCount,
    dimensions,
    metric,
    clients: options.clients,
    loads,
    queries,
  };
}

if (import.meta.main) await runRecall(process.argv.slice(2));
