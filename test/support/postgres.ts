import { startStack } from '../../src/stack/start-stack';

export type TestPostgres = {
  readonly dsn: string;
  /** An empty database beside the first one. */
  createDatabase(name: string): Promise<string>;
  stop(): Promise<void>;
};

/** A PostgreSQL server of the test file's own, with nothing in it. */
export async function startTestPostgres(): Promise<TestPostgres> {
  const stack = await startStack({ parts: ['postgres'], postgres: { fsync: false } });
  return {
    dsn: await stack.postgres.createDatabase('test'),
    createDatabase: (name) => stack.postgres.createDatabase(name),
    stop: () => stack.stop(),
  };
}
