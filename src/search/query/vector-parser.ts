/**
 * Vectors' clauses: `[KNN 10 @v $q EF_RUNTIME 100 AS d]`, `[VECTOR_RANGE $r $q]` and the attributes
 * `=>{$yield_distance_as: d; $epsilon: 0.1; $weight: 2}` behind a clause.
 */
import type { NearestClause, Operand, RangeNode } from "./ast.ts";
import { printable } from "./query-problem.ts";
import type { QueryScanner } from "./scanner.ts";

/** What may stand in the brackets behind a vector, or as an attribute. */
export interface VectorOptions {
  distanceName: string | undefined;
  epsilon: Operand | undefined;
  efRuntime: Operand | undefined;
  batchSize: Operand | undefined;
  policy: "BATCHES" | "ADHOC_BF" | undefined;
}

function noOptions(): VectorOptions {
  return {
    distanceName: undefined,
    epsilon: undefined,
    efRuntime: undefined,
    batchSize: undefined,
    policy: undefined,
  };
}

/** After `=>`: the bracket and all in it, and attributes behind it. */
export function nearestClause(scanner: QueryScanner): NearestClause {
  scanner.expect("[");
  const offset = scanner.place;
  if (!scanner.takesWord("KNN")) throw scanner.fail("expected `KNN`");
  const k = scanner.countOperand("a count");
  scanner.expect("@");
  const field = scanner.name("a field's name");
  const vector = vectorParameter(scanner);
  const options = noOptions();
  const seen = new Set<string>();
  while (!scanner.takes("]")) {
    const start = scanner.place;
    const option = scanner.name("an option or `]`").toUpperCase();
    scanner.skipBlanks();
    if (seen.has(option)) throw scanner.failParameters("Parameter was specified twice", start);
    seen.add(option);
    if (option === "AS") options.distanceName = aliasName(scanner);
    else if (!readOption(scanner, option, options)) {
      throw scanner.failParameters("Invalid option", start);
    }
  }
  if (scanner.isArrowBefore("{")) readAttributes(scanner, options, seen);
  if (options.epsilon !== undefined) {
    const reason = "range query attributes were sent for a non-range query";
    throw scanner.failParameters(reason, offset);
  }
  const { efRuntime, batchSize, policy, distanceName } = options;
  return { offset, field, k, vector, efRuntime, batchSize, policy, distanceName };
}

/** Whether there is an option of that name; reads its value. */
function readOption(scanner: QueryScanner, option: string, options: VectorOptions): boolean {
  const start = scanner.place;
  switch (option) {
    case "EF_RUNTIME":
      options.efRuntime = scanner.numberOperand("a number");
      return true;
    case "EPSILON":
      options.epsilon = scanner.numberOperand("a number");
      return true;
    case "BATCH_SIZE":
      options.batchSize = scanner.numberOperand("a number");
      return true;
    case "HYBRID_POLICY": {
      // How the peers join filter and graph. Here the plan is chosen by what each way would cost.
      const policy = scanner.name("a policy").toUpperCase();
      if (policy !== "BATCHES" && policy !== "ADHOC_BF") {
        throw scanner.failParameters("invalid hybrid policy was given", start);
      }
      options.policy = policy;
      return true;
    }
  }
  return false;
}

function aliasName(scanner: QueryScanner): string {
  if (scanner.peek() === "$") throw scanner.fail("an alias cannot be a parameter");
  return scanner.name("an alias");
}

function vectorParameter(scanner: QueryScanner): Operand {
  const vector = scanner.parameter();
  if (vector === undefined) throw scanner.fail("expected the query vector's parameter, `$name`");
  return vector;
}

/** After `VECTOR_RANGE`. */
export function rangeClause(scanner: QueryScanner, field: string, offset: number): RangeNode {
  const radius = scanner.numberOperand("a radius");
  const vector = vectorParameter(scanner);
  scanner.expect("]");
  const distanceName = undefined;
  const epsilon = undefined;
  return { kind: "range", offset, field, radius, vector, distanceName, epsilon };
}

/** `=>{...}` behind a range. */
export function withRangeAttributes(scanner: QueryScanner, node: RangeNode): RangeNode {
  const { offset } = node;
  const options = noOptions();
  options.distanceName = node.distanceName;
  readAttributes(scanner, options, new Set());
  if (options.policy !== undefined || options.batchSize !== undefined) {
    const reason = "hybrid query attributes were sent for a non-hybrid query";
    throw scanner.failParameters(reason, offset);
  }
  if (options.efRuntime !== undefined) throw scanner.failParameters("Invalid option", offset);
  const { distanceName, epsilon } = options;
  return { ...node, distanceName, epsilon: epsilon ?? node.epsilon };
}

/** `=>{...}` behind a clause without vectors: a weight, which has no relevance to act on. */
export function plainAttributes(scanner: QueryScanner): void {
  readAttributes(scanner, undefined, new Set());
}

/** `options` is undefined where the clause has no vector. */
function readAttributes(
  scanner: QueryScanner,
  options: VectorOptions | undefined,
  seen: Set<string>,
): void {
  scanner.expect("=>");
  scanner.expect("{");
  while (!scanner.takes("}")) {
    scanner.expect("$");
    const start = scanner.place;
    const name = scanner.name("an attribute's name");
    const option = name.toUpperCase();
    if (seen.has(option)) throw scanner.failParameters("Parameter was specified twice", start);
    seen.add(option);
    scanner.expect(":");
    scanner.skipBlanks();
    if (option === "WEIGHT") scanner.numberOperand("a number");
    else if (option === "YIELD_DISTANCE_AS" && options !== undefined) {
      const alias = aliasName(scanner);
      if (options.distanceName !== undefined) {
        const names = `${printable(options.distanceName)} and ${printable(alias)}`;
        const known = `Distance field was specified twice for vector query: ${names}`;
        throw scanner.failKnown(known, start);
      }
      options.distanceName = alias;
    } else if (options === undefined || !readOption(scanner, option, options)) {
      throw scanner.failKnown(`Invalid attribute ${printable(name)}`, start);
    }
    if (!scanner.takes(";") && scanner.peek() !== "}") throw scanner.fail("expected `;` or `}`");
  }
}
