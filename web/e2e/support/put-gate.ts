import { type BrowserContext, expect, type Route } from "@playwright/test";

/** What to do with a PUT on its way to storage. `attempt` counts from 1, per photo. */
export type Treatment = (route: Route, attempt: number) => Promise<void>;

/** Stands between the pages and storage. Whatever goes on is answered by the real server. */
export class PutGate {
  /** PUTs that came by, repeated ones included. */
  count = 0;
  /** The most that waited at one time. */
  mostHeld = 0;
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

  /** Lets one PUT go on that waits. */
  letOnePass(): void {
    this.held.shift()?.();
  }

  async hasHeld(count: number): Promise<void> {
    await expect.poll(() => this.held.length, "PUTs that wait").toBe(count);
  }

  private async take(route: Route, treat: Treatment): Promise<void> {
    if (route.request().method() !== "PUT") return route.continue();
    this.count += 1;
    const { pathname } = new URL(route.request().url());
    const attempt = (this.attempts.get(pathname) ?? 0) + 1;
    this.attempts.set(pathname, attempt);
    if (this.holding) await this.hold();
    await treat(route, attempt);
  }

  private hold(): Promise<void> {
    return new Promise((resolve) => {
      this.held.push(resolve);
      this.mostHeld = Math.max(this.mostHeld, this.held.length);
    });
  }
}

/** Whether an address lies in the store: the bucket is the first part of its path. */
export function isStored({ pathname }: URL): boolean {
  return pathname.startsWith("/hasty-media/");
}
