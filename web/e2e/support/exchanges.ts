import type { IncomingMessage } from "node:http";
import type { Batch, Completed, Duplicate, Policy, RefusedItem } from "../../src/shared/api.ts";
import type { Fate, Seen, Treatment } from "./fates.ts";
import type { Answer } from "./upstream.ts";

/** A request and what became of it. */
export interface Exchange extends Seen {
  fate: Fate;
  /** The moments of the log at which it came, and at which the server's answer did. */
  begunAt: number;
  answer?: Answer & { at: number };
}

/** Everything that came by, in its order. */
export class Log {
  readonly exchanges: Exchange[] = [];
  /** Counts the beginnings and the ends of all exchanges. */
  moment = 0;
  private readonly attempts = new Map<string, number>();
  private readonly waiting = new Set<{ condition: () => boolean; resolve: () => void }>();

  begin({ method = "", url = "", headers }: IncomingMessage, treat: Treatment): Exchange {
    const [path = ""] = url.split("?");
    const checksum = headers["x-amz-checksum-sha256"]?.toString();
    const key = `${method} ${checksum ?? path}`;
    const attempt = (this.attempts.get(key) ?? 0) + 1;
    this.attempts.set(key, attempt);
    const seen = { method, path, checksum, sizeBytes: Number(headers["content-length"] ?? 0), attempt };
    const exchange = { ...seen, fate: treat(seen), begunAt: this.moment };
    this.exchanges.push(exchange);
    this.pass();
    return exchange;
  }

  /** Without an answer where the server has not been asked, or not heard. */
  end(exchange: Exchange, answer?: Answer): void {
    if (answer !== undefined) exchange.answer = { ...answer, at: this.moment };
    this.pass();
  }

  /** Resolves as soon as the condition holds. */
  until(condition: () => boolean): Promise<void> {
    return new Promise((resolve) => {
      if (condition()) resolve();
      else this.waiting.add({ condition, resolve });
    });
  }

  /** How many requests had each fate. */
  fates(): Partial<Record<Fate, number>> {
    const counts: Partial<Record<Fate, number>> = {};
    for (const { fate } of this.exchanges) counts[fate] = (counts[fate] ?? 0) + 1;
    return counts;
  }

  puts(): Exchange[] {
    return this.exchanges.filter(({ method }) => method === "PUT");
  }

  /** When the server first said of each photo that it is complete, whether or not the guest heard of it. */
  completeAt(): Map<string, number> {
    const photos = new Map<number, string>();
    const moments = new Map<string, number>();
    for (const { item, at } of this.answers()) {
      if ("file_id" in item) photos.set(item.file_id, item.headers["x-amz-checksum-sha256"] ?? "");
      const photo = "saved" in item ? photos.get(item.id) : undefined;
      if (photo !== undefined && !moments.has(photo)) moments.set(photo, at);
    }
    return moments;
  }

  /** What the server has said of each file, in the order of its answers. */
  private answers(): { item: Policy | Duplicate | Completed | RefusedItem; at: number }[] {
    const ofFiles = this.exchanges.filter(({ path }) => /^\/api\/files\/(policy|complete)\//.test(path));
    const answers = ofFiles.flatMap(({ answer }) => (answer?.status === 200 ? [answer] : []));
    return answers
      .sort((a, b) => a.at - b.at)
      .flatMap(({ body, at }) => {
        const { files } = JSON.parse(body.toString()) as Batch<Policy | Duplicate | Completed>;
        return files.map((item) => ({ item, at }));
      });
  }

  private pass(): void {
    this.moment += 1;
    for (const one of this.waiting) {
      if (!one.condition()) continue;
      this.waiting.delete(one);
      one.resolve();
    }
  }
}
