import { expect, test } from "vitest";
import { type Files, firstLoad } from "./budget.ts";

const chunk = (imports: string[] = [], dynamicImports: string[] = []) =>
  ({ type: "chunk", imports, dynamicImports }) as const;
const HTML = `<link rel="icon" href="/icon.svg"><link rel="stylesheet" href="/assets/guest.css">
  <link rel="modulepreload" href="/assets/shared.js"><script type="module" src="/assets/guest.js"></script>`;
const FILES: Files = {
  "guest.html": { type: "asset" },
  "assets/guest.css": { type: "asset" },
  "assets/guest.js": chunk(["assets/shared.js"], ["assets/de.js", "assets/ar.js"]),
  "assets/shared.js": chunk(["assets/deep.js"]),
  "assets/deep.js": chunk(["assets/shared.js"]),
  "assets/de.js": chunk(["assets/deep.js"]),
  "assets/ar.js": chunk(),
  "assets/worker.js": { type: "asset" },
  "assets/metadata.wasm": { type: "asset" },
};
const BYTES: Record<string, number> = {
  "guest.html": 1,
  "assets/guest.css": 10,
  "assets/guest.js": 100,
  "assets/shared.js": 1000,
  "assets/deep.js": 10_000,
  "assets/de.js": 100_000,
  "assets/ar.js": 300_000,
  "assets/worker.js": 1_000_000,
  "assets/metadata.wasm": 1_000_000,
};
const weigh = (files: Files) => firstLoad("guest.html", HTML, files, (name) => BYTES[name] ?? NaN);

test("a page weighs what it names, what that imports, each once, and the heaviest language", () => {
  expect(weigh(FILES)).toBe(311_111);
});

test("what is imported later and at once counts once", () => {
  const both = chunk(["assets/shared.js"], ["assets/deep.js"]);
  expect(weigh({ ...FILES, "assets/guest.js": both })).toBe(11_111);
});
