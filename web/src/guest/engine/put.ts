import type { SignedPut } from "../../shared/api.ts";
import type { Clock } from "./clock.ts";
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
  /** Hears how many bytes have left so far. */
  onSent: (sentBytes: number) => void;
  signal: AbortSignal;
  createRequest?: () => XMLHttpRequest;
}

/** Without a single byte moving for this long, a transfer is cut and tried again. */
const STALL_MS = 20_000;
/** Once every byte has left, storage may need a while to write the file durably. */
const ANSWER_MS = 60_000;
/** What "has left" may only lie in a buffer on the way, so the slowest uplink worth waiting for gets time for all of it. */
const SLOWEST_BYTES_PER_SEC = 4000;

/** Sends one file, or a part of one, to its presigned URL. XMLHttpRequest, because fetch tells nothing of the progress of an upload. */
export function put(signed: SignedPut, body: Blob, parts: PutParts): Promise<PutAnswer> {
  const { clock, onSent, signal, createRequest = () => new XMLHttpRequest() } = parts;
  const request = createRequest();
  let heardAt = clock.now();
  let allSent = false;
  let stalled = false;
  const answerMs = ANSWER_MS + 1000 * Math.floor(body.size / SLOWEST_BYTES_PER_SEC);
  const unwatch = watch(
    clock,
    () => (allSent ? answerMs : STALL_MS),
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
      allSent = true;
    };
    request.onloadend = () => {
      const { status, responseText } = request;
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
