import { systemClock as clock } from "./clock.ts";
import { Connection } from "./connection.ts";
import { Engine } from "./engine.ts";
import type { FromEngine, ToEngine } from "./messages.ts";
import { News } from "./news.ts";
import { Patience } from "./patience.ts";
import { hashOf, prepare } from "./prepare.ts";
import { put } from "./put.ts";
import { readerLoader } from "./reader.ts";
import { Reports } from "./reports.ts";
import { serverAt } from "./server.ts";
import { verdictOn } from "./verdict.ts";

declare const self: DedicatedWorkerGlobalScope;

const tell = (message: FromEngine) => self.postMessage(message);
const fetchOfWorker = self.fetch.bind(self);
const loadReader = readerLoader({ fetch: fetchOfWorker, clock });
const connection = new Connection(clock, Math.random, (state) => tell({ type: "connection", state }));
let engine: Engine | undefined;

self.onmessage = ({ data }: MessageEvent<ToEngine>) => {
  switch (data.type) {
    case "start":
      engine = start(data);
      break;
    case "add":
      engine?.add(data.files);
      break;
    case "arrived":
      engine?.goOnWith(data.files);
      break;
    case "retry":
      engine?.retry(data.ids);
      break;
    case "cancel":
      engine?.cancel(data.ids);
      break;
    case "pause":
      engine?.pause(data.paused);
      break;
    case "online":
      connection.wake();
  }
};
// The page hears of errors only, and else would wait for ever for what has come to nothing.
self.addEventListener("unhandledrejection", ({ reason }) => self.reportError(reason));
tell({ type: "ready" });

/** HTTP/1.1 has six connections for one origin; where uploads share one connection there may be more. */
function mostPuts(): number {
  const seen = performance.getEntriesByType("resource") as PerformanceResourceTiming[];
  const put = seen.find(({ initiatorType }) => initiatorType === "xmlhttprequest");
  return /^h[23]/.test(put?.nextHopProtocol ?? "") ? 8 : 6;
}

function start({ token, maxFileBytes, lastEvent }: Extract<ToEngine, { type: "start" }>): Engine {
  const stop = new AbortController();
  const { signal } = stop;
  let lastSentAt = 0;
  const patience = new Patience();
  const reports = new Reports(clock, (batch) => tell({ type: "reports", reports: batch }));
  const subtle = self.isSecureContext ? crypto.subtle : undefined;
  return new Engine({
    clock,
    random: Math.random,
    connection,
    maxFileBytes,
    server: serverAt({
      fetch: fetchOfWorker,
      token,
      clock,
      connection,
      signal,
      lastSentAt: () => lastSentAt,
    }),
    prepare: (file) => prepare(file, { loadReader, subtle, maxFileBytes, clock }),
    hash: (part) => hashOf(part, { loadReader, subtle, clock }),
    mostPuts,
    put: (signed, body, { hearSent, signal }) => {
      const onSent = (sentBytes: number) => {
        lastSentAt = clock.now();
        hearSent(sentBytes);
      };
      return put(signed, body, { clock, patience, signal, onSent });
    },
    news: new News({ fetch: fetchOfWorker, token, clock, random: Math.random, signal, after: lastEvent }),
    verdictOn: (imageId) => verdictOn(imageId, { fetch: fetchOfWorker, token, clock, signal }),
    report: (report) => reports.add(report),
    linkEnded: () => {
      stop.abort();
      connection.wake();
      tell({ type: "link_ended" });
    },
  });
}
