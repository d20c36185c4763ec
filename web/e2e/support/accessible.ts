import AxeBuilder from "@axe-core/playwright";
import { expect, type Page } from "@playwright/test";

/** Breaks no rule that a program can check: WCAG, contrast included, and good practice. */
export async function isAccessible(page: Page): Promise<void> {
  // New in WCAG 2.2, and off unless it is asked for.
  const rules = { "target-size": { enabled: true } };
  const { violations } = await new AxeBuilder({ page }).options({ rules }).analyze();
  expect(violations.map(({ id, nodes }) => [id, ...nodes.map(({ html }) => html)])).toEqual([]);
}

/** Nothing lies beyond the edge. */
export async function fits(page: Page): Promise<void> {
  const width = await page.evaluate(() => document.documentElement.scrollWidth);
  expect(width).toBeLessThanOrEqual(page.viewportSize()?.width ?? 0);
}

/** The least that a thumb hits: 44 pixels each way. */
const THUMB = 44;

/** Everything to touch is large enough, nothing lies beyond the edge, and no rule is broken. */
export async function suitsAPhone(page: Page): Promise<void> {
  const tooSmall = await page.evaluate((least) => {
    const targets = [...document.querySelectorAll<HTMLElement>("a, button, label, summary")];
    return targets
      .filter((target) => target.checkVisibility())
      .map((target) => ({ target, box: target.getBoundingClientRect() }))
      .filter(({ box }) => Math.min(box.width, box.height) < least)
      .map(({ target, box }) => `${target.outerHTML}: ${box.width} x ${box.height}`);
  }, THUMB);
  expect(tooSmall).toEqual([]);
  await fits(page);
  await isAccessible(page);
}
