/**
 * What the code calls at its named places (`failpoints.ts` lists them). Nothing happens unless a
 * test installed rules at start: then the n-th passage dies, fails or waits.
 */
import { DiskError } from "./disk.ts";
import { type FailpointName, type FailpointRule, failpointNames } from "./failpoints.ts";

let rules: Map<FailpointName, { readonly rule: FailpointRule; passages: number }> | undefined;
/** Settles with SIGUSR2; listened for from the start, so that a release is never too early. */
let release: Promise<void> | undefined;

/** A delay holds the whole event loop: that is the pause which tests are after. */
function pause(delayMs: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, delayMs);
}

export function failpoint(name: FailpointName): void {
  if (rules === undefined) return;
  const state = rules.get(name);
  if (state === undefined) return;
  state.passages += 1;
  if (state.passages !== state.rule.atPassage) return;
  if (state.rule.action === "exit") process.kill(process.pid, "SIGKILL");
  if (state.rule.action === "delay") pause(state.rule.delayMs);
  if (state.rule.action === "error") throw new DiskError(`failpoint ${name}`, "EIO");
}

/** Whether a rule names it, for what is put together at the start. */
export function isInstalled(name: FailpointName): boolean {
  return rules?.has(name) === true;
}

/** Whether a planted bug is switched on, from its n-th passage. */
export function isPlanted(name: FailpointName): boolean {
  if (rules === undefined) return false;
  const state = rules.get(name);
  if (state === undefined) return false;
  state.passages += 1;
  return state.rule.action === "on" && state.passages >= state.rule.atPassage;
}

/**
 * For a caller that can wait: undefined, or at the n-th passage what ends with SIGUSR2. Unlike a
 * delay it leaves the event loop free, so a test can look at what everybody else sees meanwhile.
 */
export function heldAt(name: FailpointName): Promise<void> | undefined {
  if (rules === undefined) return undefined;
  const state = rules.get(name);
  if (state === undefined || state.rule.action !== "hold") return undefined;
  state.passages += 1;
  return state.passages === state.rule.atPassage ? release : undefined;
}

/** For what a test compares with, in the same process: it has no failpoints. */
export function withoutFailpoints(run: () => void): void {
  const installed = rules;
  rules = undefined;
  try {
    run();
  } finally {
    rules = installed;
  }
}

/** As an object, for the engine's parts. */
export const failpoints = { pass: failpoint, isOn: isPlanted };

export function installFailpoints(installed: readonly FailpointRule[]): void {
  rules = new Map(installed.map((rule) => [rule.name, { rule, passages: 0 }]));
  if (installed.length === 0) rules = undefined;
  if (!installed.some(({ action }) => action === "hold")) return;
  release = new Promise((resolve) => process.once("SIGUSR2", () => resolve()));
}

/**
 * `name=action[:MS][@passage]`, separated by commas:
 * `appender.sent=exit@12,gate.before-reply=delay:50`. Throws an Error that says what is wrong.
 */
export function parseFailpoints(text: string): FailpointRule[] {
  return text
    .split(",")
    .map((part) => part.trim())
    .filter((part) => part !== "")
    .map(parseRule);
}

function parseRule(part: string): FailpointRule {
  const equals = part.indexOf("=");
  const at = part.indexOf("@");
  const name = failpointNames.find((known) => known === part.slice(0, equals));
  if (name === undefined) throw new Error(`unknown failpoint in "${part}"`);
  const [action, delayText] = part.slice(equals + 1, at < 0 ? undefined : at).split(":");
  const atPassage = at < 0 ? 1 : Number(part.slice(at + 1));
  const delayMs = delayText === undefined ? 0 : Number(delayText);
  if (!isAction(action)) {
    throw new Error(`unknown action in "${part}": exit, error, delay:MS, hold or on`);
  }
  if (!Number.isInteger(atPassage) || atPassage < 1 || !(delayMs >= 0)) {
    throw new Error(`not a number in "${part}"`);
  }
  return { name, action, delayMs, atPassage };
}

function isAction(text: string): text is FailpointRule["action"] {
  return ["exit", "error", "delay", "hold", "on"].includes(text);
}
