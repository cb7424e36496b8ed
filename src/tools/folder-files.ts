/**
 * What each name in a folder is, for whoever looks at the folder as a whole.
 */
import { KEY_RING_NAME } from "../keys/key-ring-format.ts";
import { PREPARED_NAME, segmentSequence, UNFINISHED_NAME } from "../log/segment-format.ts";
import { parseSnapshotName } from "../snapshot/snapshot-names.ts";

export type FileKind =
  | "segment"
  | "snapshot"
  | "known"
  | "kept"
  | "leftover"
  | "unfinished"
  | "unknown";

export interface FolderFile {
  readonly name: string;
  readonly kind: FileKind;
  /** A sentence for people; empty where there is nothing to say. */
  readonly note: string;
}

const KNOWN_NAMES: readonly string[] = [
  "folder.lock",
  "folder.holder",
  PREPARED_NAME,
  KEY_RING_NAME,
];

export function folderFile(name: string): FolderFile {
  if (segmentSequence(name) !== undefined) return { name, kind: "segment", note: "" };
  if (KNOWN_NAMES.includes(name)) return { name, kind: "known", note: "" };
  if (name === UNFINISHED_NAME) return { name, kind: "unfinished", note: "" };
  if (/^cut-after-\d+-\d+/.test(name)) {
    return { name, kind: "kept", note: `${name} holds what was cut off the log; it is not read` };
  }
  const snapshot = parseSnapshotName(name);
  if (snapshot !== undefined && !snapshot.isTemporary) return { name, kind: "snapshot", note: "" };
  if (snapshot !== undefined) {
    const note = `${name} is of a snapshot that is being made, or never was finished`;
    return { name, kind: "leftover", note };
  }
  if (name.endsWith(".new")) {
    const note = `${name} is left of a file that was never finished; it is not read`;
    return { name, kind: "leftover", note };
  }
  return { name, kind: "unknown", note: `${name} is none of ours; it is not read` };
}
