/**
 * Judges a simulation by what clients were told, each time a process has read the log back and
 * claims it: what the dead one before it had told must be what the reference tells, and what came
 * back must be what the reference has, for exactly the units that the log kept.
 *
 * What a process executed behind the end of the log is lost. Whoever was told of it was told too
 * early, unless doing it again over what was kept gives the same answer (a read of something else).
 */
import { toBinaryString } from "../../src/base/bytes.ts";
import { keyspaceDigest } from "../../src/commands/server/digest.ts";
import { Keyspace } from "../../src/keyspace/keyspace.ts";
import { withoutFailpoints } from "../../src/runtime/failpoint.ts";
import type { Catalog } from "../../src/search/indexer.ts";
import { entriesOf } from "../support/keyspace-entries.ts";
import { parseReply, type ReplyTree } from "../support/reply-tree.ts";
import { decodeUnit, type ObservedEvent, type ObservedUnit } from "./observer.ts";
import { type ExpectedReply, followingCatalog, Reference } from "./reference.ts";
import { DATABASES, type SimulatedProcess } from "./simulated-process.ts";

const SLICE_MAX_MS = 3;
const SHOWN_MAX = 400;

export class Oracle {
  readonly problems: string[] = [];
  comparedReplies = 0;
  lostUnits = 0;
  #keyspace: Keyspace;
  #catalog: Catalog;
  /** Processes that died and were not judged yet; at most the first of them had claimed. */
  #pending: SimulatedProcess[] = [];

  constructor() {
    this.#keyspace = new Keyspace(DATABASES);
    this.#catalog = followingCatalog(this.#keyspace);
  }

  died(process: SimulatedProcess): void {
    this.#pending.push(process);
  }

  /** `process` has read everything up to record `tail`, and appends its claim behind it. */
  claimed(process: SimulatedProcess, tail: number): void {
    if (this.problems.length === 0) withoutFailpoints(() => this.#judgeAll(process, tail));
  }

  #judgeAll(process: SimulatedProcess, tail: number): void {
    const dead = this.#pending;
    this.#pending = [];
    for (const [index, one] of dead.entries()) {
      // A later one changed nothing, and answered from what it had read back.
      if (index > 0) this.#rebuild(one);
      this.#judge(one, tail, index, process);
    }
    if (dead.length === 0) this.#compareState(process);
    this.#rebuild(process);
  }

  #judge(dead: SimulatedProcess, tail: number, index: number, next: SimulatedProcess): void {
    const reference = new Reference(this.#keyspace, this.#catalog);
    const { events } = dead.observer;
    const isKept = (unit: ObservedUnit): boolean => unit.sequence <= tail;
    let at = 0;
    for (; at < events.length && events[at].units.every(isKept); at += 1) {
      this.#replay(dead, reference, events[at]);
    }
    const half = at < events.length ? this.#applyKept(events[at], isKept) : undefined;
    if (index === 0) this.#compareState(next);
    for (const event of events.slice(at)) {
      this.lostUnits += event.units.length;
      if (event.units.length === 0 && wasTold(dead, reference, event)) {
        this.#replayLost(reference, event);
      }
    }
    this.#compareReplies(dead, reference, half, at);
  }

  /** The units of an event that were kept where not all of them were; whose command it was. */
  #applyKept(event: ObservedEvent, isKept: (unit: ObservedUnit) => boolean): number | undefined {
    const kept = event.units.filter(isKept);
    for (const { bytes } of kept) applyUnit(this.#keyspace, bytes);
    return kept.length > 0 && event.what.kind === "execute" ? event.what.sessionId : undefined;
  }

  /** Whatever comes behind a difference follows from it. */
  #replay(dead: SimulatedProcess, reference: Reference, event: ObservedEvent): void {
    if (this.problems.length > 0) return;
    let problem: string | undefined;
    try {
      problem = reference.replay(event);
    } catch (failure) {
      problem = `doing it again fails: ${failure instanceof Error ? failure.stack : failure}`;
    }
    problem ??= heldTooLong(event);
    if (problem !== undefined) this.#note(dead, event, problem);
  }

  /** What differs shows in what was told. */
  #replayLost(reference: Reference, event: ObservedEvent): void {
    try {
      reference.replay(event);
    } catch {
      // It rests on what was lost.
    }
  }

  /** Events from number `lostFrom` on are behind the end of the log. */
  #compareReplies(
    dead: SimulatedProcess,
    reference: Reference,
    half: number | undefined,
    lostFrom: number,
  ): void {
    const lost = dead.observer.events.filter(({ number }) => number >= lostFrom);
    for (const [index, { told }] of dead.sockets.entries()) {
      const sessionId = index + 1;
      const isUnblocked = lost.some((event) => isUnblocking(event, sessionId));
      const expected = reference.expected.get(sessionId) ?? [];
      for (const [place, frame] of told.entries()) {
        this.comparedReplies += 1;
        const wanted = expected[place];
        // Who was let go by another client was told nothing of any key.
        const isLost = wanted === undefined || wanted.event.number >= lostFrom;
        if (isLost && frame.startsWith("-UNBLOCKED")) break;
        if (isLost && isUnblocked && NULL_FRAMES.has(frame)) break;
        if (wanted === undefined) {
          if (sessionId === half && place === expected.length) break;
          // What woke it was lost; what it was told then is what it would be told now.
          if (frame.startsWith("-") && reference.answerNow(sessionId) === frame) break;
          const text = `session ${sessionId} was told ${shown(frame)}, reply ${place + 1}, which`;
          this.#say(dead, `${text} rests on what was lost, or on nothing`);
          break;
        }
        if (isLost && isUnblocking(wanted.event)) continue;
        const problem = differs(frame, wanted);
        if (problem === undefined) continue;
        this.#note(dead, wanted.event, problem);
        break;
      }
    }
  }

  #compareState(next: SimulatedProcess): void {
    const { keyspace } = next.node;
    if (keyspaceDigest(keyspace) === keyspaceDigest(this.#keyspace)) {
      this.#compareIndexes(next);
      return;
    }
    const [here, wanted] = [contentOf(keyspace), contentOf(this.#keyspace)];
    const keys = [...new Set([...here.keys(), ...wanted.keys()])].sort();
    const wrong = keys.find((key) => here.get(key) !== wanted.get(key)) ?? "?";
    const found = shown(here.get(wrong) ?? "nothing");
    this.#say(
      next,
      `after recovery ${shown(wrong)} is ${found}, not ${shown(wanted.get(wrong) ?? "nothing")}`,
    );
  }

  #compareIndexes(next: SimulatedProcess): void {
    const text = (keyspace: Keyspace): string =>
      JSON.stringify(
        [...keyspace.indexDefinitions].map(([name, at]) => [name, at.toString("hex")]),
      );
    const [here, wanted] = [text(next.node.keyspace), text(this.#keyspace)];
    if (here !== wanted) this.#say(next, `after recovery the indexes are ${here}, not ${wanted}`);
  }

  /**
   * Laid out as what that process read back, since the order of replies and the choice of chance
   * are matters of layout.
   */
  #rebuild({ node, recovered }: SimulatedProcess): void {
    this.#keyspace = new Keyspace(DATABASES, node.keyspace.hashKey);
    this.#catalog = followingCatalog(this.#keyspace);
    for (const effect of recovered) this.#keyspace.apply(effect, 0);
  }

  #note(process: SimulatedProcess, event: ObservedEvent, problem: string): void {
    this.#say(process, `event ${event.number}, ${eventText(event)}: ${problem}`);
  }

  #say(process: SimulatedProcess, text: string): void {
    // What comes behind the first one follows from it.
    if (this.problems.length === 0) this.problems.push(`process ${process.number}: ${text}`);
  }
}

