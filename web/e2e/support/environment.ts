import { existsSync } from "node:fs";

/** What `cargo xtask test` hands to the stories. */
export const environment = {
  /** The server's binary. */
  hasty: existing("HASTY_BIN"),
  /** A folder of made photos, with an `index.json` that says what is to be read of each. */
  samples: existing("HASTY_TEST_SAMPLES"),
  chromium: given("HASTY_TEST_CHROMIUM") ?? "/usr/bin/chromium",
  /** A PostgreSQL superuser's URL. Without it the stories run on SQLite only. */
  databaseUrl: given("HASTY_TEST_DATABASE_URL"),
  /** A folder of real photos. */
  photos: given("HASTY_TEST_PHOTOS"),
  /** Chooses what goes wrong, and when, in the stories of a bad network. */
  seed: given("HASTY_TEST_SEED") ?? "1",
};

function existing(name: string): string {
  const path = given(name);
  if (path !== undefined && existsSync(path)) return path;
  console.error(`${name} is ${path ?? "not set"}: run the stories by \`cargo xtask test --only stories\`.`);
  process.exit(1);
}

function given(name: string): string | undefined {
  return process.env[name] || undefined;
}
