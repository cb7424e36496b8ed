/**
 * What the demo prints: headings, checked lines, passages. Colours only on a terminal.
 */
const isTerminal = process.stdout.isTTY === true && process.env["NO_COLOR"] === undefined;
const paint = (code: string) => (text: string) =>
  isTerminal ? `\x1b[${code}m${text}\x1b[0m` : text;

export const bold = paint("1");
export const dim = paint("2");
export const green = paint("32");
export const red = paint("31");

export function heading(text: string): void {
  console.log(`\n${bold(text)}`);
}

export function line(text: string): void {
  console.log(`  ${text}`);
}

/** Collects what did not hold; the demo's exit code depends on it. */
export class Checks {
  readonly failures: string[] = [];
  #passed = 0;

  get passed(): number {
    return this.#passed;
  }

  check(holds: boolean, claim: string): void {
    if (holds) {
      this.#passed += 1;
      line(`${green("✓")} ${claim}`);
      return;
    }
    this.failures.push(claim);
    line(`${red("✗")} ${claim}`);
  }
}

export interface FoundPassage {
  readonly score: string;
  readonly source: string;
  readonly title: string;
  readonly section: string;
  readonly text: string;
}

const EXCERPT_MAX = 150;

export function passage(rank: number, found: FoundPassage): void {
  const excerpt =
    found.text.length > EXCERPT_MAX
      ? `${found.text.slice(0, EXCERPT_MAX).trimEnd()} …`
      : found.text;
  line(
    `${rank}. ${Number(found.score).toFixed(4)}  ${bold(found.title)} ${dim(found.section)} (${found.source})`,
  );
  line(`   ${dim(excerpt)}`);
}
