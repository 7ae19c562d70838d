import type { Admin } from '../../src/admin/create-admin.ts'
import type { AdminWorld } from './admin-world.ts'

/** What somebody was answered, as text: whatever is in it, they have seen. */
export interface Seen {
  readonly where: string
  readonly status: number
  readonly text: string
}

export type Side = keyof Admin['offices']

/** Resources and actions as they are in the running AdminJS: what somebody adds tomorrow is walked through as well. */
export function actionsOf(admin: Admin, side: Side): { resource: string; action: string }[] {
  return admin.offices[side].admin.resources.flatMap((resource) =>
    Object.keys(resource.decorate().actions).map((action) => ({ resource: resource.id(), action })),
  )
}

/** Everything that can be asked of a resource without naming a row: lists in every order, searches, exports, kept filters. */
export async function walkLists(
  world: AdminWorld,
  visitor: string,
  side: Side,
  words: readonly string[],
): Promise<Seen[]> {
  const seen: Seen[] = []
  const look = async (path: string) => {
    const response = await world.get(visitor, path)
    seen.push({ where: path, status: response.status, text: await response.text() })
  }
  for (const [id, list] of world.admin.offices[side].lists) {
    const api = `/admin/api/resources/${id}`
    await look(`${api}/actions/list`)
    for (const column of list.columns.keys()) {
      await look(`${api}/actions/list?sortBy=${column}&direction=asc`)
      await look(`${api}/actions/list?sortBy=${column}&direction=desc`)
    }
    for (const word of words) {
      await look(`${api}/actions/search/${encodeURIComponent(word)}`)
      await look(`${api}/search/${encodeURIComponent(word)}`)
      await look(`${api}/actions/search/${encodeURIComponent(word)}?searchProperty=id`)
    }
    await look(`${api}/actions/search`)
    await look(`/admin/data/export/${id}.csv`)
    await look(`/admin/data/filters/${id}`)
  }
  await look('/admin/api/dashboard')
  await look('/admin')
  return seen
}

/** Every row of somebody else, by its address, through every action there is; and every filter that could tell of it. */
export async function walkRows(
  world: AdminWorld,
  visitor: string,
  side: Side,
  addresses: ReadonlyMap<string, readonly string[]>,
): Promise<Seen[]> {
  const seen: Seen[] = []
  const look = async (path: string, response: Promise<Response>) => {
    const { status } = await response
    seen.push({ where: path, status, text: await (await response).text() })
  }
  for (const { resource, action } of actionsOf(world.admin, side)) {
    for (const address of addresses.get(resource) ?? []) {
      const id = encodeURIComponent(address)
      const record = `/admin/api/resources/${resource}/records/${id}/${action}`
      await look(record, world.get(visitor, record))
      await look(`POST ${record}`, world.post(visitor, record, { name: 'changed' }))
      const bulk = `/admin/api/resources/${resource}/bulk/${action}?recordIds=${id}`
      await look(bulk, world.get(visitor, bulk))
      await look(`POST ${bulk}`, world.post(visitor, bulk))
    }
    const plain = `/admin/api/resources/${resource}/actions/${action}`
    await look(`POST ${plain}`, world.post(visitor, plain, { name: 'changed' }))
  }
  return seen
}
