/**
 * The master key: it wraps the one key that opens the key ring, and nothing else, so it is needed
 * at a start and when it is changed. It comes from a file, or stays where it is (a key service, a
 * hardware module): then a command wraps and unwraps, and this process never sees it.
 */
import { toUtf8 } from "../base/bytes.ts";
import { splitInline } from "../resp/inline.ts";
import { AesGcmCipher, SealBroken } from "../runtime/cipher.ts";
import { hmacSha256 } from "../runtime/hashing.ts";
import { type SecretDoor, SecretFailure } from "../runtime/secrets.ts";
import { parseKeyFile } from "./key-text.ts";

/** Nothing was changed; the message says which key, and what to do. */
export class KeyRefused extends Error {
  override readonly name = "KeyRefused";
}

/** Where the master key is; one of both is empty, or both where nothing is encrypted. */
export interface MasterKeySetting {
  readonly file: string;
  readonly command: string;
}

export interface MasterKey {
  readonly kind: "file" | "command";
  /** For people. */
  readonly name: string;
  /** Tells keys apart and nothing else; empty where the key is not known here. */
  readonly fingerprint: string;
  /** Fails with KeyRefused. */
  wrap(secret: Buffer): Promise<Buffer>;
  /** Undefined for what this key did not wrap; fails with KeyRefused where that is not known. */
  unwrap(wrapped: Buffer): Promise<Buffer | undefined>;
}

/** Undefined where no key is set. `warn` is told what is not as safe as it could be. */
export async function loadMasterKey(
  { file, command }: MasterKeySetting,
  door: SecretDoor,
  warn: (text: string) => void,
): Promise<MasterKey | undefined> {
  if (file !== "" && command !== "") {
    throw new KeyRefused("set master-key-file or master-key-command, not both");
  }
  if (file !== "") return await keyOfFile(file, door, warn);
  return command === "" ? undefined : keyOfCommand(command, door);
}

const WRAP_CONTEXT = Buffer.from("lodestone ring key 1");
const FINGERPRINT_LABEL = Buffer.from("lodestone master key fingerprint 1");
const FINGERPRINT_BYTES = 8;

async function keyOfFile(
  path: string,
  door: SecretDoor,
  warn: (text: string) => void,
): Promise<MasterKey> {
  const { bytes, isReadableByOthers } = await reading(path, door);
  const secret = parseKeyFile(bytes);
  bytes.fill(0);
  if (secret === undefined) {
    throw new KeyRefused(
      `the master key's file ${path} holds no key: 32 bytes, 64 hexadecimal digits, or base64 of ` +
        `32 bytes (head -c 32 /dev/urandom > ${path} makes one)`,
    );
  }
  if (isReadableByOthers) warn(`others may read the master key's file ${path}: chmod 600 it`);
  const cipher = new AesGcmCipher([{ id: 1, secret }], 1, door.randomBytes);
  return {
    kind: "file",
    name: path,
    fingerprint: hmacSha256(secret, FINGERPRINT_LABEL).toString("hex", 0, FINGERPRINT_BYTES),
    wrap: async (plain) => cipher.seal(plain, WRAP_CONTEXT),
    async unwrap(wrapped) {
      try {
        return cipher.open(1, wrapped, WRAP_CONTEXT);
      } catch (failure) {
        if (failure instanceof SealBroken) return undefined;
        throw failure;
      }
    },
  };
}

async function reading(path: string, door: SecretDoor): ReturnType<SecretDoor["readFile"]> {
  try {
    return await door.readFile(path);
  } catch (failure) {
    if (!(failure instanceof SecretFailure)) throw failure;
    throw new KeyRefused(`the master key's file cannot be read: ${failure.message}`);
  }
}

/** The first word alone stands in messages: what is behind it may be somebody's credential. */
function keyOfCommand(command: string, door: SecretDoor): MasterKey {
  const words = splitInline(Buffer.from(command, "utf8").toString("latin1"))?.map(toUtf8);
  if (words === undefined || words.length === 0 || words[0] === "") {
    throw new KeyRefused("master-key-command is no command: its quotes are unbalanced, or empty");
  }
  const [name] = words;
  const run = async (mode: "wrap" | "unwrap", input: Buffer): Promise<Buffer> => {
    const output = await running(name, mode, () => door.runCommand([...words, mode], input));
    if (output.length > 0) return output;
    throw new KeyRefused(`the master key's command "${name}" printed nothing for ${mode}`);
  };
  return {
    kind: "command",
    name,
    fingerprint: "",
    wrap: (plain) => run("wrap", plain),
    unwrap: (wrapped) => run("unwrap", wrapped),
  };
}

async function running<Result>(
  name: string,
  mode: string,
  work: () => Promise<Result>,
): Promise<Result> {
  try {
    return await work();
  } catch (failure) {
    if (!(failure instanceof SecretFailure)) throw failure;
    throw new KeyRefused(
      `the master key's command "${name}" failed to ${mode}: ${failure.message}`,
    );
  }
}
