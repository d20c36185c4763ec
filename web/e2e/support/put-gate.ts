import { type BrowserContext, expect, type Request, type Route } from "@playwright/test";

/** What to do with a PUT on its way to storage. `attempt` counts from 1, per photo. */
export type Treatment = (route: Route, attempt: number) => Promise<void>;

/** Stands between the pages and storage. Whatever goes on is answered by the real server. */
export class PutGate {
  /** PUTs that came by, repeated ones included. */
  count = 0;
  /** The most that were under way at one time. */
  mostAtOnce = 0;
  private underWay = 0;
  private readonly held: (() => void)[] = [];
  private readonly attempts = new Map<string, number>();
  private holding = false;

  /** `treat` defaults to letting everything pass. */
  static async before(
    context: BrowserContext,
    treat: Treatment = (route) => route.continue(),
  ): Promise<PutGate> {
    const gate = new PutGate();
    await context.route(isStored, (route) => gate.take(route, treat));
    const ended = (request: Request) => {
      if (isStored(new URL(request.url())) && request.method() === "PUT") gate.underWay -= 1;
    };
    context.on("requestfinished", ended);
    context.on("requestfailed", ended);
    return gate;
  }

  /** From now on every PUT waits. */
  close(): void {
    this.holding = true;
  }

  /** Lets what waits go on, and all that follows. */
  open(): void {
    this.holding = false;
    for (const release of this.held.splice(0)) release();
  }

  async hasHeld(count: number): Promise<void> {
    await expect.poll(() => this.held.length, "PUTs that wait").toBe(count);
  }

  private async take(route: Route, treat: Treatment): Promise<void> {
    if (route.request().method() !== "PUT") return route.continue();
    this.count += 1;
    this.underWay += 1;
    this.mostAtOnce = Math.max(this.mostAtOnce, this.underWay);
    const { pathname } = new URL(route.request().url());
    const attempt = (this.attempts.get(pathname) ?? 0) + 1;
    this.attempts.set(pathname, attempt);
    if (this.holding) await new Promise<void>((resolve) => this.held.push(resolve));
    await treat(route, attempt);
  }
}

/** Whether an address lies in the store: the bucket is the first part of its path. */
export function isStored({ pathname }: URL): boolean {
  return pathname.startsWith("/hasty-media/");
}
