import { randomBytes } from "node:crypto";
import { mkdir, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { type Browser, expect, type Page, test } from "@playwright/test";
import { build } from "vite";
import { Owner } from "../e2e/support/owner.ts";
import { smallPhoto } from "../e2e/support/photos.ts";
import { type HastyServer, startServer } from "../e2e/support/server.ts";

const ROUNDS = Number(process.env["HASTY_BENCH_ROUNDS"] ?? 3);
const COUNTS = (process.env["HASTY_BENCH_PHOTOS"] ?? "1000,2000").split(",").map(Number);
const SLOW_DOWNS = [1, 4];
const PHOTO_BYTES = 50_000;
const PATIENCE_MS = 600_000;
const SAMPLE_MS = 250;

interface Cost {
  totalMs: number;
  mainThreadMs: number;
  longTasks: number;
  longestMs: number;
  /** Of the page's own thread. */
  peakHeapMb: number;
}

/** A page that sends photos to the server, and how it says that all are saved. */
interface Sender {
  name: string;
  open: (page: Page, link: string) => Promise<void>;
  hasSaved: (page: Page, count: number) => Promise<void>;
}

test("sending photos from the disk, beside Uppy", async ({ browser }, info) => {
  const folder = info.outputPath("photos");
  const files = await makePhotos(folder, Math.max(...COUNTS));
  const senders = [guestPage, uppy(await bundle())];
  console.log(
    `\n${"".padEnd(28)}${"all saved".padStart(12)}${"main thread".padStart(14)}${"tasks > 50 ms".padStart(15)}${"longest".padStart(10)}${"heap".padStart(10)}`,
  );
  for (const slowDown of SLOW_DOWNS) {
    for (const count of COUNTS) {
      const costs = new Map(senders.map(({ name }) => [name, [] as Cost[]]));
      for (let round = 0; round < ROUNDS; round += 1) {
        for (const sender of senders) {
          costs.get(sender.name)?.push(await measure(browser, sender, files.slice(0, count), slowDown));
        }
      }
      print(count, slowDown, costs);
    }
  }
});

const guestPage: Sender = {
  name: "the guest's page",
  open: async (page, link) => void (await page.goto(link)),
  hasSaved: (page, count) =>
    expect(page.locator("#headline")).toHaveText(new RegExp(`^All ${count.toLocaleString("en")} photos`), {
      timeout: PATIENCE_MS,
    }),
};

/** At the origin of the server, so that no request needs a preflight. */
function uppy(script: string): Sender {
  return {
    name: "Uppy",
    async open(page, link) {
      const html = `<!doctype html><title>ready</title><input id="pick" type="file" multiple /><script type="module">${script}</script>`;
      await page.route("**/api/upload/**", (route) =>
        route.fulfill({ contentType: "text/html", body: html }),
      );
      await page.goto(link);
    },
    hasSaved: (page, count) => expect(page).toHaveTitle(`${count} saved`, { timeout: PATIENCE_MS }),
  };
}

async function measure(browser: Browser, sender: Sender, files: string[], slowDown: number): Promise<Cost> {
  // What the server makes of the photos is no matter of the page that sends them.
  const server = await startServer({ HASTY_INGEST_JOBS: "0" });
  try {
    return await measureAt(server, browser, sender, files, slowDown);
  } finally {
    await server.stop();
  }
}

async function measureAt(
  server: HastyServer,
  browser: Browser,
  sender: Sender,
  files: string[],
  slowDown: number,
): Promise<Cost> {
  const owner = new Owner(server);
  const context = await browser.newContext({ locale: "en-US" });
  const page = await context.newPage();
  await page.addInitScript(watchLongTasks);
  await sender.open(page, (await owner.invite()).upload_link);
  const inspector = await context.newCDPSession(page);
  await inspector.send("Performance.enable");
  await inspector.send("Emulation.setCPUThrottlingRate", { rate: slowDown });
  const metric = async (name: string) => {
    const { metrics } = await inspector.send("Performance.getMetrics");
    return metrics.find((one) => one.name === name)?.value ?? 0;
  };
  let peakHeap = 0;
  const watching = setInterval(() => {
    void metric("JSHeapUsedSize").then((bytes) => (peakHeap = Math.max(peakHeap, bytes)));
  }, SAMPLE_MS);
  const [busyBefore, start] = [await metric("TaskDuration"), performance.now()];
  await page.locator("#pick").setInputFiles(files);
  await sender.hasSaved(page, files.length);
  const totalMs = performance.now() - start;
  const mainThreadMs = 1000 * ((await metric("TaskDuration")) - busyBefore);
  clearInterval(watching);
  const tasks = await page.evaluate(() => (window as unknown as { longTasks: number[] }).longTasks);
  expect((await owner.photos()).length).toBe(files.length);
  await context.close();
  const longestMs = Math.max(0, ...tasks);
  return { totalMs, mainThreadMs, longTasks: tasks.length, longestMs, peakHeapMb: peakHeap / 1e6 };
}

function watchLongTasks(): void {
  const tasks: number[] = [];
  Object.assign(window, { longTasks: tasks });
  const note = (list: PerformanceObserverEntryList) =>
    list.getEntries().forEach(({ duration }) => tasks.push(duration));
  new PerformanceObserver(note).observe({ type: "longtask", buffered: true });
}

function print(count: number, slowDown: number, costs: Map<string, Cost[]>): void {
  const medians = [...costs].map(([name, rounds]) => [name, medianCost(rounds)] as const);
  for (const [name, cost] of medians) {
    const cells = [
      `${(cost.totalMs / 1000).toFixed(1)} s`.padStart(12),
      `${(cost.mainThreadMs / 1000).toFixed(2)} s`.padStart(14),
      `${cost.longTasks}`.padStart(15),
      `${cost.longestMs.toFixed(0)} ms`.padStart(10),
      `${cost.peakHeapMb.toFixed(1)} MB`.padStart(10),
    ];
    console.log(`${`${count}, ${slowDown}x: ${name}`.padEnd(28)}${cells.join("")}`);
  }
  const [ours, theirs] = medians.map(([, cost]) => cost);
  if (!ours || !theirs) return;
  const ratio = (of: (cost: Cost) => number) => (of(ours) / of(theirs)).toFixed(2);
  console.log(
    `${"".padEnd(28)}${ratio((cost) => cost.totalMs).padStart(12)}${ratio((cost) => cost.mainThreadMs).padStart(14)}${"".padStart(25)}${ratio((cost) => cost.peakHeapMb).padStart(10)}`,
  );
}

/** Of each figure by itself. */
function medianCost(rounds: Cost[]): Cost {
  const median = (of: (cost: Cost) => number) =>
    rounds.map(of).sort((a, b) => a - b)[Math.floor(rounds.length / 2)] ?? 0;
  return {
    totalMs: median((cost) => cost.totalMs),
    mainThreadMs: median((cost) => cost.mainThreadMs),
    longTasks: median((cost) => cost.longTasks),
    longestMs: median((cost) => cost.longestMs),
    peakHeapMb: median((cost) => cost.peakHeapMb),
  };
}

/** True JPEGs of about 50 KB whose bytes are like no other's. */
async function makePhotos(folder: string, count: number): Promise<string[]> {
  await mkdir(folder, { recursive: true });
  const paths: string[] = [];
  for (let number = 1; number <= count; number += 1) {
    const { name, buffer } = smallPhoto(number);
    const filler = randomBytes(PHOTO_BYTES - buffer.length);
    const comment = Buffer.from([0xff, 0xfe, (filler.length + 2) >> 8, (filler.length + 2) & 0xff]);
    const path = `${folder}/${name}`;
    await writeFile(path, Buffer.concat([buffer.subarray(0, 2), comment, filler, buffer.subarray(2)]));
    paths.push(path);
  }
  return paths;
}

async function bundle(): Promise<string> {
  const root = fileURLToPath(new URL(".", import.meta.url));
  const result = await build({
    configFile: false,
    root,
    logLevel: "error",
    define: { "process.env.NODE_ENV": '"production"' },
    build: { write: false, lib: { entry: "uppy-page.js", formats: ["es"], fileName: "uppy" } },
  });
  const [first] = [result].flat();
  if (first === undefined || !("output" in first)) throw new Error("Vite answers no bundle");
  return first.output[0].code.replaceAll("</script", "<\\/script");
}
