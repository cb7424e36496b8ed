/**
 * What `repair` tells: what a cut would lose, or what it did.
 */
import type { Output } from "./output.ts";
import type { CutPlan, LostRecords } from "./repair-plan.ts";
import type { Repaired } from "./repair-tail.ts";

export async function printRepair(
  { plan, kept }: Repaired,
  folder: string,
  isAgreed: boolean,
  isJson: boolean,
  output: Output,
): Promise<void> {
  if (isJson) {
    const told = plan === undefined ? null : { ...plan, renewal: renewalWords(plan) };
    await output.print(JSON.stringify({ folder, isDone: isAgreed, plan: told, kept }));
    return;
  }
  if (plan === undefined) {
    await output.print(`${folder}: the log is not damaged; there is nothing to cut`);
    return;
  }
  const { segment, offset, what, lastSequence, laterSegments, lost } = plan;
  const renewal = renewalWords(plan);
  await output.print(`${folder}/${segment}, byte ${offset}: ${what}`);
  if (renewal !== undefined) await output.print(renewal);
  else if (lastSequence === 0) await output.print("no record would stay");
  else await output.print(`what stays: all up to record ${lastSequence}`);
  await output.print(`what ${isAgreed ? "was" : "would be"} lost: ${lostWords(lost)}`);
  if (laterSegments.length > 0) {
    await output.print(`with it go ${laterSegments.length} later segments`);
  }
  if (!isAgreed) {
    await output.print("nothing was changed; say --yes to cut, and to keep what is cut beside");
    return;
  }
  for (const path of kept) await output.print(`kept: ${path}`);
  await output.print("done; check says what is there, and whether there is more to repair");
}

function renewalWords({ renewal, lastSequence }: CutPlan): string | undefined {
  if (renewal === undefined) return undefined;
  const { known, records } = renewal;
  const before =
    known.sequence > 0 ? `, behind record ${known.sequence}, up to which all is there` : "";
  const what = records.length === 0 ? "empty" : `with its ${records.length} sound records`;
  return `the segment begins anew ${what}${before}; the log then goes on at record ${lastSequence + 1}`;
}

function lostWords(lost: LostRecords): string {
  const { recordCount, effectCount, firstSequence, lastSequence, unreadableBytes } = lost;
  const readable =
    recordCount === 0
      ? "no record that is readable"
      : `${recordCount} records that are readable (${firstSequence} to ${lastSequence}) ` +
        `with ${effectCount} effects`;
  return unreadableBytes === 0
    ? readable
    : `${readable}, and whatever was in ${unreadableBytes} bytes that are not`;
}
