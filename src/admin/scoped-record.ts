import { BaseRecord, type CurrentAdmin, type RecordJSON } from 'adminjs'
import { ScopedProperty } from './scoped-property.ts'

/** A row that never tells the id of a row which its reader may not see. */
export class ScopedRecord extends BaseRecord {
  override toJSON(currentAdmin?: CurrentAdmin): RecordJSON {
    const json = super.toJSON(currentAdmin)
    const hidden = this.resource
      .properties()
      .filter((property) => property instanceof ScopedProperty && property.reference() !== null)
      .map((property) => property.name())
      .filter((name) => json.populated[name] === undefined)
    const params = { ...json.params }
    for (const name of hidden) if (params[name] !== undefined) params[name] = null
    return { ...json, params }
  }
}
