/** What can be said on the command line of `npm run bench -- ingest`. */
import { parseArgs } from "node:util";
import { positiveInteger } from "../option-values.ts";

export interface IngestOptions {
  /** The dataset's folder, or what makes a synthetic one. */
  readonly dataset: string | undefined;
  readonly syntheticArgs: readonly string[];
  readonly limit: number | undefined;
  readonly connections: number;
  readonly pipeline: number;
  readonly repeat: number;
  readonly json: string | undefined;
}

export const usage = `npm run bench -- ingest [--dataset DIR] [options]

HSET with a vector, pipelined, to a server of ours as its own process with its log on the disk:
how soon a document is acknowledged, searchable, and in the graph. The same load runs in turns
without an index, which shows whether acknowledging waits for the graph.

  --dataset DIR          a dataset folder; without it clustered vectors are made (with make, g++):
                         --count N (20000), --dimensions D (768), --seed S
  --limit N              only the first N documents
  --connections N        (4)
  --pipeline N           commands under way on each (64)
  --repeat N             how often everything is measured, in turns (5)
  --json FILE            all figures
`;

export function readOptions(args: readonly string[]): IngestOptions {
  const { values } = parseArgs({
    args: [...args],
    options: {
      dataset: { type: "string" },
      count: { type: "string", default: "20000" },
      dimensions: { type: "string", default: "768" },
      seed: { type: "string", default: "1" },
      limit: { type: "string" },
      connections: { type: "string", default: "4" },
      pipeline: { type: "string", default: "64" },
      repeat: { type: "string", default: "5" },
      json: { type: "string" },
    },
  });
  const made = [
    ...["--synthetic", "clustered", "--count", values.count],
    ...["--dimensions", values.dimensions, "--seed", values.seed],
  ];
  return {
    dataset: values.dataset,
    syntheticArgs: made,
    limit: values.limit === undefined ? undefined : positiveInteger("limit", values.limit),
    connections: positiveInteger("connections", values.connections),
    pipeline: positiveInteger("pipeline", values.pipeline),
    repeat: positiveInteger("repeat", values.repeat),
    json: values.json,
  };
}
