import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { environment } from "./environment.ts";

const GREETING = "HastyImages listens on ";

export interface KeyPair {
  accessKeyId: string;
  secretAccessKey: string;
}

/** A server of one test's own, with an empty data folder. */
export interface HastyServer {
  /** Its origin, `http://127.0.0.1:<port>`. */
  url: string;
  ownerKey: string;
  /** Of its embedded store. */
  storeKeys(): Promise<KeyPair>;
  /** What it has logged so far. */
  log(): string;
  stop(): Promise<void>;
}

/** Starts the real binary on a free port; `settings` are `HASTY_*` variables. */
export async function startServer(settings: Record<string, string> = {}): Promise<HastyServer> {
  const folder = await mkdtemp(join(tmpdir(), "hasty-story-"));
  const child = spawn(environment.hasty, ["serve", "--listen", "127.0.0.1:0", "--data-dir", folder], {
    env: { PATH: process.env["PATH"], ...settings },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const lines: string[] = [];
  createInterface(child.stderr).on("line", (line) => lines.push(line));
  const log = () => lines.join("\n");
  const url = await greeting(child, log);
  return {
    url,
    ownerKey: (await readFile(join(folder, "owner-key"), "utf8")).trim(),
    async storeKeys() {
      const [accessKeyId = "", secretAccessKey = ""] = (await readFile(join(folder, "s3-key"), "utf8"))
        .trim()
        .split(":");
      return { accessKeyId, secretAccessKey };
    },
    log,
    async stop() {
      if (child.exitCode === null) {
        const exited = once(child, "exit");
        child.kill("SIGTERM");
        await exited;
      }
      await rm(folder, { recursive: true });
    },
  };
}

/** The first line names the address; a server that ends before it has failed. */
async function greeting(child: ChildProcess, log: () => string): Promise<string> {
  if (child.stdout === null) throw new Error("the server has no output");
  const output = createInterface(child.stdout);
  for await (const line of output) {
    if (!line.startsWith(GREETING)) throw new Error(`the server greets with "${line}"`);
    // Nobody reads on, and nothing may fill up.
    child.stdout.resume();
    return line.slice(GREETING.length);
  }
  throw new Error(`the server does not start:\n${log()}`);
}
