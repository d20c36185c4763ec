import type { Request } from "@playwright/test";
import { GUEST_BUDGET_BYTES } from "../vite/budget.ts";
import { smallPhotos } from "./support/photos.ts";
import { expect, test } from "./support/story.ts";

test.describe("on a first visit", () => {
  // It comes after everything that a guest waits for, and loads all that the page may ever need.
  test.use({ serviceWorkers: "block", locale: "de-DE" });

  test("a photo can be picked after 30 kB, and nothing reads photos before one is", async ({
    owner,
    guest,
    page,
  }) => {
    const asked: Request[] = [];
    page.on("request", (request) => asked.push(request));
    const ahead = page.waitForResponse(/\/assets\/worker-/);
    await guest.open(await owner.invite());
    const first = asked.filter((request) => !request.url().includes("/assets/worker-"));
    const sizes = await Promise.all(first.map((request) => request.sizes()));
    const bytes = sizes.reduce((sum, { responseBodySize }) => sum + responseBodySize, 0);
    expect(bytes).toBeGreaterThan(10_000);
    expect(bytes).toBeLessThanOrEqual(GUEST_BUDGET_BYTES);
    await ahead;
    const readsPhotos = () => asked.filter((request) => request.url().endsWith(".wasm"));
    expect(readsPhotos()).toEqual([]);
    await page.locator("#pick").setInputFiles(smallPhotos(1));
    await expect.poll(readsPhotos).toHaveLength(1);
  });
});
