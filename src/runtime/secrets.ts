/**
 * The door to what is secret: the file of a master key, the command that asks for one elsewhere,
 * and randomness to make keys of. Secrets stay in buffers: a string could not be wiped, and core
 * files and heap snapshots show strings first.
 */
import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { open } from "node:fs/promises";
import { limits } from "../base/limits.ts";

export interface SecretFile {
  /** The caller's, to be wiped. */
  readonly bytes: Buffer;
  readonly isReadableByOthers: boolean;
}

export interface SecretDoor {
  /** Fails with a SecretFailure, also for a file above `limits.masterKeyFileBytesMax`. */
  readFile(path: string): Promise<SecretFile>;
  /**
   * Runs a program without a shell, `input` on its standard input; what it prints. Fails with a
   * SecretFailure that has the first line of its complaint, if it ends with another code than 0,
   * takes too long (`limits.masterKeyCommandMs`) or prints more than
   * `limits.masterKeyOutputBytesMax`.
   */
  runCommand(words: readonly string[], input: Uint8Array, timeMs?: number): Promise<Buffer>;
  /** From a cryptographic source. */
  randomBytes(count: number): Buffer;
}

/** The world's: no such file, a command that failed. */
export class SecretFailure extends Error {
  override readonly name = "SecretFailure";
}

const READABLE_BY_OTHERS = 0o077;
const COMPLAINT_BYTES_MAX = 4096;
const COMPLAINT_LINE_MAX = 200;

export const systemSecrets: SecretDoor = {
  readFile: readSecretFile,
  runCommand,
  randomBytes: (count) => randomBytes(count),
};

async function readSecretFile(path: string): Promise<SecretFile> {
  try {
    const file = await open(path, "r");
    try {
      const bytes = Buffer.alloc(limits.masterKeyFileBytesMax + 1);
      const { bytesRead } = await file.read(bytes, 0, bytes.length, 0);
      if (bytesRead > limits.masterKeyFileBytesMax) {
        bytes.fill(0);
        throw new SecretFailure(`${path} is too long to be a key`);
      }
      const { mode } = await file.stat();
      const isReadableByOthers = (mode & READABLE_BY_OTHERS) !== 0;
      return { bytes: bytes.subarray(0, bytesRead), isReadableByOthers };
    } finally {
      await file.close();
    }
  } catch (failure) {
    if (failure instanceof SecretFailure) throw failure;
    throw new SecretFailure(failure instanceof Error ? failure.message : String(failure));
  }
}

function runCommand(
  words: readonly string[],
  input: Uint8Array,
  timeMs: number = limits.masterKeyCommandMs,
): Promise<Buffer> {
  const [program, ...rest] = words;
  return new Promise((resolve, reject) => {
    const child = spawn(program, rest, { stdio: ["pipe", "pipe", "pipe"], shell: false });
    const printed: Buffer[] = [];
    let printedBytes = 0;
    let complaint = "";
    let problem: string | undefined;
    const stop = (reason: string): void => {
      problem ??= reason;
      child.kill("SIGKILL");
      // Whoever it started may hold its pipes open.
      child.stdout.destroy();
      child.stderr.destroy();
    };
    const timer = setTimeout(() => stop(`it took longer than ${timeMs / 1000} seconds`), timeMs);
    child.stdout.on("data", (bytes: Buffer) => {
      printed.push(bytes);
      printedBytes += bytes.length;
      if (printedBytes > limits.masterKeyOutputBytesMax) {
        stop(`it printed more than ${limits.masterKeyOutputBytesMax} bytes`);
      }
    });
    child.stderr.on("data", (bytes: Buffer) => {
      if (complaint.length < COMPLAINT_BYTES_MAX) complaint += bytes.toString("utf8");
    });
    // A program that does not read what it is given ends with an answer of its own.
    child.stdin.on("error", () => undefined);
    child.on("error", (failure) => stop(failure.message));
    child.on("close", (code, signal) => {
      clearTimeout(timer);
      if (problem === undefined && code === 0) {
        resolve(Buffer.concat(printed));
        return;
      }
      const how = problem ?? (signal === null ? `exit code ${code}` : `ended by ${signal}`);
      const line = firstLine(complaint);
      reject(new SecretFailure(line === "" ? how : `${how}: ${line}`));
    });
    child.stdin.end(input);
  });
}

function firstLine(text: string): string {
  const line = text.trim().split("\n")[0];
  return line.replaceAll(/[^\x20-\x7e]/g, "?").slice(0, COMPLAINT_LINE_MAX);
}
