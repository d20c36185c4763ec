import type { FromEngine, Reason, Report, ToEngine } from "./engine/messages.ts";

const FIRST_RETRY_MS = 1000;
const LONGEST_RETRY_MS = 30_000;
/** Two and a half minutes in all; then the guest is told. */
const MOST_LOADS = 10;

/**
 * The page's end of the engine. The worker is loaded with the first message, and again until the network lets it. A
 * worker that breaks down fails what it had not finished; the next message loads another one.
 */
export class EngineClient {
  private worker: Worker | undefined;
  private ready = false;
  private outbox: ToEngine[] = [];
  /** What is neither saved nor skipped, by id. */
  private readonly unfinished = new Map<number, File>();
  /** What is saved, and may yet be refused. */
  private readonly saved = new Map<number, File>();
  /** The ids that no worker has, since the one that had them broke down. */
  private readonly lost = new Set<number>();

  /** What the guest said last; another worker has to hear it, too. */
  private paused = false;

  constructor(
    private readonly start: Extract<ToEngine, { type: "start" }>,
    private readonly hear: (message: FromEngine) => void,
  ) {}

  send(message: ToEngine): void {
    if (message.type === "add") for (const { id, file } of message.files) this.unfinished.set(id, file);
    if (message.type === "retry") this.addLost(message.ids);
    if (message.type === "cancel") this.cancelLost(message.ids);
    if (message.type === "pause") this.paused = message.paused;
    this.post(message);
  }

  /** Tells the engine, if there is one yet, that the device has a network again. */
  wake(): void {
    if (this.ready) this.post({ type: "online" });
  }

  private post(message: ToEngine): void {
    if (this.ready) {
      this.worker?.postMessage(message);
      return;
    }
    this.outbox.push(message);
    if (this.worker === undefined) this.load(1);
  }

  private cancelLost(ids: number[]): void {
    const lost = ids.filter((id) => this.lost.delete(id));
    const reports = lost.map((id): Report => ({ id, state: "skipped", reason: { code: "cancelled" } }));
    if (reports.length > 0) this.pass({ type: "reports", reports });
  }

  private addLost(ids: number[]): void {
    const files = ids.flatMap((id) => {
      const file = this.lost.delete(id) ? this.unfinished.get(id) : undefined;
      return file === undefined ? [] : [{ id, file, sizeBytes: file.size }];
    });
    if (files.length > 0) this.post({ type: "add", files });
  }

  private load(attempt: number): void {
    const worker = new Worker(new URL("./engine/worker.ts", import.meta.url), { type: "module" });
    this.worker = worker;
    worker.onmessage = ({ data }: MessageEvent<FromEngine>) => {
      if (data.type === "ready") this.begin(worker);
      else this.pass(data);
    };
    worker.onerror = () => {
      worker.terminate();
      if (this.ready) this.giveUp({ code: "unexpected" });
      else if (attempt >= MOST_LOADS) this.giveUp({ code: "not_loaded" });
      else this.loadLater(attempt);
    };
  }

  private loadLater(attempt: number): void {
    this.hear({ type: "connection", state: "unsteady" });
    const delayMs = Math.min(LONGEST_RETRY_MS, FIRST_RETRY_MS * 2 ** (attempt - 1));
    setTimeout(() => this.load(attempt + 1), delayMs);
  }

  private begin(worker: Worker): void {
    this.ready = true;
    this.hear({ type: "connection", state: "steady" });
    const first: ToEngine[] = [this.start, { type: "pause", paused: this.paused }];
    for (const message of [...first, ...this.outbox.splice(0)]) worker.postMessage(message);
  }

  private pass(message: FromEngine): void {
    if (message.type === "reports") {
      for (const report of message.reports) this.follow(report);
    }
    this.hear(message);
  }

  private follow({ id, state, check }: Report): void {
    const file = this.unfinished.get(id) ?? this.saved.get(id);
    if (state === "saved" || state === "skipped") this.unfinished.delete(id);
    else if (file) this.unfinished.set(id, file);
    if (check === "pending" && file) this.saved.set(id, file);
    else this.saved.delete(id);
  }

  /** Fails all that is unfinished, until the guest tries again. */
  private giveUp(reason: Reason): void {
    this.worker = undefined;
    this.ready = false;
    this.outbox = [];
    const ids = [...this.unfinished.keys()];
    for (const id of ids) this.lost.add(id);
    this.hear({ type: "reports", reports: ids.map((id) => ({ id, state: "failed", reason })) });
    this.hear({ type: "connection", state: "steady" });
  }
}
