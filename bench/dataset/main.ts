/**
 * `npm run dataset -- sample|build …`: makes dataset folders.
 */
import { parseArgs } from "node:util";
import { buildDataset } from "./build.ts";
import { buildSample } from "./sample.ts";

const USAGE = `npm run dataset -- build --input texts.jsonl --output DIR [--models DIR] [--queries N]
    Embeds each line's "text" with all-MiniLM-L6-v2 and writes a dataset folder; other fields are
    kept as attributes. Stopped half way, the same command goes on where it was.
    --models DIR   folder that holds all-MiniLM-L6-v2 (or LODESTONE_MODELS); default: the hub
    --queries N    lines held out as queries (default: 1 in 50, at most 500)

npm run dataset -- sample --source DIR --output DIR [--passages N] [--queries N]
    A small dataset of whole documents out of a large one, with exact neighbors of its own.
`;

async function run(): Promise<number> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      input: { type: "string" },
      output: { type: "string" },
      source: { type: "string" },
      models: { type: "string" },
      passages: { type: "string" },
      queries: { type: "string" },
      help: { type: "boolean" },
    },
  });
  const count = (text: string | undefined): number | undefined =>
    text === undefined ? undefined : Number.parseInt(text, 10);
  if (positionals[0] === "sample" && values.source !== undefined && values.output !== undefined) {
    buildSample({
      source: values.source,
      output: values.output,
      passageCountMax: count(values.passages) ?? 6000,
      queryCountMax: count(values.queries) ?? 300,
    });
    return 0;
  }
  if (positionals[0] === "build" && values.input !== undefined && values.output !== undefined) {
    await buildDataset({
      input: values.input,
      output: values.output,
      modelFolder: values.models ?? process.env["LODESTONE_MODELS"],
      queryCount: count(values.queries),
    });
    return 0;
  }
  process.stdout.write(USAGE);
  return values.help === true ? 0 : 2;
}

try {
  process.exitCode = await run();
} catch (failure) {
  process.stderr.write(`${failure instanceof Error ? failure.message : String(failure)}\n`);
  process.exitCode = 1;
}
