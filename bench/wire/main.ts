/**
 * `npm run bench -- wire`: ours beside redis-server, in the same run, in turns, medians and ratios.
 */
import { writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { positive, positiveInteger } from "../option-values.ts";
import { median } from "../statistics.ts";
import { type Figures, measure, missingProgram } from "./load.ts";
import { type Scenario, scenarios } from "./scenarios.ts";
import { cleanUpAtExit, startLodestone, startRedis } from "./servers.ts";
import { compareTypes } from "./types.ts";

const usage = `npm run bench -- wire [options]

Both servers do each piece of work in turns; the medians' ratio is held against its bar.
durable: ours --log file, Redis appendfsync always. memory: ours --log memory, Redis keeps nothing.
It needs redis-server and redis-benchmark on PATH (Debian: redis-server, redis-tools).

  --only TEXT        only scenarios whose name contains TEXT
  --types            one command of every data type instead; unpipelined the bar is 0.5.
                     Then --only takes names: LPUSH,ZADD or Z*
  --persistence X    with --types: only memory, or only durable
  --repetitions N    how often each is measured (5)
  --scale X          times the number of requests (1)
  --json FILE        all figures
`;

interface Result {
  readonly scenario: Scenario;
  readonly ours: readonly Figures[];
  readonly redis: readonly Figures[];
  readonly oursMedian: number;
  readonly redisMedian: number;
  readonly ratio: number;
  readonly reachesBar: boolean;
}

export async function runWire(args: readonly string[]): Promise<void> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      help: { type: "boolean", default: false },
      only: { type: "string", default: "" },
      repetitions: { type: "string", default: "5" },
      scale: { type: "string", default: "1" },
      json: { type: "string" },
      types: { type: "boolean", default: false },
      persistence: { type: "string", default: "" },
    },
  });
  if (values.help) {
    console.log(usage);
    return;
  }
  const missing = missingProgram();
  if (missing !== undefined) throw new Error(missing);
  const repetitions = positiveInteger("repetitions", values.repetitions);
  const scale = positive("scale", values.scale);
  if (!(repetitions >= 1 && scale > 0)) throw new Error(usage);
  cleanUpAtExit();
  if (values.types) {
    const { only, persistence, json } = values;
    const results = await compareTypes({ only, persistence, repetitions, scale });
    if (json !== undefined)
      writeFileSync(json, `${JSON.stringify({ repetitions, results }, null, 2)}\n`);
    return;
  }
  const results: Result[] = [];
  console.log("| scenario            |       ours |      redis | ratio |     bar | met |");
  console.log("| :------------------ | ---------: | ---------: | ----: | ------: | :-- |");
  for (const scenario of scenarios) {
    if (!scenario.name.includes(values.only)) continue;
    const requests = Math.ceil(scenario.requests * scale);
    const result = await compare({ ...scenario, requests }, repetitions);
    results.push(result);
    console.log(tableLine(result));
  }
  if (values.json !== undefined) {
    writeFileSync(values.json, `${JSON.stringify({ repetitions, results }, null, 2)}\n`);
  }
}

async function compare(scenario: Scenario, repetitions: number): Promise<Result> {
  const lodestone = await startLodestone(scenario.persistence);
  try {
    const peer = await startRedis(scenario.persistence);
    try {
      const ours: Figures[] = [];
      const redis: Figures[] = [];
      const fill = {
        ...scenario,
        command: "set",
        pipeline: 16,
        backgroundSetsPerSecond: 0,
      } as const;
      for (const { port } of [lodestone, peer]) await measure(fill, port);
      for (let repetition = 0; repetition < repetitions; repetition += 1) {
        ours.push(await measure(scenario, lodestone.port));
        redis.push(await measure(scenario, peer.port));
      }
      return judge(scenario, ours, redis);
    } finally {
      await peer.stop();
    }
  } finally {
    await lodestone.stop();
  }
}

function judge(scenario: Scenario, ours: readonly Figures[], redis: readonly Figures[]): Result {
  const { figure, bar } = scenario;
  const oursMedian = median(ours.map((figures) => figures[figure]));
  const redisMedian = median(redis.map((figures) => figures[figure]));
  const ratio = oursMedian / redisMedian;
  const reachesBar = figure === "p99Ms" ? ratio <= bar : ratio >= bar;
  return { scenario, ours, redis, oursMedian, redisMedian, ratio, reachesBar };
}

function tableLine({ scenario, oursMedian, redisMedian, ratio, reachesBar }: Result): string {
  const digits = scenario.figure === "p99Ms" ? 3 : 0;
  const sign = scenario.figure === "p99Ms" ? "<=" : ">=";
  const cells = [
    scenario.name.padEnd(19),
    oursMedian.toFixed(digits).padStart(10),
    redisMedian.toFixed(digits).padStart(10),
    ratio.toFixed(2).padStart(5),
    `${sign} ${scenario.bar}`.padStart(7),
    reachesBar ? "yes" : "no ",
  ];
  return `| ${cells.join(" | ")} |`;
}
