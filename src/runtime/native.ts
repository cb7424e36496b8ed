/**
 * The door to native code: loads an addon that was built at `npm install`. What it exports is for
 * the caller to know; an addon that is not there says how to get it.
 */
import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";

const require = createRequire(import.meta.url);

export function loadAddon(file: URL): unknown {
  const path = fileURLToPath(file);
  if (!existsSync(path)) {
    throw new Error(`${path} is not there: \`npm install\` builds it (python3, make and g++)`);
  }
  return require(path);
}
