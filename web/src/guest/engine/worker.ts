import { systemClock as clock } from "./clock.ts";
import { Connection } from "./connection.ts";
import { Engine } from "./engine.ts";
import type { FromEngine, ToEngine } from "./messages.ts";
import { prepare } from "./prepare.ts";
import { put } from "./put.ts";
import { loadReader } from "./reader.ts";
import { Reports } from "./reports.ts";
import { serverAt } from "./server.ts";

declare const self: DedicatedWorkerGlobalScope;

const tell = (message: FromEngine) => self.postMessage(message);
let engine: Engine | undefined;

self.onmessage = ({ data }: MessageEvent<ToEngine>) => {
  if (data.type === "start") engine = start(data.token, data.maxFileBytes);
  else if (data.type === "add") engine?.add(data.files);
  else engine?.retry(data.ids);
};
tell({ type: "ready" });

function start(token: string, maxFileBytes: number): Engine {
  const { signal, connection, end } = surroundings();
  let lastSentAt = 0;
  const reports = new Reports(clock, (batch) => tell({ type: "reports", reports: batch }));
  const subtle = self.isSecureContext ? crypto.subtle : undefined;
  return new Engine({
    clock,
    connection,
    maxFileBytes,
    server: serverAt({
      fetch: self.fetch.bind(self),
      token,
      clock,
      connection,
      signal,
      lastSentAt: () => lastSentAt,
    }),
    prepare: (file) => prepare(file, { loadReader, subtle, maxFileBytes }),
    put: (policy, file, onSent) =>
      put(policy, file, {
        clock,
        signal,
        onSent: (sentBytes) => {
          lastSentAt = clock.now();
          onSent(sentBytes);
        },
      }),
    report: (report) => reports.add(report),
    linkEnded: end,
  });
}

function surroundings() {
  const stop = new AbortController();
  const connection = new Connection(clock, Math.random, (state) => tell({ type: "connection", state }));
  connection.setOnline(self.navigator.onLine);
  self.addEventListener("online", () => connection.setOnline(true));
  self.addEventListener("offline", () => connection.setOnline(false));
  const end = () => {
    stop.abort();
    connection.wake();
    tell({ type: "link_ended" });
  };
  return { signal: stop.signal, connection, end };
}
