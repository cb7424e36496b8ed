/**
 * The words behind `npm run lodestone --`, read before anything is touched.
 */
import { findTool, helpOf, helpOfAll, type Tool } from "./tool-list.ts";

export class ToolCall {
  readonly tool: string;
  readonly operands: readonly string[];
  readonly #options: ReadonlyMap<string, string>;

  constructor(tool: string, operands: readonly string[], options: ReadonlyMap<string, string>) {
    this.tool = tool;
    this.operands = operands;
    this.#options = options;
  }

  has(option: string): boolean {
    return this.#options.has(option);
  }

  text(option: string): string | undefined {
    return this.#options.get(option);
  }

  get folder(): string {
    return this.#options.get("--dir") ?? "";
  }
}

/** What is wrong with a call, in one sentence. */
export class BadCall extends Error {
  override readonly name = "BadCall";
}

/** A whole number within the bounds, of an option that may be absent. */
export function numberOf(
  call: ToolCall,
  option: string,
  min: number,
  max: number,
): number | undefined {
  const text = call.text(option);
  if (text === undefined) return undefined;
  const number = Number(text);
  if (/^\d+$/.test(text) && number >= min && number <= max) return number;
  throw new BadCall(`${option} needs a whole number from ${min} to ${max}, not ${text}`);
}

export type ParsedWords = { readonly help: string } | { readonly problem: string } | ToolCall;

export function parseToolCall(words: readonly string[]): ParsedWords {
  const [name, ...rest] = words;
  if (name === undefined || name === "--help" || name === "-h" || name === "help") {
    return { help: helpOfAll() };
  }
  const tool = findTool(name);
  if (tool === undefined) return { problem: `there is no tool ${name}; try --help` };
  if (rest.includes("--help") || rest.includes("-h")) return { help: helpOf(tool) };
  return parseRest(tool, rest);
}

function parseRest(tool: Tool, words: readonly string[]): ParsedWords {
  const operands: string[] = [];
  const options = new Map<string, string>();
  for (let index = 0; index < words.length; index += 1) {
    const word = words[index];
    if (!word.startsWith("--")) {
      operands.push(word);
      continue;
    }
    const equals = word.indexOf("=");
    const name = equals < 0 ? word : word.slice(0, equals);
    const option = tool.options.find((known) => known.name === name);
    if (option === undefined) return { problem: `${tool.name} does not know ${name}; try --help` };
    if (option.value === undefined) {
      if (equals >= 0) return { problem: `${name} takes no value` };
      options.set(name, "");
      continue;
    }
    if (equals < 0) index += 1;
    if (index === words.length) return { problem: `${name} needs a value` };
    options.set(name, equals < 0 ? words[index] : word.slice(equals + 1));
  }
  const missing = tool.options.find(({ name, isRequired }) => isRequired && !options.has(name));
  if (operands.length !== tool.operands.length) {
    const needed = tool.operands.length === 0 ? "only options" : tool.operands.join(" ");
    return { problem: `${tool.name} needs ${needed}; try --help` };
  }
  if (missing !== undefined) return { problem: `${tool.name} needs ${missing.name}; try --help` };
  return new ToolCall(tool.name, operands, options);
}
