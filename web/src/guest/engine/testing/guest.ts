import type {
  CompleteRequest,
  Duplicate,
  PartedPolicy,
  PartRequest,
  PickRequest,
} from "../../../shared/api.ts";
import type { Policy, PolicyRequest, RefusedItem, Remembered } from "../../../shared/api.ts";
import type { SignedPart, SignedPut } from "../../../shared/api.ts";
import { Connection } from "../connection.ts";
import { Engine } from "../engine.ts";
import type { ConnectionState, Report } from "../messages.ts";
import type { Prepared } from "../prepare.ts";
import type { PutAnswer } from "../put.ts";
import type { Verdict } from "../verdict.ts";
import { ManualClock } from "./manual-clock.ts";

export const putWorks: PutAnswer = { status: 200, body: "" };
export const putBreaks: PutAnswer = { status: 0, body: "" };
export const putRefused = (code: string, status = 403): PutAnswer => ({
  status,
  body: `<?xml version="1.0"?><Error><Code>${code}</Code><Message>no</Message></Error>`,
});

/** One PUT as storage sees it. */
export interface SeenPut {
  name: string;
  imageId: number;
  url: string;
  /** Its number, where it is a part of a large file. */
  part?: number;
  /** What was signed of a part. */
  sha256?: string | undefined;
}

/** An engine between a server and a storage that the test plays itself, on a clock of the test. */
export class Guest {
  readonly clock = new ManualClock();
  readonly signed: PolicyRequest[] = [];
  readonly completed: CompleteRequest[] = [];
  readonly puts: SeenPut[] = [];
  readonly prepared: string[] = [];
  /** Requests for links of parts: the numbers in each. */
  readonly signedParts: number[][] = [];
  /** Image ids and numbers of the parts that storage holds, as "1/2". */
  readonly stored = new Set<string>();
  /** Files of more bytes go in parts of so many. */
  partSize = Infinity;
  hashesNow = 0;
  mostHashesAtOnce = 0;
  readonly reports = new Map<number, Report>();
  /** Images that the server was asked about. */
  readonly looks: { imageId: number; atMs: number; putsNow: number }[] = [];
  readonly picked: PickRequest[] = [];
  readonly forgotten: number[] = [];
  readonly takenBack: number[] = [];
  linkEnded = 0;
  connection: ConnectionState = "steady";
  /** The names in each request for links. */
  readonly signedTogether: string[][] = [];
  putsNow = 0;
  mostPutsAtOnce = 0;
  private nextImage = 1;
  private readonly links = new Map<string, Omit<SeenPut, "url">>();
  private readonly engine: Engine;

  /** What the test decides; a file is known by its name. */
  prepare: (file: File) => Promise<Prepared> = () => Promise.resolve({ type: "image/jpeg", sha256: "00" });
  refuseToSign: (file: PolicyRequest) => RefusedItem | Duplicate | undefined = () => undefined;
  put: (put: SeenPut) => Promise<PutAnswer> = () => Promise.resolve(putWorks);
  refuseParts: (imageId: number) => unknown = () => undefined;
  refuseToComplete: (file: CompleteRequest) => RefusedItem | undefined = () => undefined;
  verdictOn: (imageId: number) => Verdict | undefined = () => ({ is: "passed", warnings: [] });
  /** What the server says of a pick; a number is its id. */
  remember: (pick: PickRequest) => number | RefusedItem | undefined = () => undefined;
  /** How long the server takes for it. */
  rememberMs = 0;
  /** Resolves once answers to `complete` may arrive. */
  completing: Promise<void> = Promise.resolve();
  mayTakeBack = true;
  /** Thrown by both calls instead of an answer. */
  serverThrows: unknown;

  constructor() {
    this.engine = new Engine({
      clock: this.clock,
      random: () => 0.5,
      connection: new Connection(
        this.clock,
        () => 0.5,
        (state) => (this.connection = state),
      ),
      server: {
        sign: (files) => {
          this.signedTogether.push(files.map(({ filename }) => filename));
          return this.answer(() => files.map((file) => this.sign(file)));
        },
        complete: async (files) => {
          const answers = files.map((file) => this.refuseToComplete(file) ?? this.complete(file));
          await this.completing;
          return this.answer(() => answers);
        },
        remember: (files) => this.rememberPicks(files),
        forget: (picks) => {
          this.forgotten.push(...picks);
          return Promise.resolve();
        },
        takeBack: (imageId) => {
          this.takenBack.push(imageId);
          return Promise.resolve(this.mayTakeBack);
        },
        signParts: (imageId, parts) => this.answer(() => this.signParts(imageId, parts)),
        storedParts: (imageId) => this.answer(() => this.storedParts(imageId)),
      },
      maxFileBytes: 1000,
      prepare: (file) => {
        this.prepared.push(file.name);
        return this.prepare(file);
      },
      hash: (part) => this.hash(part),
      put: ({ url }, body, { signal, hearSent }) => this.receive(url, body, signal, hearSent),
      mostPuts: () => 6,
      news: { isOpen: false, open: () => {}, close: () => {} },
      verdictOn: async (imageId) => {
        this.looks.push({ imageId, atMs: this.clock.now(), putsNow: this.putsNow });
        return this.verdictOn(imageId);
      },
      report: (report) => this.reports.set(report.id, report),
      linkEnded: () => {
        this.linkEnded += 1;
      },
    });
  }

