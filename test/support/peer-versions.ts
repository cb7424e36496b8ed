/**
 * Calls that redis-server 7.0 answers otherwise than 7.2, whose replies are ours.
 */

/** Whether a peer of 7.0 cannot be compared with, for this call. */
export function changedSince70(call: readonly string[]): boolean {
  return rules.some(({ applies }) => applies(call));
}

/** XREADGROUP makes its consumer since 7.2 even where nothing is new, so these make it before. */
export function consumersBefore(call: readonly string[]): string[][] {
  const groupAt = call.findIndex((word) => word.toLowerCase() === "group");
  const streamsAt = call.findIndex((word) => word.toLowerCase() === "streams");
  if (!isNamed(call, "xreadgroup") || groupAt < 0 || streamsAt < groupAt + 3) return [];
  const keys = call.slice(streamsAt + 1, streamsAt + 1 + (call.length - streamsAt - 1) / 2);
  const [group, consumer] = call.slice(groupAt + 1, groupAt + 3);
  return keys.map((key) => ["xgroup", "createconsumer", key, group, consumer]);
}

interface VersionRule {
  readonly reason: string;
  readonly applies: (call: readonly string[]) => boolean;
}

const rules: readonly VersionRule[] = [
  {
    reason: "WITHSCORE came with 7.2",
    applies: (call) => isNamed(call, "zrank", "zrevrank") && call.length > 3,
  },
  {
    reason: "7.2 says which of XREAD and XREADGROUP has a list of streams that is unbalanced",
    applies: (call) => {
      const streamsAt = call.findIndex((word) => word.toLowerCase() === "streams");
      if (streamsAt < 0 || !isNamed(call, "xread", "xreadgroup")) return false;
      return (call.length - streamsAt) % 2 === 0;
    },
  },
  {
    reason: "7.2 refuses timeouts that no clock reaches",
    applies: (call) => isNamed(call, "xread", "xreadgroup") && call.includes("9223372036854775807"),
  },
  {
    reason: "7.2 ends a sparse HyperLogLog at its last register, whatever stands behind it",
    applies: (call) =>
      isNamed(call, "append", "setrange", "setbit", "bitfield", "bitop") &&
      call.some((word) => word.startsWith("hll:")),
  },
  {
    reason: "7.2 looks at the greatest deleted id before the last entry's",
    applies: (call) => isNamed(call, "xsetid"),
  },
  {
    reason: "7.2 makes the consumer, and writes down that it was seen, whatever it claims",
    applies: (call) => isNamed(call, "xclaim", "xautoclaim"),
  },
  {
    reason: "a time-out without end is negative to 7.0, out of range since",
    applies: (call) => isWaiting(call) && call.some((arg) => /^[+-]?inf$|\d{16}/.test(arg)),
  },
];

const WAITING = [
  ...["blpop", "brpop", "blmove", "brpoplpush", "blmpop"],
  ...["bzpopmin", "bzpopmax", "bzmpop"],
];

function isWaiting(call: readonly string[]): boolean {
  return isNamed(call, ...WAITING);
}

function isNamed(call: readonly string[], ...names: readonly string[]): boolean {
  return names.includes(call[0].toLowerCase());
}
