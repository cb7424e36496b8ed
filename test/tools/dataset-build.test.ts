/**
 * Datasets from texts: half precision, a build that is killed half way, and a missing model.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, describe, expect, it } from "vitest";
import { floatsOfHalves, halvesOfFloats } from "../../bench/dataset/half-floats.ts";
import { findRequirement } from "../support/requirement.ts";

const DATASET = fileURLToPath(new URL("../../bench/dataset/main.ts", import.meta.url));
const DEMO = fileURLToPath(new URL("../../bench/demo/main.ts", import.meta.url));
const models = findRequirement("models");
const folder = mkdtempSync(join(tmpdir(), "lodestone-build-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const input = join(folder, "texts.jsonl");
const lines = Array.from({ length: 96 }, (_, index) =>
  JSON.stringify({ text: `Text number ${index} speaks of ${index % 7} ships.`, index }),
);
writeFileSync(input, `${lines.join("\n")}\n`);

function start(script: string, args: readonly string[], modelFolder: string) {
  const environment = { ...process.env, LODESTONE_MODELS: modelFolder };
  const child = spawn(process.execPath, [script, ...args], { env: environment });
  let output = "";
  const keep = (chunk: Buffer): void => {
    output += chunk.toString();
  };
  child.stdout.on("data", keep);
  child.stderr.on("data", keep);
  const ended = once(child, "close").then(([exitCode]) => ({ exitCode: exitCode, output }));
  return { child, ended };
}

it("every half-precision number survives float32 and back", () => {
  const halves = Uint16Array.from({ length: 65_536 }, (_, bits) => bits).filter(
    (bits) => (bits & 0x7c00) !== 0x7c00 || (bits & 0x3ff) === 0,
  );
  expect(halvesOfFloats(floatsOfHalves(halves))).toEqual(halves);
  expect([...halvesOfFloats([1, -2, 65_504, 1e9, 2 ** -24])]).toEqual([
    0x3c00, 0xc000, 0x7bff, 0x7c00, 0x0001,
  ]);
});

it.each([
  ["a build", DATASET, ["build", "--input", input, "--output", join(folder, "none")]],
  ["a question", DEMO, ["--ask", "what is a ship?"]],
])("%s without a model ends with 1 and says what is missing", async (_, script, args) => {
  const { exitCode, output } = await start(script, args, join(folder, "nowhere")).ended;
  expect(output).toMatch(/nowhere: there is no all-MiniLM-L6-v2/);
  expect(exitCode).toBe(1);
});

describe.skipIf(models === undefined)("with the model", () => {
  it("a build that was killed goes on, to the same bytes", async () => {
    const build = (output: string) =>
      start(DATASET, ["build", "--input", input, "--output", output], models ?? "");
    const whole = join(folder, "whole");
    expect((await build(whole).ended).exitCode).toBe(0);
    const parted = join(folder, "parted");
    const partial = join(parted, "embeddings.partial");
    const killed = build(parted);
    while (killed.child.exitCode === null) {
      if (existsSync(partial) && statSync(partial).size > 0) killed.child.kill("SIGKILL");
      await new Promise((resolve) => setImmediate(resolve));
      if (killed.child.signalCode !== null) break;
    }
    await killed.ended;
    const again = await build(parted).ended;
    expect(again.exitCode, again.output).toBe(0);
    expect(again.output).toMatch(/going on behind \d+ texts/);
    const bytes = (name: string) => readFileSync(join(name, "vectors.npy"));
    expect(bytes(parted).equals(bytes(whole))).toBe(true);
  });

  it("the demo answers a question", async () => {
    const question = "how does a container give back memory?";
    const { exitCode, output } = await start(DEMO, ["--ask", question], models ?? "").ended;
    expect(exitCode, output).toBe(0);
    expect(output).toContain(question);
  });
});
