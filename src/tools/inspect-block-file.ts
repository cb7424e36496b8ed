/**
 * What the tools that look into block files share: the header, read by itself, since a file may
 * have any name and any damage behind it.
 */

import { timeText } from "../node/restore-target.ts";
import type { Disk } from "../runtime/disk.ts";
import {
  BlockFileKind,
  decodeFileHeader,
  FILE_HEADER_BYTES,
} from "../snapshot/block-file-format.ts";
import type { FileKeys } from "../snapshot/snapshot-reader.ts";

export interface BlockFileSettings {
  readonly file: string;
  readonly kind: BlockFileKind;
  readonly isJson: boolean;
  readonly keys: FileKeys | undefined;
}

export type Line = { readonly type: string; readonly [member: string]: unknown };

export interface HeaderLine {
  readonly file: string;
  readonly sizeBytes: number;
  readonly sequence?: number;
  readonly madeAt?: string;
  readonly problem?: string;
}

const KIND_NAMES = new Map<number, string>(
  Object.entries(BlockFileKind).map(([name, kind]) => [kind, name]),
);

export async function openHeader(
  disk: Disk,
  { file: path, kind }: BlockFileSettings,
): Promise<HeaderLine> {
  const file = await disk.open(path, "read");
  try {
    const sizeBytes = await file.sizeBytes();
    const bytes = Buffer.alloc(FILE_HEADER_BYTES);
    const count = await file.read(bytes, 0);
    const header = decodeFileHeader(bytes.subarray(0, count));
    if (typeof header === "string") return { file: path, sizeBytes, problem: header };
    const { sequence, madeAtMs } = header;
    const isOther = header.kind !== kind;
    const problem = isOther ? `it is a file of kind ${KIND_NAMES.get(header.kind)}` : undefined;
    return { file: path, sizeBytes, sequence, madeAt: timeText(madeAtMs), problem };
  } finally {
    await file.close();
  }
}

/** Members by name, one after the other. */
export function humanLine(line: Line): string {
  const { type, problem, ...members } = line;
  const parts = Object.entries(members)
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => `${name} ${valueText(value)}`);
  const words = [`${type}:`, parts.join(", ")].join(" ").trimEnd();
  return problem === undefined ? words : `${words}  ! ${problem}`;
}

function valueText(value: unknown): string {
  if (Array.isArray(value)) return value.length === 0 ? "none" : value.join(" ");
  if (typeof value !== "object" || value === null) return String(value);
  const parts = Object.entries(value).map(([name, each]) => `${name}: ${String(each)}`);
  return parts.length === 0 ? "none" : parts.join(" ");
}
