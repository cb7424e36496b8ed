/**
 * `inspect log`: one segment as it is, record by record, also where it is damaged. A line for each
 * thing found, for people or as JSON.
 */
import { fromUtf8, toBinaryString } from "../base/bytes.ts";
import type { Effect } from "../keyspace/effect.ts";
import type { RecordKeys } from "../log/log-driver.ts";
import { RecordKind } from "../log/record-format.ts";
import { RecordReader } from "../log/record-reader.ts";
import { decodeSegmentHeader } from "../log/segment-format.ts";
import { readSegment } from "../log/segment-scan.ts";
import {
  readerBefore,
  type SurveyedRecord,
  type SurveyedTail,
  surveySegment,
} from "../log/segment-survey.ts";
import { timeText } from "../node/restore-target.ts";
import type { Disk } from "../runtime/disk.ts";
import { type EffectText, effectLine, effectText } from "./effect-text.ts";
import type { Output } from "./output.ts";
import { keyOf, visitEffects } from "./record-effects.ts";

export interface InspectLogSettings {
  readonly file: string;
  readonly isJson: boolean;
  readonly showsEffects: boolean;
  /** Only these records are shown; all are looked at. */
  readonly key: string | undefined;
  readonly from: number;
  readonly to: number;
  /** Absent: what is encrypted is told as such. */
  readonly keys?: RecordKeys;
}

const NOTHING = Buffer.alloc(0);

/** Whether the file is sound. */
export async function inspectLog(
  disk: Disk,
  settings: InspectLogSettings,
  output: Output,
): Promise<boolean> {
  const { file } = settings;
  const bytes = await readSegment(disk, file);
  const header = decodeSegmentHeader(bytes);
  const print = (line: Line) => output.print(settings.isJson ? JSON.stringify(line) : human(line));
  let isSound = typeof header !== "string";
  if (typeof header === "string") {
    await print({ type: "segment", file, sizeBytes: bytes.length, problem: header });
  } else {
    const { firstSequence, shard, previous } = header;
    const chain = previous.toString("hex");
    await print({ type: "segment", file, sizeBytes: bytes.length, firstSequence, shard, chain });
  }
  const { keys } = settings;
  const reader =
    typeof header === "string" ? new RecordReader(keys) : readerBefore(bytes, header, keys);
  for (const item of surveySegment(bytes, file, reader)) {
    if (output.isClosed) break;
    if (item.kind === "record") {
      const line = recordLine(item, settings);
      if (line.problem !== undefined) isSound = false;
      if (line.isShown) await print(line.line);
    } else if (item.kind === "hole") {
      isSound = false;
      const { offset, end, what } = item;
      await print({ type: "unreadable", offset, sizeBytes: end - offset, problem: what });
    } else {
      if (item.verdict.kind === "damaged") isSound = false;
      await print(tailLine(item, reader));
    }
  }
  return isSound;
}

type Line = { readonly type: string; readonly [member: string]: unknown };

interface RecordLine {
  readonly line: Line;
  readonly isShown: boolean;
  readonly problem: string | undefined;
}

function recordLine(record: SurveyedRecord, settings: InspectLogSettings): RecordLine {
  const { header, payload, tampering, misfit, offset, sizeBytes } = record;
  const { sequence, epoch, timeMs } = header;
  const wanted = settings.key === undefined ? undefined : toBinaryString(fromUtf8(settings.key));
  const effects: EffectText[] = [];
  let matchCount = 0;
  const visited = visitEffects(payload ?? NOTHING, (effect: Effect, unit) => {
    if (wanted !== undefined && keyOf(effect) !== wanted) return;
    matchCount += 1;
    if (settings.showsEffects) effects.push({ unit, ...effectText(effect) });
  });
  const isClosed = payload === undefined;
  const countProblem =
    !isClosed && visited.problem === undefined && visited.unitCount !== header.unitCount
      ? `the header says ${header.unitCount} units`
      : visited.problem;
  const isInRange = sequence >= settings.from && sequence <= settings.to;
  const problem = misfit ?? tampering ?? countProblem;
  return {
    problem,
    isShown: isInRange && (wanted === undefined || matchCount > 0),
    line: {
      type: "record",
      sequence,
      offset,
      sizeBytes,
      kind: header.kind === RecordKind.claim ? "claim" : "units",
      epoch,
      time: timeMs === 0 ? undefined : timeText(timeMs),
      dataKey: header.keyId === 0 ? undefined : header.keyId,
      unitCount: header.unitCount,
      effectCount: isClosed ? undefined : visited.effectCount,
      chain: misfit === undefined ? "ok" : "broken",
      writer: header.writer.toString("hex"),
      problem,
      effects: settings.showsEffects ? effects : undefined,
    },
  };
}

function tailLine({ offset, verdict }: SurveyedTail, reader: RecordReader): Line {
  const line = { type: "tail", offset, lastSequence: reader.sequence, state: verdict.kind };
  if (verdict.kind === "torn") return { ...line, sizeBytes: verdict.end - offset };
  return verdict.kind === "damaged" ? { ...line, problem: verdict.what } : line;
}

function human(line: Line): string {
  const problem = line["problem"] === undefined ? "" : `  ! ${line["problem"]}`;
  switch (line.type) {
    case "segment":
      return line["firstSequence"] === undefined
        ? `${line["file"]}: ${line["sizeBytes"]} bytes${problem}`
        : `${line["file"]}: a segment of ${line["sizeBytes"]} bytes, from record ` +
            `${line["firstSequence"]} on, shard ${line["shard"]}, behind ${line["chain"]}`;
    case "record": {
      const effects = (line["effects"] as EffectText[] | undefined) ?? [];
      const what =
        line["kind"] === "claim"
          ? "claims the log"
          : `${line["unitCount"]} units, ${line["effectCount"] ?? "encrypted"} effects`;
      const first =
        `${String(line["offset"]).padStart(10)}  record ${line["sequence"]}  ` +
        `${line["time"] ?? "no time"}  epoch ${line["epoch"]}  ${what}  ` +
        `${line["sizeBytes"]} bytes  chain ${line["chain"]}${problem}`;
      return [first, ...effects.map(effectRow)].join("\n");
    }
    case "unreadable":
      return `${String(line["offset"]).padStart(10)}  ${line["sizeBytes"]} bytes not readable${problem}`;
    default:
      return (
        `${String(line["offset"]).padStart(10)}  the tail, behind record ${line["lastSequence"]}: ` +
        `${tailText(line)}${problem}`
      );
  }
}

function effectRow({ unit, ...text }: EffectText): string {
  return `            unit ${unit}  ${effectLine(text)}`;
}

function tailText(line: Line): string {
  if (line["state"] === "clean") return "clean";
  if (line["state"] === "damaged") return "damaged";
  return `torn: ${line["sizeBytes"]} bytes of an append that never finished`;
}
