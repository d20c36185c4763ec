import type { FromEngine, ToEngine } from "./engine/messages.ts";

const FIRST_RETRY_MS = 1000;
const LONGEST_RETRY_MS = 30_000;

/** The page's end of the engine. The worker is loaded with the first message, and again until the network lets it. */
export class EngineClient {
  private worker: Worker | undefined;
  private ready = false;
  private readonly outbox: ToEngine[];

  constructor(
    start: Extract<ToEngine, { type: "start" }>,
    private readonly hear: (message: FromEngine) => void,
  ) {
    this.outbox = [start];
  }

  send(message: ToEngine): void {
    if (this.ready) {
      this.worker?.postMessage(message);
      return;
    }
    this.outbox.push(message);
    if (this.worker === undefined) this.load(FIRST_RETRY_MS);
  }

  /** Tells the engine, if there is one yet, that the device has a network again. */
  wake(): void {
    if (this.ready) this.worker?.postMessage({ type: "online" } satisfies ToEngine);
  }

  private load(retryMs: number): void {
    const worker = new Worker(new URL("./engine/worker.ts", import.meta.url), { type: "module" });
    this.worker = worker;
    worker.onmessage = ({ data }: MessageEvent<FromEngine>) => {
      if (data.type === "ready") this.begin(worker);
      else this.hear(data);
    };
    worker.onerror = () => {
      if (this.ready) return;
      worker.terminate();
      this.hear({ type: "connection", state: "unsteady" });
      setTimeout(() => this.load(Math.min(LONGEST_RETRY_MS, retryMs * 2)), retryMs);
    };
  }

  private begin(worker: Worker): void {
    this.ready = true;
    this.hear({ type: "connection", state: "steady" });
    for (const message of this.outbox.splice(0)) worker.postMessage(message);
  }
}
