/** The figures as a table for people, as JSON for machines, and as an SVG plot. */
import type { LoadFigures, QueryFigures } from "./measure.ts";

export interface RecallReport {
  readonly dataset: string;
  readonly documents: number;
  readonly dimensions: number;
  readonly metric: string;
  readonly clients: number;
  readonly loads: Readonly<Record<string, LoadFigures>>;
  readonly queries: readonly QueryFigures[];
}

const columns = [
  ["server", 10],
  ["filter", 14],
  ["share", 8],
  ["ef", 6],
  ["recall", 8],
  ["queries/s", 10],
  ["p50 ms", 8],
  ["p99 ms", 8],
  ["short", 6],
  ["generator", 10],
] as const;

export function tableHead(): string {
  return columns.map(([name, width]) => name.padStart(width)).join(" ");
}

export function tableLine(figures: QueryFigures): string {
  const cells = [
    figures.target,
    figures.scenario,
    `${(figures.share * 100).toFixed(1)} %`,
    String(figures.ef),
    figures.recall.toFixed(4),
    figures.queriesPerSecond.toFixed(0),
    figures.p50Ms.toFixed(2),
    figures.p99Ms.toFixed(2),
    String(figures.short),
    `${(figures.generatorShare * 100).toFixed(0)} %`,
  ];
  return cells.map((cell, index) => cell.padStart(columns[index][1])).join(" ");
}

export function loadLine(name: string, figures: LoadFigures): string {
  return (
    `${name}: ${figures.documents} documents acknowledged in ` +
    `${figures.acknowledgedSeconds.toFixed(1)} s, indexed after ` +
    `${figures.indexedSeconds.toFixed(1)} s (${figures.documentsPerSecond.toFixed(0)}/s; ` +
    `generator ${(figures.generatorShare * 100).toFixed(0)} % of a core)`
  );
}

const WIDTH = 760;
const HEIGHT = 460;
const MARGIN = 60;
const colours = ["#1b6ca8", "#c8553d", "#4f7942", "#8e5ea2", "#b8860b", "#2f4f4f", "#d1495b"];

/** Recall to the right, queries per second upward (logarithmic); one line for each scenario. */
export function plotSvg(report: RecallReport): string {
  const lines = seriesOf(report.queries);
  const all = report.queries;
  const recallMin = Math.min(0.9, ...all.map((one) => one.recall));
  const rates = all.map((one) => one.queriesPerSecond);
  const low = Math.floor(Math.log10(Math.min(...rates)));
  const high = Math.ceil(Math.log10(Math.max(...rates)));
  const x = (recall: number) =>
    MARGIN + ((recall - recallMin) / (1 - recallMin)) * (WIDTH - 4 * MARGIN);
  const y = (rate: number) =>
    HEIGHT - MARGIN - ((Math.log10(rate) - low) / (high - low || 1)) * (HEIGHT - 2 * MARGIN);
  const body: string[] = [];
  for (let power = low; power <= high; power += 1) {
    body.push(text(MARGIN - 8, y(10 ** power) + 4, `1e${power}`, "end"));
    body.push(line(MARGIN, y(10 ** power), WIDTH - 3 * MARGIN, y(10 ** power)));
  }
  for (let step = 0; step <= 4; step += 1) {
    const recall = recallMin + ((1 - recallMin) * step) / 4;
    body.push(text(x(recall), HEIGHT - MARGIN + 18, recall.toFixed(3), "middle"));
  }
  lines.forEach(({ name, isPeer, points }, index) => {
    const colour = colours[Math.floor(index) % colours.length];
    const path = points.map((one) => `${x(one.recall)},${y(one.queriesPerSecond)}`).join(" ");
    const dash = isPeer ? ` stroke-dasharray="5 4"` : "";
    body.push(
      `<polyline points="${path}" fill="none" stroke="${colour}" stroke-width="2"${dash}/>`,
    );
    for (const one of points) {
      const place = `cx="${x(one.recall)}" cy="${y(one.queriesPerSecond)}"`;
      body.push(`<circle ${place} r="3" fill="${colour}"/>`);
    }
    body.push(text(WIDTH - 2.8 * MARGIN, MARGIN + index * 18, name, "start", colour));
  });
  body.push(text(WIDTH / 3, HEIGHT - 12, `recall@10, ${report.dataset}`, "middle"));
  body.push(text(MARGIN, MARGIN - 20, "queries per second", "start"));
  const size = `width="${WIDTH}" height="${HEIGHT}" viewBox="0 0 ${WIDTH} ${HEIGHT}"`;
  const font = `font-family="sans-serif" font-size="12"`;
  return `<svg xmlns="http://www.w3.org/2000/svg" ${size} ${font}>\n${body.join("\n")}\n</svg>\n`;
}

interface Series {
  readonly name: string;
  readonly isPeer: boolean;
  readonly points: readonly QueryFigures[];
}

function seriesOf(queries: readonly QueryFigures[]): Series[] {
  const found = new Map<string, QueryFigures[]>();
  for (const one of queries) {
    const name = `${one.target}: ${one.scenario}`;
    const points = found.get(name) ?? [];
    points.push(one);
    found.set(name, points);
  }
  return [...found].map(([name, points]) => ({
    name,
    isPeer: points[0].target === "peer",
    points: points.sort((left, right) => left.ef - right.ef),
  }));
}

function text(x: number, y: number, content: string, anchor: string, colour = "#333"): string {
  const safe = content.replaceAll("&", "&amp;").replaceAll("<", "&lt;");
  return `<text x="${x}" y="${y}" text-anchor="${anchor}" fill="${colour}">${safe}</text>`;
}

function line(x1: number, y1: number, x2: number, y2: number): string {
  return `<line x1="${x1}" y1="${y1}" x2="${x2}" y2="${y2}" stroke="#ddd"/>`;
}
