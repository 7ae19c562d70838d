import { PrismaPg } from '@prisma/adapter-pg'
import { ColumnTypeEnum, DriverAdapterError } from '@prisma/driver-adapter-utils'
import pg from 'pg'

type Session = Awaited<ReturnType<PrismaPg['connect']>>

/** Getting a connection has this bound; a migration itself may take its time. */
const CONNECT_TIMEOUT_MS = 30_000

/** PostgreSQL's one-byte `"char"`, which its catalog is full of, and plain text, by their type ids. */
const INTERNAL_CHAR = 18
const TEXT = 25

/**
 * Gives the schema engine its sessions on one database. It differs from PrismaPg, made for queries, in what migrations need:
 * - a script goes to the server whole. PrismaPg cuts it at every semicolon, also inside `$$` bodies and strings; whole, it
 *   is one implicit transaction besides, so a script that fails leaves nothing behind;
 * - the catalog's `"char"` columns are readable; PrismaPg refuses them, so no existing table could be described;
 * - one connection per session, because the engine's own advisory lock belongs to a connection;
 * - the "shadow database" is the given database: a diff is always run on a throw-away one;
 * - it knows its open sessions, so that `close` leaves nothing that keeps the process alive.
 */
export class MigrationSessions extends PrismaPg {
  /** What PostgreSQL said when it last refused a script. */
  lastRefusal: pg.DatabaseError | undefined
  private readonly sessions = new Set<Session>()

  constructor(connectionString: string) {
    super({ connectionString, max: 1, idleTimeoutMillis: 0, connectionTimeoutMillis: CONNECT_TIMEOUT_MS })
  }

  override async connect(): Promise<Session> {
    const session = await super.connect()
    const dispose = session.dispose.bind(session)
    makeCatalogReadable(session)
    session.executeScript = (script) => this.runWhole(session, script)
    session.dispose = async () => {
      if (this.sessions.delete(session)) await dispose()
    }
    this.sessions.add(session)
    return session
  }

  override connectToShadowDb(): Promise<Session> {
    return this.connect()
  }

  async close(): Promise<void> {
    await Promise.all([...this.sessions].map((session) => session.dispose()))
  }

  private async runWhole(session: Session, script: string): Promise<void> {
    try {
      await session.underlyingDriver().query(script)
    } catch (error) {
      if (!(error instanceof pg.DatabaseError)) throw error
      this.lastRefusal = error
      const { code = '', severity = '', message, detail, column, hint } = error
      throw new DriverAdapterError({ kind: 'postgres', code, severity, message, detail, column, hint })
    }
  }
}

/** Lets `"char"` columns pass PrismaPg as text, and then labels them as what the engine expects. */
function makeCatalogReadable(session: Session): void {
  const pool = session.underlyingDriver()
  const query = pool.query.bind(pool)
  const charColumnsOf = new WeakMap<object, number[]>()
  const queryAsText = async (config: pg.QueryArrayConfig) => {
    const result = await query(config)
    const charColumns: number[] = []
    for (const [index, field] of (result.fields ?? []).entries()) {
      if (field.dataTypeID !== INTERNAL_CHAR) continue
      field.dataTypeID = TEXT
      charColumns.push(index)
    }
    if (charColumns.length > 0) charColumnsOf.set(result.rows, charColumns)
    return result
  }
  Object.assign(pool, { query: queryAsText })

  const queryRaw = session.queryRaw.bind(session)
  session.queryRaw = async (sqlQuery) => {
    const result = await queryRaw(sqlQuery)
    for (const index of charColumnsOf.get(result.rows) ?? []) result.columnTypes[index] = ColumnTypeEnum.Character
    return result
  }
}
