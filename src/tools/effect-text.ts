/**
 * Effects for people: names, keys and values, shortened, and escaped so that whatever clients
 * stored can be printed on any terminal.
 */
import { type Bytes, toBinaryString, toBuffer } from "../base/bytes.ts";
import { type Effect, EffectId } from "../keyspace/effect.ts";

const BYTES_SHOWN = 64;
const ITEMS_SHOWN = 4;
const DEPTH_MAX = 4;

const names = new Map<number, string>(
  Object.entries(EffectId).map(([name, id]) => [id, name] as const),
);

export interface EffectText {
  readonly effect: string;
  readonly database?: number;
  readonly key?: string;
  /** The rest, by its name in `keyspace/effect.ts`. */
  readonly [member: string]: unknown;
}

export function effectText(effect: Effect): EffectText {
  const { id, ...members } = effect;
  const shown = Object.entries(members).map(
    ([name, value]) => [name, name === "key" ? quote(value) : shorten(value, 0)] as const,
  );
  return { effect: names.get(id) ?? `effect ${id}`, ...Object.fromEntries(shown) };
}

/** One line: the name, then each member. */
export function effectLine(text: EffectText): string {
  const { effect, ...members } = text;
  const parts = Object.entries(members).map(([name, value]) => `${name}=${memberText(value)}`);
  return [effect, ...parts].join(" ");
}

/** In quotes; what is not printable ASCII as `\xHH`. Never cut: keys are looked for by it. */
export function quoteBytes(bytes: Bytes): string {
  const text = toBinaryString(bytes).replace(/[^\x20-\x7e]|["\\]/g, (character) =>
    character === '"' || character === "\\"
      ? `\\${character}`
      : `\\x${character.charCodeAt(0).toString(16).padStart(2, "0")}`,
  );
  return `"${text}"`;
}

function quote(value: unknown): string {
  return typeof value === "string" || Buffer.isBuffer(value) ? quoteBytes(value) : String(value);
}

function shorten(value: unknown, depth: number): unknown {
  if (typeof value === "string" || Buffer.isBuffer(value)) return shortBytes(value);
  if (ArrayBuffer.isView(value)) return `(${value.byteLength} bytes)`;
  if (typeof value === "bigint") return String(value);
  if (typeof value !== "object" || value === null) return value;
  if (depth >= DEPTH_MAX) return "(...)";
  if (Array.isArray(value)) {
    const shown = value.slice(0, ITEMS_SHOWN).map((item) => shorten(item, depth + 1));
    if (value.length > ITEMS_SHOWN) shown.push(`(${value.length - ITEMS_SHOWN} more)`);
    return shown;
  }
  const members = Object.entries(value).map(([name, item]) => [name, shorten(item, depth + 1)]);
  return Object.fromEntries(members);
}

function shortBytes(bytes: Bytes): string {
  if (bytes.length <= BYTES_SHOWN) return quoteBytes(bytes);
  return `${quoteBytes(toBuffer(bytes).subarray(0, BYTES_SHOWN))}... (${bytes.length} bytes)`;
}

function memberText(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(memberText).join(", ")}]`;
  if (typeof value !== "object" || value === null) return String(value);
  const parts = Object.entries(value).map(([name, item]) => `${name}: ${memberText(item)}`);
  return `{${parts.join(", ")}}`;
}
