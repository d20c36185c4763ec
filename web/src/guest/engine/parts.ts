import type { PartedPolicy, PartRequest, SignedPart, SignedPut } from "../../shared/api.ts";
import { batched } from "./batch.ts";
import type { Clock } from "./clock.ts";
import type { Connection } from "./connection.ts";
import { type Failure, failureOf, UploadError, type Waiting, waitingAfter } from "./failure.ts";
import { Gate } from "./gate.ts";
import { noHistory, remedyFor, remember } from "./remedy.ts";
import type { Server } from "./server.ts";

/** Parts of one file between being read and the end of their PUT: as many as the network takes, and one or two ready. */
const AHEAD = 8;
/** Links that are asked for in one request. */
const SIGNED_AT_ONCE = AHEAD;
const ENOUGH_TO_SIGN = 3;
/** How long the first part waits for others to share its request, as long as the network has enough to do. */
const SIGN_LINGER_MS = 150;

export interface PartsParts {
  clock: Clock;
  connection: Connection;
  server: Pick<Server, "signParts" | "storedParts">;
  /** The SHA-256 of a part in hex, or undefined where this browser cannot hash. */
  hash: (part: Blob) => Promise<string | undefined>;
  /** The network would take another part at once. */
  networkHasRoom: () => boolean;
  /** Sends one part once the network has a place for it; throws `UploadError` where that fails. */
  send: (signed: SignedPut, part: Blob, sending: SendingPart) => Promise<void>;
  /** Hears how much of the file is in storage or on its way, and when a part begins to wait for its next attempt. */
  hear: (sentBytes: number, waiting?: Waiting) => void;
}

export interface SendingPart {
  hearSent: (sentBytes: number) => void;
  /** Throws where the part is not to be sent any more. */
  mustGoOn: () => void;
}

/**
 * Sends the parts of one file that are not in storage yet, several at once, each retried alone. Throws `UploadError` once
 * one of them needs more than to be sent again; what was stored until then stays.
 */
export async function sendParts(file: Blob, policy: PartedPolicy, parts: PartsParts): Promise<void> {
  const { server, clock, hear } = parts;
  const sending = new Sending(file, policy, hear);
  sending.found(await server.storedParts(policy.file_id));
  const sign = batched((wanted: PartRequest[]) => server.signParts(policy.file_id, wanted), {
    most: SIGNED_AT_ONCE,
    enough: ENOUGH_TO_SIGN,
    lingerMs: () => (parts.networkHasRoom() ? 0 : SIGN_LINGER_MS),
    clock,
  });
  const link = async (number: number) => {
    const sha256 = await parts.hash(sending.part(number));
    sending.mustGoOn();
    return sign({ number, ...(sha256 === undefined ? {} : { sha256 }) });
  };
  const ahead = new Gate(AHEAD);
  const all = sending.missing().map((number) => ahead.run(() => sendPart(number, sending, link, parts)));
  await Promise.all(all).catch((cause: unknown) => {
    sending.isOver = true;
    throw cause;
  });
}

async function sendPart(
  number: number,
  sending: Sending,
  link: (number: number) => Promise<SignedPart>,
  { connection, send }: PartsParts,
): Promise<void> {
  const part = sending.part(number);
  const hearSent = (sentBytes: number) => sending.sent(number, sentBytes);
  let history = noHistory;
  let signed: SignedPart | undefined;
  for (;;) {
    sending.mustGoOn();
    signed ??= await link(number);
    const failure = await send(signed, part, { hearSent, mustGoOn: () => sending.mustGoOn() }).then(
      () => undefined,
      failureOf,
    );
    if (failure === undefined) return sending.sent(number, part.size);
    const remedy = remedyFor(failure, history);
    if (!isOfOnePart(failure) || remedy.do === "end") throw new UploadError(failure);
    history = remember(history, failure);
    if (remedy.do === "sign_again") signed = undefined;
    sending.failed(number, waitingAfter(failure));
    await connection.pause(history.failures, remedy.do === "repeat" ? remedy.retryAfterMs : 0);
  }
}

/** Whether the other parts need not know of it. */
function isOfOnePart({ kind }: Failure): boolean {
  return kind === "transient" || kind === "unanswered" || kind === "url_refused";
}

/** How far a file has come, part by part; they count from 1. */
class Sending {
  /** One part has failed for good: the others need not begin. */
  isOver = false;
  private readonly sentOf = new Map<number, number>();
  private total = 0;

  constructor(
    private readonly file: Blob,
    private readonly policy: PartedPolicy,
    private readonly hear: PartsParts["hear"],
  ) {}

  part(number: number): Blob {
    const { part_size } = this.policy.multipart;
    return this.file.slice((number - 1) * part_size, number * part_size);
  }

  mustGoOn(): void {
    if (this.isOver) throw new UploadError({ kind: "transient" });
  }

  found(stored: number[]): void {
    for (const number of stored) this.count(number, this.part(number).size);
    this.hear(this.total);
  }

  missing(): number[] {
    const { parts } = this.policy.multipart;
    return Array.from({ length: parts }, (_, index) => index + 1).filter(
      (number) => !this.sentOf.has(number),
    );
  }

  sent(number: number, sentBytes: number): void {
    if (this.isOver) return;
    this.count(number, sentBytes);
    this.hear(this.total);
  }

  failed(number: number, waiting: Waiting): void {
    if (this.isOver) return;
    this.count(number, 0);
    this.hear(this.total, waiting);
  }

  private count(number: number, sentBytes: number): void {
    this.total += sentBytes - (this.sentOf.get(number) ?? 0);
    this.sentOf.set(number, sentBytes);
  }
}
