/**
 * H12 in its small form, and shown to find what it is for: a document that an index has wrong, by
 * its tag, its number, its words, and its vector in both fields.
 */
import { afterAll, expect, test } from "vitest";
import { reportLine } from "../support/harness-report.ts";
import { removeArenas } from "./arena.ts";
import { DOCUMENTS, LIVES, runSearchTruthHarness, seed } from "./search-truth-harness.ts";
import { DIMENSIONS, PREFIX, TAGS, type TruthDocument } from "./truth-documents.ts";

/** For the time limit of a large run: many times what one takes. */
const MS_PER_LIFE = 60_000;

afterAll(removeArenas);

test(`search tells the truth after ${LIVES} lives (seed ${seed})`, {
  timeout: Math.max(900_000, LIVES * MS_PER_LIFE),
}, async () => {
  const report = await runSearchTruthHarness({ seed, lives: LIVES, documents: DOCUMENTS });
  console.log(reportLine(report));
  expect(report.failures).toEqual([]);
  expect(report.figures["visibilityProbes"]).toBeGreaterThan(LIVES);
});

const oneKey = `${PREFIX}77`;
const zero = new Float32Array(DIMENSIONS);
const misled: readonly [string, (document: TruthDocument) => TruthDocument, RegExp][] = [
  ["tag", (document) => ({ ...document, tags: ["red", "blue"] }), /@tag:/],
  ["number", (document) => ({ ...document, number: Number.NaN }), /@number:/],
  ["text", (document) => ({ ...document, words: ["river"] }), /@words:/],
  ["flat vector", (document) => ({ ...document, flat: zero }), /flat/],
  ["graph vector", (document) => ({ ...document, graph: zero }), /graph: .* away/],
];

test.each(misled)(`finds a wrong %s (seed ${seed})`, async (_name, mislead, expected) => {
  const options = { seed: seed + 1, lives: 0, documents: 300 };
  const report = await runSearchTruthHarness({ ...options, mislead });
  expect(report.failures.join("\n")).toMatch(expected);
});

test(`finds a single document that is wrong (seed ${seed})`, async () => {
  const options = { seed: seed + 1, lives: 0, documents: 300 };
  const mislead = (document: TruthDocument): TruthDocument =>
    document.key === oneKey ? { ...document, tags: [...TAGS] } : document;
  const report = await runSearchTruthHarness({ ...options, mislead });
  expect(report.failures.join("\n")).toContain(oneKey);
});
