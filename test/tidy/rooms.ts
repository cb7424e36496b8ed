/**
 * The rooms under `src/`, as data: what each is, and what it may import. `import-rules.ts` holds
 * the code against it; `roomTable` prints it into `src/README.md`. A room's own files are always
 * allowed. An entry with a `/` allows only the files of that room which begin so.
 */

export interface Room {
  readonly name: string;
  readonly purpose: string;
  readonly mayImport: readonly string[];
  /** Packages from outside, by name. */
  readonly packages?: readonly string[];
  /** What the table says beside the list. */
  readonly never?: string;
}

const domain = [
  "base",
  "runtime",
  "resp",
  "data",
  "vector",
  "auth",
  "keyspace",
  "rdb",
  "log",
  "search",
];

export const rooms: readonly Room[] = [
  {
    name: "base",
    purpose: "pure helpers, limits, the error table",
    mayImport: [],
    never: "clocks, async",
  },
  {
    name: "runtime",
    purpose:
      "the only door to the world: clock, timers, randomness, disk, network, logger, " +
      "failpoints; each with a fake twin for tests",
    mayImport: ["base"],
    packages: ["pino"],
  },
  { name: "resp", purpose: "bytes ↔ frames, RESP2 and RESP3", mayImport: ["base"] },
  { name: "data", purpose: "value structures that know no Redis", mayImport: ["base"] },
  {
    name: "vector",
    purpose: "nearest-neighbor search that knows no Redis, on threads of its own",
    mayImport: ["base", "runtime"],
  },
  { name: "auth", purpose: "users, passwords, command categories", mayImport: ["base"] },
  {
    name: "keyspace",
    purpose: "entries, expiry, memory accounting, effect, apply, change",
    mayImport: ["base", "data"],
    never: "log, search, resp, runtime",
  },
  {
    name: "rdb",
    purpose: "Redis's own file format, both ways: for moving in and out",
    mayImport: ["base", "data", "keyspace"],
    never: "commands, log, engine",
  },
  {
    name: "log",
    purpose: "durable ordered records: format, chain, appender, reader; drivers `memory`, `file`",
    mayImport: ["base", "runtime", "keyspace/effect"],
    never: "commands, engine",
  },
  {
    name: "keys",
    purpose: "encryption at rest: master key, key ring, the keys of a folder and their rotation",
    mayImport: ["base", "runtime", "resp/inline", "log/log-driver"],
    never: "node, commands",
  },
  {
    name: "search",
    purpose: "indexes derived from changes: schema, indexer, attributes, query",
    mayImport: ["base", "data", "vector", "keyspace/change", "keyspace/stored", "keyspace/view"],
    never: "log, commands, engine",
  },
  {
    name: "commands",
    purpose: "one command, one file: declaration and synchronous `run`",
    mayImport: ["base", "data", "auth", "keyspace", "rdb", "search", "resp/frame"],
    never: "log, runtime, async",
  },
  {
    name: "engine",
    purpose: "executor, session, reply gate, hazards, MULTI, expiry cycle, slow log, INFO",
    mayImport: [...domain, "commands"],
    never: "server, node",
  },
  {
    name: "snapshot",
    purpose: "the state at a sequence ↔ files: block file, writer, reader, verification",
    mayImport: [
      "base",
      "runtime",
      "data",
      "keyspace",
      "search",
      "vector",
      "log/record",
      "log/segment",
    ],
    never: "commands, engine",
  },
  {
    name: "node",
    purpose: "what a process does: recover, start, stop, die",
    mayImport: [...domain, "keys", "commands", "engine", "snapshot"],
    never: "server",
  },
  {
    name: "server",
    purpose: "sockets, configuration, limits of connections",
    mayImport: ["base", "runtime", "resp", "auth", "commands", "engine", "node"],
    never: "log",
  },
  {
    name: "tools",
    purpose:
      "what is done with a folder or a file of one: import, export, inspect, check, repair, restore",
    mayImport: ["base", "runtime", "keyspace", "rdb", "log", "keys", "snapshot", "node"],
    never: "commands, engine, server",
  },
  {
    name: "main.ts",
    purpose: "flags → configuration → wiring; nothing else",
    mayImport: ["base", "runtime", "node", "server"],
  },
];

export const roomTableStart = "<!-- rooms: printed by test/tidy, do not edit -->";
export const roomTableEnd = "<!-- rooms end -->";

/** The table as it stands in `src/README.md`, between its markers. */
export function roomTable(): string {
  const rows = rooms.map((room) => {
    const packages = (room.packages ?? []).map((name) => `\`${name}\``);
    const allowed = [
      ...room.mayImport.map((entry) => entry.replace(/\/(\w+)$/, "/$1*")),
      ...packages,
    ];
    const never = room.never === undefined ? "" : room.never;
    return `| \`${room.name}\` | ${room.purpose} | ${allowed.join(", ") || "–"} | ${never} |`;
  });
  return ["| room | what it is | may import | never |", "| --- | --- | --- | --- |", ...rows].join(
    "\n",
  );
}
