import { once } from "node:events";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { buffer } from "node:stream/consumers";
import { setTimeout as sleep } from "node:timers/promises";
import type { Invitation } from "../../src/shared/api.ts";
import { type Exchange, Log } from "./exchanges.ts";
import { type Fate, fair, type Treatment } from "./fates.ts";
import { type Answer, firstHalf, Upstream } from "./upstream.ts";

/** How long what comes to a halt stands still. */
const HALT_MS = 3000;

type Bringing = (
  exchange: Exchange,
  request: IncomingMessage,
  response: ServerResponse,
) => Promise<void> | void;

/**
 * A network between the pages and the server. What the browser has sent of a request arrives even where nobody waits for
 * the answer any more.
 */
export class ChaosProxy {
  readonly log = new Log();
  /** What happens to each request. */
  treat: Treatment = fair;
  /** How long each request is on its way. */
  delayMs = 0;
  private away = false;

  private constructor(
    private readonly server: Server,
    private readonly upstream: Upstream,
  ) {}

  static async before(serverUrl: string): Promise<ChaosProxy> {
    const server = createServer();
    const proxy = new ChaosProxy(server, new Upstream(serverUrl));
    server.on("connection", (socket) => proxy.away && socket.resetAndDestroy());
    server.on("request", (request, response) => void proxy.take(request, response));
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    return proxy;
  }

  /** The only origin that a browser needs to know: the server signs its URLs for the host that it is asked by. */
  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  /** Comes back once so much time has passed. It keeps its port, so that nobody else gets it meanwhile. */
  async goAwayFor(ms: number): Promise<void> {
    this.goAway();
    await sleep(ms);
    this.away = false;
  }

  async stop(): Promise<void> {
    this.goAway();
    this.server.close();
    await once(this.server, "close");
  }

  /** Breaks every connection and lets none begin. */
  private goAway(): void {
    this.away = true;
    this.server.closeAllConnections();
  }

  private async take(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const exchange = this.log.begin(request, this.treat);
    try {
      await this.bring[exchange.fate](exchange, request, response);
    } catch {
      // One of the two ends has gone, so the other one goes, too.
      request.socket.destroy();
    }
  }

  private readonly bring: Record<Fate, Bringing> = {
    passed: async (exchange, request, response) => {
      const answer = await this.upstream.ask(request, await this.arrived(request));
      this.pass(exchange, answer, response);
    },
    halted: async (exchange, request, response) => {
      const answer = await this.upstream.ask(request, await this.arrived(request), () => sleep(HALT_MS));
      this.pass(exchange, answer, response);
    },
    dropped: (exchange, request) => {
      request.socket.resetAndDestroy();
      this.log.end(exchange);
    },
    unanswered: async (exchange, request) => {
      this.log.end(exchange, await this.upstream.ask(request, await this.arrived(request)));
      request.socket.resetAndDestroy();
    },
    cut: async (exchange, request, response) => {
      const body = await this.arrived(request);
      if (body.length > 0) await this.upstream.askByHalf(request, body);
      else await passHalf(await this.upstream.ask(request, body), response);
      request.socket.destroy();
      this.log.end(exchange);
    },
    busy: async (exchange, request, response) => {
      await this.arrived(request);
      response.writeHead(503, { "content-type": "text/html" }).end("<h1>Service Unavailable</h1>");
      this.log.end(exchange);
    },
    // Not even read, so that what no buffer can hold is never sent to its end.
    hung: () => undefined,
  };

  private pass(exchange: Exchange, answer: Answer, response: ServerResponse): void {
    this.log.end(exchange, answer);
    response.writeHead(answer.status, answer.headers).end(answer.body);
  }

  /** The whole body, once it has come all the way. */
  private async arrived(request: IncomingMessage): Promise<Buffer> {
    const body = await buffer(request);
    await sleep(this.delayMs);
    return body;
  }
}

/** The invitation as a guest behind this network gets it. */
export function through(network: ChaosProxy, { upload_link, ...invitation }: Invitation): Invitation {
  const { pathname, search } = new URL(upload_link);
  return { ...invitation, upload_link: network.url + pathname + search };
}

async function passHalf({ status, headers, body }: Answer, response: ServerResponse): Promise<void> {
  response.writeHead(status, { ...headers, "content-length": body.length });
  await new Promise((resolve) => response.write(firstHalf(body), resolve));
}
