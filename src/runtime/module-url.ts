/**
 * Where a module that starts a process of its own is, in the source and in the package alike: there
 * it was compiled, and its name ends in `.js`. The compiler rewrites imports, but no other words.
 */
const isCompiled = import.meta.url.endsWith(".js");

/** `source` names the module as it is in the source tree. */
export function runnableModule(source: URL): URL {
  return isCompiled ? new URL(source.href.replace(/\.ts$/, ".js")) : source;
}
