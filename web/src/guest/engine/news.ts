import type { Image } from "../../shared/api.ts";
import { backoffMs } from "./backoff.ts";
import type { Clock } from "./clock.ts";
import { type Verdict, verdictOf } from "./verdict.ts";
import { watch } from "./watch.ts";

export interface NewsParts {
  fetch: typeof fetch;
  token: string;
  clock: Clock;
  random: () => number;
  signal: AbortSignal;
  /** The last event before this page was made. */
  after: number;
}

export interface NewsListener {
  heard: (imageId: number, verdict: Verdict) => void;
  ended: () => void;
}

/** The server says something every 15 seconds, if only that it is there. */
const QUIET_MS = 40_000;

/**
 * The server's events of photos that have been looked at. Whoever listens and hears nothing may still have missed it: a
 * proxy may hold the stream back.
 */
export class News {
  /** The stream has begun. */
  isOpen = false;
  private after: string;
  private stream: AbortController | undefined;
  private failures = 0;
  private notBefore = 0;

  constructor(private readonly parts: NewsParts) {
    this.after = String(parts.after);
    parts.signal.addEventListener("abort", () => this.close());
  }

  /** Begins to listen, unless that has just failed. */
  open(listener: NewsListener): void {
    const { clock, signal, random } = this.parts;
    if (this.stream !== undefined || signal.aborted || clock.now() < this.notBefore) return;
    const stream = new AbortController();
    this.stream = stream;
    void this.listen(stream, listener.heard)
      .catch(() => {})
      .finally(() => {
        if (this.stream !== stream) return;
        this.failures = this.isOpen ? 1 : this.failures + 1;
        this.notBefore = clock.now() + backoffMs(this.failures, random);
        this.close();
        listener.ended();
      });
  }

  /** One connection more for what is more urgent. What happens meanwhile is told when it is open again. */
  close(): void {
    const stream = this.stream;
    this.stream = undefined;
    this.isOpen = false;
    stream?.abort();
  }

  private async listen(stream: AbortController, heard: NewsListener["heard"]): Promise<void> {
    const { fetch, token, clock } = this.parts;
    let heardAt = clock.now();
    const unwatch = watch(
      clock,
      () => QUIET_MS,
      () => heardAt,
      () => stream.abort(),
    );
    try {
      const response = await fetch("/api/events/", {
        headers: { authorization: `Bearer ${token}`, "last-event-id": this.after },
        signal: stream.signal,
      });
      if (!response.ok || response.body === null) return;
      const reader = response.body.getReader();
      const decoder = new TextDecoder();
      for (let text = ""; ;) {
        const { done, value } = await reader.read();
        if (done || this.stream !== stream) return;
        heardAt = clock.now();
        const blocks = (text + decoder.decode(value, { stream: true })).split("\n\n");
        text = blocks.pop() ?? "";
        for (const block of blocks) this.take(fieldsOf(block), heard);
      }
    } finally {
      unwatch();
    }
  }

  private take({ event, id, data }: Record<string, string>, heard: NewsListener["heard"]): void {
    if (id !== undefined) this.after = id;
    if (event === "begin") this.isOpen = true;
    if (event !== "image" || data === undefined) return;
    const { image, ...told } = JSON.parse(data) as Partial<Image> & { image: number };
    const verdict: Verdict | undefined = told.state === "deleted" ? { is: "unknowable" } : verdictOf(told);
    if (verdict) heard(image, verdict);
  }
}

/** Of one event (HTML, "Server-sent events"), as our server writes them: each field once, in a line of its own. */
function fieldsOf(block: string): Record<string, string> {
  const pairs = block.split("\n").map((line) => {
    const colon = line.indexOf(": ");
    return [line.slice(0, colon), line.slice(colon + 2)];
  });
  return Object.fromEntries(pairs) as Record<string, string>;
}
