import { expect } from 'vitest'
import { SANDBOX_STRIPE_KEY } from '../../src/sandbox/sandbox-stripe-access.ts'
import { CLEAN, type Farebox, PATIENCE } from '../support/farebox.ts'
import { type DoomedAct, type Ended, type Moment, spawnDoomedProcess } from './spawn-doomed-process.ts'

/** As many at once as keep two processors busy while each waits for its database and its start. */
const PROCESSES_AT_ONCE = 4
/** What the sessions of these processes are called in the database. */
const DOOMED = 'doomed'
/** Longer than any back-off of a first failure. */
const LATER_MS = 5 * 60_000

function doomed(farebox: Farebox, act: DoomedAct, dieAt: { step: number; moment: Moment } | null): Promise<Ended> {
  return spawnDoomedProcess({
    ...{ act, dieAt, connectionString: farebox.database.connectionString, applicationName: DOOMED },
    stripe: {
      secretKey: SANDBOX_STRIPE_KEY,
      apiUrl: farebox.stripe.url,
      webhookSecrets: farebox.running.desk.stripe.webhookSecrets,
    },
    clockOffsetMs: farebox.clock.now() - Date.now(),
  })
}

/** One thing after the other in each of a few lanes. */
async function inLanes<Item>(items: readonly Item[], work: (item: Item) => Promise<void>): Promise<void> {
  const waiting = [...items]
  const lane = async () => {
    for (let item = waiting.shift(); item !== undefined; item = waiting.shift()) await work(item)
  }
  await Promise.all(Array.from({ length: PROCESSES_AT_ONCE }, lane))
}

/** Something that is tried once by a process that dies, and then again. */
export interface Trial<Scene> {
  prepare(): Promise<Scene>
  act(scene: Scene): DoomedAct
  /** What happens in production once the process is gone. */
  again(scene: Scene): Promise<void>
  expectOnce(scene: Scene, step: string): Promise<void>
  /** Fewer would mean that the trial no longer reaches what it is about. */
  stepsMin: number
  /** Steps that must be among them, by how they begin. */
  passes: readonly string[]
}

/** What the act consists of when nobody kills it. It has done its work then, and is checked like the others. */
async function rehearse<Scene>(farebox: Farebox, trial: Trial<Scene>): Promise<readonly string[]> {
  const scene = await trial.prepare()
  farebox.stripe.control.deliver({ mode: 'hold' })
  const { report, stderr } = await doomed(farebox, trial.act(scene), null)
  const steps = report?.steps ?? []
  expect(steps.length, stderr).toBeGreaterThanOrEqual(trial.stepsMin)
  for (const step of trial.passes) expect(steps).toContainEqual(expect.stringMatching(step))
  expect(steps.at(-1)).toBe('COMMIT')
  await trial.again(scene)
  await trial.expectOnce(scene, 'nowhere')
  return steps
}

/** At each step of its own, a process dies and its work is done again: as if it had been done once. */
export async function expectKillsHarmless<Scene>(farebox: Farebox, trial: Trial<Scene>, moment: Moment): Promise<void> {
  const steps = await rehearse(farebox, trial)
  const killed = steps
    .map((label, index) => ({ step: index + 1, label: `${moment} step ${index + 1}: ${label}` }))
    .filter(({ step }) => moment !== 'sent' || steps[step - 1] === 'COMMIT')
  farebox.stripe.control.deliver({ mode: 'normal' })
  const scenes: { scene: Scene; step: number; label: string }[] = []
  for (const one of killed) scenes.push({ ...one, scene: await trial.prepare() })
  farebox.stripe.control.deliver({ mode: 'hold' })
  await inLanes(scenes, async ({ scene, step, label }) => {
    const { signal, stderr } = await doomed(farebox, trial.act(scene), { step, moment })
    expect(signal, `${label}\n${stderr}`).toBe('SIGKILL')
  })
  await expectNothingLocked(farebox)
  // Whatever was done when they died, each transaction was done as a whole or not at all.
  expect(await farebox.verify()).toBe(CLEAN)
  farebox.clock.advance(LATER_MS)
  await inLanes(scenes, async ({ scene, label }) => {
    await trial.again(scene)
    await trial.expectOnce(scene, label)
  })
  expect(await farebox.verify()).toBe(CLEAN)
}

/** Their sessions end with the processes, and nothing of theirs stays locked or prepared. */
async function expectNothingLocked(farebox: Farebox): Promise<void> {
  const sessions = () => farebox.rows('SELECT pid FROM pg_stat_activity WHERE application_name = $1', DOOMED)
  await expect.poll(sessions, PATIENCE).toEqual([])
  const locks = await farebox.rows(
    `SELECT locktype, mode FROM pg_locks JOIN pg_database ON pg_database.oid = database
     WHERE datname = current_database() AND pid <> pg_backend_pid() AND locktype IN ('advisory', 'tuple', 'transactionid')`,
  )
  expect(locks).toEqual([])
  const locked = await farebox.rows<{ free: number; all: number }>(
    `SELECT (SELECT count(*)::integer FROM (SELECT FROM payment_order FOR UPDATE SKIP LOCKED) o)
          + (SELECT count(*)::integer FROM (SELECT FROM wallet FOR UPDATE SKIP LOCKED) w) AS free,
            (SELECT count(*)::integer FROM payment_order) + (SELECT count(*)::integer FROM wallet) AS all`,
  )
  expect(locked[0]?.free).toBe(locked[0]?.all)
}
