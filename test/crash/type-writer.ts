/**
 * A writer process for all types. By turns its connections change keys of their own, push into
 * places that all share, and wait there with blocking commands; some of those who wait leave in the
 * middle. Its notebook gets the intent before anything is sent and the answer after it came, both
 * written at once. It ends when the server is gone.
 *
 *   node type-writer.ts PORT NOTEBOOK SEED FIRST_CONNECTION CONNECTIONS
 */
import { openSync, writeSync } from "node:fs";
import { seededRandom } from "../../src/runtime/fake-world.ts";
import { RespClient, type RespReply } from "./resp-client.ts";
import { answerOf, type Intent, type NoteLine } from "./type-notes.ts";
import { chooseCommands, type Words } from "./type-operations.ts";
import { itemsOf, TYPES_DATABASE, textOf } from "./type-reader.ts";

const [port, notebookPath, seed, first, count] = process.argv.slice(2);
const notebook = openSync(notebookPath, "a");
/** Of those who wait, one in so many leaves without an answer. */
const LEAVE_ONE_IN = 40;
const LEAVE_WITHIN_MS = 20;
/** What a call may answer when what it names is not there; the model leaves the key as it was. */
const mildErrors = /^(?:BUSYGROUP|NOGROUP|ERR no such key|ERR source and destination)/;

function write(line: NoteLine): void {
  writeSync(notebook, `${JSON.stringify(line)}\n`);
}

class Writer {
  readonly #connection: number;
  readonly #random: ReturnType<typeof seededRandom>;
  #client: RespClient;
  #number: number;

  constructor(connection: number, client: RespClient) {
    this.#connection = connection;
    this.#client = client;
    this.#random = seededRandom(Number(seed) * 1000 + connection);
    this.#number = Number(seed) * 1_000_000;
  }

  /** Until the server is gone. */
  async run(): Promise<void> {
    const role = this.#connection % 4;
    for (;;) {
      this.#number += 1;
      if (role < 2) await this.#changeOwn();
      else if (role === 2) await this.#push();
      else await this.#wait();
    }
  }

  async #changeOwn(): Promise<void> {
    const nowMs = Date.now();
    const chosen = chooseCommands(this.#random, this.#connection, this.#number, nowMs);
    const commands: Words[] = [];
    for (const words of chosen) commands.push(await this.#withIds(words));
    if (commands[0][0] !== "PFADD") await this.#do({ kind: "own", commands }, commands);
    else {
      const expected = await this.#expectedOf(commands[0]);
      await this.#do({ kind: "own", commands, expected }, commands);
    }
  }

  /** Ids of entries instead of the words for them; one that is never there where none is. */
  async #withIds(words: Words): Promise<Words> {
    const at = words.findIndex((word) => word === "first" || word === "pending");
    if (at < 0) return words;
    const asked =
      words[at] === "first"
        ? ["XRANGE", words[1], "-", "+", "COUNT", "1"]
        : ["XPENDING", words[1], words[2], "-", "+", "1"];
    const reply = await this.#client.send(...asked);
    const [entry] = reply instanceof Error ? [] : itemsOf(reply);
    const id = entry === undefined ? "0-1" : textOf(itemsOf(entry)[0]);
    return words.with(at, id);
  }

  /** What PFADD makes of its key, tried on a copy. */
  async #expectedOf([, key, ...added]: Words): Promise<string> {
    const scratch = `scratch:${this.#connection}`;
    await this.#client.must("DEL", scratch);
    await this.#client.must("COPY", key, scratch, "REPLACE");
    await this.#client.must("PFADD", scratch, ...added);
    return textOf(await this.#client.must("GET", scratch));
  }

