import type { Plugin } from "vite";

/** A language as a page names it, and its words. */
export interface Words {
  locale: string;
  direction: "ltr" | "rtl";
  words: Record<string, unknown>;
}

/**
 * Writes the dictionary's words into the elements that name them by `data-text`, so that a page reads well before its script;
 * and into a `noscript` that does so, in all languages, since nothing is there to choose one.
 */
export function fillText(page: string, languages: [Words, ...Words[]]): Plugin {
  const inAll = (_: string, key: string) =>
    `<noscript>${languages.map((one) => sentence(one, key)).join("")}`;
  return {
    name: "fill-text",
    transformIndexHtml: (html, { path }) =>
      path.endsWith(page)
        ? fill(html.replace(/<noscript data-text="(\w+)">/g, inAll), languages[0].words)
        : html,
  };
}

/** Writes a page that has no script in each language, as `page.<language>.html`: the server chooses. */
export function translate(page: string, languages: Words[]): Plugin {
  return {
    name: "translate",
    apply: "build",
    enforce: "post",
    generateBundle(_, bundle) {
      const written = bundle[page];
      if (written?.type !== "asset") throw new Error(`${page} is no page of this build`);
      for (const { locale, direction, words } of languages) {
        const html = fill(String(written.source), words);
        const source = html.replace(
          /<html lang="\w+" dir="\w+"/,
          `<html lang="${locale}" dir="${direction}"`,
        );
        this.emitFile({ type: "asset", fileName: page.replace(".html", `.${locale}.html`), source });
      }
    },
  };
}

function fill(html: string, words: Record<string, unknown>): string {
  return html.replace(
    /(data-text="(\w+)"[^>]*>)[^<]*(?=<)/g,
    (_, tag: string, key: string) => tag + word(words, key),
  );
}

function sentence({ locale, direction, words }: Words, key: string): string {
  return `<p class="notice" lang="${locale}" dir="${direction}">${word(words, key)}</p>`;
}

function word(words: Record<string, unknown>, key: string): string {
  const value = words[key];
  if (typeof value !== "string") throw new Error(`the dictionary has no plain text named "${key}"`);
  return value.replaceAll("&", "&amp;").replaceAll("<", "&lt;");
}
