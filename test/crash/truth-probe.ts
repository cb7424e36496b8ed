/**
 * Visible after its acknowledgement: right after a write was answered, searches on another
 * connection find the document, through its tag and as the nearest to its own vector in both
 * fields; after it was changed, not by what it was; after DEL, never.
 */
import { RespClient, type RespReply } from "./resp-client.ts";
import { bytesOf, PREFIX, type TruthChance } from "./truth-documents.ts";

export interface ProbeFigures {
  readonly problems: string[];
  probes: number;
}

function countIn(reply: RespReply): number {
  if (!Array.isArray(reply)) throw new Error(`FT.SEARCH gave ${String(reply)}`);
  return reply.length - 1;
}

/** Until the server is gone, on two connections of its own. */
export async function probeVisibility(
  port: number,
  index: string,
  number: number,
  chance: TruthChance,
  figures: ProbeFigures,
): Promise<void> {
  const [writer, reader] = [await RespClient.open(port), await RespClient.open(port)];
  const search = async (query: string, ...rest: (string | Buffer)[]): Promise<number> =>
    countIn(await reader.must("FT.SEARCH", index, query, "NOCONTENT", "DIALECT", "2", ...rest));
  const expectFound = async (tag: string, vector: Buffer, isThere: boolean): Promise<void> => {
    const expected = isThere ? 1 : 0;
    const counts = await Promise.all([
      search(`@tag:{${tag}}`),
      search(`(@tag:{${tag}})=>[KNN 1 @flat $v]`, "PARAMS", "2", "v", vector),
      search(`(@tag:{${tag}})=>[KNN 1 @graph $v]`, "PARAMS", "2", "v", vector),
    ]);
    figures.probes += 1;
    if (counts.every((count) => count === expected)) return;
    const what = `tag, flat and graph find ${counts.join()}, not ${expected}`;
    figures.problems.push(`${isThere ? "written" : "gone"} ${tag}: ${what}`);
  };
  try {
    for (let turn = 0; ; turn += 1) {
      const key = `${PREFIX}probe:${number}`;
      const vector = bytesOf(chance.vector());
      const tags = [`p${number}x${turn}`, `p${number}x${turn}y`];
      const rest = ["number", "1", "words", "river", "flat", vector, "graph", vector];
      await writer.must("HSET", key, "tag", tags[0], ...rest);
      await expectFound(tags[0], vector, true);
      await writer.must("HSET", key, "tag", tags[1]);
      await expectFound(tags[0], vector, false);
      await expectFound(tags[1], vector, true);
      await writer.must("DEL", key);
      await expectFound(tags[1], vector, false);
    }
  } catch (failure) {
    if (!writer.isBroken && !reader.isBroken) throw failure;
  } finally {
    writer.close();
    reader.close();
  }
}
