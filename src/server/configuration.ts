/**
 * The configuration as it is now, and CONFIG GET, SET and REWRITE on it.
 *
 * Values are canonical texts by name. A set of several parameters is all or nothing.
 */
import { ErrorReply } from "../base/errors.ts";
import { globMatches } from "../base/glob.ts";
import type { ConfigurationAccess } from "../commands/server-control.ts";
import { parseParameterValue } from "./parameter-value.ts";
import { type Parameter, parameterAliases, parameters } from "./parameters.ts";

const byName: ReadonlyMap<string, Parameter> = new Map(
  parameters.map((parameter) => [parameter.name, parameter]),
);

export function findParameter(name: string): Parameter | undefined {
  return byName.get(name);
}

export class Configuration implements ConfigurationAccess {
  readonly file: string;
  readonly #texts: Map<string, string>;
  readonly #listeners: (() => void)[];
  readonly #writeFile: (path: string, text: string) => void;

  /** `given` holds canonical texts; what it leaves out has its default. */
  constructor(
    given: ReadonlyMap<string, string>,
    file: string,
    writeFile: (path: string, text: string) => void,
  ) {
    this.file = file;
    this.#texts = new Map(parameters.map(({ name, defaultText }) => [name, defaultText]));
    for (const [name, value] of given) this.#texts.set(name, value);
    this.#listeners = [];
    this.#writeFile = writeFile;
  }

  /** Called after each CONFIG SET that changed something. */
  onChange(listener: () => void): void {
    this.#listeners.push(listener);
  }

  get(patterns: readonly string[]): readonly (readonly [string, string])[] {
    const lowerPatterns = patterns.map((pattern) => pattern.toLowerCase());
    const isAsked = (name: string) => lowerPatterns.some((pattern) => globMatches(pattern, name));
    const found: (readonly [string, string])[] = [];
    for (const [name, value] of this.#texts) if (isAsked(name)) found.push([name, value]);
    for (const [alias, name] of parameterAliases) {
      if (isAsked(alias)) found.push([alias, this.text(name)]);
    }
    return found;
  }

  check(pairs: readonly (readonly [string, string])[]): ErrorReply | undefined {
    const accepted = this.#accept(pairs);
    return accepted instanceof ErrorReply ? accepted : undefined;
  }

  set(pairs: readonly (readonly [string, string])[]): ErrorReply | undefined {
    const accepted = this.#accept(pairs);
    if (accepted instanceof ErrorReply) return accepted;
    for (const [name, value] of accepted) this.#texts.set(name, value);
    for (const listener of this.#listeners) listener();
    return undefined;
  }

  /** Canonical texts by name, or what is wrong with them. */
  #accept(pairs: readonly (readonly [string, string])[]): ReadonlyMap<string, string> | ErrorReply {
    const accepted = new Map<string, string>();
    for (const [givenName, given] of pairs) {
      const name = canonicalName(givenName);
      const parameter = byName.get(name);
      if (parameter === undefined) {
        return new ErrorReply(
          `ERR Unknown option or number of arguments for CONFIG SET - '${givenName}'`,
        );
      }
      if (accepted.has(name)) {
        return new ErrorReply(
          `ERR CONFIG SET failed (possibly related to argument '${name}') - duplicate parameter`,
        );
      }
      const parsed = parseParameterValue(parameter, given);
      if ("problem" in parsed) return failed(name, parsed.problem);
      if (!parameter.isMutable && parsed.text !== this.#texts.get(name)) {
        return failed(name, "can't set immutable config");
      }
      if (parameter.isProtected === true && !this.#maySet(name, parsed.text)) {
        return failed(name, "can't set protected config");
      }
      accepted.set(name, parsed.text);
    }
    return accepted;
  }

  /** Redis's protection of what would give a client the rights of the server's own user. */
  #maySet(name: string, text: string): boolean {
    if (text === "" || text === this.#texts.get(name)) return true;
    return this.text("enable-protected-configs") === "yes";
  }

  rewrite(): ErrorReply | undefined {
    if (this.file === "") return new ErrorReply("ERR The server is running without a config file");
    const lines: string[] = ["# Written by CONFIG REWRITE."];
    for (const { name, defaultText } of parameters) {
      const value = this.text(name);
      if (value !== defaultText) lines.push(`${name} ${quoted(value)}`);
    }
    try {
      this.#writeFile(this.file, `${lines.join("\n")}\n`);
    } catch (failure) {
      const reason = failure instanceof Error ? failure.message : String(failure);
      return new ErrorReply(`ERR Rewriting config file: ${reason}`);
    }
    return undefined;
  }

  number(name: string): number {
    return Number(this.text(name));
  }

  text(name: string): string {
    return this.#texts.get(name) ?? "";
  }
}

function canonicalName(givenName: string): string {
  const name = givenName.toLowerCase();
  return parameterAliases.get(name) ?? name;
}

function failed(name: string, problem: string): ErrorReply {
  return new ErrorReply(
    `ERR CONFIG SET failed (possibly related to argument '${name}') - ${problem}`,
  );
}

function quoted(value: string): string {
  const isPlain = value !== "" && !/[\s"'#]/.test(value);
  return isPlain ? value : `"${value.replaceAll(/["\\]/g, "\\$&")}"`;
}
