import type { Rolldown } from "vite";

/** What a guest's browser loads at most until a file can be picked, HTML, CSS and JS, as it travels. */
export const GUEST_BUDGET_BYTES = 30_000;

type Chunk = Pick<Rolldown.OutputChunk, "type" | "imports" | "dynamicImports">;
export type Files = Record<string, Chunk | { type: "asset" }>;

/**
 * The weight of what a page loads before it can be used: itself, the scripts and styles that its tags name, what those
 * scripts import statically, and the heaviest of what they import later, a language, which is asked for first.
 */
export function firstLoad(
  page: string,
  html: string,
  files: Files,
  bytesOf: (name: string) => number,
): number {
  const first = new Set([page]);
  const later = new Set<string>();
  const queue = [...html.matchAll(/(?:src|href)="\/(assets\/[^"]+\.(?:js|css))"/g)].map(
    (match) => match[1] ?? "",
  );
  for (const name of queue) {
    const file = files[name];
    if (first.has(name) || file === undefined) continue;
    first.add(name);
    if (file.type === "asset") continue;
    queue.push(...file.imports);
    for (const one of file.dynamicImports) later.add(one);
  }
  const languages = [...later].filter((name) => !first.has(name)).map(bytesOf);
  return [...first].reduce((sum, name) => sum + bytesOf(name), Math.max(0, ...languages));
}
