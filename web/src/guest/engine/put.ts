import type { SignedPut } from "../../shared/api.ts";
import type { Clock } from "./clock.ts";
import type { Patience } from "./patience.ts";
import { watch } from "./watch.ts";

/** What storage answered; status 0 stands for no answer: the network failed, or the transfer stalled and was cut. */
export interface PutAnswer {
  status: number;
  body: string;
  /** Nothing moved any more, so the transfer was cut. */
  stalled?: true;
}

export interface PutParts {
  clock: Clock;
  /** The same for all that go the same way. */
  patience: Patience;
  /** Hears how many bytes have left so far. */
  onSent: (sentBytes: number) => void;
  signal: AbortSignal;
  createRequest?: () => XMLHttpRequest;
}

/** Without a single byte moving for this long, a transfer is cut and tried again. */
const STALL_MS = 20_000;

/** Sends one file, or a part of one, to its presigned URL. XMLHttpRequest, because fetch tells nothing of the progress of an upload. */
export function put(signed: SignedPut, body: Blob, parts: PutParts): Promise<PutAnswer> {
  const { clock, patience, onSent, signal, createRequest = () => new XMLHttpRequest() } = parts;
  const request = createRequest();
  let heardAt = clock.now();
  /** How long nothing may be heard. */
  let limitMs = STALL_MS;
  let allSent = false;
  let stalled = false;
  const unwatch = watch(
    clock,
    () => limitMs,
    () => heardAt,
    () => {
      stalled = true;
      request.abort();
    },
  );
  const abort = () => request.abort();
  signal.addEventListener("abort", abort);
  return new Promise<PutAnswer>((resolve) => {
    request.upload.onprogress = ({ loaded }) => {
      heardAt = clock.now();
      onSent(loaded);
    };
    request.upload.onload = () => {
      heardAt = clock.now();
      limitMs = patience.limitMs(body.size);
      allSent = true;
    };
    request.onloadend = () => {
      const { status, responseText } = request;
      const waitedMs = clock.now() - heardAt;
      if (allSent && stalled) patience.inVain(body.size, waitedMs);
      if (allSent && status !== 0) patience.answered(body.size, waitedMs);
      resolve({ status, body: responseText, ...(stalled ? { stalled } : {}) });
    };
    request.open(signed.method, signed.url);
    for (const [name, value] of Object.entries(signed.headers)) request.setRequestHeader(name, value);
    request.send(body);
  }).finally(() => {
    unwatch();
    signal.removeEventListener("abort", abort);
  });
}
