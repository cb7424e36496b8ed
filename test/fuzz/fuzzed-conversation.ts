/**
 * One connection that sends a stream in pieces and reads what comes back: whether each whole
 * command got one reply, in step, and what broke the protocol its error and the end.
 *
 * What is expected is what the reference decoder makes of the stream. ECHO says who is answered:
 * its reply must be its own word, wherever it stands in the pipeline.
 */
import { connect, type Socket } from "node:net";
import type { Random } from "../support/command-grammar.ts";
import { frameEnd } from "../support/raw-client.ts";
import { within } from "./fuzzed-server.ts";
import type { DecodedStream } from "./reference-decoder.ts";

const ANSWERS_MS_MAX = 20_000;
const QUEUED = "+QUEUED\r\n";
/** Every command of one who must authenticate first, and does not. */
const REFUSED = "-NOAUTH Authentication required.\r\n";

/** How a connection goes that is not looked at. */
export type Leave = "end" | "reset" | "destroy" | "unread";

async function open(port: number): Promise<Socket> {
  const socket = connect({ port, host: "127.0.0.1", allowHalfOpen: true });
  socket.setNoDelay(true);
  await new Promise<void>((resolve, reject) => {
    socket.once("connect", resolve);
    socket.once("error", reject);
  });
  socket.on("error", () => {});
  return socket;
}

/** Sends at random places, so that the server meets pieces. */
async function sendInPieces(socket: Socket, stream: Buffer, random: Random): Promise<void> {
  const count = random() < 0.3 ? 0 : 1 + Math.floor(random() * 6);
  const places = Array.from({ length: count }, () => Math.floor(random() * stream.length));
  places.sort((left, right) => left - right);
  let start = 0;
  for (const place of [...places, stream.length]) {
    if (place > start && !socket.destroyed) {
      const piece = stream.subarray(start, place);
      await new Promise<void>((resolve) => socket.write(piece, () => resolve()));
    }
    start = place;
  }
}

/** Frames as they come, until `count` of them are there, or the end, or too long. */
function readFrames(socket: Socket, count: number, isClosing: boolean) {
  const frames: string[] = [];
  let buffered = "";
  let isClosed = false;
  const done = new Promise<true>((resolve) => {
    socket.on("data", (chunk: Buffer) => {
      buffered += chunk.toString("latin1");
      let at = 0;
      for (let end = frameEnd(buffered, at); end !== undefined; end = frameEnd(buffered, at)) {
        frames.push(buffered.slice(at, end));
        at = end;
      }
      buffered = buffered.slice(at);
      if (frames.length >= count && !isClosing) resolve(true);
    });
    const finish = (): void => {
      isClosed = true;
      resolve(true);
    };
    socket.once("end", finish);
    socket.once("close", finish);
  });
  return {
    async result() {
      const isDone = (await within(done, ANSWERS_MS_MAX)) === true;
      return { frames, isDone, isClosed, rest: buffered };
    },
  };
}

/** What ECHO may be answered; undefined for other commands. */
function echoes(call: readonly string[], { isAuthenticated, mayQueue }: Situation) {
  if (call[0].toLowerCase() !== "echo" || call.length !== 2) return undefined;
  if (!isAuthenticated) return [REFUSED];
  const echoed = `$${call[1].length}\r\n${call[1]}\r\n`;
  return mayQueue ? [echoed, QUEUED] : [echoed];
}

interface Situation {
  readonly isAuthenticated: boolean;
  readonly mayQueue: boolean;
}

/** What went wrong; undefined if all was as expected. */
export async function converse(
  port: number,
  stream: Buffer,
  expected: DecodedStream,
  isAuthenticated: boolean,
  random: Random,
): Promise<string | undefined> {
  const socket = await open(port);
  const isClosing = expected.error !== undefined;
  const count = expected.frames.length + (isClosing ? 1 : 0);
  const reading = readFrames(socket, count, isClosing);
  await sendInPieces(socket, stream, random);
  if (count === 0) {
    socket.destroy();
    return undefined;
  }
  const { frames, isDone, isClosed, rest } = await reading.result();
  socket.destroy();
  if (!isDone) return `hangs after ${frames.length} of ${count} replies`;
  if (rest !== "") return `half a reply: ${JSON.stringify(rest.slice(0, 100))}`;
  if (frames.length !== count) {
    const end = isClosed ? ", then the end" : "";
    return `${frames.length} replies to ${count}${end}: ${JSON.stringify(frames.slice(-3))}`;
  }
  const mayQueue = expected.frames.some(([name]) => name.toLowerCase() === "multi");
  for (const [index, call] of expected.frames.entries()) {
    const right = echoes(call, { isAuthenticated, mayQueue });
    if (right?.includes(frames[index]) === false) {
      return `out of step: ${JSON.stringify(call)} is answered ${JSON.stringify(frames[index])}`;
    }
  }
  if (!isClosing) return undefined;
  const error = `-ERR ${expected.error?.replaceAll(/[\r\n]/g, " ")}\r\n`;
  if (frames[count - 1] === error) return undefined;
  return `${JSON.stringify(error)} is expected, and not ${JSON.stringify(frames[count - 1])}`;
}

/** Sends and goes, whatever the server does about it. */
export async function hitAndRun(
  port: number,
  stream: Buffer,
  leave: Leave,
  random: Random,
): Promise<void> {
  const socket = await open(port);
  const closed = new Promise<true>((resolve) => socket.once("close", () => resolve(true)));
  if (leave === "unread") socket.pause();
  else socket.resume();
  const sent = sendInPieces(socket, stream, random);
  // Somebody who reads nothing may never be done with sending.
  await within(sent, leave === "unread" ? 50 : ANSWERS_MS_MAX);
  if (leave === "end") {
    socket.end();
    await within(closed, ANSWERS_MS_MAX);
  }
  if (leave === "reset") socket.resetAndDestroy();
  else socket.destroy();
}

/** So many connections that each declare much and send little, until the caller lets them go. */
export async function holdDeclarations(
  port: number,
  declarations: readonly string[],
): Promise<() => void> {
  const sockets: Socket[] = [];
  for (const text of declarations) {
    const socket = await open(port);
    socket.resume();
    await new Promise<void>((resolve) => socket.write(text, "latin1", () => resolve()));
    sockets.push(socket);
  }
  return () => {
    for (const socket of sockets) socket.destroy();
  };
}
