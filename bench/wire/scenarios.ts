/**
 * What the wire bench measures: the load, what each server keeps, and the ratio that is our bar.
 *
 * `durable`: ours acknowledges from the log on disk, Redis runs with `appendfsync always`.
 * `memory`: ours runs with `--log memory`, Redis with no persistence at all.
 */
export interface Scenario {
  readonly name: string;
  readonly persistence: "durable" | "memory";
  readonly command: "set" | "get";
  readonly clients: number;
  readonly pipeline: number;
  readonly requests: number;
  /** SETs a second that 50 other clients send meanwhile, at a fixed rate; 0 for none. */
  readonly backgroundSetsPerSecond: number;
  readonly figure: "requestsPerSecond" | "p99Ms";
  /** Ours divided by Redis's: at least this for a rate, at most this for a latency. */
  readonly bar: number;
}

const rate = { backgroundSetsPerSecond: 0, figure: "requestsPerSecond" } as const;

export const scenarios: readonly Scenario[] = [
  {
    ...rate,
    name: "durable-set-50",
    persistence: "durable",
    command: "set",
    clients: 50,
    pipeline: 1,
    requests: 60_000,
    bar: 0.85,
  },
  {
    ...rate,
    name: "durable-set-200",
    persistence: "durable",
    command: "set",
    clients: 200,
    pipeline: 1,
    requests: 120_000,
    bar: 1,
  },
  {
    ...rate,
    name: "durable-set-50-P16",
    persistence: "durable",
    command: "set",
    clients: 50,
    pipeline: 16,
    requests: 640_000,
    bar: 1.3,
  },
  {
    // One reader, so that what it waits for is the server and not other readers or the processor.
    name: "get-p99-during-sets",
    persistence: "durable",
    command: "get",
    clients: 1,
    pipeline: 1,
    requests: 40_000,
    backgroundSetsPerSecond: 20_000,
    figure: "p99Ms",
    bar: 0.5,
  },
  ...(["get", "set"] as const).flatMap((command): Scenario[] => [
    {
      ...rate,
      name: `memory-${command}-50`,
      persistence: "memory",
      command,
      clients: 50,
      pipeline: 1,
      requests: 100_000,
      bar: 0.9,
    },
    {
      ...rate,
      name: `memory-${command}-50-P32`,
      persistence: "memory",
      command,
      clients: 50,
      pipeline: 32,
      requests: 1_280_000,
      bar: 0.6,
    },
  ]),
];
