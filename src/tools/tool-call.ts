/**
 * The words behind `npm run lodestone --`, read before anything is touched.
 */

export interface ToolCall {
  readonly tool: "import" | "export";
  readonly file: string;
  readonly folder: string;
  readonly isReplacing: boolean;
  readonly databaseCount: number | undefined;
}

export const toolUsage = `npm run lodestone -- import FILE.rdb --dir DIR [--replace] [--databases N]
npm run lodestone -- export FILE.rdb --dir DIR [--databases N]

  import   Reads what redis-server saved (dump.rdb, Redis 2.8 to 7.4) into a folder. The whole file
           is checked first: if one byte of it is wrong, nothing is changed. Keys that are in the
           folder already are a reason to stop, unless --replace says otherwise.
  export   Writes a file that redis-server loads with --dbfilename: Redis 7.0 and later, or a later
           one if a value needs it. Search indexes, users and configuration are no part of it.

  --dir DIR       the folder of the log; no server may hold it. import makes it if it is not there
  --replace       import: keys that are there already are replaced
  --databases N   as the server's (16)

Both keep all keys in memory, as the server does. Exit codes: 0 done, 1 refused (the file is no
good, the folder is held), 2 bad usage, 71 the disk failed, 72 the log is damaged.
`;

const DATABASES_MAX = 16_384;

/** `help`, or what is wrong in one sentence. */
export function parseToolCall(words: readonly string[]): ToolCall | string {
  if (words.length === 0 || words.includes("--help")) return "help";
  const tool = words[0];
  if (tool !== "import" && tool !== "export") return `there is no tool ${tool}; try --help`;
  const files: string[] = [];
  let folder: string | undefined;
  let isReplacing = false;
  let databaseCount: number | undefined;
  for (let index = 1; index < words.length; index += 1) {
    const word = words[index];
    if (!word.startsWith("--")) files.push(word);
    else if (word === "--replace" && tool === "import") isReplacing = true;
    else if (word === "--dir" || word === "--databases") {
      index += 1;
      if (index === words.length) return `${word} needs a value`;
      if (word === "--dir") folder = words[index];
      else {
        databaseCount = Number(words[index]);
        const isCount = Number.isInteger(databaseCount) && databaseCount >= 1;
        if (!isCount || databaseCount > DATABASES_MAX)
          return "--databases needs a number from 1 on";
      }
    } else return `${tool} does not know ${word}; try --help`;
  }
  if (files.length !== 1) return `${tool} needs one file; try --help`;
  if (folder === undefined) return `${tool} needs --dir; try --help`;
  return { tool, file: files[0], folder, isReplacing, databaseCount };
}
