/**
 * Vectors' clauses: `[KNN 10 @v $q EF_RUNTIME 100 AS d]`, `[VECTOR_RANGE $r $q]` and the attributes
 * `=>{$yield_distance_as: d; $epsilon: 0.1; $weight: 2}` behind a clause.
 */
import type { NearestClause, Operand, RangeNode } from "./ast.ts";
import type { QueryScanner } from "./scanner.ts";

export interface ClauseAttributes {
  distanceName: string | undefined;
  epsilon: Operand | undefined;
  efRuntime: Operand | undefined;
}

/** After `=>`: the bracket and all in it, and attributes behind it. */
export function nearestClause(scanner: QueryScanner): NearestClause {
  scanner.expect("[");
  const offset = scanner.place;
  if (!scanner.takesWord("KNN")) throw scanner.fail("expected `KNN`");
  const k = scanner.numberOperand("a count");
  scanner.expect("@");
  const field = scanner.name("a field's name");
  const vector = vectorParameter(scanner);
  let efRuntime: Operand | undefined;
  let distanceName: string | undefined;
  const seen = new Set<string>();
  while (!scanner.takes("]")) {
    const start = scanner.place;
    const option = scanner.name("an option or `]`").toUpperCase();
    if (seen.has(option)) throw parameterProblem(scanner, start, "was specified twice");
    seen.add(option);
    scanner.skipBlanks();
    if (option === "EF_RUNTIME") efRuntime = scanner.numberOperand("a number");
    else if (option === "AS") distanceName = aliasName(scanner);
    else if (option === "BATCH_SIZE") scanner.numberOperand("a number");
    else if (option === "HYBRID_POLICY") hybridPolicy(scanner);
    else throw scanner.fail("Invalid option", start);
  }
  if (scanner.isArrowBefore("{")) {
    const attributes = readAttributes(scanner);
    distanceName = attributes.distanceName ?? distanceName;
    efRuntime = attributes.efRuntime ?? efRuntime;
    if (attributes.epsilon !== undefined) {
      throw scanner.fail("range query attributes were sent for a non-range query", offset);
    }
  }
  return { offset, field, k, vector, efRuntime, distanceName };
}

function parameterProblem(scanner: QueryScanner, offset: number, reason: string): Error {
  return scanner.fail(`Parameter ${reason}`, offset);
}

/** How the peers join filter and graph. Here the plan is chosen by what each way would cost. */
function hybridPolicy(scanner: QueryScanner): void {
  const start = scanner.place;
  const policy = scanner.name("a policy").toUpperCase();
  if (policy !== "BATCHES" && policy !== "ADHOC_BF") {
    throw scanner.fail("Invalid value was given", start);
  }
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
  return {
    kind: "range",
    offset,
    field,
    radius,
    vector,
    distanceName: undefined,
    epsilon: undefined,
  };
}

export function readAttributes(scanner: QueryScanner): ClauseAttributes {
  const attributes: ClauseAttributes = {
    distanceName: undefined,
    epsilon: undefined,
    efRuntime: undefined,
  };
  const seen = new Set<string>();
  scanner.expect("=>");
  scanner.expect("{");
  while (!scanner.takes("}")) {
    scanner.expect("$");
    const start = scanner.place;
    const name = scanner.name("an attribute's name").toLowerCase();
    if (seen.has(name)) throw parameterProblem(scanner, start, "was specified twice");
    seen.add(name);
    scanner.expect(":");
    scanner.skipBlanks();
    if (name === "yield_distance_as") attributes.distanceName = aliasName(scanner);
    else if (name === "epsilon") attributes.epsilon = scanner.numberOperand("a number");
    else if (name === "ef_runtime") attributes.efRuntime = scanner.numberOperand("a number");
    // No relevance is computed, so a weight has nothing to act on.
    else if (name === "weight") scanner.numberOperand("a number");
    else throw scanner.fail("Invalid option", start);
    if (!scanner.takes(";") && scanner.peek() !== "}") throw scanner.fail("expected `;` or `}`");
  }
  return attributes;
}
