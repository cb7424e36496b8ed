/**
 * `inspect index`: the file of one index beside a snapshot: which index, its documents, and of each
 * of its graphs parameters, counts and levels. Every byte of the file is checked on the way.
 */
import type { World } from "../node/world.ts";
import { GraphFile, GraphFileUnfit } from "../snapshot/graph-file-reader.ts";
import { told } from "./check-snapshots.ts";
import { quoteBytes } from "./effect-text.ts";
import { GraphCounts } from "./graph-counts.ts";
import { type BlockFileSettings, humanLine, type Line, openHeader } from "./inspect-block-file.ts";
import type { Output } from "./output.ts";

/** Whether the file is sound. */
export async function inspectIndex(
  world: World,
  settings: BlockFileSettings,
  output: Output,
): Promise<boolean> {
  const { file: path, keys, isJson } = settings;
  const print = (line: Line) => output.print(isJson ? JSON.stringify(line) : humanLine(line));
  const header = await openHeader(world.disk, settings);
  await print({ type: "index", ...header });
  if (header.problem !== undefined) return false;
  const { sequence = 0 } = header;
  const problem = await told(async () => {
    const file = await GraphFile.open({ ...world, path, sequence, keys });
    try {
      await printFile(file, print);
    } finally {
      await file.close();
    }
    return undefined;
  });
  if (problem !== undefined) await print({ type: "damaged", problem });
  return problem === undefined;
}

async function printFile(file: GraphFile, print: (line: Line) => Promise<void>): Promise<void> {
  const { head, documents } = file;
  await print({
    type: "documents",
    name: quoteBytes(head.name),
    documentCount: head.documentCount,
    idLimit: documents.idLimit,
    freedCount: documents.freed.length,
    isBackfilling: head.isPartial,
    definitionBytes: head.definition.length,
  });
  const graphs = head.aliases.map(() => new GraphCounts());
  await file.readLinks((place, piece) => graphs[place].take(piece));
  for (const [place, graph] of graphs.entries()) {
    const alias = quoteBytes(head.aliases[place]);
    if (!file.hasLinks(place)) {
      await print({ type: "graph", alias, problem: "its links could not be had when it was made" });
      continue;
    }
    const problem = graph.problem();
    await print(graphLine(alias, graph));
    if (problem !== undefined) throw new GraphFileUnfit(`the graph of ${alias}: ${problem}`);
  }
  await print({ type: "checked", state: "every block is what was written" });
}

function graphLine(alias: string, graph: GraphCounts): Line {
  const { parameters, pieceCount, tombstoneCount, linkCount, linksMin, linksMax } = graph;
  return {
    type: "graph",
    alias,
    ...parameters,
    pieceCount,
    levelCounts: graph.levelCounts,
    tombstoneCount,
    upperInUse: graph.upperInUse,
    linkCount,
    linksMin,
    linksMax,
    unlinkedCount: graph.unlinkedCount,
  };
}
