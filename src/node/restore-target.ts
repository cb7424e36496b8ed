/**
 * A moment to restore to, as a person writes it: a record's sequence, or a time.
 *
 *   12345                       the log up to and with that record
 *   2026-11-21T20:15:00Z        everything that was acknowledged by then; an offset like +01:00 too
 *   @1763756100, @1763756100.5  the same, in Unix seconds; from 12 digits on in milliseconds
 *
 * A number alone is never a time: sequences reach any number that a time in seconds has.
 */

export type RestoreTarget =
  | { readonly kind: "sequence"; readonly sequence: number }
  | { readonly kind: "time"; readonly timeMs: number };

const ISO_TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d{1,9})?)?(Z|[+-]\d\d:\d\d)$/;
/** Seconds have so many digits from the year 5138 on, milliseconds had them in 1973. */
const MS_DIGITS_MIN = 12;

/** The target, or what is wrong with the text. */
export function parseRestoreTarget(text: string): RestoreTarget | string {
  if (/^\d+$/.test(text)) {
    const sequence = Number(text);
    if (sequence >= 1 && Number.isSafeInteger(sequence)) return { kind: "sequence", sequence };
    return "the first record is 1";
  }
  const unix = /^@(\d+)(\.\d{1,9})?$/.exec(text);
  if (unix !== null) {
    const isMs = unix[1].length >= MS_DIGITS_MIN;
    const timeMs = Math.floor(Number(text.slice(1)) * (isMs ? 1 : 1000));
    return Number.isSafeInteger(timeMs) ? { kind: "time", timeMs } : "that time is too far away";
  }
  const timeMs = ISO_TIME.test(text) ? Date.parse(text) : Number.NaN;
  if (!Number.isNaN(timeMs)) return { kind: "time", timeMs };
  return (
    "a moment is a record's sequence (12345), a time with its zone (2026-11-21T20:15:00Z), or a " +
    "Unix time (@1763756100, or @1763756100000 in milliseconds)"
  );
}

export function timeText(timeMs: number): string {
  const date = new Date(timeMs);
  return Number.isNaN(date.getTime()) ? `${timeMs} ms` : date.toISOString();
}
