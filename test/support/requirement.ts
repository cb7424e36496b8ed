/**
 * What some tests need from outside this repository. A test asks `findRequirement` and skips where
 * it answers undefined; the reason and how to get the thing are printed once. With
 * LODESTONE_REQUIRE_ALL=1, as `.ci/run` sets it, a missing thing is a failure instead, unless
 * LODESTONE_WITHOUT names it.
 *
 *   const server = findRequirement("redis-server");
 *   describe.skipIf(server === undefined)("beside redis-server", …)
 */
import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { homedir, tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { FullDisk } from "./full-disk.ts";

interface Requirement {
  readonly howToGet: string;
  /** A version, an address, a path: whatever its user needs to know. */
  readonly find: () => string | undefined;
}

type Environment = Readonly<Record<string, string | undefined>>;

function outputOf(command: string, ...args: string[]): string | undefined {
  const asked = spawnSync(command, args, { encoding: "utf8" });
  return asked.status === 0 ? asked.stdout : undefined;
}

export function redisServerProgram(): string {
  return process.env["LODESTONE_REDIS_SERVER"] ?? "redis-server";
}

/** The one that is named, else the one that `.ci/run` makes, else the system's. */
function findPython(modules: string): string | undefined {
  const cache = process.env["XDG_CACHE_HOME"] ?? join(homedir(), ".cache");
  const made = join(cache, "lodestone-python", "bin", "python");
  const python = process.env["LODESTONE_PYTHON"] ?? (existsSync(made) ? made : "python3");
  return outputOf(python, "-c", `import ${modules}`) === undefined ? undefined : python;
}

/** The folder that is named, else the one beside the repository. */
function findModels(): string | undefined {
  const beside = fileURLToPath(new URL("../../../shared/models", import.meta.url));
  const folder = process.env["LODESTONE_MODELS"] ?? beside;
  return existsSync(join(folder, "all-MiniLM-L6-v2")) ? folder : undefined;
}

/** The folder that is named: a checkout with its histories and the answers it expects of them. */
function findPorcupine(): string | undefined {
  const folder = process.env["LODESTONE_PORCUPINE"];
  if (folder === undefined) return undefined;
  return existsSync(join(folder, "test_data", "jepsen")) ? folder : undefined;
}

/** The compiler's version, if what it makes with each of them runs. */
function findSanitizers(): string | undefined {
  const folder = mkdtempSync(join(tmpdir(), "lodestone-sanitizers-"));
  try {
    const program = join(folder, "program");
    writeFileSync(`${program}.cpp`, "int main() { return 0; }");
    for (const flags of ["-fsanitize=address,undefined", "-fsanitize=thread"]) {
      if (outputOf("g++", flags, `${program}.cpp`, "-o", program) === undefined) return undefined;
      if (outputOf(program) === undefined) return undefined;
    }
    return outputOf("g++", "-dumpversion")?.trim();
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** The emulator's version, if the compiler for it is there too. */
function findArm(): string | undefined {
  if (outputOf("aarch64-linux-gnu-g++", "-dumpversion") === undefined) return undefined;
  return /version (\S+)/.exec(outputOf("qemu-aarch64", "--version") ?? "")?.[1];
}

/** Its version, if it may trace here. */
function findStrace(): string | undefined {
  if (outputOf("strace", "-qq", "-o", "/dev/null", "true") === undefined) return undefined;
  return /version (\S+)/.exec(outputOf("strace", "--version") ?? "")?.[1];
}

/** Who may mount one. */
function findTmpfs(): string | undefined {
  try {
    new FullDisk().remove();
    return "mounted";
  } catch {
    return undefined;
  }
}

const requirements = {
  "redis-server": {
    howToGet:
      "install the Debian package redis-server (7.0 or later), or name one in LODESTONE_REDIS_SERVER",
    find: () => /v=(\S+)/.exec(outputOf(redisServerProgram(), "--version") ?? "")?.[1],
  },
  "redis-cli": {
    howToGet: "install the Debian package redis-tools (7.0 or later)",
    find: () => /redis-cli (\S+)/.exec(outputOf("redis-cli", "--version") ?? "")?.[1],
  },
  "python-clients": {
    howToGet:
      "make a virtual environment with `pip install redis numpy redisvl`, and name its python in " +
      "LODESTONE_PYTHON",
    find: () => findPython("redis, numpy, redisvl"),
  },
  "redis-stack": {
    howToGet:
      "start Redis Stack 7.4.1 on the loopback and name it in LODESTONE_REDIS_STACK=HOST:PORT",
    find: () => process.env["LODESTONE_REDIS_STACK"],
  },
  sanitizers: {
    howToGet: "install g++ with its address, undefined and thread sanitizers (Debian: g++)",
    find: findSanitizers,
  },
  "arm-emulator": {
    howToGet: "install the Debian packages qemu-user and g++-aarch64-linux-gnu",
    find: findArm,
  },
  models: {
    howToGet: "name a folder that holds all-MiniLM-L6-v2 in LODESTONE_MODELS",
    find: findModels,
  },
  porcupine: {
    howToGet:
      "name a checkout of the checker porcupine (github.com/anishathalye/porcupine) in " +
      "LODESTONE_PORCUPINE",
    find: findPorcupine,
  },
  strace: {
    howToGet: "install the Debian package strace, where processes may be traced",
    find: findStrace,
  },
  tmpfs: {
    howToGet: "run as root, or where `sudo -n mount` works, so that a tmpfs can be filled up",
    find: findTmpfs,
  },
} satisfies Record<string, Requirement>;

export type RequirementName = keyof typeof requirements;

/** What becomes of a test whose requirement is not there. Throws where that is a failure. */
export function judgeMissing(name: RequirementName, environment: Environment): string {
  const reason = `${name} is not here: ${requirements[name].howToGet}`;
  const without = (environment["LODESTONE_WITHOUT"] ?? "").split(",");
  if (environment["LODESTONE_REQUIRE_ALL"] === "1" && !without.includes(name)) {
    throw new Error(reason);
  }
  return `skipped: ${reason}`;
}

export function findRequirement(name: RequirementName): string | undefined {
  const found = requirements[name].find();
  if (found === undefined) console.log(judgeMissing(name, process.env));
  return found;
}
