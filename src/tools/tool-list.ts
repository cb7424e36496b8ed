/**
 * Every tool, declared once: what the words of a call are checked against, and what `--help` says.
 */

export interface ToolOption {
  readonly name: string;
  /** What follows it; absent for a flag. */
  readonly value?: string;
  readonly help: string;
  readonly isRequired?: true;
}

export interface Tool {
  readonly name: string;
  /** What stands before the options, in order: a name, or words of which one is meant. */
  readonly operands: readonly string[];
  readonly purpose: string;
  readonly details: readonly string[];
  readonly options: readonly ToolOption[];
}

const dir: ToolOption = {
  name: "--dir",
  value: "DIR",
  help: "the folder of the log",
  isRequired: true,
};
const databases: ToolOption = { name: "--databases", value: "N", help: "as the server's (16)" };
const json: ToolOption = { name: "--json", help: "one JSON object a line, on standard output" };
const progress: ToolOption = {
  name: "--progress",
  help: "say how far long work is, also where standard error is no terminal",
};

const masterKey: readonly ToolOption[] = [
  { name: "--master-key-file", value: "FILE", help: "as the server's, where it is encrypted" },
  { name: "--master-key-command", value: "COMMAND", help: "the same" },
];

export const tools: readonly Tool[] = [
  {
    name: "import",
    operands: ["FILE.rdb"],
    purpose: "reads what redis-server saved (dump.rdb, Redis 2.8 to 7.4) into a folder",
    details: [
      "The whole file is checked first: if one byte of it is wrong, nothing is changed. Keys that",
      "are in the folder already are a reason to stop, unless --replace says otherwise. No server",
      "may hold the folder; it is made if it is not there. All keys are held in memory.",
    ],
    options: [
      dir,
      { name: "--replace", help: "keys that are there already are replaced" },
      databases,
      ...masterKey,
      progress,
    ],
  },
  {
    name: "export",
    operands: ["FILE.rdb"],
    purpose: "writes a file that redis-server loads with --dbfilename",
    details: [
      "Redis 7.0 and later, or a later one if a value needs it. Search indexes, users and",
      "configuration are no part of it. No server may hold the folder. All keys are held in memory.",
    ],
    options: [dir, databases, ...masterKey, progress],
  },
  {
    name: "inspect",
    operands: ["log|snapshot|index", "FILE"],
    purpose: "shows what is in a file of a folder, also in a damaged one; changes nothing",
    details: [
      "log: a segment. Its header; each record with sequence, time, epoch, kind, units, effects and",
      "bytes, and whether it follows the one before it (chain); what is not readable between them;",
      "and where its tail is.",
      "snapshot: its record, keys by database and type, slots, indexes, and whether every block and",
      "the digest are right.",
      "index: the file of an index beside a snapshot: its documents, and of each graph parameters,",
      "documents by level and links, each block checked.",
    ],
    options: [
      { name: "--effects", help: "also each effect, with its key and its values, shortened" },
      {
        name: "--key",
        value: "KEY",
        help: "only records with effects of this key, and only those",
      },
      { name: "--from", value: "SEQUENCE", help: "only records from this one on" },
      { name: "--to", value: "SEQUENCE", help: "only records up to this one" },
      ...masterKey,
      json,
    ],
  },
  {
    name: "check",
    operands: [],
    purpose: "verifies everything in a folder without changing a byte of it",
    details: [
      "Segments follow each other; every record has its checksum, its place in the chain and its",
      "epoch; every effect can be applied. What else is in the folder is named. A folder that a",
      "server holds is checked up to what is durable there.",
    ],
    options: [
      dir,
      databases,
      {
        name: "--memory",
        value: "MB",
        help: "about how much may be held to apply effects (1024); less is more passes",
      },
      ...masterKey,
      json,
      progress,
    ],
  },
  {
    name: "repair",
    operands: [],
    purpose: "goes on without what is damaged and everything behind it, if you say so",
    details: [
      "With --cut-tail: shows which records a cut would lose. Nothing is changed without --yes. With",
      "it, all that is cut is kept in the folder, in files named cut-after-... . Where a snapshot has",
      "what is damaged, or where only a segment's header is, sound records behind it stay. Restoring",
      "the folder from a copy loses less, if there is one. No server may hold the folder.",
    ],
    options: [
      dir,
      { name: "--cut-tail", help: "cut the log at its first damage", isRequired: true },
      { name: "--yes", help: "do it" },
      databases,
      ...masterKey,
      json,
      progress,
    ],
  },
  {
    name: "restore",
    operands: [],
    purpose: "makes a new folder of what a folder held at a moment that its kept log covers",
    details: [
      "The moment is a record's sequence (12345), a time with its zone (2026-11-21T20:15:00Z), or a",
      "Unix time (@1763756100). A time means everything that was acknowledged by then. The source is",
      "not changed, and a server may run on it. The new folder is checked as a whole at the end; a",
      "server starts on it like on any. One that was interrupted does not start: restore again.",
    ],
    options: [
      dir,
      { name: "--restore-to", value: "MOMENT", help: "what to go back to", isRequired: true },
      { name: "--into", value: "NEWDIR", help: "the new folder", isRequired: true },
      databases,
      ...masterKey,
      progress,
    ],
  },
];

/** Of each tool, one row a code. */
const exitCodes = `Exit codes:
   0  done; inspect, check: sound; repair: nothing to do, or done
   1  refused: the message says why, and nothing was changed
      (inspect, check: damaged; repair: damaged, and --yes was not said)
   2  bad usage, or a file or folder that is not there or is none
  70  a mistake of ours: please report it
  71  the disk failed
  72  the log is damaged: check says where (import, export, restore)
`;

export function findTool(name: string): Tool | undefined {
  return tools.find((tool) => tool.name === name);
}

export function helpOfAll(): string {
  const width = Math.max(...tools.map(({ name }) => name.length));
  const rows = tools.map(({ name, purpose }) => `  ${name.padEnd(width)}  ${purpose}`);
  return (
    "npm run lodestone -- TOOL ..., or lodestone TOOL ... of the package: what is done with a " +
    `folder or a file\n\n${rows.join("\n")}\n\nTOOL --help explains one of them.\n\n${exitCodes}`
  );
}

export function helpOf(tool: Tool): string {
  const width = Math.max(...tool.options.map((option) => spelling(option).length));
  const synopsis = [
    ...tool.operands,
    ...tool.options.map((option) =>
      option.isRequired ? spelling(option) : `[${spelling(option)}]`,
    ),
  ];
  const options = tool.options.map(
    (option) => `  ${spelling(option).padEnd(width)}  ${option.help}`,
  );
  return [
    `npm run lodestone -- ${tool.name} ${synopsis.join(" ")}`,
    "",
    `${tool.name}: ${tool.purpose}.`,
    ...tool.details,
    "",
    ...options,
    "",
    exitCodes,
  ].join("\n");
}

function spelling({ name, value }: ToolOption): string {
  return value === undefined ? name : `${name} ${value}`;
}
