/** What the kernel's bench takes on its command line: its C++ program trusts these words. */
import { resolve } from "node:path";
import { expect, test } from "vitest";
import { kernelWords } from "../../bench/kernel/options.ts";

function optionOf(words: readonly string[], name: string): string | undefined {
  const at = words.indexOf(name);
  return at < 0 ? undefined : words[at + 1];
}

test("without a command the engines are compared", () => {
  const words = kernelWords(["--dataset", "d", "--ef", "10,99"]);
  expect(words[0]).toBe("compare");
  expect(optionOf(words, "--dataset")).toBe(resolve("d"));
  expect(optionOf(words, "--ef")).toBe("10,99");
  expect(optionOf(words, "--threads")).toBeUndefined();
});

test("what is about threads has two of them", () => {
  const words = kernelWords(["latency", "--synthetic", "clustered", "--count", "1000"]);
  expect(words[0]).toBe("latency");
  expect(optionOf(words, "--threads")).toBe("2");
  expect(optionOf(words, "--count")).toBe("1000");
  expect(optionOf(kernelWords(["churn", "--dataset", "d", "--threads", "4"]), "--threads")).toBe(
    "4",
  );
});

test("a peer is one more engine", () => {
  const peer = (...more: string[]) =>
    optionOf(kernelWords(["--dataset", "d", "--symphonyqg", ...more]), "--engines");
  expect(peer()).toBe("lodestone,hnswlib,symphonyqg");
  expect(peer("--engines", "lodestone")).toBe("lodestone,symphonyqg");
});

test("wrong words are refused by name", () => {
  expect(() => kernelWords(["--dataset", "d", "--efs", "10"])).toThrow("--efs");
  expect(() => kernelWords(["--dataset", "d", "--ef", "10,x"])).toThrow("--ef 10,x: not numbers");
  expect(() => kernelWords(["--dataset", "d", "--count", "-1"])).toThrow("--count");
  expect(() => kernelWords(["--dataset", "d", "--engines", "faiss"])).toThrow("'faiss'");
  expect(() => kernelWords(["--synthetic", "uniform"])).toThrow("only clustered is made");
  expect(() => kernelWords(["speed", "--dataset", "d"])).toThrow("'speed' is no command");
  expect(() => kernelWords(["compare"])).toThrow("either --dataset or --synthetic");
  expect(() => kernelWords(["--dataset", "d", "--synthetic", "clustered"])).toThrow("either");
});
