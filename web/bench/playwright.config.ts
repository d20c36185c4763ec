import { defineConfig } from "@playwright/test";
import stories from "../e2e/playwright.config.ts";

export default defineConfig({
  ...stories,
  testMatch: "*.bench.ts",
  workers: 1,
  fullyParallel: false,
  timeout: 3_600_000,
});
