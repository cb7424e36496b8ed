/**
 * `VECTOR HNSW|FLAT count name value ...` of FT.CREATE: names in any order and letter case, the
 * last of a repeated name counts, MemoryDB's limits, RediSearch's error texts.
 */
import { ErrorReply } from "../../base/errors.ts";
import { limits } from "../../base/limits.ts";
import { parseNumber } from "../../search/attribute-numeric.ts";
import type { VectorDeclaration } from "../../search/schema.ts";
import {
  type ArgumentCursor,
  notConvertible,
  outsideBounds,
  quoted,
  unknownChoice,
} from "./argument-cursor.ts";

type VectorParameters = VectorDeclaration["parameters"];
type VectorType = VectorParameters["type"];
type DistanceMetric = VectorParameters["metric"];

const vectorTypes: readonly VectorType[] = [
  "FLOAT32",
  "FLOAT64",
  "FLOAT16",
  "BFLOAT16",
  "INT8",
  "UINT8",
];
const metrics: readonly DistanceMetric[] = ["L2", "IP", "COSINE"];

/** A graph in which a node keeps a single link falls apart. */
const LINKS_MIN = 2;

interface Draft {
  readonly algorithm: "HNSW" | "FLAT";
  type: VectorType | undefined;
  dimensions: number | undefined;
  metric: DistanceMetric | undefined;
  initialCapacity: number;
  m: number;
  efConstruction: number;
  efRuntime: number;
  epsilon: number;
  neighborCodeBits: number;
  blockSize: number;
}

export function parseVectorParameters(cursor: ArgumentCursor): VectorParameters | ErrorReply {
  const algorithm = cursor.nextWord("vector similarity algorithm");
  if (algorithm instanceof ErrorReply) return algorithm;
  if (algorithm !== "HNSW" && algorithm !== "FLAT") {
    return unknownChoice("vector similarity algorithm");
  }
  const subject = "vector similarity number of parameters";
  const count = cursor.nextInteger(subject, 0, Number.MAX_SAFE_INTEGER);
  if (count instanceof ErrorReply) return count;
  if (count % 2 === 1) {
    return new ErrorReply(
      `Bad number of arguments for vector similarity index: got ${count} but expected even ` +
        "number (as algorithm parameters should be submitted as named arguments)",
    );
  }
  if (count > cursor.left) {
    return new ErrorReply(`Expected ${count} parameters but got ${cursor.left}`);
  }
  const draft: Draft = {
    algorithm,
    type: undefined,
    dimensions: undefined,
    metric: undefined,
    initialCapacity: 1024,
    m: 16,
    efConstruction: 200,
    efRuntime: 10,
    epsilon: 0.01,
    neighborCodeBits: limits.neighborCodeBitsMax,
    blockSize: 1024,
  };
  for (let taken = 0; taken < count; taken += 2) {
    const problem = parseParameter(cursor, draft);
    if (problem !== undefined) return problem;
  }
  return finish(draft);
}

function parseParameter(cursor: ArgumentCursor, draft: Draft): ErrorReply | undefined {
  const given = cursor.next() ?? "";
  const subject = `vector similarity ${draft.algorithm} index`;
  switch (given.toUpperCase()) {
    case "TYPE":
      draft.type = choose(vectorTypes, cursor);
      return draft.type === undefined ? unknownChoice(`${subject} type`) : undefined;
    case "DISTANCE_METRIC":
      draft.metric = choose(metrics, cursor);
      return draft.metric === undefined ? unknownChoice(`${subject} metric`) : undefined;
    case "DIM": {
      const value = cursor.nextInteger(`${subject} dim`, 1, limits.vectorDimensionsMax);
      if (value instanceof ErrorReply) return value;
      draft.dimensions = value;
      return undefined;
    }
    case "INITIAL_CAP": {
      const max = limits.vectorCapacityMax;
      const value = cursor.nextInteger(`${subject} initial cap`, 0, Number.MAX_SAFE_INTEGER);
      if (value instanceof ErrorReply) return value;
      if (value > max) {
        return new ErrorReply(
          `Vector index initial capacity ${value} exceeded server limit (${max})`,
        );
      }
      draft.initialCapacity = value;
      return undefined;
    }
    default:
      return draft.algorithm === "HNSW"
        ? parseGraphParameter(given, subject, cursor, draft)
        : parseFlatParameter(given, subject, cursor, draft);
  }
}

function parseGraphParameter(
  given: string,
  subject: string,
  cursor: ArgumentCursor,
  draft: Draft,
): ErrorReply | undefined {
  switch (given.toUpperCase()) {
    case "M": {
      const value = cursor.nextInteger(`${subject} m`, LINKS_MIN, limits.hnswLinksMax);
      if (value instanceof ErrorReply) return value;
      draft.m = value;
      return undefined;
    }
    case "EF_CONSTRUCTION": {
      const max = limits.hnswEfConstructionMax;
      const value = cursor.nextInteger(`${subject} efConstruction`, 1, max);
      if (value instanceof ErrorReply) return value;
      draft.efConstruction = value;
      return undefined;
    }
    case "EF_RUNTIME": {
      const value = cursor.nextInteger(`${subject} efRuntime`, 1, limits.hnswEfRuntimeMax);
      if (value instanceof ErrorReply) return value;
      draft.efRuntime = value;
      return undefined;
    }
    case "EPSILON": {
      const value = parseNumber(cursor.next() ?? "");
      if (Number.isNaN(value)) return notConvertible(`${subject} epsilon`);
      if (value < 0 || value === Number.POSITIVE_INFINITY)
        return outsideBounds(`${subject} epsilon`);
      draft.epsilon = value;
      return undefined;
    }
    case "NEIGHBOR_CODES": {
      const value = cursor.nextInteger(`${subject} neighbor codes`, 0, limits.neighborCodeBitsMax);
      if (value instanceof ErrorReply) return value;
      draft.neighborCodeBits = value;
      return undefined;
    }
    default:
      return unknownParameter(given, draft);
  }
}

function parseFlatParameter(
  given: string,
  subject: string,
  cursor: ArgumentCursor,
  draft: Draft,
): ErrorReply | undefined {
  if (given.toUpperCase() !== "BLOCK_SIZE") return unknownParameter(given, draft);
  const value = cursor.nextInteger(`${subject} blocksize`, 1, limits.vectorCapacityMax);
  if (value instanceof ErrorReply) return value;
  draft.blockSize = value;
  return undefined;
}

function unknownParameter(given: string, draft: Draft): ErrorReply {
  const name = quoted(given).slice(1, -1);
  return new ErrorReply(`Bad arguments for algorithm ${draft.algorithm}: ${name}`);
}

function choose<Choice extends string>(
  choices: readonly Choice[],
  cursor: ArgumentCursor,
): Choice | undefined {
  const word = cursor.next()?.toUpperCase();
  return choices.find((choice) => choice === word);
}

function finish(draft: Draft): VectorParameters | ErrorReply {
  const { type, dimensions, metric } = draft;
  if (type === undefined) return missingParameter(draft, "TYPE");
  if (dimensions === undefined) return missingParameter(draft, "DIM");
  if (metric === undefined) return missingParameter(draft, "DISTANCE_METRIC");
  return { ...draft, type, dimensions, metric };
}

function missingParameter(draft: Draft, name: string): ErrorReply {
  return new ErrorReply(
    `Missing mandatory parameter: cannot create ${draft.algorithm} index without specifying ` +
      `${name} argument`,
  );
}
