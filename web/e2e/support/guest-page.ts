import type { CDPSession, Locator, Page } from "@playwright/test";
import { expect } from "@playwright/test";
import type { MemoryFile } from "./photos.ts";

/** The page that a guest sees, in a guest's words. */
export class GuestPage {
  readonly picker: Locator;
  readonly folderPicker: Locator;
  readonly headline: Locator;
  readonly detail: Locator;

  constructor(readonly page: Page) {
    this.picker = page.getByLabel("Choose photos");
    this.folderPicker = page.getByLabel("Choose a folder");
    this.headline = page.locator("#headline");
    this.detail = page.locator("#detail");
  }

  async open({ upload_link }: { upload_link: string }): Promise<void> {
    await this.page.goto(upload_link);
  }

  async pick(files: string | string[] | MemoryFile[]): Promise<void> {
    await this.picker.setInputFiles(files);
  }

  async pickFolder(folder: string): Promise<void> {
    await this.folderPicker.setInputFiles(folder);
  }

  /** Drops files and folders of the disk onto the page, as a file manager does. */
  async drop(paths: string[]): Promise<void> {
    await this.drag(paths, ["dragEnter", "dragOver", "drop"]);
  }

  /** Holds them above the page. */
  async dragOver(paths: string[]): Promise<void> {
    await this.drag(paths, ["dragEnter", "dragOver"]);
  }

  private async drag(paths: string[], steps: ("dragEnter" | "dragOver" | "drop")[]): Promise<void> {
    const browser: CDPSession = await this.page.context().newCDPSession(this.page);
    const data = { items: [], files: paths, dragOperationsMask: 1 };
    for (const type of steps) await browser.send("Input.dispatchDragEvent", { type, x: 120, y: 120, data });
  }

  /** The line of the list that shows this file. */
  row(name: string): Locator {
    return this.page.getByRole("listitem").filter({ has: this.page.getByText(name, { exact: true }) });
  }

  async seesAllChecked(count: number): Promise<void> {
    await expect(this.page.getByText("Saved and checked", { exact: true })).toHaveCount(count);
  }

  async seesAllSaved(count: number, limit_ms = 30_000): Promise<void> {
    const words =
      count === 1
        ? /^Your photo is .*(saved|verified)\.$/
        : new RegExp(`^All ${count} photos are .*(saved|verified)\\.$`);
    await expect(this.headline).toHaveText(words, { timeout: limit_ms });
  }
}
