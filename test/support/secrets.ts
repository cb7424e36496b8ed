/**
 * The door to secrets, for tests: files and commands are what the test says, and randomness is as
 * good as the world's or, with a seed, the same each time.
 */
import { randomBytes } from "node:crypto";
import { seededRandom } from "../../src/runtime/fake-world.ts";
import { type SecretDoor, SecretFailure } from "../../src/runtime/secrets.ts";

export class FakeSecrets implements SecretDoor {
  readonly files = new Map<string, Buffer>();
  /** Paths that others may read. */
  readonly open = new Set<string>();
  /** Called with the words and the input of each command. */
  command: (words: readonly string[], input: Buffer) => Buffer = () => {
    throw new SecretFailure("no command");
  };
  commandCount = 0;
  readonly randomBytes: (count: number) => Buffer;

  constructor(seed?: number) {
    if (seed === undefined) this.randomBytes = randomBytes;
    else {
      const random = seededRandom(seed);
      this.randomBytes = (count) => Buffer.from(random.hex(count), "hex");
    }
  }

  async readFile(path: string) {
    const bytes = this.files.get(path);
    if (bytes === undefined) throw new SecretFailure(`ENOENT: no such file, open '${path}'`);
    return { bytes: Buffer.from(bytes), isReadableByOthers: this.open.has(path) };
  }

  async runCommand(words: readonly string[], input: Uint8Array): Promise<Buffer> {
    this.commandCount += 1;
    return this.command(words, Buffer.from(input));
  }
}

/** A master key's file of 32 bytes, different for each number; the first opens a golden ring. */
export function masterKeyOf(number: number): Buffer {
  return Buffer.alloc(32, `master ${number} `);
}

/** A command that wraps by adding up with a mask, as a key service might if it were no good. */
export function maskingCommand(mask: number) {
  return (words: readonly string[], input: Buffer): Buffer => {
    const mode = words.at(-1);
    if (mode !== "wrap" && mode !== "unwrap") throw new SecretFailure(`exit code 1: ${mode}?`);
    return Buffer.from(input.map((byte) => byte ^ mask));
  };
}
