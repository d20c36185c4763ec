import { svelte } from "@sveltejs/vite-plugin-svelte";
import { defineConfig } from "vitest/config";
import { en } from "./src/guest/text/en.ts";
import { fillText } from "./vite/fill-text.ts";
import { precompress } from "./vite/precompress.ts";
import { SERVICE_WORKER, shell } from "./vite/shell.ts";

export default defineConfig({
  base: "/",
  plugins: [svelte(), fillText("guest.html", { ...en }), shell(), precompress()],
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
