/**
 * The words behind `npm run reliability --`.
 */

export interface RunOptions {
  /** Names of harnesses; undefined for all. */
  readonly only: readonly string[] | undefined;
  readonly seed: number | undefined;
  readonly isRelease: boolean;
}

export function usage(names: readonly string[]): string {
  return `npm run reliability -- [--only H6,"H5 etcd"] [--seed N] [--release]

Runs the harnesses and prints one line of JSON for each, then a table. Exit codes: 0 all green,
1 one is red, 2 bad usage. A red one is repeated by its seed; nothing is ever tried twice.

  --only NAMES   of these alone, with commas between them: ${names.join(", ")}.
                 "H5" means "H5 etcd" too
  --seed N       for all random choices, instead of one drawn by each harness
  --release      the large numbers, hours of them; single ones by environment variables, which are
                 listed in test/README.md`;
}

/** `help`, or what is wrong in one sentence. */
export function parseOptions(
  words: readonly string[],
  names: readonly string[],
): RunOptions | string {
  let only: string[] | undefined;
  let seed: number | undefined;
  let isRelease = false;
  for (let index = 0; index < words.length; index += 1) {
    const word = words[index];
    if (word === "--help") return "help";
    if (word === "--release") isRelease = true;
    else if (word === "--only" || word === "--seed") {
      index += 1;
      const value = words[index];
      if (value === undefined) return `${word} needs a value; try --help`;
      if (word === "--seed") {
        seed = Number(value);
        if (!Number.isSafeInteger(seed) || seed < 0) return "--seed needs a whole number";
      } else {
        const found = selected(value.split(","), names);
        if (typeof found === "string") return found;
        only = found;
      }
    } else return `there is no option ${word}; try --help`;
  }
  return { only, seed, isRelease };
}

function selected(wanted: readonly string[], names: readonly string[]): string[] | string {
  const only: string[] = [];
  for (const text of wanted.map((name) => name.trim())) {
    const found = names.filter((name) => name === text || name.startsWith(`${text} `));
    if (found.length === 0) return `there is no harness ${text}: ${names.join(", ")}`;
    only.push(...found);
  }
  return only;
}
