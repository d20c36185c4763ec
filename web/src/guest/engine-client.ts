import type { Arrived, FromEngine, Reason, Report, ToEngine } from "./engine/messages.ts";

const FIRST_RETRY_MS = 1000;
const LONGEST_RETRY_MS = 30_000;
/** Two and a half minutes in all, where each fails at once; then the guest is told. */
const MOST_LOADS = 10;
/** A load of which nothing is heard for so long is given up. */
const LOAD_MS = 30_000;

/**
 * The page's end of the engine. The worker is loaded with the first message, and again until the network lets it. A
 * worker that breaks down fails what it had not finished; the next message loads another one, which learns what is saved.
 */
export class EngineClient {
  private worker: Worker | undefined;
  private ready = false;
  private outbox: ToEngine[] = [];
  /** What is neither saved nor skipped, by id. */
  private readonly unfinished = new Map<number, File>();
  /** What is saved; it may yet be refused, or taken back. */
  private readonly saved = new Map<number, Arrived>();
  /** The ids that no worker has, since the one that had them broke down. */
  private readonly lost = new Set<number>();

  /** What the guest said last; another worker has to hear it, too. */
  private paused = false;
  /** Ends the wait before the next load, if there is one. */
  private loadNow: (() => void) | undefined;

  /** `url` is the worker's script. */
  constructor(
    private readonly url: string,
    private readonly start: Extract<ToEngine, { type: "start" }>,
    private readonly hear: (message: FromEngine) => void,
  ) {}

  /** Brings the script into the browser's cache: this page needs its own, and the server may have another one by then. */
  async fetchAhead(): Promise<void> {
    await fetch(this.url).then(
      (response) => response.arrayBuffer(),
      () => undefined,
    );
  }

  send(message: ToEngine): void {
    if (message.type === "add") for (const { id, file } of message.files) this.unfinished.set(id, file);
    if (message.type === "retry") this.addLost(message.ids);
    if (message.type === "cancel") this.cancelLost(message.ids);
    if (message.type === "pause") this.paused = message.paused;
    this.post(message);
  }

  /** The device has a network again. */
  wake(): void {
    if (this.ready) this.post({ type: "online" });
    else this.loadNow?.();
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
    const worker = new Worker(this.url, { type: "module" });
    this.worker = worker;
    const breakDown = () => {
      clearTimeout(patience);
      worker.terminate();
      // It was given up already.
      if (this.worker !== worker) return;
      if (this.ready) this.giveUp({ code: "unexpected" });
      else this.notLoaded(attempt);
    };
    const patience = setTimeout(breakDown, LOAD_MS);
    worker.onerror = breakDown;
    worker.onmessage = ({ data }: MessageEvent<FromEngine>) => {
      clearTimeout(patience);
      if (data.type === "ready") this.begin(worker);
      else this.pass(data);
    };
  }

  private notLoaded(attempt: number): void {
    if (attempt >= MOST_LOADS) return this.giveUp({ code: "not_loaded" });
    this.hear({ type: "connection", state: "unsteady" });
    const delayMs = Math.min(LONGEST_RETRY_MS, FIRST_RETRY_MS * 2 ** (attempt - 1));
    const loadNow = () => {
      clearTimeout(timer);
      this.loadNow = undefined;
      this.load(attempt + 1);
    };
    const timer = setTimeout(loadNow, delayMs);
    this.loadNow = loadNow;
    void this.isMissing().then((isMissing) => {
      // Anything may have happened meanwhile.
      if (!isMissing || this.loadNow !== loadNow) return;
      clearTimeout(timer);
      this.giveUp({ code: "outdated" });
    });
  }

  /** Whether the server knows the script no more: a worker's errors do not say so. */
  private isMissing(): Promise<boolean> {
    return fetch(this.url).then(
      ({ status }) => status === 404,
      () => false,
    );
  }

  private begin(worker: Worker): void {
    this.ready = true;
    this.hear({ type: "connection", state: "steady" });
    const first: ToEngine[] = [this.start, { type: "pause", paused: this.paused }];
    if (this.saved.size > 0) first.push({ type: "arrived", files: [...this.saved.values()] });
    for (const message of [...first, ...this.outbox.splice(0)]) worker.postMessage(message);
  }

  private pass(message: FromEngine): void {
    if (message.type === "reports") {
      for (const report of message.reports) this.follow(report);
    }
    this.hear(message);
  }

  private follow(report: Report): void {
    const { id, state } = report;
    const file = this.unfinished.get(id) ?? this.saved.get(id)?.file;
    if (state === "saved" || state === "skipped") this.unfinished.delete(id);
    else if (file) this.unfinished.set(id, file);
    if (state === "saved" && file) this.saved.set(id, { id, file, sizeBytes: file.size, told: report });
    else this.saved.delete(id);
  }

  /** Fails all that is unfinished, until the guest tries again. */
  private giveUp(reason: Reason): void {
    this.worker = undefined;
    this.ready = false;
    this.loadNow = undefined;
    this.outbox = [];
    const ids = [...this.unfinished.keys()];
    for (const id of ids) this.lost.add(id);
    this.hear({ type: "reports", reports: ids.map((id) => ({ id, state: "failed", reason })) });
    this.hear({ type: "connection", state: "steady" });
  }
}
