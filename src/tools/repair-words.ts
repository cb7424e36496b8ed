/**
 * What `repair` tells: what a cut would lose, or what it did.
 */
import type { Output } from "./output.ts";
import type { LostRecords, Repaired } from "./repair-tail.ts";

export async function printRepair(
  { plan, kept }: Repaired,
  folder: string,
  isAgreed: boolean,
  isJson: boolean,
  output: Output,
): Promise<void> {
  if (isJson) {
    await output.print(JSON.stringify({ folder, isDone: isAgreed, plan: plan ?? null, kept }));
    return;
  }
  if (plan === undefined) {
    await output.print(`${folder}: the log is not damaged; there is nothing to cut`);
    return;
  }
  const { segment, offset, what, lastSequence, laterSegments, lost } = plan;
  await output.print(`${folder}/${segment}, byte ${offset}: ${what}`);
  await output.print(
    lastSequence === 0 ? "no record would stay" : `what stays: all up to record ${lastSequence}`,
  );
  await output.print(`what ${isAgreed ? "was" : "would be"} lost: ${lostWords(lost)}`);
  if (laterSegments.length > 0) {
    await output.print(`with it go ${laterSegments.length} later segments`);
  }
  if (!isAgreed) {
    await output.print("nothing was changed; say --yes to cut, and to keep what is cut beside");
    return;
  }
  for (const path of kept) await output.print(`kept: ${path}`);
  await output.print("cut; a server can start, and check says what is there");
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