  async #push(): Promise<void> {
    const value = (index: number): string => `${this.#connection}-${this.#number}-${index}`;
    const pick = this.#below(8);
    const place = ["queue:a", "queue:b", "source", "delays", "jobs"][this.#below(5)];
    const pushes =
      pick === 0
        ? ["queue:a", "queue:b", "source"].map((name, index) => ({
            place: name,
            value: value(index),
          }))
        : [{ place, value: value(0) }];
    await this.#do(
      { kind: "push", pushes },
      pushes.map(({ place: key, value: pushed }) => {
        if (key === "jobs") return ["XADD", key, "*", "value", pushed];
        if (key === "delays") return ["ZADD", key, String(this.#below(1000)), pushed];
        return ["RPUSH", key, pushed];
      }),
    );
  }

  async #wait(): Promise<void> {
    const pick = this.#below(5);
    if (pick === 4) return await this.#readJobs();
    if (pick === 3) {
      return await this.#do({ kind: "move" }, [
        ["BLMOVE", "source", "taken", "LEFT", "RIGHT", "0"],
      ]);
    }
    const place = pick === 2 ? "delays" : "queue";
    const commands: readonly Words[] = [
      ["BLPOP", "queue:a", "queue:b", "0"],
      ["BLMPOP", "0", "2", "queue:b", "queue:a", "LEFT", "COUNT", "3"],
      ["BZPOPMIN", "delays", "0"],
    ];
    await this.#do({ kind: "pop", place, mostCount: pick === 1 ? 3 : 1 }, [commands[pick]]);
  }

  async #readJobs(): Promise<void> {
    const consumer = `c${this.#connection}`;
    const who = ["XREADGROUP", "GROUP", "workers", consumer];
    const reading: Intent = { kind: "read", consumer, mostCount: 2 };
    const [reply] = await this.#ask(reading, [
      [...who, "COUNT", "2", "BLOCK", "0", "STREAMS", "jobs", ">"],
    ]);
    if (reply === undefined) return;
    for (const entry of itemsOf(itemsOf(itemsOf(reply)[0])[1])) {
      // Some are left as pending.
      if (this.#below(4) === 0) continue;
      const id = textOf(itemsOf(entry)[0]);
      await this.#do({ kind: "acknowledge", id }, [["XACK", "jobs", "workers", id]]);
    }
  }

  async #do(intent: Intent, commands: readonly Words[]): Promise<void> {
    await this.#ask(intent, commands);
  }

  /** The replies, of MULTI's commands their own; none if the client left meanwhile. */
  async #ask(intent: Intent, commands: readonly Words[]): Promise<RespReply[]> {
    write({ connection: this.#connection, intent });
    const client = this.#client;
    const isMulti = commands.length > 1;
    const sent = isMulti ? [["MULTI"], ...commands, ["EXEC"]] : commands;
    const asked = Promise.all(sent.map((words) => client.send(...words)));
    const mayLeave = intent.kind === "pop" || intent.kind === "move" || intent.kind === "read";
    if (mayLeave && this.#below(LEAVE_ONE_IN) === 0) return await this.#leave(asked);
    const replies = await asked;
    const own = isMulti ? itemsOf(replies[replies.length - 1]) : replies;
    for (const reply of own) {
      if (reply instanceof Error && !mildErrors.test(reply.message)) {
        write({ connection: this.#connection, answers: [{ error: `refused: ${reply.message}` }] });
        throw reply;
      }
    }
    write({ connection: this.#connection, answers: own.map(answerOf) });
    return own;
  }

  /** A client that goes while its command is under way, and comes back as a new one. */
  async #leave(asked: Promise<unknown>): Promise<RespReply[]> {
    setTimeout(() => this.#client.close(), this.#below(LEAVE_WITHIN_MS));
    await asked.catch(() => undefined);
    this.#client.close();
    this.#client = await RespClient.open(Number(port), TYPES_DATABASE);
    return [];
  }

  #below(limit: number): number {
    return Math.floor(this.#random.fraction() * limit);
  }
}

async function writeAlways(connection: number): Promise<void> {
  await new Writer(connection, await RespClient.open(Number(port), TYPES_DATABASE)).run();
}

const connections = Array.from({ length: Number(count) }, (_, index) => Number(first) + index);
process.stdout.write("writing\n");
const ends = await Promise.allSettled(connections.map(writeAlways));
for (const end of ends) {
  // The server's death is what ends everybody; anything else is a fault of the test or a finding.
  if (end.status === "rejected" && !/closed|ECONN|EPIPE/.test(String(end.reason))) {
    console.error(end.reason);
    process.exitCode = 1;
  }
}
