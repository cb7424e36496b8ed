/**
 * Users and their passwords.
 *
 * A password is kept only as its SHA-256, and compared in constant time, also for a user who does
 * not exist, so that the time of an answer tells nothing. `default` always exists; without a
 * password (`requirepass` unset) every connection is authenticated as it from the start.
 */
import { type Bytes, toBuffer } from "../base/bytes.ts";

/** The door to the world's cryptography; `runtime/hashing.ts` is the real one. */
export interface PasswordHashing {
  sha256(bytes: Buffer): Buffer;
  equalInConstantTime(left: Buffer, right: Buffer): boolean;
}

export interface User {
  readonly name: string;
  isEnabled: boolean;
  /** Any password is right. */
  isPasswordless: boolean;
  /** SHA-256 digests. */
  passwordHashes: Buffer[];
}

const HASH_BYTES = 32;
const NOBODYS_HASH = Buffer.alloc(HASH_BYTES);

export class UserTable {
  readonly default: User;
  readonly #hashing: PasswordHashing;
  readonly #users: Map<string, User>;

  constructor(hashing: PasswordHashing) {
    this.#hashing = hashing;
    this.default = {
      name: "default",
      isEnabled: true,
      isPasswordless: true,
      passwordHashes: [],
    };
    this.#users = new Map([["default", this.default]]);
  }

  find(name: string): User | undefined {
    return this.#users.get(name);
  }

  /** `requirepass`: empty takes the password away. */
  setDefaultPassword(password: string): void {
    this.default.isPasswordless = password === "";
    this.default.passwordHashes =
      password === "" ? [] : [this.#hashing.sha256(Buffer.from(password, "latin1"))];
  }

  isPasswordRequired(): boolean {
    return !(this.default.isEnabled && this.default.isPasswordless);
  }

  authenticate(name: string, password: Bytes): boolean {
    const user = this.#users.get(name);
    const given = this.#hashing.sha256(toBuffer(password));
    let isRight = false;
    const hashes = user === undefined ? [NOBODYS_HASH] : user.passwordHashes;
    for (const hash of hashes) {
      if (this.#hashing.equalInConstantTime(hash, given)) isRight = true;
    }
    if (user === undefined || !user.isEnabled) return false;
    return isRight || user.isPasswordless;
  }
}
