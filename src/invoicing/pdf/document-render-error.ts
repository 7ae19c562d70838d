export type DocumentRenderErrorCode = 'design_unknown' | 'date_not_valid'

/** The snapshot is not one that can be drawn. A bug of whoever wrote it: nothing that a retry would mend. */
export class DocumentRenderError extends Error {
  readonly code: DocumentRenderErrorCode

  constructor(code: DocumentRenderErrorCode, detail: string) {
    super(detail)
    this.name = 'DocumentRenderError'
    this.code = code
  }
}
