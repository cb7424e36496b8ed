/**
 * `npm run demo`: the main job, on real data, with a crash in the middle.
 *
 * Loads real passages and their embeddings over the wire, searches them, keeps a chat session
 * beside them, kills the server while it writes, and checks that nothing acknowledged is missing.
 * Exit code 0 only if all of it held. `--ask` answers one question instead; `--stay` leaves the
 * server running.
 */
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { openEmbedder } from "../dataset/embedder.ts";
import { ProgressBar, timeText } from "../progress-bar.ts";
import { freePort, type ServerProcess, startServerProcess } from "../server-process.ts";
import { DemoClient } from "./client.ts";
import { Corpus, INDEX } from "./corpus.ts";
import { countDamagedPassages, type Notebook, verifyNotes, writeUntilKilled } from "./crash.ts";
import { foundPassages, indexInformation, measureNearest, rangeIsExact, search } from "./search.ts";
import { chatSession, verifySession } from "./session.ts";
import { bold, Checks, dim, heading, line, passage } from "./terminal.ts";

const SAMPLE = fileURLToPath(new URL("../../datasets/proposals-sample", import.meta.url));
const USAGE = `npm run demo [-- OPTIONS]
    --ask QUESTION   embeds the question and prints the passages that answer it
    --models DIR     folder that holds all-MiniLM-L6-v2 (or LODESTONE_MODELS); default: the hub
    --stay           leaves the server running with its data, and says how to connect
    --dataset DIR    a dataset folder with passages; default: the sample in datasets/
`;
const EF_RUNTIME = 128;
const RANGE_RADIUS = 0.56;

interface DemoOptions {
  readonly ask: string | undefined;
  readonly models: string | undefined;
  readonly isStaying: boolean;
  readonly dataset: string;
}

class Demo {
  readonly checks = new Checks();
  readonly corpus: Corpus;
  readonly folder = mkdtempSync(join(tmpdir(), "lodestone-demo-"));
  server: ServerProcess | undefined;
  client: DemoClient | undefined;
  readonly #isStaying: boolean;

  constructor(options: DemoOptions) {
    this.corpus = new Corpus(options.dataset);
    this.#isStaying = options.isStaying;
  }

