import type { Plugin } from "vite";

/** Writes the dictionary's words into the elements that name them by `data-text`, so that a page reads well before its script. */
export function fillText(page: string, words: Record<string, unknown>): Plugin {
  return {
    name: "fill-text",
    transformIndexHtml: (html, { path }) =>
      path.endsWith(page)
        ? html.replace(
            /(data-text="(\w+)"[^>]*>)(?=<)/g,
            (_, tag: string, key: string) => tag + word(words, key),
          )
        : html,
  };
}

function word(words: Record<string, unknown>, key: string): string {
  const value = words[key];
  if (typeof value !== "string") throw new Error(`the dictionary has no plain text named "${key}"`);
  return value.replaceAll("&", "&amp;").replaceAll("<", "&lt;");
}
