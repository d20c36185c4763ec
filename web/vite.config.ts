import { svelte } from "@sveltejs/vite-plugin-svelte";
import { defineConfig } from "vitest/config";
import { en } from "./src/guest/text/en.ts";
import { fillText } from "./vite/fill-text.ts";
import { precompress } from "./vite/precompress.ts";

export default defineConfig({
  base: "/",
  plugins: [svelte(), fillText("guest.html", { ...en }), precompress()],
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
