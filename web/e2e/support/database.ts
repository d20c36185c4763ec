import { randomUUID } from "node:crypto";
import postgres from "postgres";

/** An empty PostgreSQL database of one test's own. */
export interface Database {
  url: string;
  drop(): Promise<void>;
}

/** `serverUrl` is a superuser's. */
export async function createDatabase(serverUrl: string): Promise<Database> {
  const name = `story_${randomUUID().replaceAll("-", "")}`;
  await run(serverUrl, `CREATE DATABASE ${name}`);
  const url = new URL(serverUrl);
  url.pathname = name;
  return { url: url.href, drop: () => run(serverUrl, `DROP DATABASE ${name} WITH (FORCE)`) };
}

async function run(serverUrl: string, statement: string): Promise<void> {
  const sql = postgres(serverUrl, { max: 1, onnotice: () => undefined });
  try {
    await sql.unsafe(statement);
  } finally {
    await sql.end();
  }
}
