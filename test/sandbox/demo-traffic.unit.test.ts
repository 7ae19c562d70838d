import { describe, expect, test } from 'vitest'
import { demoClock } from '../../src/sandbox/demo/demo-clock.ts'
import { type DemoHabits, dayOf, trafficOfDay } from '../../src/sandbox/demo/demo-traffic.ts'

const DAY_MS = 86_400_000
const MONDAY = Date.UTC(2026, 10, 16)
const HABITS: DemoHabits = {
  name: 'Somebody',
  requestsPerDay: 200,
  keys: 3,
  models: [
    ['one', 3],
    ['two', 1],
  ],
}

describe("the demo's past", () => {
  test('a day is told the same way each time, in order, within the day', () => {
    const told = trafficOfDay(HABITS, MONDAY, 1)
    expect(trafficOfDay(HABITS, MONDAY, 1)).toEqual(told)
    expect(told.map(({ at }) => at)).toEqual(told.map(({ at }) => at).sort((left, right) => left - right))
    expect(told.every(({ at }) => dayOf(at) === MONDAY)).toBe(true)
  })

  test('traffic grows, rests at weekends, uses every model and key, and fails now and then', () => {
    const busy = trafficOfDay(HABITS, MONDAY, 1)
    expect(trafficOfDay(HABITS, MONDAY, 0).length).toBeLessThan(busy.length * 0.7)
    expect(trafficOfDay(HABITS, MONDAY - DAY_MS, 1).length).toBeLessThan(busy.length * 0.6)
    expect(new Set(busy.map(({ model }) => model))).toEqual(new Set(['one', 'two']))
    expect(new Set(busy.map(({ key }) => key))).toEqual(new Set([0, 1, 2]))
    const weeks = Array.from({ length: 14 }, (_, day) => trafficOfDay(HABITS, MONDAY + day * DAY_MS, 1)).flat()
    const statuses = new Set(weeks.map(({ status }) => status))
    expect(statuses).toEqual(new Set(['COMPLETED', 'FAILED', 'CLIENT_ABORTED']))
    expect(weeks.every(({ usage, status }) => (usage === null) === (status === 'FAILED'))).toBe(true)
  })

  test('its clock never goes back and never beyond the present', () => {
    const clock = demoClock({ now: () => 100 }, 10)
    clock.moveTo(50)
    clock.moveTo(20)
    expect(clock.now()).toBe(50)
    clock.moveTo(500)
    expect(clock.now()).toBe(100)
  })
})
