import { type ClientRequest, type IncomingMessage, type OutgoingHttpHeaders, request } from "node:http";
import { buffer } from "node:stream/consumers";

export interface Answer {
  status: number;
  /** Without those that are about one connection only (RFC 9110, section 7.6.1). */
  headers: OutgoingHttpHeaders;
  body: Buffer;
}

/** Hands requests on to a server as they are, each on a connection of its own. */
export class Upstream {
  constructor(private readonly url: string) {}

  /** Waits for `halfWay` in the middle of the body. */
  async ask(asked: IncomingMessage, body: Buffer, halfWay?: () => Promise<void>): Promise<Answer> {
    const question = this.begin(asked);
    const answer = new Promise<IncomingMessage>((resolve, reject) => {
      question.on("response", resolve).on("error", reject);
    });
    if (halfWay !== undefined) {
      question.write(firstHalf(body));
      await halfWay();
      body = body.subarray(firstHalf(body).length);
    }
    question.end(body);
    return read(await answer);
  }

  /** Sends the first half of the body and hangs up. */
  async askByHalf(asked: IncomingMessage, body: Buffer): Promise<void> {
    const question = this.begin(asked);
    question.on("error", () => undefined);
    await new Promise((resolve) => question.write(firstHalf(body), resolve));
    question.destroy();
  }

  private begin({ method = "GET", url = "/", headers }: IncomingMessage): ClientRequest {
    const { hostname, port } = new URL(this.url);
    const ofItsOwn = { agent: false, headers: { ...headers, connection: "close" } } as const;
    return request({ hostname, port, method, path: url, ...ofItsOwn });
  }
}

export function firstHalf(body: Buffer): Buffer {
  return body.subarray(0, body.length / 2);
}

async function read(message: IncomingMessage): Promise<Answer> {
  const { connection, "keep-alive": _, "transfer-encoding": __, ...headers } = message.headers;
  return { status: message.statusCode ?? 0, headers, body: await buffer(message) };
}
