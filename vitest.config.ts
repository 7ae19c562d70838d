import { defineConfig } from 'vitest/config'

/** Two projects: `unit` needs nothing; `integration` shares one real PostgreSQL server, one cloned database per file. */
export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'unit',
          include: ['test/**/*.unit.test.ts'],
          environment: 'node',
          // Properties try hundreds of cases; a busy machine must not make them fail.
          testTimeout: 60_000,
        },
      },
      {
        test: {
          name: 'integration',
          include: ['test/**/*.integration.test.ts'],
          environment: 'node',
          globalSetup: ['test/support/postgres-server.ts', 'test/support/redis-server.ts'],
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
    ],
  },
})