  /** Picks files of these names; the first gets the id 1. */
  pick(...names: string[]): void {
    this.pickFiles(names.map((name) => new File(["photo"], name)));
  }

  pickFiles(files: File[]): void {
    const first = this.reports.size + 1;
    const picked = files.map((file, index) => ({ id: first + index, file, sizeBytes: file.size }));
    for (const { id } of picked) this.reports.set(id, { id, state: "queued" });
    this.engine.add(picked);
  }

  /** As if another engine had saved them: `images` are the server's ids. */
  goOnWith(...images: { imageId: number; check: "pending" | "passed" }[]): void {
    const files = images.map((image, index) => {
      const [id, file] = [index + 1, new File(["photo"], `${index + 1}.jpg`)];
      const told = { id, state: "saved", ...image } as const;
      this.reports.set(id, told);
      return { id, file, sizeBytes: file.size, told };
    });
    this.engine.goOnWith(files);
  }

  retry(...ids: number[]): void {
    this.engine.retry(ids);
  }

  cancel(...ids: number[]): void {
    this.engine.cancel(ids);
  }

  pause(paused = true): void {
    this.engine.pause(paused);
  }

  /** Lets time pass until every file is saved, failed or skipped, and answers these in the order picked. */
  async finish(): Promise<string[]> {
    await this.clock.until(() => this.states().every((state) => /^(saved|failed|skipped)$/.test(state)));
    return this.states();
  }

  states(): string[] {
    return [...this.reports.values()].sort((a, b) => a.id - b.id).map(({ state }) => state);
  }

  /** Without a word of the test's, no pick is remembered. */
  private rememberPicks(files: PickRequest[]): Promise<(Remembered | RefusedItem)[]> {
    this.picked.push(...files);
    const refused = { status: 409, code: "too_many_picks", message: "no" };
    const answers = files.map((file) => this.remember(file) ?? refused);
    const remembered = answers.map((answer) => (typeof answer === "number" ? { id: answer } : answer));
    if (this.rememberMs === 0) return Promise.resolve(remembered);
    return new Promise((resolve) => this.clock.after(this.rememberMs, () => resolve(remembered)));
  }

  private async answer<T>(answers: () => T): Promise<T> {
    if (this.serverThrows !== undefined) throw this.serverThrows;
    return answers();
  }

  private sign(file: PolicyRequest): Policy | PartedPolicy | Duplicate | RefusedItem {
    this.signed.push(file);
    const refusal = this.refuseToSign(file);
    if (refusal) return refusal;
    const id = file.file_id ?? this.nextImage++;
    const named = { key: "", file_bucket_path: "", file_id: id, filename: file.filename, token: "" };
    if (file.size > this.partSize) {
      const multipart = { part_size: this.partSize, parts: Math.ceil(file.size / this.partSize) };
      return { ...named, url: null, multipart };
    }
    const url = `/bucket/incoming/${id}?signature=${this.signed.length}`;
    this.links.set(url, { name: file.filename, imageId: id });
    return { ...named, ...signedPut(url, { "content-type": file.type }) };
  }

  private signParts(imageId: number, parts: PartRequest[]): SignedPart[] {
    this.refuse(imageId);
    this.signedParts.push(parts.map(({ number }) => number));
    return parts.map(({ number, sha256 }) => {
      const url = `/bucket/incoming/${imageId}?part=${number}&signature=${this.signedParts.length}`;
      this.links.set(url, { name: "", imageId, part: number, sha256 });
      const headers = sha256 === undefined ? {} : { "x-amz-checksum-sha256": sha256 };
      return { number, ...signedPut(url, headers) };
    });
  }

  private storedParts(imageId: number): number[] {
    this.refuse(imageId);
    const own = [...this.stored].map((part) => part.split("/").map(Number));
    return own.filter(([id]) => id === imageId).map(([, number]) => number ?? 0);
  }

  private refuse(imageId: number): void {
    const refusal = this.refuseParts(imageId);
    if (refusal !== undefined) throw refusal;
  }

  private async hash(part: Blob): Promise<string> {
    this.hashesNow += 1;
    this.mostHashesAtOnce = Math.max(this.mostHashesAtOnce, this.hashesNow);
    const text = await part.text();
    this.hashesNow -= 1;
    return text;
  }

  private async receive(
    url: string,
    body: Blob,
    signal: AbortSignal,
    hearSent: (sentBytes: number) => void,
  ): Promise<PutAnswer> {
    const put = { ...(this.links.get(url) ?? { name: "", imageId: 0 }), url };
    this.puts.push(put);
    this.putsNow += 1;
    this.mostPutsAtOnce = Math.max(this.mostPutsAtOnce, this.putsNow);
    const cut = new Promise<PutAnswer>((resolve) =>
      signal.addEventListener("abort", () => resolve(putBreaks), { once: true }),
    );
    const answer = await Promise.race([this.put(put), cut]);
    this.putsNow -= 1;
    if (answer.status === 200) hearSent(body.size);
    if (answer.status === 200 && put.part !== undefined) this.stored.add(`${put.imageId}/${put.part}`);
    return answer;
  }

  private complete(file: CompleteRequest): { id: number; saved: true } {
    this.completed.push(file);
    return { id: file.file, saved: true };
  }
}

function signedPut(url: string, headers: Record<string, string>): SignedPut {
  return { url, method: "PUT", headers, expires_at: "" };
}