/** Work that nobody asked for is done in slices of a millisecond, and a few looks at the clock. */
function heldTooLong({ what, readings }: ObservedEvent): string | undefined {
  const heldMs = (readings.at(-1) ?? 0) - (readings[0] ?? 0);
  if (what.kind !== "timer" && what.kind !== "slice") return undefined;
  return heldMs > SLICE_MAX_MS ? `it held the event loop for ${heldMs} ms` : undefined;
}

/**
 * Whether what it answered was told, or it answers nobody. What nobody was told of is left out,
 * since over what was kept it might change something.
 */
function wasTold(
  dead: SimulatedProcess,
  { expected }: Reference,
  { what }: ObservedEvent,
): boolean {
  if (what.kind !== "execute") return true;
  const toldCount = dead.sockets[what.sessionId - 1].told.length;
  return (expected.get(what.sessionId)?.length ?? 0) < toldCount;
}

/** What is told to who waited too long, and to who is let go as if so. */
const NULL_FRAMES: ReadonlySet<string> = new Set(["*-1\r\n", "$-1\r\n", "_\r\n"]);

/** CLIENT UNBLOCK (of that one), which tells whether a client waits, and nothing of any key. */
function isUnblocking({ what }: ObservedEvent, sessionId?: number): boolean {
  if (what.kind !== "execute") return false;
  const [first, second, id] = what.args.map((arg) => toBinaryString(arg).toUpperCase());
  if (first !== "CLIENT" || second !== "UNBLOCK") return false;
  return sessionId === undefined || id === String(sessionId);
}

function applyUnit(keyspace: Keyspace, unit: Buffer): void {
  for (const effect of decodeUnit(unit)) keyspace.apply(effect, 0);
}

function contentOf(keyspace: Keyspace): Map<string, string> {
  const contents = new Map<string, string>();
  for (const [number, database] of keyspace.databases.entries()) {
    for (const [key, entry] of entriesOf(database)) {
      const alone = new Keyspace(1);
      alone.databases[0].put(key, entry.value, entry.expiryMs);
      const content = `${entry.value.type} ${keyspaceDigest(alone)} until ${entry.expiryMs}`;
      contents.set(`database ${number}, ${key}`, content);
    }
  }
  return contents;
}

function differs(frame: string, { frame: wanted, keys }: ExpectedReply): string | undefined {
  if (wanted !== undefined) {
    return frame === wanted ? undefined : `told ${shown(frame)} instead of ${shown(wanted)}`;
  }
  if (keys === undefined) return undefined;
  const found = frame.startsWith("-") ? `error ${frame}` : foundKeys(parseReply(frame));
  if (keys === "error" && frame.startsWith("-")) return undefined;
  if (String(found) === String(keys)) return undefined;
  return `the search found ${shown(String(found))} instead of ${shown(String(keys))}`;
}

/** Of FT.SEARCH with NOCONTENT, in either protocol. */
function foundKeys({ type, items = [] }: ReplyTree): string[] {
  if (type !== "%")
    return items
      .slice(1)
      .map(({ text }) => text)
      .sort();
  const at = items.findIndex(({ text }) => text === "results");
  return (items[at + 1].items ?? [])
    .map(({ items: pairs = [] }) => pairs[pairs.findIndex(({ text }) => text === "id") + 1].text)
    .sort();
}

function eventText({ what }: ObservedEvent): string {
  if (what.kind !== "execute") return JSON.stringify(what);
  const words = what.args.map((arg) => toBinaryString(arg));
  return `session ${what.sessionId}, ${shown(JSON.stringify(words))}`;
}

function shown(text: string): string {
  const json = JSON.stringify(text);
  return json.length <= SHOWN_MAX ? json : `${json.slice(0, SHOWN_MAX)}...`;
}
