import { svelte } from "@sveltejs/vite-plugin-svelte";
import { defineConfig } from "vitest/config";
import { CLOSED } from "./src/closed/text.ts";
import { en } from "./src/guest/text/en.ts";
import { DICTIONARIES, type Language } from "./src/guest/text/language.ts";
import type { Text } from "./src/guest/text/text.ts";
import { fillText, translate, type Words } from "./vite/fill-text.ts";
import { precompress } from "./vite/precompress.ts";
import { SERVICE_WORKER, shell } from "./vite/shell.ts";

const others = await Promise.all(Object.values(DICTIONARIES).map((load) => load()));
const guest = (text: Text): Words => ({ ...text, words: { ...text } });
const closed = (text: Text): Words => ({ ...text, words: { ...CLOSED[text.locale as Language] } });

export default defineConfig({
  base: "/",
  plugins: [
    svelte(),
    fillText("guest.html", [guest(en), ...others.map(guest)]),
    fillText("closed.html", [closed(en)]),
    translate("closed.html", [en, ...others].map(closed)),
    shell(),
    precompress(),
  ],
  worker: { format: "es" },
  build: {
    target: "es2022",
    // Everything stays a file of its own: the pages' CSP allows neither inline scripts nor data: fetches.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    rolldownOptions: {
      input: ["guest.html", "closed.html", "admin.html", `src/service-worker/${SERVICE_WORKER}.ts`],
      output: {
        entryFileNames: ({ name }) => (name === SERVICE_WORKER ? "[name].js" : "assets/[name]-[hash].js"),
      },
    },
  },
  test: { include: ["src/**/*.test.ts", "vite/**/*.test.ts"], environment: "node" },
});
