import { defineConfig } from "@playwright/test";
import { environment } from "./support/environment.ts";

export default defineConfig({
  testDir: ".",
  testMatch: "*.story.ts",
  outputDir: "../test-results",
  fullyParallel: true,
  workers: 2,
  forbidOnly: true,
  reporter: "list",
  timeout: 60_000,
  expect: { timeout: 20_000 },
  use: {
    locale: "en-US",
    // No trace: its snapshots fetch what the pages' Content-Security-Policy forbids.
    screenshot: "only-on-failure",
    launchOptions: {
      executablePath: environment.chromium,
      args: [
        "--no-sandbox",
        "--disable-gpu",
        "--disable-quic",
        "--no-first-run",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
      ],
    },
  },
});
