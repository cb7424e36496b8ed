/**
 * Where configuration comes from: flags over environment over file over defaults.
 *
 * Every source is checked against `parameters.ts`; an unknown name or a bad value is an error that
 * names it and where it stands. `--help` is written from the same table.
 */
import { toUtf8 } from "../base/bytes.ts";
import { splitInline } from "../resp/inline.ts";
import { findParameter } from "./configuration.ts";
import { parseParameterValue } from "./parameter-value.ts";
import { parameterAliases, parameters } from "./parameters.ts";

const ENVIRONMENT_PREFIX = "LODESTONE_";
/** Of the environment, but not parameters of the server. */
const OTHER_VARIABLES: readonly string[] = ["MODELS", "CONFIG", "REQUIRE_ALL"];

export interface ConfigurationInput {
  readonly flags: readonly string[];
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly readFile: (path: string) => string;
}

export type ConfigurationRead =
  | { readonly kind: "help" }
  | { readonly kind: "version" }
  | { readonly kind: "problem"; readonly problem: string }
  | {
      readonly kind: "values";
      readonly values: ReadonlyMap<string, string>;
      readonly file: string;
    };

export function readConfiguration(input: ConfigurationInput): ConfigurationRead {
  const flags = readFlags(input.flags);
  if ("kind" in flags) return flags;
  const file = flags.pairs.get("config") ?? input.environment["LODESTONE_CONFIG"] ?? "";
  flags.pairs.delete("config");
  const values = new Map<string, string>();
  const fromFile = file === "" ? [] : readFileLines(file, input.readFile);
  if (typeof fromFile === "string") return { kind: "problem", problem: fromFile };
  const sources: (readonly [string, Iterable<readonly [string, string]>])[] = [
    [`file ${file}`, fromFile],
    ["environment", environmentPairs(input.environment)],
    ["flag", flags.pairs],
  ];
  for (const [source, pairs] of sources) {
    for (const [givenName, given] of pairs) {
      const name = parameterAliases.get(givenName) ?? givenName;
      const parameter = findParameter(name);
      if (parameter === undefined) {
        return { kind: "problem", problem: `${source}: '${givenName}' is not known; see --help` };
      }
      const parsed = parseParameterValue(parameter, given);
      if ("problem" in parsed) {
        const problem = `${source}: '${givenName} ${given}': ${parsed.problem}`;
        return { kind: "problem", problem };
      }
      values.set(name, parsed.text);
    }
  }
  if ((values.get("failpoints") ?? "") !== "" && values.get("debug-commands") !== "yes") {
    return { kind: "problem", problem: "failpoints are refused without --debug-commands yes" };
  }
  const problem = masterKeyProblem(values);
  return problem === undefined ? { kind: "values", values, file } : { kind: "problem", problem };
}

function masterKeyProblem(values: ReadonlyMap<string, string>): string | undefined {
  const file = values.get("master-key-file") ?? "";
  const command = values.get("master-key-command") ?? "";
  if (file === "" && command === "") return undefined;
  if (file !== "" && command !== "") return "set master-key-file or master-key-command, not both";
  if (values.get("log") !== "memory") return undefined;
  return "a log in memory has nothing to encrypt: leave the master key out, or --log memory";
}

function readFlags(
  flags: readonly string[],
): ConfigurationRead | { readonly pairs: Map<string, string> } {
  const pairs = new Map<string, string>();
  for (let index = 0; index < flags.length; index += 1) {
    const flag = flags[index];
    if (flag === "--help" || flag === "-h") return { kind: "help" };
    if (flag === "--version" || flag === "-v") return { kind: "version" };
    if (!flag.startsWith("--")) {
      return { kind: "problem", problem: `'${flag}' is not a flag; see --help` };
    }
    const equals = flag.indexOf("=");
    if (equals > 0) {
      pairs.set(flag.slice(2, equals), flag.slice(equals + 1));
      continue;
    }
    index += 1;
    if (index === flags.length) return { kind: "problem", problem: `flag ${flag} has no value` };
    pairs.set(flag.slice(2), flags[index]);
  }
  return { pairs };
}

function environmentPairs(
  environment: ConfigurationInput["environment"],
): (readonly [string, string])[] {
  const pairs: (readonly [string, string])[] = [];
  for (const [variable, value] of Object.entries(environment)) {
    if (value === undefined || !variable.startsWith(ENVIRONMENT_PREFIX)) continue;
    const rest = variable.slice(ENVIRONMENT_PREFIX.length);
    if (OTHER_VARIABLES.includes(rest)) continue;
    const name = rest.toLowerCase().replaceAll("_", "-");
    // A variable of some other tool of the same name prefix is not this server's business.
    if (findParameter(parameterAliases.get(name) ?? name) !== undefined) pairs.push([name, value]);
  }
  return pairs;
}

/** The pairs of the file, or what is wrong with it. */
function readFileLines(
  file: string,
  readFile: (path: string) => string,
): (readonly [string, string])[] | string {
  let content: string;
  try {
    content = readFile(file);
  } catch (failure) {
    return `file ${file}: ${failure instanceof Error ? failure.message : String(failure)}`;
  }
  const pairs: (readonly [string, string])[] = [];
  for (const [index, line] of content.split("\n").entries()) {
    const trimmed = line.trim();
    if (trimmed === "" || trimmed.startsWith("#")) continue;
    const words = splitInline(Buffer.from(trimmed, "utf8").toString("latin1"))?.map(toUtf8);
    if (words === undefined) return `file ${file}, line ${index + 1}: unbalanced quotes`;
    if (words.length < 2) return `file ${file}, line ${index + 1}: '${words[0]}' has no value`;
    pairs.push([words[0].toLowerCase(), words.slice(1).join(" ")]);
  }
  return pairs;
}

export function helpText(): string {
  const lines = [
    "Lodestone: a durable, Redis-compatible, in-memory database, made for vector search first",
    "",
    "npm start -- [--config FILE] [--PARAMETER VALUE]..., or lodestone ... of the package",
    "",
    "Each parameter is a flag, a line `parameter value` of the file, and a variable of the",
    "environment (`--log-level` is LODESTONE_LOG_LEVEL). Flags come before the environment, the",
    "environment before the file.",
    "",
  ];
  for (const { name, defaultText, help, type } of parameters) {
    const isEmpty = defaultText === "";
    const choices = type.kind === "choice" ? ` (${type.choices.join(" | ")})` : "";
    lines.push(`  --${name}${choices}`, `      ${help}`);
    lines.push(`      default: ${isEmpty ? "empty" : defaultText}`);
  }
  lines.push("  --config FILE", "      the configuration file", "  --help, --version");
  return `${lines.join("\n")}\n`;
}
