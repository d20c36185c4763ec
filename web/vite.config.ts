import { svelte } from "@sveltejs/vite-plugin-svelte";
import { defineConfig } from "vitest/config";
import { precompress } from "./vite/precompress.ts";

export default defineConfig({
  base: "/",
  plugins: [svelte(), precompress()],
  worker: { format: "es" },
  build: {
    target: "es2022",
    // Everything stays a file of its own: the pages' CSP allows neither inline scripts nor data: fetches.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    rolldownOptions: { input: ["guest.html", "closed.html", "admin.html"] },
  },
  test: { include: ["src/**/*.test.ts"], environment: "node" },
});
