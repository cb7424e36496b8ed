/**
 * Cuts what a server sent into whole replies, as text of one character for each byte.
 */

const CR = 13;
const AGGREGATES = "*%~>";
const BULKS = "$=!";

export class FrameSplitter {
  #text = "";

  /** The replies that are whole now. */
  push(bytes: Uint8Array): string[] {
    this.#text += Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString("latin1");
    const frames: string[] = [];
    let at = 0;
    for (let end = frameEnd(this.#text, at); end > 0; end = frameEnd(this.#text, at)) {
      frames.push(this.#text.slice(at, end));
      at = end;
    }
    this.#text = this.#text.slice(at);
    return frames;
  }
}

/** Behind the frame that begins at `start`, 0 if it is not whole. */
function frameEnd(text: string, start: number): number {
  let at = start;
  for (let left = 1; left > 0; left -= 1) {
    const lineEnd = text.indexOf("\n", at);
    if (lineEnd < 0 || text.charCodeAt(lineEnd - 1) !== CR) return 0;
    const type = text[at];
    const count = Number(text.slice(at + 1, lineEnd - 1));
    at = lineEnd + 1;
    if (BULKS.includes(type)) {
      if (count >= 0) at += count + 2;
    } else if (AGGREGATES.includes(type) && count > 0) left += type === "%" ? count * 2 : count;
    if (at > text.length) return 0;
  }
  return at;
}
