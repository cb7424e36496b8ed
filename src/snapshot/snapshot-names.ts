/**
 * The names of a snapshot's files in the data folder. The keyspace's file is the snapshot: it gets
 * its name last, so where it stands the others have theirs or were left out. A name with `.new`
 * behind it is a file that is being made; whoever starts in the folder removes what is left of one.
 */
const NAME_DIGITS = 20;
const TEMPORARY_ENDING = ".new";
const NAME = /^snapshot-(\d{20})\.(?:snap|graph-(\d{1,9}))$/;

export function snapshotName(sequence: number): string {
  return `${stem(sequence)}.snap`;
}

/** Of one index, by its number among those that have such a file. */
export function graphName(sequence: number, indexNumber: number): string {
  return `${stem(sequence)}.graph-${indexNumber}`;
}

export function temporaryName(name: string): string {
  return name + TEMPORARY_ENDING;
}

export interface SnapshotFileName {
  readonly name: string;
  readonly sequence: number;
  /** Undefined of the keyspace's own file. */
  readonly graphNumber: number | undefined;
  readonly isTemporary: boolean;
}

/** Undefined for what is no file of a snapshot. */
export function parseSnapshotName(name: string): SnapshotFileName | undefined {
  const isTemporary = name.endsWith(TEMPORARY_ENDING);
  const match = NAME.exec(isTemporary ? name.slice(0, -TEMPORARY_ENDING.length) : name);
  if (match === null) return undefined;
  const sequence = Number(match[1]);
  if (!Number.isSafeInteger(sequence)) return undefined;
  const graphNumber = match[2] === undefined ? undefined : Number(match[2]);
  return { name, sequence, graphNumber, isTemporary };
}

function stem(sequence: number): string {
  return `snapshot-${String(sequence).padStart(NAME_DIGITS, "0")}`;
}
