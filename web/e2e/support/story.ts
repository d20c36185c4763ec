import { test as base, type BrowserContext, expect } from "@playwright/test";
import { ChaosProxy } from "./chaos-proxy.ts";
import { createDatabase } from "./database.ts";
import { environment } from "./environment.ts";
import { GuestPage } from "./guest-page.ts";
import { Owner } from "./owner.ts";
import { OwnerPage } from "./owner-page.ts";
import { isStored } from "./put-gate.ts";
import { type HastyServer, startServer } from "./server.ts";

/** What a server stands on. */
export interface Ground {
  database: "SQLite" | "PostgreSQL";
  store: "embedded" | "external";
}

interface Parts {
  ground: Ground;
  /** Further `HASTY_*` variables of the server. */
  settings: Record<string, string>;
  /** The `HASTY_*` variables of a database of this story's own. */
  database: Record<string, string>;
  /** Another server, whose embedded store is an external S3 for the first one. */
  externalStore: HastyServer | undefined;
  /** Fresh, with nothing in it. */
  server: HastyServer;
  /** Whom the pages may talk to. */
  origins: Set<string>;
  /** A network that the pages reach the server through, and through nothing else. */
  network: ChaosProxy;
  owner: Owner;
  guest: GuestPage;
  ownerPage: OwnerPage;
  /** Fails the story for anything that a good page never does, whatever the story is about. */
  goodManners: void;
}

export const test = base.extend<Parts>({
  ground: [{ database: "SQLite", store: "embedded" }, { option: true }],
  settings: [{}, { option: true }],
  database: async ({ ground }, use) => {
    if (ground.database === "SQLite") return use({});
    const database = await createDatabase(environment.databaseUrl ?? "");
    await use({ HASTY_DATABASE_URL: database.url });
    await database.drop();
  },
  externalStore: async ({ ground }, use) => {
    if (ground.store === "embedded") return use(undefined);
    const store = await startServer();
    await use(store);
    await store.stop();
  },
  server: async ({ settings, database, externalStore }, use, info) => {
    const store = externalStore && (await asStore(externalStore));
    const server = await startServer({ ...settings, ...database, ...store });
    await use(server);
    await server.stop();
    if (info.status !== info.expectedStatus) await info.attach("server log", { body: server.log() });
  },
  origins: async ({ server, externalStore }, use) => {
    await use(new Set([server.url, ...(externalStore ? [externalStore.url] : [])]));
  },
  network: async ({ server, origins }, use, info) => {
    const network = await ChaosProxy.before(server.url);
    origins.delete(server.url);
    origins.add(network.url);
    await use(network);
    await network.stop();
    const body = `HASTY_TEST_SEED=${environment.seed} ${JSON.stringify(network.log.fates())}`;
    if (info.status !== info.expectedStatus) await info.attach("network", { body });
  },
  owner: async ({ server }, use) => use(new Owner(server)),
  guest: async ({ page }, use) => use(new GuestPage(page)),
  ownerPage: async ({ page }, use) => use(new OwnerPage(page)),
  goodManners: [
    async ({ context, origins }, use) => {
      const seen = watch(context);
      await use();
      const strange = seen.requests.filter(
        (url) => !/^(blob|data):/.test(url) && !origins.has(new URL(url).origin),
      );
      expect(strange, "requests to somebody else").toEqual([]);
      expect(seen.offences, "scripts that failed, or that the Content-Security-Policy stopped").toEqual([]);
    },
    { auto: true },
  ],
});

export { expect };

async function asStore(store: HastyServer): Promise<Record<string, string>> {
  const { accessKeyId, secretAccessKey } = await store.storeKeys();
  return {
    HASTY_S3_ENDPOINT: store.url,
    HASTY_S3_ACCESS_KEY_ID: accessKeyId,
    HASTY_S3_SECRET_ACCESS_KEY: secretAccessKey,
  };
}

function watch(context: BrowserContext): { requests: string[]; offences: string[] } {
  const requests: string[] = [];
  const offences: string[] = [];
  context.on("request", (request) => requests.push(request.url()));
  context.on("weberror", (error) => offences.push(String(error.error())));
  context.on("dialog", (dialog) => {
    if (dialog.type() !== "beforeunload") offences.push(`${dialog.type()}: ${dialog.message()}`);
    void dialog.dismiss();
  });
  context.on("console", (message) => {
    // An original in a tab of its own: the store's policy stops even the styles of the browser's image viewer.
    if (isStored(new URL(message.page()?.url() ?? "about:blank"))) return;
    if (/Content.Security.Policy/i.test(message.text())) offences.push(message.text());
  });
  return { requests, offences };
}