  async start(port: number): Promise<DemoClient> {
    const flags = { folder: this.folder, port, isDetached: this.#isStaying };
    this.server = startServerProcess(flags);
    line(dim(await this.server.whenReady));
    this.client = await DemoClient.open(port);
    return this.client;
  }

  async end(): Promise<void> {
    this.client?.close();
    if (this.#isStaying && this.server !== undefined) {
      heading("The server stays");
      line(`redis-cli -p ${this.server.port} FT.INFO ${INDEX}`);
      line(`data in ${this.folder}; end it with: kill ${this.server.pid}`);
      this.server.release();
      return;
    }
    await this.server?.stop().catch(() => {});
    rmSync(this.folder, { recursive: true, force: true });
  }
}

async function loadAndIndex(demo: Demo): Promise<DemoClient> {
  heading("A server of its own, on an empty folder");
  const client = await demo.start(await freePort());
  heading(`${demo.corpus.passages.length} real passages, with tags, numbers and embeddings`);
  await demo.corpus.load(client);
  await demo.corpus.createIndex(client);
  line(`index ${bold(INDEX)}: HNSW, cosine, ${demo.corpus.dataset.dimensions} dimensions`);
  return client;
}

async function searchEverything(demo: Demo, client: DemoClient): Promise<void> {
  const { checks, corpus } = demo;
  const text = `*=>[KNN 3 @embedding $vector AS score]`;
  const question = [...corpus.dataset.queryRecords()].findIndex((q) => q["kind"] === "heading");
  heading(`KNN: "${String([...corpus.dataset.queryRecords()][question]["text"])}"`);
  const fields = ["score", "id", "title", "section", "text"];
  const found = await search(client, text, corpus.queries[question], fields);
  for (const [index, hit] of foundPassages(found).entries()) passage(index + 1, hit);

  heading("Measured over the wire, 8 queries in flight, against the exact answers");
  await waitForGraph(client);
  const filters = [
    { name: "all", text: "*" },
    {
      name: "source is kep",
      text: "(@source:{kep})",
      passes: (p: Readonly<Record<string, unknown>>) => p["source"] === "kep",
    },
    {
      name: "year 2022 or later",
      text: "(@year:[2022 +inf])",
      passes: (p: Readonly<Record<string, unknown>>) => Number(p["year"]) >= 2022,
    },
    {
      name: "an EIP that is Final, 2018 to 2020",
      text: "(@source:{eip} @status:{Final} @year:[2018 2020])",
      passes: (p: Readonly<Record<string, unknown>>) =>
        p["source"] === "eip" && p["status"] === "Final" && isBetween(p["year"], 2018, 2020),
    },
  ];
  for (const filter of filters) {
    const figures = await measureNearest(client, corpus, filter, EF_RUNTIME);
    checks.check(
      figures.recall >= 0.95 && figures.shortCount === 0,
      `KNN 10, ${filter.name}: recall@10 ${figures.recall.toFixed(4)}, ` +
        `p50 ${figures.p50Ms.toFixed(1)} ms, p99 ${figures.p99Ms.toFixed(1)} ms, ` +
        `${Math.round(figures.queriesPerSecond)} queries/s`,
    );
  }
  const range = await rangeIsExact(client, corpus, corpus.queries[question], RANGE_RADIUS);
  checks.check(
    range.isExact && range.count > 0,
    `range: ${range.count} passages within ${RANGE_RADIUS}, exactly those that are`,
  );
}

function isBetween(value: unknown, min: number, max: number): boolean {
  return Number(value) >= min && Number(value) <= max;
}

async function crash(demo: Demo, client: DemoClient): Promise<Notebook> {
  heading("SIGKILL in the middle of writes");
  const { server } = demo;
  if (server === undefined) throw new Error("there is no server");
  const notebook = await writeUntilKilled(client, server);
  client.close();
  line(
    `${notebook.acknowledged.size} writes acknowledged, ${notebook.unknown.size} in flight when it died`,
  );
  return notebook;
}

/** Shows what a client sees while the log is read back: LOADING, with progress in INFO. */
async function recover(demo: Demo): Promise<DemoClient> {
  heading("Started again on the same folder");
  const startedAt = performance.now();
  const port = demo.server?.port ?? (await freePort());
  const server = startServerProcess({ folder: demo.folder, port, isDetached: true });
  demo.server = server;
  let isReady = false;
  const bar = new ProgressBar("reading the log back", 100, "%");
  const ready = server.whenReady.finally(() => {
    isReady = true;
  });
  while (!isReady) {
    const percent = await loadingPercent(port);
    if (percent !== undefined) bar.set(percent);
    await Promise.race([ready.catch(() => {}), pause(50)]);
  }
  line(dim(await ready));
  bar.set(100);
  bar.finish();
  demo.client = await DemoClient.open(port);
  line(`answering again ${timeText((performance.now() - startedAt) / 1000)} after the start`);
  return demo.client;
}

async function loadingPercent(port: number): Promise<number | undefined> {
  try {
    const probe = await DemoClient.open(port);
    const text = String(await probe.sendCommand(["INFO", "persistence"]));
    probe.close();
    const match = /loading_loaded_perc:([0-9.]+)/.exec(text);
    return match === null ? undefined : Number(match[1]);
  } catch {
    return undefined;
  }
}

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

async function searchWhileRebuilding(demo: Demo, client: DemoClient): Promise<void> {
  heading("While the graph is being rebuilt, answers are complete");
  const { checks, corpus } = demo;
  const before = await indexInformation(client);
  const tailBefore = Number(before.get("tail_documents"));
  const figures = await measureNearest(client, corpus, { text: "*" }, EF_RUNTIME, 60);
  const graph = before.get("graph_documents");
  line(`${graph} documents in the graph, ${tailBefore} in the tail that is scanned exactly`);
  // How far the graph is by now depends on the machine; that answers are complete does not.
  if (tailBefore === 0) line("the graph was there before the first search came");
  checks.check(
    figures.recall >= 0.95 && figures.shortCount === 0,
    `KNN 10 meanwhile: recall@10 ${figures.recall.toFixed(4)}, ${Math.round(figures.queriesPerSecond)} queries/s`,
  );
  const range = await rangeIsExact(client, corpus, corpus.queries[0], RANGE_RADIUS);
  checks.check(range.isExact, `range meanwhile: ${range.count} passages, exactly those that are`);
  await waitForGraph(client);
}

/** Shows the graph's progress until every document is in it. */
async function waitForGraph(client: DemoClient): Promise<void> {
  let bar: ProgressBar | undefined;
  for (;;) {
    const information = await indexInformation(client);
    const inGraph = Number(information.get("graph_documents"));
    const tail = Number(information.get("tail_documents"));
    bar ??= new ProgressBar("building the graph", inGraph + tail, "documents", inGraph);
    bar.set(inGraph);
    if (tail === 0) break;
    await pause(100);
  }
  bar.finish();
}

async function verify(demo: Demo, client: DemoClient, notebook: Notebook): Promise<void> {
  heading("Everything acknowledged is there");
  const { checks, corpus } = demo;
  const verdict = await verifyNotes(client, notebook);
  checks.check(verdict.lost === 0, `acknowledged notes lost: ${verdict.lost}`);
  checks.check(verdict.phantoms === 0, `values that nobody wrote: ${verdict.phantoms}`);
  line(dim(`${verdict.survived} of ${notebook.unknown.size} unacknowledged notes made it, too`));
  const damaged = await countDamagedPassages(client, corpus);
  checks.check(
    damaged === 0,
    `${corpus.passages.length - damaged} of ${corpus.passages.length} passages are back to the byte`,
  );
  await verifySession(client, checks);
}

async function ask(demo: Demo, client: DemoClient, options: DemoOptions): Promise<void> {
  const question = options.ask ?? "";
  heading(`"${question}"`);
  const embedder = await openEmbedder(options.models);
  const vector = await embedder.embed([question]);
  const text = "*=>[KNN 5 @embedding $vector EF_RUNTIME 200 AS score]";
  const fields = ["score", "id", "title", "section", "text"];
  const found = await search(client, text, vector, fields);
  for (const [index, hit] of foundPassages(found).entries()) passage(index + 1, hit);
  demo.checks.check(found.keys.length === 5, "five passages, nearest first (cosine distance)");
}

async function run(options: DemoOptions): Promise<number> {
  // Without its model a question cannot be asked; that should not take a loaded server to find out.
  if (options.ask !== undefined) await openEmbedder(options.models);
  const demo = new Demo(options);
  try {
    const client = await loadAndIndex(demo);
    if (options.ask !== undefined) {
      await ask(demo, client, options);
    } else {
      await searchEverything(demo, client);
      await chatSession(client);
      const notebook = await crash(demo, client);
      const again = await recover(demo);
      await searchWhileRebuilding(demo, again);
      await verify(demo, again, notebook);
    }
  } finally {
    await demo.end();
  }
  const { failures, passed } = demo.checks;
  heading(
    failures.length === 0 ? `All ${passed} checks held.` : `${failures.length} did not hold:`,
  );
  for (const failure of failures) line(failure);
  return failures.length === 0 ? 0 : 1;
}

const { values } = parseArgs({
  options: {
    ask: { type: "string" },
    models: { type: "string" },
    stay: { type: "boolean" },
    dataset: { type: "string" },
    help: { type: "boolean" },
  },
});
if (values.help === true) process.stdout.write(USAGE);
else {
  const dataset = values.dataset ?? SAMPLE;
  if (!existsSync(join(dataset, "passages.jsonl"))) {
    process.stderr.write(`${dataset}: no dataset with passages is there\n`);
    process.exit(1);
  }
  try {
    process.exitCode = await run({
      ask: values.ask,
      models: values.models ?? process.env["LODESTONE_MODELS"],
      isStaying: values.stay ?? false,
      dataset,
    });
  } catch (failure) {
    process.stderr.write(`${failure instanceof Error ? failure.message : String(failure)}\n`);
    process.exitCode = 1;
  }
}
