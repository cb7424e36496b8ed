/** What can be said on the command line of `npm run bench -- recall`. */
import { parseArgs } from "node:util";
import { positive } from "../option-values.ts";

export interface RecallOptions {
  readonly dataset: string;
  /** HOST:PORT of a server of ours that runs already; undefined starts one. */
  readonly server: string | undefined;
  readonly peer: string | undefined;
  readonly json: string | undefined;
  readonly svg: string | undefined;
  readonly limit: number | undefined;
  readonly queries: number;
  readonly seconds: number;
  readonly clients: number;
  readonly ef: readonly number[];
  readonly m: number;
  readonly efConstruction: number;
}

export const usage = `npm run bench -- recall --dataset DIR [options]

Recall@10 against queries per second over the wire, with and without filters, and the time to load.

  --dataset DIR          a dataset folder, or an ann-benchmarks .hdf5 file
  --server HOST:PORT     a running Lodestone; without it one is started on a free port
  --peer HOST:PORT       another server that speaks FT.*; does the same work, in turns with ours
  --limit N              only the first N documents (exact neighbors are computed)
  --queries N            how many of the dataset's queries to use (200)
  --seconds N            how long each measurement lasts (3)
  --clients N            connections, each with one query under way (16)
  --ef LIST              EF_RUNTIME values (10,20,40,80,160,320)
  --m N                  links of a node (16)
  --ef-construction N    (200)
  --json FILE            all figures
  --svg FILE             a plot of recall against queries per second
`;

export function readOptions(args: readonly string[]): RecallOptions {
  const { values } = parseArgs({
    args: [...args],
    options: {
      dataset: { type: "string" },
      server: { type: "string" },
      peer: { type: "string" },
      json: { type: "string" },
      svg: { type: "string" },
      limit: { type: "string" },
      queries: { type: "string", default: "200" },
      seconds: { type: "string", default: "3" },
      clients: { type: "string", default: "16" },
      ef: { type: "string", default: "10,20,40,80,160,320" },
      m: { type: "string", default: "16" },
      "ef-construction": { type: "string", default: "200" },
    },
  });
  if (values.dataset === undefined) throw new Error(`--dataset is missing\n\n${usage}`);
  return {
    dataset: values.dataset,
    server: values.server,
    peer: values.peer,
    json: values.json,
    svg: values.svg,
    limit: values.limit === undefined ? undefined : positive("limit", values.limit),
    queries: positive("queries", values.queries),
    seconds: positive("seconds", values.seconds),
    clients: positive("clients", values.clients),
    ef: values.ef.split(",").map((value) => positive("ef", value)),
    m: positive("m", values.m),
    efConstruction: positive("ef-construction", values["ef-construction"]),
  };
}
